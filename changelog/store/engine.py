"""The only maker of SQLAlchemy engines: how each kind of database is opened for writing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool

from changelog.store.location import Location, PostgresLocation, SqliteLocation

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another one before it gives up."""
_ANSWER_LIMIT_S = 1.5
"""How long a writer in a hurry waits for a server's answer, beside the wait for a lock."""


def make_engine(location: Location, *, busy_timeout_s: float | None = None) -> Engine:
    """Return an engine for the log at `location`; nothing is opened yet.

    `busy_timeout_s`: of a writer in a hurry, which does not wait for a silent server either.
    """
    timeout_s = BUSY_TIMEOUT_S if busy_timeout_s is None else busy_timeout_s
    if isinstance(location, SqliteLocation):
        return _sqlite_engine(location, timeout_s)
    limit_s = None if busy_timeout_s is None else busy_timeout_s + _ANSWER_LIMIT_S
    return _postgres_engine(location, timeout_s, limit_s)


def migration_engine(location: Location) -> Engine:
    """Return an engine to migrate with: SQLite rebuilds a table only while foreign keys are off."""
    if isinstance(location, SqliteLocation):
        return _sqlite_engine(location, BUSY_TIMEOUT_S, foreign_keys=False)
    return _postgres_engine(location, BUSY_TIMEOUT_S)


@contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """Dispose of the engine at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def _sqlite_engine(
    location: SqliteLocation, busy_timeout_s: float, *, foreign_keys: bool = True
) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(location.path, timeout=busy_timeout_s, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        # An acknowledged commit must survive a power cut, not only the end of the process.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA recursive_triggers = ON")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Any) -> None:
        # Writers queue at the start instead of failing in the middle; the driver's own BEGIN, which
        # leaves DDL outside the transaction, is off (isolation_level above).
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(
    location: PostgresLocation, busy_timeout_s: float, limit_s: float | None = None
) -> Engine:
    from changelog.store.postgres import connect

    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(location, limit_s),
        pool_size=1,
        max_overflow=0,
        pool_pre_ping=True,
        use_native_hstore=False,
    )
    limits = (
        f"SET LOCAL lock_timeout = {int(busy_timeout_s * 1000)};"
        # A machine that vanishes within a transaction must not keep the others waiting.
        " SET LOCAL idle_in_transaction_session_timeout = '60s'"
    )

    @event.listens_for(engine, "begin")
    def set_limits(connection: Any) -> None:
        connection.exec_driver_sql(limits)

    return engine
