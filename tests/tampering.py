"""A log changed behind the program's back, by somebody who puts the triggers back afterwards."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    LargeBinary,
    Table,
    and_,
    create_engine,
    select,
    text,
)
from sqlalchemy.dialects import postgresql

from changelog.model.journal_head import Head
from changelog.model.results.upkeep import Broken
from changelog.store.journal.check import check_log
from changelog.store.journal.entry import GENESIS, deflate, make_entry, stored_entry
from changelog.store.journal.rebuild import texts_of
from changelog.store.journal.replay import stored_entries
from changelog.store.journal.source import head_at, open_source
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.schema.columns import VerbatimJson
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


class Unwatched:
    """Reports no progress of a proof."""

    def begins(self, total: int) -> None: ...
    def step(self, done: int = 1) -> None: ...
    def explain_waits(self, reason: Callable[[], str]) -> None: ...


def broken(location: Location, against: Head | None = None) -> list[Broken]:
    """Return what ``check`` finds."""
    return list(check_log(location, Unwatched(), against).broken)


def head(location: Location) -> Head:
    return head_at(location)


def forge(location: Location, alter: Callable[[Connection], None], *, until: int = 10**6) -> None:
    """Change rows and write the journal anew of them, up to a last entry: right in all its digests,
    and not the log."""
    with behind(location) as connection:
        alter(connection)
    with open_source(location) as source:
        entries = list(stored_entries(source))
        texts = {entry.n: texts_of(source, entry.n) for entry in entries}
    previous = GENESIS
    with behind(location) as connection:
        for entry in entries:
            if entry.n > until:
                for shape in reversed(SHAPES.values()):
                    table = shape.table
                    connection.execute(table.delete().where(table.c.entry == entry.n))
                for table in (JOURNAL_LOOKS, JOURNAL):
                    connection.execute(table.delete().where(table.c.n == entry.n))
                continue
            forged = make_entry(entry.n, entry.at, previous, *texts[entry.n])
            row = dict(zip(JOURNAL.columns.keys(), stored_entry(forged), strict=True))
            connection.execute(JOURNAL.update().where(JOURNAL.c.n == entry.n).values(row))
            if forged.looks:
                connection.execute(
                    JOURNAL_LOOKS.update()
                    .where(JOURNAL_LOOKS.c.n == entry.n)
                    .values(looks=deflate(forged.looks))
                )
            previous = forged.digest


@contextmanager
def behind(location: Location) -> Iterator[Connection]:
    """Yield a connection that may change everything; the triggers are there again afterwards."""
    engine = unguarded_engine(location)
    try:
        with engine.begin() as connection:
            triggers = _take_triggers(connection)
            yield connection
            for statement in triggers:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def _take_triggers(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return []
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    triggers = {one.name: one.sql for one in found}
    for name in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    return list(triggers.values())


def unguarded_engine(location: Location) -> Engine:
    """Return an engine without foreign keys on SQLite, as a plain ``sqlite3`` works."""
    if isinstance(location, PostgresLocation):
        return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(location.dsn))
    assert isinstance(location, SqliteLocation)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(location.path, timeout=30)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    return create_engine("sqlite://", creator=connect)


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key)
    return [dict(row) for row in connection.execute(query).mappings()]


def key(table: Table, row: dict[str, Any]) -> Any:
    """Return the condition that selects that row."""
    return and_(*(column == row[column.name] for column in table.primary_key))


def another(value: Any, column: Any) -> Any:
    """Return a value that differs in one digit, character or byte."""
    if value is None:
        return {int: 1, str: "x", bytes: b"\1"}[kind_of(column)]
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1]) if value else b"\1"
    if isinstance(column.type.dialect_impl(_DIALECT), VerbatimJson):
        # PostgreSQL takes nothing that is not JSON.
        return value + " "
    return value[:-1] + chr(ord(value[-1]) ^ 8) if value else "x"


def kind_of(column: Any) -> type:
    """Return the type of a column's values: int, str or bytes."""
    if isinstance(column.type, Integer):
        return int
    return bytes if isinstance(column.type, LargeBinary) else str
