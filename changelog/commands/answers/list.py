"""``list``, and what a selector means for all DIDs at once: where the fleet pointed then."""

from collections.abc import Iterable, Mapping, Set
from datetime import UTC, datetime
from typing import NamedTuple

from changelog.commands.targets import require_begun, require_some
from changelog.model.errors import UsageError
from changelog.model.history import RevisionAt
from changelog.model.ports import Log
from changelog.model.results.fleet import FleetRow
from changelog.model.results.history import ListResult
from changelog.model.routing import Where
from changelog.model.selectors import At, Latest, Selector, Tagged, known_tag, parse_selector

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Later than anything recorded: what the fleet is like now."""


def list_fleet(log: Log, at: str | None, where: Where, now: datetime) -> ListResult:
    """Which DID points where, now or at the moment that `at` selects."""
    require_some(log)
    selector = parse_selector(at, now) if at is not None else Latest()
    if selector == Latest():
        return ListResult(at=None, dids=tuple(log.fleet(*where)))
    rows = rows_at(log, selector).values()
    return ListResult(
        at=moment_of(selector, log),
        dids=tuple(row for row in rows if where.holds(row.routing, row.status)),
    )


class FleetSide(NamedTuple):
    """A moment or, where it is a capture's tag, that `capture` and what it `read`: by DID, which
    revision."""

    moment: datetime
    capture: int | None = None
    read: Mapping[str, int] | None = None


def fleet_side(log: Log, selector: Selector) -> FleetSide:
    """What `selector` means for the whole fleet.

    Raises UsageError for a selector that means something for one DID only.
    """
    match selector:
        case Latest(0):
            return FleetSide(END_OF_TIME)
        case At(moment):
            require_begun(log, moment)
            return FleetSide(moment)
        case Tagged(name):
            tag = known_tag(name, log)
            read = None if tag.capture is None else log.read_by(tag.capture)
            return FleetSide(tag.at, tag.capture, read)
    raise UsageError(
        "that names a revision of one DID, not a moment",
        "Use a time (2026-11-23T14:00Z, 2h ago) or tag:NAME.",
    )


def revisions_on(log: Log, side: FleetSide, needed: Set[str] | None = None) -> Mapping[str, int]:
    """By DID, its revision: the one that the capture read, else the one at that moment.

    `needed`: the DIDs that it is asked for. If the capture read them all, no other is looked up.
    """
    read = side.read or {}
    if needed is not None and needed <= read.keys():
        return read
    return {**log.fleet_at(side.moment), **read}


def rows_at(log: Log, selector: Selector) -> dict[str, FleetRow]:
    """By DID, in the order of their ids, where each pointed when `selector` says."""
    side = fleet_side(log, selector)
    rows = {row.did: row for row in log.fleet_then(side.moment)}
    for did, revision in (side.read or {}).items():
        if did not in rows or rows[did].revision != revision:
            rows[did] = _as_fleet_row(log.revision_at(did, revision))
    return dict(sorted(rows.items()))


def _as_fleet_row(revision: RevisionAt) -> FleetRow:
    return FleetRow(
        did=revision.did,
        number=revision.number,
        revision=revision.revision,
        routing=revision.routing,
        status=revision.status,
        since=revision.first_seen_at,
        last_seen_at=revision.first_seen_at,
    )


def dids_where(log: Log, where: Where, sides: Iterable[Selector]) -> set[str]:
    """The DIDs that pointed there on one of the `sides`: no move to or from there is missed."""
    return {
        did
        for side in sides
        for did, row in rows_at(log, side).items()
        if where.holds(row.routing, row.status)
    }


def moment_of(selector: Selector | None, log: Log) -> datetime | None:
    """The moment that a time or a tag names; None for the others."""
    match selector:
        case At(moment):
            return moment
        case Tagged(name):
            tag = log.tag(name)
            return tag.at if tag else None
    return None
