"""The API as the commands see it: DIDs fetched over several connections, applications read once."""

import math
import random
import ssl
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from datetime import datetime
from threading import Event

from changelog.core.answers import Answer, Applications
from changelog.core.errors import UsageError
from changelog.core.naming import Target
from changelog.core.redaction import redact
from changelog.minivoice.address import check_api_url
from changelog.minivoice.applications import applications_in, unreadable
from changelog.minivoice.exchange import Connection
from changelog.minivoice.failures import MISUSED
from changelog.minivoice.fetching import Crew
from changelog.minivoice.key import check_key
from changelog.minivoice.limits import Limits
from changelog.minivoice.pace import Pace, Pause
from changelog.minivoice.reading import Reader, Terms
from changelog.minivoice.trust import trusting_context

LOWEST_RATE = 1 / 86400
"""One request a day: below it, no clock can wait for the next one."""


class ApiClient:
    """The MiniVoice API (``core.ports.Api``), read with one key. Sends nothing but GET.

    `clock` gives the time of arrival, aware. `rate`: requests a second over all connections, None
    for no limit. `chance` (0 to 1) and `pause` are there for tests. Raises UsageError for a URL
    that no key may be sent to, an impossible key, and certificates that cannot be read.
    """

    def __init__(
        self,
        api_url: str,
        key: str,
        *,
        clock: Callable[[], datetime],
        concurrency: int = 8,
        rate: float | None = None,
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        chance: Callable[[], float] = random.random,
        pause: Pause = Event.wait,
    ) -> None:
        url = check_api_url(api_url)
        _check_load(concurrency, rate)
        self._terms = Terms(
            url=url,
            key=check_key(key),
            limits=limits,
            tls=_tls_for(url),
            pace=Pace(rate, pause),
            clock=clock,
            chance=chance,
            pause=pause,
        )
        self._concurrency = concurrency
        self._crew: Crew | None = None

    def __repr__(self) -> str:
        return f"ApiClient({self.url!r}, {self.key_name})"

    @property
    def url(self) -> str:
        # A key that was pasted into the address must not be stored with it.
        return redact(self._terms.url, [self._terms.key.secret])

    @property
    def key_name(self) -> str:
        return self._terms.key.name

    def fetch(self, targets: Iterable[Target]) -> Generator[list[Answer], None, None]:
        """The final answer for each target, as they come. Close the generator to stop early.

        `targets` is advanced in the threads that fetch, one at a time, no further than needed; an
        exception of its own is raised here, after the answers that were under way.
        """
        self._crew = crew = Crew(targets, self._concurrency, self._open_reader)
        return crew.answers()

    def _open_reader(self, stop: Event, abandoned: Event) -> Reader:
        return Reader(self._terms, stop, abandoned)

    @property
    def stopped_because(self) -> str | None:
        """Why the last `fetch` left targets over: "unauthorized", "no_answer", or None."""
        return self._crew.stopped_because if self._crew else None

    def applications(self) -> Applications:
        """One try of three seconds at most; whatever goes wrong becomes the remark."""
        try:
            return self._applications()
        except Exception:
            # Asked for beside the DIDs: a bug here must not cost an answer about them.
            return unreadable(MISUSED.code)

    def _applications(self) -> Applications:
        terms = self._terms
        limits = terms.limits.for_applications()
        with closing(Connection(terms.key, limits, terms.tls, Event())) as connection:
            received = connection.get(f"{terms.url}/applications")
        return applications_in(received, terms.key)


def _check_load(concurrency: int, rate: float | None) -> None:
    if concurrency < 1:
        raise UsageError("the concurrency must be at least 1", "Try --concurrency 8")
    if rate is not None and not (math.isfinite(rate) and rate >= LOWEST_RATE):
        raise UsageError("the rate must be a number above 0", "Try --rate 10/s")


def _tls_for(url: str) -> ssl.SSLContext | None:
    """Made once and shared, since reading the certificates takes long."""
    return None if url.startswith("http://") else trusting_context()
