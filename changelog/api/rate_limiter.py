"""When the next request may start: even spacing, back-off with jitter, what the server asks for."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from typing import TypeAlias

from changelog.api.limits import Limits

Pause: TypeAlias = Callable[[Event, float], object]
"""Waits for the event, so many seconds at most."""


class RateLimiter:
    """Starts requests at most `rate` times a second over all threads, evenly, without a burst."""

    def __init__(self, rate: float | None, pause: Pause) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._pause = pause
        self._lock = Lock()
        self._next_start = 0.0

    def wait_turn(self, stop: Event) -> bool:
        """Return whether it is this thread's turn; False if `stop` came first."""
        if self._interval:
            with self._lock:
                now = time.monotonic()
                start = max(now, self._next_start)
                self._next_start = start + self._interval
            self._pause(stop, start - now)
        return not stop.is_set()


def wait_before_retry(
    attempt: int, retry_after: str | None, limits: Limits, chance: float, now: datetime
) -> float | None:
    """Return the seconds to wait after the `attempt`-th one; None if the server wants too long.

    Full jitter: `chance` (0 to 1) of the back-off, so that threads do not come back together.
    """
    longest = min(limits.longest_backoff_s, limits.backoff_s * 2.0 ** (attempt - 1))
    requested = requested_wait(retry_after, now) or 0.0
    if requested > limits.longest_retry_after_s:
        return None
    return max(requested, chance * longest)


def requested_wait(retry_after: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either form; None if unclear."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def http_date(text: str | None) -> datetime | None:
    """Return the moment that a header names as HTTP spells dates; None if it names none."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
