"""Pages of a log of 100,000 DIDs with 10,000,000 snapshots: ``changelog web``, asked over HTTP.

CPU is what counts where other work shares the machine.
"""

import math
import os
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from benchmarks.fleet import FleetDid
from benchmarks.logs import START, copy, fill
from benchmarks.measuring import (
    PROGRAM,
    Options,
    end_cleanly_when_told,
    environment,
    say,
    say_where,
)
from changelog.store.location import PostgresLocation, parse_location

_DEPLOY_US = 3_600_000_000


def deploy(path: Path, dids: int, changed: int, revisions: int) -> None:
    """Add a last capture, an hour before the tenth day ends, that moved some of the DIDs."""
    at = int((START + timedelta(days=10)).timestamp() * 1_000_000) - _DEPLOY_US
    with closing(sqlite3.connect(path)) as connection, connection:
        (number,) = connection.execute("SELECT max(id) + 1 FROM capture").fetchone()
        connection.execute(
            "INSERT INTO capture (id, command, started_at, reads_from, recorded_by, note,"
            " tool_version, entry) VALUES (?, 'record', ?, ?, 'b', 'deploy', 'b', 1)",
            (number, at, at),
        )
        connection.execute(
            "INSERT INTO capture_end (capture, finished_at, entry) VALUES (?, ?, 1)",
            (number, at + _DEPLOY_US // 2),
        )
        connection.execute(
            "INSERT INTO revision SELECT did, revision + 1, revision + 1, number, 'app_new',"
            " route_mode, destination, destination_source, status, ? + CAST(substr(did, 5) AS"
            " INTEGER), ?, replace(body, application_id, 'app_new'), 1 FROM revision"
            " WHERE revision = ? AND CAST(substr(did, 5) AS INTEGER) % ? = 0",
            (at, number, revisions, dids // changed),
        )
        connection.execute(
            "INSERT INTO snapshot (did, received_at, capture, revision, entry)"
            " SELECT did, first_seen_at, capture, revision, 1 FROM revision WHERE capture = ?",
            (number,),
        )


class Served:
    """``changelog web`` over a log, as a process."""

    def __init__(self, database: str) -> None:
        self._server = _server_of(database)
        began = time.perf_counter()
        command = [*PROGRAM, "web", "--db", database, "--port", "0"]
        self.process = subprocess.Popen(
            command,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if self.process.stdout is None:
            raise AssertionError("it has a pipe")
        address = self.process.stdout.readline().split()[-1]
        self.started_s = time.perf_counter() - began
        self._url = address.removesuffix("/")

    def get_ms(self, path: str) -> float:
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(f"{self._url}{path}", timeout=60) as answer:  # noqa: S310
                answer.read()
        except urllib.error.HTTPError as error:
            # On a busy machine a comparison is cut short after five seconds.
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
        return (time.perf_counter() - began) * 1000

    def mib(self, name: str) -> float:
        """`VmRSS`: what it holds now; `VmHWM`: the most that it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) / 1024

    def cpu_s(self) -> float:
        return sum(map(int, _fields(self.process.pid)[11:13])) / os.sysconf("SC_CLK_TCK")

    def server_cpu_s(self) -> float:
        """Return what the ended sessions of a PostgreSQL server took; on SQLite nothing."""
        fields = _fields(self._server)[13:15] if self._server else ()
        return sum(map(int, fields)) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _server_of(database: str) -> int | None:
    """Return the process of which each session is a child, where there is one on this machine."""
    location = parse_location(database)
    if not isinstance(location, PostgresLocation):
        return None
    from changelog.store.postgres import connect

    with closing(connect(location)) as connection:
        session = connection.info.backend_pid
        is_here = Path(f"/proc/{session}/stat").exists()
        return int(_fields(session)[1]) if is_here else None


def measure_served(database: str, dids: int, times: int) -> None:
    served = Served(database)
    say(f"start {served.started_s:.2f} s (bar 0.5), {served.cpu_s():.2f} of CPU")
    say(f"idle {served.mib('VmRSS'):.0f} MiB (bar 60)")
    try:
        cards = [f"/dids/{FleetDid(n * 7919 % dids).did}" for n in range(times)]
        _say_times(served, "a card (bar p99 100)", cards)
        for name, page, bar in (
            ("start", "/", ""),
            ("fleet", "/dids", " (bar 150)"),
            ("an application that none has", "/dids?application=nobody", " (bar 150)"),
            ("search, part of a number", "/search?q=0050001", " (bar 150)"),
            ("search, an application", "/search?q=app_00", " (bar 150)"),
            ("search, nothing", "/search?q=nowhere", " (bar 150)"),
            ("changes", "/changes", " (bar 150)"),
        ):
            _say_times(served, f"{name}{bar}", [page] * max(1, times // 20))
        end = START + timedelta(days=10)
        diff_page = f"/diff?from={end - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        _say_times(served, "diff of 1,000", [diff_page] * max(1, times // 100))
        going_on = threading.Event()
        other = threading.Thread(target=_repeat, args=(served, diff_page, going_on))
        other.start()
        _say_times(served, "a card beside diffs (bar p99 250)", cards)
        going_on.set()
        other.join()
        say(f"held at most {served.mib('VmHWM'):.0f} MiB (bar 200)")
    finally:
        served.end()


def _repeat(served: Served, page: str, enough: threading.Event) -> None:
    while not enough.is_set():
        served.get_ms(page)


def _say_times(served: Served, name: str, pages: list[str]) -> None:
    cpu, server = served.cpu_s(), served.server_cpu_s()
    times = sorted(served.get_ms(page) for page in pages)
    cpu_ms = (served.cpu_s() - cpu) * 1000 / len(pages)
    server_ms = (served.server_cpu_s() - server) * 1000 / len(pages)
    p99 = times[max(0, math.ceil(len(times) * 0.99) - 1)]
    say(
        f"web {name}: least {times[0]:.0f} ms, median {statistics.median(times):.0f},"
        f" p99 {p99:.0f},"
        f" {cpu_ms:.0f} ms of CPU each, the database's server {server_ms:.0f},"
        f" load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    options = Options(__doc__)
    options.add_argument("--database", metavar="URL", help="postgresql://…, empty")
    chosen = options.parse_args()
    end_cleanly_when_told()
    dids, revisions, looks, times = (100, 3, 0, 20) if chosen.small else (100_000, 5, 95, 1000)
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        path = Path(folder) / "log.db"
        fill(path, dids, revisions, looks)
        deploy(path, dids, dids // 100, revisions)
        if chosen.database:
            location = parse_location(chosen.database)
            if not isinstance(location, PostgresLocation):
                raise SystemExit("--database takes a postgresql:// address")
            copy(path, location)
        say_where()
        measure_served(chosen.database or str(path), dids, times)


if __name__ == "__main__":
    main()
