"""APIs on loopback: an nginx that serves the bodies of a fleet as files, and one that answers each
request after a while, however many there are at once."""

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from benchmarks.fleet import FleetDid, applications_body
from benchmarks.measuring import Missing

_START_S = 10.0
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
_CONFIG = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_requests 100000000;
  tcp_nodelay on;
  open_file_cache max=200000;
  client_body_temp_path {folder}/tmp;
  proxy_temp_path {folder}/tmp;
  fastcgi_temp_path {folder}/tmp;
  uwsgi_temp_path {folder}/tmp;
  scgi_temp_path {folder}/tmp;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
}}
"""


def _find_nginx() -> str:
    """Return the path of nginx. Raises Missing."""
    # Debian keeps it where only root's PATH leads.
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing("nginx", "apt-get install nginx-light")
    return found


def write_answers(folder: Path, fleet: Iterable[FleetDid]) -> None:
    """Write the files that nginx serves for `fleet`."""
    dids = folder / "root" / "v1" / "dids"
    dids.mkdir(parents=True, exist_ok=True)
    (dids.parent / "applications").write_text(applications_body())
    for one in fleet:
        (dids / one.did).write_text(one.body)


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """Serve what `write_answers` left in `folder`; yield the URL of the API."""
    command = _find_nginx()
    port = _free_port()
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port))
    log = folder / "error.log"
    server = subprocess.Popen([command, "-p", str(folder), "-c", str(config), "-e", str(log)])
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("nginx did not start: see its messages above")


@contextmanager
def slow_api(latency_s: float) -> Iterator[str]:
    """Answer each request after `latency_s`; yield the URL of the API."""
    command = [sys.executable, "-m", "benchmarks.servers", str(latency_s)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield (server.stdout.readline() if server.stdout else "").strip()
    finally:
        server.terminate()
        server.wait()


class Answering(asyncio.Protocol):
    """One connection, kept alive; one request at a time.

    Bare protocols instead of streams: they hold up more requests than any client here asks for.
    """

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
