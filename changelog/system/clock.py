"""The time of this machine, put right where an API that is asked shows that it is wrong."""

import threading
from datetime import datetime, timedelta

from changelog.model.text.times import CLOCKS_DIFFER


class ClockCorrection:
    """How far this machine's clock is behind the API's; zero unless it is off by minutes."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self._lock = threading.Lock()

    def measure(self, machine: datetime, api: datetime) -> bool:
        """Compare the two clocks; return whether the offset is another one now.

        It stays while it fits: times must not jump with each answer.
        """
        off = api - machine
        with self._lock:
            if abs(off - self.offset) <= CLOCKS_DIFFER:
                return False
            self.offset = off if abs(off) > CLOCKS_DIFFER else timedelta()
            return True


CORRECTION = ClockCorrection()
"""This process's own."""
