"""Carries a log from one database to another, as the program does; and thins one as prune does."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from changelog.cli.progress import Progress
from changelog.commands.upkeep.import_log import import_log
from changelog.model.log_format.export_reading import ExportReader
from changelog.model.log_format.journal import row_digest, rows_digest
from changelog.model.results.import_log import LogImported
from changelog.store.engine import make_engine
from changelog.store.journal.export import Export
from changelog.store.journal.import_ import LogImporter, ThinnedAccounts
from changelog.store.journal.row_types import row_of
from changelog.store.journal.source import open_source
from changelog.store.location import Location, SqliteLocation
from changelog.store.schema import upgrade
from changelog.store.transaction import PRUNING, SNAPSHOT, THINNED, Transaction, Transactions
from changelog.store.versions import VERSIONS
from tests.logbook import Logbook


def exported(location: Location) -> bytes:
    """The whole file; fails if the log is broken."""
    with open_source(location) as source:
        export = Export(source)
        content = "".join(f"{line}\n" for line in export.lines()).encode()
    assert not export.broken, export.first_broken
    return content


def imported(content: bytes, location: Location, *, proven_part: bool = False) -> LogImported:
    """What came of it; the database is made if need be."""
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = make_engine(location)
    try:
        upgrade(engine, location)
        with ThinnedAccounts() as accounts:
            return import_log(
                lambda: reader(content),
                LogImporter(Transactions(engine, location, lambda: datetime.now(UTC))),
                accounts,
                Progress(),
                proven_part=proven_part,
            )
    finally:
        engine.dispose()


def reader(content: bytes) -> ExportReader:
    return ExportReader(io.BytesIO(content), "log.jsonl", row_of, VERSIONS)


def thin(book: Logbook, every: int) -> None:
    """Remove each so many-th snapshot that says nothing new, and account for that."""

    def write(transaction: Transaction) -> None:
        found = transaction.connection.execute(SNAPSHOT.select()).mappings()
        rows = sorted(map(dict, found), key=lambda row: (row["did"], row["received_at"]))
        firsts = _firsts(rows)
        gone = [row for n, row in enumerate(rows) if n % every == 0 and row not in firsts]
        pruning = transaction.connection.execute(text("SELECT count(*) + 1 FROM pruning")).scalar()
        transaction.add(
            PRUNING,
            {
                "id": pruning,
                "at": transaction.at,
                "older_than": 0,
                "author": "olga",
                "removed": len(gone),
            },
        )
        for entry in sorted({row["entry"] for row in gone}):
            left = [row for row in rows if row["entry"] == entry and row not in gone]
            digest = rows_digest(row_digest("snapshot", row) for row in left) if left else None
            transaction.add(
                THINNED,
                {
                    "journal": entry,
                    "pruning": pruning,
                    "removed": sum(row["entry"] == entry for row in gone),
                    "snapshots": digest,
                },
            )
        _delete(transaction, gone)

    book.writer.transactions.run(write)


def _firsts(rows: Iterable[Any]) -> list[Any]:
    """Of each DID and revision the first snapshot, and the newest of each DID: they always stay."""
    by_time = sorted(rows, key=lambda row: row["received_at"])
    first = {(row["did"], row["revision"]): row for row in reversed(by_time)}
    last = {row["did"]: row for row in by_time}
    return [*first.values(), *last.values()]


def _delete(transaction: Transaction, gone: Iterable[Any]) -> None:
    connection = transaction.connection
    if connection.dialect.name == "sqlite":
        names = "SELECT name, sql FROM sqlite_master WHERE name = 'snapshot_no_delete'"
        ((name, sql),) = connection.execute(text(names)).all()
        before, after = [f"DROP TRIGGER {name}"], [sql]
    else:
        before = ["ALTER TABLE snapshot DISABLE TRIGGER USER"]
        after = ["ALTER TABLE snapshot ENABLE TRIGGER USER"]
    for statement in before:
        connection.execute(text(statement))
    for row in gone:
        connection.execute(
            SNAPSHOT.delete().where(
                SNAPSHOT.c.did == row["did"], SNAPSHOT.c.received_at == row["received_at"]
            )
        )
    for statement in after:
        connection.execute(text(statement))
