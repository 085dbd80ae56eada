"""Opening a SQLite log for reading where nothing may be written: read-only folders, full disks.

A WAL database needs its ``-wal`` and ``-shm`` beside it, and SQLite would make them. Where it
cannot, the file is opened as immutable. That would ignore a ``-wal`` that a crash left over, so
both files are then copied to where there is room, and opened there.
"""

import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from changelog.store.location import SqliteLocation

_MEMORY = Path("/dev/shm")  # noqa: S108 -- copied into a folder of its own, mode 0700
ROOM = 256 * 1024
"""Bytes that the largest webhook takes at most, with indexes, journal and write-ahead log."""


def open_read_only(
    location: SqliteLocation,
    patience_s: float = 5.0,
    on_stale: Callable[[datetime], None] | None = None,
) -> sqlite3.Connection:
    """Return a connection that reads and never writes. Raises sqlite3.Error or OSError.

    `on_stale` hears of a log that is read without its newest transactions, and as of when it is;
    who needs all of it leaves that out.
    """
    path = location.path.resolve()
    try:
        return _probed(f"{path.as_uri()}?mode=ro", patience_s)
    except sqlite3.OperationalError:
        if not path.is_file():
            raise
        wal = Path(f"{path}-wal")
        if wal.exists() and wal.stat().st_size:
            copy = _copied(path, wal)
            if copy is not None:
                return copy
            if on_stale is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
            on_stale(datetime.fromtimestamp(path.stat().st_mtime, UTC))
        return _probed(f"{path.as_uri()}?immutable=1", patience_s)


def _copied(path: Path, wal: Path) -> sqlite3.Connection | None:
    """Open a copy of both files. Returns None where there is no room for one."""
    # Imported where they are needed: nearly every reader has no need of them.
    import shutil
    import tempfile

    for place in dict.fromkeys((_MEMORY, Path(tempfile.gettempdir()))):
        with (
            suppress(OSError, sqlite3.OperationalError),
            tempfile.TemporaryDirectory(dir=place) as folder,
        ):
            for file, name in ((path, "log"), (wal, "log-wal")):
                shutil.copyfile(file, Path(folder) / name)
            # Its files have no names any more once it is open; they go when it is closed.
            return _probed(f"{(Path(folder) / 'log').as_uri()}?mode=rw", 0)
    return None


def require_room(location: SqliteLocation) -> None:
    """Raise OSError where `ROOM` more bytes have no place beside the file; leaves nothing."""
    import tempfile

    with tempfile.TemporaryFile(dir=location.path.parent, buffering=0) as probe:
        if (probe.write(bytes(ROOM)) or 0) < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _probed(uri: str, patience_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=patience_s)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
