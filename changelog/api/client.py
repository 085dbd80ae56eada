"""The API as the commands see it: DIDs over several connections, applications once a key.

A DID is asked for again, and with other keys, where that may help.
"""

import random
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import count
from math import inf
from threading import Event, Lock, Thread
from typing import TypeAlias

from changelog.api.exchange import MISUSED, Connection, Limits, Received
from changelog.api.fetch_pool import FetchPool
from changelog.api.keys import (
    ApiKey,
    Attempt,
    Keyring,
    check_api_url,
    deciding_attempt,
    each_once,
    path_of,
    secrets_of,
)
from changelog.api.responses import answer_to, applications_in, together, unreadable
from changelog.api.transport import trusting_context
from changelog.model.answers import Answer, Applications
from changelog.model.did_ref import Target
from changelog.model.exits import UNAUTHORIZED
from changelog.model.text.redaction import redact
from changelog.model.text.times import http_date

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


class DidFetcher:
    """Reads DIDs one after the other over one connection.

    `stop`: once set, no further request is sent, and the last answer that a key got is its
    final one; `abandoned`: nobody wants the answers.
    """

    def __init__(
        self, client: "ApiClient", keyring: Keyring, stop: Event, abandoned: Event
    ) -> None:
        self._client = client
        self._keyring = keyring
        self._stop = stop
        self._until = 0.0
        self._sent_at = 0.0
        self._connection = Connection(client.limits, client.tls, abandoned)

    def read(self, target: Target) -> Answer | None:
        """Return the final answer; None if `stop` came before it, or if no key is left.

        A DID that gave its number away is asked for by its id, where no other has the number.
        """
        answer = self._read(target)
        if target.gave_away and answer is not None and answer.not_found:
            return self._read(target._replace(number=None))
        return answer

    def _read(self, target: Target) -> Answer | None:
        attempts = self._attempts(target)
        if attempts is None:
            return None
        deciding = deciding_attempt(attempts, target.key)
        api_time = http_date(attempts[-1].received.date)
        if api_time is not None:
            self._client.compare(api_time)
        return answer_to(target, deciding, self._client.clock(), self._client.keys)

    def _attempts(self, target: Target) -> list[Attempt] | None:
        """Ask with one key after the other until an answer is final. Return all attempts."""
        url = self._client.checked_url + path_of(target)
        self._until = time.monotonic() + self._client.limits.target_s
        attempts: list[Attempt] = []
        if self._keyring.all_refused():
            return None
        for key in self._keyring.in_order(target.key):
            received = self._keyring.refusal(key) or self._with_key(url, key, attempts)
            if received is None:
                # What the keys before got is no answer yet: this one might have read the DID.
                return None
            attempts.append(Attempt(key, received))
            if attempts[-1].final:
                break
        return attempts

    def _with_key(self, url: str, key: ApiKey, before: Sequence[Attempt]) -> Received | None:
        """Return the final answer to one key; what it says of the key itself is kept.

        `before`: what the other keys got for the same DID.
        """
        received = self._final(url, key)
        if received is not None and received.accepted:
            self._keyring.note_accepted(key, url)
        elif received is not None and received.refused and not self._keyring.is_of_did(before):
            self._keyring.judge(
                key, received, self._sent_at, partial(self._once, key=key), self._left_s
            )
        return received

    def _final(self, url: str, key: ApiKey) -> Received | None:
        received: Received | None = None
        for attempt in count(1):
            again = self._once(url, key)
            if again is None:
                return received
            received = again
            if not self._asks_again(attempt, received):
                return received
        raise AssertionError("unreachable")

    def _once(self, url: str, key: ApiKey) -> Received | None:
        """Ask once, when it is this thread's turn; None if `stop` came first."""
        if not self._wait_turn():
            return None
        self._sent_at = time.monotonic()
        return self._connection.get(url, key, self._left_s)

    @property
    def _left_s(self) -> float:
        return self._until - time.monotonic()

    def _wait_turn(self) -> bool:
        began = time.monotonic()
        is_due = self._client.rate_limiter.wait_turn(self._stop)
        # To wait for the rate is not to wait for the API.
        self._until += time.monotonic() - began
        return is_due

    def _asks_again(self, attempt: int, received: Received) -> bool:
        """Return whether another attempt is due: after the wait that goes before it."""
        client = self._client
        if attempt >= client.limits.attempts or not received.may_pass:
            return False
        seconds = wait_before_retry(
            attempt, received.retry_after, client.limits, client.chance(), client.clock()
        )
        if seconds is None or seconds >= self._left_s:
            return False
        client.pause(self._stop, seconds)
        return True

    def close(self) -> None:
        self._connection.close()


