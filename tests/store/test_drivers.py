"""A SQLite log is read where nothing can be written, a write-ahead log left over included."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from changelog.store.location import SqliteLocation
from changelog.store.reading import drivers
from changelog.store.reading.drivers import open_read_only


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
    probed = drivers._probed

    def only_immutable(uri: str, patience_s: float) -> sqlite3.Connection:
        if "mode=ro" in uri:
            raise sqlite3.OperationalError("unable to open database file")
        return probed(uri, patience_s)

    monkeypatch.setattr(drivers, "_probed", only_immutable)


def test_a_write_ahead_log_left_over_is_read_without_writing_anything(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_the_ordinary_way(monkeypatch)
    before = sorted(one.name for one in left_over.path.parent.iterdir())
    connection = open_read_only(left_over)
    assert values(connection) == list(range(1, 200))
    assert sorted(one.name for one in left_over.path.parent.iterdir()) == before


def test_without_room_for_a_copy_the_rest_is_read_and_said_to_be_older(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_the_ordinary_way(monkeypatch)
    monkeypatch.setattr(drivers, "_copied", lambda *_: None)
    stale: list[object] = []
    assert values(open_read_only(left_over, on_stale=stale.append)) == [1]
    assert len(stale) == 1
    with pytest.raises(OSError, match="No space left"):
        open_read_only(left_over)


def test_a_copy_leaves_nothing_behind(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse_the_ordinary_way(monkeypatch)
    (tmp_path / "room").mkdir()
    monkeypatch.setattr(drivers, "_MEMORY", tmp_path / "room")
    connection = open_read_only(left_over)
    assert list((tmp_path / "room").iterdir()) == []
    assert values(connection) == list(range(1, 200))
    connection.close()
    assert list((tmp_path / "room").iterdir()) == []


def test_a_database_without_a_write_ahead_log_is_opened_as_it_is(
    left_over: SqliteLocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite3.connect(left_over.path).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    Path(f"{left_over.path}-wal").unlink(missing_ok=True)
    Path(f"{left_over.path}-shm").unlink(missing_ok=True)
    refuse_the_ordinary_way(monkeypatch)
    assert len(values(open_read_only(left_over))) == 199
