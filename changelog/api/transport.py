"""An ``httpx.Client`` that keeps a deadline, trusts the named authorities, and adds nothing to what
it is given.

A timeout of a socket bounds one step: a server that sends a byte a second never meets it. So
httpcore, which asks for each step, is given streams that shorten its timeouts to what is left for
one whole answer.
"""

import os
import ssl
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo
from threading import Event, Thread
from typing import Any

import httpcore
import httpx

from changelog.model.errors import UsageError

MOST_ADDRESSES = 4


class NameNotResolved(httpcore.ConnectError):
    """The resolver knows no such name."""


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of `host`. Raises NameNotResolved, after `seconds` ConnectTimeout."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    places: Future[list[Any]] = Future()

    def resolve() -> None:
        try:
            places.set_result(getaddrinfo(host, port, type=SOCK_STREAM))
        except BaseException as error:
            places.set_exception(error)

    Thread(target=resolve, name="changelog-resolve", daemon=True).start()
    try:
        addresses = [str(place[0]) for *_, place in places.result(seconds)]
    except TimeoutError as error:
        raise httpcore.ConnectTimeout from error
    except (OSError, UnicodeError) as error:
        # A name that cannot be spelled for the resolver is a UnicodeError.
        raise NameNotResolved from error
    return list(dict.fromkeys(addresses))[:MOST_ADDRESSES]


_AT_ONCE = 16_384