class ApiClient:
    """The MiniVoice API (``model.ports.Api``), read with one key or several. Sends nothing but GET.

    A DID is asked for with the key that its target remembers, then with the others in their order;
    a 401 or 404 is passed on to the next one, anything else is the answer. After a 401, a key that
    has read a DID is tried on that one again: only a second 401 refuses it.

    `clock` gives the time of arrival, aware; `compare` is given the API's own time before, where an
    answer says it, from any thread. `rate`: requests a second over all connections, None
    for no limit. `chance` (0 to 1) and `pause` are there for tests. Raises UsageError for a URL
    that no key may be sent to, and for certificates that cannot be read.
    `tell_silence` is called when a fetch got no answer for five seconds. A fetch ends after
    `patience_s` seconds of wall time, whatever hangs: its threads are left behind.
    """

    def __init__(
        self,
        api_url: str,
        keys: Sequence[ApiKey],
        *,
        clock: Callable[[], datetime],
        compare: Callable[[datetime], None] = lambda _: None,
        concurrency: int = 8,
        rate: float | None = None,
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        chance: Callable[[], float] = random.random,
        pause: Pause = Event.wait,
        tell_silence: Callable[[], None] = lambda: None,
        patience_s: float = inf,
    ) -> None:
        self.checked_url = check_api_url(api_url)
        self.keys = each_once(keys)
        self.limits = limits
        # Made once and shared, since reading the certificates takes long.
        self.tls = None if self.checked_url.startswith("http://") else trusting_context()
        self.rate_limiter = RateLimiter(rate, pause)
        self.clock = clock
        self.compare = compare
        self.chance = chance
        self.pause = pause
        self._concurrency = concurrency
        self._tell_silence = tell_silence
        self._patience_s = patience_s
        self._pool: FetchPool | None = None
        self._keyring = Keyring(self.keys, {})

    def __repr__(self) -> str:
        return f"ApiClient({self.url!r}, {self.key_name})"

    @property
    def url(self) -> str:
        # A key that was pasted into the address must not be stored with it.
        return redact(self.checked_url, secrets_of(self.keys))

    @property
    def key_name(self) -> str:
        """The first key's. Each answer says itself which key got it."""
        return self.keys[0].name

    @property
    def refused_keys(self) -> tuple[str, ...]:
        """The names of the keys that the last `fetch` was refused with."""
        return self._keyring.refused

    def fetch(self, targets: Iterable[Target]) -> Generator[list[Answer], None, None]:
        """Begin to fetch. Yield the final answer for each target, as they come.

        Close the generator to stop early.

        `targets` is advanced in the threads that fetch, one at a time, no further than needed; an
        exception of its own is raised here, after the answers that were under way.
        """
        self._keyring = keyring = self._keyring.renewed()

        self._pool = FetchPool(
            targets,
            self._concurrency,
            partial(DidFetcher, self, keyring),
            keyring.all_refused,
            self._tell_silence,
            silence_counts=self.limits.silence_counts,
            patience_s=self._patience_s,
        )
        return self._pool.answers()

    @property
    def stopped_because(self) -> str | None:
        """Why the last `fetch` left targets over, or read none: "unauthorized" where every key was
        refused, "no_answer", or None."""
        if self._pool is None:
            return None
        were_refused = len(self._keyring.refused) == len(self.keys)
        return self._pool.stopped_because or (UNAUTHORIZED if were_refused else None)

    def applications(self) -> Applications:
        """Ask with all keys at once: one try, three seconds at most. A failure is a remark."""
        found = dict.fromkeys((key.name for key in self.keys), Applications())

        def read(key: ApiKey) -> None:
            found[key.name] = self._read_applications(key)

        # Not an executor: at a Ctrl-C the process would wait for its threads.
        threads = [Thread(target=read, args=(key,), daemon=True) for key in self.keys]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return together(found)

    def _read_applications(self, key: ApiKey) -> Applications:
        limits = self.limits.for_applications()
        try:
            with closing(Connection(limits, self.tls, Event())) as connection:
                received = connection.get(f"{self.checked_url}/applications", key)
            return applications_in(received, self.keys)
        except Exception:
            # Asked for beside the DIDs: a bug here must not cost an answer about them.
            return unreadable(MISUSED.code)
