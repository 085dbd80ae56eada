"""The bare drivers that the reader asks: sqlite3 and psycopg, by the same text of a query.

A WAL database needs its ``-wal`` and ``-shm`` beside it, and SQLite would make them. Where nothing
may be written (a read-only folder, a full disk), the file is opened as immutable. That would ignore
a ``-wal`` that a crash left over, so both files are then copied to where there is room.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, cast

from changelog.model.errors import OutOfTime
from changelog.store.location import (
    SHARED_TABLES,
    Location,
    PostgresLocation,
    SqliteLocation,
    recognised,
    require_known,
    sqlite_version,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Row = Mapping[str, Any]
LOCK_PATIENCE_S = 5.0
"""How long a reader waits for an exclusive lock; sqlite3's own default."""
_STEPS = 10_000
"""So many steps of SQLite's machine lie between two looks at the clock: less than a millisecond."""
_SQLITE_INTERRUPT = 9
_MEMORY = Path("/dev/shm")  # noqa: S108 -- copied into a folder of its own, mode 0700
_QUERY_CANCELED = "57014"


_GRACE_S = 2.0
"""How much longer the bodies and captures of what was found may take to be read."""
_ANSWER_S = 1.0
"""How long a server has to say that it has stopped a query at its deadline."""


class ReadDeadline:
    """Until when the reads of one answer may take: `seconds` from now on, None for no end."""

    def __init__(self, seconds: float | None) -> None:
        self._ends_at = None if seconds is None else monotonic() + seconds

    @property
    def seconds_left(self) -> float | None:
        """None for no end."""
        return None if self._ends_at is None else self._ends_at - monotonic()

    @property
    def is_over(self) -> bool:
        return self._ends_at is not None and monotonic() > self._ends_at

    def extend(self) -> None:
        """Let what was found be shown, after a read was cut short."""
        if self._ends_at is not None:
            self._ends_at = monotonic() + _GRACE_S


NO_DEADLINE = ReadDeadline(None)


class Query(Protocol):
    """Asks the views, through whatever driver there is."""

    def __call__(self, query: str, **parameters: Any) -> list[Row]: ...


PAIRS = """
    SELECT value ->> 0 AS did, CAST(value ->> 1 AS BIGINT) AS number FROM json_each(:pairs)
"""
"""DIDs, each with a number, as rows: one parameter, however many they are."""


def pairs(wanted: Iterable[tuple[str, int]]) -> str:
    """Return the parameter of `PAIRS`."""
    return json.dumps(list(wanted))


