"""``deploy``: capture, run a command, capture again, and say what changed meanwhile."""

import shlex
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from changelog.commands.answers.comparison import Comparison, changes_between
from changelog.commands.recording.capture import begin, capture, problem_error
from changelog.commands.recording.expecting import expected_each
from changelog.commands.targets import targets
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.diff import Change, group_changes
from changelog.model.errors import ChangelogError, UsageError
from changelog.model.expectations import ExpectedDid
from changelog.model.history import CaptureInfo
from changelog.model.ports import Api, Log, Recorder
from changelog.model.recording import CaptureSettings, Destinations, Stored
from changelog.model.results.base import DidError
from changelog.model.results.deploy import (
    CommandEnd,
    DeployCapture,
    DeployCounts,
    DeployedDid,
    DeployResult,
)
from changelog.model.verification import Expectation, Live, compare, is_match, live_of

_ROUTE = ("application_id", "route_mode")


class Scope(NamedTuple):
    """The DIDs of a deploy, and what is expected of some of them, by what was asked for."""

    targets: Sequence[Target]
    every: bool
    expected: Mapping[str, Expectation] | None = None


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
class Surroundings:
    """What a deploy asks of the world. `adapters` are opened anew for each capture, since hours
    may lie between; `run` runs the command; `info` begins a capture; `bug` is how an error that
    nobody thought of is reported; the others hear how far it is."""

    adapters: Callable[[], AbstractContextManager[tuple[Api, Recorder]]]
    log: Callable[[], AbstractContextManager[Log]]
    run: Callable[[], CommandEnd]
    info: Callable[[], CaptureInfo]
    bug: Callable[[Exception], ChangelogError]
    on_captured: Callable[[str, DeployCapture], None] = lambda *_: None
    on_stored: Callable[[int], None] = lambda _: None


class _Read(NamedTuple):
    """What one capture knows of one DID; the bodies stay in the log.

    `live`: what the API said, where that is to be compared.
    """

    did: str | None
    number: str | None
    revision: int | None
    error: DidError | None
    live: Live | None = None


@dataclass(slots=True)
class _Side:
    """One of the two captures, as far as it came.

    `unchanged`: of those that are as the log had them, the revision; of a fleet, that is nearly all
    that has to be kept in memory.
    """

    unchanged: dict[str, int] = field(default_factory=dict)
    reads: dict[str, _Read] = field(default_factory=dict)
    report: DeployCapture | None = None
    conditions: set[str] = field(default_factory=set)
    error: DidError | None = None

    def keep(
        self, stored: Sequence[Stored], expected: Container[str], learned: Destinations
    ) -> None:
        for one in stored:
            requested, error = one.answer.requested, problem_error(one)
            told = error is None and requested in expected
            if one.outcome == "unchanged" and one.did == requested and one.revision and not told:
                self.unchanged[requested] = one.revision
                continue
            live = live_of(one.answer.fields, learned) if told else None
            self.reads[requested] = _Read(one.did, one.number, one.revision, error, live)

    def of(self, target: Target) -> _Read:
        if revision := self.unchanged.get(target.requested):
            return _Read(target.requested, target.number, revision, None)
        return self.reads.get(target.requested) or _Read(
            target.did, target.number, None, self.error or NOT_ATTEMPTED
        )

    @property
    def read_something(self) -> bool:
        return bool(self.unchanged) or any(one.error is None for one in self.reads.values())


NOT_ATTEMPTED = DidError("not_attempted", "the run stopped before this DID was asked for")


