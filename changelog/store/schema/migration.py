"""The version of a database's schema: looking at it, and bringing it up to date.

alembic is imported only to migrate: it costs more than most commands take.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from changelog.model.errors import DatabaseError
from changelog.store.engine import disposing, migration_engine
from changelog.store.location import (
    MIRROR,
    SHARED_TABLES,
    SQLITE_TABLES,
    Location,
    SqliteLocation,
    not_upgraded,
    recognised,
    schema_head,
    sqlite_version,
    translated,
)
from changelog.store.transaction import WRITE_LOCK

_ENCODING = "UTF8"


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
            f"{location} is a mirror: the copy of a log, kept by changelog mirror, and nothing else"
            " may write to it",
            "Record into the log itself: name that with --db, or leave --db out. If that log is"
            " lost for good: changelog export, then changelog import into a new file.",
            "is_mirror",
        )


def upgrade(engine: Engine, location: Location) -> tuple[str | None, str]:
    """Migrate to this program's schema in one transaction. Returns (from, to).

    Raises DatabaseFull where there is no room for it, and DatabaseError for a database that cannot
    hold every text.
    """
    before = version(engine, location)
    with (
        translated(location),
        disposing(migration_engine(location)) as migrating,
        migrating.begin() as connection,
    ):
        if connection.dialect.name == "postgresql":
            # One migration at a time, and no writer of the old schema under way.
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})
            _require_encoding(connection, location)
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


def _require_encoding(connection: Connection, location: Location) -> None:
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
    """Inside the package where it is installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "_alembic", package.parent / "alembic"):
        if (folder / "env.py").exists():
            return folder
    raise DatabaseError("the migrations are missing from this installation", "Install it again.")
