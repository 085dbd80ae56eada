"""``--notify URL``: posts an alert as JSON to an address of the operator's own."""

from base64 import b64encode
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from changelog import __version__
from changelog.api.failures import Failure
from changelog.api.post import post
from changelog.api.transport import trusting_context
from changelog.model.errors import UsageError
from changelog.model.results.watch import WatchAlert
from changelog.render.documents import line

TRIES = 3
TRY_S = 5.0
"""The longest that one try may take, from resolving the name to the status."""
BACKOFF_S = 0.5
Sleep = Callable[[float], None]


class Notify:
    """Posts each alert; after `TRIES` in vain it is left for the next round.

    Raises UsageError for a URL that an alert must not be sent to: plain http beyond this host.
    """

    def __init__(self, url: str, sleep: Sleep, warn: Callable[[str], None]) -> None:
        self._url = _checked(url)
        self._sleep = sleep
        self._warn = warn
        self._tls = trusting_context() if self._url.scheme == "https" else None

    @property
    def place(self) -> str:
        """Return where alerts go, fit to be shown: the path and the query may hold a secret."""
        port = f":{self._url.port}" if self._url.port else ""
        return f"{self._url.scheme}://{self._url.hostname}{port}"

    def __call__(self, alert: WatchAlert) -> bool:
        body = line("watch", alert).encode()
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(BACKOFF_S * 2 ** (attempt - 1))
            outcome = post(self._destination, self._headers, body, self._tls, TRY_S)
            if isinstance(outcome, Failure):
                reason = f"no answer: {outcome.message}"
                continue
            reason = f"status {outcome}"
            # A redirect is not followed: it is no receipt, and may lead to another host.
            if HTTPStatus.OK <= outcome < HTTPStatus.MULTIPLE_CHOICES:
                return True
        self._warn(f"alert {alert.id} was not taken by {self.place}: {reason}; tried again later")
        return False

    @property
    def _destination(self) -> str:
        """Return the address without the user's name and password, which are sent as a header."""
        place = self._url.netloc.rpartition("@")[2]
        query = f"?{self._url.query}" if self._url.query else ""
        return f"{self._url.scheme}://{place}{self._url.path or '/'}{query}"

    @property
    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"changelog/{__version__}"}
        if self._url.username is not None:
            pair = f"{unquote(self._url.username)}:{unquote(self._url.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return headers


def _checked(url: str) -> SplitResult:
    # Never repeated in a message: what is wrong with it may be its secret.
    hint = "Write --notify https://HOST/PATH; plain http to this host only."
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.scheme not in ("http", "https") or not _is_sendable(url):
        raise UsageError("the address of --notify is none that can be used", hint)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise UsageError(
            "the address of --notify must be https: alerts would cross the network in the clear",
            hint,
        )
    return parts


def _is_sendable(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
