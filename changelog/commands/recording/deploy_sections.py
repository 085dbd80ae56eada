"""What a deploy changed, from what its two captures read: as expected, missing, unexpected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from changelog.commands.answers.comparison import Comparison, changes_between
from changelog.commands.recording.capture import NOT_ATTEMPTED, not_attempted
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.diff import Change, group_changes
from changelog.model.exits import DidError
from changelog.model.ports import Log
from changelog.model.recording import Outcome
from changelog.model.results.capture import DeployCapture, DeployedDid, DeployResult
from changelog.model.verification import Expectation, VerifyState

_ROUTE = ("application_id", "route_mode")


class Scope(NamedTuple):
    """The DIDs of a deploy, and what is expected of some of them, by what was asked for."""

    targets: Sequence[Target]
    every: bool
    expected: Mapping[str, Expectation] | None = None


@dataclass(slots=True)
class CaptureSide:
    """One of the two captures, as far as it came. The bodies stay in the log.

    `checks`: how what the API said compares with the file, by what was asked for. `error`: what cut
    the capture short.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    checks: dict[str, VerifyState] = field(default_factory=dict)
    report: DeployCapture | None = None
    conditions: set[str] = field(default_factory=set)
    error: DidError | None = None

    def of(self, target: Target) -> Outcome:
        outcome = self.outcomes.get(target.requested)
        if outcome is not None:
            return outcome
        error = self.error or NOT_ATTEMPTED
        return replace(not_attempted(target), did=target.did, error=error)

    @property
    def read_something(self) -> bool:
        return any(outcome.error is None for outcome in self.outcomes.values())


def compare(
    known: DeployResult,
    log: Log,
    scope: Scope,
    comparison: Comparison,
    before: CaptureSide,
    after: CaptureSide,
) -> DeployResult:
    """Return what is `known` of a deploy with what changed from one capture to the other."""
    notable = tuple(_notable(log, scope, comparison, before, after))
    unreadable = tuple(did for did in notable if did.error_before or did.error_after)
    changed = tuple(did for did in notable if did.changes)
    compared = len(scope.targets) - len(unreadable)
    conditions = before.conditions | after.conditions
    if unreadable:
        conditions.add(exits.UNREADABLE)
    result = replace(
        known,
        after=after.report,
        error=after.error,
        counts=replace(
            known.counts,
            compared=compared,
            changed=len(changed),
            unchanged=compared - len(changed),
            unreadable=len(unreadable),
        ),
        dids=changed,
        groups=group_changes({did.did: did.changes for did in changed}),
        unreadable=unreadable,
        conditions=tuple(sorted(conditions)),
    )
    return result if scope.expected is None else _with_expected(result, notable, after.checks)


def _notable(
    log: Log, scope: Scope, comparison: Comparison, before: CaptureSide, after: CaptureSide
) -> Iterator[DeployedDid]:
    """Yield the DIDs that changed, could not be read, or are compared with the file."""
    expected = scope.expected or {}
    for target in scope.targets:
        then, now = before.of(target), after.of(target)
        did = _deployed(target, then, now, expected.get(target.requested))
        if then.error is None and now.error is None:
            did = replace(did, changes=_changes(log, then, now, comparison))
        else:
            did = replace(did, error_before=then.error, error_after=now.error)
        if did.changes or did.error_before or did.error_after or did.requested in after.checks:
            yield did


def _deployed(
    target: Target, before: Outcome, after: Outcome, expected: Expectation | None
) -> DeployedDid:
    return DeployedDid(
        requested=target.requested,
        did=after.did or before.did or target.did or target.requested,
        number=after.number or before.number or target.number,
        from_revision=before.revision,
        to_revision=after.revision if after.error is None else None,
        expected=expected.fields if expected else None,
    )


def _changes(
    log: Log, before: Outcome, after: Outcome, comparison: Comparison
) -> tuple[Change, ...]:
    if (before.did, before.revision) == (after.did, after.revision):
        return ()
    if before.did is None or after.did is None or not (before.revision and after.revision):
        return ()
    return changes_between(
        log.revision_at(before.did, before.revision),
        log.revision_at(after.did, after.revision),
        comparison,
    )


def _with_expected(
    result: DeployResult, notable: Sequence[DeployedDid], checks: Mapping[str, VerifyState]
) -> DeployResult:
    """Sort what the file speaks of, and of what changed, what it does not say."""
    judged = {
        did.requested: _judged(did, checks[did.requested])
        for did in notable
        if did.requested in checks
    }
    expected = [did for name, did in judged.items() if checks[name].matches]
    missing = [did for name, did in judged.items() if not checks[name].matches]
    changed = (judged.get(did.requested, did) for did in result.dids)
    unexpected = [rest for did in changed if (rest := _only(did, expected=False)).changes]
    conditions = {*result.conditions}
    if unexpected or any(did.differences for did in missing):
        conditions.add(exits.DIFFERENT)
    if any(not did.differences for did in missing):
        # What could not be compared is neither as the file says nor different.
        conditions.add(exits.UNREADABLE)
    return replace(
        result,
        counts=replace(
            result.counts,
            expected=len(expected),
            missing=len(missing),
            unexpected=len(unexpected),
        ),
        expected=tuple(_only(did, expected=True) for did in expected),
        missing=tuple(_only(did, expected=True) for did in missing),
        unexpected=tuple(unexpected),
        conditions=tuple(sorted(conditions)),
    )


def _judged(did: DeployedDid, check: VerifyState) -> DeployedDid:
    live = check.live and check.live._asdict()
    return replace(did, live=live, differences=check.changes, not_compared=check.not_compared)


def _only(did: DeployedDid, *, expected: bool) -> DeployedDid:
    """Return it with only the changes that the file says, or only those that it does not."""
    changes = (change for change in did.changes if _is_expected(change, did) == expected)
    return replace(did, changes=tuple(changes))


def _is_expected(change: Change, did: DeployedDid) -> bool:
    """Return whether a change leads to what the file expects. A destination that was merely learned
    is no change of the route; one that moved with the application or the mode belongs to that."""
    if change.field == "destination" and not change.routing:
        return True
    if did.expected is None:
        return False
    if change.field == "destination" and "destination" not in did.expected:
        return any(other.field in _ROUTE and _is_expected(other, did) for other in did.changes)
    wrong = {difference.field for difference in did.differences}
    return change.field in did.expected and change.field not in wrong


def not_run(known: DeployResult, scope: Scope, before: CaptureSide) -> DeployResult:
    """Say why the command was not run: the DIDs that could not be read, each with its error."""
    expected = scope.expected or {}
    unread = tuple(
        replace(
            _deployed(target, outcome, outcome, expected.get(target.requested)),
            to_revision=None,
            error_before=outcome.error,
        )
        for target in scope.targets
        if (outcome := before.of(target)).error is not None
    )
    return replace(known, counts=replace(known.counts, unreadable=len(unread)), unreadable=unread)
