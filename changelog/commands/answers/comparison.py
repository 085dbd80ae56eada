"""How revisions are compared for ``diff``: of one DID, and of a whole fleet between two moments,
without reading what does not differ."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from changelog.commands.answers.list import FleetSide, dids_where, fleet_side, revisions_on
from changelog.model.diff import Change, diff_revisions
from changelog.model.errors import OutOfTime, UsageError
from changelog.model.history import History, RevisionAt
from changelog.model.ports import Log
from changelog.model.restore_rule import previous_routing
from changelog.model.results.base import DidError
from changelog.model.results.diff import DiffedDid
from changelog.model.results.pages import RevisionMeant
from changelog.model.routing import EVERYWHERE, Where
from changelog.model.selectors import At, Latest, Selected, Selector, Tagged, resolve
from changelog.model.text.json_body import ALWAYS_VOLATILE

_AT_ONCE = 10_000
"""DIDs whose revisions are held at once, without their bodies."""
_MOMENTS = (At, Tagged, Latest)
"""What means the same for all DIDs, but for ``latest~2``, which `fleet_side` refuses."""


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What to compare, and how: the options of ``diff``. `start` None: the previous routing.

    `most`: of a fleet, that many DIDs are compared, and more of them refused; None for any number.
    """

    start: str | None = None
    end: str | None = None
    field: str | None = None
    routing: bool = False
    all_fields: bool = False
    volatile: frozenset[str] = frozenset()
    fail_if_different: bool = False
    where: Where = EVERYWHERE
    most: int | None = None

    @property
    def ignored(self) -> frozenset[str]:
        """Fields whose changes are left out; never one that was asked for by its name."""
        volatile = ALWAYS_VOLATILE | self.volatile
        return frozenset() if self.all_fields else volatile - {self.field or ""}

    @property
    def show_derived(self) -> bool:
        """Whether a destination that follows from the application is a change of its own."""
        return self.all_fields or self.field == "destination"


def diff_one(
    log: Log,
    requested: str,
    history: History,
    start: Selector | None,
    end: Selector,
    wanted: DiffOptions,
) -> DiffedDid:
    """Compare one DID; without a `start` from the previous routing, else the revision before.

    Raises NothingError where a selector means no revision of it.
    """
    after = resolve(end, history, log)
    sides = {"to": (end, after)}
    if start is None:
        before = previous_routing(history, after.revision)
        before = before or history.revision(after.revision.revision - 1)
        if before is None:
            return first_revision(after.revision, requested)
    else:
        chosen = resolve(start, history, log)
        before = chosen.revision
        sides = {"from": (start, chosen), **sides}
    not_read, error = unread_sides(log, history.did, sides)
    return compared(requested, before, after.revision, wanted, not_read=not_read, error=error)


def unread_sides(
    log: Log, did: str, sides: Mapping[str, tuple[Selector, Selected]]
) -> tuple[tuple[str, ...], DidError | None]:
    """Return the `sides` whose capture had not read the DID, and why the last of them could not."""
    missed = {
        side: selector
        for side, (selector, selected) in sides.items()
        if selected.seen_then.not_read
    }
    errors = [_why_not_read(log, did, selector) for selector in missed.values()]
    return tuple(missed), next((error for error in reversed(errors) if error), None)


def _why_not_read(log: Log, did: str, selector: Selector) -> DidError | None:
    """Why the capture of that tag could not read the DID; None if it did not try."""
    tag = log.tag(selector.name) if isinstance(selector, Tagged) else None
    if tag is None or tag.capture is None:
        return None
    return log.unread_by(tag.capture, did).get(did)


def compared(
    requested: str | None,
    before: RevisionAt | None,
    after: RevisionAt | None,
    wanted: DiffOptions,
    *,
    not_read: tuple[str, ...] = (),
    error: DidError | None = None,
) -> DiffedDid:
    """One DID on both sides; None where it was not known on that side."""
    known = after or before
    is_comparable = not _is_open(not_read, error)
    changes = _changes(before, after, wanted) if before and after and is_comparable else ()
    # A destination that was merely learned says so itself.
    moved = any(change.field == "destination" and change.routing for change in changes)
    return DiffedDid(
        did=known.did if known else requested or "",
        number=known.number if known else None,
        requested=requested,
        from_revision=before.revision if before else None,
        to_revision=after.revision if after else None,
        changes=changes,
        not_read=not_read,
        error=error,
        from_destination_known_from=before.destination_known_from if before and moved else None,
        to_destination_known_from=after.destination_known_from if after and moved else None,
    )


def _is_open(not_read: tuple[str, ...], error: DidError | None) -> bool:
    """Return whether nothing is known of what changed, whatever the two revisions are.

    What the start could not read may have been otherwise by then. What the end could not read, and
    another capture saw change before, did change.
    """
    return error is not None and "from" in not_read