class AnswerDeadline:
    """When the answer under way must be whole, and how far it came.

    `abandoned`: once set, the answer is given up at its next byte. `begun`: whether a byte of it
    came. `ended`: whether the connection ended. `host`: to which the last connection was made.
    """

    def __init__(self, abandoned: Event) -> None:
        self._abandoned = abandoned
        self.host = ""
        self.start(0)

    def start(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self.begun = self.ended = False

    def shorten(self, timeout: float | None) -> float:
        """Return `timeout`, or what is left if that is less. Raises httpcore.ReadTimeout."""
        left = self._until - time.monotonic()
        # Zero would mean "do not block" to a socket, which then fails in another way.
        if left <= 0 or self._abandoned.is_set():
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects for httpcore. `tls` secures the connections to https."""

    def __init__(self, deadline: AnswerDeadline, tls: ssl.SSLContext | None) -> None:
        self._deadline = deadline
        self._tls = tls
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: object, **__: object
    ) -> "DeadlineStream":
        """Connect to the first address of `host` that answers, each given its share of the time."""
        self._deadline.host = host
        until = time.monotonic() + self._deadline.shorten(timeout)
        addresses = addresses_of(host, port, until - time.monotonic())
        failure: Exception = httpcore.ConnectError("no address")
        for tried, address in enumerate(addresses):
            share = (until - time.monotonic()) / (len(addresses) - tried)
            try:
                stream = self._system.connect_tcp(address, port, max(share, 0.001))
                return DeadlineStream(stream, self._deadline, self._tls)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class DeadlineStream(httpcore.NetworkStream):
    """A connection over which httpcore sends requests and reads answers, one after the other."""

    def __init__(
        self, stream: httpcore.NetworkStream, deadline: AnswerDeadline, tls: ssl.SSLContext | None
    ) -> None:
        self._stream = stream
        self._deadline = deadline
        self._tls = tls
        self._unread = b""

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "DeadlineStream":
        """Secure the connection with the context that the backend has, not with `ssl_context`."""
        tls = self._tls or ssl_context
        try:
            left = self._deadline.shorten(timeout)
            secured = self._stream.start_tls(tls, server_hostname, left)
        except BaseException:
            self.close()
            raise
        return DeadlineStream(secured, self._deadline, tls)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Not at once: each part that the system takes would have the whole timeout again.
        for at in range(0, len(buffer), _AT_ONCE):
            self._stream.write(buffer[at : at + _AT_ONCE], self._deadline.shorten(timeout))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came, no bytes at the end of the connection.

        The last byte that came is held back until it is asked for. If it is not, it came behind the
        end of an answer: `is_readable` then says so, and the connection is not used again. To h11,
        it would be the beginning of the next answer.
        """
        data, self._unread = self._unread, b""
        if not data:
            data = self._received(max_bytes, timeout)
            if len(data) > 1:
                data, self._unread = data[:-1], data[-1:]
        return data

    def _received(self, max_bytes: int, timeout: float | None) -> bytes:
        data = self._stream.read(max_bytes, self._deadline.shorten(timeout))
        if not self._deadline.begun and not b"HTTP/".startswith(data[:5]):
            # h11 would wait for the end of a head, which may never come.
            raise httpcore.RemoteProtocolError("no answer of HTTP")
        self._deadline.begun |= bool(data)
        self._deadline.ended = not data
        return data

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        unread = info == "is_readable" and self._unread
        return unread or self._stream.get_extra_info(info)


def trusting_context() -> ssl.SSLContext:
    """Trust what SSL_CERT_FILE and SSL_CERT_DIR name and nothing else, or what the system trusts.

    Raises UsageError where that cannot be read, and where it is nothing.
    """
    file = os.environ.get("SSL_CERT_FILE") or None
    folder = os.environ.get("SSL_CERT_DIR") or None
    try:
        context = ssl.create_default_context(cafile=file, capath=folder)
        trusts_any = _trusts_any(context, folder)
    except OSError as error:
        raise UsageError(
            f"the certificates to trust cannot be read: {error.strerror or error}",
            "Correct or unset SSL_CERT_FILE and SSL_CERT_DIR",
        ) from error
    if not trusts_any:
        raise UsageError(
            "there are no certificates to trust, so no server can prove who it is",
            "Install the system's (on Debian: apt-get install ca-certificates), or name a file of "
            "them in SSL_CERT_FILE",
        )
    return context


def _trusts_any(context: ssl.SSLContext, folder: str | None) -> bool:
    if context.cert_store_stats()["x509"]:
        return True
    # A folder's certificates are read one by one, when they are needed.
    folder = folder or ssl.get_default_verify_paths().capath
    return folder is not None and any(Path(folder).iterdir())


KEEP_ALIVE_S = 15.0
# To parse one costs a twentieth of a request.
_origin = lru_cache(httpx.URL)
# The others stay out: httpx would keep cookies, and read the address of a redirect, though none is
# followed, and fail if it is broken.
_READ = (b"content-encoding", b"date", b"retry-after")


def open_client(
    deadline: AnswerDeadline, tls: ssl.SSLContext | None, connect_s: float, read_s: float
) -> httpx.Client:
    """Return a client with one keep-alive connection, for the use of one thread.

    There are no cookies and no redirects, and neither proxies nor netrc are read from the
    environment: all of them ways for a key to travel.
    """
    return httpx.Client(
        transport=DeadlineTransport(deadline, tls),
        trust_env=False,
        timeout=httpx.Timeout(read_s, connect=connect_s),
    )


def ready_request(
    method: str, url: str, headers: Mapping[str, str], content: bytes = b""
) -> httpx.Request:
    """Return a request to which httpx adds no header, and whose path it leaves as it is."""
    scheme, _, place = url.partition("://")
    host, slash, path = place.partition("/")
    return httpx.Request(
        method,
        _origin(f"{scheme}://{host}"),
        headers={"Host": host, **headers},
        stream=httpx.ByteStream(content),
        extensions={"target": (slash + path).encode("ascii")},
    )


class DeadlineTransport(httpx.BaseTransport):
    """Raises the exceptions of httpcore."""

    def __init__(self, deadline: AnswerDeadline, tls: ssl.SSLContext | None) -> None:
        self._backend = DeadlineBackend(deadline, tls)
        self._connection: httpcore.HTTPConnection | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = self._connected(asked.url.origin).handle_request(asked)
        read = [header for header in answer.headers if header[0].lower() in _READ]
        return httpx.Response(answer.status, headers=read, stream=_Body(answer))

    def _connected(self, origin: httpcore.Origin) -> httpcore.HTTPConnection:
        """Return the connection that there is, if it may be used again, else a new one."""
        kept = self._connection
        if kept and kept.is_available() and not kept.has_expired():
            return kept
        self.close()
        self._connection = httpcore.HTTPConnection(
            origin,
            # A stand-in: httpcore changes it for each connection, and the one that counts is shared
            # with threads that may be using it.
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            KEEP_ALIVE_S,
            network_backend=self._backend,
        )
        return self._connection

    def close(self) -> None:
        if self._connection:
            self._connection.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
