"""Rows of the views as values of the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from changelog.model.errors import DatabaseError
from changelog.model.history import RevisionAt
from changelog.model.text.json_body import parse_json
from changelog.model.text.sanitize import masked, masked_urls
from changelog.model.text.times import CLOCKS_DIFFER, from_micros, to_micros
from changelog.store.db_errors import is_no_text
from changelog.store.reading import queries
from changelog.store.reading.drivers import pairs
from changelog.store.reading.history import routing_of

if TYPE_CHECKING:
    from changelog.model.answers import SnapshotSeen
    from changelog.model.results.history import FleetRow
    from changelog.model.results.pages import FoundText, TextKind
    from changelog.model.results.status import (
        WatchSummary,
    )
    from changelog.store.reading.drivers import Query

Row = Mapping[str, Any]


def micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def as_of(moment: datetime) -> dict[str, int]:
    """Return what a query ``AS_OF`` a moment asks: with it, from when on a time is yet to come."""
    return {"at": to_micros(moment), "to_come": to_micros(datetime.now(UTC) + CLOCKS_DIFFER)}


def ascii_part(text: str) -> str:
    """Return the longest part of which all databases take upper and lower case for alike."""
    return max(re.findall(r"[ -~]+", text), key=len, default="")


# Values of which a restore has no need are imported where they are made: each costs its time.


def snapshot(row: Row) -> SnapshotSeen:
    from changelog.model.answers import Problem, SnapshotSeen

    problem = None
    if row["code"] is not None:
        problem = Problem(row["code"], row["message"], row["status"])
    return SnapshotSeen(
        from_micros(row["received_us"]),
        row["capture"],
        row["revision"],
        problem,
        destination_read=flag(row["destination_read"]),
    )


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
        application_name=row["application_name"],
        destination_known_from=moment(row["known_us"]),
        whole_seen_at=moment(row["whole_seen_us"]),
        destination_source=row["destination_source"],
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
        destination_known_from=moment(row["known_us"]),
    )


def watch_summary(row: Row) -> WatchSummary:
    from changelog.model.results.status import OpenIncident, WatchSummary

    state = parse_json(row["state"])
    last = state["last_round_at"]
    waiting: dict[Any, set[str]] = {}
    for key, dids in state["incidents"].items():
        waiting.setdefault(key.partition(":")[0], set()).update(filter(None, dids))
    return WatchSummary(
        id=row["watch"],
        began_at=datetime.fromisoformat(state["began_at"]),
        last_round_at=None if last is None else datetime.fromisoformat(last),
        interval_s=state["interval_s"],
        open=tuple(OpenIncident(kind, tuple(sorted(dids))) for kind, dids in waiting.items()),
        undelivered={alert["id"]: tuple(alert["channels"]) for alert in state["pending"]},
    )


def read_bodies(rows: Query, wanted: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    """Return bodies by DID and revision; none where one is no text: then each is read by itself."""
    try:
        read = rows(queries.BODIES, pairs=pairs(wanted))
    except DatabaseError as error:
        if not is_no_text(error.__cause__):
            raise
        return {}
    return {(row["did"], row["revision"]): row["body"] for row in read}


def holds(kind: TextKind, row: Row, folded: str) -> bool:
    """Return whether one of the row's texts, as they are shown, holds the text; a tag has ASCII
    only."""
    return any(folded in masked_urls(text).casefold() for text in _texts_of(kind, row))


def is_hidden(kind: TextKind, row: Row, folded: str) -> bool:
    """Return whether only what is masked of the row's texts holds the text."""
    is_held = any(folded in text.casefold() for text in _texts_of(kind, row))
    return is_held and not holds(kind, row, folded)


def _texts_of(kind: TextKind, row: Row) -> list[str]:
    columns = ("author", "text", *(("ticket", "changed_by") if kind == "capture" else ()))
    return [row[column] or "" for column in columns]


def shows(row: FleetRow, text: str, number: str) -> bool:
    """Return whether the DID holds the text, or the number that it may be, in what is shown."""
    destination = row.routing.destination or ""
    if text not in destination or text in masked(destination):
        return True
    others = (row.did, row.routing.application_id or "", row.number or "")
    return any(text in other for other in others) or number in (row.number or "")


def found_text(kind: TextKind, row: Row) -> FoundText:
    """Return a row of ``TEXTS``."""
    from changelog.model.results.pages import FoundText

    if kind == "capture":
        parts = (row["text"], row["ticket"], row["tag"], row["changed_by"])
        text = " · ".join(part for part in parts if part)
    else:
        text = row["text"]
    at = from_micros(row["at_us"])
    return FoundText(kind, at, row["author"], text, row["did"], row["revision"], row["capture"])
