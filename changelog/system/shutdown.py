"""Signals of this process: the request to stop, what it interrupts, and what a child is sent."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

_LONGEST_SLEEP_S = 5.0
"""A machine that was suspended wakes in the middle of one of these, and the clock is read after."""
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


_FROM_THE_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)
_POLITE_ENDS = (signal.SIGTERM, signal.SIGHUP)


Handler = Callable[[int, FrameType | None], None]


@contextmanager
def _handled_by(handler: Handler, numbers: Iterable[int]) -> Iterator[dict[int, Any]]:
    """Hand these signals to `handler` while this is open. One that is ignored stays so (``nohup``).

    Yield the handlers that were there before, by signal.
    """
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: old for number, old in before.items() if old not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, handler)
    try:
        yield before
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def running_s() -> float:
    """Return the seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    # Elsewhere than on Linux, the monotonic clock does.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Shutdown:
    """Whether this process was asked to stop, and by which signal."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget every request: a new run begins."""
        self.signal: int | None = None
        self._event = threading.Event()
        self._waiting = False

    @property
    def requested(self) -> bool:
        return self._event.is_set()

    def request(self, number: int = signal.SIGINT) -> None:
        """Ask this process to stop; the first signal is the one that counts."""
        self.signal = self.signal or number
        # No thread that waits for this event holds its lock for long, and the main thread never.
        self._event.set()

    def listening(self) -> AbstractContextManager[object]:
        """Take signals as requests while this is open."""
        return _handled_by(self._hear, _STOP_SIGNALS)

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.request(number)
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Raise KeyboardInterrupt inside, on a request of now or of before."""
        self._waiting = True
        try:
            if self.signal is not None:
                raise KeyboardInterrupt
            yield
        finally:
            self._waiting = False

    @contextmanager
    def deferred(self, *, raises: bool = True) -> Iterator[None]:
        """Raise the KeyboardInterrupt of a Ctrl-C at the end; of a second one at once.

        A commit can be done by the time that the interrupt is seen, so it must not look undone.
        Where it `raises` nothing at the end, what is `interruptible` next does.
        """
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(before):
            yield
            return
        came = False

        def wait(number: int, frame: FrameType | None) -> None:
            nonlocal came
            if came:
                before(number, frame)
            came = True
            self.request(number)

        with _handled_by(wait, [signal.SIGINT]):
            yield
        if came and raises:
            raise KeyboardInterrupt

    def sleep_until(self, at: float) -> None:
        """Sleep until `at` of `running_s`; a request ends it by KeyboardInterrupt."""
        with self.interruptible():
            while (left := at - running_s()) > 0:
                time.sleep(min(left, _LONGEST_SLEEP_S))


SHUTDOWN = Shutdown()
"""That of this process, which has one set of signal handlers."""


@contextmanager
def polite_end() -> Iterator[None]:
    """Take SIGTERM and a hang-up as Ctrl-C, so that what was begun is taken away again."""

    def end(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled_by(end, _POLITE_ENDS):
        yield


@contextmanager
def stop_signals_kept() -> Iterator[None]:
    """Keep SIGTERM and Ctrl-C for `wait_for_stop`; threads started inside never take them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def wait_for_stop() -> None:
    """Wait inside `stop_signals_kept` for one of its signals. Raises KeyboardInterrupt on
    Ctrl-C."""
    if signal.sigwait(_STOP_SIGNALS) == signal.SIGINT:
        raise KeyboardInterrupt


class ForwardedSignals:
    """While a child runs, what this program is sent ends the child at most, never this program.

    A terminal sends Ctrl-C to both, so that is not sent on: twice may mean more than once.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[Any] | None = None
        self._early: list[int] = []
        self._received: set[int] = set()

    @contextmanager
    def forwarded(self) -> "Iterator[ForwardedSignals]":
        with _handled_by(self._catch, (*_FROM_THE_KEYBOARD, *_POLITE_ENDS)) as before:
            yield self
            if signal.SIGHUP in self._received:
                # A shell passes the end of its terminal on once more: it has done its work by now.
                before[signal.SIGHUP] = signal.SIG_IGN

    @property
    def interrupted(self) -> bool:
        """Return whether a Ctrl-C came."""
        return signal.SIGINT in self._received

    def started(self, process: "subprocess.Popen[Any]") -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _catch(self, number: int, _: FrameType | None) -> None:
        self._received.add(number)
        if number in _FROM_THE_KEYBOARD and _in_the_foreground():
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


def _in_the_foreground() -> bool:
    """Return whether a terminal sends what is typed to the process group of this program."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
