"""``verify``: fetch, record, and say whether the live routing is the expected one."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, get_args

from changelog.commands.recording.capture import Capture
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.ports import Log, Progress
from changelog.model.recording import ConfirmedReturn, Outcome
from changelog.model.results.base import DidError
from changelog.model.results.capture import VerifyCounts, VerifySummary
from changelog.model.verification import (
    Expectation,
    Verified,
    VerifiedDid,
    VerifyState,
    after_answer,
    live_of,
    with_number,
)

PAUSE_S = 2.0
"""Between two rounds, so that two equal answers are not one and the same moment."""
_TICK_S = 1.0
_CONFIRMED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """`wait_s`: how long a match is waited for. `reads`: how many equal ones in a row it takes."""

    wait_s: float = 0.0
    reads: int = 1


class VerifyProgress(Progress, Protocol):
    """Hears also how long a round is waited for: of `total` DIDs all but `pending` are settled."""

    def waiting(self, total: int, pending: Sequence[str], left_s: float) -> None: ...


@dataclass(slots=True)
class VerifyLoop:
    """Rounds of one `capture`. `open_reader` is asked for what a return lies behind."""

    capture: Capture
    open_reader: Callable[[], AbstractContextManager[Log]]
    policy: WaitPolicy
    progress: VerifyProgress
    rounds: int = field(init=False, default=0)
    _deadline: float = field(init=False, default=0.0)

    def run(self, targets: Sequence[VerifiedDid]) -> None:
        """Read all, then those that are not settled, again and again."""
        self._deadline = time.monotonic() + self.policy.wait_s
        for target in targets:
            target.enough = self.policy.reads
        pending = targets
        while pending:
            self.rounds += 1
            self._read(pending)
            stopped = self.capture.stopped_because
            if stopped in (exits.INTERRUPTED, exits.UNAUTHORIZED):
                return
            pending = self._unsettled(pending)
            if stopped and self._is_over:
                return
            if pending:
                self._pause(len(targets), pending)

    @property
    def _is_over(self) -> bool:
        return time.monotonic() >= self._deadline

    def _unsettled(self, pending: Sequence[VerifiedDid]) -> Sequence[VerifiedDid]:
        """Return those to ask again: while there is time, all that are not as expected. After that,
        only those that are on the way to enough equal answers."""
        over = self._is_over
        return [
            target
            for target in pending
            if isinstance(target.expected, Expectation)
            and not target.is_settled
            and (not over or target.is_in_a_row)
        ]

    def _read(self, pending: Sequence[VerifiedDid]) -> None:
        by_name = {target.to_fetch.requested: target for target in pending}
        answered = []
        self.progress.begins(len(pending))
        to_fetch = (target.to_fetch for target in self._in_time(pending))
        for outcome in self.capture.read(to_fetch):
            target = by_name[outcome.requested]
            self._take(target, outcome)
            self.progress.step()
            if not outcome.late:
                answered.append(target)
        self._confirm(answered)

    def _in_time(self, pending: Iterable[VerifiedDid]) -> Iterator[VerifiedDid]:
        """Yield those to read in this round.

        The first round is made whole; a later one over many DIDs does not outlast the time by
        much. One that begins just at its end is the last look.
        """
        until = max(self._deadline, time.monotonic() + PAUSE_S)
        for target in pending:
            if self.rounds == 1 or time.monotonic() < until or target.is_in_a_row:
                yield target

    def _take(self, target: VerifiedDid, outcome: Outcome) -> None:
        """Keep where a DID stands now that this answer of it is stored."""
        target.did, target.number = outcome.did or target.did, outcome.number or target.number
        answer = outcome.answer
        if answer is None:
            return
        if answer.problem is not None:
            # Whatever was in a row begins again.
            target.state = VerifyState(problem=answer.problem)
            return
        target.revision = outcome.revision
        # The next round asks with the key that could read it.
        target.to_fetch = target.to_fetch._replace(key=answer.key or target.to_fetch.key)
        live = live_of(answer.fields, self.capture.destinations)
        as_logged = live.destination is not None or self._is_of_revision(target, outcome)
        state = after_answer(target.state, target.expectation, live, as_logged=as_logged)
        target.state = with_number(state, target.to_fetch.number, outcome.number)

    def _is_of_revision(self, target: VerifiedDid, outcome: Outcome) -> bool:
        """Return whether the log, which carries destinations on, holds the routing of the revision
        that is expected. What cannot be seen now was not seen to have come back either."""
        expectation = target.expectation
        destination = expectation.fields.get("destination")
        if destination is None or outcome.routing.destination == destination:
            return True
        did, revision = outcome.did, outcome.revision
        is_own = did is not None and did == target.to_fetch.did and expectation.did is None
        if did is None or not (is_own and expectation.revision and revision):
            return False
        with self.open_reader() as log:
            named = log.revision_at(did, expectation.revision)
            current = log.revision_at(did, revision)
        return named.routing_number == current.routing_number

    def is_destination_unread(self, targets: Sequence[VerifiedDid]) -> bool:
        """Return whether a destination that the log knows as the API's own was not seen now."""
        kept = [target for target in targets if target.carries_destination]
        if not kept:
            return False
        with self.open_reader() as log:
            revisions = (
                log.revision_at(
                    target.expectation.did or target.to_fetch.did or "",
                    target.expectation.revision or 0,
                )
                for target in kept
            )
            return any(revision.destination_source != "stated" for revision in revisions)

    def _pause(self, total: int, pending: Sequence[VerifiedDid]) -> None:
        until = time.monotonic() + PAUSE_S
        if not self._is_over:
            until = min(until, self._deadline)
        names = [target.to_fetch.requested for target in pending]
        while (left := until - time.monotonic()) > 0:
            self.progress.waiting(total, names, self._deadline - time.monotonic())
            time.sleep(min(left, _TICK_S))

    # Returns

    def _confirm(self, answered: Sequence[VerifiedDid]) -> None:
        """Store that older routings are back, of those whose match held."""
        held = [target for target in answered if _may_be_a_return(target)]
        for start in range(0, len(held), _CONFIRMED_AT_ONCE):
            chunk = held[start : start + _CONFIRMED_AT_ONCE]
            with self.open_reader() as log:
                returns = [_return_of(log, target) for target in chunk]
            confirmed = [returned for returned in returns if returned is not None]
            if confirmed:
                self.capture.confirm(confirmed)
            for target, returned in zip(chunk, returns, strict=True):
                target.confirmed = returned is not None


