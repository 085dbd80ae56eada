"""One write transaction: the rows it adds, and the journal row that vouches for them.

Each is a function of the database as it stands, so it can be run again whole when a server asks
for that.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from json.encoder import encode_basestring_ascii
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, Table, func, literal, select, text

from changelog.model.errors import DatabaseError, DatabaseLost, DatabaseReadOnly, UsageError
from changelog.model.journal_head import Head
from changelog.model.text.times import to_micros
from changelog.store.db_errors import ASKED_AGAIN, sqlstate
from changelog.store.journal.entry import (
    LARGEST_ENTRY,
    NO_ENTRY,
    BrokenEntry,
    Entry,
    deflate,
    make_entry,
    stored_entry,
)
from changelog.store.location import Location, SqliteLocation, require_own_schema, translated
from changelog.store.schema.rows import LOOK, SHAPES, Shape, Values, entry_text
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS

T = TypeVar("T")
Row = dict[str, Any]

WRITE_LOCK = 7_214_904_412
"""An arbitrary number: on a shared database one transaction at a time extends the journal."""
_WORTH_COPYING = 20
"""Rows from which on COPY is faster than as many INSERTs: with 1,000 rows, some four times."""
_ROW_BYTES = 2_000
"""About what the rows of an answer, or of a test call, take beside its body."""
_FEW = 499
"""Keys a query, of two columns at most: SQLite may take 999 parameters."""
_ATTEMPTS = 8
_FIRST_PAUSE_S = 0.05
_LOST_PAUSE_S = 0.25
PATIENCE_S = 120.0
"""How long a lost server is waited for: a restart takes seconds, a failover up to a minute."""
READ_ONLY_SERVER = "25006"
"""The SQLSTATE of a replica: where a run has written before, its server was just degraded."""


@dataclass(slots=True)
class Transaction:
    """What one transaction adds. `entry`: the number of the journal row that it will have."""

    connection: Connection
    entry: int
    at: int
    rows: dict[str, list[Row]] = field(default_factory=dict)
    looks: list[Row] = field(default_factory=list)

    def add(self, table: Table, row: Row) -> None:
        """Add a row to an index table, and with it a fact."""
        self.rows.setdefault(table.name, []).append(row)

    def add_look(self, row: Row) -> None:
        """Add a snapshot that begins no revision."""
        self.looks.append(row)

    def has(self, table: Table, **key: Any) -> bool:
        """Return whether the table has a row with those values, or is about to get one."""
        added = self.rows.get(table.name, ())
        return any(key.items() <= row.items() for row in added) or has_row(
            self.connection, table, **key
        )

    def insert(self, previous: bytes) -> Entry | None:
        """Insert what was added, with its journal row; returns that, None where nothing was."""
        facts = {
            name: [shape.values(row) for row in self.rows[name]]
            for name, shape in SHAPES.items()
            if name in self.rows
        }
        looks = [LOOK.values(row) for row in self.looks]
        if not facts and not looks:
            return None
        entry = self._entry(previous, facts, looks)
        insert_entries(self.connection, [entry])
        for name, shape in SHAPES.items():
            values = facts.get(name, []) + (looks if shape is LOOK else [])
            insert_rows(self.connection, shape, [(*row, self.entry) for row in values])
        return entry

    def _entry(self, previous: bytes, facts: dict[str, list[Values]], looks: list[Values]) -> Entry:
        try:
            return make_entry(
                self.entry, self.at, previous, entry_text(facts), entry_text({LOOK.name: looks})
            )
        except BrokenEntry as error:
            raise UsageError(
                f"that is too much to be recorded at once: {error}", "Give less of it at a time."
            ) from error


def in_parts(items: Sequence[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """Yield `items` in lists that fit into one entry of the journal each."""
    part: list[T] = []
    room = LARGEST_ENTRY
    for item in items:
        room -= (taken := size(item) + _ROW_BYTES)
        if part and room < 0:
            yield part
            part, room = [], LARGEST_ENTRY - taken
        part.append(item)
    if part:
        yield part


def in_slices(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield `keys` in slices that one query takes."""
    for start in range(0, len(keys), _FEW):
        yield keys[start : start + _FEW]


def spelled_size(body: str) -> int:
    """Return how many bytes a text takes in an entry."""
    return len(encode_basestring_ascii(body))


def insert_rows(
    connection: Connection, shape: Shape, rows: Sequence[Values], *, update: bool = False
) -> None:
    """Insert `rows`, each with its entry, into an index table. `update`: or give the row that has
    its key these values."""
    columns, conflict = (*shape.columns, "entry"), ""
    if update:
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
        conflict = f"ON CONFLICT ({', '.join(shape.key)}) DO UPDATE SET {changed}"
    _insert(connection, shape.name, columns, rows, conflict)


