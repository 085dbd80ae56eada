"""Before a SQLite log is migrated in place, a copy of it as it was is kept beside it."""

import json
import os
import pwd
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from changelog.store.versions import HEAD
from tests.disks import fill, small_disk
from tests.program import Program, Ran
from tests.schemas.save import dump
from tests.schemas.saved import SavedLog

OLD = SavedLog("0001")
BACKUP = f"log.db.before-{HEAD}.bak"
SECOND = f"log.db.before-{HEAD}.2.bak"
READ = ("restore", "did_2", "--offline", "--json")
AT_ONCE = 4

KILLED = "lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
UPGRADE_THAT_IS_KILLED = """
import os, signal, sys
from changelog.store import backup
from changelog.store import schema
from changelog.store.engine import make_engine
from changelog.store.location import parse_location
location = parse_location(sys.argv[1])
{where} = {killed}
schema.upgrade(make_engine(location), location)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of schema 0001, alone in its folder; what was written last is in its ``-wal`` only."""
    (tmp_path / "made").mkdir()
    (tmp_path / "kept").mkdir()
    made, log = tmp_path / "made" / "log.db", tmp_path / "kept" / "log.db"
    with closing(sqlite3.connect(made)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA wal_autocheckpoint = 0")
        file.executescript(OLD.sql)
        for ending in ("", "-wal"):
            shutil.copy(f"{made}{ending}", f"{log}{ending}")
    log.chmod(0o600)
    assert log.stat().st_size < Path(f"{log}-wal").stat().st_size
    return log


@pytest.fixture
def program(tmp_path: Path, log: Path) -> Program:
    return Program(tmp_path / "olga", database=str(log))


def beside(log: Path) -> set[str]:
    """The names of the other files there, SQLite's own aside."""
    own = {log.name, f"{log.name}-wal", f"{log.name}-shm"}
    return {path.name for path in log.parent.iterdir()} - own


def version_of(log: Path) -> str:
    with closing(sqlite3.connect(log)) as file:
        (version,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(version)


def assert_is_as_it_was(backup: Path) -> None:
    """The same schema and rows as were saved, in one file that only its owner may read."""
    assert backup.stat().st_mode & 0o777 == 0o600
    copy = backup.with_name("looked at")
    shutil.copy(backup, copy)
    try:
        assert dump(copy, OLD.version).splitlines()[3:] == OLD.sql.splitlines()[3:]
    finally:
        for path in backup.parent.glob("looked at*"):
            path.unlink()


def answered(ran: Ran) -> None:
    before = next(one for one in OLD.answers if one["arguments"] == list(READ[:-1]))
    assert ran.ended(0).json["dids"][0]["target"] == before["answer"]["dids"][0]["target"]


def test_what_it_was_is_kept_whole_and_said_once(program: Program, log: Path) -> None:
    ran = program.run("log").ended(0)
    assert ran.stderr.count("\n") == 1
    assert f"the log of schema 0001 is kept as {log.parent / BACKUP} (" in ran.stderr
    assert version_of(log) == HEAD
    assert beside(log) == {BACKUP}
    assert_is_as_it_was(log.parent / BACKUP)
    assert program.run("log").ended(0).stderr == ""
    assert beside(log) == {BACKUP}


def test_put_back_it_is_upgraded_again_and_answers(program: Program, log: Path) -> None:
    program.run("note", "did_1", "-m", "after the upgrade").ended(0)
    for ending in ("-wal", "-shm"):
        Path(f"{log}{ending}").unlink(missing_ok=True)
    (log.parent / BACKUP).rename(log)
    assert version_of(log) == "0001"
    ran = program.run("log", "--json").ended(0)
    assert "after the upgrade" not in ran.stdout
    assert version_of(log) == HEAD
    assert_is_as_it_was(log.parent / BACKUP)


@pytest.mark.parametrize(
    ("where", "left"),
    [("schema._migrate", {BACKUP}), ("backup._name", {f"{BACKUP}.part"})],
    ids=["between the backup and the migration", "before the backup has its name"],
)
def test_killed_on_the_way_the_next_run_goes_on_with_one_whole_backup(
    program: Program, log: Path, where: str, left: set[str]
) -> None:
    code = UPGRADE_THAT_IS_KILLED.format(where=where, killed=KILLED)
    ended = subprocess.run([sys.executable, "-c", code, str(log)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert version_of(log) == "0001"
    assert beside(log) == left
    said = program.run("log").ended(0).stderr
    assert ("was kept already" in said) == (BACKUP in left)
    assert beside(log) == {BACKUP}
    assert_is_as_it_was(log.parent / BACKUP)


def test_an_upgrade_that_fails_each_time_keeps_one_backup_but_one_for_each_state(
    program: Program, log: Path
) -> None:
    code = UPGRADE_THAT_IS_KILLED.format(where="schema._migrate", killed=KILLED)
    for _ in range(3):
        subprocess.run([sys.executable, "-c", code, str(log)], check=False)
    assert beside(log) == {BACKUP}
    with closing(sqlite3.connect(log)) as old_program:
        old_program.execute(
            "INSERT INTO journal SELECT max(n) + 1, at, digest, rows, snapshots, X'00' FROM journal"
        )
        old_program.commit()
    program.run("log").ended(0)
    assert beside(log) == {BACKUP, SECOND}
    assert_is_as_it_was(log.parent / BACKUP)


@pytest.mark.parametrize("broken", [b"", b"somebody's own file", None])
def test_a_file_of_that_name_is_left_as_it_is(
    program: Program, log: Path, broken: bytes | None
) -> None:
    """`None`: the first half of a backup, as a disk that lost it would show."""
    other = log.parent / BACKUP
    if broken is None:
        with closing(sqlite3.connect(log)) as source, closing(sqlite3.connect(other)) as copy:
            source.backup(copy)
        broken = other.read_bytes()[: other.stat().st_size // 2]
    other.write_bytes(broken)
    assert SECOND in program.run("log").ended(0).stderr
    assert other.read_bytes() == broken
    assert_is_as_it_was(log.parent / SECOND)


def test_programs_at_once_make_one_backup_and_all_answer(program: Program, log: Path) -> None:
    runs = [program.start(*READ) for _ in range(AT_ONCE)]
    said = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0] * AT_ONCE, said
    assert len({json.loads(stdout)["exit_code"] for stdout, _ in said}) == 1
    assert sum("is kept as" in stderr for _, stderr in said) == 1, said
    assert beside(log) == {BACKUP}
    assert_is_as_it_was(log.parent / BACKUP)


def test_named_by_a_link_it_is_kept_beside_the_file_itself(
    program: Program, log: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "link.db").symlink_to(log)
    ran = program.run("log", "--db", str(folder / "link.db")).ended(0)
    assert str(log.parent / BACKUP) in ran.stderr
    assert version_of(log) == HEAD
    assert [path.name for path in folder.iterdir()] == ["link.db"]
    assert beside(log) == {BACKUP}


def test_root_leaves_the_backup_to_the_owner_of_the_log(program: Program, log: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in log.parent.iterdir():
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
    program.run("log").ended(0)
    backup = (log.parent / BACKUP).stat()
    assert (backup.st_uid, backup.st_gid) == (log.stat().st_uid, log.stat().st_gid)


def test_where_the_copy_cannot_be_written_nothing_is_changed_or_left(
    program: Program, log: Path
) -> None:
    with closing(sqlite3.connect(log)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    room = log.stat().st_size // 2
    ended = subprocess.run(
        [sys.executable, "-m", "changelog", "note", "did_1", "-m", "hm", "--json"],
        capture_output=True,
        check=False,
        text=True,
        env=program.environment,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert ended.returncode == 8, ended
    error = json.loads(ended.stderr)["error"]
    assert "cannot make the copy" in error["message"]
    assert "Nothing was changed" in error["hint"]
    assert "db upgrade --no-backup" in error["hint"]
    assert version_of(log) == "0001"
    assert beside(log) == set()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "4m") as disk:
        yield disk


def test_without_room_readers_answer_recorders_say_so_and_nothing_is_changed(
    program: Program, log: Path, disk: Path
) -> None:
    with closing(sqlite3.connect(log)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    there = disk / "log.db"
    shutil.copy(log, there)
    size = there.stat().st_size
    fill(disk, leave=size // 2)
    before = there.read_bytes()
    on_it = ("--db", str(there))

    ran = program.run(*READ, *on_it)
    answered(ran)
    assert "upgraded in memory, for this answer only" in ran.stderr
    for line in (["note", "did_1", "-m", "hm"], ["db", "upgrade"]):
        said = program.run(*line, *on_it).ended(8).stderr
        assert f"no room beside the database {there}" in said
        assert "Nothing was changed. Make room" in said
        assert "db upgrade --no-backup" in said
    planned = program.run("db", "upgrade", "--dry-run", "--json", *on_it).ended(0).json
    assert planned["room"] < planned["backup_size"] == size
    assert version_of(there) == "0001"
    assert beside(there) == {"rest"}
    with closing(sqlite3.connect(there)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert there.read_bytes() == before

    fill(disk, leave=3 * size)
    program.run("db", "upgrade", "--no-backup", *on_it).ended(0)
    assert version_of(there) == HEAD
    assert beside(there) == {"rest"}


def test_db_upgrade_says_what_it_would_do_and_what_it_did(program: Program, log: Path) -> None:
    planned = program.json("db", "upgrade", "--dry-run")
    backup = str(log.parent / BACKUP)
    assert (planned["dry_run"], planned["upgraded"]) == (True, False)
    assert (planned["version"], planned["head"], planned["backup"]) == ("0001", HEAD, backup)
    said = program.run("db", "upgrade", "--dry-run").ended(0)
    assert said.stdout.startswith(f"would upgrade {log} from 0001 to {HEAD}, after it is kept as")
    assert said.stderr == ""
    assert version_of(log) == "0001"
    assert beside(log) == set()

    done = program.json("db", "upgrade")
    assert (done["before"], done["version"], done["upgraded"]) == ("0001", HEAD, True)
    assert (done["backup"], done["backup_size"]) == (backup, planned["backup_size"])
    again = program.json("db", "upgrade")
    assert (again["upgraded"], again["backup"]) == (False, None)
    assert f"schema {HEAD}" in program.run("db", "upgrade", "--dry-run").ended(0).stdout
    assert beside(log) == {BACKUP}


def test_a_new_log_needs_no_backup(program: Program, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    there = ("--db", str(new / "log.db"))
    would = program.run("db", "upgrade", "--dry-run", *there).ended(0).stdout
    assert would == f"would upgrade {new / 'log.db'} from nothing to {HEAD}\n"
    assert list(new.iterdir()) == []
    assert program.run("db", "upgrade", *there).ended(0).stderr == ""
    assert [path.name for path in new.glob("*.bak*")] == []


def test_what_belongs_to_an_upgrade_is_refused_elsewhere(program: Program, log: Path) -> None:
    for line in (["db", "path", "--dry-run"], ["db", "current", "--no-backup"]):
        error = program.run(*line, "--json").ended(2).error
        assert "belongs to 'db upgrade'" in error["message"]
    assert beside(log) == set()


def test_an_older_program_names_the_way_back(program: Program, log: Path) -> None:
    """As the program of today meets the log of tomorrow's."""
    program.run("log").ended(0)
    with closing(sqlite3.connect(log)) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    tomorrow = log.with_name("log.db.before-9999.bak")
    hint = program.run("log", "--json").ended(8).error["hint"]
    assert "Upgrade this program" in hint
    assert "before-9999" not in hint
    (log.parent / BACKUP).rename(tomorrow)
    for line in (["log"], ["note", "did_1", "-m", "hm"], ["db", "upgrade"], ["db", "current"]):
        hint = program.run(*line, "--json").ended(8).error["hint"]
        assert "Upgrade this program" in hint
        assert f"without what was recorded since: {tomorrow}" in hint
