"""Every exit code of the design, reached through the program as a process.

Code 7 (a broken row) has tests of its own, ``test_program_check.py``, a usage error (2) in
``test_hints.py``, and what else stands where the log should be (8) in ``test_foreign_database.py``.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from unittest import mock

import pytest

from tests.disks import fill, small_disk
from tests.postgres_server import PostgresServer
from tests.program import KEY, Program
from tests.sandbox_faults import Fault, Sandbox

NOBODY = "http://127.0.0.1:9/v1"


@pytest.fixture(scope="module")
def recorded(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A log with two routings of did_101, one of did_102, and a tag."""
    program = Program(tmp_path_factory.mktemp("recorded"), api=shared_sandbox)
    (program.home / "old.json").write_text('{"id": "did_101", "application_id": "app_old"}')
    program.run("import", "old.json", "--at", "2026-11-01T00:00Z").ended(0)
    program.record("did_101", "did_102", "--tag", "used")
    return program


@pytest.fixture
def program(shared_sandbox: Sandbox, tmp_path: Path) -> Program:
    """With an empty home."""
    return Program(tmp_path / "home", api=shared_sandbox)


def test_0_for_what_is_done_and_finds_nothing_different(recorded: Program) -> None:
    recorded.run("diff", "did_101", "--from", "latest", "--exit-code").ended(0)
    recorded.run("verify", "did_101", "--to", "latest").ended(0)


FAULTY = f"""
import changelog.model.results.base
def faulty(conditions):
    raise RuntimeError("injected while holding {KEY}")
changelog.model.results.base.exit_code = faulty
"""


