"""A loopback TCP proxy before a PostgreSQL server that has all sessions ended at one message.

The server itself ends them, as for an administrator or at a failover: this only knows when.
"""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.postgres_server import PostgresServer

CHUNK = 65536


class CuttingProxy:
    """Passes everything on; when the client sends for the `at`-th time, the sessions are ended.

    `sent`: how often the client has sent something.
    """

    def __init__(self, server: PostgresServer, database: str, at: int) -> None:
        self._server = server
        self._database = database
        self._at = at
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self.sent = 0
        self.url = f"postgresql://postgres@127.0.0.1:{self._listener.getsockname()[1]}/{database}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in (self._listener, *self._sockets):
            _end(connection)
        for thread in self._threads:
            thread.join()

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server.port))
                self._sockets += [client, server]
                self._start(self._pass, client, server, True)
                self._start(self._pass, server, client, False)

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
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


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
