"""A run in this process, or in a fork, says what a new process says, and leaves nothing behind."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from changelog.sandbox.server import Sandbox
from changelog.store.location import parse_location
from tests.logbook import Logbook
from tests.postgres_server import PostgresServer
from tests.program import TIMEOUT_S, Program

LINES = (
    ("log", "--json"),
    ("list", "--format", "markdown"),
    ("restore", "did_101", "--offline"),
    ("show", "did_101@r7"),
    ("recrod",),
    ("import", "-"),
    ("check",),
)


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox) -> Program:
    made = Program(tmp_path / "olga", api=sandbox)
    made.record("did_101", "did_102")
    return made


def test_it_says_what_a_process_says(program: Program) -> None:
    for line in LINES:
        ran = program.run_through(["env"], *line)
        assert program.run(*line) == ran
        assert program.spawn(*line) == ran


def test_children_get_its_streams(program: Program) -> None:
    line = ("deploy", "did_101", "--tag", "t", "--", "sh", "-c", "cat; pwd; echo oh >&2; exit 9")
    ran = program.run(*line, stdin="given\n").ended(9)
    assert f"given\n{program.home}\n" in ran.stdout
    assert "oh\n" in ran.stderr


def test_a_warning_is_told_in_each_run(program: Program) -> None:
    program.environment["MINIVOICE_API_KEY_FILE"] = "nowhere"
    program.environment["MINIVOICE_API_KEY"] = ""
    first, second = (program.run("record", "did_101") for _ in range(2))
    assert "nowhere" in first.stderr
    assert first == second


def test_it_leaves_no_thread_descriptor_handler_stream_or_folder(program: Program) -> None:
    lines = (("record", "did_101"), ("watch", "--all", "--once"), ("restore", "did_101"), *LINES)

    def left() -> tuple[object, ...]:
        return (
            sorted(thread.name.split("-")[0] for thread in threading.enumerate()),
            len(os.listdir("/dev/fd")),
            [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
            (sys.stdin, sys.stdout, sys.stderr, sys.argv),
            Path.cwd(),
        )

    before = left()
    for line in lines:
        program.run(*line)
        # The other side of a connection, which is in this process too, ends a little later.
        assert eventually(lambda: left() == before), (line, before, left())


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + TIMEOUT_S
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize(
    "change",
    [
        "GRANT SELECT ON revision TO pg_monitor",
        "DROP VIEW restore_target",
        "ALTER TABLE note DISABLE TRIGGER ALL",
        "CREATE TABLE mine (n integer)",
        "ALTER DATABASE {} SET lock_timeout = '1s'",
    ],
)
def test_a_database_that_is_given_back_is_empty_or_kept_out(
    postgres: PostgresServer, change: str
) -> None:
    url = postgres.create_log()
    with Logbook(parse_location(url)) as book:
        book.see("app_a")
        book.judge("bad", 1)
    postgres.give_back(url)
    assert postgres.create_log() == url
    with Logbook(parse_location(url)) as book:
        assert book.history().revisions == ()
        assert book.rows("SELECT count(*) AS count FROM journal_log")[0]["count"] == 0
    with psycopg.connect(url, autocommit=True) as connection:
        # In use, it stays out.
        postgres.give_back(url)
        assert postgres.create_log() != url
        connection.execute(sql.SQL(change).format(sql.Identifier(url.rpartition("/")[2])))
    postgres.give_back(url)
    assert postgres.create_log() != url
