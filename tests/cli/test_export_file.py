"""``export --out``: a file that is there whole or not at all, and takes nobody's place unasked."""

import os
import signal
import stat
from pathlib import Path

import pytest

from tests.logbook import Logbook
from tests.moving import exported
from tests.program import TIMEOUT_S, Program


@pytest.fixture
def program(sqlite_logbook: Logbook, tmp_path: Path) -> Program:
    sqlite_logbook.see("app_a")
    return Program(tmp_path / "home", database=sqlite_logbook.location)


def names(program: Program) -> list[str]:
    return sorted(path.name for path in program.home.iterdir())


def test_only_its_owner_may_read_it_and_nothing_is_left_beside_it(
    program: Program, sqlite_logbook: Logbook
) -> None:
    ran = program.run("export", "--out", "log.jsonl").ended(0)
    path = program.home / "log.jsonl"
    assert ran.stdout == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == exported(sqlite_logbook.location)
    assert names(program) == ["log.jsonl"]


def test_a_file_that_is_there_stays_unless_it_is_told_to_go(program: Program) -> None:
    path = program.home / "log.jsonl"
    path.write_text("somebody's")
    ran = program.run("export", "--out", "log.jsonl").ended(2)
    assert ran.stderr == (
        "changelog: log.jsonl exists already\n  Name another file, or replace it with --force.\n"
    )
    assert path.read_text() == "somebody's"
    program.run("export", "--out", "log.jsonl", "--force").ended(0)
    assert path.read_text().startswith('{"schema":"changelog/export/2"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    program.run("export", "--force").ended(2)


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_what_is_no_ordinary_file_is_left_alone(program: Program, force: list[str]) -> None:
    home = program.home
    (home / "target").write_text("somebody's")
    (home / "link").symlink_to("target")
    (home / "dangling").symlink_to("nowhere")
    (home / "folder").mkdir()
    os.mkfifo(home / "pipe")
    there = names(program)
    for name in ("link", "dangling", "folder", "pipe"):
        ran = program.run("export", "--out", name, *force).ended(2)
        assert ran.stderr.startswith(f"changelog: {name} is no ordinary file\n")
    for name in ("no/such/folder", ""):
        program.run("export", "--out", name, *force).ended(2)
    assert (home / "target").read_text() == "somebody's"
    assert names(program) == there


@pytest.mark.parametrize("end", ["", "-wal"])
def test_the_log_itself_is_never_replaced(
    program: Program, sqlite_logbook: Logbook, end: str
) -> None:
    (program.home / "link").symlink_to(program.home.parent)
    for name in (f"{sqlite_logbook.location}{end}", f"link/log.db{end}"):
        ran = program.run("export", "--out", name, "--force").ended(2)
        assert ran.stderr.startswith(f"changelog: {name} is the log itself\n")
    program.run("log").ended(0)


def test_without_room_there_is_no_half_a_file(program: Program) -> None:
    with program.start("export", "--out", "log.jsonl", largest_file=100) as process:
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, stdout) == (2, "")
    assert "log.jsonl cannot be written: " in stderr
    assert names(program) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_trace(program: Program, number: int) -> None:
    code = (
        "import os, sys\n"
        "from changelog.store.journal.export import Export\n"
        "blocks = Export.blocks\n"
        "def ended(self):\n"
        "    yield b'x' * 300_000\n"
        f"    os.kill(os.getpid(), {int(number)})\n"
        "    yield from blocks(self)\n"
        "Export.blocks = ended\n"
        "from changelog.cli.main import main\n"
        "sys.exit(main(['export', '--out', 'log.jsonl']))\n"
    )
    assert program.run_python(code).ended(130).stderr == "changelog: interrupted\n"
    assert names(program) == []


def test_an_export_that_its_reader_cut_off_or_that_had_no_stdout_is_no_success(
    program: Program,
) -> None:
    ran = program.run_through(["/bin/bash", "-o", "pipefail", "-c", '"$@" | true', "sh"], "export")
    assert (ran.exit_code, "went away before its end" in ran.stderr) == (1, True)
    assert "stdout is closed" in program.run_without_stdout("export").ended(2).stderr
    program.run_redirected("> /dev/null", "export").ended(0)


def test_what_cannot_be_written_to_stdout_is_an_error(program: Program) -> None:
    ran = program.run_redirected(">/dev/full", "export").ended(1)
    assert ran.stderr.startswith("changelog: the export cannot be written: ")
