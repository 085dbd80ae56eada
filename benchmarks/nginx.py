"""An nginx of one's own on loopback that serves the bodies of a fleet as files."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.fleet import FleetDid, applications_body
from benchmarks.measuring import Missing

_START_S = 10.0
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


def find_nginx() -> str:
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
    command = find_nginx()
    port = free_port()
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


def free_port() -> int:
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
