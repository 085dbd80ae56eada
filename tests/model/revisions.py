"""Revisions of did_1 for tests of rules: only what a test is about has to be said."""

from datetime import UTC, datetime
from typing import Any

from changelog.model.history import CaptureInfo, Revision
from changelog.model.routing import Routing

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def revision(number: int, routing: Routing, at: datetime = START, **values: Any) -> Revision:
    """Seen once, `at` that time, unless `values` say otherwise."""
    given = {
        "did": "did_1",
        "routing_number": 1,
        "number": "+15551230001",
        "status": "active",
        "read_body": lambda: "{}",
        "last_seen_at": at,
        "snapshots": 1,
        "capture_number": number,
        "find_capture": lambda capture: CaptureInfo(
            id=capture, started_at=START, recorded_by="olga"
        ),
        **values,
    }
    return Revision(revision=number, routing=routing, first_seen_at=at, **given)
