"""``deploy``: capture, run a command, capture again, and say what changed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from changelog.commands.recording.capture import Capture
from changelog.commands.recording.deploy_comparison import DeploySide, compare_sides, not_run
from changelog.commands.recording.deployment import Deployment
from changelog.commands.targets import did_error
from changelog.model import exits
from changelog.model.errors import ChangelogError
from changelog.model.ports import Log, Progress
from changelog.model.recording import UNREAD
from changelog.model.results.base import DidError
from changelog.model.results.capture import (
    CommandEnd,
    DeployCapture,
    DeployCounts,
    DeployResult,
)
from changelog.model.text.sanitize import command_line, word
from changelog.model.verification import NOT_READ, after_answer, live_of


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


def deploy(plan: Deployment, ports: DeployPorts) -> DeployResult:
    """Capture, run, capture. Whatever happens once the command has run, its end is answered.

    The command is not run where nothing could be read before, or where that was interrupted.
    """
    before, after = DeploySide(), DeploySide()
    _capture(before, plan, ports, plan.before)
    known = DeployResult(
        tag=plan.tag,
        before=before.report,
        counts=DeployCounts(requested=len(plan.targets)),
        conditions=tuple(sorted(before.conditions)),
    )
    read_something = any(outcome.error is None for outcome in before.outcomes.values())
    if not read_something or before.conditions & {exits.INTERRUPTED, exits.TAG_TAKEN}:
        return not_run(known, plan, before)
    known = replace(known, command=(command := ports.run()))
    if command.interrupted:
        after.conditions.add(exits.INTERRUPTED)
    with _failing(after, ports):
        _capture(after, plan, ports, plan.after)
    # Once more after a Ctrl-C, or a server that was lost, amid the first.
    for _ in range(2):
        with _failing(after, ports):
            with ports.log() as log:
                compared = compare_sides(log, known, plan, before, after)
            return _with_commands(compared, plan, before)
    # What was stored cannot be read either: the end of the command, and how to go on, is left.
    conditions = tuple(sorted(before.conditions | after.conditions))
    rest = replace(known, after=after.report, error=after.error, conditions=conditions)
    return _with_commands(rest, plan, before)


@contextmanager
def _failing(after: DeploySide, ports: DeployPorts) -> Iterator[None]:
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
    return exits.DATABASE_UNUSABLE if error.exit_code == 8 else exits.UNREADABLE


def _capture(side: DeploySide, plan: Deployment, ports: DeployPorts, tag: str) -> None:
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


# What to type next


def _with_commands(result: DeployResult, plan: Deployment, before: DeploySide) -> DeployResult:
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
