"""Asks an API for DIDs over many connections as fast as it answers, and looks at no answer.

It costs next to nothing, so what it reaches is what the server can do.
"""

import selectors
import socket
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

_LONGEST_WAIT_S = 10.0


def flood(url: str, dids: Sequence[str], connections: int) -> float:
    """Return the seconds until each of `dids` was answered. Raises OSError if the server stops."""
    place = urlsplit(url)
    requests = iter([_request(f"{place.path}/dids/{did}") for did in dids])
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(dids))):
            asked = socket.create_connection((place.hostname, place.port))
            asked.sendall(next(requests))
            selector.register(asked, selectors.EVENT_READ)
        left = len(dids)
        while left:
            ready = selector.select(_LONGEST_WAIT_S)
            if not ready:
                raise TimeoutError(f"{url} does not answer")
            for key, _ in ready:
                asked = key.fileobj  # type: ignore[assignment]
                _check(asked.recv(65536))
                left -= 1
                _ask_again(selector, asked, next(requests, None))
    return time.perf_counter() - began


def _request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def _check(answer: bytes) -> None:
    # The server here writes an answer in one piece, so that one read has all of it.
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(f"not an answer: {answer[:40]!r}")


def _ask_again(
    selector: selectors.BaseSelector, asked: socket.socket, request: bytes | None
) -> None:
    if request is None:
        selector.unregister(asked)
        asked.close()
    else:
        asked.sendall(request)
