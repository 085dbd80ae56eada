"""How far a long run is, on stderr, on a terminal only."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from changelog.core.moments import span

_WORTH_SHOWING = 20
_INTERVAL_S = 0.2


class Progress:
    """``1200/100000  640/s  about 2 min left``, on a line of its own that goes away."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._began = self._shown_at = time.monotonic()
        self._shown = False
        self._on = total >= _WORTH_SHOWING and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()

    def step(self, done: int = 1) -> None:
        self._done += done
        now = time.monotonic()
        if self._on and now - self._shown_at >= _INTERVAL_S:
            self._clear()
            self._shown_at, self._shown = now, True
            rate = self._done / max(now - self._began, 0.001)
            left = span((self._total - self._done) / rate)
            sys.stderr.write(f"{self._done}/{self._total}  {rate:.0f}/s  about {left} left")
            sys.stderr.flush()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something else is written."""
        self._clear()
        yield

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False
