"""``diff --to live``: what changed from a state in the log to what a capture has just read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from changelog.commands.answers.comparison import (
    DiffOptions,
    compared,
    first_revision,
    has_returned,
    unread_sides,
)
from changelog.commands.answers.diff import (
    read_by_side,
    result_of,
    start_of,
    with_destinations,
    with_unseen_at_start,
)
from changelog.commands.answers.fleet_then import moved_remarks
from changelog.commands.recording.capture import not_attempted
from changelog.commands.targets import count_retired, did_error
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError
from changelog.model.history import History, Revision
from changelog.model.ports import Log
from changelog.model.recording import Outcome
from changelog.model.results.capture import RecordSummary
from changelog.model.results.diff import DiffedDid, DiffResult
from changelog.model.routing import WEBHOOK
from changelog.model.selectors import Latest, Selector, resolve


def diff_to_live(
    log: Log,
    targets: Sequence[Target],
    outcomes: Mapping[str, Outcome],
    capture: RecordSummary,
    wanted: DiffOptions,
    now: datetime,
    *,
    named: bool,
) -> DiffResult:
    """Compare with what `capture` has just read: the `outcomes`, by what was asked for.

    The start is sought in the log before that.

    `named`: each of the `targets` is answered for, and not only those of which there is more to say
    than that they did not change.
    """
    start = start_of(log, wanted, now) or Latest()
    own = capture.capture.id
    dids = tuple(
        _with_live(log, target, outcomes.get(target.requested), own, start, wanted)
        for target in targets
    )
    retired = 0 if named else count_retired(log)
    result = result_of(log, dids, wanted, start, None, named=named, retired=retired)
    fleet = {did.did for did in dids}
    result = with_destinations(log, result, (start,), fleet, wanted)
    read = read_by_side(dids)[0]
    result = with_unseen_at_start(log, result, start, fleet, read, wanted)
    conditions = {*result.conditions, *capture.conditions}
    for did in dids:
        outcome = outcomes.get(did.requested or "")
        is_fetched = outcome is not None and outcome.routing.route_mode == WEBHOOK
        if did.destination_unread and is_fetched and wanted.fail_if_different:
            # It may differ: an exit code must not say that it is equal.
            conditions.add(exits.NOT_COMPARED)
    return replace(
        result,
        to="live",
        to_at=capture.capture.finished_at,
        capture=own,
        remarks=(
            *moved_remarks(log, ((one.number, one.did) for one in targets), start),
            *result.remarks,
            *capture.capture.remarks,
        ),
        conditions=tuple(sorted(conditions)),
    )


def _with_live(
    log: Log,
    target: Target,
    outcome: Outcome | None,
    own: int | None,
    start: Selector,
    wanted: DiffOptions,
) -> DiffedDid:
    outcome = outcome or not_attempted(target)
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
    # As it was before the command's own capture.
    earlier = tuple(each for each in history.revisions if each.capture_number != own)
    if not earlier:
        return first_revision(live, target.requested)
    try:
        chosen = resolve(start, replace(history, revisions=earlier), log)
    except NothingError as error:
        return DiffedDid(did=did, requested=target.requested, error=did_error(error))
    not_read, why = unread_sides(log, did, {"from": (start, chosen)})
    diffed = compared(target.requested, chosen.revision, live, wanted, not_read=not_read, error=why)
    unread, returned = _is_destination_unread(history, live), has_returned(history, diffed)
    return replace(diffed, destination_unread=unread, returned=returned)


def _is_destination_unread(history: History, live: Revision) -> bool:
    """Return whether there may be a destination that the look did not show."""
    seen = history.destination_seen(live)
    is_shown = seen is not None and seen[1] == live.last_seen_at
    return live.routing.may_have_destination and not is_shown
