"""Loopback TCP proxies before a PostgreSQL server: they spoil commits, end sessions, or go silent.

No server can be made to commit and lose its answer, so one stands between it and the program.
Another has the server itself end all sessions at one message, as for an administrator.
"""

import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Literal, Self

from tests.postgres_server import PostgresServer

# One message each, sent whole: a query by the client, a CommandComplete by the server.
COMMIT_QUERY = b"COMMIT\0"
COMMITTED = b"COMMIT\0"
WRITTEN = (b"INSERT 0 ", b"CREATE TABLE\0")
CHUNK = 65536
SECONDS_LATE = 1.0

Spoiling = Literal["answer lost", "query lost", "query late", "fine"]
Work = Callable[[], None]


class Proxy:
    """Passes connections on to the server at `port`, as `link` says, until it is closed."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for connection in (self._listener, *self._sockets):
            end(connection)
        for thread in self._threads:
            thread.join()

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@127.0.0.1:{self._listener.getsockname()[1]}/{database}"

    def is_down(self) -> bool:
        return False

    def link(self, client: socket.socket, server: socket.socket) -> tuple[Work, Work]:
        """Return what passes on what each of the two sends."""
        raise NotImplementedError

    def _start(self, work: Work) -> None:
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    if self.is_down():
                        raise ConnectionRefusedError
                    server = socket.create_connection(("127.0.0.1", self._server_port))
                except OSError:
                    end(client)
                    continue
                self._sockets += [client, server]
                for work in self.link(client, server):
                    self._start(work)


class CommitProxy(Proxy):
    """Passes everything on to the server at `port`; spoils the commits that wrote something.

    `spoil` plans what happens to the next such commits. Afterwards nobody gets through for
    `seconds_down`.

    | spoiling | the client loses its connection, and the server |
    |---|---|
    | `answer lost` | has committed |
    | `query lost` | never hears of the commit |
    | `query late` | commits a second later |
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._plans: deque[tuple[Spoiling, float]] = deque()
        self._down_until = 0.0
        self.spoilt: list[Spoiling] = []

    def spoil(self, spoiling: Spoiling, *, times: int = 1, seconds_down: float = 0.0) -> None:
        self._plans.extend([(spoiling, seconds_down)] * times)

    def take_plan(self) -> Spoiling:
        """What happens to a commit that is on its way now."""
        spoiling, seconds_down = self._plans.popleft() if self._plans else ("fine", 0.0)
        self.spoilt.append(spoiling)
        self._down_until = max(self._down_until, time.monotonic() + seconds_down)
        return spoiling

    def is_down(self) -> bool:
        return time.monotonic() < self._down_until

    def link(self, client: socket.socket, server: socket.socket) -> tuple[Work, Work]:
        link = _Link(self, client, server)
        return link.pass_queries, link.pass_answers


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: CommitProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._wrote = False
        self._is_lost = False

    def pass_queries(self) -> None:
        with suppress(OSError):
            while sent := self._client.recv(CHUNK):
                if COMMIT_QUERY in sent and self._wrote:
                    self._wrote = False
                    self._pass_commit(sent)
                else:
                    self._server.sendall(sent)
        if not self._is_lost:
            end(self._server)

    def _pass_commit(self, sent: bytes) -> None:
        spoiling = self._proxy.take_plan()
        self._is_lost = spoiling != "fine"
        if spoiling == "query lost":
            end(self._server)
            end(self._client)
            return
        if spoiling == "query late":
            end(self._client)
            time.sleep(SECONDS_LATE)
        self._server.sendall(sent)

    def pass_answers(self) -> None:
        with suppress(OSError):
            while answered := self._server.recv(CHUNK):
                if any(mark in answered for mark in WRITTEN):
                    self._wrote = True
                if self._is_lost:
                    if COMMITTED in answered:
                        break
                else:
                    self._client.sendall(answered)
        end(self._client)
        end(self._server)


class CuttingProxy(Proxy):
    """Passes everything on; when the client sends for the `at`-th time, the sessions are ended.

    `sent`: how often the client has sent something.
    """

    def __init__(self, server: PostgresServer, database: str, at: int) -> None:
        super().__init__(server.port)
        self._server = server
        self._database = database
        self._at = at
        self._lock = threading.Lock()
        self.sent = 0

    def link(self, client: socket.socket, server: socket.socket) -> tuple[Work, Work]:
        queries = partial(self._pass, client, server, counted=True)
        return queries, partial(self._pass, server, client, counted=False)

    def _pass(self, source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        with suppress(OSError):
            while content := source.recv(CHUNK):
                if counted:
                    self._count()
                target.sendall(content)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _count(self) -> None:
        with self._lock:
            self.sent += 1
            if self.sent == self._at:
                while self._server.cut_off(self._database):
                    time.sleep(0.005)


class FreezingProxy(Proxy):
    """Passes everything on until it is `frozen`; then it takes connections and says nothing."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.frozen = threading.Event()

    def link(self, client: socket.socket, server: socket.socket) -> tuple[Work, Work]:
        return partial(self._pass, client, server), partial(self._pass, server, client)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(CHUNK):
                if not self.frozen.is_set():
                    target.sendall(content)


def end(connection: socket.socket) -> None:
    """Ends the connection for both of its threads; closed when they are gone."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
