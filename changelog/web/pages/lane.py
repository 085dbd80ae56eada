"""One lane for heavy work: whatever may take long waits for nobody, and nothing waits for it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class LaneTaken(Exception):
    """Somebody else's heavy page is being made."""


class Lane:
    """Room for one at a time. A second one is sent away: it would hold a thread of the light."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Hold the lane for the time of the work. Raises LaneTaken."""
        if not self._lock.acquire(blocking=False):
            raise LaneTaken
        try:
            yield
        finally:
            self._lock.release()
