"""What else stands where the log should be is named, left as it is, and never waited for."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from changelog.sandbox.server import Sandbox
from tests.postgres_server import PostgresServer
from tests.program import Program, Ran, files_under

READING = (["restore", "did_101", "--offline"], ["log", "did_101"], ["list"], ["diff"])
WRITING = (
    ["record", "did_101"],
    ["note", "did_101", "-m", "hm"],
    ["verify", "did_101", "--to", "latest"],
    ["watch", "did_101", "--once"],
    ["import", "saved.json"],
    ["db", "upgrade"],
)
EVERY = (*READING, *WRITING, ["db", "current"])
SOME = (READING[0], WRITING[0], ["db", "upgrade"])
PAGE = 4096


@pytest.fixture(scope="module")
def log(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of some dozens of pages."""
    program = Program(tmp_path_factory.mktemp("log"), api=shared_sandbox)
    for place in range(4):
        shared_sandbox.move("did_101", application_id=f"app_{place}")
        program.record("did_101", "did_102", "-m", "why " * 2000)
    path = program.home / ".local/share/changelog/changelog.db"
    assert path.stat().st_size > 40 * PAGE
    return path


@pytest.fixture
def program(shared_sandbox: Sandbox, tmp_path: Path) -> Program:
    made = Program(tmp_path / "home", api=shared_sandbox)
    (made.home / "saved.json").write_text('{"id": "did_101"}')
    return made


def runs(program: Program, database: str, *lines: list[str]) -> list[Ran]:
    """Each line with that database; none ends with a bug, and none hangs."""
    ran = program.run_each([*line, "--db", database] for line in lines)
    for one in ran:
        assert one.exit_code != 1, one
        assert "Traceback" not in one.stderr, one
    return ran


# Files


def text(path: Path, log: Path) -> None:
    path.write_text("numbers to call\n" * 500)


def one_byte(path: Path, log: Path) -> None:
    """SQLite takes it for an empty database."""
    path.write_text("\n")


def another_programs(path: Path, log: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1)")


def with_migrations_of_its_own(path: Path, log: Path) -> None:
    """Another program that uses alembic too, and numbers its versions alike."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE orders (id INTEGER); CREATE TABLE alembic_version (version_num TEXT);"
            "INSERT INTO alembic_version VALUES ('0002')"
        )


def in_the_middle_of_its_work(path: Path, log: Path) -> None:
    """Another program's, with rows that are in its write-ahead log only."""
    source = path.with_name("source.db")
    with closing(sqlite3.connect(source)) as connection:
        connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER)")
        shutil.copy(source, path)
        shutil.copy(f"{source}-wal", f"{path}-wal")
    source.unlink()


def truncated(path: Path, log: Path) -> None:
    path.write_bytes(log.read_bytes()[: 5 * PAGE - 100])


def cut_at_its_end(path: Path, log: Path) -> None:
    path.write_bytes(log.read_bytes()[:-PAGE])


FILES: tuple[Callable[[Path, Path], None], ...] = (
    text,
    one_byte,
    another_programs,
    with_migrations_of_its_own,
    in_the_middle_of_its_work,
    truncated,
    cut_at_its_end,
)


@pytest.mark.parametrize("make", FILES, ids=lambda one: one.__name__)
def test_a_file_that_is_no_whole_log_is_named_and_left_as_it_is(
    program: Program, log: Path, shared_sandbox: Sandbox, make: Callable[[Path, Path], None]
) -> None:
    folder = program.home / "there"
    folder.mkdir()
    path = folder / "log.db"
    make(path, log)
    before = path.read_bytes()
    beside = {other.name: content for other, content in files_under(folder)}
    asked = shared_sandbox.requests
    for ran in runs(program, str(path), *(EVERY if make is another_programs else SOME)):
        assert str(path) in ran.ended(8).stderr
        assert ran.stdout == ""
        assert "it was left as it is" in ran.stderr.lower() or "a backup" in ran.stderr
    assert shared_sandbox.requests == asked
    assert path.read_bytes() == before
    for name, content in beside.items():
        assert (folder / name).read_bytes() == content
    for other, content in files_under(folder):
        # SQLite's own, made by looking at a database that says that it has them.
        assert other.name in beside or (other.name.endswith("-shm") or content == b""), other


