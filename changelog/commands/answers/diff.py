"""``diff``: what changed between two states of each DID."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog.commands.answers.list import (
    FleetSide,
    dids_where,
    fleet_side,
    moment_of,
    revisions_on,
    rows_at,
)
from changelog.commands.did_lookup import Subject, find_subject
from changelog.commands.recording.capture import not_attempted
from changelog.commands.targets import did_error, require_some
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.diff import Change, diff_states, group_changes, is_derived
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History, Revision, fields_to_compare
from changelog.model.ports import Log
from changelog.model.recording import Outcome
from changelog.model.restore_rule import previous_routing
from changelog.model.results.base import DidError
from changelog.model.results.capture import RecordSummary
from changelog.model.results.diff import DiffCounts, DiffedDid, DiffResult
from changelog.model.results.fleet import RevisionAt
from changelog.model.routing import EVERYWHERE, Where
from changelog.model.selectors import (
    At,
    Latest,
    Live,
    Selector,
    Tagged,
    known_tag,
    parse_selector,
    resolve,
)
from changelog.model.text.json_body import ALWAYS_VOLATILE


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to compare, and how: the options of ``diff``. `start` None: the previous routing."""

    start: str | None = None
    end: str | None = None
    field: str | None = None
    routing: bool = False
    all_fields: bool = False
    volatile: frozenset[str] = frozenset()
    fail_if_different: bool = False
    where: Where = EVERYWHERE

    @property
    def ignored(self) -> frozenset[str]:
        return frozenset() if self.all_fields else ALWAYS_VOLATILE | self.volatile


def diff(log: Log, names: Sequence[str], wanted: Comparison, now: datetime) -> DiffResult:
    """Compare the DIDs named, or all of them."""
    start = None if wanted.start is None else parse_selector(wanted.start, now, day_ends=False)
    end = parse_selector(wanted.end or "latest", now)
    if names and not wanted.where.everywhere:
        raise UsageError(
            "--application and --route-mode choose from the fleet, and DIDs are named",
            "Leave one of them out.",
        )
    same = 0
    if names:
        found = [_named(log, name, start, end, wanted, now) for name in names]
        dids = tuple({(one.did, one.from_revision, one.to_revision): one for one in found}.values())
    else:
        require_some(log)
        dids, same = _fleet(log, start, end, wanted)
    return _result(log, dids, wanted, start, end, named=bool(names), same=same)


def check_start(log: Log, wanted: Comparison, now: datetime) -> None:
    """Raise UsageError or NothingError for a start that is none, before anything is fetched."""
    if wanted.start is not None:
        start = parse_selector(wanted.start, now, day_ends=False)
        if isinstance(start, Tagged):
            known_tag(start.name, log)
        if isinstance(start, Live):
            raise UsageError("'live' can only be the end of a diff", "Use: diff --to live.")


def diff_to_live(
    log: Log,
    targets: Sequence[Target],
    outcomes: Mapping[str, Outcome],
    capture: RecordSummary,
    wanted: Comparison,
    now: datetime,
    *,
    named: bool,
) -> DiffResult:
    """Compare with what `capture` has just read: the `outcomes`, by what was asked for. The start
    is sought in the log before that.

    `named`: each of the `targets` is answered for, and not only those of which there is more to say
    than that they did not change.
    """
    start = Latest() if wanted.start is None else parse_selector(wanted.start, now, day_ends=False)
    own = capture.capture.id
    dids = tuple(
        _with_live(
            log,
            target,
            outcomes.get(target.requested) or not_attempted(target),
            own,
            start,
            wanted,
        )
        for target in targets
    )
    result = _result(log, dids, wanted, start, None, named=named)
    return DiffResult(
        from_=result.from_,
        to="live",
        from_at=result.from_at,
        to_at=capture.capture.finished_at,
        counts=result.counts,
        dids=result.dids,
        groups=result.groups,
        capture=own,
        conditions=tuple(sorted({*result.conditions, *capture.conditions})),
    )


# The DIDs named


def _named(
    log: Log,
    name: str,
    start: Selector | None,
    end: Selector,
    wanted: Comparison,
    now: datetime,
) -> DiffedDid:
    try:
        subject = find_subject(log, name, now)
        return _one(log, subject, start, subject.selector or end, wanted)
    except NothingError as error:
        return DiffedDid(did=name, requested=name, error=did_error(error))


