"""``diff`` of a whole fleet: what differs between two moments, without reading what does not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from changelog.commands.answers.comparison import Comparison, compared, diff_one
from changelog.commands.answers.list import (
    FleetSide,
    dids_where,
    fleet_side,
    revisions_on,
    rows_at,
)
from changelog.commands.did_lookup import Subject
from changelog.model.errors import NothingError, OutOfTime, UsageError
from changelog.model.exits import DidError
from changelog.model.history import RevisionAt
from changelog.model.ports import Log
from changelog.model.results.diff import DiffedDid
from changelog.model.selectors import At, Latest, Selector, Tagged


class FleetDiff(NamedTuple):
    """The DIDs that there is something to say of, by id; `same`: how many others have the same
    revision on both sides. `after`: the last one that was compared, where the deadline cut it
    short."""

    dids: tuple[DiffedDid, ...]
    same: int = 0
    after: str | None = None


def diff_fleet(log: Log, start: Selector | None, end: Selector, wanted: Comparison) -> FleetDiff:
    """Compare the fleet. Raises OutOfTime where the deadline is over before the first DID."""
    if isinstance(start, At | Tagged | Latest) and isinstance(end, At | Tagged | Latest):
        return _sides(log, start, end, wanted)
    rows = rows_at(log, Latest())
    if not wanted.where.everywhere:
        rows = {
            did: row for did, row in rows.items() if wanted.where.holds(row.routing, row.status)
        }
    by_default = start is None and end == Latest()
    return _until_deadline(
        log,
        (
            DiffedDid(
                did=row.did,
                number=row.number,
                requested=row.did,
                to_revision=1,
                first_revision=True,
            )
            if by_default and row.revision == 1
            else _or_absent(log, Subject(row.did, row.did), start, end, wanted)
            for row in rows.values()
        ),
    )


def _until_deadline(log: Log, compared: Iterable[DiffedDid], same: int = 0) -> FleetDiff:
    dids: list[DiffedDid] = []
    try:
        for did in compared:
            dids.append(did)
            if log.is_over:
                raise OutOfTime
    except OutOfTime:
        if not dids:
            raise
        log.extend_deadline()
        return FleetDiff(tuple(dids), same, dids[-1].did)
    return FleetDiff(tuple(dids), same)


def _or_absent(
    log: Log, subject: Subject, start: Selector | None, end: Selector, wanted: Comparison
) -> DiffedDid:
    """A selector that a DID of the fleet has no revision for makes it absent, not an error."""
    try:
        return diff_one(log, subject, start, end, wanted)
    except NothingError:
        return DiffedDid(did=subject.did)


def _sides(log: Log, start: Selector, end: Selector, wanted: Comparison) -> FleetDiff:
    sides = (_side(log, start), _side(log, end))
    read = [side.read for side in sides if side.read is not None]
    # Between two captures it is about what either of them read.
    asked = read[0].keys() | read[1].keys() if len(read) == 2 else None
    before, after = (revisions_on(log, side, asked) for side in sides)
    dids = before.keys() | after.keys() if asked is None else asked
    if not wanted.where.everywhere:
        dids &= dids_where(log, wanted.where, (start, end))
    unread = {**_unread(log, sides[0]), **_unread(log, sides[1])}
    # Most of a fleet has one revision on both sides: nothing more of that needs to be read.
    moved = [did for did in dids if before.get(did) != after.get(did) or did in unread]
    _refuse_too_many(moved, wanted)
    changed = (
        compared(
            None,
            revisions.get((did, before.get(did, 0))),
            revisions.get((did, after.get(did, 0))),
            wanted,
            not_read=_not_read(did, *sides),
            error=unread.get(did),
        )
        for did, revisions in _read(log, sorted(moved), (before, after))
    )
    return _until_deadline(log, changed, len(dids) - len(moved))


def _unread(log: Log, side: FleetSide) -> dict[str, DidError]:
    """What the capture of that side asked for and never read: whether it changed is not known."""
    if side.capture is None or side.read is None:
        return {}
    tried = log.unread_by(side.capture)
    return {did: error for did, error in tried.items() if did not in side.read}


def _refuse_too_many(moved: Sequence[str], wanted: Comparison) -> None:
    if wanted.most is not None and len(moved) > wanted.most:
        raise UsageError(
            f"{len(moved)} DIDs differ: more than are compared here, {wanted.most}",
            "Compare two moments that lie closer together, or use: changelog diff",
            "too_many",
        )


_AT_ONCE = 500
"""DIDs whose bodies are held at once."""


def _read(
    log: Log, dids: Sequence[str], sides: Iterable[Mapping[str, int]]
) -> Iterator[tuple[str, Mapping[tuple[str, int], RevisionAt]]]:
    """Each DID with its revisions on both sides, and with some that others have."""
    both = tuple(sides)
    for start in range(0, len(dids), _AT_ONCE):
        some = dids[start : start + _AT_ONCE]
        revisions = log.pages.revisions(
            (did, side[did]) for did in some for side in both if did in side
        )
        yield from ((did, revisions) for did in some)


def _not_read(did: str, start: FleetSide, end: FleetSide) -> tuple[str, ...]:
    """The sides whose capture has not read the DID."""
    sides = (("from", start.read), ("to", end.read))
    return tuple(name for name, read in sides if read is not None and did not in read)


def _side(log: Log, selector: Selector) -> FleetSide:
    if isinstance(selector, Latest) and selector != Latest():
        raise UsageError(
            "latest~N names a revision of one DID", "Name the DID, or use a time or tag:NAME."
        )
    return fleet_side(log, selector)
