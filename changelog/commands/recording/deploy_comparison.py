"""What changed from one capture of a deploy to the other, and whether a file expects it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from changelog.commands.recording.deployment import Deployment
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.diff import Change, diff_revisions, group_changes, has_only_learned
from changelog.model.ports import Log
from changelog.model.recording import Outcome
from changelog.model.results.base import NOT_ATTEMPTED, DidError
from changelog.model.results.capture import DeployCapture, DeployedDid, DeployResult
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.verification import VerifyState


@dataclass(slots=True)
class DeploySide:
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
        if outcome := self.outcomes.get(target.requested):
            return outcome
        return Outcome(
            requested=target.requested,
            did=target.did,
            number=target.number,
            error=self.error or NOT_ATTEMPTED,
        )


def not_run(known: DeployResult, plan: Deployment, before: DeploySide) -> DeployResult:
    """Say why the command was not run: the DIDs that could not be read, each with its error."""
    unread = tuple(
        replace(_deployed(target, outcome, outcome, plan), error_before=outcome.error)
        for target in plan.targets
        if (outcome := before.of(target)).error is not None
    )
    return replace(known, counts=known.counts.with_unread(unread), unreadable=unread)


def compare_sides(
    log: Log, known: DeployResult, plan: Deployment, before: DeploySide, after: DeploySide
) -> DeployResult:
    """Return what is `known` of a deploy, with what changed from one capture to the other."""
    notable = tuple(_notable(log, plan, before, after))
    result = _compared(known, plan, notable, before, after)
    result = replace(result, returned=_returned(log, plan, before, after))
    return result if plan.expected is None else _with_expected(result, notable, after.checks)


def _returned(log: Log, plan: Deployment, before: DeploySide, after: DeploySide) -> tuple[str, ...]:
    """Return the DIDs whose routing is the same, and was another one in between."""
    pairs = ((before.of(target), after.of(target)) for target in plan.targets)
    ends = (
        (end.did, end.revision)
        for pair in pairs
        if pair[0].did == pair[1].did and pair[0].revision != pair[1].revision
        if pair[0].error is pair[1].error is None
        for end in pair
        if end.did is not None and end.revision is not None
    )
    return tuple(sorted(log.pages.returned(ends)))


def _notable(
    log: Log, plan: Deployment, before: DeploySide, after: DeploySide
) -> Iterator[DeployedDid]:
    """Yield the DIDs that changed, could not be read, or are compared with the file."""
    for target in plan.targets:
        then, now = before.of(target), after.of(target)
        did = _deployed(target, then, now, plan)
        if then.error is None and now.error is None:
            did = replace(did, changes=_changes(log, then, now, plan.volatile))
        else:
            did = replace(did, error_before=then.error, error_after=now.error)
        if did.changes or did.error_before or did.error_after or did.requested in after.checks:
            yield did


def _deployed(target: Target, before: Outcome, after: Outcome, plan: Deployment) -> DeployedDid:
    expected = (plan.expected or {}).get(target.requested)
    return DeployedDid(
        requested=target.requested,
        did=after.did or before.did or target.did or target.requested,
        number=after.number or before.number or target.number,
        from_revision=before.revision,
        to_revision=after.revision if after.error is None else None,
        expected=expected.fields if expected else None,
    )


def _changes(
    log: Log, before: Outcome, after: Outcome, volatile: frozenset[str]
) -> tuple[Change, ...]:
    if (before.did, before.revision) == (after.did, after.revision):
        return ()
    if before.did is None or after.did is None or not (before.revision and after.revision):
        return ()
    return diff_revisions(
        log.revision_at(before.did, before.revision),
        log.revision_at(after.did, after.revision),
        ALWAYS_VOLATILE | volatile,
    )


def _compared(
    known: DeployResult,
    plan: Deployment,
    notable: Sequence[DeployedDid],
    before: DeploySide,
    after: DeploySide,
) -> DeployResult:
    """Return it with the DIDs that changed or could not be read, and their counts."""
    unreadable = tuple(did for did in notable if did.error_before or did.error_after)
    changed = tuple(did for did in notable if did.changes)
    learned = sum(has_only_learned(did.changes) for did in changed)
    compared = len(plan.targets) - len(unreadable)
    conditions = before.conditions | after.conditions
    if unreadable:
        conditions.add(exits.UNREADABLE)
    return replace(
        known,
        after=after.report,
        error=after.error,
        counts=replace(
            known.counts.with_unread(unreadable),
            compared=compared,
            changed=len(changed) - learned,
            unchanged=compared - len(changed) + learned,
            learned=learned,
        ),
        dids=changed,
        groups=group_changes({did.did: did.changes for did in changed}),
        unreadable=unreadable,
        conditions=tuple(sorted(conditions)),
    )


def _with_expected(
    result: DeployResult, notable: Sequence[DeployedDid], checks: Mapping[str, VerifyState]
) -> DeployResult:
    """Sort what the file speaks of, and of what changed, what it does not say."""
    judged = {
        did.requested: replace(
            did,
            live=check.live and check.live._asdict(),
            differences=check.changes,
            not_compared=check.not_compared,
        )
        for did in notable
        if (check := checks.get(did.requested))
    }
    whole = {name: did.changed(expected=True) for name, did in judged.items()}
    expected = [did for name, did in whole.items() if checks[name].matches]
    missing = [did for did in whole.values() if did.differences]
    # What could not be compared is neither as the file says nor different.
    unknown = [
        did for name, did in whole.items() if not did.differences and not checks[name].matches
    ]
    changed = (judged.get(did.requested, did).changed(expected=False) for did in result.dids)
    unexpected = [did for did in changed if did.changes and not has_only_learned(did.changes)]
    conditions = {*result.conditions}
    if unexpected or missing:
        conditions.add(exits.DIFFERENT)
    conditions |= {exits.UNREADABLE if did.live is None else exits.NOT_COMPARED for did in unknown}
    return replace(
        result,
        counts=replace(
            result.counts,
            expected=len(expected),
            missing=len(missing),
            not_compared=len(unknown),
            unexpected=len(unexpected),
        ),
        expected=tuple(expected),
        missing=tuple(missing),
        not_compared=tuple(unknown),
        unexpected=tuple(unexpected),
        conditions=tuple(sorted(conditions)),
    )
