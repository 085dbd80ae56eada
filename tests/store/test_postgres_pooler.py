"""Behind pgbouncer in transaction mode, with one session for all: every command works there, and
the next program that is given the session finds it as the server made it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import PostgresLocation, parse_location
from changelog.store.watch_lock import try_advisory_lock
from tests.in_process import call_main
from tests.pgbouncer import Pgbouncer
from tests.postgres_server import PostgresServer
from tests.program import KEY

FLEET = [f"did_{place}" for place in range(30)]
"""More than the rows from which on they are copied."""
SHOWN = (
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "default_transaction_read_only",
    "default_transaction_isolation",
    "search_path",
)
LEFT = """
SELECT (SELECT count(*) FROM pg_prepared_statements)
  + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
"""
COMMANDS: tuple[tuple[int, Sequence[str]], ...] = (
    (8, ["list"]),
    (0, ["db", "current"]),
    (0, ["db", "upgrade"]),
    (0, ["record", *FLEET, "-m", "first ☎", "--tag", "first"]),
    (0, ["record", *FLEET]),
    (0, ["log"]),
    (0, ["log", "did_1", "--snapshots"]),
    (0, ["show", "did_1"]),
    (0, ["list"]),
    (0, ["diff", "--from", "tag:first"]),
    (0, ["diff", "did_1", "--to", "live"]),
    (0, ["restore", "did_1"]),
    (5, ["restore", "did_2", "--offline"]),
    (0, ["restore", "--all", "--to", "tag:first"]),
    (0, ["verify", "did_1", "--application", "app_sales"]),
    (0, ["note", "did_1", "-m", "heard ☎"]),
    (0, ["mark", "did_1", "good", "-m", "rang"]),
    (0, ["tag", "second"]),
    (0, ["evidence", "call.json"]),
    (0, ["import", "saved.json", "--at", "2025-10-01T00:00Z"]),
    (0, ["watch", *FLEET, "--once"]),
    (0, ["deploy", "did_1", "--tag", "third", "--", "true"]),
    (0, ["export", "--out", "log.jsonl"]),
    (0, ["check"]),
    (0, ["prune", "--older-than", "1s", "--dry-run"]),
    (0, ["prune", "--older-than", "1s", "--yes"]),
    (0, ["db", "rebuild"]),
    (0, ["check"]),
)
"""Each command line with what it ends with; `did_1` moves after the first ``record``."""


@pytest.fixture
def pooler(postgres: PostgresServer) -> Iterator[Pgbouncer]:
    with Pgbouncer(postgres.port) as running:
        yield running


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Sandbox]:
    monkeypatch.chdir(tmp_path)
    with Sandbox(key=KEY) as running:
        monkeypatch.setenv("MINIVOICE_API_URL", running.url)
        monkeypatch.setenv("MINIVOICE_API_KEY", running.key)
        for did in FLEET:
            running.add_did({"id": did, "application_id": "app_support", "route_mode": "webhook"})
        yield running


def state(url: str) -> list[str]:
    """What a program finds that is given a session at `url`; it makes a table of its own there."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        connection.execute("CREATE TABLE stranger ()")
        connection.execute("DROP TABLE stranger")
        shown = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in SHOWN]
        return [str(row) for row in (*shown, connection.execute(LEFT).fetchone())]


def test_every_command_works_and_leaves_the_session_as_the_server_made_it(
    postgres: PostgresServer, pooler: Pgbouncer, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct = postgres.create_database()
    pooled = pooler.url(direct)
    as_made = state(direct)
    monkeypatch.setenv("CHANGELOG_DATABASE_URL", pooled)
    Path("saved.json").write_text('{"id": "did_old", "route_mode": "webhook"}')
    Path("call.json").write_text('{"event": "call.completed"}')
    for code, line in COMMANDS:
        ended, said = call_main(*line)
        assert ended == code, (line, said)
        assert state(pooled) == as_made, line
        if line[0] == "record":
            sandbox.move("did_1", application_id="app_sales")


def test_an_export_is_imported_through_a_pooler(
    postgres: PostgresServer, pooler: Pgbouncer, sandbox: Sandbox
) -> None:
    source, copy = (postgres.create_database() for _ in range(2))
    as_made = state(copy)
    for line in (
        ["db", "upgrade", "--db", source],
        ["record", *FLEET, "--db", source],
        ["export", "--out", "log.jsonl", "--db", source],
        ["db", "upgrade", "--db", pooler.url(copy)],
        ["import", "log.jsonl", "--db", pooler.url(copy)],
    ):
        assert call_main(*line)[0] == 0, call_main(*line)
    assert state(pooler.url(copy)) == as_made
    sandbox.move("did_1", application_id="app_sales")
    assert call_main("record", "did_1", "--db", pooler.url(copy))[0] == 0


def test_a_watch_behind_a_pooler_leaves_the_telling_to_one_that_is_not(
    postgres: PostgresServer, pooler: Pgbouncer
) -> None:
    direct = parse_location(postgres.create_database())
    assert isinstance(direct, PostgresLocation)
    pooled = parse_location(pooler.url(direct.dsn))
    with try_advisory_lock(direct, "phones") as held, try_advisory_lock(pooled, "phones") as second:
        assert (held, second) == (True, False)
    with try_advisory_lock(pooled, "phones") as held, psycopg.connect(pooler.url(direct.dsn)):
        assert held, "and it keeps no session while it tells"
