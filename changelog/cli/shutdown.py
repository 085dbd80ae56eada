"""SIGTERM and Ctrl-C as wishes: what waits is interrupted at once, what stores is let finish."""

import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from changelog.commands.interrupts import asked_to_stop
from changelog.model.text.schedule import Clocks, seconds_left

if TYPE_CHECKING:
    from changelog.model.answers import Answer, Applications
    from changelog.model.did_ref import Target
    from changelog.model.ports import Api

_LONGEST_SLEEP_S = 5.0
"""A machine that slept wakes in the middle of one of these, and looks at the clock after it."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Shutdown:
    """Whether this process was asked to stop, and by which signal."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self.wished = threading.Event()
        self._waiting = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals are wishes while this is open. One that was ignored stays so (``nohup``)."""
        before = {one: signal.getsignal(one) for one in _SIGNALS}
        for one, handler in before.items():
            if handler != signal.SIG_IGN:
                signal.signal(one, self._hear)
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def is_wished(self) -> bool:
        """By either way: while answers are stored, a Ctrl-C is held back from `listening`."""
        return self.signal is not None or asked_to_stop()

    def wish(self, number: int) -> None:
        """This process is to stop; the first signal is the one that counts."""
        self.signal = self.signal or number
        # No thread that waits for this event holds its lock for long, and the main thread never.
        self.wished.set()

    def _hear(self, number: int, _: FrameType | None) -> None:
        self.wish(number)
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Inside, a wish to stop raises KeyboardInterrupt, one from before too."""
        self._waiting = True
        try:
            if self.signal is not None:
                raise KeyboardInterrupt
            yield
        finally:
            self._waiting = False

    def sleep_from(self, began: Clocks, pause_s: float, clocks: Callable[[], Clocks]) -> None:
        """Sleep until `pause_s` after `began` by either clock."""
        with self.interruptible():
            while left := seconds_left(began, clocks(), pause_s):
                time.sleep(min(left, _LONGEST_SLEEP_S))


def clocks() -> Clocks:
    return Clocks(time.monotonic(), time.time())


class StoppableApi:
    """An API of which a wish to stop interrupts the waiting, and nothing but the waiting."""

    def __init__(self, api: "Api", stop: Shutdown) -> None:
        self._api = api
        self._stop = stop

    @property
    def url(self) -> str:
        return self._api.url

    @property
    def key_name(self) -> str:
        return self._api.key_name

    @property
    def stopped_because(self) -> str | None:
        return self._api.stopped_because

    @property
    def refused_keys(self) -> Sequence[str]:
        return self._api.refused_keys

    def fetch(self, targets: "Iterable[Target]") -> "Generator[list[Answer], None, None]":
        with closing(self._api.fetch(targets)) as batches:
            while True:
                with self._stop.interruptible():
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch

    def applications(self) -> "Applications":
        """As the API has them; given up when this process is asked to stop."""
        from changelog.model.answers import Applications

        found: list[Applications] = []
        ended = self._stop.wished

        def read() -> None:
            found.append(self._api.applications())

        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        while reading.is_alive() and not ended.is_set():
            reading.join(0.1)
        return found[0] if found else Applications(remark="stopped before /applications was read")
