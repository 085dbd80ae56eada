"""One state of a log, read as its driver gives it: rows as tuples, whatever is in them.

What proves a log must see what is stored, not what an object-relational layer makes of it: on
SQLite a column holds any type that somebody put there.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from changelog.core.errors import DatabaseReadOnly
from changelog.storage.failures import no_driver, translated
from changelog.storage.location import Location, PostgresLocation, SqliteLocation
from changelog.storage.sqlite_file import open_read_only
from changelog.storage.versions import judge_shared, sqlite_version

Stored = tuple[Any, ...]
"""One row as it is stored."""

_CHUNK = 5_000


class Source(Protocol):
    """A database that does not change while it is read, whoever writes to it meanwhile."""

    dialect: Dialect

    def all(self, query: ClauseElement | str) -> list[Stored]:
        """Every row that `query` finds."""
        ...

    def each(self, query: ClauseElement | str) -> Iterator[Stored]:
        """The rows that `query` finds, as they are read."""
        ...


@contextmanager
def open_source(
    location: Location, connection: sqlite3.Connection | None = None
) -> Iterator[Source]:
    """The log at `location` as it is now, or the copy of it in memory that `connection` holds.

    Raises DatabaseError, SchemaMismatch for a schema that is not this program's.
    """
    with translated(location):
        if isinstance(location, PostgresLocation):
            with _postgres(location) as source:
                yield source
        else:
            with _sqlite(location, connection) as found:
                yield found


@contextmanager
def _sqlite(location: SqliteLocation, copy: sqlite3.Connection | None) -> Iterator["SqliteSource"]:
    connection = copy or open_read_only(location)
    try:
        # What is read first decides which state it is, until the end of the transaction.
        connection.execute("BEGIN")
        found = sqlite_version(connection, location)
        judge_shared(location, found)
        yield SqliteSource(connection)
    finally:
        connection.close()


class SqliteSource:
    dialect: Dialect = sqlite.dialect()

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, query: ClauseElement | str) -> list[Stored]:
        text = _text(query, self.dialect)
        try:
            return self._connection.execute(text).fetchall()
        except sqlite3.OperationalError as error:
            if not _is_no_text(error):
                raise
        with self._whatever_is_stored():
            return self._connection.execute(text).fetchall()

    def each(self, query: ClauseElement | str) -> Iterator[Stored]:
        """In the order of the query; text that is no UTF-8 comes with surrogates in it."""
        with self._whatever_is_stored():
            cursor = self._connection.execute(_text(query, self.dialect))
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows

    @contextmanager
    def _whatever_is_stored(self) -> Iterator[None]:
        """Text that is no UTF-8 is read too, not as fast: only somebody's forgery holds any."""
        self._connection.text_factory = _as_text
        try:
            yield
        finally:
            self._connection.text_factory = str


def _as_text(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogateescape")


def _is_no_text(error: sqlite3.OperationalError) -> bool:
    """The driver's own error, for which there is no code."""
    return "decode to UTF-8" in str(error)


@contextmanager
def _postgres(location: PostgresLocation) -> Iterator["PostgresSource"]:
    try:
        import psycopg
    except ImportError as error:
        raise no_driver() from error
    connection = psycopg.connect(location.dsn, **location.connection_options)
    try:
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        # Between two windows the rows are looked at on this side, which may take its time.
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = connection.execute("SELECT version_num FROM schema_version").fetchone()
        judge_shared(location, found and found[0])
        _require_rights(location, connection)
        yield PostgresSource(connection)
    finally:
        connection.close()


def _require_rights(location: PostgresLocation, connection: Any) -> None:
    """Raise DatabaseReadOnly that names each table which this user may not read."""
    names = sorted(SQLModel.metadata.tables)
    found = connection.execute(
        "SELECT name FROM unnest(%s::text[]) AS name"
        " WHERE to_regclass(quote_ident(name)) IS NOT NULL"
        " AND NOT has_table_privilege(quote_ident(name), 'SELECT') ORDER BY name",
        (names,),
    ).fetchall()
    if found:
        missing = ", ".join(name for (name,) in found)
        user = connection.info.user
        raise DatabaseReadOnly(
            f"the user {user} of {location} may not read every table: SELECT is missing on"
            f" {missing}",
            "Proving a log reads all of it. Use a user who records, or ask the owner to GRANT"
            f" SELECT ON {missing} TO {user}.",
            "no_right",
        )


class PostgresSource:
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def all(self, query: ClauseElement | str) -> list[Stored]:
        found = self._connection.execute(_text(query, self.dialect)).fetchall()
        return cast("list[Stored]", found)

    def each(self, query: ClauseElement | str) -> Iterator[Stored]:
        """In the order of the query."""
        with self._connection.cursor("each") as cursor:
            cursor.itersize = _CHUNK
            yield from cursor.execute(_text(query, self.dialect))


def _text(query: ClauseElement | str, dialect: Dialect) -> str:
    """As the driver takes it when it is given no parameters; there are none but numbers."""
    if isinstance(query, str):
        return query
    compiled = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return re.sub("%%", "%", str(compiled))
