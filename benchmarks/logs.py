"""Logs of any size, filled below the program: in the rows that its writer would have written.

Their journal has no entries: they are there to be read, not to be proven.
"""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.fleet import FleetDid, answer_url, answer_urls
from changelog.model.answers import Answer, Applications
from changelog.model.history import CaptureInfo
from changelog.model.recording import Destinations
from changelog.model.text.json_body import parse_json
from changelog.store.engine import make_engine, upgrade
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.transaction import Transactions
from changelog.store.writer import LogWriter

START = datetime(2026, 6, 1, tzinfo=UTC)
_START_US = int(START.timestamp()) * 1_000_000
_HOUR_US = 3_600_000_000
_BATCH = 1000


class BenchmarkLog:
    """A new log, written through the program's own writer."""

    def __init__(self, location: Location) -> None:
        self._location = location
        if isinstance(location, SqliteLocation):
            location.prepare()
        self._engine = make_engine(self._location)
        upgrade(self._engine, self._location)
        self._now = START
        self._writer = LogWriter(Transactions(self._engine, self._location, lambda: self._now))

    def capture(
        self, fleet: list[FleetDid], tag: str | None = None, *, batch: int = _BATCH
    ) -> None:
        """Record `fleet` as a capture of its own, an hour after the one before."""
        self._now += timedelta(hours=1)
        info = CaptureInfo(id=0, started_at=self._now, recorded_by="b", tag=tag, command="record")
        opened = self._writer.start(info, key="b", by_name=False)
        destinations = Destinations((), Applications(answer_urls()), None)
        for start in range(0, len(fleet), batch):
            answers = [self._answer(one) for one in fleet[start : start + batch]]
            opened, _ = self._writer.store(opened, answers, destinations)
        self._writer.close(opened)

    def _answer(self, one: FleetDid) -> Answer:
        fields = parse_json(one.body)
        return Answer(
            requested=one.did, did=one.did, body=one.body, fields=fields, received_at=self._now
        )

    def close(self) -> None:
        self._engine.dispose()


def fill(path: Path, dids: int, revisions: int, looks: int = 0) -> None:
    """Fill a log of `dids`, each with so many revisions and a snapshot of each. The routes take
    turns, so that every revision has another routing than the one before. `looks`: so many captures
    follow that find nothing new."""
    BenchmarkLog(SqliteLocation(path)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        indexes = _without_guards(connection)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO capture (id, command, started_at, reads_from, recorded_by, tool_version,"
            " entry) VALUES (?, 'record', ?, ?, 'b', 'b', 1)",
            ((n, _at(n), _at(n)) for n in range(1, revisions + looks + 1)),
        )
        connection.executemany(
            "INSERT INTO capture_end (capture, finished_at, entry) VALUES (?, ?, 1)",
            ((n, _at(n) + _HOUR_US // 2) for n in range(1, revisions + looks + 1)),
        )
        for index in range(dids):
            _fill_did(connection, FleetDid(index), revisions, looks)
        connection.execute("COMMIT")
        for made in indexes:
            connection.execute(made)
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_IN_ORDER = {
    "capture": "id",
    "capture_end": "capture",
    "did": "did",
    "did_number": "number",
    "revision": "first_seen_at",
    "snapshot": "received_at",
}
"""The tables that `fill` fills, and by what their rows lie in the order of the captures."""


def copy(path: Path, location: PostgresLocation) -> None:
    """Copy what `fill` made into an empty database, in the order in which captures write it."""
    from changelog.store.postgres import connect

    BenchmarkLog(location).close()
    with (
        closing(sqlite3.connect(path)) as file,
        closing(connect(location)) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        for table, order in _IN_ORDER.items():
            rows = file.execute(f"SELECT * FROM {table} ORDER BY {order}")
            with cursor.copy(f"COPY {table} FROM STDIN") as copied:
                for row in rows:
                    copied.write_row(row)
    # As the server does by itself before long.
    with closing(connect(location)) as connection:
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _without_guards(connection: sqlite3.Connection) -> list[str]:
    """Take away what costs time with each row. Returns how to make the indexes at the end."""
    for table in ("did", "did_number", "revision", "snapshot", "capture"):
        connection.execute(f"DROP TRIGGER {table}_no_replace")
    names = ("revision_first_seen", "revision_target")
    query = "SELECT sql FROM sqlite_master WHERE name IN (?, ?)"
    indexes = [sql for (sql,) in connection.execute(query, names).fetchall()]
    for name in names:
        connection.execute(f"DROP INDEX {name}")
    return indexes


def _at(capture: int) -> int:
    return _START_US + capture * _HOUR_US


def _fill_did(connection: sqlite3.Connection, first: FleetDid, revisions: int, looks: int) -> None:
    connection.execute("INSERT INTO did VALUES (?, 1)", (first.did,))
    connection.execute("INSERT INTO did_number VALUES (?, ?, 1)", (first.number, first.did))
    rows, snapshots = itertools.tee(_revisions(first, revisions))
    marks = ", ".join("?" * 13)
    connection.executemany(f"INSERT INTO revision VALUES ({marks})", rows)
    connection.executemany(
        "INSERT INTO snapshot (did, received_at, capture, revision, entry) VALUES (?, ?, ?, ?, 1)",
        itertools.chain(
            ((row[0], row[9], row[10], row[1]) for row in snapshots),
            (
                (first.did, _at(revisions + n) + first.index, revisions + n, revisions)
                for n in range(1, looks + 1)
            ),
        ),
    )


def _revisions(first: FleetDid, revisions: int) -> Iterator[tuple[object, ...]]:
    numbers: dict[str, int] = {}
    for revision in range(1, revisions + 1):
        one = FleetDid(first.index, revision)
        routing = numbers.setdefault(one.application, revision)
        url = answer_url(one.application)
        yield (
            *(one.did, revision, routing, one.number, one.application, "webhook", url, "fetched"),
            *("active", _at(revision) + first.index, revision, one.body, 1),
        )
