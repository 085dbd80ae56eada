"""The versions of the schema that this program knows, and what it says of others."""

import sqlite3
from collections.abc import Collection

from changelog.core.errors import DatabaseError, SchemaMismatch
from changelog.storage.location import Location, SqliteLocation

VERSIONS = ("0001", "0002", "0003", "0004")
"""Oldest first, as the files in ``alembic/versions/`` chain them."""
HEAD = VERSIONS[-1]


def newer_schema(location: Location, found: str) -> SchemaMismatch:
    return SchemaMismatch(
        f"the database {location} was made by a newer program (schema {found}; this one knows"
        f" {HEAD})",
        "Upgrade this program: pip install --upgrade minivoice-changelog",
        "newer_schema",
    )


def not_upgraded(location: Location, found: str | None) -> SchemaMismatch:
    state = f"has schema {found}" if found else "holds no log yet"
    return SchemaMismatch(
        f"the database {location} {state}; this program needs schema {HEAD}",
        "Run once, as its owner: changelog db upgrade",
        "old_schema",
    )


def judge_shared(location: Location, found: str | None) -> None:
    """Raise SchemaMismatch unless `found` is this program's version."""
    if found is not None and found not in VERSIONS:
        raise newer_schema(location, found)
    if found != HEAD:
        raise not_upgraded(location, found)


def foreign_file(location: Location) -> DatabaseError:
    return DatabaseError(
        f"{location} is a database of something else",
        "It was left as it is. Name another one with --db or CHANGELOG_DATABASE_URL.",
        "foreign_database",
    )


def recognised(location: Location, tables: Collection[str], found: str | None) -> str | None:
    """The version of a database that has these `tables`, None if it is empty.

    `found` is what its ``alembic_version`` says, if it has one. Raises SchemaMismatch for a newer
    program's database and DatabaseError for somebody else's.
    """
    if "alembic_version" not in tables:
        if tables and (isinstance(location, SqliteLocation) or "journal" in tables):
            raise foreign_file(location)
        return None
    if found is None or ("journal" not in tables and found in VERSIONS):
        raise foreign_file(location)
    if found not in VERSIONS:
        raise newer_schema(location, found) if "journal" in tables else foreign_file(location)
    return found


SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
SQLITE_VERSION = "SELECT version_num FROM alembic_version"


def sqlite_version(connection: sqlite3.Connection, location: Location) -> str | None:
    """The version of an open SQLite database: see `recognised`."""
    tables = {name for (name,) in connection.execute(SQLITE_TABLES)}
    row = connection.execute(SQLITE_VERSION).fetchone() if "alembic_version" in tables else None
    return recognised(location, tables, row[0] if row else None)