def _changes(before: RevisionAt, after: RevisionAt, wanted: DiffOptions) -> tuple[Change, ...]:
    changes = diff_revisions(before, after, wanted.ignored, show_derived=wanted.show_derived)
    return tuple(
        change
        for change in changes
        if (change.routing or not wanted.routing) and wanted.field in (None, change.field)
    )


def first_revision(revision: RevisionAt, requested: str) -> DiffedDid:
    """A DID of which nothing is known before its first revision."""
    return DiffedDid(
        did=revision.did,
        number=revision.number,
        requested=requested,
        to_revision=revision.revision,
        first_revision=True,
    )


# A fleet


Sides: TypeAlias = tuple[FleetSide, FleetSide]
"""What the start and the end of a comparison mean for the whole fleet."""


class FleetDiff(NamedTuple):
    """The DIDs that there is something to say of, by id; `same`: how many others have the same
    revision on both sides. `fleet`: all of these; None for all of the log. `after`: the last one
    that was compared, where the deadline cut it short. `read`: what the capture of the end read."""

    dids: tuple[DiffedDid, ...]
    fleet: Collection[str] | None
    same: int = 0
    after: str | None = None
    read: Collection[str] = ()


def diff_fleet(log: Log, start: Selector | None, end: Selector, wanted: DiffOptions) -> FleetDiff:
    """Compare the fleet. Raises OutOfTime where the deadline is over before the first DID."""
    if isinstance(start, _MOMENTS) and isinstance(end, _MOMENTS):
        sides = (fleet_side(log, start), fleet_side(log, end))
        each, asked, same = _between_moments(log, sides, wanted)
    else:
        sides = (_side(log, start), _side(log, end))
        asked, same = log.pages.dids(wanted.where), 0
        each = _by_selectors(log, start, end, sides, wanted, asked)
    read = sides[1].read or ()
    dids: list[DiffedDid] = []
    try:
        for did in each:
            dids.append(did)
            if log.is_over:
                raise OutOfTime
    except OutOfTime:
        if not dids:
            raise
        log.extend_deadline()
        return FleetDiff(tuple(dids), asked, same, dids[-1].did, read)
    return FleetDiff(tuple(dids), asked, same, read=read)


def _by_selectors(
    log: Log,
    start: Selector | None,
    end: Selector,
    sides: Sides,
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
    unread = {**_unread(log, sides[0]), **_unread(log, sides[1])}
    numbers = {did: meant.revision for did, meant in after.items()}
    known = dids & before.keys() & numbers.keys()
    moved = {did for did in known if before[did] not in (0, numbers[did])}
    _refuse_many(sum(before.get(did) != numbers.get(did, 0) for did in dids), wanted)
    both = tuple({did: side[did] for did in moved} for side in (before, numbers))
    for did, revisions in _read(log, sorted(dids), both):
        if did not in known:
            yield DiffedDid(did=did)
            continue
        changes: tuple[Change, ...] = ()
        not_read, error = _not_read(did, *sides), unread.get(did)
        if did in moved:
            old, new = (revisions.pop((did, side[did])) for side in both)
            changes = () if _is_open(not_read, error) else _changes(old, new, wanted)
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
    moment = side.moment if isinstance(selector, At | Tagged) else None
    return log.pages.meant(selector, moment=moment, capture=side.capture, previous=previous)


def _refuse_many(count: int, wanted: DiffOptions) -> None:
    if wanted.most is not None and count > wanted.most:
        raise UsageError(
            f"{count} DIDs differ or are not known on both sides: more than are compared here,"
            f" {wanted.most}",
            "Compare two moments that lie closer together, or use the command diff.",
            "too_many",
        )


def _between_moments(
    log: Log, sides: Sides, wanted: DiffOptions
) -> tuple[Iterator[DiffedDid], Collection[str] | None, int]:
    """Compare the revisions of two moments. Return those that may differ, all that were compared
    as in ``FleetDiff``, and how many of them do not."""
    read = [side.read for side in sides if side.read is not None]
    unread = {**_unread(log, sides[0]), **_unread(log, sides[1])}
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


def _unread(log: Log, side: FleetSide) -> dict[str, DidError]:
    """What the capture of that side asked for and never read: whether it changed is not known."""
    if side.capture is None or side.read is None:
        return {}
    tried = log.unread_by(side.capture)
    return {did: error for did, error in tried.items() if did not in side.read}


def _read(
    log: Log, dids: Sequence[str], sides: Iterable[Mapping[str, int]]
) -> Iterator[tuple[str, dict[tuple[str, int], RevisionAt]]]:
    """Each DID with its revisions on both sides, and with some that others have.

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
    """The sides whose capture has not read the DID."""
    sides = (("from", start), ("to", end))
    return tuple(name for name, side in sides if side.was_read(did) is False)
