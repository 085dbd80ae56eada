"""An API on loopback that answers each request after a while, however many there are at once.

Bare protocols instead of streams: it must hold up more requests than any client here asks for.
"""

import asyncio
import sys
from typing import cast

from benchmarks.fleet import FleetDid, applications_body

_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


class Answering(asyncio.Protocol):
    """One connection, kept alive; one request at a time."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            path = self._received.split(b" ", 2)[1].decode()
            self._received = b""
            asyncio.get_running_loop().call_later(self._latency_s, self._answer, path)

    def _answer(self, path: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            body = _body(path)
            self._transport.write((_HEAD.format(length=len(body)) + body).encode())


def _body(path: str) -> str:
    if path.endswith("/applications"):
        return applications_body()
    return FleetDid(int(path.rpartition("_")[2])).body


async def serve(latency_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(latency_s), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
