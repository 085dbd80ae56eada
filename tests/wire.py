"""Servers of raw bytes on loopback, which do what no library would let them."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

Behaviour = Callable[[socket.socket], None]


class Wire:
    """A server of raw bytes on loopback: each connection is given to `behave` in its thread."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._behave(connection)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)


def request_from(connection: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        more = connection.recv(65536)
        if not more:
            break
        received += more
    return received


def sends(*parts: bytes, then: Behaviour = lambda _: None) -> Behaviour:
    """Answers one request with these bytes, then closes the connection."""

    def behave(connection: socket.socket) -> None:
        request_from(connection)
        for part in parts:
            connection.sendall(part)
        then(connection)

    return behave


def keeps_answering(answer: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        while request_from(connection):
            connection.sendall(answer)

    return behave


def stays_silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def over_tls(certificate: Path, behave: Behaviour) -> Behaviour:
    """`certificate`: a file that holds the key too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            behave(secured)

    return serve


def https(wire: Wire) -> str:
    return wire.url.replace("http:", "https:")
