"""The time of this machine, put right where an API that is asked shows that it is wrong."""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from changelog.model.text.times import CLOCKS_DIFFER
from changelog.system.files import read_limited, replace_file

_REMEMBERED = timedelta(hours=1)
_LARGEST_FILE = 1024


class ClockCorrection:
    """How far this machine's clock is behind the API's; zero unless it is off by minutes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin a run: nothing is measured yet."""
        self.offset = timedelta()
        self._is_measured = False

    def measure(self, machine: datetime, api: datetime) -> bool:
        """Compare the two clocks; return whether that is news: the first time, or another offset.

        It stays while it fits: times must not jump with each answer.
        """
        off = api - machine
        with self._lock:
            is_news = not self._is_measured
            self._is_measured = True
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
        known = machine.timestamp(), self._started_s(machine), offset.total_seconds()
        with suppress(OSError):
            if not offset:
                self._path.unlink(missing_ok=True)
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, [json.dumps(known).encode()])

    def recall(self, machine: datetime) -> timedelta:
        """Return what was measured within the hour; zero where nothing was."""
        try:
            known = json.loads(read_limited(self._path, _LARGEST_FILE))
            measured, started, offset = (timedelta(seconds=each) for each in known)
        except (OSError, ValueError, TypeError, OverflowError):
            return timedelta()
        age = timedelta(seconds=machine.timestamp()) - measured
        shifted = timedelta(seconds=self._started_s(machine)) - started
        holds = timedelta() <= age <= _REMEMBERED and abs(shifted) <= CLOCKS_DIFFER
        return offset if holds else timedelta()

    def _started_s(self, machine: datetime) -> float:
        """Return when this machine started by its own clock: another time once that was set."""
        return machine.timestamp() - self._running_s()
