"""``mirror``, and what reads from it while a real PostgreSQL server is stopped."""

import os
import shlex
import socket
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import Location, parse_location
from tests.logbook import Logbook
from tests.postgres_proxy import CommitProxy
from tests.postgres_server import PostgresServer
from tests.program import KEY, Program, url_of
from tests.tampering import behind

NOWHERE = "postgresql://postgres@127.0.0.1:1/none"


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    logbook.see("app_a")
    logbook.see("app_b")
    return Program(tmp_path / "home", database=logbook.location)


def same_answers(program: Program, mirror: Path) -> bool:
    lines = (["log"], ["show", "did_1"], ["list"], ["restore", "did_1", "--offline"])
    return all(
        program.json(*line)
        == {**program.json(*line, "--db", str(mirror)), **_pasted(program.json(*line))}
        for line in lines
    )


def _pasted(document: dict[str, object]) -> dict[str, object]:
    """The commands of a card name the database."""
    return {"dids": document["dids"]} if "restore" in str(document["schema"]) else {}


def test_a_mirror_is_the_same_log_and_goes_on_where_it_ended(
    program: Program, logbook: Logbook, tmp_path: Path
) -> None:
    mirror = tmp_path / "copy" / "mirror.db"
    head = program.run("check", "--head").stdout.strip()
    first = program.run("mirror", str(mirror), "--json").ended(0).json
    assert (first["from"], first["to"]) == (None, head)
    assert stat.S_IMODE(mirror.stat().st_mode) == 0o600
    assert program.run("mirror", str(mirror), "--json").ended(0).json["entries"] == 0
    logbook.see("app_c")
    later = program.run("mirror", str(mirror), "--json").ended(0).json
    assert later["from"] == head
    assert later["entries"] == int(later["to"].split(":")[0]) - int(head.split(":")[0])
    assert program.run("check", "--db", str(mirror), "--against", later["to"]).ended(0)
    assert same_answers(program, mirror)


