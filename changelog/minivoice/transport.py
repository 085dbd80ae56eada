"""A transport of httpx that bounds the time of one whole answer, below httpx.

httpx's timeouts bound each step: a server that sends a byte a second never meets them, and the
resolver of names knows none at all.
"""

import ssl
import time
from collections.abc import Iterable
from concurrent.futures import Future
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from threading import Event, Thread
from typing import Any

import httpcore
import httpx

KEEP_ALIVE_S = 15.0
MOST_ADDRESSES = 4
"""Of one name. Each gets its share of the time to connect, so that a dead one is passed over."""


class Watch:
    """How long the answer under way may still take, and how far it has come.

    `begun`: a byte of it was received; `ended`: the server closed the connection.
    """

    def __init__(self, abandoned: Event) -> None:
        self._abandoned = abandoned
        self._until = 0.0
        self.begun = self.ended = False

    def start(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self.begun = self.ended = False

    def shortened(self, timeout: float | None, late: type[Exception]) -> float:
        """`timeout` in seconds, or what is left if that is less; raises `late` if nothing is."""
        left = self._until - time.monotonic()
        # Zero would mean "do not block" to a socket, which then fails in another way.
        if left <= 0 or self._abandoned.is_set():
            raise late
        return left if timeout is None else min(timeout, left)

    def saw(self, data: bytes) -> None:
        if data:
            self.begun = True
        else:
            self.ended = True


class WatchedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, watch: Watch) -> None:
        self._stream = stream
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        seconds = self._watch.shortened(timeout, httpcore.ReadTimeout)
        data = self._stream.read(max_bytes, seconds)
        self._watch.saw(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._watch.shortened(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        try:
            seconds = self._watch.shortened(timeout, httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            # httpcore forgets a stream that did not get this far.
            self._stream.close()
            raise
        return WatchedStream(
            self._stream.start_tls(ssl_context, server_hostname, seconds), self._watch
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class WatchedBackend(httpcore.NetworkBackend):
    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        until = time.monotonic() + self._watch.shortened(timeout, httpcore.ConnectTimeout)
        addresses = addresses_of(host, port, until - time.monotonic())
        failure: Exception = httpcore.ConnectTimeout()
        for tried, address in enumerate(addresses):
            share = (until - time.monotonic()) / (len(addresses) - tried)
            if share <= 0:
                break
            try:
                stream = self._backend.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return WatchedStream(stream, self._watch)
        raise failure


def addresses_of(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of `host`, resolved in a thread that is left alone when it takes too long."""
    if _is_address(host):
        return [host]
    found: Future[list[str]] = Future()

    def resolve() -> None:
        try:
            places = getaddrinfo(host, port, type=SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(place[0]) for *_, place in places)))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=resolve, name="changelog-resolve", daemon=True).start()
    try:
        return found.result(seconds)[:MOST_ADDRESSES]
    except TimeoutError:
        raise httpcore.ConnectTimeout from None
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(error) from error


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class WatchedTransport(httpx.HTTPTransport):
    """One connection, kept alive, for the use of one thread."""

    def __init__(self, watch: Watch, tls: ssl.SSLContext | None) -> None:
        # Not the parent's: httpx 0.28 has no argument for a network backend.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE_S,
            network_backend=WatchedBackend(watch),
        )
