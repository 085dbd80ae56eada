"""One state of a log, read as its driver gives it: rows as tuples, whatever is in them.

What proves a log must see what is stored, not what an object-relational layer makes of it: on
SQLite a column holds any type that somebody put there. It reads, with SELECT alone.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Protocol, cast

from changelog.model import exits
from changelog.model.errors import DatabaseReadOnly, NothingError
from changelog.model.journal_head import Head
from changelog.model.text.sanitize import command_line
from changelog.store.db_errors import is_no_text
from changelog.store.journal.entry import NO_ENTRY
from changelog.store.location import (
    Location,
    PostgresLocation,
    SqliteLocation,
    require_own_schema,
    sqlite_version,
    translated,
)
from changelog.store.reading.drivers import open_read_only

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from changelog.store.schema.rows import Values

_CHUNK = 1_000


class Source(Protocol):
    """A database that does not change while it is read. Parameters are written ``?``."""

    dialect: str

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list["Values"]: ...
    def stream(self, query: str, chunk: int = _CHUNK) -> Iterator["Values"]:
        """Yield the rows of `query`, of which so many are held at a time."""


@contextmanager
def open_source(location: Location) -> Iterator[Source]:
    """Open the log at `location` as it is now.

    Raises DatabaseError, SchemaMismatch for a schema that is not this program's, and NothingError
    where a file holds no log.
    """
    opened: AbstractContextManager[Source] = (
        _postgres(location) if isinstance(location, PostgresLocation) else _sqlite(location)
    )
    with translated(location), opened as source:
        yield source


def source_on(connection: "Connection") -> Source:
    """Return the state that a transaction sees, its own changes with it."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        return PostgresSource(driver)
    return SqliteSource(driver)


@contextmanager
def _sqlite(location: SqliteLocation) -> Iterator["SqliteSource"]:
    require_log(location)
    connection = open_read_only(location)
    try:
        # What is read first decides which state it is, until the end of the transaction.
        connection.execute("BEGIN")
        version = sqlite_version(connection, location)
        if version is None:
            raise _nothing_recorded(str(location))
        require_own_schema(location, version)
        yield SqliteSource(connection)
    finally:
        connection.close()


def require_log(location: Location) -> None:
    """Raise NothingError where there is no file, or an empty one."""
    if location.is_missing:
        raise NothingError(
            exits.NOTHING_RECORDED,
            f"nothing is recorded yet: there is no log at {location}",
            f"Check the path. Or begin with: {command_line('record', ['DID'])}",
        )
    if isinstance(location, SqliteLocation) and not location.exists:
        raise _nothing_recorded(str(location))


def _nothing_recorded(place: str) -> NothingError:
    return NothingError(
        exits.NOTHING_RECORDED,
        f"nothing is recorded in {place} yet",
        f"Begin with: {command_line('record', ['DID'])}",
    )


def head_at(location: Location) -> Head:
    """Return the head of the log at `location`; nothing is proven. Raises NothingError."""
    with open_source(location) as source:
        head = newest_head(source)
    if not head.n:
        raise _nothing_recorded(str(location))
    return head


def newest_head(source: Source) -> Head:
    """Return the head of a log, `NO_ENTRY` where nothing is recorded."""
    rows = source.rows("SELECT n, digest FROM journal ORDER BY n DESC LIMIT 1")
    if not rows:
        return NO_ENTRY
    n, digest = rows[0]
    return Head(n, digest if isinstance(digest, bytes) else b"")


class SqliteSource:
    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list["Values"]:
        return list(self.stream(query, parameters=parameters))

    def stream(
        self, query: str, chunk: int = _CHUNK, parameters: Sequence[Any] = ()
    ) -> Iterator["Values"]:
        """Yield the rows of `query`. Text that is no UTF-8 comes with surrogates in it."""
        given = 0
        try:
            cursor = self._connection.execute(query, parameters)
            while rows := cursor.fetchmany(chunk):
                given += len(rows)
                yield from rows
            return
        except sqlite3.OperationalError as error:
            if not is_no_text(error):
                raise
        # From here on not as fast: only a forgery holds text that is no UTF-8. The same query gives
        # the same rows again.
        self._connection.text_factory = _as_text
        try:
            yield from islice(self._connection.execute(query, parameters), given, None)
        finally:
            self._connection.text_factory = str


def _as_text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


@contextmanager
def _postgres(location: PostgresLocation) -> Iterator["PostgresSource"]:
    from changelog.store.postgres import connect_for_snapshot

    connection = connect_for_snapshot(location)
    try:
        # Between two pages the rows are looked at on this side, which may take its time.
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        version = connection.execute("SELECT version_num FROM schema_version").fetchone()
        require_own_schema(location, version and version[0])
        yield PostgresSource(connection, location)
    finally:
        connection.close()


_RIGHTS = """
    SELECT name FROM unnest(?::text[]) AS name
    WHERE to_regclass(quote_ident(name)) IS NOT NULL
      AND NOT has_table_privilege(quote_ident(name), 'SELECT') ORDER BY name
"""


class PostgresSource:
    dialect = "postgresql"

    def __init__(self, connection: Any, location: PostgresLocation | None = None) -> None:
        self._connection = connection
        self._location = location
        self._names = count(1)

    def require_rights(self, tables: Sequence[str]) -> None:
        """Raise DatabaseReadOnly that names each of `tables` which this user may not read."""
        lacking = ", ".join(name for (name,) in self.rows(_RIGHTS, (list(tables),)))
        if lacking:
            user = self._connection.info.user
            raise DatabaseReadOnly(
                f"the user {user} may not read every table: SELECT is missing on {lacking}",
                "Proving a log reads all of it. Use a user who records, or ask the owner to GRANT"
                f" SELECT ON {lacking} TO {user}.",
                "no_right",
            )

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list["Values"]:
        # Without parameters, a `%` is no sign of one.
        given = (query.replace("?", "%s"), parameters) if parameters else (query,)
        with self._named():
            return cast("list[Values]", self._connection.execute(*given).fetchall())

    def stream(self, query: str, chunk: int = _CHUNK) -> Iterator["Values"]:
        name = f"stream_{next(self._names)}"
        with self._named(), self._connection.cursor(name, binary=True) as cursor:
            cursor.itersize = chunk
            yield from cursor.execute(query)

    def _named(self) -> AbstractContextManager[None]:
        """Name this database in an error, also where another one is written to meanwhile."""
        return nullcontext() if self._location is None else translated(self._location)
