"""Serves an application over HTTP with waitress until told to stop, and leaves nothing undone.

waitress reads a request whole before a thread gets it, so a slow client keeps no thread.
"""

import ipaddress
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from changelog.model.errors import UsageError, missing_extra

LARGEST_BODY = 64 * 1024
THREADS = 100
"""Requests at work at once, nearly all of which wait for a commit."""
ROOM = 80
"""Events that may wait for the writer. With a batch under way, more come only from a flood."""
CONNECTIONS = 500
IDLE_S = 30
"""Seconds after which a connection that sends nothing is closed."""
DRAIN_S = 10.0
"""Seconds that answers have to leave when the receiver is told to stop."""
_GLANCE_S = 0.02

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def resolves_to_loopback(host: str) -> bool:
    """Return whether nobody but this machine can reach `host`, by whichever of its addresses."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host or None, None)}
    except (OSError, UnicodeError):
        return False
    return bool(host) and all(ipaddress.ip_address(one.split("%")[0]).is_loopback for one in found)


class Server:
    """Serves what comes to `listener`, once it is started. Raises UsageError without waitress.

    `command`: what it is for, and the extra to install.
    """

    def __init__(
        self,
        application: Wsgi,
        listener: socket.socket,
        *,
        threads: int = THREADS,
        command: str = "listen",
    ) -> None:
        try:
            import waitress  # type: ignore[import-untyped]
        except ImportError as error:
            raise not_installed(command) from error
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._channels: dict[int, Any] = {}
        self._stopping = threading.Event()
        self._application = application
        self._socket = listener
        self._server = waitress.create_server(
            self._serve,
            map=self._channels,
            sockets=[self._socket],
            threads=threads,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE_S,
            # One byte more than is taken, since waitress refuses what is as large as its limit.
            max_request_body_size=LARGEST_BODY + 1,
            max_request_header_size=16 * 1024,
            ident=None,
            clear_untrusted_proxy_headers=True,
            expose_tracebacks=False,
        )
        self._loop = threading.Thread(target=self._server.run, name="http", daemon=True)

    @property
    def address(self) -> str:
        """Return ``127.0.0.1:8787``, or the path of a Unix socket."""
        if self._socket.family == socket.AF_UNIX:
            return str(self._socket.getsockname())
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def __enter__(self) -> Self:
        self._loop.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take nothing more; return when what was taken is answered, or after `DRAIN_S`."""
        self._stopping.set()
        deadline = time.monotonic() + DRAIN_S
        while self._is_busy() and time.monotonic() < deadline:
            time.sleep(_GLANCE_S)

    def _serve(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self._stopping.is_set():
            start_response(
                "503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "5")]
            )
            return [b""]
        return self._application(environ, start_response)

    def _is_busy(self) -> bool:
        """Return whether a request is at work, or an answer not wholly on its way."""
        with suppress(RuntimeError):  # The loop's thread adds and removes channels meanwhile.
            return any(
                getattr(one, "requests", None) or getattr(one, "total_outbufs_len", 0)
                for one in list(self._channels.values())
            )
        return True


def not_installed(command: str) -> UsageError:
    """Return what to say where the extra of that name is missing."""
    return missing_extra(f"{command} needs a server that is not installed", command, "no_server")


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises UsageError where that cannot be."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
    except (OSError, UnicodeError) as error:
        raise _unusable(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise _unusable(host, port, error) from error
    return listener


def listening_at(path: Path) -> socket.socket:
    """Return a Unix socket for its owner and its group. Raises UsageError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        if path.is_socket():
            # Left behind by a process that was killed; one that is alive would have its own taken.
            _refuse_live(path)
            path.unlink()
        listener.bind(str(path))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"the socket {path} cannot be made: {error.strerror or error}", "Choose another path."
        ) from error
    finally:
        os.umask(before)
    return listener


def _refuse_live(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        if other.connect_ex(str(path)) == 0:
            raise UsageError(f"another process answers at {path}", "Choose another path.")


def _unusable(host: str, port: int, error: OSError | UnicodeError) -> UsageError:
    reason = error.strerror if isinstance(error, OSError) else "it is no name of a host"
    return UsageError(
        f"{host} port {port} cannot be used: {reason}", "Choose another one with --host and --port."
    )
