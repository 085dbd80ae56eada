"""How far a long run is, on stderr, on a terminal only."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from changelog.model.text.sanitize import clip
from changelog.model.text.times import format_duration
from changelog.render.style import whole

_FEWEST_SHOWN = 20
_INTERVAL_S = 0.2
_NAMED = 4
_LONG_S = 2.0
"""A longer silence is explained."""
_TICK_S = 1.0


class Progress:
    """``1200/100000  640/s  about 2 min left``, on a line of its own that goes away."""

    def __init__(self, total: int = 0) -> None:
        self._is_shown = False
        # A thread of its own explains a silence, while the main one may print.
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self.begins(total)

    def begins(self, total: int) -> None:
        """Start to count a part of the run anew."""
        self.close()
        self._total = total
        self._done = 0
        self._began = self._shown_at = self._answered_at = time.monotonic()

    def step(self, done: int = 1) -> None:
        self._done += done
        now = self._answered_at = time.monotonic()
        if self._done and self._total >= _FEWEST_SHOWN and now - self._shown_at >= _INTERVAL_S:
            self._shown_at = now
            rate = self._done / max(now - self._began, 0.001)
            left = format_duration((self._total - self._done) / rate)
            self.show(f"{self._done}/{self._total}  {rate:.0f}/s  about {left} left")

    def explain_waits(self, reason: Callable[[], str]) -> None:
        """Say on a terminal for what it is waited, once nothing was heard for two seconds."""
        if sys.stderr.isatty():
            threading.Thread(target=self._explain, args=(reason,), daemon=True).start()

    def _explain(self, reason: Callable[[], str]) -> None:
        while not self._ended.wait(_TICK_S):
            silence_s = time.monotonic() - self._answered_at
            done = f"{self._done} of {self._total} answered, " if self._total else ""
            with self._lock:
                if silence_s >= _LONG_S and not self._ended.is_set():
                    self.show(f"waiting for {reason()}: {done}{format_duration(silence_s)}")

    def waiting(self, total: int, pending: Sequence[str], left_s: float) -> None:
        """Show ``3 of 5 as expected, waiting for did_104, did_105  4 min 12 s left`` between
        rounds."""
        names = ", ".join(pending[:_NAMED]) + (" …" if len(pending) > _NAMED else "")
        left = "reading once more" if left_s <= 0 else f"{format_duration(left_s)} left"
        done = total - len(pending)
        self._answered_at = time.monotonic()
        self.show(f"{done} of {total} as expected, waiting for {names}  {left}")

    def show(self, content: str) -> None:
        """Put `content` in the place of what the line shows."""
        with self._lock:
            self.close()
            if sys.stderr.isatty():
                sys.stderr.write(clip(whole(content), _columns() - 1))
                sys.stderr.flush()
                self._is_shown = True

    def close(self) -> None:
        """Take the line away."""
        with self._lock:
            if self._is_shown:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
                self._is_shown = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away while something else is written."""
        with self._lock:
            self.close()
            yield

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended.set()
            self.close()


def _columns() -> int:
    try:
        return max(2, os.get_terminal_size(sys.stderr.fileno()).columns or 80)
    except OSError:
        return 80
