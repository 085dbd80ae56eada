"""One state of a log, read as its driver gives it: rows as tuples, whatever is in them.

What proves a log must see what is stored, not what an object-relational layer makes of it: on
SQLite a column holds any type that somebody put there.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol, cast

from sqlalchemy import ClauseElement, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from changelog.model import exits
from changelog.model.errors import DatabaseReadOnly, NothingError
from changelog.store.db_errors import translated
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.sqlite_file import open_read_only
from changelog.store.versions import judge_shared, sqlite_version

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

Stored = tuple[Any, ...]
"""One row as it is stored."""

_CHUNK = 5_000
_WHOLE = {"render_postcompile": True}
"""A list of values is spelled out, as a driver needs it."""


class Source(Protocol):
    """A database that does not change while it is read, whoever writes to it meanwhile."""

    dialect: Dialect

    def all(self, query: ClauseElement, **parameters: object) -> list[Stored]:
        """Every row that `query` finds."""
        ...

    def each(self, query: ClauseElement, **parameters: object) -> Iterator[Stored]:
        """The rows that `query` finds, in its order, as they are read."""
        ...


@contextmanager
def open_source(
    location: Location, connection: sqlite3.Connection | None = None
) -> Iterator[Source]:
    """The log at `location` as it is now, or the copy of it in memory that `connection` holds.

    Raises DatabaseError, SchemaMismatch for a schema that is not this program's, and NothingError
    where a file holds no log.
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
    if copy is None:
        require_log(location)
    connection = copy or open_read_only(location)
    try:
        # What is read first decides which state it is, until the end of the transaction.
        connection.execute("BEGIN")
        found = sqlite_version(connection, location)
        if found is None:
            raise _nothing_recorded(location)
        judge_shared(location, found)
        yield SqliteSource(connection)
    finally:
        connection.close()


def require_log(location: Location) -> None:
    """Raise NothingError where there is no file, or an empty one."""
    if isinstance(location, SqliteLocation) and not location.exists:
        raise _nothing_recorded(location)


def _nothing_recorded(location: SqliteLocation) -> NothingError:
    return NothingError(
        exits.NOTHING_RECORDED,
        f"nothing is recorded in {location} yet",
        "Begin with: changelog record DID",
    )


class SqliteSource:
    dialect: Dialect = sqlite.dialect()

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, query: ClauseElement, **parameters: object) -> list[Stored]:
        asked = self._asked(query, parameters)
        try:
            return self._connection.execute(*asked).fetchall()
        except sqlite3.OperationalError as error:
            if not _is_no_text(error):
                raise
        with self._whatever_is_stored():
            return self._connection.execute(*asked).fetchall()

    def each(self, query: ClauseElement, **parameters: object) -> Iterator[Stored]:
        """Text that is no UTF-8 comes with surrogates in it."""
        asked = self._asked(query, parameters)
        cursor, given = self._connection.execute(*asked), 0
        while True:
            try:
                rows = cursor.fetchmany(_CHUNK)
            except sqlite3.OperationalError as error:
                if not _is_no_text(error):
                    raise
                break
            if not rows:
                return
            given += len(rows)
            yield from rows
        # From here on not as fast; the same query of the same state gives the same rows again.
        with self._whatever_is_stored():
            again = self._connection.execute(*asked).fetchall()
        yield from again[given:]

    def _asked(self, query: ClauseElement, parameters: Mapping[str, object]) -> tuple[str, Any]:
        compiled = cast("SQLCompiler", query.compile(dialect=self.dialect, compile_kwargs=_WHOLE))
        values = compiled.construct_params(parameters)
        return str(compiled), [values[name] for name in compiled.positiontup or ()]

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
    from changelog.store.postgres import connect_for_snapshot

    connection = connect_for_snapshot(location)
    try:
        # Between two windows the rows are looked at on this side, which may take its time.
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
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
        self._names = count(1)

    def all(self, query: ClauseElement, **parameters: object) -> list[Stored]:
        found = self._connection.execute(*self._asked(query, parameters)).fetchall()
        return cast("list[Stored]", found)

    def each(self, query: ClauseElement, **parameters: object) -> Iterator[Stored]:
        with self._connection.cursor(f"each_{next(self._names)}") as cursor:
            cursor.itersize = _CHUNK
            yield from cursor.execute(*self._asked(query, parameters))

    def explain(self, relation: str) -> list[Stored]:
        """How the server would read `relation`: a view, or a text of this program's with a name."""
        query = f"EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM {relation}"  # noqa: S608 -- not from outside
        return cast("list[Stored]", self._connection.execute(query).fetchall())

    def _asked(self, query: ClauseElement, parameters: Mapping[str, object]) -> tuple[str, Any]:
        compiled = cast("SQLCompiler", query.compile(dialect=self.dialect, compile_kwargs=_WHOLE))
        return str(compiled), compiled.construct_params(parameters)
