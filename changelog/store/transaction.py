"""One write transaction: the rows it adds, and the journal row that vouches for them.

Each is a function of the database as it stands, so it can be run again whole when a server asks
for that.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, Table, select, text
from sqlmodel import SQLModel

from changelog.model.errors import DatabaseError, DatabaseLost, DatabaseReadOnly
from changelog.model.log_format.journal import GENESIS, Entry, row_digest, rows_digest
from changelog.model.text.times import to_micros
from changelog.store import tables
from changelog.store.db_errors import ASKED_AGAIN, sqlstate, translated
from changelog.store.location import Location
from changelog.store.packing import PackedWith, pack_body, unpack_body
from changelog.store.versions import judge_shared

T = TypeVar("T")
Row = dict[str, Any]

WRITE_LOCK = 7_214_904_412
"""An arbitrary number: on a shared database one transaction at a time extends the journal."""
_WORTH_COPYING = 20
"""Rows from which on COPY is faster than as many INSERTs: with 1,000 rows, some four times."""
DIGEST_SIZE = 8
"""Bytes that a revision keeps of its own digest: enough to name it. The proof is the journal's."""
_ATTEMPTS = 8
_FIRST_PAUSE_S = 0.05
_LOST_PAUSE_S = 0.25
PATIENCE_S = 120.0
"""How long a lost server is waited for: a restart takes seconds, a failover up to a minute."""
READ_ONLY_SERVER = "25006"
"""The SQLSTATE of a replica: where a run has written before, its server was just degraded."""


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


JOURNAL = _table(tables.Journal)
CAPTURE = _table(tables.Capture)
REVISION = _table(tables.Revision)
SNAPSHOT = _table(tables.Snapshot)
PROBLEM = _table(tables.Problem)
TAG = _table(tables.Tag)
VERDICT = _table(tables.Verdict)
CONFIRMATION = _table(tables.Confirmation)
NOTE = _table(tables.Note)
APPLICATION = _table(tables.Application)
DID = _table(tables.Did)
DID_NUMBER = _table(tables.DidNumber)
EVIDENCE = _table(tables.Evidence)
CAPTURE_END = _table(tables.CaptureEnd)
SELECTION = _table(tables.Selection)
WATCH_ROUND = _table(tables.WatchRound)
ALERT = _table(tables.Alert)
ALERT_DELIVERY = _table(tables.AlertDelivery)
TROUBLE = _table(tables.Trouble)
PRUNING = _table(tables.Pruning)
THINNED = _table(tables.Thinned)

INSERT_ORDER = (
    SELECTION,
    CAPTURE,
    CAPTURE_END,
    DID,
    DID_NUMBER,
    REVISION,
    PROBLEM,
    SNAPSHOT,
    NOTE,
    VERDICT,
    CONFIRMATION,
    EVIDENCE,
    TAG,
    APPLICATION,
    WATCH_ROUND,
    ALERT,
    ALERT_DELIVERY,
    TROUBLE,
    PRUNING,
    THINNED,
)


@dataclass(slots=True)
class Transaction:
    connection: Connection
    entry: int
    at: int
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: Table, row: Row) -> None:
        self.rows.setdefault(table.name, []).append({**row, "entry": self.entry})

    def insert(self) -> tuple[bytes, bytes]:
        """Insert what was added. Returns the digests over the rows and over the snapshots."""
        digests: list[bytes] = []
        snapshots: list[bytes] = []
        for table in INSERT_ORDER:
            rows = self.rows.get(table.name)
            if rows:
                kept = [as_stored(row) for row in rows] if table is REVISION else rows
                insert_rows(self.connection, table, kept)
                into = snapshots if table is SNAPSHOT else digests
                into.extend(row_digest(table.name, row) for row in rows)
        return rows_digest(digests), rows_digest(snapshots)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, which have the same columns: to a server as one stream where they are many."""
    if connection.dialect.name == "postgresql" and len(rows) >= _WORTH_COPYING:
        from psycopg import sql

        columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
        copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
        with connection.connection.cursor() as cursor, cursor.copy(copy) as stream:  # type: ignore[attr-defined]
            for row in rows:
                stream.write_row(tuple(row.values()))
    else:
        connection.execute(table.insert(), rows)


def packed_with(row: RowMapping | Row) -> PackedWith:
    """The columns of a revision's row that its body is packed with."""
    return PackedWith(
        row["did"],
        row["number"],
        row["application_id"],
        row["route_mode"],
        row["destination"],
        row["status"],
    )


def as_received(row: RowMapping | Row) -> Row:
    """A stored revision as the journal vouches for it: body unpacked, digest in full.

    Raises BrokenBody.
    """
    body = unpack_body(bytes(row["body"]), packed_with(row))
    said = {name: value for name, value in row.items() if name not in ("digest", "entry")}
    digest = row_digest("revision", {**said, "body": body})
    return {**row, "body": body, "digest": digest}


def stored_digest(digest: bytes, packed: bytes) -> bytes:
    """What the row keeps of its `digest`, with the bytes of the packed body covered too."""
    return sha256(digest + packed).digest()[:DIGEST_SIZE]


