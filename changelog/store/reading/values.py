"""Rows of the views as values of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from changelog.model.history import (
    CaptureInfo,
    Confirmation,
    Evidence,
    LateAnswer,
    Note,
    Revision,
    RevisionAt,
    Verdict,
)
from changelog.model.routing import Routing
from changelog.model.text.json_body import parse_json, storable_text
from changelog.model.text.times import CLOCKS_DIFFER, from_micros, to_micros

if TYPE_CHECKING:
    from changelog.model.answers import SnapshotSeen
    from changelog.model.results.history import FleetRow
    from changelog.model.watch_rules import WatchSummary

Row = Mapping[str, Any]


def micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def routing_of(row: Row) -> Routing:
    return Routing(row["application_id"], row["route_mode"], row["destination"])


def as_of(moment: datetime) -> dict[str, int]:
    """Return what a query ``AS_OF`` a moment asks: with it, from when on a time is yet to come."""
    return {"at": to_micros(moment), "to_come": to_micros(datetime.now(UTC) + CLOCKS_DIFFER)}


def revision(
    row: Row, seen: Row, read_body: Callable[[], str], find_capture: Callable[[int], CaptureInfo]
) -> Revision:
    return Revision(
        did=row["did"],
        revision=row["revision"],
        routing=routing_of(row),
        routing_number=row["routing"],
        number=row["number"],
        status=row["status"],
        read_body=read_body,
        first_seen_at=from_micros(row["first_seen_us"]),
        last_seen_at=from_micros(seen["last_seen_us"]),
        snapshots=seen["snapshots"],
        destination_source=row["destination_source"],
        capture_number=row["capture"],
        find_capture=find_capture,
    )


def capture_info(row: Row, tag: str | None = None) -> CaptureInfo:
    return CaptureInfo(
        id=row["id"],
        command=row["command"],
        started_at=from_micros(row["started_us"]),
        recorded_by=row["recorded_by"],
        changed_by=row["changed_by"],
        note=row["note"],
        ticket=row["ticket"],
        tag=tag,
        api_url=row["api_url"],
    )


def verdict(row: Row) -> Verdict:
    return Verdict(
        row["revision"],
        row["routing"],
        row["verdict"],
        row["reason"],
        row["author"],
        from_micros(row["at_us"]),
    )


def confirmation(row: Row) -> Confirmation:
    return Confirmation(row["revision"], row["returned"], row["routing"], from_micros(row["at_us"]))


def evidence(row: Row) -> Evidence:
    return Evidence(
        row["call"],
        row["event"],
        from_micros(row["at_us"]),
        row["revision"],
        row["routing"],
        row["result"],
        row["reason"],
    )


def note(row: Row) -> Note:
    return Note(row["revision"], from_micros(row["at_us"]), row["author"], row["text"])


def late(row: Row) -> LateAnswer:
    fields = parse_json(bytes(row["body"]).decode())
    return LateAnswer(
        from_micros(row["received_us"]),
        Routing(
            storable_text(fields.get("application_id")), storable_text(fields.get("route_mode"))
        ),
    )


# Values of which a restore has no need are imported where they are made: each costs its time.


def snapshot(row: Row) -> SnapshotSeen:
    from changelog.model.answers import Problem, SnapshotSeen

    problem = None
    if row["code"] is not None:
        problem = Problem(row["code"], row["message"], row["status"])
    return SnapshotSeen(from_micros(row["received_us"]), row["capture"], row["revision"], problem)


def fleet_row(row: Row) -> FleetRow:
    from changelog.model.results.history import FleetRow

    return FleetRow(
        did=row["did"],
        number=row["number"],
        revision=row["revision"],
        routing=routing_of(row),
        routing_number=row["routing"],
        status=row["status"],
        since=from_micros(row["since_us"]),
        last_seen_at=from_micros(row["last_seen_us"]),
        visible=row["hidden_us"] is None,
        retired=bool(row["retired"]),
    )


def revision_at(row: Row, read_body: Callable[[], str]) -> RevisionAt:
    return RevisionAt(
        did=row["did"],
        number=row["number"],
        revision=row["revision"],
        routing=routing_of(row),
        routing_number=row["routing"],
        destination_source=row["destination_source"],
        status=row["status"],
        read_body=read_body,
        first_seen_at=from_micros(row["first_seen_us"]),
    )


def watch_summary(row: Row) -> WatchSummary:
    from changelog.model.watch_rules import WatchSummary

    state = parse_json(row["state"])
    last = state["last_round_at"]
    return WatchSummary(
        id=row["watch"],
        began_at=datetime.fromisoformat(state["began_at"]),
        last_round_at=None if last is None else datetime.fromisoformat(last),
        interval_s=state["interval_s"],
    )
