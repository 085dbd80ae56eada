"""Entries of another log into this one, numbers, times and digests as they are."""

import sqlite3
from collections.abc import Generator, Iterator, Sequence
from itertools import groupby
from typing import Any, Self

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from changelog.model.errors import BrokenExport, DatabaseError
from changelog.model.log_format.export_reading import ProvenEntry
from changelog.model.log_format.journal import GENESIS, Head, row_digest, rows_digest
from changelog.store.db_errors import sqlstate
from changelog.store.journal.source import open_source
from changelog.store.transaction import (
    INSERT_ORDER,
    JOURNAL,
    REVISION,
    SNAPSHOT,
    Row,
    Transaction,
    Transactions,
    as_stored,
    insert_rows,
)

_PAGE = 10_000
_CONTRADICTION = "23"
"""How the codes of PostgreSQL's integrity constraint violations begin."""
_WITH_DID = tuple(table for table in INSERT_ORDER if "did" in table.c)


class LogImporter:
    """A log that is gone on with, entry by entry; a server that is lost meanwhile is waited for."""

    def __init__(self, transactions: Transactions) -> None:
        self._location = transactions.location
        self._transactions = transactions

    def head(self) -> Head:
        return self._transactions.ask(_head)

    def digests(self) -> Iterator[bytes]:
        """Those of the journal's entries, in order, a page at a time."""
        after = 0
        while True:
            query = (
                select(JOURNAL.c.n, JOURNAL.c.digest)
                .where(JOURNAL.c.n > after)
                .order_by(JOURNAL.c.n)
                .limit(_PAGE)
            )
            page = self._all(query)
            for n, digest in page:
                after = n
                yield bytes(digest)
            if len(page) < _PAGE:
                return

    def dids_of(self, entry: int) -> list[str]:
        """The DIDs that an entry says something of."""
        found: set[str] = set()
        for table in _WITH_DID:
            query = select(table.c.did).where(table.c.entry == entry, table.c.did.is_not(None))
            found.update(did for (did,) in self._all(query))
        return sorted(found)

    def _all(self, query: Any) -> list[Any]:
        return self._transactions.ask(lambda connection: list(connection.execute(query).all()))

    def snapshot_digests(self, last: int) -> Generator[tuple[int, bytes], None, None]:
        """Up to the entry `last`, in order: the digest over the snapshots that are there of each
        entry that has any."""
        query = select(SNAPSHOT).where(SNAPSHOT.c.entry <= last).order_by(SNAPSHOT.c.entry)
        names = tuple(SNAPSHOT.c.keys())
        with open_source(self._location) as source:
            rows = (dict(zip(names, row, strict=True)) for row in source.each(query))
            for n, mine in groupby(rows, key=lambda row: row["entry"]):
                yield n, rows_digest(row_digest(SNAPSHOT.name, row) for row in mine)

    def append(self, after: Head, entries: Sequence[ProvenEntry]) -> Head:
        """Store `entries`, which follow `after`, in one transaction. Returns the new head.

        Raises DatabaseError where somebody else wrote meanwhile, BrokenExport where the rows
        contradict what is stored.
        """
        last = entries[-1].entry
        ahead = Head(last.n, last.digest)
        collided = False

        def write(transaction: Transaction) -> None:
            nonlocal collided
            found = _head(transaction.connection)
            # A commit whose answer was lost was done after all.
            if found == ahead:
                return
            if found != after:
                raise DatabaseError(
                    f"somebody wrote to the database {self._location} meanwhile",
                    "An import goes on where the journal ends, so nobody may record until it is"
                    " done. What was imported before is stored.",
                    "written_meanwhile",
                )
            try:
                _insert(transaction.connection, entries)
            except Exception as error:
                # Once, another writer may have been faster; twice at the same head, it is the rows.
                if _is_contradiction(error) and collided:
                    raise _contradiction(entries) from error
                collided = True
                raise

        try:
            self._transactions.run(write)
        except DatabaseError as error:
            if _is_contradiction(error.__cause__):
                raise _contradiction(entries) from error
            raise
        return ahead


def _contradiction(entries: Sequence[ProvenEntry]) -> BrokenExport:
    return BrokenExport(
        f"entries {entries[0].entry.n} to {entries[-1].entry.n} contradict each other or what is"
        " stored",
        "What came before them is stored.",
    )