def test_1_for_a_bug_in_this_program_said_without_traceback_and_without_the_key(
    recorded: Program, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(FAULTY)
    faulty = {"PYTHONPATH": str(tmp_path)}
    ran = recorded.run("log", environment=faulty).ended(1)
    assert "a bug in this program: RuntimeError: injected" in ran.stderr
    assert KEY not in ran.stderr
    ran = recorded.run("log", "--format", "json", environment=faulty).ended(1)
    assert KEY not in ran.stderr
    ran = recorded.run("log", environment={**faulty, "CHANGELOG_DEBUG": "1"})
    assert (ran.exit_code, "Traceback" in ran.stderr) == (1, True)


def test_2_without_a_key_that_can_be_used(recorded: Program) -> None:
    no_key = {"MINIVOICE_API_KEY": ""}
    ran = recorded.run("record", "did_101", environment=no_key).ended(2)
    assert "MINIVOICE_API_KEY" in ran.stderr
    recorded.run("restore", "did_101", "--live", environment=no_key).ended(2)
    file = {**no_key, "MINIVOICE_API_KEY_FILE": "nowhere"}
    recorded.run("verify", "did_101", "--to", "r1", environment=file).ended(2)


def test_3_for_some_and_for_all_unreadable_with_the_rest_recorded(recorded: Program) -> None:
    ran = recorded.run("record", "did_101", "did_nope").ended(3)
    assert ran.stdout.startswith(("unchanged", "unreadable"))
    assert "1 unchanged, 1 unreadable" in ran.stdout
    both = recorded.run("verify", "did_101", "did_nope", "--application", "b", "--json").ended(3)
    assert both.json["conditions"] == ["different", "unreadable"]


def test_4_for_a_difference_that_was_asked_for(recorded: Program) -> None:
    recorded.run("diff", "did_101").ended(0)
    recorded.run("diff", "did_101", "--exit-code").ended(4)
    recorded.run("diff", "did_101", "--exit-code", "--field", "nothing").ended(0)
    recorded.run("verify", "did_101", "--to", "r1").ended(4)


NOTHING = {
    "an unknown DID": ["log", "did_nope"],
    "an unknown DID to restore": ["restore", "did_nope", "--offline"],
    "an unknown revision": ["show", "did_101@r9"],
    "an unknown tag": ["diff", "did_101", "--from", "tag:nope"],
    "a tag of a list": ["list", "--at", "tag:nope"],
    "a time before the log": ["restore", "did_101", "--offline", "--to", "2020-01-01"],
    "no restore target": ["restore", "did_102", "--offline"],
    "no good routing": ["restore", "did_101", "--offline", "--to", "good"],
    "an unknown DID to mark": ["mark", "did_nope", "bad", "-m", "x"],
    "a difference beside an unknown DID": ["diff", "did_101", "did_nope", "--exit-code"],
}


def test_5_where_the_log_has_nothing_to_answer_with(recorded: Program, program: Program) -> None:
    for why, ran in zip(NOTHING, recorded.run_each(NOTHING.values()), strict=True):
        assert (why, ran.exit_code) == (why, 5)
        assert "NO TARGET" in ran.stdout or ran.stderr.startswith("changelog: "), why
    empty = [["restore", "did_101", "--offline"], ["log"], ["list"], ["diff"], ["record", "--all"]]
    for ran in program.run_each(empty):
        assert "nothing is recorded yet" in ran.ended(5).stderr


def test_6_for_an_api_that_refuses_the_key_or_gives_no_answer_at_all(recorded: Program) -> None:
    refused = {"MINIVOICE_API_KEY": "another-key"}
    gone = {"MINIVOICE_API_URL": NOBODY}
    ran = recorded.run("record", "did_101", environment=gone).ended(6)
    assert "the API gave no answer at all" in ran.stderr
    ran = recorded.run("restore", "did_101", "--live", environment=refused).ended(6)
    assert "PUT BACK r1" in ran.stdout
    ran = recorded.run("restore", "did_101", environment=gone).ended(0)
    assert "PUT BACK r1" in ran.stdout


@pytest.mark.usefixtures("no_backoff")
def test_6_for_an_api_that_stops_answering_says_so(tmp_path: Path) -> None:
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        dids = [f"did_{n}" for n in range(200, 225)]
        for did in dids:
            sandbox.add_did({"id": did, "application_id": "app_support"})
        for did in dids[1:]:
            sandbox.fail(Fault("reset"), did=did)
        ran = program.run("record", *dids, "--concurrency", "1").ended(6)
        assert "1 new, 20 unreadable, 4 not read" in ran.stdout
        assert "the API gave no answer any more" in ran.stderr
        assert "at all" not in ran.stderr


def test_6_keeps_what_was_read_before_the_key_was_refused(tmp_path: Path) -> None:
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        saw = sandbox.saw

        def revoke(method: str, path: str, key: str) -> None:
            saw(method, path, key)
            if path.endswith("did_102"):
                sandbox.fail(Fault("status", status=401))

        arguments = ["did_101", "did_102", "did_103", "--concurrency", "1", "--json"]
        with mock.patch.object(sandbox, "saw", revoke):
            ran = program.run("record", *arguments).ended(6)
    assert ran.json["conditions"] == ["unauthorized", "unreadable"]
    assert [one["outcome"] for one in ran.json["dids"]] == ["new", "unreadable", "unreadable"]
    assert [one["did"] for one in program.json("list")["dids"]] == ["did_101"]


def ends_with_8(program: Program, database: str, *also: list[str]) -> str:
    """Runs a reader and a writer; returns what they say."""
    lines = [["restore", "did_101", "--offline"], ["record", "did_101"], *also]
    said = [ran.ended(8) for ran in program.run_each([*line, "--db", database] for line in lines)]
    assert {ran.stdout for ran in said} <= {""}
    return "".join(ran.stderr for ran in said)


def test_8_for_a_log_of_a_newer_program(recorded: Program, program: Program) -> None:
    kept = recorded.home / ".local/share/changelog/changelog.db"
    newer = program.home / "newer.db"
    with closing(sqlite3.connect(kept)) as one, closing(sqlite3.connect(newer)) as other:
        one.backup(other)
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    assert "newer" in ends_with_8(program, "newer.db", ["db", "upgrade"])


def test_8_for_a_folder_where_nothing_can_be_made(program: Program) -> None:
    (program.home / "file").write_text("")
    ran = program.run("record", "did_101", "--db", "file/log.db").ended(8)
    assert "file is no folder" in ran.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every folder")
def test_8_for_a_folder_that_may_not_be_written(recorded: Program, program: Program) -> None:
    locked = program.home / "locked"
    locked.mkdir()
    shutil.copy(recorded.home / ".local/share/changelog/changelog.db", locked / "log.db")
    locked.chmod(0o500)
    try:
        program.run("record", "did_101", "--db", "locked/new.db").ended(8)
        program.run("restore", "did_101", "--db", "locked/log.db", "--offline").ended(0)
    finally:
        locked.chmod(0o700)


@pytest.fixture
def full_disk(program: Program) -> Iterator[Path]:
    """A disk of 1 MB, not full yet."""
    with small_disk(program.home / "disk") as disk:
        yield disk


def test_8_for_a_full_disk_that_is_still_read_and_looked_past(
    recorded: Program, full_disk: Path
) -> None:
    log = full_disk / "log.db"
    shutil.copy(recorded.home / ".local/share/changelog/changelog.db", log)
    on_it = ["--db", str(log)]
    fill(full_disk)
    ran = recorded.run("record", "did_101", "-m", "x" * 9000, *on_it).ended(8)
    assert "no room left" in ran.stderr
    ran = recorded.run("restore", "did_101", *on_it).ended(0)
    assert "NOT RECORDED" in ran.stdout
    assert "PUT BACK r1" in ran.stdout
    for line in (["log", "did_101"], ["diff", "did_101"], ["restore", "did_101", "--offline"]):
        assert "app_old" in recorded.run(*line, *on_it).ended(0).stdout


def test_8_for_a_server_that_is_not_there_and_for_one_without_a_log(
    program: Program, postgres: PostgresServer
) -> None:
    said = ends_with_8(program, "postgresql://olga:hunter2@127.0.0.1:9/log?connect_timeout=2")
    assert "hunter2" not in said
    assert "cannot be reached" in said
    assert "changelog db upgrade" in ends_with_8(program, postgres.create_database())


def test_8_without_a_database_says_what_the_look_came_to(sandbox: Sandbox, tmp_path: Path) -> None:
    program = Program(tmp_path / "home", api=sandbox, database="postgresql://127.0.0.1:9/log")
    said = program.run("restore", "did_nobody").ended(8).stderr
    assert "nothing is known of did_nobody: the API answers 404" in said
    assert "cannot be reached" in said
    sandbox.fail(Fault("status", status=401))
    assert "the live look failed: 401" in program.run("restore", "did_101").ended(8).stderr


def test_130_for_a_record_that_is_interrupted_keeps_what_was_recorded_and_says_so(
    tmp_path: Path,
) -> None:
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        sandbox.fail(Fault("slow", seconds=60), did="did_102")
        arguments = ["did_101", "did_102", "did_103", "--concurrency", "1", "-m", "why"]
        with program.start("record", *arguments) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("new         did_101")
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 130, stderr
    assert "interrupted: 1 of 3 are stored" in stderr
    assert "Traceback" not in stderr
    assert "3 requested, 1 new" in stdout
    (entry,) = program.json("log")["entries"]
    assert (entry["did"], entry["notes"][0]["text"]) == ("did_101", "why")


def pressed(process: subprocess.Popen[str]) -> str:
    """Ctrl-C, and again after a while: Python loses one that comes amid its own bookkeeping of
    an import. Returns what was said."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return "".join(process.communicate(timeout=7))
    raise AssertionError("it does not end")


def test_130_for_any_other_command_says_that_it_was_interrupted(tmp_path: Path) -> None:
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        program.record("did_101")
        sandbox.fail(Fault("slow", seconds=60))
        earlier = len(sandbox.requests)
        with program.start("restore", "did_101", "--live") as process:
            while len(sandbox.requests) == earlier:
                assert process.poll() is None
            said = pressed(process)
    assert process.returncode == 130, said
    assert "Live look failed (interrupted" in said or "changelog: interrupted" in said


def test_a_refused_key_is_named_by_its_own_source(shared_sandbox: Sandbox, tmp_path: Path) -> None:
    program = Program(tmp_path / "home", api=shared_sandbox, key="wrong")
    settings = program.home / "keys.toml"
    key_file = program.home / "sales.key"
    key_file.write_text("wrong-too")
    settings.write_text(f'[keys.support]\nenv="K_SUPPORT"\n[keys.sales]\nfile="{key_file}"\n')
    said = program.run("record", "did_101").ended(6).stderr
    assert "the API refused the key (401): check MINIVOICE_API_KEY; a key belongs to" in said
    named = Program(
        program.home, api=shared_sandbox, key="", K_SUPPORT="wrong", CHANGELOG_CONFIG=str(settings)
    )
    said = named.run("record", "did_101").ended(6).stderr
    assert f"the API refused every key (401): check K_SUPPORT, {key_file}; a key" in said
