"""How long and how often the API is asked: limits, even spacing, back-off with jitter."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event, Lock
from typing import Self, TypeAlias

APPLICATIONS_S = 3.0
_TO_STORE_S = 0.15
"""Left for handing over that there was no answer, so that this too is stored."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. `connect_s` is for resolving the name and connecting, and once more for
    TLS; `read_s` for the next byte; `answer_s` for all of one answer, from connecting to the last
    byte, however steadily it drips; `target_s` for one DID over all attempts and keys, the waits
    between them included. `attempts` counts the first one too, for each key. `silence_counts`:
    whether a DID that is not answered in time counts as a failed connection: many end the run.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    answer_s: float = 30.0
    target_s: float = 45.0
    attempts: int = 4
    body_bytes: int = 1024 * 1024
    longest_retry_after_s: float = 30.0
    backoff_s: float = 0.5
    longest_backoff_s: float = 8.0
    silence_counts: bool = True

    @classmethod
    def quick(cls, within_s: float = 2.0) -> Self:
        """Try once a key, with the outcome a little before `within_s`: somebody waits for it."""
        whole = max(0.1, within_s - _TO_STORE_S)
        return cls(connect_s=whole, read_s=whole, answer_s=whole, target_s=whole, attempts=1)

    def for_applications(self) -> Self:
        """Try once: without it a capture lacks some destinations and nothing else."""
        return replace(self, answer_s=min(self.answer_s, APPLICATIONS_S), attempts=1)


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
