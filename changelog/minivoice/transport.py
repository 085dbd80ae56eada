"""Connections over which one whole answer has a limit in time, below ``http.client``.

A timeout of a socket bounds each step: a server that sends a byte a second never meets it, and the
resolver of names knows none at all.
"""

import io
import select
import socket
import ssl
import time
from concurrent.futures import Future
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from changelog.minivoice.failures import NotConnectedInTime
from changelog.minivoice.limits import Limits

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

    def shortened(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less; raises TimeoutError if nothing is."""
        left = self._until - time.monotonic()
        # Zero would mean "do not block" to a socket, which then fails in another way.
        if left <= 0 or self._abandoned.is_set():
            raise TimeoutError
        return min(seconds, left)

    def saw(self, size: int) -> None:
        if size:
            self.begun = True
        else:
            self.ended = True


class WatchedSocket:
    """What ``http.client`` needs of a socket. As with any socket, closing waits for its file."""

    def __init__(self, connected: socket.socket, watch: Watch, step_s: float) -> None:
        self._connected = connected
        self._watch = watch
        self._step_s = step_s
        self._reader = _Reader(_Received(self), self)
        self._closing = False
        self._used_at = time.monotonic()
        self._arrivals = select.poll()
        self._arrivals.register(connected, select.POLLIN)

    def sendall(self, data: bytes) -> None:
        self._connected.settimeout(self._watch.shortened(self._step_s))
        self._connected.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        self._connected.settimeout(self._watch.shortened(self._step_s))
        size = self._connected.recv_into(buffer)
        self._watch.saw(size)
        return size

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The same one for all answers, so that nothing which came is lost between two."""
        self._reader.in_use = True
        return self._reader

    def is_fresh(self) -> bool:
        """Whether another answer can be asked for: no end came since the last one, nor a byte that
        would be taken for the next."""
        idle = time.monotonic() - self._used_at
        return idle < KEEP_ALIVE_S and not self._arrivals.poll(0) and not self._reader.holds_more()

    def finished_reading(self) -> None:
        self._used_at = time.monotonic()
        if self._closing:
            self._connected.close()

    def close(self) -> None:
        self._closing = True
        if not self._reader.in_use:
            self._connected.close()


class _Received(io.RawIOBase):
    def __init__(self, source: WatchedSocket) -> None:
        self._source = source
        self.paused = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        return None if self.paused else self._source.receive_into(buffer)


class _Reader(io.BufferedReader):
    """Outlives the answers that are read from it: each of them closes it."""

    def __init__(self, received: _Received, source: WatchedSocket) -> None:
        super().__init__(received)
        self._received = received
        self._source = source
        self.in_use = False

    def holds_more(self) -> bool:
        self._received.paused = True
        try:
            return bool(self.peek(1))
        finally:
            self._received.paused = False

    def close(self) -> None:
        if self.in_use:
            self.in_use = False
            self._source.finished_reading()


class _FinalResponse(HTTPResponse):
    """``http.client`` passes over 100 alone of the answers that go before the final one."""

    def begin(self) -> None:
        super().begin()
        while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = None  # type: ignore[assignment] # Else it would not begin again.
            super().begin()


class WatchedConnection(HTTPConnection):
    """One connection, kept alive, for the use of one thread. `origin`: a scheme and a host."""

    response_class = _FinalResponse

    def __init__(
        self, origin: str, limits: Limits, tls: ssl.SSLContext | None, watch: Watch
    ) -> None:
        place = urlsplit(origin)
        super().__init__(place.hostname or "", place.port or (80 if tls is None else 443))
        self._limits = limits
        self._tls = tls
        self._watch = watch

    def connect(self) -> None:
        connected = _connected(self.host, self.port, self._watch.shortened(self._limits.connect_s))
        if self._tls is not None:
            connected = self._secured(connected, self._tls)
        self.sock: Any = WatchedSocket(connected, self._watch, self._limits.read_s)

    def _secured(self, connected: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        try:
            connected.settimeout(self._watch.shortened(self._limits.connect_s))
            return tls.wrap_socket(connected, server_hostname=self.host)
        except BaseException as error:
            connected.close()
            if isinstance(error, TimeoutError):
                raise NotConnectedInTime from error
            raise

    def drop_stale(self) -> None:
        if self.sock is not None and not self.sock.is_fresh():
            self.close()


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    until = time.monotonic() + seconds
    addresses = addresses_of(host, port, seconds)
    failure: OSError = NotConnectedInTime()
    for tried, address in enumerate(addresses):
        share = (until - time.monotonic()) / (len(addresses) - tried)
        if share <= 0:
            break
        try:
            connected = socket.create_connection((address, port), share)
        except TimeoutError:
            failure = NotConnectedInTime()
        except OSError as error:
            failure = error
        else:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connected
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
        raise NotConnectedInTime from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
