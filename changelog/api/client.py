"""The API as the commands see it: DIDs over several connections, applications once a key."""

import random
import ssl
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from math import inf
from threading import Event, Thread

from changelog.api.address import check_api_url
from changelog.api.did_fetcher import ClientConfig, DidFetcher
from changelog.api.exchange import Connection
from changelog.api.failures import MISUSED
from changelog.api.fetch_pool import FetchPool
from changelog.api.keys import ApiKey, Keyring, each_once, secrets_of
from changelog.api.limits import Limits
from changelog.api.rate_limiter import Pause, RateLimiter
from changelog.api.responses import applications_in, together, unreadable
from changelog.api.transport import trusting_context
from changelog.model.answers import Answer, Applications
from changelog.model.did_ref import Target
from changelog.model.text.redaction import redact


class ApiClient:
    """The MiniVoice API (``model.ports.Api``), read with one key or several. Sends nothing but GET.

    A DID is asked for with the key that its target remembers, then with the others in their order;
    a 401 or 404 is passed on to the next one, anything else is the answer.

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
        url = check_api_url(api_url)
        self._config = ClientConfig(
            url=url,
            keys=each_once(keys),
            limits=limits,
            tls=_tls_for(url),
            rate_limiter=RateLimiter(rate, pause),
            clock=clock,
            compare=compare,
            chance=chance,
            pause=pause,
        )
        self._concurrency = concurrency
        self._tell_silence = tell_silence
        self._patience_s = patience_s
        self._pool: FetchPool | None = None
        self._keyring = Keyring(self._config.keys)

    def __repr__(self) -> str:
        return f"ApiClient({self.url!r}, {self.key_name})"

    @property
    def url(self) -> str:
        # A key that was pasted into the address must not be stored with it.
        return redact(self._config.url, secrets_of(self._config.keys))

    @property
    def key_name(self) -> str:
        """The first key's. Each answer says itself which key got it."""
        return self._config.keys[0].name

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
        self._keyring = keyring = Keyring(self._config.keys)

        def open_reader(stop: Event, abandoned: Event) -> DidFetcher:
            return DidFetcher(self._config, keyring, stop, abandoned)

        self._pool = FetchPool(
            targets,
            self._concurrency,
            open_reader,
            keyring.all_refused,
            self._tell_silence,
            silence_counts=self._config.limits.silence_counts,
            patience_s=self._patience_s,
        )
        return self._pool.answers()

    @property
    def stopped_because(self) -> str | None:
        """Why the last `fetch` left targets over: "unauthorized", "no_answer", or None."""
        return self._pool.stopped_because if self._pool else None

    def applications(self) -> Applications:
        """Ask with all keys at once: one try, three seconds at most. A failure is a remark."""
        found = dict.fromkeys((key.name for key in self._config.keys), Applications())

        def read(key: ApiKey) -> None:
            found[key.name] = self._applications_of(key)

        first, *others = self._config.keys
        beside = [Thread(target=read, args=(key,), daemon=True) for key in others]
        for thread in beside:
            thread.start()
        read(first)
        for thread in beside:
            thread.join()
        return together(found)

    def _applications_of(self, key: ApiKey) -> Applications:
        try:
            return self._read_applications(key)
        except Exception:
            # Asked for beside the DIDs: a bug here must not cost an answer about them.
            return unreadable(MISUSED.code)

    def _read_applications(self, key: ApiKey) -> Applications:
        config = self._config
        limits = config.limits.for_applications()
        with closing(Connection(limits, config.tls, Event())) as connection:
            received = connection.get(f"{config.url}/applications", key)
        return applications_in(received, config.keys)


def _tls_for(url: str) -> ssl.SSLContext | None:
    """Made once and shared, since reading the certificates takes long."""
    return None if url.startswith("http://") else trusting_context()
