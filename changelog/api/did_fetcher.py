"""Reads DIDs one after the other over one connection, asking again, and with other keys, where
that may help."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from threading import Event

from changelog.api.address import path_of
from changelog.api.exchange import Connection, Received
from changelog.api.key import ApiKey
from changelog.api.keys import Attempt, Keyring, that_counts
from changelog.api.limits import Limits
from changelog.api.rate_limiter import Pause, RateLimiter, http_date, wait_before_retry
from changelog.api.responses import answer_to
from changelog.model.answers import Answer
from changelog.model.did_ref import Target


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What all requests of one client have in common. `chance` gives a number from 0 to 1."""

    url: str
    keys: tuple[ApiKey, ...]
    limits: Limits
    tls: ssl.SSLContext | None
    pace: RateLimiter
    clock: Callable[[], datetime]
    compare: Callable[[datetime], None]
    chance: Callable[[], float]
    pause: Pause


class DidFetcher:
    """`stop`: once set, no further request is sent, and the last answer that a key got is its
    final one; `abandoned`: nobody wants the answers."""

    def __init__(
        self, terms: ClientConfig, keyring: Keyring, stop: Event, abandoned: Event
    ) -> None:
        self._terms = terms
        self._keyring = keyring
        self._stop = stop
        self._until = 0.0
        self._connection = Connection(terms.limits, terms.tls, abandoned)

    def read(self, target: Target) -> Answer | None:
        """The final answer; None if `stop` came before it, or if no key is left to ask with."""
        tried = self._tried(target)
        if tried is None:
            return None
        counts = that_counts(tried, target.key)
        api_time = http_date(tried[-1].received.date)
        if api_time is not None:
            self._terms.compare(api_time)
        return answer_to(target, counts, self._terms.clock(), self._terms.keys)

    def _tried(self, target: Target) -> list[Attempt] | None:
        """What the keys got, one after the other until one is final, none asked in vain."""
        url = self._terms.url + path_of(target)
        self._until = time.monotonic() + self._terms.limits.target_s
        tried: list[Attempt] = []
        if self._keyring.all_refused():
            return None
        for key in self._keyring.in_order(target.key):
            received = self._keyring.refusal(key) or self._final(url, key)
            if received is None:
                # What the keys before got is no answer yet: this one might have read the DID.
                return None
            tried.append(Attempt(key, received))
            self._keyring.saw(tried[-1])
            if tried[-1].final:
                break
        return tried

    def _final(self, url: str, key: ApiKey) -> Received | None:
        received: Received | None = None
        for attempt in count(1):
            if not self._wait_turn():
                return received
            received = self._connection.get(url, key, self._left_s)
            if not self._asks_again(attempt, received):
                return received
        raise AssertionError("unreachable")

    @property
    def _left_s(self) -> float:
        return self._until - time.monotonic()

    def _wait_turn(self) -> bool:
        began = time.monotonic()
        is_due = self._terms.pace.wait_turn(self._stop)
        # To wait for the rate is not to wait for the API.
        self._until += time.monotonic() - began
        return is_due

    def _asks_again(self, attempt: int, received: Received) -> bool:
        """Whether another attempt is due: after the wait that goes before it."""
        terms = self._terms
        if attempt >= terms.limits.attempts or not received.may_pass:
            return False
        seconds = wait_before_retry(
            attempt, received.retry_after, terms.limits, terms.chance(), terms.clock()
        )
        if seconds is None or seconds >= self._left_s:
            return False
        terms.pause(self._stop, seconds)
        return True

    def close(self) -> None:
        self._connection.close()
