"""``db upgrade`` on a shared database, and what programs say that do not fit its schema."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import parse_location
from changelog.store.versions import HEAD
from tests.postgres_server import PostgresServer
from tests.program import Program, Ran, migrate

AT_ONCE = 3
ROUNDS = 4
READING = (["log"], ["show", "did_101"], ["list"], ["diff"], ["restore", "did_101", "--offline"])
WRITING = (
    ["record", "did_101"],
    ["verify", "did_101", "--to", "latest"],
    ["note", "did_101", "-m", "hm"],
    ["mark", "did_101", "good", "-m", "hm"],
    ["tag", "now"],
    ["import", "saved.json"],
)
KNOWS_ONE_MORE = """
from changelog.store import versions
versions.VERSIONS = (*versions.VERSIONS, "9999")
versions.HEAD = "9999"
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.create_database()


@pytest.fixture
def program(url: str, sandbox: Sandbox, tmp_path: Path) -> Program:
    """On a database without a schema."""
    return Program(tmp_path / "home", api=sandbox, key=sandbox.key, database=url)


def objects(url: str) -> list[tuple[object, ...]]:
    """What a schema consists of: each relation with its columns, each trigger, the version."""
    with psycopg.connect(url) as connection:
        return [
            row
            for query in (
                "SELECT table_name, column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname",
                "SELECT version_num FROM alembic_version",
            )
            for row in connection.execute(query).fetchall()
        ]


def test_upgrades_at_once_make_one_schema_and_all_end_well(
    program: Program, postgres: PostgresServer
) -> None:
    alone = postgres.create_database()
    migrate(parse_location(alone))
    for _ in range(ROUNDS):
        url = postgres.create_database()
        environment = {"CHANGELOG_DATABASE_URL": url}
        runs = [program.start("db", "upgrade", environment=environment) for _ in range(AT_ONCE)]
        said = [run.communicate() for run in runs]
        assert [run.returncode for run in runs] == [0] * AT_ONCE, said
        assert any("upgraded" in answer for answer, _ in said)
        assert objects(url) == objects(alone)
        assert program.run("db", "current", environment=environment).ended(0).stdout


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(program: Program, url: str) -> None:
    migrate(parse_location(url))
    before = objects(url)
    program.record("did_101")
    assert "schema" in program.run("db", "upgrade").ended(0).stdout
    assert objects(url) == before
    assert program.record("did_101")["counts"]["unchanged"] == 1


def refusal(ran: Ran, code: str) -> Ran:
    assert ran.ended(8).error["code"] == code
    return ran


def test_a_schema_newer_than_the_program_is_named_by_every_command(
    program: Program, url: str, sandbox: Sandbox
) -> None:
    migrate(parse_location(url))
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    (program.home / "saved.json").write_text('{"id": "did_101"}')
    asked = sandbox.requests
    lines = [*READING, *WRITING, ["db", "upgrade"], ["db", "current"]]
    for ran in program.run_each([*line, "--json"] for line in lines):
        error = refusal(ran, "newer_schema").error
        assert "schema 9999" in error["message"]
        assert f"knows {HEAD}" in error["message"]
        assert "Upgrade this program" in error["hint"]
    assert sandbox.requests == asked


def test_a_schema_older_than_the_program_is_named_by_every_command(
    program: Program, url: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    migrate(parse_location(url))
    (program.home / "saved.json").write_text('{"id": "did_101"}')
    (tmp_path / "sitecustomize.py").write_text(KNOWS_ONE_MORE)
    program.environment["PYTHONPATH"] = str(tmp_path)
    asked = sandbox.requests
    for ran in program.run_each([*line, "--json"] for line in [*READING, *WRITING]):
        error = refusal(ran, "old_schema").error
        assert f"has schema {HEAD}" in error["message"]
        assert "needs schema 9999" in error["message"]
        assert "changelog db upgrade" in error["hint"]
        assert "Take a backup (pg_dump)" in error["hint"]
    planned = program.run("db", "upgrade", "--dry-run", "--json").ended(0).json
    assert (planned["version"], planned["head"], planned["backup"]) == (HEAD, "9999", None)
    assert objects(url)[-1] == (HEAD,)
    assert sandbox.requests == asked


def test_a_database_without_a_schema_is_named_by_every_command(
    program: Program, sandbox: Sandbox
) -> None:
    (program.home / "saved.json").write_text('{"id": "did_101"}')
    asked = sandbox.requests
    for ran in program.run_each([*line, "--json"] for line in [*READING, *WRITING]):
        error = ran.ended(8).error
        assert "holds no log yet" in error["message"]
        assert "changelog db upgrade" in error["hint"]
    assert sandbox.requests == asked
