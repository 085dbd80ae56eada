"""The time of this machine, put right where an API that is asked shows that it is wrong.

And when the next round of ``watch`` is due, by two clocks.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from changelog.model.text.times import CLOCKS_DIFFER, from_micros, to_micros
from changelog.system.files import read_limited, replace_file

_REMEMBERED = timedelta(hours=1)
_LARGEST_FILE = 1024


class ClockCorrection:
    """How far this machine's clock is behind the API's; zero unless it is off by minutes."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self.is_measured = False
        self._lock = threading.Lock()

    def measure(self, machine: datetime, api: datetime) -> bool:
        """Compare the two clocks; return whether that is news: the first time, or another offset.

        It stays while it fits: times must not jump with each answer.
        """
        with self._lock:
            off = api - machine
            is_news = not self.is_measured
            self.is_measured = True
            if abs(off - self.offset) > CLOCKS_DIFFER:
                self.offset = off if abs(off) > CLOCKS_DIFFER else timedelta()
                is_news = True
            return is_news


CORRECTION = ClockCorrection()
"""This process's own."""


class RememberedOffset:
    """The offset that was measured last, in a small file: for commands that ask no API.

    It holds for an hour, and only as long as nobody sets the clock. Without a folder to write to,
    nothing is remembered. `running_s`: a clock that nobody sets.
    """

    def __init__(
        self, environ: Mapping[str, str], running_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._running_s = running_s
        state = environ.get("XDG_STATE_HOME", "")
        home = Path(environ.get("HOME", "/nonexistent")) / ".local" / "state"
        self._path = (Path(state) if os.path.isabs(state) else home) / "changelog" / "clock.json"

    def store(self, offset: timedelta, machine: datetime) -> None:
        """Store what was measured; a clock that is right takes away what was stored before."""
        with suppress(OSError):
            if not offset:
                self._path.unlink(missing_ok=True)
                return
            known = {
                "measured_us": to_micros(machine),
                "started_us": self._started_us(machine),
                "offset_us": offset // timedelta(microseconds=1),
            }
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, [json.dumps(known).encode()])

    def recall(self, machine: datetime) -> timedelta:
        """Return what was measured within the hour; zero where nothing was."""
        try:
            known = json.loads(read_limited(self._path, _LARGEST_FILE))
            age = machine - from_micros(int(known["measured_us"]))
            shifted_us = self._started_us(machine) - int(known["started_us"])
            offset = timedelta(microseconds=int(known["offset_us"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError):
            return timedelta()
        is_same_clock = abs(timedelta(microseconds=shifted_us)) <= CLOCKS_DIFFER
        return offset if timedelta() <= age <= _REMEMBERED and is_same_clock else timedelta()

    def _started_us(self, machine: datetime) -> int:
        """Return when this machine started by its own clock: another time once that was set."""
        return to_micros(machine) - int(self._running_s() * 1_000_000)


JITTER = 0.1
"""The part of an interval by which a round may come later, so that many watches do not march."""


class Clocks(NamedTuple):
    """Two clocks read at once, in seconds: one that only runs forward, and the one on the wall.

    While a machine sleeps the first may stand still; when it is set, the second jumps.
    """

    steady: float
    wall: float


def clocks() -> Clocks:
    """Read both clocks."""
    return Clocks(time.monotonic(), time.time())


def pause_of(interval_s: float, chance: float) -> float:
    """Return the seconds from one round to the next one; `chance` from 0 to 1."""
    return interval_s * (1 + JITTER * chance)


def seconds_left(began: Clocks, now: Clocks, pause_s: float) -> float:
    """Until the next round, 0 if it is due: when either clock says that its time has passed.

    A round that took longer, or a night asleep, is followed by one round at once and no more.
    """
    passed = max(now.steady - began.steady, now.wall - began.wall)
    return max(0.0, pause_s - passed)
