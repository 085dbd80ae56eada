"""Carries a log from one database to another, as the program does; and thins one as prune does."""

import io
import json
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from typing import Any

from changelog.model.results.capture import LogImported
from changelog.store.engine import make_engine, upgrade
from changelog.store.journal.entry import Entry
from changelog.store.journal.export import Export, ExportReader
from changelog.store.journal.import_ import import_log, prove_export
from changelog.store.journal.proof import Proof
from changelog.store.journal.prune import Pruning, remove_looks
from changelog.store.journal.replay import shaped_rows, stored_entries
from changelog.store.journal.scratch import Scratch
from changelog.store.journal.source import open_source, source_on
from changelog.store.location import Location, SqliteLocation
from changelog.store.transaction import Transaction, Transactions
from tests.logbook import Logbook
from tests.tampering import Unwatched


def exported(location: Location) -> bytes:
    """Return the whole export; fails if the log is broken."""
    with open_source(location) as source:
        export = Export(source)
        content = b"".join(export.blocks())
    assert not export.broken, export.first_broken
    return content


def imported(content: bytes, location: Location, *, proven_part: bool = False) -> LogImported:
    """Import into a database, which is made if need be; return the result."""
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = make_engine(location)
    try:
        upgrade(engine, location)
        transactions = Transactions(engine, location, lambda: datetime.now(UTC))
        read = partial(reader, content)
        return import_log(transactions, Unwatched(), read, proven_part=proven_part)
    finally:
        engine.dispose()


def reader(content: bytes) -> ExportReader:
    return ExportReader(io.BytesIO(content), "log.jsonl")


def read(content: bytes) -> None:
    """Prove an export as the import does, and store nothing: raises BrokenExport."""
    with closing(Scratch()) as scratch:
        export = reader(content)
        prove_export(Proof(scratch, is_export=True), export, export.entries())


def export_of(*entries: Entry) -> bytes:
    """An export of these entries, right in all that is about lines."""
    head = str(entries[-1].head)
    spelled: list[Any] = [
        {"schema": "changelog/export/2", "database": "4", "entries": len(entries), "head": head}
    ]
    for entry in entries:
        facts, looks = entry.facts.splitlines(), entry.looks.splitlines()
        said = {
            "n": entry.n,
            "at": entry.at,
            "previous": entry.previous.hex(),
            "looks_digest": entry.looks_digest.hex(),
            "digest": entry.digest.hex(),
            "facts": len(facts),
            "looks": len(looks),
        }
        spelled.extend([said, *facts, *looks])
    spelled.append({"end": head, "lines": len(spelled) + 1})
    return b"".join(
        (one if isinstance(one, bytes) else json.dumps(one, separators=(",", ":")).encode()) + b"\n"
        for one in spelled
    )


def thin(book: Logbook, every: int) -> None:
    """Remove each so many-th look but the newest of each DID, and account for that."""

    def write(transaction: Transaction) -> None:
        source = source_on(transaction.connection)
        entries = [
            (entry.n, [row for _, rows in shaped_rows(entry.looks) for row in rows])
            for entry in stored_entries(source)
            if entry.looks
        ]
        looks = sorted(row[:2] for _, rows in entries for row in rows)
        query = "SELECT did, max(received_at) FROM snapshot GROUP BY did"
        newest: set[tuple[Any, ...]] = set(source.rows(query))
        going = {key for n, key in enumerate(looks) if n % every == 0 and key not in newest}
        remove_looks(transaction, entries, going, Pruning(0, 0, "olga"))

    book.transactions.run(write)