def test_a_mirror_follows_what_prune_removed(
    program: Program, logbook: Logbook, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror.db"
    logbook.now -= timedelta(days=900)
    for _ in range(4):
        logbook.see("app_b", did="did_2", number_e164="+15551230002")
    program.run("mirror", str(mirror)).ended(0)
    pruned = program.run("prune", "--older-than", "1d", "--yes", "--json").ended(0).json
    assert pruned["removed"] > 0
    program.run("mirror", str(mirror)).ended(0)
    program.run("check", "--db", str(mirror)).ended(0)
    counted = program.json("check")["checked"]["snapshots"]
    assert (
        program.run("check", "--db", str(mirror), "--json").json["checked"]["snapshots"] == counted
    )


def test_what_is_no_copy_of_the_log_is_left_as_it_is(program: Program, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror.db"
    program.run("mirror", str(mirror)).ended(0)
    unmark(mirror)
    program.run("note", "did_1", "-m", "into the mirror", "--db", str(mirror)).ended(0)
    before = program.run("check", "--head", "--db", str(mirror)).stdout
    error = program.run("mirror", str(mirror), "--json").ended(8).error
    assert error["code"] == "not_a_mirror"
    assert program.run("check", "--head", "--db", str(mirror)).stdout == before
    move, _, again = error["hint"].partition(": ")[2].partition(" && ")
    _, old, new = shlex.split(move)
    Path(old).rename(new)
    program.run(*shlex.split(again)[1:]).ended(0)


def unmark(mirror: Path) -> None:
    """Make it what a mirror was before it was marked."""
    with closing(sqlite3.connect(mirror, isolation_level=None)) as file:
        file.execute("PRAGMA user_version = 0")


def test_a_card_from_a_mirror_spells_what_writes_for_the_log_itself(
    program: Program, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror.db"
    program.run("mirror", str(mirror)).ended(0)
    ran = program.run("restore", "did_1", "--offline", "--json", "--db", str(mirror)).ended(0)
    assert "is a mirror: a command that writes needs the log itself" in ran.stderr
    card = ran.json["dids"][0]
    assert str(mirror) in card["undo"]
    for name in ("verify", "mark_bad"):
        assert "--db" not in card[name]
    program.run(*shlex.split(card["undo"])[1:], "--offline").ended(0)
    program.run(*shlex.split(card["mark_bad"])[1:]).ended(0)


WRITING = (
    "record did_1",
    "note did_1 -m x",
    "mark did_1 good -m x",
    "tag here",
    "watch did_1 --once",
    "verify did_1 --to r1",
    "diff did_1 --to live",
    "db rebuild",
)


def test_nothing_but_mirror_writes_to_a_mirror(program: Program, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror.db"
    program.run("mirror", str(mirror)).ended(0)
    environment = {"MINIVOICE_API_KEY": KEY, "MINIVOICE_API_URL": "http://127.0.0.1:9/v1"}
    for line in WRITING:
        ran = program.run(*line.split(), "--db", str(mirror), "--json", environment=environment)
        assert ran.ended(8).error["code"] == "is_mirror", line
    assert program.run("mirror", str(mirror), "--json").ended(0).json["entries"] == 0


def test_a_look_beside_a_mirror_is_shown_and_not_recorded(tmp_path: Path) -> None:
    with Sandbox(key=KEY) as api:
        program = Program(tmp_path / "home", api=api)
        program.run("record", "did_101").ended(0)
        mirror = tmp_path / "mirror.db"
        program.run("mirror", str(mirror)).ended(0)
        (card,) = program.run("restore", "did_101", "--db", str(mirror), "--json").json["dids"]
        assert card["live"]["looked"]
        assert not card["live"]["recorded"]
        assert "is a mirror" in str(card["live"]["store_error"])
        program.run("mirror", str(mirror)).ended(0)


def test_an_entry_that_does_not_hold_ends_the_copy_before_it(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    for application in ("app_a", "app_b", "app_c"):
        sqlite_logbook.see(application)
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    mirror = tmp_path / "mirror.db"
    newest = int(program.run("check", "--head").stdout.split(":")[0])
    with behind(sqlite_logbook.location) as connection:
        connection.exec_driver_sql(f"UPDATE journal SET at = at + 1 WHERE n = {newest}")
    error = program.run("mirror", str(mirror), "--json").ended(7).error
    assert f"entry {newest} " in error["message"]


@pytest.mark.parametrize("file", ["postgresql://db.example/x", "itself"])
def test_a_mirror_is_another_file(sqlite_logbook: Logbook, tmp_path: Path, file: str) -> None:
    sqlite_logbook.see()
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    named = str(sqlite_logbook.location) if file == "itself" else file
    program.run("mirror", named).ended(2)


def test_a_database_that_is_down_makes_no_mirror(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror.db"
    Program(tmp_path / "home").run("mirror", str(mirror), "--db", NOWHERE).ended(8)
    assert not mirror.exists()


# The database is down


@pytest.fixture
def on_server(postgres: PostgresServer) -> Location:
    location: Location = parse_location(postgres.create_log())
    with Logbook(location) as book:
        book.see("app_a")
        book.see("app_b")
    return location


@pytest.fixture
def shared(postgres: PostgresServer, on_server: Location, tmp_path: Path) -> Program:
    """A program at that log behind a proxy, with a mirror; the proxy then is gone."""
    mirror = tmp_path / "mirror.db"
    settings = tmp_path / "changelog.toml"
    settings.write_text('mirror = "mirror.db"\n')
    database = url_of(on_server).rpartition("/")[2]
    with CommitProxy(postgres.port) as proxy:
        url = proxy.url("postgres", database)
        program = Program(
            tmp_path / "home",
            CHANGELOG_DATABASE_URL=url,
            CHANGELOG_CONFIG=str(settings),
            MINIVOICE_API_KEY="",
        )
        program.run("mirror", str(mirror)).ended(0)
    return program


READING = (
    "log did_1",
    "log",
    "show did_1",
    "list",
    "diff did_1",
    "restore did_1",
    "restore did_1 --offline",
    "log did_9",
    "status",
)


def test_every_reading_command_falls_back_to_the_mirror_and_ends_as_it_would_have(
    shared: Program, on_server: Location
) -> None:
    for line in READING:
        down = shared.run(*line.split(), "--json")
        before = shared.run(*line.split(), "--json", "--db", url_of(on_server))
        assert down.exit_code == before.exit_code, line
        assert down.json["conditions"] == [*before.json["conditions"], "mirror"], line
        assert down.json["as_of"], line
        assert "mirror.db, as of its newest entry, 2026-11-01" in down.stderr, line


def test_an_answer_that_is_passed_on_says_that_it_is_from_the_mirror(shared: Program) -> None:
    lines = {
        "chat": ("restore did_1 --offline", "log", "diff did_1", "status"),
        "markdown": ("restore did_1 --offline", "log", "diff did_1", "list"),
        "html": ("restore did_1 --offline", "log", "diff did_1", "list"),
    }
    for form, commands in lines.items():
        for command in commands:
            ran = shared.run(*command.split(), "--format", form).ended(0)
            assert "FROM THE MIRROR of the log as of 2026-11-01" in ran.stdout, (form, command)


@contextmanager
def silent_server() -> Iterator[tuple[str, list[socket.socket]]]:
    """A server that accepts connections and never says a word: its address, and what came."""
    came: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    came.append(listener.accept()[0])

        thread = threading.Thread(target=accept)
        thread.start()
        port = listener.getsockname()[1]
        yield f"postgresql://olga@127.0.0.1:{port}/log?connect_timeout=2", came
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in came:
        connection.close()


@pytest.mark.parametrize("line", ["log did_1", "restore did_1", "restore --all --to 2026-11-02"])
def test_a_silent_server_is_waited_for_once_before_the_mirror_answers(
    shared: Program, line: str
) -> None:
    with silent_server() as (url, came), Sandbox(key=KEY) as api:
        environment = {"MINIVOICE_API_KEY": KEY, "MINIVOICE_API_URL": api.url}
        ran = shared.run(*line.split(), "--db", url, environment=environment)
        assert "this is from the mirror" in ran.stderr
        # Whoever is sent the answer has not seen that.
        assert ran.stdout.startswith("FROM THE MIRROR of the log as of ")
        assert len(came) == 1


def test_a_silent_server_without_a_mirror_is_waited_for_once(tmp_path: Path) -> None:
    with silent_server() as (url, came), Sandbox(key=KEY) as api:
        program = Program(tmp_path / "home", api=api, CHANGELOG_DATABASE_URL=url)
        (card,) = program.run("restore", "did_101", "--json").ended(8).json["dids"]
        assert card["live"]["looked"]
        assert len(came) == 1


def test_a_mirror_on_a_read_only_disk_is_read(shared: Program, tmp_path: Path) -> None:
    os.chmod(tmp_path / "mirror.db", 0o400)
    for name in ("mirror.db-wal", "mirror.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    os.chmod(tmp_path, 0o500)
    try:
        assert "mirror" in shared.run("log", "--json").ended(0).json["conditions"]
    finally:
        os.chmod(tmp_path, 0o700)


@pytest.mark.parametrize("line", ["note did_1 -m x", "record did_1", "mark did_1 good -m x"])
def test_a_writing_command_never_uses_a_mirror(shared: Program, line: str) -> None:
    ran = shared.run(*line.split(), environment={"MINIVOICE_API_KEY": "k"}).ended(8)
    assert "mirror.db" not in ran.stderr


def test_without_a_mirror_the_live_route_is_shown_and_what_is_not_known_said(
    tmp_path: Path,
) -> None:
    with Sandbox(key=KEY) as api:
        program = Program(tmp_path / "home", api=api, CHANGELOG_DATABASE_URL=NOWHERE)
        did = "did_101"
        ran = program.run("restore", did, "--json").ended(8)
        assert ran.stdout, ran
        (card,) = ran.json["dids"]
        assert card["live"]["looked"]
        assert not card["live"]["recorded"]
        assert card["current"]["application_id"]
        assert card["target"] is None
        assert card["error"]["code"] == "database_unusable"
        text = program.run("restore", did).ended(8).stdout
        assert "no earlier one: the log cannot be read" in text
        assert "only one routing" not in text
        program.run("restore", did, "--offline").ended(8)
        program.run("log", did).ended(8)


def test_a_mirror_becomes_a_log_by_export_and_import(program: Program, tmp_path: Path) -> None:
    mirror, made, new = (str(tmp_path / name) for name in ("mirror.db", "log.jsonl", "new.db"))
    program.run("mirror", mirror).ended(0)
    program.run("export", "--db", mirror, "--out", made).ended(0)
    program.run("import", made, "--db", new).ended(0)
    program.run("note", "did_1", "-m", "x", "--db", new).ended(0)
