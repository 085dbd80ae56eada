"""A disk without room, or one that takes no writes: exit 8 with a clear error, and nothing lost."""

import json
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue
from typing import IO

import psycopg
import pytest

from changelog.store.location import Location, SqliteLocation, parse_location
from tests.disks import fill, free, read_only, small_disk
from tests.http_client import HttpClient
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import NUMBER, Logbook
from tests.postgres_server import PostgresServer
from tests.program import KEY, TIMEOUT_S, Program, Ran, rest_of
from tests.sandbox_faults import Fault, Sandbox
from tests.web.test_listen import late, listening
from tests.webhooks import SECRET, webhook

FLEET = [f"num-{place:03}" for place in range(150)]
NO_ROOM = ("no room left", "has no room", "disk I/O error")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for did in FLEET:
            # What cannot be packed any tighter, so that it takes its room.
            note = random.Random(did).randbytes(600).hex()  # noqa: S311
            running.add_did({"id": did, "application_id": "app_a", "note": note})
        yield running


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Of 2 MB if nothing else is asked for; not full yet."""
    with small_disk(tmp_path / "disk", getattr(request, "param", "2m")) as made:
        yield made


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, disk: Path) -> Program:
    """With its log on the disk."""
    return Program(tmp_path / "home", api=sandbox, database=SqliteLocation(disk / "log.db"))


@contextmanager
def disk_of_a_server(server: PostgresServer) -> Iterator[tuple[Path, str]]:
    """A small disk with one database on it, and that one's address."""
    # Where the server's own user gets in.
    with tempfile.TemporaryDirectory(prefix="changelog-disk-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with small_disk(Path(folder) / "disk", "16m") as disk:
            place = disk / "space"
            place.mkdir()
            with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                (folder_of_server,) = connection.execute("SHOW data_directory").fetchone() or ("",)
                owner = os.stat(folder_of_server)
                os.chown(place, owner.st_uid, owner.st_gid)
                connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
                try:
                    connection.execute("CREATE DATABASE on_small TABLESPACE small")
                    yield disk, server.url("on_small")
                finally:
                    connection.execute("DROP DATABASE on_small WITH (FORCE)")
                    connection.execute("DROP TABLESPACE small")


def cut_short(program: Program, sandbox: Sandbox, fails: Callable[[], None]) -> list[str]:
    """A record over the fleet that ends with 8 when `fails`. Returns what it had reported."""
    sandbox.fail(Fault("slow", seconds=0.03))
    with program.start("record", *FLEET, "--concurrency", "2", "-m", "why") as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        fails()
        rest, complaint = rest_of(process)
    sandbox.clear_faults()
    assert process.returncode == 8, complaint
    assert any(words in complaint for words in NO_ROOM), complaint
    assert "Traceback" not in complaint
    return [line.split()[1] for line in (told + rest).splitlines() if line.startswith("new ")]


def assert_gone_on_with(program: Program, location: Location, reported: list[str]) -> None:
    answer = program.record("--resume")
    assert {one["did"] for one in answer["dids"]}.isdisjoint(reported)
    assert {one["did"] for one in program.json("list")["dids"]} == set(FLEET)
    assert answer["capture"]["id"] == 1
    assert_journal_is_whole(location)


def assert_read(program: Program, reported: list[str]) -> None:
    lines = (["list"], ["log", reported[0]], ["restore", reported[0], "--offline"])
    listed, log, card = program.run_each(lines)
    assert set(reported) <= set(listed.ended(0).stdout.split())
    assert reported[0] in log.ended(0).stdout
    assert "app_a" in card.ended(5).stdout


def test_a_disk_that_fills_during_a_record_ends_it_and_what_was_reported_is_kept(
    program: Program, sandbox: Sandbox, disk: Path
) -> None:
    reported = cut_short(program, sandbox, lambda: fill(disk))
    assert 0 < len(reported) < len(FLEET)
    assert_read(program, reported)
    assert "no room left" in program.run("note", reported[0], "-m", "n" * 9000).ended(8).stderr
    free(disk)
    assert_gone_on_with(program, SqliteLocation(disk / "log.db"), reported)


def test_a_servers_disk_that_fills_during_a_record_ends_it_and_what_was_reported_is_kept(
    postgres: PostgresServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    with disk_of_a_server(postgres) as (disk, url):
        location = parse_location(url)
        program = Program(tmp_path / "home", api=sandbox, database=location)

        def fills() -> None:
            # The first session after the tables were made writes the server's cache of the catalog;
            # without room for it the server refuses each session.
            psycopg.connect(url).close()
            fill(disk)

        reported = cut_short(program, sandbox, fills)
        assert 0 < len(reported) < len(FLEET)
        assert_read(program, reported)
        free(disk)
        assert_gone_on_with(program, location, reported)


def test_a_log_that_finds_no_room_for_its_first_table_begins_once_there_is_some(
    program: Program, disk: Path
) -> None:
    fill(disk)
    assert "no room left" in program.run("record", FLEET[0]).ended(8).stderr
    assert "nothing is recorded yet" in program.run("log").ended(5).stderr
    free(disk)
    program.record(FLEET[0])
    assert_journal_is_whole(SqliteLocation(disk / "log.db"))


def test_a_read_only_disk_is_exit_8_for_writers_and_read_with_what_a_crash_left_on_it(
    program: Program, sandbox: Sandbox, disk: Path
) -> None:
    program.record(*FLEET[:5])
    folder = disk / "folder"
    folder.mkdir()
    with closing(sqlite3.connect(disk / "log.db", isolation_level=None)) as reader:
        # While somebody reads, the newest rows stay in the write-ahead log.
        reader.execute("BEGIN").execute("SELECT count(*) FROM journal").fetchone()
        program.record(*FLEET[5:8])
        for name in ("log.db", "log.db-wal"):
            shutil.copy(disk / name, folder / name)
    program.environment["CHANGELOG_DATABASE_URL"] = str(folder / "log.db")
    earlier = len(sandbox.requests)
    with read_only(folder):
        before = sorted(one.name for one in folder.iterdir())
        listed = program.run("list").ended(0).stdout
        writing = (
            ["record", FLEET[0]],
            ["note", FLEET[0], "-m", "x"],
            ["watch", "--all", "--once"],
        )
        for ran in program.run_each(writing):
            assert "log.db" in ran.ended(8).stderr
            assert "--db" in ran.stderr
        assert len(sandbox.requests) == earlier
        assert "NOT RECORDED" in program.run("restore", FLEET[0]).ended(5).stdout
        counts = program.json("restore", "--all", "--to", "today")["counts"]
        assert (counts["read_now"], counts["not_recorded"]) == (8, 8)
        assert sorted(one.name for one in folder.iterdir()) == before
    assert {"num-005", "num-007"} <= set(listed.split())


def test_a_server_that_was_made_read_only_is_exit_8_for_writers_and_read(
    postgres: PostgresServer, sandbox: Sandbox, tmp_path: Path
) -> None:
    url = postgres.create_log()
    program = Program(tmp_path / "home", api=sandbox, database=parse_location(url))
    program.record(FLEET[0])
    name = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    for ran in program.run_each([["record", FLEET[0]], ["note", FLEET[0], "-m", "x"]]):
        assert "is a replica or read-only" in ran.ended(8).stderr
    assert FLEET[0] in program.run("list").ended(0).stdout
    assert "NOT RECORDED" in program.run("restore", FLEET[0]).ended(5).stdout
    counts = program.json("restore", "--all", "--to", "today")["counts"]
    assert (counts["read_now"], counts["not_recorded"]) == (1, 1)


# Where else is written


# Within a round, the log's ``-wal`` file grows to 4 MB.
@pytest.mark.parametrize("disk", ["8m"], indirect=True)
def test_a_watch_goes_on_when_the_disk_has_room_again(
    program: Program, sandbox: Sandbox, disk: Path
) -> None:
    program.record(*FLEET)
    metrics = disk / "changelog.prom"
    line = ("watch", "--all", "--interval", "1s", "--json", "--metrics", str(metrics))
    with program.start(*line) as process:
        told = lines_of(process.stdout)
        complained = lines_of(process.stderr)
        assert json.loads(told.get(timeout=TIMEOUT_S))["event"] == "round"
        fill(disk)
        said = ""
        while "no room left" not in said:
            said = complained.get(timeout=TIMEOUT_S)
        sandbox.move(FLEET[0], application_id="app_b")
        free(disk)
        event = ""
        while event != "changed":
            event = json.loads(told.get(timeout=TIMEOUT_S))["event"]
        while json.loads(told.get(timeout=TIMEOUT_S))["event"] != "round":
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT_S) == 0
    assert "changelog_watch_dids" in metrics.read_text()
    assert [one.name for one in disk.iterdir() if "prom" in one.name] == [metrics.name]
    assert_journal_is_whole(SqliteLocation(disk / "log.db"))


def lines_of(stream: IO[str] | None) -> "Queue[str]":
    lines: Queue[str] = Queue()

    def read() -> None:
        for line in stream or ():
            lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    return lines


def test_an_alert_that_finds_no_room_on_stdout_is_told_when_there_is_some(
    tmp_path: Path, sandbox: Sandbox, disk: Path
) -> None:
    """``watch … >> /var/log/changelog``: nobody would ever look for what went nowhere."""
    program = Program(tmp_path / "home", api=sandbox, database=SqliteLocation(tmp_path / "log.db"))
    program.record(*FLEET[:3])
    program.run("watch", "--all", "--once").ended(0)
    sandbox.move(FLEET[0], application_id="app_b")
    alerts = disk / "alerts"
    fill(disk)
    assert "cannot be written: No space left" in appended(program, alerts, "--once").stderr
    free(disk)
    appended(program, alerts, "--once")
    (line,) = (line for line in alerts.read_text().splitlines() if "changed" in line)
    assert FLEET[0] in line


def appended(program: Program, file: Path, *options: str) -> Ran:
    shell = ["/bin/sh", "-c", f'exec "$@" >> {file}', "sh"]
    return program.run_through(shell, "watch", "--all", *options)


def test_a_listener_says_that_its_disk_is_full_before_a_delivery_has_to_find_out(
    tmp_path: Path, disk: Path
) -> None:
    with Logbook(SqliteLocation(disk / "log.db")) as logbook:
        logbook.see("app_a")
        at = late(logbook)
        program = Program(
            tmp_path / "home", database=logbook.location, MINIVOICE_WEBHOOK_SECRET=SECRET
        )
        with listening(program) as server, HttpClient(server.url) as client:
            assert client.get("/healthz").status == 200
            fill(disk)
            health = client.get("/healthz")
            assert (health.status, health.json()["database"]) == (
                503,
                "the database cannot be written",
            )
            refused = server.deliver(webhook("c1", NUMBER, "app_a", at, note="n" * 40_000))
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            assert sorted(one.name for one in disk.iterdir() if "log" not in one.name) == ["rest"]
            free(disk)
            assert server.deliver(webhook("c1", NUMBER, "app_a", at)).status == 200
            assert client.get("/healthz").status == 200
        assert "no room left" in server.said
    assert_journal_is_whole(logbook.location)


# Where the answer goes


@pytest.mark.parametrize("options", [(), ("--json",)], ids=str)
def test_an_answer_without_room_is_an_error_and_what_was_recorded_is_kept(
    tmp_path: Path, sandbox: Sandbox, options: tuple[str, ...]
) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    ran = into_full(program, ">", "record", *FLEET[:9], *options)
    assert ran.exit_code == 1
    assert "the answer cannot be written: No space left on device" in ran.stderr
    assert len(program.json("list")["dids"]) == 9


def test_complaints_without_room_change_no_exit_code_and_end_no_work(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    sandbox.fail(Fault("status", status=404), applications=True)
    lines = {
        ("record", FLEET[0], "did_nope", "--resume"): 3,
        ("record", FLEET[1]): 0,
        ("log", "did_nope"): 5,
        ("log", "did_nope", "--json"): 5,
        ("frobnicate",): 2,
    }
    for line, code in lines.items():
        assert into_full(program, "2>", *line).exit_code == code, line
    assert len(program.json("list")["dids"]) == 2


def into_full(program: Program, stream: str, *line: str) -> Ran:
    """``changelog … > /dev/full``"""
    return program.run_through(["/bin/sh", "-c", f'exec "$@" {stream}/dev/full', "sh"], *line)
