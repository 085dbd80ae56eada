"""An API on loopback that answers each request after a while, however many there are at once."""

import asyncio
import sys

from benchmarks.fleet import FleetDid, applications_body

_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"


async def answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, latency_s: float
) -> None:
    try:
        while True:
            request = await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(latency_s)
            body = _body(request.split(b" ", 2)[1].decode())
            writer.write((_HEAD.format(length=len(body)) + body).encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _body(path: str) -> str:
    if path.endswith("/applications"):
        return applications_body()
    return FleetDid(int(path.rpartition("_")[2])).body


async def serve(latency_s: float) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: answer(reader, writer, latency_s), "127.0.0.1", 0, backlog=1024
    )
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
