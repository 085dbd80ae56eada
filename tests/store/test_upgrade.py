"""An older schema is read as it is, and upgraded where it is written: a throw-away one here."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from changelog.model.errors import DatabaseError, SchemaMismatch
from changelog.store import engine
from changelog.store import location as store_location
from changelog.store.engine import ensure_current, make_engine, migrations_folder, upgrade
from changelog.store.journal.check import check_log
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.reader import LogReader
from tests.logbook import DID, Logbook
from tests.program import Program
from tests.store.test_schema import record
from tests.tampering import Unwatched, head

SECOND = """
import os
import signal
import time

from alembic import op
import sqlalchemy as sa

revision = "5"
down_revision = "4"


def upgrade() -> None:
    op.create_table("second", sa.Column("id", sa.Integer(), primary_key=True))
    {more}


def downgrade() -> None:
    raise NotImplementedError
"""


@pytest.fixture
def log(logbook: Logbook) -> Logbook:
    record(logbook)
    return logbook


NEWER = """
import sys
from pathlib import Path

from changelog.store.engine import make_engine
from changelog.store import location as store_location
from changelog.store.location import parse_location
from changelog.store import engine

location, folder = parse_location(sys.argv[1]), Path(sys.argv[2])
engine.migrations_folder = lambda: folder
store_location.VERSIONS = ("4", "5")
engine.upgrade(make_engine(location), location)
"""
"""A program that knows a second schema, as a process of its own."""


def migrations_of_newer(folder: Path, more: str) -> Path:
    migrations = folder / "migrations"
    shutil.copytree(migrations_folder(), migrations)
    (migrations / "versions" / "0002_second.py").write_text(SECOND.replace("{more}", more))
    return migrations


def become_newer(monkeypatch: pytest.MonkeyPatch, folder: Path, more: str = "pass") -> None:
    """This program is now one that knows a second schema."""
    migrations = migrations_of_newer(folder, more)
    monkeypatch.setattr(engine, "migrations_folder", lambda: migrations)
    monkeypatch.setattr(store_location, "VERSIONS", ("4", "5"))


def start_upgrade(location: Location, folder: Path) -> subprocess.Popen[str]:
    at = location.dsn if isinstance(location, PostgresLocation) else str(location)
    line = [sys.executable, "-c", NEWER, at, str(folder)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, text=True)


def rows(log: Logbook, query: str) -> list[Any]:
    with log.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_an_older_schema_is_read_by_its_own_views_and_left_as_it_is(
    log: Logbook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = log.history()
    become_newer(monkeypatch, tmp_path)
    with closing(LogReader(log.location)) as reader:
        assert [one.routing for one in reader.history(DID).revisions] == [
            one.routing for one in before.revisions
        ]
    assert rows(log, "SELECT version_num FROM alembic_version") == [("4",)]
    with pytest.raises(SchemaMismatch, match="has schema 4; this program needs schema 5"):
        check_log(log.location, Unwatched())


def test_who_writes_upgrades_a_file_and_is_refused_by_a_server(
    log: Logbook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = head(log.location)
    journal = rows(log, "SELECT * FROM journal ORDER BY n")
    become_newer(monkeypatch, tmp_path)
    if isinstance(log.location, PostgresLocation):
        with pytest.raises(SchemaMismatch) as refused:
            ensure_current(log.engine, log.location)
        assert refused.value.code == "old_schema"
        with pytest.raises(SchemaMismatch):
            log.writer.add_note(log.revision(1), "x", "olga")
        assert upgrade(log.engine, log.location) == ("4", "5")
    else:
        ensure_current(log.engine, log.location)
    assert rows(log, "SELECT * FROM journal ORDER BY n") == journal
    log.writer.add_note(log.revision(1), "after", "olga")
    assert check_log(log.location, Unwatched(), kept).broken == ()


def test_an_upgrade_that_fails_leaves_the_older_log_whole(
    log: Logbook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as newer:
        become_newer(newer, tmp_path, more="op.execute('NO SUCH STATEMENT')")
        with pytest.raises(DatabaseError):
            upgrade(log.engine, log.location)
    assert check_log(log.location, Unwatched()).broken == ()
    log.writer.add_note(log.revision(1), "after", "olga")
    # Nothing of the first attempt is left.
    become_newer(monkeypatch, tmp_path / "again")
    assert upgrade(log.engine, log.location) == ("4", "5")
    assert upgrade(log.engine, log.location) == ("5", "5")


def test_an_upgrade_that_is_killed_leaves_the_older_log_and_can_be_run_again(
    log: Logbook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = migrations_of_newer(tmp_path / "killed", "os.kill(os.getpid(), signal.SIGKILL)")
    with start_upgrade(log.location, folder) as process:
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert rows(log, "SELECT version_num FROM alembic_version") == [("4",)]
    assert check_log(log.location, Unwatched()).broken == ()
    log.writer.add_note(log.revision(1), "after the kill", "olga")
    become_newer(monkeypatch, tmp_path)
    assert upgrade(log.engine, log.location) == ("4", "5")
    assert rows(log, "SELECT * FROM second") == []
    assert check_log(log.location, Unwatched()).broken == ()


@pytest.mark.slow
def test_of_several_upgrades_at_once_each_ends_well_and_the_log_is_upgraded_once(
    log: Logbook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    more = "op.execute('INSERT INTO second VALUES (1)'); time.sleep(0.5)"
    folder = migrations_of_newer(tmp_path / "newer", more)
    with ExitStack() as stack:
        processes = [stack.enter_context(start_upgrade(log.location, folder)) for _ in range(4)]
        complaints = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, complaints
    assert rows(log, "SELECT version_num FROM alembic_version") == [("5",)]
    assert rows(log, "SELECT id FROM second") == [(1,)]
    become_newer(monkeypatch, tmp_path)
    assert check_log(log.location, Unwatched()).broken == ()


def test_a_dry_run_says_what_an_upgrade_would_do(empty_location: Location, tmp_path: Path) -> None:
    at = empty_location
    program = Program(
        tmp_path / "home", database=at.dsn if isinstance(at, PostgresLocation) else str(at)
    )
    said = program.run("db", "upgrade", "--dry-run").ended(0).stdout
    assert said.startswith("would upgrade ")
    assert said.endswith(" from nothing to 4\n")
    found = program.json("db", "upgrade", "--dry-run")
    assert (found["dry_run"], found["version"], found["upgraded"]) == (True, None, False)
    assert program.json("db", "upgrade")["before"] is None
    assert "schema 4 (this program: 4)" in program.run("db", "upgrade", "--dry-run").ended(0).stdout
    program.run("db", "current", "--dry-run").ended(2)


@pytest.mark.parametrize("version", ["1", "0004"])
def test_a_log_of_before_the_first_release_is_refused(
    empty_location: Location, version: str
) -> None:
    location = empty_location
    make_older(location, version)
    engine = make_engine(location)
    for use in (
        lambda: LogReader(location),
        lambda: ensure_current(engine, location),
        lambda: check_log(location, Unwatched()),
    ):
        with pytest.raises(SchemaMismatch, match="never released") as refused:
            use()
        assert refused.value.code == "unreleased_schema"
    engine.dispose()


def make_older(location: Location, version: str) -> None:
    statements = (
        "CREATE TABLE alembic_version (version_num VARCHAR(32))",
        f"INSERT INTO alembic_version VALUES ('{version}')",
        "CREATE TABLE journal (n INTEGER)",
        "CREATE VIEW schema_version AS SELECT version_num FROM alembic_version",
    )
    if isinstance(location, SqliteLocation):
        with closing(sqlite3.connect(location.path)) as file:
            file.executescript(";".join(statements))
    else:
        with psycopg.connect(location.dsn) as server:
            for statement in statements:
                server.execute(statement.encode())
