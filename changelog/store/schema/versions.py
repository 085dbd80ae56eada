"""The versions of the schema that this program knows, and what it says of others."""

import sqlite3
from collections.abc import Collection

from changelog.model.errors import DatabaseError, SchemaMismatch
from changelog.store.location import Location, SqliteLocation

VERSIONS: tuple[str, ...] = ("2",)
"""Oldest first, as the files in ``alembic/versions/`` chain them."""
MIRROR = 1_835_627_122
"""The `user_version` of a SQLite file that ``mirror`` keeps: an arbitrary number."""


def head() -> str:
    """Return this program's own version."""
    return VERSIONS[-1]


def newer_schema(location: Location, version: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"the database {location} was made by a newer program (schema {version}; this one knows"
        f" {head()})",
        "Upgrade changelog, in your clone: git pull && pipx install --force .",
        "newer_schema",
    )


def not_upgraded(location: Location, version: str | None) -> SchemaMismatch:
    state = f"has schema {version}" if version else "holds no log yet"
    shared = not isinstance(location, SqliteLocation)
    backup = "Take a backup (pg_dump), then run" if version and shared else "Run"
    return SchemaMismatch(
        f"the database {location} {state}; this program needs schema {head()}",
        f"{backup} once{', as its owner' if shared else ''}: changelog db upgrade",
        "old_schema",
    )


def not_written(mirror: Location) -> DatabaseError:
    return DatabaseError(
        f"{mirror} is a mirror: the copy of a log, kept by changelog mirror, and nothing else may"
        " write to it",
        "Record into the log itself: name that with --db, or leave --db out. If that log is lost"
        " for good: changelog export, then changelog import into a new file.",
        "is_mirror",
    )


def require_known(location: Location, version: str | None) -> None:
    """Raise SchemaMismatch for a log that this program cannot read, or for none."""
    if version is None:
        raise not_upgraded(location, None)
    if version not in VERSIONS:
        raise newer_schema(location, version)


def judge_shared(location: Location, version: str | None) -> None:
    """Raise SchemaMismatch unless `version` is this program's own."""
    require_known(location, version)
    if version != head():
        raise not_upgraded(location, version)


def foreign_file(location: Location) -> DatabaseError:
    hint = "It was left as it is. Name another one with --db or CHANGELOG_DATABASE_URL."
    if not isinstance(location, SqliteLocation):
        hint += " A log has a database, or a schema, of its own."
    return DatabaseError(f"{location} is a database of something else", hint, "foreign_database")


def recognised(location: Location, tables: Collection[str], version: str | None) -> str | None:
    """Return the version of a database that has these `tables`, None if it is empty.

    `version` is what its ``alembic_version`` says, if it has one. Raises SchemaMismatch for a newer
    program's database and DatabaseError for somebody else's.
    """
    if "alembic_version" not in tables:
        if tables:
            raise foreign_file(location)
        return None
    if version is None or "journal" not in tables:
        raise foreign_file(location)
    require_known(location, version)
    return version


SHARED_TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relkind IN ('r', 'p')
      AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND NOT EXISTS (SELECT 1 FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
"""
"""Those of extensions are nobody's data: a fresh database may come with some."""
SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
SQLITE_VERSION = "SELECT version_num FROM alembic_version"


def sqlite_version(connection: sqlite3.Connection, location: Location) -> str | None:
    """Return the version of an open SQLite database: see `recognised`."""
    tables = {name for (name,) in connection.execute(SQLITE_TABLES)}
    row = connection.execute(SQLITE_VERSION).fetchone() if "alembic_version" in tables else None
    return recognised(location, tables, row[0] if row else None)