def _is_contradiction(error: BaseException | None) -> bool:
    """A key that is taken or missing; where rows are copied, the driver says it itself."""
    is_one = isinstance(error, IntegrityError)
    return is_one or (error is not None and sqlstate(error).startswith(_CONTRADICTION))


def _head(connection: Connection) -> Head:
    query = select(JOURNAL.c.n, JOURNAL.c.digest).order_by(JOURNAL.c.n.desc()).limit(1)
    found = connection.execute(query).first()
    return Head(found.n, bytes(found.digest)) if found else Head(0, GENESIS)


def _insert(connection: Connection, entries: Sequence[ProvenEntry]) -> None:
    journal: list[Row] = []
    rows: dict[str, list[Row]] = {}
    for one in entries:
        entry = one.entry
        journal.append(
            {
                "n": entry.n,
                "at": entry.at,
                "previous": entry.previous,
                "rows": entry.rows,
                "snapshots": entry.snapshots,
                "digest": entry.digest,
            }
        )
        for name, row in one.rows:
            rows.setdefault(name, []).append(row)
    # First: what was thinned names the entry that it was taken from.
    insert_rows(connection, JOURNAL, journal)
    for table in INSERT_ORDER:
        if mine := rows.get(table.name):
            kept = [as_stored(row) for row in mine] if table is REVISION else mine
            insert_rows(connection, table, kept)


class ThinnedAccounts:
    """Of each entry that lacks snapshots: what it says is left, and what the log says of that.

    On disk, in a file without a name, since there may be as many as there are entries.
    """

    def __init__(self) -> None:
        self._kept = sqlite3.connect("", isolation_level=None)
        self._kept.execute("BEGIN")
        self._kept.execute("CREATE TABLE said (n INTEGER PRIMARY KEY, digest BLOB)")
        self._kept.execute("CREATE TABLE accounted (n INTEGER PRIMARY KEY, digest BLOB, entry INT)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def add(self, one: ProvenEntry) -> None:
        """Note what an entry says of itself, and what it says of earlier ones."""
        if one.thinned is not None:
            self._kept.execute("INSERT INTO said VALUES (?, ?)", (one.entry.n, one.thinned))
        for table, row in one.rows:
            if table == "thinned":
                left = rows_digest(()) if row["snapshots"] is None else row["snapshots"]
                values = (row["journal"], left, one.entry.n)
                self._kept.execute("INSERT OR REPLACE INTO accounted VALUES (?, ?, ?)", values)

    def first_unaccounted(self) -> int | None:
        """The first entry of which snapshots are missing that nobody says were removed, or are
        there that somebody says were."""
        found = self._kept.execute(
            """
            SELECT min(n) FROM (
                SELECT n FROM said s WHERE NOT EXISTS
                    (SELECT 1 FROM accounted a WHERE a.n = s.n AND a.digest = s.digest)
                UNION ALL
                SELECT n FROM accounted a WHERE NOT EXISTS
                    (SELECT 1 FROM said s WHERE s.n = a.n))
            """
        )
        n: int | None = found.fetchone()[0]
        return n

    def provable(self, last: int) -> int:
        """The last entry up to which the log accounts for itself, at most `last`."""
        while True:
            found = self._kept.execute(
                """
                SELECT min(n) FROM (
                    SELECT n FROM said s WHERE n <= :last AND NOT EXISTS
                        (SELECT 1 FROM accounted a
                         WHERE a.n = s.n AND a.digest = s.digest AND a.entry <= :last)
                    UNION ALL
                    SELECT entry FROM accounted a WHERE entry <= :last AND NOT EXISTS
                        (SELECT 1 FROM said s WHERE s.n = a.n))
                """,
                {"last": last},
            ).fetchone()[0]
            if found is None:
                return last
            last = found - 1

    def thinned_later(self, head: int) -> Iterator[tuple[int, bytes]]:
        """In order, the entries up to `head` that were thinned after it, with what is left."""
        yield from self._kept.execute(
            "SELECT n, digest FROM accounted WHERE n <= ? AND entry > ? ORDER BY n", (head, head)
        )
