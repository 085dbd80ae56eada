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
from changelog.api.keys import ApiKey, Attempt, Keyring, deciding_attempt
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
    rate_limiter: RateLimiter
    clock: Callable[[], datetime]
    compare: Callable[[datetime], None]
    chance: Callable[[], float]
    pause: Pause


class DidFetcher:
    """`stop`: once set, no further request is sent, and the last answer that a key got is its
    final one; `abandoned`: nobody wants the answers."""

    def __init__(
        self, config: ClientConfig, keyring: Keyring, stop: Event, abandoned: Event
    ) -> None:
        self._config = config
        self._keyring = keyring
        self._stop = stop
        self._until = 0.0
        self._connection = Connection(config.limits, config.tls, abandoned)

    def read(self, target: Target) -> Answer | None:
        """Return the final answer; None if `stop` came before it, or if no key is left."""
        attempts = self._attempts(target)
        if attempts is None:
            return None
        deciding = deciding_attempt(attempts, target.key)
        api_time = http_date(attempts[-1].received.date)
        if api_time is not None:
            self._config.compare(api_time)
        return answer_to(target, deciding, self._config.clock(), self._config.keys)

    def _attempts(self, target: Target) -> list[Attempt] | None:
        """Ask with one key after the other until an answer is final. Return all attempts."""
        url = self._config.url + path_of(target)
        self._until = time.monotonic() + self._config.limits.target_s
        attempts: list[Attempt] = []
        if self._keyring.all_refused():
            return None
        for key in self._keyring.in_order(target.key):
            received = self._keyring.refusal(key) or self._final(url, key)
            if received is None:
                # What the keys before got is no answer yet: this one might have read the DID.
                return None
            attempts.append(Attempt(key, received))
            self._keyring.note(attempts[-1])
            if attempts[-1].final:
                break
        return attempts

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
        is_due = self._config.rate_limiter.wait_turn(self._stop)
        # To wait for the rate is not to wait for the API.
        self._until += time.monotonic() - began
        return is_due

    def _asks_again(self, attempt: int, received: Received) -> bool:
        """Return whether another attempt is due: after the wait that goes before it."""
        config = self._config
        if attempt >= config.limits.attempts or not received.may_pass:
            return False
        seconds = wait_before_retry(
            attempt, received.retry_after, config.limits, config.chance(), config.clock()
        )
        if seconds is None or seconds >= self._left_s:
            return False
        config.pause(self._stop, seconds)
        return True

    def close(self) -> None:
        self._connection.close()
