"""A loopback TCP proxy before a PostgreSQL server that has all sessions ended at one message.

The server itself ends them, as for an administrator or at a failover: this only knows when.
"""

import socket
import threading
import time
from contextlib import suppress
from functools import partial

from tests.postgres_proxy import CHUNK, Proxy, Work
from tests.postgres_server import PostgresServer


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
