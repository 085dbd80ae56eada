"""A log of an older schema is brought up to date, and says and proves what it said before."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from changelog.cli.main import COMMANDS
from changelog.store import versions
from changelog.store.engine import make_engine
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.schema import upgrade
from changelog.store.versions import HEAD
from tests.journal_walk import assert_journal_is_whole
from tests.moving import exported, imported
from tests.program import Json, Program
from tests.schemas.save import dump
from tests.schemas.saved import VERSIONS, SavedLog, migrate_to, schema_of, views_of

ROOT = Path(__file__).parent.parent
PROOFS = {"check", "export"}
"""The commands that walk the journal and end with 7 where a log does not hold."""
FOR_THE_READER = "body destination_source first_seen_us last_seen_us command api_url started_us"
KEPT_ANEW = {
    "0001": {("revision", "body"), ("revision", "digest")}
    | {("routing_history", column) for column in FOR_THE_READER.split()},
}
"""By schema, the columns that a later one keeps in another form (the same bodies, packed), or
elsewhere (what was in a view for the program's own reader, not for people)."""


@pytest.fixture(params=VERSIONS)
def saved(request: pytest.FixtureRequest) -> SavedLog:
    return SavedLog(request.param)


@pytest.fixture
def old(saved: SavedLog, location: Location) -> Location:
    """A log of that schema with something of everything in it."""
    saved.load(location)
    return location


def dsn_of(location: Location) -> str:
    assert isinstance(location, PostgresLocation)
    return location.dsn


def program_for(location: Location, home: Path) -> Program:
    """Without `database`, which would be migrated on the way."""
    url = dsn_of(location) if isinstance(location, PostgresLocation) else str(location)
    return Program(home, database=url)


def upgraded(location: Location, home: Path, before: str) -> Program:
    """A SQLite file by being read, a shared database by being told."""
    program = program_for(location, home)
    if isinstance(location, SqliteLocation) or before == HEAD:
        program.run("log").ended(0)
    else:
        assert "db upgrade" in program.run("log").ended(8).stderr
        said = program.json("db", "upgrade")
        assert (said["before"], said["version"], said["upgraded"]) == (before, HEAD, True)
    return program


def contents(location: Location, saved: SavedLog) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that there was, without what is kept in another form since."""
    engine = make_engine(location)
    try:
        with engine.connect() as connection:
            return {
                name: sorted(
                    (
                        {
                            column: value
                            for column, value in row.items()
                            if (name, column) not in KEPT_ANEW.get(saved.version, set())
                        }
                        for row in connection.execute(text(f"SELECT * FROM {name}")).mappings()
                    ),
                    key=repr,
                )
                for name in saved.tables
            }
    finally:
        engine.dispose()


def only(columns: Json, row: Json) -> Json:
    return {name: row[name] for name in columns}


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


ONE_AFTER_ANOTHER = """
import contextlib, io, json, sys
from changelog.cli.main import main
for line in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        main(line)
    sys.stdout.write(json.dumps(said.getvalue()) + "\\n")
"""


def all_said(program: Program, lines: list[list[str]]) -> list[Json]:
    """The documents of many command lines, in one process: to start it for each takes longest."""
    ended = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER],
        input=json.dumps(lines),
        capture_output=True,
        check=True,
        text=True,
        cwd=program.home,
        env=program.environment,
    )
    assert ended.stderr == ""
    return [json.loads(json.loads(line)) for line in ended.stdout.splitlines()]


def assert_views_hold_as_much(location: Location, saved: SavedLog) -> None:
    now = views_of(location)
    anew = KEPT_ANEW.get(saved.version, set())
    for name, rows in saved.views.items():
        columns = {column: None for column in rows[0] if (name, column) not in anew}
        held, before = (
            sorted((in_any_order(only(columns, row)) for row in found), key=repr)
            for found in (now[name], rows)
        )
        assert held == before, name


def in_any_order(row: Json) -> Json:
    """The list of where an alert was told has no order."""
    listed = row.get("delivered")
    return row | {"delivered": sorted(listed.split(", "))} if listed else row


def test_an_old_log_is_exported_whole_and_holds_elsewhere(old: Location, tmp_path: Path) -> None:
    engine = make_engine(old)
    upgrade(engine, old)
    engine.dispose()
    content = exported(old)
    new = SqliteLocation(tmp_path / "new.db")
    assert imported(content, new).exit_code == 0
    assert exported(new) == content


def test_it_answers_as_before_proves_as_before_and_still_refuses_changes(
    saved: SavedLog, old: Location, tmp_path: Path
) -> None:
    program = upgraded(old, tmp_path / "olga", saved.version)
    answers = saved.answers
    said = all_said(program, [[*one["arguments"], "--json"] for one in answers])
    for now, before in zip(said, answers, strict=True):
        assert_says_as_much(now, before["answer"], " ".join(before["arguments"]))
    assert_views_hold_as_much(old, saved)
    assert_journal_is_whole(old)
    assert_nothing_can_be_changed(old, saved)
    did = program.json("list")["dids"][0]["did"]
    program.run("note", did, "-m", "after the upgrade").ended(0)
    assert_journal_is_whole(old)
    for proof in PROOFS & COMMANDS.keys():
        program.run(proof).ended(0)


def test_of_a_capture_from_before_selections_nothing_says_what_it_was_to_read(
    location: Location, tmp_path: Path
) -> None:
    SavedLog("0001").load(location)
    upgraded(location, tmp_path / "olga", "0001").run("record", "--resume").ended(5)


def assert_nothing_can_be_changed(location: Location, saved: SavedLog) -> None:
    engine = make_engine(location)
    for table in saved.tables:
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


def test_no_row_is_lost_changed_or_added(saved: SavedLog, old: Location) -> None:
    before = contents(old, saved)
    engine = make_engine(old)
    assert upgrade(engine, old) == (saved.version, HEAD)
    engine.dispose()
    after = contents(old, saved)
    for name, rows in before.items():
        columns = rows[0]
        assert sorted((only(columns, row) for row in after[name]), key=repr) == rows, name


def test_every_schema_before_this_one_is_saved() -> None:
    assert set(versions.VERSIONS[:-1]) <= set(VERSIONS), "run: python -m tests.schemas.save"
    assert set(VERSIONS) <= set(versions.VERSIONS)


def test_the_migrations_up_to_a_saved_schema_make_it_still(saved: SavedLog, tmp_path: Path) -> None:
    """A migration that was released and changed afterwards would leave two kinds of logs."""
    of_then, of_now = SqliteLocation(tmp_path / "then.db"), SqliteLocation(tmp_path / "now.db")
    saved.load(of_then)
    migrate_to(saved.version, of_now)
    assert schema_of(of_now.path) == schema_of(of_then.path)


def test_a_log_that_lacks_something_is_not_saved(tmp_path: Path) -> None:
    location = SqliteLocation(tmp_path / "empty.db")
    migrate_to(HEAD, location)
    with pytest.raises(SystemExit, match=r"nothing in .*snapshot.*extend tests/schemas/story"):
        dump(location.path, HEAD)


def test_a_saved_log_that_is_loaded_and_saved_again_is_the_same(
    saved: SavedLog, tmp_path: Path
) -> None:
    location = SqliteLocation(tmp_path / "again.db")
    saved.load(location)
    again = dump(location.path, saved.version)
    assert again.splitlines()[3:] == saved.sql.splitlines()[3:]


BREAKS = {
    "it fails": "    op.execute('NO SUCH STATEMENT')",
    "it is killed": "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
}
BROKEN_UPGRADE = """
import sys
from pathlib import Path
from changelog.store import schema
from changelog.store.engine import make_engine
from changelog.store.location import parse_location
schema.migrations_folder = lambda: Path(sys.argv[1])
location = parse_location(sys.argv[2])
schema.upgrade(make_engine(location), location)
"""


@pytest.mark.parametrize(
    ("before", "broken", "how", "when"),
    [
        ("0001", "0002", "it fails", "at its end"),
        ("0001", "0002", "it is killed", "after the tables"),
        (versions.VERSIONS[-2], HEAD, "it is killed", "at its end"),
    ],
)
def test_where_it_breaks_off_the_old_log_is_whole_and_the_next_try_does_it(
    location: Location, tmp_path: Path, before: str, broken: str, how: str, when: str
) -> None:
    saved = SavedLog(before)
    saved.load(location)
    rows = contents(location, saved)
    folder = migrations_that(BREAKS[how], PLACES[when], tmp_path / "migrations", broken)
    where = dsn_of(location) if isinstance(location, PostgresLocation) else str(location)
    ended = subprocess.run(
        [sys.executable, "-c", BROKEN_UPGRADE, str(folder), where],
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == (1 if how == "it fails" else -signal.SIGKILL), ended.stderr
    assert contents(location, saved) == rows
    program = upgraded(location, tmp_path / "olga", before)
    card = next(one for one in saved.answers if one["arguments"][0] == "restore")
    assert_says_as_much(program.json(*card["arguments"]), card["answer"], "restore")
    assert_journal_is_whole(location)


PLACES: dict[str, Callable[[str, str], str]] = {
    "at its end": lambda code, line: code.replace("def downgrade", f"{line}\n\n\ndef downgrade"),
    "after the tables": lambda code, line: code.replace(
        '    op.create_index(\n        "revision_routing"',
        f'{line}\n    op.create_index(\n        "revision_routing"',
        1,
    ),
}


def migrations_that(line: str, put: Callable[[str, str], str], folder: Path, version: str) -> Path:
    """The real ones, with a line in that of `version`."""
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((ROOT / "alembic" / "env.py").read_text())
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        code = path.read_text()
        changed = put(code, line) if path.name.startswith(version) else code
        assert (changed == code) != path.name.startswith(version)
        (folder / "versions" / path.name).write_text(changed)
    return folder
