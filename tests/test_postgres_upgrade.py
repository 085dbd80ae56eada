"""Upgrading a shared database: by several at once, and what other versions of the program say."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from changelog.storage.versions import HEAD, VERSIONS
from tests.postgres_server import PostgresServer, postgres_or_skip
from tests.program import Program


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_or_skip() as running:
        yield running


@pytest.mark.parametrize("round_", range(3))
def test_upgrades_at_once_make_one_schema_and_all_end_well(
    server: PostgresServer, tmp_path: Path, round_: int
) -> None:
    url = server.create_database()
    upgrade = [sys.executable, "-m", "changelog", "db", "upgrade", "--db", url]
    running = [
        subprocess.Popen(upgrade, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
        for _ in range(4)
    ]
    ended = [(one.communicate(timeout=120), one.returncode) for one in running]
    assert [code for _, code in ended] == [0, 0, 0, 0], ended
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert found == [(HEAD,)]


@pytest.mark.parametrize(
    ("version", "says", "does"),
    [
        ("9999", "newer program", "Upgrade this program"),
        (VERSIONS[0], f"has schema {VERSIONS[0]}", "changelog db upgrade"),
    ],
)
def test_a_program_that_does_not_fit_the_schema_says_so_and_touches_nothing(
    server: PostgresServer, tmp_path: Path, version: str, says: str, does: str
) -> None:
    program = Program(tmp_path, database=server.create_database())
    program.run("db", "upgrade").ended(0)
    with psycopg.connect(program.environment["CHANGELOG_DATABASE_URL"]) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [version])
    (tmp_path / "saved.json").write_text('{"id": "did_1", "application_id": "app_a"}')
    for line in (
        ["log"],
        ["list"],
        ["restore", "did_1", "--offline"],
        ["note", "did_1", "-m", "hm"],
        ["import", "saved.json"],
    ):
        error = program.run(*line, "--json").ended(8).error
        assert says in error["message"]
        assert does in error["hint"]
    with psycopg.connect(program.environment["CHANGELOG_DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM journal").fetchone() == (0,)
