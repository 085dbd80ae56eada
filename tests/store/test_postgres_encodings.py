"""Every connection speaks UTF-8, whatever the machine, the role or the address asks for, and no
log is made in a database that cannot hold every text."""

from pathlib import Path

import psycopg
import pytest

from changelog.store.location import parse_location
from tests.in_process import call_main
from tests.logbook import DID, Logbook
from tests.pgbouncer import Pgbouncer
from tests.postgres_server import PostgresServer

NAME = "Zürich ☎ Ω"
"""No other encoding but Unicode's has all of it."""


def administer(server: PostgresServer, *statements: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture
def log(postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a log, for a role that asks for Latin-1."""
    monkeypatch.chdir(tmp_path)
    administer(
        postgres,
        "DROP ROLE IF EXISTS latin",
        "CREATE ROLE latin SUPERUSER LOGIN",
        "ALTER ROLE latin SET client_encoding = 'LATIN1'",
    )
    url = postgres.create_log()
    with Logbook(parse_location(url)) as logbook:
        logbook.see("app_a", name=NAME)
        logbook.see("app_b", name=NAME)
    return url.replace("postgres@", "latin@")


def assert_speaks_utf8(url: str) -> None:
    lines = (
        ("note", DID, "-m", NAME),
        ("mark", f"{DID}@r1", "good", "-m", NAME),
        ("restore", DID, "--offline"),
        ("show", DID),
        ("log", DID),
        ("export", "--out", "log.jsonl"),
        ("check",),
    )
    said = {}
    for line in lines:
        code, said[line[0]] = call_main(*line, "--db", url)
        assert code == 0, said
    assert all(NAME in said[command] for command in ("restore", "show", "log")), said


def test_the_encoding_of_the_role_is_not_used(log: str) -> None:
    assert_speaks_utf8(log)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP", "nonsense"])
def test_the_encoding_of_the_environment_is_not_used(
    log: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", encoding)
    assert_speaks_utf8(log)


@pytest.mark.parametrize(
    "option", ["client_encoding=LATIN1", "options=-cclient_encoding%3DSQL_ASCII"]
)
def test_the_encoding_of_the_address_is_not_used(log: str, option: str) -> None:
    assert_speaks_utf8(f"{log}?{option}")


def test_no_other_encoding_comes_from_a_pooler_and_none_is_left_in_it(
    log: str, postgres: PostgresServer
) -> None:
    ignored = "ignore_startup_parameters = client_encoding,options"
    with Pgbouncer(postgres.port, ignored) as pooler:
        url = pooler.url(log)
        assert_speaks_utf8(url)
        with psycopg.connect(url) as stranger:
            assert stranger.execute("SHOW client_encoding").fetchone() == ("LATIN1",)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "WIN1252", "EUC_JP"])
def test_an_upgrade_refuses_a_database_of_another_encoding_and_says_how_to_make_one(
    postgres: PostgresServer, encoding: str
) -> None:
    url = postgres.create_database()
    name = url.rpartition("/")[2]
    administer(
        postgres,
        f"DROP DATABASE {name}",
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'",
    )
    for line in (["db", "upgrade"], ["db", "upgrade", "--dry-run"]):
        code, said = call_main(*line, "--db", url)
        assert code == 8, said
        assert f"keeps text as {encoding}" in said
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    hint = said.partition("name that: ")[2].partition(" (docs/")[0]
    administer(postgres, f"DROP DATABASE {name}", hint.replace("changelog", name))
    assert call_main("db", "upgrade", "--db", url)[0] == 0
