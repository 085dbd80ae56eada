"""Reads DIDs one after the other over one connection, asking again where that may help."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from threading import Event

from changelog.core.answers import Answer
from changelog.core.naming import Target
from changelog.minivoice.address import path_of
from changelog.minivoice.answers import answer_to
from changelog.minivoice.exchange import Connection, Received
from changelog.minivoice.key import ApiKey
from changelog.minivoice.limits import Limits
from changelog.minivoice.pace import Pace, Pause, wait_before_retry


@dataclass(frozen=True, slots=True)
class Terms:
    """What all requests of one client have in common. `chance` gives a number from 0 to 1."""

    url: str
    key: ApiKey
    limits: Limits
    tls: ssl.SSLContext | None
    pace: Pace
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    pause: Pause


class Reader:
    """`stop`: once set, no further request is sent, and the last answer that came is the final
    one; `abandoned`: nobody wants the answers."""

    def __init__(self, terms: Terms, stop: Event, abandoned: Event) -> None:
        self._terms = terms
        self._stop = stop
        self._connection = Connection(terms.key, terms.limits, terms.tls, abandoned)

    def read(self, target: Target) -> Answer | None:
        """The final answer, or None if `stop` came before the first request."""
        received = self._final(self._terms.url + path_of(target))
        if received is None:
            return None
        return answer_to(target, received, self._terms.clock(), self._terms.key)

    def _final(self, url: str) -> Received | None:
        received: Received | None = None
        for attempt in count(1):
            if not self._terms.pace.wait_turn(self._stop):
                return received
            received = self._connection.get(url)
            if not self._asks_again(attempt, received):
                return received
        raise AssertionError("unreachable")

    def _asks_again(self, attempt: int, received: Received) -> bool:
        """Whether another attempt is due: after the wait that goes before it."""
        terms = self._terms
        if attempt >= terms.limits.attempts or not received.may_pass:
            return False
        seconds = wait_before_retry(
            attempt, received.retry_after, terms.limits, terms.chance(), terms.clock()
        )
        if seconds is None:
            return False
        terms.pause(self._stop, seconds)
        return True

    def close(self) -> None:
        self._connection.close()
