"""Reads DIDs in rounds, all in one capture, until they are as expected or the time is over."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from changelog.commands.recording.capture import read_round
from changelog.commands.recording.expecting import Checked
from changelog.model import exits
from changelog.model.ports import Api, Log, Recorder
from changelog.model.recording import (
    CaptureSettings,
    ConfirmedReturn,
    Destinations,
    OpenCapture,
    Stored,
)
from changelog.model.results.base import DidError
from changelog.model.verification import Expectation, after_answer, after_problem, live_of

PAUSE_S = 2.0
"""Between two rounds, so that two equal answers are not one and the same moment."""
_TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """`wait_s`: how long a match is waited for. `reads`: how many equal ones in a row it takes."""

    wait_s: float = 0.0
    reads: int = 1


class Waiting(NamedTuple):
    """Between two rounds: of `total` DIDs all but the `pending` are settled."""

    total: int
    pending: Sequence[Checked]
    left_s: float


class Watcher(Protocol):
    """Hears how far it is; prints nothing where nobody looks."""

    def begins(self, total: int) -> None: ...
    def step(self, done: int = 1) -> None: ...
    def waiting(self, waiting: Waiting) -> None: ...


@dataclass(slots=True)
class Polled:
    """How it ended: the condition that `cut_short` the last round, and how many there were."""

    rounds: int = 0
    cut_short: str | None = None


@dataclass(slots=True)
class VerifyLoop:
    """The adapters and the terms of one run. `open_log` is asked for what a return lies behind."""

    api: Api
    recorder: Recorder
    opened: OpenCapture
    reading: CaptureSettings
    open_log: Callable[[], AbstractContextManager[Log]]
    patience: WaitPolicy
    watcher: Watcher
    _deadline: float = field(init=False, default=0.0)

    def run(self, checked: Sequence[Checked]) -> Polled:
        """Read all, then those that are not settled, again and again."""
        self._deadline = time.monotonic() + self.patience.wait_s
        polled = Polled()
        pending = checked
        while pending:
            polled.rounds += 1
            polled.cut_short = self._read(pending, first=polled.rounds == 1)
            if polled.cut_short in (exits.INTERRUPTED, exits.UNAUTHORIZED):
                break
            pending = self._unsettled(pending)
            if polled.cut_short and self._is_over:
                break
            if pending and not self._paused(len(checked), pending):
                polled.cut_short = exits.INTERRUPTED
                break
        return polled

    @property
    def _is_over(self) -> bool:
        return time.monotonic() >= self._deadline

    def _unsettled(self, pending: Sequence[Checked]) -> Sequence[Checked]:
        """Those to ask again: while there is time, all that are not as expected. After that, only
        those that are on the way to enough equal answers."""
        reads, over = self.patience.reads, self._is_over
        return [
            one
            for one in pending
            if isinstance(one.expected, Expectation)
            and not one.standing.settled(reads)
            and (not over or one.standing.in_a_row(reads))
        ]

    def _read(self, pending: Sequence[Checked], *, first: bool) -> str | None:
        by_name = {one.target.requested: one for one in pending}
        reads = self.patience.reads

        def take(stored: Sequence[Stored], destinations: Destinations) -> None:
            for one in stored:
                self._take(by_name[one.answer.requested], one, destinations)
            self._confirm(by_name[one.answer.requested] for one in stored if not one.late)
            self.watcher.step(len(stored))

        self.watcher.begins(len(pending))
        # The first round is made whole; a later one over many DIDs does not outlast the time by
        # much. One that begins just at its end is the last look.
        until = max(self._deadline, time.monotonic() + PAUSE_S)
        wanted = (
            one.target
            for one in pending
            if first or time.monotonic() < until or one.standing.in_a_row(reads)
        )
        return read_round(self.api, self.recorder, wanted, self.opened, self.reading, take)

    def _take(self, one: Checked, stored: Stored, destinations: Destinations) -> None:
        """Where a DID stands now that this answer of it is stored."""
        one.did, one.number = stored.did or one.did, stored.number or one.number
        problem = stored.answer.problem
        if problem is not None:
            one.standing = after_problem(problem)
            return
        one.revision = stored.revision
        # The next round asks with the key that could read it.
        one.target = one.target._replace(key=stored.answer.key or one.target.key)
        expected = one.expected if isinstance(one.expected, Expectation) else Expectation({})
        live = live_of(stored.answer.fields, destinations)
        as_logged = live.destination is not None or self._is_of_revision(one, expected, stored)
        one.standing = after_answer(one.standing, expected, live, as_logged=as_logged)

    def _is_of_revision(self, one: Checked, expected: Expectation, stored: Stored) -> bool:
        """Whether the log, which carries destinations on, holds the routing of the revision that
        is expected. What cannot be seen now was not seen to have come back either."""
        wanted = expected.fields.get("destination")
        if wanted is None or (stored.routing and stored.routing.destination == wanted):
            return True
        did, revision = stored.did, stored.revision
        if did is None or did != one.target.did or not (expected.revision and revision):
            return False
        with self.open_log() as log:
            named, now = (log.revision_at(did, each) for each in (expected.revision, revision))
        return named.routing_number == now.routing_number

    def _paused(self, total: int, pending: Sequence[Checked]) -> bool:
        """False if somebody interrupted the pause."""
        until = time.monotonic() + PAUSE_S
        if not self._is_over:
            until = min(until, self._deadline)
        try:
            while (left := until - time.monotonic()) > 0:
                self.watcher.waiting(Waiting(total, pending, self._deadline - time.monotonic()))
                time.sleep(min(left, _TICK_S))
        except KeyboardInterrupt:
            return False
        return True

    # Returns

    def _confirm(self, answered: Iterator[Checked]) -> None:
        """Keep that an older routing is back, once its match held."""
        held = [one for one in answered if _may_be_a_return(one, self.patience.reads)]
        if not held:
            return
        with self.open_log() as log:
            returns = {id(one): _return_of(log, one) for one in held}
        found = [one for one in returns.values() if one is not None]
        if found:
            self.recorder.add_confirmations(self.opened, found)
        for one in held:
            one.confirmed = returns[id(one)] is not None


def _may_be_a_return(one: Checked, reads: int) -> bool:
    """In the current stay of a routing nothing lies between, so a return has a later revision."""
    return (
        isinstance(one.expected, Expectation)
        and one.expected.revision is not None
        and one.revision is not None
        and one.did == one.target.did
        and one.expected.revision < one.revision
        and one.standing.settled(reads)
    )


def _return_of(log: Log, one: Checked) -> ConfirmedReturn | None:
    """The return to an older routing that this match proves, if it is one."""
    if isinstance(one.expected, DidError) or not (one.did and one.revision):
        return None
    named = one.expected.revision or 0
    routing = log.revision_at(one.did, named).routing_number
    returned = one.revision + 1
    while returned > named and log.revision_at(one.did, returned - 1).routing_number == routing:
        returned -= 1
    if not named < returned <= one.revision:
        return None
    return ConfirmedReturn(one.did, named, returned, routing)