def require_free_tags(log: Log, tag: str) -> None:
    """Raise UsageError unless both tags of a deploy are free."""
    for name in (f"{tag}:before", f"{tag}:after"):
        if log.tag(name) is not None:
            raise UsageError(
                f"the tag {name!r} is taken: a deploy has a name of its own",
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
    """The DIDs named, or `every` one of the log, together with those of the `file`.

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
    asked = {_identity(one): one for one in chosen}
    wanted: dict[str, Expectation] = {}
    for one in expected_each(log, expected, file, with_key=with_key):
        target = asked.setdefault(_identity(one.target), one.target)
        if isinstance(one.expected, Expectation):
            wanted[target.requested] = one.expected
    return Scope(list(asked.values()), every, wanted)


def _identity(target: Target) -> str:
    return target.did or target.number or target.requested


def deploy(plan: Deployment, around: Surroundings) -> DeployResult:
    """Capture, run, capture. Whatever happens once the command has run, its end is answered.

    The command is not run where nothing could be read before, or where that was interrupted.
    """
    before = _Side()
    _take(before, plan, around, plan.before)
    known = DeployResult(
        tag=plan.tag,
        before=before.report,
        counts=DeployCounts(requested=len(plan.scope.targets)),
        conditions=tuple(sorted(before.conditions)),
    )
    if not before.read_something or before.conditions & {exits.INTERRUPTED, exits.TAG_TAKEN}:
        return _not_run(known, plan, before)
    known = replace(known, command=around.run())
    after = _Side()
    try:
        _take(after, plan, around, plan.after)
        return _compare(known, plan, around, before, after)
    except (Exception, KeyboardInterrupt) as error:
        _lose(after, error, around)
    try:
        return _compare(known, plan, around, before, after)
    except (Exception, KeyboardInterrupt) as error:
        # What was stored cannot be read either: the end of the command, and how to go on, is left.
        _lose(after, error, around)
        conditions = before.conditions | after.conditions
        left = replace(
            known, after=after.report, error=after.error, conditions=tuple(sorted(conditions))
        )
        return _with_commands(left, plan, before)


def _not_run(known: DeployResult, plan: Deployment, before: _Side) -> DeployResult:
    """Why: the DIDs that could not be read, each with its error."""
    wanted = plan.scope.expected or {}
    unread = []
    for target in plan.scope.targets:
        read = before.of(target)
        if read.error is not None:
            expected = wanted.get(target.requested)
            one = _deployed(target, read, read, expected)
            unread.append(replace(one, to_revision=None, error_before=read.error))
    counts = replace(known.counts, unreadable=len(unread))
    return replace(known, counts=counts, unreadable=tuple(unread))


def _lose(after: _Side, error: Exception | KeyboardInterrupt, around: Surroundings) -> None:
    """Say what cost the capture after the command; of several, the first is the reason."""
    if isinstance(error, KeyboardInterrupt):
        condition = exits.INTERRUPTED
        lost = DidError(condition, "interrupted while reading again")
    else:
        said = error if isinstance(error, ChangelogError) else around.bug(error)
        condition = _condition(said)
        lost = DidError(said.code, said.message, hint=said.hint)
    after.conditions.add(condition)
    after.error = after.error or lost


def _take(side: _Side, plan: Deployment, around: Surroundings, tag: str) -> None:
    expected = plan.scope.expected or {}
    with around.adapters() as (api, recorder):
        opened = begin(api, recorder, replace(around.info(), tag=tag), by_name=not plan.scope.every)

        def on_stored(stored: Sequence[Stored]) -> None:
            learned = Destinations(plan.reading.body_fields, opened.answer_urls)
            side.keep(stored, expected, learned)
            around.on_stored(len(stored))

        captured = capture(
            api,
            recorder,
            plan.scope.targets,
            opened,
            plan.reading,
            keep=False,
            on_stored=on_stored,
        )
    side.conditions |= captured.conditions
    side.report = DeployCapture(capture=captured.summary, counts=captured.counts)
    around.on_captured(tag, side.report)


def _condition(error: ChangelogError) -> str:
    """The condition that an error of the whole run leaves behind in the result."""
    if error.code in exits.EXIT_CODES:
        return error.code
    codes = {8: exits.DATABASE_UNUSABLE, 6: exits.NO_ANSWER}
    return codes.get(error.exit_code, exits.UNREADABLE)


# Comparing


@dataclass(slots=True)
class _Sections:
    changed: list[DeployedDid] = field(default_factory=list)
    expected: list[DeployedDid] = field(default_factory=list)
    missing: list[DeployedDid] = field(default_factory=list)
    unexpected: list[DeployedDid] = field(default_factory=list)
    unreadable: list[DeployedDid] = field(default_factory=list)
    compared: int = 0


def _compare(
    known: DeployResult, plan: Deployment, around: Surroundings, before: _Side, after: _Side
) -> DeployResult:
    found = _Sections()
    wanted = plan.scope.expected
    comparison = Comparison(volatile=plan.reading.volatile)
    with around.log() as log:
        for target in plan.scope.targets:
            expected = (wanted or {}).get(target.requested)
            _sort(found, log, target, before.of(target), after.of(target), expected, comparison)
    conditions = before.conditions | after.conditions
    if found.unreadable:
        conditions.add(exits.UNREADABLE)
    if wanted is not None:
        _find_unexpected(found)
        if found.unexpected or any(one.differences for one in found.missing):
            conditions.add(exits.DIFFERENT)
        if any(not one.differences for one in found.missing):
            # What could not be compared is neither as the file says nor different.
            conditions.add(exits.UNREADABLE)
    told = wanted is not None
    result = replace(
        known,
        after=after.report,
        error=after.error,
        counts=DeployCounts(
            requested=len(plan.scope.targets),
            compared=found.compared,
            changed=len(found.changed),
            unchanged=found.compared - len(found.changed),
            expected=len(found.expected),
            missing=len(found.missing),
            unexpected=len(found.unexpected),
            unreadable=len(found.unreadable),
        ),
        dids=tuple(found.changed),
        groups=group_changes({one.did: one.changes for one in found.changed}),
        expected=tuple(found.expected) if told else None,
        missing=tuple(found.missing) if told else None,
        unexpected=tuple(found.unexpected) if told else None,
        unreadable=tuple(found.unreadable),
        conditions=tuple(sorted(conditions)),
    )
    return _with_commands(result, plan, before)


def _sort(
    found: _Sections,
    log: Log,
    target: Target,
    before: _Read,
    after: _Read,
    expected: Expectation | None,
    comparison: Comparison,
) -> None:
    """Put one DID into the sections where it belongs."""
    one = _deployed(target, before, after, expected)
    if before.error is None and after.error is None:
        found.compared += 1
        one = replace(one, changes=_changes(log, before, after, comparison))
        if one.changes:
            found.changed.append(one)
    else:
        one = replace(one, error_before=before.error, error_after=after.error)
        found.unreadable.append(one)
    if expected is not None and after.live is not None:
        differences, unknown = compare(expected, after.live)
        live = after.live._asdict()
        one = replace(one, live=live, differences=differences, not_compared=unknown)
        (found.expected if is_match(expected, after.live) else found.missing).append(one)


def _deployed(
    target: Target, before: _Read, after: _Read, expected: Expectation | None
) -> DeployedDid:
    return DeployedDid(
        requested=target.requested,
        did=after.did or before.did or target.did or target.requested,
        number=after.number or before.number or target.number,
        from_revision=before.revision,
        to_revision=after.revision if after.error is None else None,
        expected=expected.fields if expected else None,
    )


def _changes(log: Log, before: _Read, after: _Read, comparison: Comparison) -> tuple[Change, ...]:
    if (before.did, before.revision) == (after.did, after.revision):
        return ()
    if before.did is None or after.did is None or not (before.revision and after.revision):
        return ()
    return changes_between(
        log.revision_at(before.did, before.revision),
        log.revision_at(after.did, after.revision),
        comparison,
    )


def _find_unexpected(found: _Sections) -> None:
    """Of what changed, what the file does not say."""
    judged = {one.requested: one for one in (*found.expected, *found.missing)}
    for changed in found.changed:
        one = judged.get(changed.requested, changed)
        own = tuple(change for change in changed.changes if not _is_said(change, one))
        if own:
            found.unexpected.append(replace(one, changes=own))
    for section in (found.expected, found.missing):
        section[:] = [
            replace(one, changes=tuple(change for change in one.changes if _is_said(change, one)))
            for one in section
        ]


def _is_said(change: Change, one: DeployedDid) -> bool:
    """Whether a change leads to what the file expects. A destination that was merely learned is no
    change of the route; one that moved with the application or the mode belongs to that."""
    if change.field == "destination" and not change.routing:
        return True
    if one.expected is None:
        return False
    wrong = {difference.field for difference in one.differences}
    if change.field == "destination" and "destination" not in one.expected:
        return any(other.field in _ROUTE and _is_said(other, one) for other in one.changes)
    return change.field in one.expected and change.field not in wrong


# What to type next


def _with_commands(result: DeployResult, plan: Deployment, before: _Side) -> DeployResult:
    who = "--all"
    if not plan.scope.every:
        read = [one for one in plan.scope.targets if before.of(one).error is None]
        who = " ".join(shlex.quote(one.requested) for one in read)
    then = f"tag:{plan.before}"
    # Where a DID could not be read, only a new look tells more than this answer does.
    whole = result.after is not None and result.after.capture.tag and not result.unreadable
    named = "" if plan.scope.every else f" {who}"
    return replace(
        result,
        restore=f"changelog restore {who}{plan.options} --to {then}",
        verify=f"changelog verify {who}{plan.options} --to {then}",
        diff=f"changelog diff{plan.options} --from {then} --to tag:{plan.after}"
        if whole and result.error is None
        else f"changelog diff{named}{plan.options} --from {then} --to live",
    )
