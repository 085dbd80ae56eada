"""A SQLite log is read where nothing can be written, a write-ahead log left over included."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from changelog.store import sqlite_file
from changelog.store.location import SqliteLocation
from changelog.store.sqlite_file import committed_pages, open_read_only


@pytest.fixture
def left_over(tmp_path: Path) -> SqliteLocation:
    """A database whose last rows are in the write-ahead log only, as a crash leaves it."""
    source = tmp_path / "source.db"
    connection = sqlite3.connect(source, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (x INTEGER)")
    connection.execute("INSERT INTO t VALUES (1)")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for value in range(2, 200):
        connection.execute("INSERT INTO t VALUES (?)", (value,))
    copy = tmp_path / "copy.db"
    shutil.copy(source, copy)
    shutil.copy(f"{source}-wal", f"{copy}-wal")
    connection.close()
    return SqliteLocation(copy)


def values(connection: sqlite3.Connection) -> list[int]:
    return [value for (value,) in connection.execute("SELECT x FROM t ORDER BY x")]


def refuse_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk where ``-shm`` cannot be made: read-only, or full."""
    probed = sqlite_file._probed

    def only_immutable(uri: str) -> sqlite3.Connection:
        if "mode=ro" in uri:
            raise sqlite3.OperationalError("unable to open database file")
        return probed(uri)

    monkeypatch.setattr(sqlite_file, "_probed", only_immutable)


def test_a_write_ahead_log_left_over_is_read_without_writing_anything(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_the_ordinary_way(monkeypatch)
    before = sorted(one.name for one in left_over.path.parent.iterdir())
    connection = open_read_only(left_over)
    assert values(connection) == list(range(1, 200))
    assert sorted(one.name for one in left_over.path.parent.iterdir()) == before


def test_frames_after_the_last_whole_commit_do_not_count(left_over: SqliteLocation) -> None:
    wal = Path(f"{left_over.path}-wal").read_bytes()
    whole = committed_pages(wal)
    assert committed_pages(wal[:-10]) != whole, "the last frame is torn"
    damaged = bytearray(wal)
    damaged[-5] ^= 1
    assert committed_pages(bytes(damaged)) == committed_pages(wal[:-10])
    assert committed_pages(b"") == committed_pages(b"x" * 100) == {}


def test_a_torn_write_ahead_log_gives_what_sqlite_itself_recovers(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wal = Path(f"{left_over.path}-wal")
    wal.write_bytes(wal.read_bytes()[:-100])
    other = tmp_path / "recovered.db"
    shutil.copy(left_over.path, other)
    shutil.copy(wal, f"{other}-wal")
    recovered = values(sqlite3.connect(other))
    refuse_the_ordinary_way(monkeypatch)
    assert values(open_read_only(left_over)) == recovered


def test_a_database_without_a_write_ahead_log_is_opened_as_it_is(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite3.connect(left_over.path).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    Path(f"{left_over.path}-wal").unlink(missing_ok=True)
    Path(f"{left_over.path}-shm").unlink(missing_ok=True)
    refuse_the_ordinary_way(monkeypatch)
    assert len(values(open_read_only(left_over))) == 199
