"""Serves the pretend account over HTTP on loopback."""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Thread
from typing import Any, Self

from changelog.sandbox.account import (
    Account,
    Reply,
    Request,
    did_in,
    reply_to,
    status_reply,
    utc_now,
)

DEFAULT_KEY = "mv_sandbox_not_a_secret"
_LOOPBACK = "127.0.0.1"


class Sandbox(Account):
    """The account, served: a context manager, or `start()` and `stop()` by hand.

    Started again, it listens at the same port as before, so that a client can see the provider
    go away and come back.

    `key` sees the whole account. `keys` are further ones, each with the ids of the applications
    that it sees: these applications, and the DIDs assigned to them. They can be changed while the
    sandbox is running.
    """

    @property
    def connection(self) -> "type[Connection]":
        """Return what reads requests and writes answers."""
        return Connection

    def __init__(
        self,
        key: str = DEFAULT_KEY,
        port: int = 0,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(clock)
        self.key = key
        self.keys: dict[str, frozenset[str]] = {}
        self._port = port
        self._server: _Server | None = None

    @property
    def origin(self) -> str:
        """Return the address of the server, once it is started."""
        return f"http://{_LOOPBACK}:{self._port}"

    @property
    def url(self) -> str:
        """Return the base URL to give to a client of the API."""
        return f"{self.origin}/v1"

    def start(self) -> None:
        """Listen from now on. Raises OSError if the port is taken."""
        self._server = _Server((_LOOPBACK, self._port), self)
        self._port = self._server.server_port
        self._server.listen()

    def stop(self) -> None:
        """End every connection, whatever it is in the middle of. Twice is as once."""
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    """A thread a connection, and a list of the open ones, so that all can be ended at once."""

    # The default of 5 makes a burst of new connections wait a second for a retry of TCP.
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stopping = Event()
        self._connections: set[Any] = set()
        super().__init__(address, sandbox.connection)

    def server_bind(self) -> None:
        # Not http.server's own: it asks the resolver for this host's name, which can hang.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def listen(self) -> None:
        self._listener = Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._listener.start()

    def end(self) -> None:
        self.stopping.set()
        # Wakes the listener at once on Linux; elsewhere it sees the end at its next look.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.shutdown()
        self._listener.join()
        self.server_close()
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        # Closed without the usual shutdown before it, which would make a reset a polite end.
        self.close_request(request)
        self._connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that went away is no news; anything else is a bug, and is shown.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """Reads requests off one connection and writes their answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: object) -> None:
        """Print nothing, also where http.server itself would: `requests` tells what was seen."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send what http.server refuses in the error envelope of everything else."""
        self.close_connection = True
        self.send(status_reply(code, message or explain or responses.get(code, "")))

    def _respond(self) -> None:
        sandbox = self.server.sandbox
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        request = Request(self.command, self.path, self.headers.get("Authorization", ""), body)
        if request.is_documented:
            sandbox.saw(self.command, self.path, request.key)
        reply = reply_to(request, sandbox, {**sandbox.keys, sandbox.key: None})
        if request.is_documented:
            self.send_documented(request, reply)
        else:
            self.send(reply)

    # The names that http.server looks up.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond  # noqa: N815

    def send_documented(self, request: Request, reply: Reply) -> None:
        """Send an answer under /v1, or what the fault that is planned for it makes of it."""
        fault = self.server.sandbox.planned_fault(did_in(request, self.server.sandbox))
        if fault is not None and fault.kind == "status":
            reply = status_reply(fault.status, "Planned by the sandbox")
        if fault is not None and fault.kind == "slow":
            self.send_late(reply, fault.seconds)
        else:
            self.send(reply)

    def send_late(self, reply: Reply, seconds: float) -> None:
        if self.server.stopping.wait(seconds):
            self.close_connection = True
        else:
            self.send(reply)

    def send(self, reply: Reply) -> None:
        head, body = self.wire(reply)
        self.wfile.write(head + body)

    def wire(self, reply: Reply) -> tuple[bytes, bytes]:
        """Return the bytes of the head and of the body that go over the connection."""
        body = b"" if reply.status in (204, 304) else reply.body
        now = format_datetime(self.server.sandbox.clock().astimezone(UTC), usegmt=True)
        headers = {**reply.headers, "Date": now, "Content-Length": str(len(body))}
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("ascii")
        return head, b"" if self.command == "HEAD" else body
