"""Walks the journal of a log on any database and computes every digest again."""

from typing import Any

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from changelog.model.log_format.journal import GENESIS, Entry, row_digest, rows_digest
from changelog.store.engine import make_engine
from changelog.store.location import Location
from changelog.store.transaction import as_received


def assert_journal_is_whole(location: Location) -> None:
    """The chain has no gap, and each row of the log is vouched for by exactly one entry."""
    engine = make_engine(location)
    try:
        with engine.connect() as connection:
            _walk(connection)
    finally:
        engine.dispose()


def _walk(connection: Connection) -> None:
    rows, snapshots = _digests(connection)
    previous = GENESIS
    journal = connection.execute(text("SELECT * FROM journal ORDER BY n")).mappings()
    for n, found in enumerate(journal, start=1):
        its_rows, its_snapshots = rows.pop(n, []), snapshots.pop(n, [])
        assert its_rows or its_snapshots, f"entry {n} vouches for nothing"
        entry = Entry(n, found["at"], previous, rows_digest(its_rows), rows_digest(its_snapshots))
        assert (found["n"], bytes(found["previous"])) == (n, previous)
        assert bytes(found["digest"]) == entry.digest, f"entry {n} is broken"
        previous = entry.digest
    assert not rows
    assert not snapshots


def _digests(connection: Connection) -> tuple[dict[int, list[bytes]], dict[int, list[bytes]]]:
    """By entry, the digests of the rows and of the snapshots that say it wrote them."""
    rows: dict[int, list[bytes]] = {}
    snapshots: dict[int, list[bytes]] = {}
    for name, table in SQLModel.metadata.tables.items():
        if name == "journal":
            continue
        into = snapshots if name == "snapshot" else rows
        written: Any = connection.execute(table.select()).mappings()
        for row in written:
            vouched = as_received(row) if name == "revision" else dict(row)
            into.setdefault(row["entry"], []).append(row_digest(name, vouched))
    return rows, snapshots