def _may_be_a_return(target: VerifiedDid) -> bool:
    """Return whether it may be a return: nothing lies between within the current stay."""
    expected = target.expectation.revision
    return (
        expected is not None
        and not target.expectation.is_unfounded
        and target.revision is not None
        and target.did == target.to_fetch.did
        and target.expectation.did is None
        and expected < target.revision
        and target.is_settled
    )


def _return_of(log: Log, target: VerifiedDid) -> ConfirmedReturn | None:
    """Return the return to an older routing that this match proves, if it is one."""
    named = target.expectation.revision
    if not (target.did and target.revision and named):
        return None
    routing = log.revision_at(target.did, named).routing_number
    returned = target.revision + 1
    while returned > named and log.revision_at(target.did, returned - 1).routing_number == routing:
        returned -= 1
    if not named < returned <= target.revision:
        return None
    return ConfirmedReturn(target.did, named, returned, routing)


_CONDITIONS: dict[Verified, str] = {
    "mismatch": exits.DIFFERENT,
    "not_expected": exits.DIFFERENT,
    "unreadable": exits.UNREADABLE,
    "not_read": exits.UNREADABLE,
    "not_compared": exits.NOT_COMPARED,
}


def verify(loop: VerifyLoop, targets: Sequence[VerifiedDid]) -> VerifySummary:
    """Read the `targets` until they are settled; store which returns are confirmed.

    The conditions are those of the last answer of each DID, whatever was met on the way.
    """
    with loop.capture as capture:
        loop.run(targets)
    outcomes = Counter(target.outcome for target in targets)
    conditions = _conditions(targets, outcomes)
    if loop.is_destination_unread(targets):
        conditions.add(exits.NOT_COMPARED)
    if any(
        target.matches and target.expectation.seen_then.destination_not_read for target in targets
    ):
        conditions.add(exits.NOT_COMPARED)
    if any(target.expectation.is_unfounded for target in targets):
        conditions.add(exits.NOT_READ_BY_TAG)
    if capture.stopped_because:
        conditions.add(capture.stopped_because)
    return VerifySummary(
        capture=capture.result.capture,
        counts=VerifyCounts(
            requested=outcomes.total(), **{name: outcomes[name] for name in get_args(Verified)}
        ),
        rounds=loop.rounds,
        not_compared_whole=tuple(
            target.did or target.to_fetch.requested
            for target in targets
            if target.matches and not target.is_compared_whole
        ),
        not_read_by_tag=tuple(
            target.did or target.to_fetch.requested
            for target in targets
            if target.expectation.seen_then.not_read
        ),
        conditions=tuple(sorted(conditions)),
    )


def refused_dids(refused: Mapping[str, DidError]) -> Iterator[VerifiedDid]:
    """Yield the lines of a list that name no DID, each with its error."""
    for name, error in refused.items():
        yield VerifiedDid(Target(name), error)


def _conditions(targets: Sequence[VerifiedDid], outcomes: Counter[Verified]) -> set[str]:
    conditions = {_CONDITIONS[outcome] for outcome in outcomes if outcome in _CONDITIONS}
    asked = [target.state for target in targets if target.state.asked]
    problems = [state.problem for state in asked if state.problem is not None]
    if problems:
        conditions.add(exits.UNREADABLE)
    if problems and len(problems) == len(asked) and all(each.no_answer for each in problems):
        conditions.add(exits.NO_ANSWER)
    # Not those of the problems: a server's code may be spelled as a condition of the run is.
    codes = {target.expected.code for target in targets if isinstance(target.expected, DidError)}
    return conditions | (codes & exits.EXIT_CODES.keys())