def insert_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Insert journal rows, with the looks of those that have any."""
    journal = list(map(stored_entry, entries))
    _insert(connection, JOURNAL.name, JOURNAL.columns.keys(), journal)
    looks = [(entry.n, deflate(entry.looks)) for entry in entries if entry.looks]
    _insert(connection, JOURNAL_LOOKS.name, JOURNAL_LOOKS.columns.keys(), looks)


def _insert(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Values],
    conflict: str = "",
) -> None:
    """Insert through the driver: to a server as one stream where there are many rows."""
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "postgresql" and len(rows) >= _WORTH_COPYING and not conflict:
        copy = f'COPY "{table}" ({names}) FROM STDIN'
        with connection.connection.cursor() as cursor, cursor.copy(copy) as stream:  # type: ignore[attr-defined]
            for row in rows:
                stream.write_row(row)
        return
    marks = ", ".join(["%s" if connection.dialect.name == "postgresql" else "?"] * len(columns))
    insert = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) {conflict}'  # noqa: S608 -- own names
    connection.exec_driver_sql(insert, list(rows))


def has_row(connection: Connection, table: Table, **key: Any) -> bool:
    """Return whether the table has a row with those values."""
    query = select(literal(1)).select_from(table).filter_by(**key).limit(1)
    return connection.execute(query).first() is not None


def highest(connection: Connection, column: Column[Any], **key: Any) -> int:
    """Return the highest number of a column, of the rows with those values; 0 for none."""
    query = select(func.max(column)).select_from(column.table).filter_by(**key)
    return connection.execute(query).scalar() or 0


def newest_head(connection: Connection) -> Head:
    """Return the head of the journal, `NO_ENTRY` where nothing is recorded.

    Not through a `Source`: within a transaction's limits, so that a lock ends it.
    """
    newest = select(JOURNAL.c.n, JOURNAL.c.digest).order_by(JOURNAL.c.n.desc()).limit(1)
    row = connection.execute(newest).first()
    return Head(row.n, bytes(row.digest)) if row else NO_ENTRY


class Transactions:
    """Runs functions of a `Transaction` in the database at `location`, one journal row each.
    `clock` gives the time in UTC.

    A server that is lost once it had been reached is waited for, `patience_s` seconds at most: it
    may be restarted, or another one may take its place. `on_lost` hears of it, once a loss. Once
    `is_over` says that this process is to stop, a last attempt is made. If it fails, it raises
    KeyboardInterrupt.
    """

    def __init__(
        self,
        engine: Engine,
        location: Location,
        clock: Callable[[], datetime],
        *,
        patience_s: float = PATIENCE_S,
        on_lost: Callable[[DatabaseError], None] = lambda _: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        self._engine = engine
        self.location = location
        self.clock = clock
        self._patience_s = patience_s
        self._on_lost = on_lost
        self._is_over = is_over
        self._reached = False
        self._written = False

    def ask(self, query: Callable[[Connection], T]) -> T:
        """Return what `query` reads, outside of any transaction that writes."""
        with translated(self.location), self._engine.connect() as connection:
            self._reached = True
            return query(connection)

    def release(self) -> None:
        """Close the file of a SQLite log; the next transaction opens it again.

        For a process that waits: nothing is then left in the ``-wal`` file, and another file that
        takes the log's place is not overlooked.
        """
        if isinstance(self.location, SqliteLocation):
            self._engine.dispose()

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction with one journal row, again where that may help."""
        lost_since: float | None = None
        made: tuple[T, Entry | None] | None = None
        for attempt in count():
            try:
                with translated(self.location), self._engine.connect() as connection:
                    self._reached = True
                    _lock_journal(connection)
                    self._require_known_schema(connection)
                    if made is None or not _is_stored(connection, made[1]):
                        made = self._once(connection, work)
                        connection.commit()
                    self._written = True
                    return made[0]
            except Exception as error:
                if sqlstate(error.__cause__ or error) in ASKED_AGAIN and attempt < _ATTEMPTS:
                    # Not all at once again, where several lost to the same one.
                    time.sleep(random.uniform(0.5, 1.5) * _FIRST_PAUSE_S * 2**attempt)  # noqa: S311
                    continue
                # It may lead to a server that takes no writes any more, or to a full disk.
                self._engine.dispose()
                if not self._is_lost(error):
                    raise
                lost_since = self._wait_for_server(error, lost_since)
        raise AssertionError("unreachable")

    def _once(
        self, connection: Connection, work: Callable[[Transaction], T]
    ) -> tuple[T, Entry | None]:
        head = newest_head(connection)
        transaction = Transaction(connection, head.n + 1, to_micros(self.clock()))
        result = work(transaction)
        return result, transaction.insert(head.digest)

    def _require_known_schema(self, connection: Connection) -> None:
        """Somebody may have upgraded the database since this program began."""
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        require_own_schema(self.location, version)

    def _wait_for_server(self, error: Exception, since: float | None) -> float:
        """Wait a moment for a lost server. Return since when it is waited for.

        Raises `error` once patience is at its end, or KeyboardInterrupt.
        """
        now = time.monotonic()
        if since is None:
            since = now
            if self._patience_s and isinstance(error, DatabaseError) and not self._is_over():
                self._on_lost(error)
        elif self._is_over():
            raise KeyboardInterrupt from error
        if now - since >= self._patience_s:
            raise error
        time.sleep(_LOST_PAUSE_S)
        return since

    def _is_lost(self, error: Exception) -> bool:
        """Return whether a server was lost that had been there, or had taken writes until now."""
        if isinstance(error, DatabaseReadOnly):
            return self._written and sqlstate(error.__cause__ or error) == READ_ONLY_SERVER
        return self._reached and isinstance(error, DatabaseLost)


def _lock_journal(connection: Connection) -> None:
    """Wait until no other writer extends the journal. On SQLite the transaction has that lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})


def _is_stored(connection: Connection, entry: Entry | None) -> bool:
    """Return whether a commit whose answer was lost was done after all.

    To be asked when it is this transaction's turn: until then that commit may still be on its way.
    """
    if entry is None:
        return False
    query = select(JOURNAL.c.digest).where(JOURNAL.c.n == entry.n)
    digest = connection.execute(query).scalar()
    return digest is not None and bytes(digest) == entry.digest
