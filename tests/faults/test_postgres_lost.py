"""A server that is lost in the middle of any command: exit 8 and nothing done, or all of it."""

import select
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from changelog.model.errors import DatabaseLost
from changelog.store.location import PostgresLocation, parse_location, translated
from changelog.store.postgres import connect_for_snapshot
from tests.in_process import call_main
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import DID, NUMBER, Logbook
from tests.postgres_proxy import CuttingProxy
from tests.postgres_server import PostgresServer
from tests.program import TIMEOUT_S
from tests.webhooks import webhook

READING: dict[str, list[str]] = {
    "log": ["log", DID],
    "log --snapshots": ["log", "--snapshots"],
    "show": ["show", f"{DID}@r1"],
    "list": ["list", "--at", "2026-11-01T12:30:00Z"],
    "diff": ["diff", DID, "--from", "r1", "--to", "r2"],
    "restore": ["restore", DID, "--offline"],
    "db current": ["db", "current"],
}
WRITING: dict[str, Callable[[int], list[str]]] = {
    "note": lambda _: ["note", DID, "-m", "heard"],
    "mark": lambda _: ["mark", f"{DID}@r1", "good", "-m", "rang"],
    "tag": lambda at: ["tag", f"tag-{at}"],
    "evidence": lambda at: ["evidence", f"call-{at}.json"],
    "import": lambda at: ["import", f"saved-{at}.json", "--at", "2025-10-01T00:00Z"],
}
UPKEEP: dict[str, Callable[[int], list[str]]] = {
    "check": lambda _: ["check"],
    "export": lambda at: ["export", "--out", f"log-{at}.jsonl"],
    "prune": lambda _: ["prune", "--older-than", "1s", "--yes"],
    "db rebuild": lambda _: ["db", "rebuild"],
}
STEP = 3
"""Each third message of a command is cut at; a program that fails at one fails near it too."""


@pytest.fixture
def url(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    url = postgres.create_log()
    with Logbook(parse_location(url)) as logbook:
        logbook.see("app_a")
        for _ in range(3):
            logbook.see("app_b")
        for at in range(1, 100):
            body = webhook(f"call_{at}", NUMBER, "app_b", logbook.now)
            Path(f"call-{at}.json").write_text(body)
            Path(f"saved-{at}.json").write_text(f'{{"id": "did_{at}", "route_mode": "webhook"}}')
    return url


def cut_ever_later(
    server: PostgresServer, url: str, line: Callable[[int], list[str]], step: int = STEP
) -> Iterator[tuple[int, str]]:
    """Run a command line with its sessions ended ever later, until it is over before.

    Gives the exit code and what was said, once the proxy is gone too.
    """
    sent = at = 1
    while at <= sent:
        with CuttingProxy(server, url.rpartition("/")[2], at) as proxy:
            address = proxy.url("postgres", url.rpartition("/")[2])
            code, said = call_main(*line(at), "--db", address)
        if code:
            assert code == 8, said
            assert "cannot be reached" in said
            assert "Check the address (--db, CHANGELOG_DATABASE_URL or the setting" in said
        yield code, said.replace(address, url)
        # One that was cut off has sent less than one that was not; of many, fewer are tried.
        sent, at = max(sent, proxy.sent), at + max(step, at // 3)


def entries(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM journal").fetchone() or (0,)
    return int(count)


@pytest.mark.parametrize("command", READING)
def test_what_reads_ends_with_8_and_says_why(
    postgres: PostgresServer, url: str, command: str
) -> None:
    line = READING[command]
    answer = call_main(*line, "--db", url)
    assert answer[0] == 0
    ends = set(cut_ever_later(postgres, url, lambda _: line))
    assert {code for code, _ in ends} == {0, 8}
    assert {end for end in ends if end[0] == 0} == {answer}


@pytest.mark.parametrize(
    "line",
    [
        ["log", DID],
        ["restore", DID, "--offline"],
        ["restore", DID, "--offline", "--to", "r1"],
        ["restore", "--all", "--offline", "--to", "2026-11-01T12:02:30Z"],
    ],
    ids=" ".join,
)
def test_what_reads_goes_on_with_the_mirror_and_ends_as_it_would_have(
    postgres: PostgresServer, url: str, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("changelog.toml").write_text('mirror = "mirror.db"\n')
    monkeypatch.setenv("CHANGELOG_CONFIG", "changelog.toml")
    assert call_main("mirror", "mirror.db", "--db", url)[0] == 0
    assert call_main(*line, "--db", url)[0] == 0
    ends = list(cut_ever_later(postgres, url, lambda _: line))
    assert {code for code, _ in ends} == {0}
    # Lost as the connection is opened, and at more than one place while the log is read.
    assert sum("this is from the mirror" in said for _, said in ends) > 1


@pytest.mark.parametrize("command", WRITING)
def test_what_writes_has_written_once_or_ends_with_8_and_has_written_nothing(
    postgres: PostgresServer, url: str, command: str
) -> None:
    codes, before = set(), entries(url)
    for code, said in cut_ever_later(postgres, url, WRITING[command]):
        codes.add(code)
        after = entries(url)
        assert (after > before) == (code == 0), said
        before = after
    assert codes == {0, 8}
    assert_journal_is_whole(parse_location(url))


# A cursor ends with its session, and nothing is left to close it with.
@pytest.mark.filterwarnings("ignore:.*ServerCursor:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("command", UPKEEP)
def test_what_goes_through_the_whole_log_ends_with_8_and_leaves_it_whole(
    postgres: PostgresServer, url: str, command: str
) -> None:
    codes = set()
    for code, _ in cut_ever_later(postgres, url, UPKEEP[command]):
        codes.add(code)
        if command == "export":
            assert bool(list(Path().glob("log-*.jsonl"))) == (code == 0)
            for file in Path().glob("log-*.jsonl"):
                file.unlink()
    assert codes == {0, 8}
    assert call_main("check", "--db", url)[0] == 0


def test_an_upgrade_that_was_cut_off_has_made_nothing_and_can_be_repeated(
    postgres: PostgresServer,
) -> None:
    url = postgres.create_database()
    codes = []
    for code, _ in cut_ever_later(postgres, url, lambda _: ["db", "upgrade"], step=12):
        codes.append(code)
        if code:
            assert tables(url) == 0
        else:
            assert call_main("list", "--db", url)[0] == 5, "nothing is recorded yet"
            with psycopg.connect(url) as connection:
                connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert set(codes) == {0, 8}


def test_a_session_that_was_ended_for_idling_is_a_lost_server(postgres: PostgresServer) -> None:
    location = parse_location(postgres.create_database())
    assert isinstance(location, PostgresLocation)
    connection = connect_for_snapshot(location)
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 1")
    # Until the server has said that it ended the session.
    assert select.select([connection.fileno()], [], [], TIMEOUT_S)[0]
    with pytest.raises(DatabaseLost, match="cannot be reached"), translated(location):
        connection.execute("SELECT 1")


def tables(url: str) -> int:
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(url) as connection:
        (count,) = connection.execute(query).fetchone() or (0,)
    return int(count)
