"""A connection over which one whole answer has a limit in time, with its name resolved.

A timeout of a socket bounds each step: a server that sends a byte a second never meets it, and the
resolver of names knows none at all.
"""

import select
import socket
import ssl
import time
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from socket import SOCK_STREAM, getaddrinfo
from threading import Event, Thread

from changelog.api.failures import NotConnectedInTime
from changelog.api.limits import Limits

_AT_ONCE = 65_536
MOST_ADDRESSES = 4
"""Of one name. Each gets its share of the time to connect, so that a dead one is passed over."""


class Watch:
    """How long the answer under way may still take, and whether a byte of it has come (`begun`)."""

    def __init__(self, abandoned: Event) -> None:
        self._abandoned = abandoned
        self._until = 0.0
        self.begun = False

    def start(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self.begun = False

    def shortened(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less; raises TimeoutError if nothing is."""
        left = self._until - time.monotonic()
        # Zero would mean "do not block" to a socket, which then fails in another way.
        if left <= 0 or self._abandoned.is_set():
            raise TimeoutError
        return min(seconds, left)

    def saw(self, data: bytes) -> None:
        if data:
            self.begun = True


class WatchedSocket:
    """A connection, secured if `tls` is given. `host` is a name or an address without brackets.

    Raises OSError, of which NotConnectedInTime, and UnicodeError for a name that cannot be asked.
    """

    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None, limits: Limits, watch: Watch
    ) -> None:
        self._watch = watch
        self._step_s = limits.read_s
        try:
            connected = _connected(host, port, watch.shortened(limits.connect_s))
            if tls is not None:
                connected = _secured(connected, host, tls, watch, limits.connect_s)
        except TimeoutError as error:
            raise NotConnectedInTime from error
        self._connected = connected
        self._arrivals = select.poll()
        self._arrivals.register(connected, select.POLLIN)

    def send(self, data: bytes) -> None:
        self._connected.settimeout(self._watch.shortened(self._step_s))
        self._connected.sendall(data)

    def receive(self) -> bytes:
        """What came, no bytes at the end of the connection."""
        self._connected.settimeout(self._watch.shortened(self._step_s))
        data = self._connected.recv(_AT_ONCE)
        self._watch.saw(data)
        return data

    def is_quiet(self) -> bool:
        """Whether nothing came that was not received, and no end of the connection either."""
        return not self._arrivals.poll(0)

    def close(self) -> None:
        self._connected.close()


def _secured(
    connected: socket.socket, host: str, tls: ssl.SSLContext, watch: Watch, seconds: float
) -> ssl.SSLSocket:
    try:
        connected.settimeout(watch.shortened(seconds))
        return tls.wrap_socket(connected, server_hostname=host)
    except BaseException:
        connected.close()
        raise


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    until = time.monotonic() + seconds
    addresses = addresses_of(host, port, seconds)
    failure: OSError = TimeoutError()
    for tried, address in enumerate(addresses):
        share = (until - time.monotonic()) / (len(addresses) - tried)
        if share <= 0:
            break
        try:
            connected = socket.create_connection((address, port), share)
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
    answer: SimpleQueue[list[str] | BaseException] = SimpleQueue()

    def resolve() -> None:
        try:
            places = getaddrinfo(host, port, type=SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(place[0]) for *_, place in places)))
        except BaseException as error:
            answer.put(error)

    Thread(target=resolve, name="changelog-resolve", daemon=True).start()
    try:
        found = answer.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(found, BaseException):
        raise found
    return found[:MOST_ADDRESSES]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
