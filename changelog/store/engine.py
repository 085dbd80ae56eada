"""How each kind of database is opened for writing, and brought to this program's schema.

The only maker of SQLAlchemy engines. alembic is imported only to migrate: it costs more than most
commands take.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool

from changelog.model.errors import DatabaseError
from changelog.store.location import (
    MIRROR,
    SHARED_TABLES,
    SQLITE_TABLES,
    Location,
    PostgresLocation,
    SqliteLocation,
    not_upgraded,
    recognised,
    schema_head,
    sqlite_version,
    translated,
)
from changelog.store.transaction import WRITE_LOCK

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another one before it gives up."""
_ANSWER_LIMIT_S = 1.5
"""How long a writer in a hurry waits for a server's answer, beside the wait for a lock."""
_ENCODING = "UTF8"


def make_engine(
    location: Location, *, busy_timeout_s: float | None = None, foreign_keys: bool = True
) -> Engine:
    """Return an engine for the log at `location`; nothing is opened yet.

    `busy_timeout_s`: of a writer in a hurry, which does not wait for a silent server either.
    `foreign_keys`: SQLite can make a table anew only without them.
    """
    timeout_s = BUSY_TIMEOUT_S if busy_timeout_s is None else busy_timeout_s
    if isinstance(location, SqliteLocation):
        return _sqlite_engine(location, timeout_s, foreign_keys=foreign_keys)
    limit_s = None if busy_timeout_s is None else busy_timeout_s + _ANSWER_LIMIT_S
    return _postgres_engine(location, timeout_s, limit_s)


@contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """Dispose of the engine at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def _sqlite_engine(
    location: SqliteLocation, busy_timeout_s: float, *, foreign_keys: bool
) -> Engine:
    def connect() -> sqlite3.Connection:
        # The pool gives it to one thread at a time.
        connection = sqlite3.connect(
            location.path,
            timeout=busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # An acknowledged commit must survive a power cut, not only the end of the process.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA recursive_triggers = ON")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1)

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Any) -> None:
        # Writers queue at the start instead of failing in the middle; the driver's own BEGIN, which
        # leaves DDL outside the transaction, is off (isolation_level above).
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(
    location: PostgresLocation, busy_timeout_s: float, limit_s: float | None
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


# The schema


def ensure_current(engine: Engine, location: Location) -> None:
    """Make the schema this program's own, or raise what stands in the way.

    A SQLite file is upgraded by itself; a shared database only by ``db upgrade``.
    """
    before = version(engine, location)
    if before == schema_head():
        return
    if not isinstance(location, SqliteLocation):
        raise not_upgraded(location, before)
    upgrade(engine, location)


def is_mirror(location: Location) -> bool:
    """Return whether the log at `location` is the copy that ``mirror`` keeps of another one."""
    if not isinstance(location, SqliteLocation):
        return False
    with translated(location), closing(_opened(location)) as file:
        return bool(file.execute("PRAGMA user_version").fetchone()[0] == MIRROR)


def require_no_mirror(location: Location) -> None:
    """Raise DatabaseError for a mirror: after an entry of its own it could not go on."""
    if is_mirror(location):
        raise DatabaseError(
            f"{location} is a mirror: the copy of a log that the command mirror keeps, and nothing"
            " else may write to it",
            "Record into the log itself: name that with --db, or leave --db out. If that log is"
            " lost for good, export this one and import that into a new file.",
            "is_mirror",
        )


def upgrade(engine: Engine, location: Location) -> tuple[str | None, str]:
    """Migrate to this program's schema in one transaction. Returns (from, to).

    Raises DatabaseFull where there is no room for it, and DatabaseError for a database that cannot
    hold every text.
    """
    before = version(engine, location)
    require_encoding(engine, location)
    with (
        translated(location),
        disposing(make_engine(location, foreign_keys=False)) as migrating,
        migrating.begin() as connection,
    ):
        if connection.dialect.name == "postgresql":
            # One migration at a time, and no writer of the old schema under way.
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})
        # Looked at again, now that the lock is held: another one may have been faster.
        if _version_on(connection, location) != schema_head():
            _migrate(connection)
    return before, schema_head()


def version(engine: Engine, location: Location) -> str | None:
    """Return the schema's version, None for an empty database.

    Raises SchemaMismatch for a newer one and DatabaseError for somebody else's database.
    """
    with translated(location):
        if isinstance(location, SqliteLocation):
            # Not through the engine: its pragmas would already write to a file of something else.
            with closing(_opened(location)) as file:
                return sqlite_version(file, location)
        with engine.connect() as connection:
            return _version_on(connection, location)


def _opened(location: SqliteLocation) -> sqlite3.Connection:
    return sqlite3.connect(f"{location.path.resolve().as_uri()}?mode=ro", uri=True)


def require_encoding(engine: Engine, location: Location) -> None:
    """Raise DatabaseError for a PostgreSQL database that cannot hold every text."""
    if isinstance(location, SqliteLocation):
        return
    with translated(location), engine.connect() as connection:
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != _ENCODING:
        raise DatabaseError(
            f"the database {location} keeps text as {encoding}, and a log needs {_ENCODING}:"
            " names and notes hold any character",
            "Make another one, and name that: CREATE DATABASE changelog TEMPLATE template0"
            f" ENCODING '{_ENCODING}' LOCALE_PROVIDER libc LOCALE 'C' (docs/postgresql.md).",
            "wrong_encoding",
        )


def _version_on(connection: Connection, location: Location) -> str | None:
    query = SQLITE_TABLES if isinstance(location, SqliteLocation) else SHARED_TABLES
    tables = connection.execute(text(query)).scalars().all()
    number = None
    if "alembic_version" in tables:
        number = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return recognised(location, tables, number)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrations_folder() -> Path:
    """Return it: inside the package where that is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_alembic", package.parent / "alembic"):
        if (folder / "env.py").exists():
            return folder
    raise DatabaseError("the migrations are missing from this installation", "Install it again.")
