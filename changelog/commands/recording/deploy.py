"""``deploy``: capture, run a command, capture again, and say what changed meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from changelog.commands.answers.comparison import Comparison
from changelog.commands.recording.capture import Capture
from changelog.commands.recording.deploy_sections import CaptureSide, Scope, compare, not_run
from changelog.commands.recording.verification_targets import expected_each
from changelog.commands.targets import targets
from changelog.model import exits
from changelog.model.errors import ChangelogError, UsageError
from changelog.model.exits import DidError
from changelog.model.history import CaptureInfo
from changelog.model.ports import Api, Log, Progress, Recorder
from changelog.model.recording import UNREAD, CaptureSettings
from changelog.model.results.capture import (
    CommandEnd,
    DeployCapture,
    DeployCounts,
    DeployResult,
)
from changelog.model.text.sanitize import command_line, word
from changelog.model.verification import NOT_READ, Expectation, ExpectedDid, after_answer, live_of


@dataclass(frozen=True, slots=True)
class Deployment:
    """What to deploy around: the tag, the DIDs, and the options of a command to paste."""

    tag: str
    scope: Scope
    reading: CaptureSettings
    options: str = ""

    @property
    def before(self) -> str:
        return f"{self.tag}:before"

    @property
    def after(self) -> str:
        return f"{self.tag}:after"


@dataclass(frozen=True, slots=True)
class DeployPorts:
    """What a deploy asks of the world. `adapters` are opened anew for each capture, since hours
    may lie between; `run` runs the command; `info` begins a capture; `bug` is how an error that
    nobody thought of is reported; `on_captured` hears how far it is."""

    adapters: Callable[[], AbstractContextManager[tuple[Api, Recorder, Progress]]]
    log: Callable[[], AbstractContextManager[Log]]
    run: Callable[[], CommandEnd]
    info: Callable[[], CaptureInfo]
    bug: Callable[[Exception], ChangelogError]
    on_captured: Callable[[str, DeployCapture], None] = lambda *_: None


def require_free_tags(log: Log, tag: str) -> None:
    """Raise UsageError unless both tags of a deploy are free."""
    for name in (f"{tag}:before", f"{tag}:after"):
        if log.tag(name) is not None:
            raise UsageError(
                f"the tag {name!r} exists already: each deploy needs a new name",
                "Choose another --tag; nothing was fetched, and the command was not run.",
                exits.TAG_TAKEN,
            )


def scope_of(
    log: Log,
    names: Sequence[str],
    *,
    every: bool,
    expected: Sequence[ExpectedDid] | None,
    file: str,
    with_key: bool,
) -> Scope:
    """Return the DIDs named, or `every` one of the log, together with those of the `file`.

    Raises UsageError where there is none, and for a DID that the file names twice.
    """
    if not (names or every or expected):
        raise UsageError(
            "no DID is named",
            "Name the DIDs before the --, or use --all, or --expect FILE for those of a file.",
        )
    chosen = targets(log, names, every=every, with_key=with_key) if names or every else []
    if expected is None:
        return Scope(chosen, every)
    by_identity = {target.identity: target for target in chosen}
    expectations: dict[str, Expectation] = {}
    for listed in expected_each(log, expected, file, with_key=with_key):
        to_fetch = listed.to_fetch
        target = by_identity.setdefault(to_fetch.identity, to_fetch)
        expectations[target.requested] = listed.expectation
    return Scope(list(by_identity.values()), every, expectations)


def deploy(plan: Deployment, ports: DeployPorts) -> DeployResult:
    """Capture, run, capture. Whatever happens once the command has run, its end is answered.

    The command is not run where nothing could be read before, or where that was interrupted.
    """
    before, after = CaptureSide(), CaptureSide()
    _capture(before, plan, ports, plan.before)
    known = DeployResult(
        tag=plan.tag,
        before=before.report,
        counts=DeployCounts(requested=len(plan.scope.targets)),
        conditions=tuple(sorted(before.conditions)),
    )
    if not before.read_something or before.conditions & {exits.INTERRUPTED, exits.TAG_TAKEN}:
        return not_run(known, plan.scope, before)
    known = replace(known, command=ports.run())
    with _failing(after, ports):
        _capture(after, plan, ports, plan.after)
    comparison = Comparison(volatile=plan.reading.volatile)
    # Once more after a Ctrl-C, or a server that was lost, amid the first.
    for _ in range(2):
        with _failing(after, ports):
            with ports.log() as log:
                result = compare(known, log, plan.scope, comparison, before, after)
            return _with_commands(result, plan, before)
    # What was stored cannot be read either: the end of the command, and how to go on, is left.
    conditions = tuple(sorted(before.conditions | after.conditions))
    rest = replace(known, after=after.report, error=after.error, conditions=conditions)
    return _with_commands(rest, plan, before)


@contextmanager
def _failing(after: CaptureSide, ports: DeployPorts) -> Iterator[None]:
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
        after.error = after.error or DidError(known.code, known.message, hint=known.hint)


def _condition(error: ChangelogError) -> str:
    """Return the condition that an error of the whole run leaves behind in the result."""
    if error.code in exits.EXIT_CODES:
        return error.code
    codes = {8: exits.DATABASE_UNUSABLE, 6: exits.NO_ANSWER}
    return codes.get(error.exit_code, exits.UNREADABLE)


def _capture(side: CaptureSide, plan: Deployment, ports: DeployPorts, tag: str) -> None:
    """Read all DIDs into `side`, and compare with what is expected."""
    scope, expected = plan.scope, plan.scope.expected or {}
    info = replace(ports.info(), tag=tag)
    by_name, size = not scope.every, len(scope.targets)
    with (
        ports.adapters() as (api, recorder, progress),
        Capture(recorder, info, plan.reading, api, by_name=by_name, size=size) as capture,
    ):
        progress.explain_waits(capture.waits_for)
        for outcome in capture.read(api, scope.targets):
            name, answer = outcome.requested, outcome.answer
            # Of a fleet nearly all is held in memory: no more than what is compared.
            side.outcomes[name] = replace(outcome, answer=None, routing=UNREAD, changes=())
            if name in expected and answer is not None and answer.problem is None:
                live = live_of(answer.fields, capture.destinations)
                side.checks[name] = after_answer(NOT_READ, expected[name], live)
            progress.step()
    side.conditions |= {*capture.result.conditions}
    side.report = DeployCapture(capture=capture.result.capture, counts=capture.result.counts)
    ports.on_captured(tag, side.report)


# What to type next


def _with_commands(result: DeployResult, plan: Deployment, before: CaptureSide) -> DeployResult:
    targets = () if plan.scope.every else plan.scope.targets
    read = [target.requested for target in targets if before.of(target).error is None]
    every = " --all" if plan.scope.every else ""
    then, after = word(f"tag:{plan.before}"), word(f"tag:{plan.after}")
    # Where a DID could not be read, only a new look tells more than this answer does.
    whole = result.after is not None and result.after.capture.tag and not result.unreadable
    return replace(
        result,
        restore=command_line("restore", read, f"{every}{plan.options} --to {then}"),
        verify=command_line("verify", read, f"{every}{plan.options} --to {then}"),
        diff=command_line("diff", (), f"{plan.options} --from {then} --to {after}")
        if whole and result.error is None
        else command_line("diff", read, f"{plan.options} --from {then} --to live"),
    )
