"""How far a long run is, on stderr, on a terminal only."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from changelog.model.text.sanitize import clip, escape
from changelog.model.text.times import format_duration

if TYPE_CHECKING:
    from changelog.commands.recording.verify_loop import Waiting

_WORTH_SHOWING = 20
_INTERVAL_S = 0.2


class StatusLine:
    """A line of its own on the terminal that goes away."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._shown = False

    def show(self, content: str) -> None:
        if self._on:
            self.clear()
            sys.stderr.write(clip(content, _columns() - 1))
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


def _columns() -> int:
    try:
        return max(2, os.get_terminal_size(sys.stderr.fileno()).columns or 80)
    except OSError:
        return 80


class Progress:
    """``1200/100000  640/s  about 2 min left``, on a line of its own that goes away."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._began = self._shown_at = time.monotonic()
        self._line = StatusLine()
        self._on = total >= _WORTH_SHOWING

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        self._line.clear()

    def step(self, done: int = 1) -> None:
        self._done += done
        now = time.monotonic()
        if self._on and now - self._shown_at >= _INTERVAL_S:
            self._shown_at = now
            rate = self._done / max(now - self._began, 0.001)
            left = format_duration((self._total - self._done) / rate)
            self._line.show(f"{self._done}/{self._total}  {rate:.0f}/s  about {left} left")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While something else is written."""
        self._line.clear()
        yield


class PhaseProgress:
    """The same, of one part of a run after the other."""

    def __init__(self) -> None:
        self._phase = Progress(0)

    def begins(self, total: int) -> None:
        self.close()
        self._phase = Progress(total)

    def step(self, done: int) -> None:
        self._phase.step(done)

    def close(self) -> None:
        self._phase.end()


_NAMED = 4


class PollProgress:
    """``3 of 5 as expected, waiting for did_104, did_105  4 min 12 s left``, between the rounds."""

    def __init__(self) -> None:
        self._line = StatusLine()
        self._round = Progress(0)

    def round_begins(self, size: int) -> None:
        self._round.end()
        self._round = Progress(size)

    def step(self) -> None:
        self._line.clear()
        self._round.step()

    def waiting(self, waiting: "Waiting") -> None:
        self._round.end()
        pending = [escape(target.to_fetch.requested) for target in waiting.pending]
        names = ", ".join(pending[:_NAMED]) + (" …" if len(pending) > _NAMED else "")
        left = (
            f"{format_duration(waiting.left_s)} left" if waiting.left_s > 0 else "reading once more"
        )
        done = waiting.total - len(pending)
        self._line.show(f"{done} of {waiting.total} as expected, waiting for {names}  {left}")

    def close(self) -> None:
        self._line.clear()
        self._round.end()
