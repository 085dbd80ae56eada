"""Pages of a log of 100,000 DIDs and 1,000,000 revisions: fleet, search, changes, a diff.

CPU is what counts where other work shares the machine: `wall` is the median, `cpu` the least.
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.logs import START, fill
from benchmarks.measuring import end_cleanly_when_told, say, say_where
from changelog.commands.answers.comparison import Comparison
from changelog.commands.answers.diff import diff
from changelog.commands.answers.log import LogQuery, history_page, log
from changelog.model.results.pages import RevisionsWanted
from changelog.model.routing import Where
from changelog.store.location import SqliteLocation
from changelog.store.reader import LogReader

if TYPE_CHECKING:
    from collections.abc import Callable

_DEPLOY_US = 3_600_000_000


def measure(path: Path, revisions: int, rounds: int) -> None:
    """Measure each page with a reader of its own, as a server would read it."""
    then = START + timedelta(hours=revisions // 2)
    now = START + timedelta(days=3650)
    works: dict[str, Callable[[LogReader], object]] = {
        "fleet": lambda reader: reader.pages.fleet(after="did_000050000"),
        "fleet then": lambda reader: reader.pages.fleet(moment=then, after="did_000050000"),
        "fleet, one application": lambda reader: reader.pages.fleet(Where("app_007")),
        "fleet, an application of none": lambda reader: reader.pages.fleet(Where("nobody")),
        "search, a number": lambda reader: reader.pages.search("+1555000050001"),
        "search, part of numbers": lambda reader: reader.pages.search("50001"),
        "search, nothing": lambda reader: reader.pages.search("nowhere"),
        "changes": lambda reader: reader.pages.changes(),
        "history": lambda reader: history_page(reader, "did_000050000", frozenset()),
        "newest": lambda reader: reader.pages.newest(RevisionsWanted(), limit=20),
        "diff of 1,000": lambda reader: diff(
            reader, [], Comparison(start=(now - timedelta(days=1)).isoformat()), now
        ),
    }
    for name, work in works.items():
        wall, cpu = [], []
        for _ in range(rounds):
            began, cpu_began = time.perf_counter(), time.process_time()
            with closing(LogReader(SqliteLocation(path))) as reader, reader.one_state():
                work(reader)
            wall.append(time.perf_counter() - began)
            cpu.append(time.process_time() - cpu_began)
        say(f"{name}: wall {statistics.median(wall) * 1000:.0f} ms, cpu {min(cpu) * 1000:.0f} ms")


def measure_unchanged_field(path: Path) -> None:
    """Measure a field that never changed: all of the log has to be read."""
    began = time.process_time()
    with closing(LogReader(SqliteLocation(path))) as reader:
        result = log(reader, None, LogQuery(field="customer_id"), START)
    say(f"log --field, {len(result.entries)} entries: cpu {time.process_time() - began:.1f} s")


def deploy(path: Path, dids: int, changed: int, revisions: int) -> None:
    """Add a last capture, ten years later, that moved some of the DIDs."""
    at = int((START + timedelta(days=3650)).timestamp() * 1_000_000) - _DEPLOY_US
    with closing(sqlite3.connect(path)) as connection, connection:
        (number,) = connection.execute("SELECT max(id) + 1 FROM capture").fetchone()
        connection.execute(
            "INSERT INTO capture (id, command, started_at, reads_from, recorded_by, note,"
            " tool_version, entry) VALUES (?, 'record', ?, ?, 'b', 'deploy', 'b', 1)",
            (number, at, at),
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="only to see that it runs")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    dids, revisions, rounds = (100, 3, 1) if chosen.small else (100_000, 10, 5)
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        path = Path(folder) / "log.db"
        fill(path, dids, revisions)
        deploy(path, dids, dids // 100, revisions)
        say_where()
        measure(path, revisions, rounds)
        measure_unchanged_field(path)


if __name__ == "__main__":
    main()
