"""One write transaction: the rows it adds, and the journal row that vouches for them.

Each is a function of the database as it stands, so it can be run again whole when a server asks
for that.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from changelog.core.journal import GENESIS, Entry, row_digest, rows_digest
from changelog.core.moments import to_micros
from changelog.storage import tables
from changelog.storage.failures import SERIALIZATION_FAILURES, sqlstate, translated
from changelog.storage.location import Location

T = TypeVar("T")
Row = dict[str, Any]

_WRITE_LOCK = 7_214_904_412
"""An arbitrary number: on a shared database one transaction at a time extends the journal."""
_ATTEMPTS = 8
_FIRST_PAUSE_S = 0.05


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

_INSERT_ORDER = (
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
        for table in _INSERT_ORDER:
            rows = self.rows.get(table.name)
            if rows:
                self.connection.execute(table.insert(), rows)
                into = snapshots if table is SNAPSHOT else digests
                into.extend(row_digest(table.name, row) for row in rows)
        return rows_digest(digests), rows_digest(snapshots)


class Transactions:
    """Runs functions of a `Transaction` in the database at `location`, one journal row each."""

    def __init__(self, engine: Engine, location: Location, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._location = location
        self._clock = clock

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction with one journal row, again if the server asks for it."""
        for attempt in range(_ATTEMPTS):
            entry: Entry | None = None
            try:
                with translated(self._location), self._engine.connect() as connection:
                    result, entry = self._once(connection, work)
                    connection.commit()
                    return result
            except Exception as error:
                if not self._worth_repeating(error, attempt):
                    raise
                if entry is not None and self._is_stored(entry):
                    return result
                time.sleep(_FIRST_PAUSE_S * 2**attempt)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _once(
        self, connection: Connection, work: Callable[[Transaction], T]
    ) -> tuple[T, Entry | None]:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITE_LOCK})
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

    def _worth_repeating(self, error: Exception, attempt: int) -> bool:
        cause = error.__cause__ or error
        if attempt + 1 == _ATTEMPTS or not isinstance(cause, DBAPIError):
            return False
        return sqlstate(cause) in SERIALIZATION_FAILURES or cause.connection_invalidated

    def _is_stored(self, entry: Entry) -> bool:
        """Whether a commit whose answer was lost had in fact been done."""
        try:
            with self._engine.connect() as connection:
                found = connection.execute(
                    select(JOURNAL.c.digest).where(JOURNAL.c.n == entry.n)
                ).scalar()
        except DBAPIError:
            return False
        return found is not None and bytes(found) == entry.digest
