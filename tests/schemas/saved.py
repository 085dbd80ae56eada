"""The saved logs: one of each schema, as the program of that time wrote it, with its answers.

``NNNN.sql`` holds what SQLite keeps: the schema, then, below a marker, the rows. On PostgreSQL the
migrations up to NNNN make the schema and the same rows are put in. ``NNNN.answers.json`` holds what
the program of that time answered, by command line, and what its views held, by name.
"""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, cast

import psycopg
from alembic import command
from alembic.config import Config

from changelog.store.engine import migration_engine
from changelog.store.location import Location, PostgresLocation, SqliteLocation

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
ROWS_BELOW = "-- Rows, as both databases have them.\n"
VIEWS = ("current_routing", "routing_history", "restore_target", "alert_log")
"""What a plain ``sqlite3`` or ``psql`` is told to look at; not all are in every schema."""
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.sql"))


class SavedLog(NamedTuple):
    version: str

    @property
    def sql(self) -> str:
        return (FOLDER / f"{self.version}.sql").read_text("utf-8")

    @property
    def rows(self) -> str:
        return self.sql.partition(ROWS_BELOW)[2]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """`arguments` and `answer` of each."""
        return cast("list[dict[str, Any]]", self._said["answers"])

    @property
    def views(self) -> dict[str, list[dict[str, Any]]]:
        return cast("dict[str, list[dict[str, Any]]]", self._said["views"])

    @property
    def _said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(
            (FOLDER / f"{self.version}.answers.json").read_text("utf-8")
        )
        return said

    @property
    def tables(self) -> list[str]:
        """Those with rows, which are all that the schema had."""
        return sorted(set(re.findall(r"^INSERT INTO (\w+)", self.rows, re.MULTILINE)))

    def load(self, location: Location) -> None:
        """Make the log at `location`, where there is nothing yet."""
        if isinstance(location, SqliteLocation):
            location.prepare()
            with closing(sqlite3.connect(location.path)) as file:
                file.execute("PRAGMA journal_mode = WAL")
                file.executescript(self.sql)
        else:
            migrate_to(self.version, location)
            as_bytea = re.sub(r"\bX'([0-9a-f]*)'", r"'\\x\1'", self.rows)
            with psycopg.connect(location.dsn) as server:
                server.execute(cast("Any", as_bytea))


def migrate_to(version: str, location: Location) -> None:
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = migration_engine(location)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "alembic"))
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def schema_of(path: Path) -> list[str]:
    """Each statement by which SQLite keeps the schema of the file, in the order they were given."""
    query = (
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " ORDER BY rowid"
    )
    with closing(sqlite3.connect(path)) as file:
        return [sql for (sql,) in file.execute(query)]


def views_of(location: Location) -> dict[str, list[dict[str, Any]]]:
    """What the views hold that the schema has."""
    return {name: rows for name in VIEWS if (rows := _view(location, name)) is not None}


def _view(location: Location, name: str) -> list[dict[str, Any]] | None:
    connection: Any
    if isinstance(location, PostgresLocation):
        connection = psycopg.connect(location.dsn)
        missing: type[Exception] = psycopg.errors.UndefinedTable
    else:
        connection = sqlite3.connect(location.path)
        missing = sqlite3.OperationalError
    with closing(connection):
        try:
            found = connection.execute(f"SELECT * FROM {name}")
        except missing:
            return None
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
