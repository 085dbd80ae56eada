"""``check`` as its users meet it: exit codes, heads, and databases in every state."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from changelog.store.location import Location, SqliteLocation, parse_location
from tests.logbook import Logbook
from tests.postgres_server import PostgresServer
from tests.program import Program
from tests.store.test_rebuild import dsn_of, execute, program_for
from tests.store.test_schema import record
from tests.tampering import behind, broken


@pytest.fixture
def program(location: Location, tmp_path: Path) -> Program:
    """With a log of something of everything."""
    with Logbook(location) as book:
        record(book)
    return program_for(location, tmp_path / "home")


def test_a_sound_log_is_said_to_be_so(program: Program) -> None:
    ran = program.run("check").ended(0)
    assert ran.stderr == ""
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("ok  ")
    found = program.run("check", "--json").ended(0).json
    assert found["ok"] is True
    assert found["broken"] == []
    assert lines[-1] == f"head {found['head']}"
    assert found["checked"]["revisions"] == 3
    assert set(found["checked"]) >= {"entries", "rows", "snapshots", "dids", "views", "triggers"}


def test_a_head_kept_elsewhere_is_contained_as_the_log_grows(program: Program) -> None:
    kept = program.run("check", "--head").ended(0).stdout.strip()
    assert re.fullmatch(r"[0-9]+:[0-9a-f]{64}", kept)
    assert program.run("check", "--head", "--json").ended(0).json["head"] == kept
    program.run("note", "did_1", "-m", "later").ended(0)
    ran = program.run("check", "--against", kept).ended(0)
    assert f"it contains the state of {kept}" in ran.stdout
    other = f"{kept.split(':')[0]}:{'0' * 64}"
    ran = program.run("check", "--against", other).ended(7)
    assert "rewritten" in ran.stdout
    assert program.run("check", "--against", other, "--json").json["conditions"] == ["broken_log"]


@pytest.mark.parametrize("head", ["", "12", "0:" + "0" * 64, "1:" + "0" * 63, "x:y", "-1:00"])
def test_what_is_no_head_is_refused_before_anything_is_read(tmp_path: Path, head: str) -> None:
    error = Program(tmp_path).run("check", f"--against={head}", "--json").ended(2).error
    assert "is not a head" in error["message"]
    assert "check --head" in error["hint"]


def test_a_broken_row_is_named_with_exit_7(program: Program, location: Location) -> None:
    with behind(location) as connection:
        connection.execute(text("UPDATE revision SET status = 'x\x1b[31m' WHERE revision = 2"))
    ran = program.run("check").ended(7)
    assert ran.stdout.startswith("broken  revision did_1 r2 (entry 3): ")
    assert "\x1b" not in ran.stdout
    found = program.run("check", "--json").ended(7).json
    assert found["ok"] is False
    first = found["broken"][0]
    assert (first["table"], first["did"], first["revision"]) == ("revision", "did_1", 2)
    assert first["entry"] == 3


def test_nothing_recorded_is_no_proof_of_anything(empty_location: Location, tmp_path: Path) -> None:
    program = program_for(empty_location, tmp_path)
    if isinstance(empty_location, SqliteLocation):
        program.run("check").ended(5)
    else:
        assert "db upgrade" in program.run("check").ended(8).stderr
    Logbook(empty_location).engine.dispose()
    assert "nothing is recorded" in program.run("check").ended(5).stdout
    program.run("check", "--head").ended(5)
    program.run("check", "--against", f"1:{'0' * 64}").ended(7)


# The database's own guards


GUARDS = {
    "a trigger is gone": (
        "DROP TRIGGER note_no_delete",
        "DROP TRIGGER note_append_only ON note",
        "note",
    ),
    "a trigger does nothing": (
        "DROP TRIGGER note_no_delete; CREATE TRIGGER note_no_delete BEFORE DELETE ON note"
        " BEGIN SELECT 1; END",
        "CREATE OR REPLACE FUNCTION changelog_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$",
        "note",
    ),
    "a trigger more": (
        "CREATE TRIGGER mine AFTER INSERT ON note BEGIN SELECT 1; END",
        "CREATE TRIGGER mine AFTER INSERT ON note EXECUTE FUNCTION changelog_refuse()",
        "note",
    ),
    "triggers are switched off": (
        "DROP TRIGGER tag_no_update",
        "ALTER TABLE tag DISABLE TRIGGER USER",
        "tag",
    ),
    "a view is gone": ("DROP VIEW alert_log", "DROP VIEW alert_log", "alert_log"),
    "a view answers something else": (
        "DROP VIEW note_log; CREATE VIEW note_log AS SELECT did, revision, at AS at_us,"
        " author, 'x' AS text FROM note",
        "CREATE OR REPLACE VIEW note_log AS SELECT did, revision, at AS at_us, author,"
        " 'x'::text AS text FROM note",
        "note_log",
    ),
    "the schema has two versions": (
        "INSERT INTO alembic_version VALUES ('1x')",
        "INSERT INTO alembic_version VALUES ('1x')",
        "alembic_version",
    ),
    "rows are hidden": (
        "CREATE TRIGGER hush BEFORE INSERT ON verdict BEGIN SELECT RAISE(IGNORE); END",
        "ALTER TABLE verdict ENABLE ROW LEVEL SECURITY",
        "verdict",
    ),
    "a rule, or a column more": (
        "ALTER TABLE note ADD mine TEXT",
        "CREATE RULE hush AS ON INSERT TO note DO INSTEAD NOTHING",
        "note",
    ),
    "a table has another one's rows too": (
        "CREATE TRIGGER more AFTER INSERT ON tag BEGIN SELECT 1; END",
        "CREATE TABLE more () INHERITS (tag)",
        "tag",
    ),
    "a table is gone": ("DROP TABLE pruned", "DROP TABLE pruned CASCADE", "pruned"),
    "a column is gone": (
        "DROP VIEW tag_log; ALTER TABLE tag DROP COLUMN created_at",
        "ALTER TABLE tag DROP COLUMN created_at CASCADE",
        "tag",
    ),
}


@pytest.mark.parametrize("what", GUARDS)
def test_a_guard_that_was_taken_away_is_named(
    program: Program, location: Location, what: str
) -> None:
    on_sqlite, on_postgres, table = GUARDS[what]
    execute(location, on_sqlite if isinstance(location, SqliteLocation) else on_postgres)
    found = program.run("check", "--json").ended(7).json["broken"]
    assert table in {one["table"] for one in found}


def test_an_index_that_was_taken_away_is_a_remark(program: Program, location: Location) -> None:
    """It makes an answer slower, and no other."""
    execute(location, "DROP INDEX revision_first_seen")
    document = program.run("check", "--json").ended(0).json
    gone = "the index revision_first_seen of revision is gone: answers take longer"
    assert document["remarks"] == [gone]
    assert "remark  the index" in program.run("check").ended(0).stdout


REMARKED = {
    "an index of other columns": (
        "DROP INDEX revision_first_seen; CREATE INDEX revision_first_seen ON revision (capture)",
        "the index revision_first_seen of revision is not the one that the migrations make",
    ),
    "an index that refuses rows": (
        "CREATE UNIQUE INDEX mine ON note (author)",
        "the unique index mine of note is none of this program's: it may refuse rows",
    ),
}
REMARKED_ON_POSTGRES = {
    "a column more": (
        "ALTER TABLE note ADD mine text",
        "the column mine of note is none of this program's",
    ),
    "a column that takes nothing": (
        "ALTER TABLE note ALTER text DROP NOT NULL",
        "the column text of note is not the one that the migrations make",
    ),
    "a column with a default": (
        "ALTER TABLE note ALTER author SET DEFAULT 'x'",
        "the column author of note is not the one that the migrations make",
    ),
    "a column of another type": (
        "ALTER TABLE rebuild ALTER author TYPE text",
        "the column author of rebuild is not the one that the migrations make",
    ),
    "a constraint more": (
        "ALTER TABLE note ADD CONSTRAINT mine CHECK (author <> 'x')",
        "the constraint mine of note is none of this program's",
    ),
    "a primary key that is gone": (
        "ALTER TABLE note DROP CONSTRAINT note_pkey",
        "the constraint note_pkey of note is gone",
    ),
    "a foreign key that is gone": (
        "ALTER TABLE did_number DROP CONSTRAINT did_number_did_fkey",
        "the constraint did_number_did_fkey of did_number is gone",
    ),
    "a table without its log": (
        "ALTER TABLE alert SET UNLOGGED",
        "the storage of alert is not the one that the migrations make: a crash may empty the table",
    ),
    "a trigger of a view": (
        "CREATE TRIGGER mine INSTEAD OF INSERT ON note_log FOR EACH ROW"
        " EXECUTE FUNCTION changelog_refuse()",
        "the trigger mine of note_log is none of this program's",
    ),
}


@pytest.mark.parametrize("what", REMARKED)
def test_what_refuses_rows_or_slows_an_answer_is_a_remark(
    program: Program, location: Location, what: str
) -> None:
    statement, remark = REMARKED[what]
    execute(location, statement)
    (found,) = program.json("check")["remarks"]
    assert found.startswith(remark)


@pytest.mark.parametrize("what", REMARKED_ON_POSTGRES)
def test_what_the_migrations_do_not_make_is_a_remark(
    postgres: PostgresServer, tmp_path: Path, what: str
) -> None:
    location = parse_location(postgres.create_log())
    statement, remark = REMARKED_ON_POSTGRES[what]
    execute(location, statement)
    checked = program_for(location, tmp_path).json("check")
    assert checked["remarks"] == [remark]


def test_another_version_of_the_schema_is_no_sound_log(
    program: Program, location: Location
) -> None:
    for version in ("1", "0003", "x"):
        execute(location, f"UPDATE alembic_version SET version_num = '{version}'")
        program.run("check").ended(8)


def test_a_view_that_reads_a_damaged_index_is_found(tmp_path: Path) -> None:
    """The rows are sound, and yet the database's own view answers wrongly."""
    location = SqliteLocation(tmp_path / "log.db")
    with Logbook(location) as book:
        for application in ("app_a", "app_b", "app_a", "app_c"):
            book.see(application)
    with closing(sqlite3.connect(location.path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        # The index holds what it held; what it is said to hold is another thing.
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master"
            " WHERE name = 'snapshot_problem') WHERE name = 'revision_routing'"
        )
        connection.commit()
    found = broken(location)
    assert {"sqlite", "restore_target"} & {one.table for one in found}


# Damage below the tables


def pages_of(path: Path, table: str) -> list[int]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        found = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
        return [page for (page,) in found]


@pytest.mark.parametrize("table", ["snapshot", "revision", "journal", "did"])
def test_a_malformed_page_is_named_without_a_traceback(tmp_path: Path, table: str) -> None:
    location = SqliteLocation(tmp_path / "log.db")
    with Logbook(location) as book:
        record(book)
    (page,) = pages_of(location.path, table)
    with closing(sqlite3.connect(location.path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with location.path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 64)
    ran = Program(tmp_path / "home", database=str(location)).run("check")
    assert "Traceback" not in ran.stderr
    assert ran.exit_code == 7
    assert "broken" in ran.stdout


def test_a_file_that_was_cut_off_is_no_sound_log(tmp_path: Path) -> None:
    location = SqliteLocation(tmp_path / "log.db")
    with Logbook(location) as book:
        record(book)
    pages_of(location.path, "did")
    size = location.path.stat().st_size
    for kept in (size - 4096, size // 2, 4096, 100):
        with location.path.open("r+b") as file:
            file.truncate(kept)
        ran = Program(tmp_path / "home", database=str(location)).run("check")
        assert "Traceback" not in ran.stderr
        assert ran.exit_code in (7, 8)


# prune


def test_prune_counts_then_removes_and_the_log_stays_sound(
    location: Location, tmp_path: Path
) -> None:
    with Logbook(location) as book:
        for application in ("app_a",) * 6 + ("app_b",):
            book.see(application)
    program = program_for(location, tmp_path)
    kept = program.run("check", "--head").ended(0).stdout.strip()
    card = program.json("restore", "did_1", "--offline")
    said = program.run("prune", "--older-than", "0s", "--dry-run").ended(0).stdout
    assert said.startswith("would remove 4 snapshots of 4 entries (under 1 KiB), received before ")
    found = program.run("prune", "--older-than", "0s", "--by", "kim", "--json").ended(0).json
    assert (found["removable"]["snapshots"], found["removed"], found["by"]) == (4, 4, "kim")
    assert "nothing to remove" in program.run("prune", "--older-than", "0s").ended(0).stdout
    program.run("check", "--against", kept).ended(0)
    after = program.json("restore", "did_1", "--offline")
    assert uncounted(after) == uncounted(card)


def uncounted(said: Any) -> Any:
    """Without how many snapshots there are."""
    if isinstance(said, dict):
        return {name: uncounted(value) for name, value in said.items() if name != "snapshots"}
    return list(map(uncounted, said)) if isinstance(said, list) else said


def test_prune_asks_on_a_terminal_only(location: Location, tmp_path: Path) -> None:
    with Logbook(location) as book:
        for _ in range(4):
            book.see()
    program = program_for(location, tmp_path)
    code, said = program.run_on_terminal("prune", "--older-than", "0s", typed="n\n")
    assert "Remove 2 snapshots of 2 entries (under 1 KiB)?" in said
    assert "nothing was removed" in said
    assert code == 0
    program.run_on_terminal("prune", "--older-than", "0s", "--yes")
    assert "nothing to remove" in program.run("prune", "--older-than", "0s").ended(0).stdout


@pytest.mark.parametrize("age", ["", "soon", "90", "-1d"])
def test_prune_refuses_what_is_no_length_of_time(tmp_path: Path, age: str) -> None:
    Program(tmp_path).run("prune", f"--older-than={age}").ended(2)
    Program(tmp_path).run("prune", "--older-than", "1d").ended(5)


def test_prune_of_a_broken_log_removes_nothing(location: Location, tmp_path: Path) -> None:
    with Logbook(location) as book:
        for _ in range(5):
            book.see()
    with behind(location) as connection:
        connection.execute(text("UPDATE snapshot SET capture = 1 WHERE entry = 5"))
    ran = program_for(location, tmp_path).run("prune", "--older-than", "0s").ended(7)
    assert "nothing was removed" in ran.stdout
    with behind(location) as connection:
        assert connection.execute(text("SELECT count(*) FROM snapshot")).scalar() == 5


def test_only_the_owner_prunes_a_shared_log(postgres: PostgresServer, tmp_path: Path) -> None:
    location = parse_location(postgres.create_log())
    with Logbook(location) as book:
        for _ in range(4):
            book.see()
    execute(
        location,
        "DROP ROLE IF EXISTS recorder_only; CREATE ROLE recorder_only LOGIN;"
        " GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO recorder_only",
    )
    theirs = dsn_of(location).replace("postgres@", "recorder_only@")
    program = Program(tmp_path, database=theirs)
    program.run("check").ended(0)
    program.run("prune", "--older-than", "0s", "--dry-run").ended(0)
    ran = program.run("prune", "--older-than", "0s").ended(8)
    assert "only the owner of the tables, postgres, may do that" in ran.stderr
