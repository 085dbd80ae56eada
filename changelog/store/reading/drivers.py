"""The bare drivers that the reader asks: sqlite3 and psycopg, by the same text of a query."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol, cast

from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.schema.versions import SHARED_TABLES, recognised, require_known, sqlite_version
from changelog.store.sqlite_file import open_read_only

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    Row = Mapping[str, Any]
LOCK_PATIENCE_S = 5.0
"""How long a reader waits for whoever keeps everybody out; sqlite3's own default."""


class Driver(Protocol):
    """What is asked of sqlite3 and psycopg alike."""

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]: ...
    def close(self) -> None: ...


def open_driver(location: Location, on_stale: Callable[[datetime], None]) -> Driver:
    """Open the log at `location`, of this program's schema or of an older one, for reading.

    `on_stale`: see ``open_read_only``.
    """
    if isinstance(location, PostgresLocation):
        return PostgresDriver(location)
    return SqliteDriver(location, on_stale) if location.exists else NoDriver()


class NoDriver:
    """A database that is not there yet: it answers everything with nothing."""

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:  # noqa: ARG002 -- the interface
        return []

    def close(self) -> None:
        pass


class SqliteDriver:
    def __init__(self, location: SqliteLocation, on_stale: Callable[[datetime], None]) -> None:
        self._connection = open_read_only(location, LOCK_PATIENCE_S, on_stale)
        self._connection.row_factory = sqlite3.Row
        try:
            self._is_empty = sqlite_version(self._connection, location) is None
        except Exception:
            self.close()
            raise

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        if self._is_empty:
            return []
        return cast("list[Row]", self._connection.execute(query, parameters).fetchall())

    def close(self) -> None:
        self._connection.close()


class PostgresDriver:
    def __init__(self, location: PostgresLocation) -> None:
        from changelog.store.postgres import connect_for_queries

        self._connection = connect_for_queries(location)
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

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        text = re.sub(r":(\w+)", r"%(\1)s", query.replace("%", "%%"))
        return self._execute(text, parameters)

    def _execute(self, text: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Run `text` in a transaction of its own: what one message holds is one."""
        # A table that is being rebuilt keeps its readers waiting: an error answers sooner.
        limits = f"SET LOCAL lock_timeout = {int(LOCK_PATIENCE_S * 1000)}; "
        query = f"SET TRANSACTION READ ONLY; {limits}{text}"
        cursor = self._connection.execute(cast("Any", query), parameters)
        while cursor.nextset():
            pass
        return cast("list[Row]", cursor.fetchall())

    def close(self) -> None:
        self._connection.close()
