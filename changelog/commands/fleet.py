"""A moment for the whole fleet: what a selector means for all DIDs at once."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from changelog.core.errors import UsageError
from changelog.core.ports import Log
from changelog.core.results.fleet import FleetRow, RevisionAt
from changelog.core.routing import Where
from changelog.core.selectors import At, Latest, Selector, Tagged, known_tag

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Later than anything recorded: what the fleet is like now."""


class FleetSide(NamedTuple):
    """Each DID's revision at a moment. `read`: of a capture's tag, those that the capture read."""

    moment: datetime
    revisions: Mapping[str, int]
    read: Mapping[str, int] | None = None


def fleet_side(book: Log, selector: Selector) -> FleetSide:
    """The moment that a selector names for the whole fleet, and each DID's revision then.

    A capture's tag gives what the capture read, and for other DIDs the revision at its start.
    """
    moment, read = moment_and_read(book, selector)
    of_capture = isinstance(selector, Tagged) and known_tag(selector.name, book).capture is not None
    return FleetSide(moment, {**book.fleet_at(moment), **read}, read if of_capture else None)


def rows_at(book: Log, selector: Selector) -> dict[str, FleetRow]:
    """By DID, in the order of their ids, where each pointed when `selector` says."""
    moment, read = moment_and_read(book, selector)
    rows = {row.did: row for row in book.fleet_then(moment)}
    for did, revision in read.items():
        if did not in rows or rows[did].revision != revision:
            rows[did] = _as_fleet_row(book.revision_at(did, revision))
    return dict(sorted(rows.items()))


def _as_fleet_row(one: RevisionAt) -> FleetRow:
    return FleetRow(
        did=one.did,
        number=one.number,
        revision=one.revision,
        routing=one.routing,
        status=one.status,
        since=one.first_seen_at,
        last_seen_at=one.first_seen_at,
    )


def dids_where(book: Log, where: Where, sides: Iterable[Selector]) -> set[str]:
    """The DIDs that pointed there on one of the `sides`: no move to or from there is missed."""
    return {
        did
        for side in sides
        for did, row in rows_at(book, side).items()
        if where.holds(row.routing, row.status)
    }


def moment_and_read(book: Log, selector: Selector) -> tuple[datetime, Mapping[str, int]]:
    """The moment that a selector names and, where it is a capture's tag, what that read.

    Raises UsageError for a selector that means something for one DID only.
    """
    match selector:
        case Latest(0):
            return END_OF_TIME, {}
        case At(moment):
            return moment, {}
        case Tagged(name):
            tag = known_tag(name, book)
            return tag.at, {} if tag.capture is None else book.read_by(tag.capture)
    raise UsageError(
        "that names a revision of one DID, not a moment",
        "Use a time (2026-11-23T14:00Z, 2h ago) or tag:NAME.",
    )


def moment_of(selector: Selector | None, book: Log) -> datetime | None:
    """The moment that a time or a tag names; None for the others."""
    match selector:
        case At(moment):
            return moment
        case Tagged(name):
            tag = book.tag(name)
            return tag.at if tag else None
    return None
