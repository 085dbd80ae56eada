"""``deploy``: capture, run a command, capture again, and say what changed; where a file tells it,
also whether that was expected, is missing or was unexpected."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

from changelog.commands.recording.capture import Capture
from changelog.commands.recording.expectations_file import ExpectedDid
from changelog.commands.recording.verification_targets import expected_each
from changelog.commands.targets import check_new_name, did_error, targets
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.diff import Change, diff_revisions, group_changes
from changelog.model.errors import ChangelogError, UsageError
from changelog.model.ports import Log, Progress
from changelog.model.recording import UNREAD, Outcome
from changelog.model.results.base import NOT_ATTEMPTED, DidError
from changelog.model.results.capture import (
    CommandEnd,
    DeployCapture,
    DeployCounts,
    DeployedDid,
    DeployResult,
)
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.text.sanitize import command_line, word
from changelog.model.verification import NOT_READ, Expectation, VerifyState, after_answer, live_of


@dataclass(frozen=True, slots=True)
class Deployment:
    """What to deploy around: the tag, the DIDs, and what a file expects of some of them.

    `every`: the DIDs are all of the log. `expected`: by what is asked for; None without a file.
    `volatile`: fields whose changes are left out.
    """

    tag: str
    targets: Sequence[Target]
    every: bool
    expected: Mapping[str, Expectation] | None = None
    volatile: frozenset[str] = frozenset()

    @property
    def before(self) -> str:
        return f"{self.tag}:before"

    @property
    def after(self) -> str:
        return f"{self.tag}:after"


@dataclass(frozen=True, slots=True)
class DeployPorts:
    """What a deploy asks of the world. `capture` makes one under a tag: all is opened anew for
    each, since hours may lie between; `run` runs the command; `bug` is how an error that nobody
    thought of is reported; `on_captured` hears how far it is."""

    capture: Callable[[str], AbstractContextManager[tuple[Capture, Progress]]]
    log: Callable[[], AbstractContextManager[Log]]
    run: Callable[[], CommandEnd]
    bug: Callable[[Exception], ChangelogError]
    on_captured: Callable[[str, DeployCapture], None]


@dataclass(slots=True)
class _Side:
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


def deployment(
    log: Log,
    tag: str,
    names: Sequence[str],
    *,
    every: bool,
    expected: Sequence[ExpectedDid] | None,
    file: str,
    with_key: bool,
) -> Deployment:
    """Return the deploy of the DIDs named, or of `every` one of the log, with those of the `file`.

    Raises UsageError where there is none, for a tag that is taken, and for a DID that the file
    names twice.
    """
    for name in (f"{tag}:before", f"{tag}:after"):
        if log.tag(name) is not None:
            raise UsageError(
                f"the tag {name!r} exists already: each deploy needs a new name",
                "Choose another --tag; nothing was fetched, and the command was not run.",
                exits.TAG_TAKEN,
            )
    if not (names or every or expected):
        raise UsageError(
            "no DID is named",
            "Name the DIDs before the --, or use --all, or --expect FILE for those of a file.",
        )
    for name in names:
        check_new_name(log, name)
    chosen = targets(log, names, every=every, with_key=with_key) if names or every else []
    if expected is None:
        return Deployment(tag, chosen, every)
    by_identity = {target.identity: target for target in chosen}
    expectations: dict[str, Expectation] = {}
    for listed in expected_each(log, expected, file, with_key=with_key):
        to_fetch = listed.to_fetch
        target = by_identity.setdefault(to_fetch.identity, to_fetch)
        expectations[target.requested] = listed.expectation
    return Deployment(tag, list(by_identity.values()), every, expectations)


def deploy(plan: Deployment, ports: DeployPorts) -> DeployResult:
    """Capture, run, capture. Whatever happens once the command has run, its end is answered.

    The command is not run where nothing could be read before, or where that was interrupted.
    """
    before, after = _Side(), _Side()
    _capture(before, plan, ports, plan.before)
    known = DeployResult(
        tag=plan.tag,
        before=before.report,
        counts=DeployCounts(requested=len(plan.targets)),
        conditions=tuple(sorted(before.conditions)),
    )
    read_something = any(outcome.error is None for outcome in before.outcomes.values())
    if not read_something or before.conditions & {exits.INTERRUPTED, exits.TAG_TAKEN}:
        return _not_run(known, plan, before)
    known = replace(known, command=(command := ports.run()))
    if command.interrupted:
        after.conditions.add(exits.INTERRUPTED)
    with _failing(after, ports):
        _capture(after, plan, ports, plan.after)
    # Once more after a Ctrl-C, or a server that was lost, amid the first.
    for _ in range(2):
        with _failing(after, ports):
            with ports.log() as log:
                notable = tuple(_notable(log, plan, before, after))
            return _with_commands(_compared(known, plan, notable, before, after), plan, before)
    # What was stored cannot be read either: the end of the command, and how to go on, is left.
    conditions = tuple(sorted(before.conditions | after.conditions))
    rest = replace(known, after=after.report, error=after.error, conditions=conditions)
    return _with_commands(rest, plan, before)


@contextmanager
def _failing(after: _Side, ports: DeployPorts) -> Iterator[None]:
    """Keep what cost the capture after the command; of several, the first is the reason."""
    try:
        yield
    except KeyboardInterrupt:
        after.conditions.add(exits.INTERRUPTED)
        lost = DidError(exits.INTERRUPTED, "interrupted while reading again")
        after.error = after.error or lost
    except Exception as error:
        known = error if isinstance(error, ChangelogError) else ports.bug(error)
        after.conditions.add(_condition(known))
        after.error = after.error or did_error(known)


def _condition(error: ChangelogError) -> str:
    """Return the condition that an error of the whole run leaves behind in the result."""
    if error.code in exits.EXIT_CODES:
        return error.code
    return {8: exits.DATABASE_UNUSABLE, 6: exits.NO_ANSWER}.get(error.exit_code, exits.UNREADABLE)


def _capture(side: _Side, plan: Deployment, ports: DeployPorts, tag: str) -> None:
    """Read all DIDs into `side`, and compare with what is expected."""
    expected = plan.expected or {}
    with ports.capture(tag) as (capture, progress), capture:
        for outcome in capture.read(plan.targets):
            name, answer = outcome.requested, outcome.answer
            # Of a fleet nearly all is held in memory: no more than what is compared.
            side.outcomes[name] = replace(outcome, answer=None, routing=UNREAD, changes=())
            if name in expected and answer is not None and answer.problem is None:
                live = live_of(answer.fields, capture.destinations)
                logged = outcome.routing.destination == expected[name].fields.get("destination")
                state = after_answer(NOT_READ, expected[name], live, as_logged=logged)
                side.checks[name] = state
            progress.step()
    side.conditions |= {*capture.result.conditions}
    side.report = DeployCapture(capture=capture.result.capture, counts=capture.result.counts)
    ports.on_captured(tag, side.report)


# What changed from one capture to the other


def _not_run(known: DeployResult, plan: Deployment, before: _Side) -> DeployResult:
    """Say why the command was not run: the DIDs that could not be read, each with its error."""
    unread = tuple(
        replace(_deployed(target, outcome, outcome, plan), error_before=outcome.error)
        for target in plan.targets
        if (outcome := before.of(target)).error is not None
    )
    return replace(known, counts=known.counts.with_unread(unread), unreadable=unread)


def _notable(log: Log, plan: Deployment, before: _Side, after: _Side) -> Iterator[DeployedDid]:
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
    before: _Side,
    after: _Side,
) -> DeployResult:
    """Return what is `known` of a deploy, with what changed from one capture to the other."""
    unreadable = tuple(did for did in notable if did.error_before or did.error_after)
    changed = tuple(did for did in notable if did.changes)
    compared = len(plan.targets) - len(unreadable)
    conditions = before.conditions | after.conditions
    if unreadable:
        conditions.add(exits.UNREADABLE)
    result = replace(
        known,
        after=after.report,
        error=after.error,
        counts=replace(
            known.counts.with_unread(unreadable),
            compared=compared,
            changed=len(changed),
            unchanged=compared - len(changed),
        ),
        dids=changed,
        groups=group_changes({did.did: did.changes for did in changed}),
        unreadable=unreadable,
        conditions=tuple(sorted(conditions)),
    )
    return result if plan.expected is None else _with_expected(result, notable, after.checks)


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
    expected = [did.changed(expected=True) for name, did in judged.items() if checks[name].matches]
    missing = [did for name, did in judged.items() if not checks[name].matches]
    changed = (judged.get(did.requested, did).changed(expected=False) for did in result.dids)
    unexpected = [did for did in changed if did.changes]
    conditions = {*result.conditions}
    if unexpected or any(did.differences for did in missing):
        conditions.add(exits.DIFFERENT)
    if any(not did.differences for did in missing):
        # What could not be compared is neither as the file says nor different.
        conditions.add(exits.UNREADABLE)
    return replace(
        result,
        counts=replace(
            result.counts, expected=len(expected), missing=len(missing), unexpected=len(unexpected)
        ),
        expected=tuple(expected),
        missing=tuple(did.changed(expected=True) for did in missing),
        unexpected=tuple(unexpected),
        conditions=tuple(sorted(conditions)),
    )


# What to type next


def _with_commands(result: DeployResult, plan: Deployment, before: _Side) -> DeployResult:
    named = () if plan.every else plan.targets
    read = [target.requested for target in named if before.of(target).error is None]
    options = " --all" if plan.every else ""
    then, after = word(f"tag:{plan.before}"), word(f"tag:{plan.after}")
    # Where a DID could not be read, only a new look tells more than this answer does.
    whole = result.after is not None and result.after.capture.tag and not result.unreadable
    return replace(
        result,
        restore=command_line("restore", read, f"{options} --to {then}"),
        verify=command_line("verify", read, f"{options} --to {then}"),
        diff=command_line("diff", (), f" --from {then} --to {after}")
        if whole and result.error is None
        else command_line("diff", read, f" --from {then} --to live"),
    )