def as_stored(row: Row) -> Row:
    """A revision as it is kept. The journal vouches for it as it was received."""
    body = pack_body(row["body"], packed_with(row))
    return {**row, "body": body, "digest": stored_digest(row["digest"], body)}


class Transactions:
    """Runs functions of a `Transaction` in the database at `location`, one journal row each.

    A server that is lost once it had been reached is waited for, `patience_s` seconds at most: it
    may be restarted, or another one may take its place. `on_lost` hears of it, once a loss. Once
    `is_over` says that this process is to stop, it is tried once more: then KeyboardInterrupt.
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
        self._location = location
        self._clock = clock
        self._patience_s = patience_s
        self._on_lost = on_lost
        self._is_over = is_over
        self._reached = False
        self._written = False

    @property
    def location(self) -> Location:
        return self._location

    def ask(self, query: Callable[[Connection], T]) -> T:
        """What `query` reads, outside of any transaction that writes."""
        with translated(self._location), self._engine.connect() as connection:
            self._reached = True
            return query(connection)

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction with one journal row, again where that may help."""
        lost = _Loss(self._patience_s, self._on_lost, self._is_over)
        in_doubt: tuple[T, Entry] | None = None
        for attempt in count():
            entry: Entry | None = None
            try:
                with translated(self._location), self._engine.connect() as connection:
                    self._reached = True
                    _take_turn(connection)
                    self._require_known_schema(connection)
                    if in_doubt is not None and _is_stored(connection, in_doubt[1]):
                        return in_doubt[0]
                    in_doubt = None
                    result, entry = self._once(connection, work)
                    connection.commit()
                    self._written = True
                    return result
            except Exception as error:
                if self._is_lost(error):
                    if entry is not None:
                        in_doubt = (result, entry)
                    # What is left in the pool leads to a server that takes no writes any more.
                    self._engine.dispose()
                    lost.wait(error)
                elif _is_asked_again(error) and attempt < _ATTEMPTS:
                    # Not all at once again, where several lost to the same one.
                    time.sleep(random.uniform(0.5, 1.5) * _FIRST_PAUSE_S * 2**attempt)  # noqa: S311
                else:
                    raise
        raise AssertionError("unreachable")

    def _once(
        self, connection: Connection, work: Callable[[Transaction], T]
    ) -> tuple[T, Entry | None]:
        head = connection.execute(
            select(JOURNAL.c.n, JOURNAL.c.digest).order_by(JOURNAL.c.n.desc()).limit(1)
        ).first()
        n, previous = (head.n + 1, bytes(head.digest)) if head else (1, GENESIS)
        transaction = Transaction(connection, n, to_micros(self._clock()))
        result = work(transaction)
        if not transaction.rows:
            return result, None
        rows, snapshots = transaction.insert()
        entry = Entry(n, transaction.at, previous, rows, snapshots)
        connection.execute(
            JOURNAL.insert(),
            {
                "n": n,
                "at": entry.at,
                "previous": previous,
                "rows": rows,
                "snapshots": snapshots,
                "digest": entry.digest,
            },
        )
        return result, entry

    def _require_known_schema(self, connection: Connection) -> None:
        """Somebody may have upgraded the database since this program began."""
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        judge_shared(self._location, found)

    def _is_lost(self, error: Exception) -> bool:
        """Whether a server was lost that had been there, or had taken writes until now."""
        if isinstance(error, DatabaseReadOnly):
            return self._written and sqlstate(error.__cause__ or error) == READ_ONLY_SERVER
        return self._reached and isinstance(error, DatabaseLost)


def _take_turn(connection: Connection) -> None:
    """Wait for whoever extends the journal. On SQLite the transaction has begun as a writer."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})


def _is_stored(connection: Connection, entry: Entry) -> bool:
    """Whether a commit whose answer was lost was done after all.

    To be asked when it is this transaction's turn: until then that commit may still be on its way.
    """
    query = select(JOURNAL.c.digest).where(JOURNAL.c.n == entry.n)
    found = connection.execute(query).scalar()
    return found is not None and bytes(found) == entry.digest


class _Loss:
    """A server that is lost: how long it is waited for."""

    def __init__(
        self,
        patience_s: float,
        on_lost: Callable[[DatabaseError], None],
        is_over: Callable[[], bool],
    ) -> None:
        self._patience_s = patience_s
        self._on_lost = on_lost
        self._is_over = is_over
        self._since: float | None = None

    def wait(self, error: Exception) -> None:
        """Wait a moment; raises `error` once patience is at its end, or KeyboardInterrupt."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
            if self._patience_s and isinstance(error, DatabaseError) and not self._is_over():
                self._on_lost(error)
        elif self._is_over():
            raise KeyboardInterrupt from error
        if now - self._since >= self._patience_s:
            raise error
        time.sleep(_LOST_PAUSE_S)


def _is_asked_again(error: Exception) -> bool:
    return sqlstate(error.__cause__ or error) in ASKED_AGAIN
