"""``--notify URL``: posts an alert as JSON to an address of the operator's own.

It shares nothing with the client of the API: no key is ever sent here, and the API is never sent
anything but GET.
"""

import http.client
import queue
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from changelog import __version__
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
        self._tls = ssl_context() if self._url.scheme == "https" else None

    @property
    def place(self) -> str:
        """Where alerts go, fit to be shown: paths and queries of such addresses hold secrets."""
        port = f":{self._url.port}" if self._url.port else ""
        return f"{self._url.scheme}://{self._url.hostname}{port}"

    def __call__(self, alert: WatchAlert) -> str | None:
        body = line("watch", alert).encode()
        said = ""
        for attempt in range(TRIES):
            if attempt:
                self._sleep(BACKOFF_S * 2 ** (attempt - 1))
            status, said = self._within_time(body)
            if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                return said
        self._warn(f"alert {alert.id} was not taken by {self.place}: {said}; tried again later")
        return None

    def _within_time(self, body: bytes) -> tuple[int | None, str]:
        """(status, what to say of it). In a thread: no timeout bounds the resolver, nor all of an
        answer that drips."""
        answer: queue.Queue[tuple[int | None, str]] = queue.Queue()
        connection = self._connection()
        threading.Thread(
            target=lambda: answer.put(self._post(connection, body)),
            name="notify",
            daemon=True,
        ).start()
        try:
            return answer.get(timeout=TRY_S)
        except queue.Empty:
            _hang_up(connection)
            return None, "no answer in time"

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int | None, str]:
        try:
            connection.request("POST", self._path, body, self._headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException, ValueError) as error:
            # Not in its own words: they may repeat the address. A name that cannot be spelled for
            # the resolver is a ValueError.
            return None, f"no answer ({type(error).__name__})"
        finally:
            connection.close()
        # A redirect is not followed: it is no receipt, and may lead to another host.
        return status, f"status {status}"

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._tls is not None:
            return http.client.HTTPSConnection(host, port, timeout=TRY_S, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=TRY_S)

    @property
    def _path(self) -> str:
        query = f"?{self._url.query}" if self._url.query else ""
        return f"{self._url.path or '/'}{query}"

    @property
    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"changelog/{__version__}"}
        if self._url.username is not None:
            pair = f"{unquote(self._url.username)}:{unquote(self._url.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return headers


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End what the thread waits for: an answer that drips for ever would keep it for ever."""
    held = connection.sock
    if held is not None:
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)


def ssl_context() -> ssl.SSLContext:
    from changelog.api.tls import trusting_context

    return trusting_context()


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
