"""When the next round of ``watch`` is due."""

from typing import NamedTuple

JITTER = 0.1
"""The part of an interval by which a round may come later, so that many watches do not march."""


class Clocks(NamedTuple):
    """Two clocks read at once, in seconds: one that only runs forward, and the one on the wall.

    While a machine sleeps the first may stand still; when it is set, the second jumps.
    """

    steady: float
    wall: float


def pause_of(interval_s: float, chance: float) -> float:
    """Seconds from the beginning of a round to that of the next one; `chance` from 0 to 1."""
    return interval_s * (1 + JITTER * chance)


def seconds_left(began: Clocks, now: Clocks, pause_s: float) -> float:
    """Until the next round, 0 if it is due: when either clock says that its time has passed.

    A round that took longer, or a night asleep, is followed by one round at once and no more.
    """
    passed = max(now.steady - began.steady, now.wall - began.wall)
    return max(0.0, pause_s - passed)
