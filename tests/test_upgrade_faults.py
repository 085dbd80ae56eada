"""A migration that is killed, cut off, without room or not alone: the log is the old or the new."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog.store.engine import make_engine
from changelog.store.location import (
    Location,
    PostgresLocation,
    SqliteLocation,
    parse_location,
)
from changelog.store.schema import version
from changelog.store.versions import HEAD
from tests.disks import fill, free, read_only, small_disk
from tests.journal_walk import assert_journal_is_whole
from tests.postgres_proxy import CommitProxy, Spoiling
from tests.postgres_server import PostgresServer
from tests.program import Program
from tests.schemas.saved import SavedLog
from tests.test_upgrade import assert_says_as_much, contents, dsn_of, program_for

OLD = SavedLog("0001")
CARD = next(one for one in OLD.answers if one["arguments"][0] == "restore")

SLOWLY = """
import time
from sqlalchemy import Engine, event
event.listen(Engine, "before_cursor_execute", lambda *_: time.sleep(0.005))
"""
"""Time enough to be killed between any two statements."""
KILLS = 5
AT_ONCE = 4


@pytest.fixture
def old(location: Location) -> Location:
    OLD.load(location)
    return location


def version_of(location: Location) -> str | None:
    engine = make_engine(location)
    try:
        return version(engine, location)
    finally:
        engine.dispose()


def sizes(location: Location) -> dict[str, int]:
    """How many rows each table of the old log has."""
    return {name: len(rows) for name, rows in contents(location, OLD).items()}


def assert_upgraded(program: Program, location: Location) -> None:
    assert version_of(location) == HEAD
    assert_says_as_much(program.json(*CARD["arguments"]), CARD["answer"], "restore")
    assert_journal_is_whole(location)


@pytest.fixture
def slowly(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "sitecustomize.py").write_text(SLOWLY)
    return {"PYTHONPATH": str(tmp_path / "slow")}


def killed_again_and_again(
    program: Program, line: tuple[str, ...], slowly: dict[str, str], seed: str
) -> Iterator[int]:
    """Kill the run of `line` at random moments, later and later ones. Gives how each ended."""
    chance = random.Random(seed)  # noqa: S311 -- nothing is kept secret with it
    for turn in range(KILLS):
        with program.start(*line, environment=slowly) as process:
            time.sleep(chance.uniform(0.2, 0.4) * (turn + 1.5))
            process.kill()
            _, complaint = process.communicate()
        assert "Traceback" not in complaint
        yield process.returncode


def test_killed_at_random_moments_it_is_the_old_log_or_the_new_one(
    old: Location, tmp_path: Path, slowly: dict[str, str]
) -> None:
    before, rows = contents(old, OLD), sizes(old)
    program = program_for(old, tmp_path / "olga")
    line = ("log",) if isinstance(old, SqliteLocation) else ("db", "upgrade")
    for _ in killed_again_and_again(program, line, slowly, "old"):
        assert version_of(old) == HEAD or contents(old, OLD) == before
        assert sizes(old) == rows
    program.run("db", "upgrade").ended(0)
    assert_upgraded(program, old)


def test_killed_while_it_is_made_a_log_is_empty_or_whole_and_the_next_start_makes_it(
    location: Location, tmp_path: Path, slowly: dict[str, str]
) -> None:
    program = program_for(location, tmp_path / "olga")
    for _ in killed_again_and_again(program, ("db", "upgrade"), slowly, "new"):
        read = program.run("log")
        assert "Traceback" not in read.stderr
        if read.exit_code == 8:
            # On a server, nobody but `db upgrade` makes the tables.
            assert isinstance(location, PostgresLocation)
            assert "holds no log yet" in read.stderr
        else:
            assert "nothing is recorded yet" in read.ended(5).stderr
    program.run("db", "upgrade").ended(0)
    (program.home / "saved.json").write_text('{"id": "did_1", "application_id": "app_a"}')
    program.run("import", "saved.json").ended(0)
    assert_journal_is_whole(location)


def test_many_that_upgrade_a_file_at_once_make_one_schema_and_all_answer(
    tmp_path: Path,
) -> None:
    location = SqliteLocation(tmp_path / "log.db")
    OLD.load(location)
    program = program_for(location, tmp_path / "olga")
    before = sizes(location)
    (program.home / "saved.json").write_text('{"id": "did_new", "application_id": "app_a"}')
    lines = [("log",), ("list",), ("db", "upgrade"), ("import", "saved.json")]
    runs = [program.start(*line) for line in lines]
    said = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0] * AT_ONCE, said
    assert sizes(location)["snapshot"] == before["snapshot"] + 1
    assert_upgraded(program, location)


def test_many_whose_first_use_it_is_at_once_make_one_log_and_lose_nothing(tmp_path: Path) -> None:
    for turn in range(2):
        location = SqliteLocation(tmp_path / f"log{turn}.db")
        program = program_for(location, tmp_path / "olga")
        for number in range(AT_ONCE):
            saved = program.home / f"saved{number}.json"
            saved.write_text(f'{{"id": "did_{number}", "application_id": "app_a"}}')
        runs = [program.start("import", f"saved{number}.json") for number in range(AT_ONCE)]
        said = [run.communicate() for run in runs]
        assert [run.returncode for run in runs] == [0] * AT_ONCE, said
        assert len(program.json("list")["dids"]) == AT_ONCE
        assert_journal_is_whole(location)


def test_a_file_that_cannot_be_upgraded_is_read_all_the_same_and_stays_as_it_is(
    tmp_path: Path,
) -> None:
    """On a full disk and on a read-only one; with room again, the next start upgrades it."""
    with small_disk(tmp_path / "disk", "4m") as disk:
        folder = disk / "folder"
        folder.mkdir()
        location = SqliteLocation(folder / "log.db")
        OLD.load(location)
        program = program_for(location, tmp_path / "olga")
        before = location.path.read_bytes()
        fill(disk)
        assert_says_as_much(program.json(*CARD["arguments"]), CARD["answer"], "restore")
        assert "no room left" in program.run("db", "upgrade").ended(8).stderr
        assert location.path.read_bytes() == before
        free(disk)
        with read_only(folder):
            assert_says_as_much(program.json(*CARD["arguments"]), CARD["answer"], "restore")
            program.run("db", "upgrade").ended(8)
        assert location.path.read_bytes() == before
        program.run("log").ended(0)
        assert_upgraded(program, location)


def test_an_upgrade_whose_commit_is_cut_off_is_done_or_is_not_and_the_next_one_says_so(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    spoilings: tuple[Spoiling, ...] = ("answer lost", "query lost")
    for spoiling in spoilings:
        location = parse_location(postgres.create_database())
        OLD.load(location)
        before = contents(location, OLD)
        name = dsn_of(location).rpartition("/")[2]
        with CommitProxy(postgres.port) as proxy:
            proxy.spoil(spoiling)
            through = Program(tmp_path / "olga", database=proxy.url("postgres", name))
            assert "cannot be reached" in through.run("db", "upgrade").ended(8).stderr
            assert proxy.spoilt == [spoiling]
        if spoiling == "query lost":
            assert contents(location, OLD) == before
        said = program_for(location, tmp_path / "olga").json("db", "upgrade")
        assert said["upgraded"] == (spoiling == "query lost")
        assert version_of(location) == HEAD
        assert_journal_is_whole(location)