def test_garbage_in_any_one_page_is_an_answer_or_a_clear_error(
    program: Program, log: Path, shared_sandbox: Sandbox
) -> None:
    whole = log.read_bytes()
    pages = range(1, len(whole) // PAGE)
    chance = random.Random(2)  # noqa: S311 -- nothing is kept secret with it
    refused = 0
    for page in chance.sample(pages, 8):
        spoilt = bytearray(whole)
        spoilt[page * PAGE : (page + 1) * PAGE] = chance.randbytes(PAGE)
        path = program.home / f"page{page}.db"
        path.write_bytes(spoilt)
        lines = (["log", "did_101"], ["record", "did_102"])
        for ran in runs(program, str(path), *lines):
            refused += ran.exit_code == 8
            assert ran.exit_code in (0, 8), (page, ran)
            assert ran.exit_code == 0 or f"page{page}.db" in ran.stderr, ran
    assert refused


# What is no file


def a_folder(path: Path) -> None:
    path.mkdir()


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


NO_FILES: dict[Callable[[Path], None], str] = {
    a_folder: "is a folder",
    a_pipe: "is no file",
    a_link_to_a_device: "is no file",
}


@pytest.mark.parametrize("make", NO_FILES, ids=lambda one: one.__name__)
def test_what_is_no_file_is_named_at_once_and_never_opened(
    program: Program,
    shared_sandbox: Sandbox,
    make: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(program.home)
    make(Path("log.db"))
    asked = shared_sandbox.requests
    kind = (program.home / "log.db").lstat().st_mode
    for ran in runs(program, "log.db", *(EVERY if make is a_pipe else SOME)):
        assert NO_FILES[make] in ran.ended(8).stderr
    assert shared_sandbox.requests == asked
    assert (program.home / "log.db").lstat().st_mode == kind


def test_a_link_that_leads_nowhere_is_empty_for_readers_and_named_to_writers(
    program: Program,
) -> None:
    """The disk that it leads to may not be mounted: a new log elsewhere would look like the old."""
    (program.home / "log.db").symlink_to("/nowhere/at/all.db")
    for ran in runs(program, "log.db", *WRITING[:2], WRITING[-1]):
        assert "is a symbolic link that leads to no file" in ran.ended(8).stderr


def test_an_empty_file_is_a_log_that_begins(program: Program) -> None:
    (program.home / "log.db").touch()
    for ran in runs(program, "log.db", *READING[:2]):
        assert "nothing is recorded yet" in ran.ended(5).stderr
    runs(program, "log.db", ["record", "did_101"])[0].ended(0)
    runs(program, "log.db", ["restore", "did_101", "--offline", "--to", "r1"])[0].ended(0)


# PostgreSQL


FOREIGN = {
    "a shop": "CREATE TABLE orders (id integer); INSERT INTO orders VALUES (1)",
    "a table of one of our names": "CREATE TABLE journal (n integer)",
    "migrations of its own": "CREATE TABLE orders (id integer);"
    " CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('0002')",
    "another tool's versions": "CREATE TABLE schema_version (version text)",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_somebody_elses_database_on_a_server_is_named_and_left_as_it_is(
    program: Program, postgres: PostgresServer, shared_sandbox: Sandbox, what: str
) -> None:
    url = postgres.create_database()
    with psycopg.connect(url) as connection:
        connection.execute(FOREIGN[what])
    before = dumped(postgres, url)
    asked = shared_sandbox.requests
    for ran in runs(program, url, *(EVERY if what == "a shop" else SOME)):
        assert "is a database of something else" in ran.ended(8).stderr
        assert "a schema, of its own" in ran.stderr
    assert shared_sandbox.requests == asked
    assert dumped(postgres, url) == before


def dumped(postgres: PostgresServer, url: str) -> list[str]:
    """What pg_dump says, without the words that it makes up anew each time."""
    lines = postgres.run("pg_dump", url).splitlines()
    return [line for line in lines if not line.startswith(("\\restrict", "\\unrestrict"))]


def test_an_empty_database_on_a_server_is_filled_by_db_upgrade_alone(
    program: Program, postgres: PostgresServer, shared_sandbox: Sandbox
) -> None:
    url = postgres.create_database()
    empty = dumped(postgres, url)
    asked = shared_sandbox.requests
    for ran in runs(program, url, *READING[:2], *WRITING[:2]):
        assert "changelog db upgrade" in ran.ended(8).stderr
    assert shared_sandbox.requests == asked
    assert dumped(postgres, url) == empty
    runs(program, url, ["db", "upgrade"])[0].ended(0)
    runs(program, url, ["record", "did_101"])[0].ended(0)


def test_a_schema_of_its_own_beside_other_tables_is_enough(
    program: Program, postgres: PostgresServer
) -> None:
    url = postgres.create_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE orders (id integer)")
        connection.execute("CREATE SCHEMA changelog")
    own = f"{url}?options=-csearch_path%3Dchangelog"
    for line in (["db", "upgrade"], ["record", "did_101"], ["log", "did_101"]):
        runs(program, own, line)[0].ended(0)