def _one(
    log: Log, subject: Subject, start: Selector | None, end: Selector, wanted: Comparison
) -> DiffedDid:
    history = log.history(subject.did)
    after = resolve(end, history, log)
    if start is None:
        before = default_start(history, after.revision)
        if before is None:
            return DiffedDid(
                did=history.did,
                number=after.revision.number,
                requested=subject.requested,
                to_revision=after.revision.revision,
                first_revision=True,
            )
        not_read: tuple[str, ...] = ("to",) if after.not_read else ()
    else:
        chosen = resolve(start, history, log)
        before = chosen.revision
        sides = (("from", chosen.not_read), ("to", after.not_read))
        not_read = tuple(side for side, missed in sides if missed)
    selectors = {"from": start, "to": end}
    tried = [_why_not_read(log, history.did, selectors[side]) for side in not_read]
    return _compared(
        subject.requested,
        _state(before),
        _state(after.revision),
        wanted,
        not_read=not_read,
        error=next((error for error in reversed(tried) if error), None),
    )


def _why_not_read(log: Log, did: str, selector: Selector | None) -> DidError | None:
    """Why the capture of that tag could not read the DID; None if it did not try."""
    tag = log.tag(selector.name) if isinstance(selector, Tagged) else None
    if tag is None or tag.capture is None:
        return None
    return log.unread_by(tag.capture, did).get(did)


def default_start(history: History, end: Revision) -> Revision | None:
    """Where a diff begins unless told: the previous routing, else the revision before."""
    return previous_routing(history, end) or history.revision(end.revision - 1)


def _with_live(
    log: Log,
    target: Target,
    outcome: Outcome,
    own: int | None,
    start: Selector,
    wanted: Comparison,
) -> DiffedDid:
    did = outcome.did or target.did or target.requested
    if outcome.error is not None or outcome.revision is None:
        return DiffedDid(
            did=did,
            number=target.number,
            requested=target.requested,
            not_read=("to",),
            error=outcome.error,
        )
    history = log.history(did)
    live = history.revisions[outcome.revision - 1]
    before = _history_before(history, own)
    if not before.revisions:
        return DiffedDid(
            did=did,
            number=live.number,
            requested=target.requested,
            to_revision=live.revision,
            first_revision=True,
        )
    try:
        chosen = resolve(start, before, log)
    except NothingError as error:
        return DiffedDid(did=did, requested=target.requested, error=did_error(error))
    return _compared(target.requested, _state(chosen.revision), _state(live), wanted)


def _history_before(history: History, own: int | None) -> History:
    """Return the history as it was before the command's `own` capture."""
    return History(
        did=history.did,
        revisions=tuple(one for one in history.revisions if one.capture_number != own),
        verdicts=history.verdicts,
        confirmations=history.confirmations,
        evidence=history.evidence,
    )


# The fleet


def _fleet(
    log: Log, start: Selector | None, end: Selector, wanted: Comparison
) -> tuple[tuple[DiffedDid, ...], int]:
    """The DIDs that there is something to say of, and how many others have the same revision on
    both sides."""
    if isinstance(start, At | Tagged | Latest) and isinstance(end, At | Tagged | Latest):
        return _sides(log, start, end, wanted)
    rows = rows_at(log, Latest())
    if not wanted.where.everywhere:
        rows = {
            did: row for did, row in rows.items() if wanted.where.holds(row.routing, row.status)
        }
    by_default = start is None and end == Latest()
    return tuple(
        DiffedDid(
            did=row.did, number=row.number, requested=row.did, to_revision=1, first_revision=True
        )
        if by_default and row.revision == 1
        else _or_absent(log, Subject(row.did, row.did), start, end, wanted)
        for row in rows.values()
    ), 0


def _or_absent(
    log: Log, subject: Subject, start: Selector | None, end: Selector, wanted: Comparison
) -> DiffedDid:
    """A selector that a DID of the fleet has no revision for makes it absent, not an error."""
    try:
        return _one(log, subject, start, end, wanted)
    except NothingError:
        return DiffedDid(did=subject.did)


def _sides(
    log: Log, start: Selector, end: Selector, wanted: Comparison
) -> tuple[tuple[DiffedDid, ...], int]:
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
    found = tuple(
        _compared(
            None,
            _revision(log, did, before.get(did)),
            _revision(log, did, after.get(did)),
            wanted,
            not_read=_not_read(did, *sides),
            error=unread.get(did),
        )
        for did in sorted(moved)
    )
    return found, len(dids) - len(moved)