def names(wanted: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Return texts as a query has them after IN, and its parameters."""
    given = {f"n{n}": text for n, text in enumerate(wanted)}
    return f"({', '.join(f':{name}' for name in given)})", given


def open_driver(
    location: Location, on_stale: Callable[[datetime], None], deadline: ReadDeadline = NO_DEADLINE
) -> Driver:
    """Open the log at `location`, of this program's schema or of an older one, for reading.

    `on_stale`: see `open_read_only`. `deadline`: until when a server may be silent.
    """
    if isinstance(location, PostgresLocation):
        return PostgresDriver(location, deadline)
    if not location.exists:
        return no_log(location)
    return SqliteDriver(open_read_only(location, on_stale), location)


def no_log(location: Location) -> SqliteDriver:
    """Return what answers everything with nothing, in the place of a log that is not there."""
    return SqliteDriver(sqlite3.connect(":memory:", isolation_level=None), location)


def open_read_only(
    location: SqliteLocation, on_stale: Callable[[datetime], None] | None = None
) -> sqlite3.Connection:
    """Return a connection that reads and never writes. Raises sqlite3.Error or OSError.

    `on_stale` hears of a log that is read without its newest transactions, and as of when it is;
    a caller that needs all of it leaves that out.
    """
    path = location.path.resolve()
    try:
        return _probed(f"{path.as_uri()}?mode=ro", LOCK_PATIENCE_S)
    except sqlite3.OperationalError:
        if not path.is_file():
            raise
        wal = Path(f"{path}-wal")
        if wal.exists() and wal.stat().st_size:
            copy = _copied(path, wal)
            if copy is not None:
                return copy
            if on_stale is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
            on_stale(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        return _probed(f"{path.as_uri()}?immutable=1", LOCK_PATIENCE_S)


def _copied(path: Path, wal: Path) -> sqlite3.Connection | None:
    """Open a copy of both files. Returns None where there is no room for one."""
    # Imported where they are needed: nearly every reader has no need of them.
    import shutil
    import tempfile

    for place in dict.fromkeys((_MEMORY, Path(tempfile.gettempdir()))):
        with (
            suppress(OSError, sqlite3.OperationalError),
            tempfile.TemporaryDirectory(dir=place) as folder,
        ):
            for file, name in ((path, "log"), (wal, "log-wal")):
                shutil.copyfile(file, Path(folder) / name)
            # Its files have no names any more once it is open; they go when it is closed.
            return _probed(f"{(Path(folder) / 'log').as_uri()}?mode=rw", 0)
    return None


def _probed(uri: str, patience_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=patience_s)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


class SqliteDriver:
    """Asks sqlite3. An empty database has no views: each answer is empty too."""

    def __init__(self, connection: sqlite3.Connection, location: Location) -> None:
        self._connection = connection
        self._connection.row_factory = sqlite3.Row
        try:
            self._is_empty = sqlite_version(self._connection, location) is None
        except Exception:
            self.close()
            raise

    def rows(
        self, query: str, parameters: Mapping[str, Any], deadline: ReadDeadline = NO_DEADLINE
    ) -> list[Row]:
        """Return the rows of the answer. Raises OutOfTime once `deadline` is over."""
        if self._is_empty:
            return []
        watch = None if deadline.seconds_left is None else lambda: deadline.is_over
        self._connection.set_progress_handler(watch, _STEPS)
        try:
            return cast("list[Row]", self._connection.execute(query, parameters).fetchall())
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != _SQLITE_INTERRUPT:
                raise
            raise OutOfTime from error

    def begin(self) -> None:
        """Begin a read transaction: what is read until its end is of one state of the log."""
        self._connection.execute("BEGIN")

    def end(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


class PostgresDriver:
    def __init__(self, location: PostgresLocation, deadline: ReadDeadline = NO_DEADLINE) -> None:
        self._has_begun = False
        from changelog.store.postgres import connect_for_queries

        # A frozen server does not keep to the timeout of its own that a query sets.
        has_end = deadline.seconds_left is not None
        seconds_left = (lambda: (deadline.seconds_left or 0) + _ANSWER_S) if has_end else None
        self._connection = connect_for_queries(location, seconds_left)
        try:
            require_known(location, self._version(location))
        except Exception:
            self.close()
            raise

    def _version(self, location: PostgresLocation) -> str | None:
        """Read the schema's version from a view, since a reader may have no right to any table."""
        from psycopg import errors

        try:
            rows = self._execute("SELECT version_num FROM schema_version")
        except (errors.UndefinedTable, errors.UndefinedColumn):
            tables = self._execute(SHARED_TABLES)
            return recognised(location, [row["relname"] for row in tables], None)
        return rows[0]["version_num"] if rows else None

    def rows(
        self, query: str, parameters: Mapping[str, Any], deadline: ReadDeadline = NO_DEADLINE
    ) -> list[Row]:
        # Two functions that are the same, but for their names.
        query = query.replace("instr(", "strpos(").replace("json_each(", "json_array_elements(")
        query = query.replace("%", "%%")
        text = re.sub(r":(\w+)", r"%(\1)s", query)
        return self._execute(text, parameters, deadline)

    def begin(self) -> None:
        # After an error the rest of the answer is read from the savepoint on, in the same state.
        self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SAVEPOINT query")
        self._has_begun = True

    def end(self) -> None:
        self._has_begun = False
        from psycopg import Error

        # Nothing was written: a server that is lost by now has nothing to lose.
        with suppress(Error):
            self._connection.execute("ROLLBACK")

    def _execute(
        self,
        text: str,
        parameters: Mapping[str, Any] | None = None,
        deadline: ReadDeadline = NO_DEADLINE,
    ) -> list[Row]:
        """Run `text` in the transaction that has begun, else in one of its own: what one message
        holds is one."""
        from psycopg import Error

        start = "SET TRANSACTION READ ONLY"
        if self._has_begun:
            start = "RELEASE SAVEPOINT query; SAVEPOINT query"
        # A table that is being rebuilt keeps its readers waiting: an error answers sooner.
        # To compile a query takes longer than any of these takes.
        limits = f"SET LOCAL jit = off; SET LOCAL lock_timeout = {int(LOCK_PATIENCE_S * 1000)}; "
        if (left := deadline.seconds_left) is not None:
            limits += f"SET LOCAL statement_timeout = {max(1, int(left * 1000))}; "
        try:
            cursor = self._connection.execute(cast("Any", f"{start}; {limits}{text}"), parameters)
        except Error as error:
            if self._has_begun and not self._connection.closed:
                self._connection.execute("ROLLBACK TO SAVEPOINT query")
            if error.sqlstate == _QUERY_CANCELED and deadline.seconds_left is not None:
                raise OutOfTime from error
            raise
        while cursor.nextset():
            pass
        return cast("list[Row]", cursor.fetchall())

    def close(self) -> None:
        self._connection.close()


Driver = SqliteDriver | PostgresDriver
