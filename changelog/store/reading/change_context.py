"""What a change falls into: the capture that found it, and the deploy that was under way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.results.watch import ChangeContext
from changelog.model.text.times import to_micros
from changelog.store.reading import queries

if TYPE_CHECKING:
    from datetime import datetime

    from changelog.store.reading.drivers import Query, Row

_BEFORE, _AFTER = ":before", ":after"
_LONGEST = timedelta(days=1)
"""A deploy without an end that began longer ago was given up."""

# Deploys that had begun, that read the DID before, and that had not ended. The newest first.
_DEPLOYS = """
    SELECT t.name, c.note, c.ticket
    FROM tag_log t JOIN capture_log c ON c.id = t.capture
    LEFT JOIN tag_log u
      ON u.name = substr(t.name, 1, length(t.name) - length(:before)) || :after
    LEFT JOIN capture_log e ON e.id = u.capture
    WHERE t.name LIKE '%' || :before AND c.started_us <= :at AND c.started_us >= :earliest
      AND (e.finished_us IS NULL OR e.finished_us >= :at)
      AND EXISTS (SELECT 1 FROM capture_reading r WHERE r.capture = c.id AND r.did = :did)
    ORDER BY c.started_us DESC LIMIT 1
"""


def read_context(rows: Query, did: str, capture: int, at: datetime) -> ChangeContext | None:
    """Return what a change of the DID falls into; None where the log knows no such capture."""
    found = rows(queries.CAPTURE, capture=capture)
    if not found:
        return None
    row = found[0]
    deploys = rows(
        _DEPLOYS,
        before=_BEFORE,
        after=_AFTER,
        at=to_micros(at),
        earliest=to_micros(at - _LONGEST),
        did=did,
    )
    deploy: Row = deploys[0] if deploys else {"name": None, "ticket": None, "note": None}
    return ChangeContext(
        command=row["command"],
        recorded_by=row["recorded_by"],
        changed_by=row["changed_by"],
        deploy=deploy["name"] and deploy["name"].removesuffix(_BEFORE),
        ticket=row["ticket"] or deploy["ticket"],
        note=row["note"] or deploy["note"],
    )
