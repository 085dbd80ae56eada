"""The schema: migrations and tables agree, changes are refused, strangers are left alone."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from changelog.model.answers import Applications
from changelog.model.errors import SchemaMismatch
from changelog.model.recording import Selection
from changelog.model.watching.alert import Alert
from changelog.model.watching.observation import Observation, Round
from changelog.store.engine import ensure_current
from changelog.store.journal.entry import NO_LOOKS
from changelog.store.location import PostgresLocation, SqliteLocation
from changelog.store.reader import LogReader
from changelog.store.schema.columns import ONLY_ON
from changelog.store.schema.tables import (
    PRUNED,
    PRUNING,
    REBUILD,
    WATCH_STATE,
)
from changelog.store.transaction import Transaction
from tests.logbook import Logbook

TABLES = sorted(SQLModel.metadata.tables.keys() - {WATCH_STATE.name})
"""Those that are append-only: a watch's state is no record."""
ROOT = Path(__file__).parents[2]


@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_the_migrations_make_the_tables_that_the_models_say(logbook: Logbook) -> None:
    with logbook.engine.connect() as connection:
        ours = connection.dialect.name
        options = {
            "compare_type": True,
            "include_object": lambda what, *_: what.info.get(ONLY_ON, ours) == ours,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_models_make_the_very_tables_that_the_migrations_make(tmp_path: Path) -> None:
    """``db rebuild`` makes a table from them."""
    location = SqliteLocation(tmp_path / "log.db")
    Logbook(location).engine.dispose()
    made = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    SQLModel.metadata.create_all(made)
    query = "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql <> ''"
    with made.connect() as models, closing(sqlite3.connect(location.path)) as migrated:
        expected = dict(migrated.execute(query).fetchall())
        del expected["alembic_version"]
        assert dict(map(tuple, models.execute(text(query)))) == expected
    made.dispose()


def fill(book: Logbook) -> None:
    """At least one row in every table."""
    record(book)
    thin(book)


def record(book: Logbook) -> None:
    """At least one row in every table but those of a prune."""
    book.see("app_a", capture=None)
    selection = Selection(every=False, names=("did_1",))
    urls = {"app_other": "https://b.example/answer"}
    applications = Applications(urls, "with the key other, applications could not be read")
    capture = book.capture(note="n", tag="t", selection=selection, applications=applications)
    book.see("app_b", capture=capture)
    capture.close()
    book.see("app_a")
    book.miss(404)
    book.judge("good", 1)
    book.hear("pass", 1)
    book.verify(1)
    book.writer.add_note(book.revision(1), "text", "olga")
    book.writer.add_capture_note(1, "text", "olga")
    watch(book)


def thin(book: Logbook) -> None:
    """The rows that ``prune`` and ``db rebuild`` would have added."""

    def write(transaction: Transaction) -> None:
        who = {"id": 1, "at": transaction.at, "author": "olga"}
        transaction.add(PRUNING, {**who, "older_than": 1, "removed": 1})
        pruned = {"journal": 1, "pruning": 1, "removed": 1, "looks_digest": NO_LOOKS}
        transaction.add(PRUNED, pruned)
        transaction.add(REBUILD, {**who, "rows": 1, "entries": 0, "objects": 0})

    book.transactions.run(write)


def watch(book: Logbook) -> None:
    """A round of a watch that made an alert due."""
    alerts = book.writer.alerts("all")
    alerts.begin(300.0)
    ended = Round(at=book.clock(), capture=None, requested=1, read=0)
    silent = Alert(kind="silent", at=ended.at)
    alerts.judge(Observation(ended), lambda state, _: (state, [silent]), ["stdout"], None)


def test_the_database_itself_refuses_to_change_or_remove_anything(logbook: Logbook) -> None:
    fill(logbook)
    for table in TABLES:
        column = next(iter(SQLModel.metadata.tables[table].columns)).name
        statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
        if logbook.engine.dialect.name == "sqlite":
            columns = ", ".join(one.name for one in SQLModel.metadata.tables[table].columns)
            statements.append(f"INSERT OR REPLACE INTO {table} SELECT {columns} FROM {table}")
        else:
            statements.append(f"TRUNCATE {table} CASCADE")
        for statement in statements:
            with logbook.engine.connect() as connection:
                count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
                assert count, f"{table} is empty: the refusal would prove nothing"
                with pytest.raises(DBAPIError, match="append-only"):
                    connection.execute(text(statement))


def set_version(book: Logbook, version: str) -> None:
    with book.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_a_newer_schema_is_refused_by_readers_and_writers(logbook: Logbook) -> None:
    logbook.see()
    set_version(logbook, "9999")
    with pytest.raises(SchemaMismatch, match="newer program"):
        ensure_current(logbook.engine, logbook.location)
    with pytest.raises(SchemaMismatch):
        LogReader(logbook.location)


def test_a_new_sqlite_file_and_its_folder_are_their_owners_alone(tmp_path: Path) -> None:
    with Logbook(SqliteLocation(tmp_path / "new" / "log.db")) as book:
        book.see()
        modes = {one.name: one.stat().st_mode & 0o777 for one in (tmp_path / "new").iterdir()}
        assert set(modes.values()) == {0o600}
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_alembic_upgrades_from_a_checkout_without_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHANGELOG_DATABASE_URL", str(tmp_path / "by-hand.db"))
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    LogReader(SqliteLocation(tmp_path / "by-hand.db")).close()
    ended = subprocess.run(
        [sys.executable, "-m", "alembic", "downgrade", "base"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "never downgraded" in ended.stderr


def test_the_password_of_a_database_is_in_no_message() -> None:
    location = PostgresLocation("postgresql://olga:hunter2@db.example:5432/log?password=hunter3")
    assert str(location) == "postgresql://olga@db.example:5432/log"
