"""A log of an older schema is brought up to date, and says and proves what it said before."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from changelog.storage.engine import make_engine, migration_engine
from changelog.storage.location import Location, PostgresLocation, SqliteLocation
from changelog.storage.schema import upgrade
from changelog.storage.versions import HEAD
from tests.journal_walk import assert_journal_is_whole
from tests.program import Program

ROOT = Path(__file__).parent.parent
SCHEMAS = Path(__file__).parent / "schemas"
ROWS = (SCHEMAS / "0001.sql").read_text("utf-8")
ANSWERS = json.loads((SCHEMAS / "0001.answers.json").read_text("utf-8"))
"""What the program of that time answered, by command line."""

TABLES = sorted(set(re.findall(r"^INSERT INTO (\w+)", ROWS, re.MULTILINE)))


@pytest.fixture
def old(location: Location) -> Location:
    return made_as_0001(location)


def made_as_0001(location: Location) -> Location:
    """A log of schema 0001 with something of everything in it."""
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = migration_engine(location)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(ROOT / "alembic"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    if isinstance(location, SqliteLocation):
        with closing(sqlite3.connect(location.path)) as file:
            file.executescript(ROWS)
    else:
        as_bytea = re.sub(r"\bX'([0-9a-f]*)'", r"'\\x\1'", ROWS)
        with psycopg.connect(dsn_of(location)) as server:
            server.execute(cast("Any", as_bytea))
    return location


def dsn_of(location: Location) -> str:
    assert isinstance(location, PostgresLocation)
    return location.dsn


def program_for(location: Location, home: Path) -> Program:
    """Without `database`, which would be migrated on the way."""
    url = dsn_of(location) if isinstance(location, PostgresLocation) else str(location)
    return Program(home, database=url)


def upgraded(location: Location, home: Path) -> Program:
    """A SQLite file by being read, a shared database by being told."""
    program = program_for(location, home)
    if isinstance(location, SqliteLocation):
        program.run("log").ended(0)
    else:
        assert "db upgrade" in program.run("log").ended(8).stderr
        said = program.json("db", "upgrade")
        assert (said["before"], said["version"], said["upgraded"]) == ("0001", HEAD, True)
    return program


def contents(location: Location) -> dict[str, Any]:
    """Every row of every table that there was in 0001, and the version."""
    engine = make_engine(location)
    try:
        with engine.connect() as connection:
            return {
                name: sorted(
                    [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))],
                    key=repr,
                )
                for name in (*TABLES, "alembic_version")
            }
    finally:
        engine.dispose()


def assert_says_as_much(now: Any, then: Any, where: str) -> None:
    """Fields are only ever added."""
    if isinstance(then, dict):
        assert isinstance(now, dict), where
        assert then.keys() <= now.keys(), where
        for name, value in then.items():
            assert_says_as_much(now[name], value, f"{where}.{name}")
    elif isinstance(then, list):
        assert isinstance(now, list), where
        assert len(now) == len(then), where
        for place, value in enumerate(then):
            assert_says_as_much(now[place], value, f"{where}[{place}]")
    else:
        assert now == then, where


def test_it_answers_as_before_proves_as_before_and_still_refuses_changes(
    old: Location, tmp_path: Path
) -> None:
    program = upgraded(old, tmp_path / "olga")
    runs = program.run_each([(*one["arguments"], "--json") for one in ANSWERS])
    for ran, before in zip(runs, ANSWERS, strict=True):
        assert "Traceback" not in ran.stderr
        assert_says_as_much(ran.json, before["answer"], " ".join(before["arguments"]))
    assert_journal_is_whole(old)
    assert_nothing_can_be_changed(old)
    # Of a capture from before there is nothing that says what it was told to read.
    program.run("record", "--resume").ended(5)


def assert_nothing_can_be_changed(location: Location) -> None:
    engine = make_engine(location)
    for table in TABLES:
        with engine.connect() as connection:
            column = next(iter(connection.execute(text(f"SELECT * FROM {table}")).keys()))
        statements = [f'UPDATE {table} SET "{column}" = "{column}"', f"DELETE FROM {table}"]
        if isinstance(location, SqliteLocation):
            statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        else:
            statements.append(f"TRUNCATE {table} CASCADE")
        for statement in statements:
            with (
                engine.connect() as connection,
                pytest.raises(DBAPIError, match="append-only"),
            ):
                connection.execute(text(statement))
    engine.dispose()


def test_only_the_way_of_keeping_changes_no_row_is_lost_or_added(old: Location) -> None:
    before = contents(old)
    engine = make_engine(old)
    assert upgrade(engine, old) == ("0001", HEAD)
    engine.dispose()
    after = contents(old)
    kept = set(TABLES) - {"revision", "capture", "capture_end"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert {name: len(after[name]) for name in TABLES} == {
        name: len(before[name]) for name in TABLES
    }


BREAKS = {
    "it fails": "    op.execute('NO SUCH STATEMENT')",
    "it is killed": "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
}
BROKEN_UPGRADE = """
import sys
from pathlib import Path
from changelog.storage import schema
from changelog.storage.engine import make_engine
from changelog.storage.location import parse_location
schema.migrations_folder = lambda: Path(sys.argv[1])
location = parse_location(sys.argv[2])
schema.upgrade(make_engine(location), location)
"""


@pytest.mark.parametrize(
    ("how", "when"), [("it fails", "at its end"), ("it is killed", "after the tables")]
)
def test_where_it_breaks_off_the_old_log_is_whole_and_the_next_try_does_it(
    old: Location, tmp_path: Path, how: str, when: str
) -> None:
    before = contents(old)
    folder = migrations_that(BREAKS[how], PLACES[when], tmp_path / "migrations")
    where = dsn_of(old) if isinstance(old, PostgresLocation) else str(old)
    broken = subprocess.run(
        [sys.executable, "-c", BROKEN_UPGRADE, str(folder), where],
        capture_output=True,
        check=False,
        text=True,
    )
    assert broken.returncode == (1 if how == "it fails" else -signal.SIGKILL), broken.stderr
    assert contents(old) == before
    program = upgraded(old, tmp_path / "olga")
    card = next(one for one in ANSWERS if one["arguments"][0] == "restore")
    assert_says_as_much(program.json(*card["arguments"]), card["answer"], "restore")
    assert_journal_is_whole(old)


PLACES: dict[str, Callable[[str, str], str]] = {
    "at its end": lambda code, line: code.replace("def downgrade", f"{line}\n\n\ndef downgrade"),
    "after the tables": lambda code, line: code.replace(
        '    op.create_index(\n        "revision_routing"',
        f'{line}\n    op.create_index(\n        "revision_routing"',
        1,
    ),
}


def migrations_that(line: str, put: Callable[[str, str], str], folder: Path) -> Path:
    """The real ones, with a line in the newest."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((ROOT / "alembic" / "env.py").read_text())
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        code = path.read_text()
        changed = put(code, line) if path.name.startswith("0002") else code
        assert (changed == code) != path.name.startswith("0002")
        (folder / "versions" / path.name).write_text(changed)
    return folder
