"""A database that another program keeps locked is waited for, and then named with exit 8."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest

from changelog.cli.recording import live_check
from changelog.store import engine
from changelog.store.location import Location, PostgresLocation
from changelog.store.reading import drivers
from changelog.store.transaction import WRITE_LOCK
from tests.journal_walk import assert_journal_is_whole
from tests.program import Program, rest_of
from tests.sandbox_faults import Fault, Sandbox

READING = (["restore", "did_101", "--offline"], ["list"])
WRITING = (
    ["record", "did_101", "did_102"],
    ["watch", "did_101", "--once"],
    ["note", "did_101", "-m", "hm"],
    ["import", "saved.json"],
)
LOCKED = "is locked by another program"
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, location: Location) -> Program:
    made = Program(tmp_path / "home", api=sandbox, database=location)
    made.record("did_101", "did_102")
    sandbox.move("did_101", application_id="app_sales")
    made.record("did_101")
    (made.home / "saved.json").write_text('{"id": "did_101", "application_id": "app_x"}')
    return made


@pytest.fixture
def impatient(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Thirty seconds and five are the program's own."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.2)
    monkeypatch.setattr(drivers, "LOCK_PATIENCE_S", 0.2)
    return program


@contextmanager
def locked_file(path: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.communicate()


@contextmanager
def held(location: PostgresLocation, statement: str) -> Iterator[None]:
    """In a transaction that stays open."""
    with psycopg.connect(location.dsn) as connection:
        connection.execute(statement.encode())
        yield


def locked(location: Location) -> AbstractContextManager[None]:
    """By another program that lets readers in."""
    if isinstance(location, PostgresLocation):
        return held(location, "LOCK TABLE journal IN SHARE MODE")
    return locked_file(location.path)


def test_a_lock_that_is_held_for_a_moment_is_waited_for(
    program: Program, location: Location
) -> None:
    with locked(location):
        run = program.start("record", "did_101", "did_102", "-m", "in a queue")
        time.sleep(1.5)
        assert run.poll() is None
    stdout, stderr = run.communicate()
    assert (run.returncode, stderr) == (0, "")
    assert stdout.count("unchanged   did_10") == 2
    assert_journal_is_whole(location)


def test_where_it_stays_locked_writers_say_so_readers_answer_and_nothing_is_written(
    impatient: Program, location: Location
) -> None:
    before = impatient.run("log", "--json").ended(0).stdout
    with locked(location):
        for ran in impatient.run_each([*line, "--json"] for line in WRITING):
            assert LOCKED in ran.ended(8).error["message"], ran
            assert "Wait for it to finish" in ran.error["hint"]
        for ran in impatient.run_each(READING):
            assert "app_sales" in ran.ended(0).stdout
        card = impatient.run("restore", "did_101").ended(0).stdout
        assert "NOT RECORDED" in card
        assert "PUT BACK r1" in card
    assert impatient.run("log", "--json").ended(0).stdout == before
    assert_journal_is_whole(location)
    assert impatient.record("did_101", "did_102")["counts"]["unchanged"] == 2


def test_a_fleet_that_cannot_be_recorded_is_shown_as_it_is(
    impatient: Program, sandbox: Sandbox, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_check, "FLEET", live_check.FLEET._replace(lock_s=0.2))
    impatient.run("tag", "now").ended(0)
    sandbox.move("did_102", application_id="app_maintenance")
    line = ("restore", "--all", "--to", "tag:now")
    with locked(location):
        document = impatient.json(*line)
        said = impatient.run(*line).ended(0).stdout
        aside = impatient.run(*line, "--format", "plain").ended(0).stderr
    assert [card["current"]["application_id"] for card in document["dids"]] == ["app_maintenance"]
    assert document["counts"]["read_now"] == document["counts"]["not_recorded"] == 2
    for text in (said, aside):
        assert "2 DIDs read now are NOT RECORDED: the database " in text
    assert impatient.json(*line, "--offline")["dids"] == []


@pytest.mark.slow
def test_locked_in_the_middle_of_a_record_it_keeps_what_it_reported_and_is_gone_on_with(
    program: Program, sandbox: Sandbox, location: Location
) -> None:
    """After the thirty seconds that are the program's own."""
    fleet = [f"num-{place}" for place in range(60)]
    for did in fleet:
        sandbox.add_did({"id": did, "application_id": "app_sales"})
    sandbox.fail(Fault("slow", seconds=0.05))
    with program.start("record", *fleet, "--concurrency", "2") as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        with locked(location):
            rest, complaint = rest_of(process)
    assert process.returncode == 8
    assert LOCKED in complaint
    reported = [line.split()[1] for line in (told + rest).splitlines() if line.startswith("new ")]
    assert 0 < len(reported) < len(fleet)
    sandbox.clear_faults()
    answer = program.record("--resume")
    assert {one["did"] for one in answer["dids"]}.isdisjoint(reported)
    assert {one["did"] for one in program.json("list")["dids"]} >= set(fleet)
    assert_journal_is_whole(location)


@pytest.mark.parametrize("location", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        f"SELECT pg_advisory_xact_lock({WRITE_LOCK})",
        "LOCK TABLE snapshot IN SHARE MODE",
        "LOCK TABLE journal IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_whatever_is_locked_on_a_server_a_record_says_so(
    impatient: Program, location: PostgresLocation, statement: str
) -> None:
    with held(location, statement):
        assert LOCKED in impatient.run("record", "did_101").ended(8).stderr


KEEPING_READERS_OUT = "LOCK TABLE revision, alembic_version IN ACCESS EXCLUSIVE MODE"
"""As where an administrator rebuilds a table."""


@pytest.mark.parametrize("location", ["postgres"], indirect=True)
def test_a_reader_that_is_kept_out_too_says_so_and_does_not_hang(
    impatient: Program, location: PostgresLocation
) -> None:
    with held(location, KEEPING_READERS_OUT):
        for ran in impatient.run_each([*READING, ["db", "upgrade"]]):
            assert LOCKED in ran.ended(8).stderr


@pytest.mark.slow
@pytest.mark.parametrize("location", ["postgres"], indirect=True)
def test_a_reader_that_is_kept_out_gives_up_by_itself(
    program: Program, location: PostgresLocation
) -> None:
    """After the five seconds that are the program's own."""
    with held(location, KEEPING_READERS_OUT):
        assert LOCKED in program.spawn("list").ended(8).stderr
