"""How the whole fleet is compared for ``diff``, without reading what does not differ."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from changelog.commands.answers.comparison import DiffOptions, changes_of, compared, is_undecided
from changelog.commands.answers.list import FleetSide, dids_where, fleet_side, revisions_on
from changelog.model import exits
from changelog.model.errors import NothingError, OutOfTime, UsageError
from changelog.model.history import RevisionAt
from changelog.model.ports import Log
from changelog.model.results.base import DidError
from changelog.model.results.diff import DiffedDid
from changelog.model.results.pages import RevisionMeant
from changelog.model.selectors import At, Latest, Selector, Tagged
from changelog.model.text.sanitize import command_line

if TYPE_CHECKING:
    from changelog.model.diff import Change

_AT_ONCE = 10_000
"""DIDs whose revisions are held at once, without their bodies."""
_MOMENTS = (At, Tagged, Latest)
"""What means the same for all DIDs, but for ``latest~2``, which `fleet_side` refuses."""

BothSides: TypeAlias = tuple[FleetSide, FleetSide]
"""What the start and the end of a comparison mean for the whole fleet."""


class ComparedDids(NamedTuple):
    """The DIDs named, or those of a fleet that there is something to say of, by id.

    `same`: how many others have the same revision on both sides. `fleet`: all of these; None for
    all of the log. `after`: the last one that was compared, where the deadline cut it short.
    `read`: what the capture of the start read, and that of the end.
    """

    dids: tuple[DiffedDid, ...]
    fleet: Collection[str] | None
    same: int = 0
    after: str | None = None
    read: tuple[Collection[str], Collection[str]] = ((), ())


def diff_fleet(
    log: Log, start: Selector | None, end: Selector, wanted: DiffOptions
) -> ComparedDids:
    """Compare the fleet. Raises OutOfTime where the deadline is over before the first DID."""
    if isinstance(start, _MOMENTS) and isinstance(end, _MOMENTS):
        sides = (fleet_side(log, start), fleet_side(log, end))
        each, asked, same = _between_moments(log, sides, wanted)
    else:
        sides = (_side(log, start), _side(log, end))
        asked, same = log.pages.dids(wanted.where), 0
        each = _by_selectors(log, start, end, sides, wanted, asked)
    read = (sides[0].read or (), sides[1].read or ())
    dids: list[DiffedDid] = []
    after = None
    try:
        for did in each:
            dids.append(did)
            if log.is_over:
                raise OutOfTime
    except OutOfTime:
        if not dids:
            raise
        log.extend_deadline()
        after = dids[-1].did
    return ComparedDids(tuple(_with_returned(log, dids)), asked, same, after, read)


def _with_returned(log: Log, dids: Sequence[DiffedDid]) -> Iterator[DiffedDid]:
    """Yield them with whether their routing was another one in between."""
    ends = ((did, did.from_revision, did.to_revision) for did in dids if not did.error)
    back = log.pages.returned(
        (did.did, revision)
        for did, first, last in ends
        # One revision between them at least.
        if first and last and abs(last - first) > 1
        for revision in (first, last)
    )
    yield from (replace(did, returned=True) if did.did in back else did for did in dids)


def _by_selectors(
    log: Log,
    start: Selector | None,
    end: Selector,
    sides: BothSides,
    wanted: DiffOptions,
    dids: frozenset[str],
) -> Iterator[DiffedDid]:
    """Compare the revisions that each selector means, without a `start` from the previous routing,
    else the revision before; a DID without such a revision is absent."""
    after = _meant(log, end, sides[1], previous=start is None)
    if start is None:
        before = {did: meant.previous or meant.revision - 1 for did, meant in after.items()}
    else:
        before = {did: meant.revision for did, meant in _meant(log, start, sides[0]).items()}
    unread = {**_unread(sides[0]), **_unread(sides[1])}
    numbers = {did: meant.revision for did, meant in after.items()}
    known = dids & before.keys() & numbers.keys()
    if dids and not known:
        sides_given = " and ".join(filter(None, (wanted.start, wanted.end)))
        raise NothingError(
            exits.UNKNOWN_REVISION,
            f"no DID has a revision that {sides_given} means",
            f"Which there are: {command_line('log')}",
        )
    moved = {did for did in known if before[did] not in (0, numbers[did])}
    _refuse_many(sum(before.get(did) != numbers.get(did, 0) for did in dids), wanted)
    both = tuple({did: side[did] for did in moved} for side in (before, numbers))
    for did, revisions in _read(log, sorted(dids), both):
        if did not in known:
            yield DiffedDid(did=did, number=after[did].number if did in after else None)
            continue
        changes: tuple[Change, ...] = ()
        not_read, error = _not_read(did, *sides), unread.get(did)
        if did in moved:
            old, new = (revisions.pop((did, side[did])) for side in both)
            changes = () if is_undecided(not_read, error) else changes_of(old, new, wanted)
        yield DiffedDid(
            did=did,
            number=after[did].number,
            requested=did,
            from_revision=before[did] or None,
            to_revision=numbers[did],
            changes=changes,
            first_revision=before[did] == 0,
            not_read=not_read,
            error=error,
        )


def _side(log: Log, selector: Selector | None) -> FleetSide:
    """Return the moment or the capture that a selector means, for one of a DID's own: now."""
    return fleet_side(log, selector if isinstance(selector, At | Tagged) else Latest())


