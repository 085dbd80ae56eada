"""Until when the reads of one answer may take; what was found by then can still be shown."""

from __future__ import annotations

from time import monotonic

_GRACE_S = 2.0
"""How much longer the bodies and captures of what was found may take to be read."""


class Deadline:
    """`seconds` from now on; None for no end."""

    def __init__(self, seconds: float | None) -> None:
        self._ends_at = None if seconds is None else monotonic() + seconds

    @property
    def seconds_left(self) -> float | None:
        """None for no end."""
        return None if self._ends_at is None else self._ends_at - monotonic()

    @property
    def is_over(self) -> bool:
        return self._ends_at is not None and monotonic() > self._ends_at

    def extend(self) -> None:
        """Let what was found be shown, after a read was cut short."""
        if self._ends_at is not None:
            self._ends_at = monotonic() + _GRACE_S


NO_DEADLINE = Deadline(None)