def _unread(log: Log, side: FleetSide) -> dict[str, DidError]:
    """What the capture of that side asked for and never read: whether it changed is not known."""
    if side.capture is None or side.read is None:
        return {}
    tried = log.unread_by(side.capture)
    return {did: error for did, error in tried.items() if did not in side.read}


def _revision(log: Log, did: str, revision: int | None) -> RevisionAt | None:
    return None if revision is None else log.revision_at(did, revision)


def _not_read(did: str, start: FleetSide, end: FleetSide) -> tuple[str, ...]:
    """The sides whose capture has not read the DID."""
    sides = (("from", start.read), ("to", end.read))
    return tuple(name for name, read in sides if read is not None and did not in read)


def _side(log: Log, selector: Selector) -> FleetSide:
    if isinstance(selector, Latest) and selector != Latest():
        raise UsageError("latest~N is one DID's", "Name the DID, or use a time or tag:NAME.")
    return fleet_side(log, selector)


# Comparing


def _compared(
    requested: str | None,
    before: RevisionAt | None,
    after: RevisionAt | None,
    wanted: Comparison,
    *,
    not_read: tuple[str, ...] = (),
    error: DidError | None = None,
) -> DiffedDid:
    one = after or before
    return DiffedDid(
        did=one.did if one else requested or "",
        number=one.number if one else None,
        requested=requested,
        from_revision=before.revision if before else None,
        to_revision=after.revision if after else None,
        changes=changes_between(before, after, wanted) if before and after else (),
        not_read=not_read,
        error=error,
    )


def changes_between(
    before: RevisionAt, after: RevisionAt, wanted: Comparison
) -> tuple[Change, ...]:
    """What changed from one to the other: of one DID, or of two that a number named in turn."""
    same_did = before.did == after.did
    if same_did and before.revision == after.revision:
        return ()
    found = diff_states(
        *fields_to_compare(before.body, before.routing, after.body, after.routing),
        moved=not same_did or before.routing_number != after.routing_number,
        derived=not wanted.all_fields
        and is_derived(before.destination_source, after.destination_source),
        ignored=wanted.ignored,
    )
    return tuple(
        change
        for change in found
        if (change.routing or not wanted.routing) and wanted.field in (None, change.field)
    )


def _state(revision: Revision) -> RevisionAt:
    return RevisionAt(
        did=revision.did,
        number=revision.number,
        revision=revision.revision,
        routing=revision.routing,
        routing_number=revision.routing_number,
        destination_source=revision.destination_source,
        status=revision.status,
        body=revision.whole_body,
        first_seen_at=revision.first_seen_at,
    )


def _result(
    log: Log,
    dids: tuple[DiffedDid, ...],
    wanted: Comparison,
    start: Selector | None,
    end: Selector | None,
    *,
    named: bool,
    same: int = 0,
) -> DiffResult:
    changed = {one.did: one.changes for one in dids if one.changes}
    unread = sum(one.is_unread for one in dids)
    both = (one for one in dids if one.from_revision and one.to_revision and not one.is_unread)
    compared = same + sum(1 for _ in both)
    absent = sum(1 for one in dids if _is_absent(one))
    conditions = {
        one.error.code for one in dids if one.error and one.error.code in exits.EXIT_CODES
    }
    if changed and wanted.fail_if_different:
        conditions.add(exits.DIFFERENT)
    if unread and wanted.fail_if_different:
        # It may differ: who asks for an exit code must not take that for equal.
        conditions.add(exits.UNREADABLE)
    return DiffResult(
        from_=wanted.start or ("latest" if end is None else "previous"),
        to=wanted.end or "latest",
        from_at=moment_of(start, log),
        to_at=moment_of(end, log),
        counts=DiffCounts(
            compared=compared,
            changed=len(changed),
            unchanged=compared - len(changed),
            absent=absent,
            unreadable=unread,
        ),
        dids=tuple(one for one in dids if named or _is_notable(one)),
        groups=group_changes(changed),
        conditions=tuple(sorted(conditions)),
    )


def _is_notable(one: DiffedDid) -> bool:
    """Whether there is more to say of it than that it did not change."""
    return bool(one.changes or one.error or one.first_revision) or _is_absent(one)


def _is_absent(one: DiffedDid) -> bool:
    """Not known on one side: there is nothing to compare."""
    known = one.from_revision and one.to_revision
    return not (one.first_revision or known or one.is_unread)