def _meant(
    log: Log, selector: Selector, side: FleetSide, *, previous: bool = False
) -> Mapping[str, RevisionMeant]:
    then = side.then if isinstance(selector, At | Tagged) else None
    return log.pages.meant(selector, then, previous=previous)


def _refuse_many(count: int, wanted: DiffOptions) -> None:
    if wanted.most is not None and count > wanted.most:
        raise UsageError(
            f"{count} DIDs differ or are not known on both sides: more than are compared here,"
            f" {wanted.most}",
            "Compare two moments that lie closer together, or use the command diff.",
            "too_many",
        )


def _between_moments(
    log: Log, sides: BothSides, wanted: DiffOptions
) -> tuple[Iterator[DiffedDid], Collection[str] | None, int]:
    """Compare the revisions of two moments. Return those that may differ, all that were compared
    as in ``ComparedDids``, and how many of them do not."""
    read = [side.read for side in sides if side.read is not None]
    unread = {**_unread(sides[0]), **_unread(sides[1])}
    # Between two captures it is about what either of them read, or asked for in vain.
    asked = read[0].keys() | read[1].keys() | unread.keys() if len(read) == 2 else None
    # Of a whole fleet, most did not change since the earlier moment: they are only counted.
    of_all = wanted.where.everywhere and not read
    earlier = min(side.moment for side in sides) if of_all else None
    before, after = (revisions_on(log, side, asked, earlier) for side in sides)
    dids = before.keys() | after.keys()
    if asked is not None:
        dids &= asked
    if not wanted.where.everywhere:
        dids &= dids_where(log, wanted.where, sides)
    # Most of a fleet has one revision on both sides: nothing more of that needs to be read.
    moved = [did for did in dids if before.get(did) != after.get(did) or did in unread]
    _refuse_many(len(moved), wanted)
    changed = (
        compared(
            None,
            *_taken(revisions, (did, before.get(did, 0)), (did, after.get(did, 0))),
            wanted,
            not_read=_not_read(did, *sides),
            error=unread.get(did),
        )
        for did, revisions in _read(log, sorted(moved), (before, after))
    )
    same = len(dids) - len(moved)
    if earlier is not None:
        return changed, None, same + log.pages.unchanged_since(earlier)
    return changed, dids, same


def _unread(side: FleetSide) -> dict[str, DidError]:
    """Return what the capture of that side asked for and never read: it may have changed."""
    return {did: error for did, error in side.unread_dids().items() if not side.was_read(did)}


def _read(
    log: Log, dids: Sequence[str], sides: Iterable[Mapping[str, int]]
) -> Iterator[tuple[str, dict[tuple[str, int], RevisionAt]]]:
    """Yield each DID with its revisions on both sides, and with some that others have.

    Whoever takes its own out holds few bodies at once.
    """
    both = tuple(sides)
    for start in range(0, len(dids), _AT_ONCE):
        some = dids[start : start + _AT_ONCE]
        revisions = log.pages.revisions(
            (did, side[did]) for did in some for side in both if did in side
        )
        yield from ((did, revisions) for did in some)


def _taken(
    revisions: dict[tuple[str, int], RevisionAt], before: tuple[str, int], after: tuple[str, int]
) -> tuple[RevisionAt | None, RevisionAt | None]:
    """Take out the revisions of both sides, which may be one and the same."""
    pair = revisions.get(before), revisions.get(after)
    for key in (before, after):
        revisions.pop(key, None)
    return pair


def _not_read(did: str, start: FleetSide, end: FleetSide) -> tuple[str, ...]:
    """Return the sides whose capture has not read the DID."""
    sides = (("from", start), ("to", end))
    return tuple(name for name, side in sides if side.was_read(did) is False)
