"""A fixed number of threads that read one stream of targets, and their answers as they come."""

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from math import inf
from threading import Condition, Event, Lock, Thread
from typing import Literal, Protocol

from changelog.api.exchange import TIMEOUT
from changelog.model.answers import Answer
from changelog.model.did_ref import Target

UNANSWERED_IN_A_ROW = 20
MOST_WAITING = 1000
MOST_WAITING_BYTES = 8 * 1024 * 1024
"""Answers, and bytes of their bodies, that may wait for the consumer; then the threads wait, so
that memory stays bounded. Large batches are stored for much less each than small ones."""

SILENCE_S = 5.0
"""How long no answer may come before that is said."""

StopReason = Literal["unauthorized", "no_answer"]


class ReadsTargets(Protocol):
    def read(self, target: Target) -> Answer | None: ...
    def close(self) -> None: ...


class FetchPool:
    """Threads are started one by one, each by the one before it when that found a target to read:
    a single DID costs a single connection. `open_reader` is called in the thread that uses it.
    `tell_silence` is called whenever no answer came for `silence_s`. `silence_counts`: whether a
    DID that is not answered in time counts as a failed connection. `patience_s`: how long answers
    are waited for in all.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        concurrency: int,
        open_reader: Callable[[Event, Event], ReadsTargets],
        all_refused: Callable[[], bool] = lambda: False,
        tell_silence: Callable[[], None] = lambda: None,
        silence_s: float = SILENCE_S,
        silence_counts: bool = True,
        patience_s: float = inf,
    ) -> None:
        self._targets = iter(targets)
        self._taking = Lock()
        self._open_reader = open_reader
        self._all_refused = all_refused
        self._tell_silence = tell_silence
        self._silence_s = silence_s
        self._silence_counts = silence_counts
        self._concurrency = concurrency
        self._until = time.monotonic() + patience_s
        self._stop = Event()
        self._abandoned = Event()
        self._changed = Condition()
        # All below only while holding `_changed`.
        self._finished: list[Answer] = []
        self._finished_bytes = 0
        self._started = 0
        self._working = 0
        self._unanswered = 0
        self._error: BaseException | None = None
        self.stopped_because: StopReason | None = None

    def answers(self) -> Generator[list[Answer], None, None]:
        """Begin to read. Yield all that is finished, whenever that is asked for; no empty list.

        Closing it, or an exception in it, makes the threads give up what they are at.
        """
        self._start_thread()
        return self._answers()

    def _answers(self) -> Generator[list[Answer], None, None]:
        try:
            while finished := self._take_finished():
                yield finished
        finally:
            self._abandon()

    def _take_finished(self) -> list[Answer]:
        """Wait for at least one answer. Nothing: all threads have ended, or the time is over."""
        while not self._came():
            if self._left_s == 0:
                return []
            self._tell_silence()
        with self._changed:
            if not self._finished and self._error is not None:
                raise self._error
            taken, self._finished, self._finished_bytes = self._finished, [], 0
            self._changed.notify_all()
            return taken

    def _came(self) -> bool:
        """Wait for an answer or the end, `silence_s` at most. Return whether either is there."""
        if self._left_s == 0:
            # What came in time counts; nothing more is asked for.
            self._stop.set()
        with self._changed:
            return self._changed.wait_for(
                lambda: bool(self._finished) or not self._working,
                min(self._silence_s, self._left_s),
            )

    @property
    def _left_s(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def _abandon(self) -> None:
        self._stop.set()
        self._abandoned.set()
        with self._changed:
            self._finished.clear()
            self._finished_bytes = 0
            self._changed.notify_all()

    def _start_thread(self) -> None:
        with self._changed:
            if self._stop.is_set() or self._started == self._concurrency:
                return
            thread = Thread(target=self._work, name=f"changelog-{self._started}", daemon=True)
            thread.start()
            self._started += 1
            self._working += 1

    def _work(self) -> None:
        try:
            target = self._next_target()
            if target is not None:
                self._start_thread()
                self._read_on(target)
        except BaseException as error:
            self._fail(error)
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()

    def _read_on(self, target: Target | None) -> None:
        with closing(self._open_reader(self._stop, self._abandoned)) as reader:
            while target is not None:
                answer = reader.read(target)
                if answer is not None:
                    self._hand_over(answer)
                target = self._next_target()

    def _next_target(self) -> Target | None:
        # A generator cannot be advanced by two threads at once.
        with self._taking:
            return None if self._stop.is_set() else next(self._targets, None)

    def _hand_over(self, answer: Answer) -> None:
        with self._changed:
            self._count(answer)
            self._changed.wait_for(self._has_room)
            if not self._abandoned.is_set():
                self._finished.append(answer)
                body = answer.body if answer.problem is None else answer.problem.body
                self._finished_bytes += len(body)
                self._changed.notify_all()

    def _has_room(self) -> bool:
        return len(self._finished) < MOST_WAITING and self._finished_bytes < MOST_WAITING_BYTES

    def _count(self, answer: Answer) -> None:
        """Stop the run when every key was refused or when nobody seems to be there."""
        problem = answer.problem
        failed = problem is not None and problem.no_answer
        if self._silence_counts or problem is None or problem.message != TIMEOUT.message:
            self._unanswered = self._unanswered + 1 if failed else 0
        if self._all_refused():
            self._stop_because("unauthorized")
        elif self._unanswered >= UNANSWERED_IN_A_ROW:
            self._stop_because("no_answer")

    def _stop_because(self, reason: StopReason) -> None:
        self.stopped_because = self.stopped_because or reason
        self._stop.set()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
        self._stop.set()
