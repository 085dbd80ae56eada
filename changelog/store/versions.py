"""The versions of the schema that this program knows, and what it says of others."""

import sqlite3
from collections.abc import Collection, Iterator
from itertools import count, takewhile
from pathlib import Path

from changelog.model.errors import DatabaseError, SchemaMismatch
from changelog.store.location import Location, SqliteLocation

VERSIONS = ("0001", "0002", "0003", "0004")
"""Oldest first, as the files in ``alembic/versions/`` chain them."""
HEAD = VERSIONS[-1]


def backup_paths(location: SqliteLocation, version: str) -> Iterator[Path]:
    """The names of the backups made before an upgrade to `version`, beside the file itself."""
    file = location.path.resolve()
    yield file.with_name(f"{file.name}.before-{version}.bak")
    for number in count(2):
        yield file.with_name(f"{file.name}.before-{version}.{number}.bak")


def existing_backup(location: SqliteLocation, version: str) -> Path | None:
    """The newest backup made before an upgrade to `version`, if there is one."""
    made = [*takewhile(Path.is_file, backup_paths(location, version))]
    return made[-1] if made else None


def newer_schema(location: Location, found: str) -> SchemaMismatch:
    """Names the way back too, if the log of before the upgrade still lies beside it."""
    hint = "Upgrade this program: pip install --upgrade minivoice-changelog"
    if isinstance(location, SqliteLocation) and (backup := existing_backup(location, found)):
        hint += (
            f". Or go back to the log as it was before that upgrade, without what was recorded"
            f" since: {backup} (docs/upgrades.md)"
        )
    return SchemaMismatch(
        f"the database {location} was made by a newer program (schema {found}; this one knows"
        f" {HEAD})",
        hint,
        "newer_schema",
    )


def not_upgraded(location: Location, found: str | None) -> SchemaMismatch:
    state = f"has schema {found}" if found else "holds no log yet"
    return SchemaMismatch(
        f"the database {location} {state}; this program needs schema {HEAD}",
        f"{'Take a backup (pg_dump), then run' if found else 'Run'} once, as its owner:"
        " changelog db upgrade",
        "old_schema",
    )


def judge_shared(location: Location, found: str | None) -> None:
    """Raise SchemaMismatch unless `found` is this program's version."""
    if found is not None and found not in VERSIONS:
        raise newer_schema(location, found)
    if found != HEAD:
        raise not_upgraded(location, found)


def foreign_file(location: Location) -> DatabaseError:
    hint = "It was left as it is. Name another one with --db or CHANGELOG_DATABASE_URL."
    if not isinstance(location, SqliteLocation):
        hint += " A log has a database, or a schema, of its own."
    return DatabaseError(f"{location} is a database of something else", hint, "foreign_database")


def recognised(location: Location, tables: Collection[str], found: str | None) -> str | None:
    """The version of a database that has these `tables`, None if it is empty.

    `found` is what its ``alembic_version`` says, if it has one. Raises SchemaMismatch for a newer
    program's database and DatabaseError for somebody else's.
    """
    if "alembic_version" not in tables:
        if tables:
            raise foreign_file(location)
        return None
    if found is None or ("journal" not in tables and found in VERSIONS):
        raise foreign_file(location)
    if found not in VERSIONS:
        raise newer_schema(location, found) if "journal" in tables else foreign_file(location)
    return found


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
    """The version of an open SQLite database: see `recognised`."""
    tables = {name for (name,) in connection.execute(SQLITE_TABLES)}
    row = connection.execute(SQLITE_VERSION).fetchone() if "alembic_version" in tables else None
    return recognised(location, tables, row[0] if row else None)
