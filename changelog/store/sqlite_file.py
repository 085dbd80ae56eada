"""Opening a SQLite log for reading where nothing may be written: read-only folders, full disks.

A WAL database needs its ``-wal`` and ``-shm`` beside it, and SQLite would make them. Where it
cannot, the file is opened as immutable; where a ``-wal`` was left over by a crash, which immutable
would ignore, the two are put together in memory. Source of the layout: sqlite.org/fileformat2.html.
"""

import errno
import os
import sqlite3
import struct
from pathlib import Path

from changelog.store.location import SqliteLocation

_WAL_HEADER = struct.Struct(">8I")
_FRAME_HEADER = struct.Struct(">6I")
_WAL_MAGIC = 0x377F0682
"""The lowest bit says whether checksums are big-endian."""


def open_read_only(location: SqliteLocation) -> sqlite3.Connection:
    """A connection that reads and never writes. Raises sqlite3.Error or OSError."""
    uri = location.path.resolve().as_uri()
    try:
        return _probed(f"{uri}?mode=ro")
    except sqlite3.OperationalError:
        if not location.path.is_file():
            raise
        wal = Path(f"{location.path.resolve()}-wal")
        if not wal.exists() or wal.stat().st_size == 0:
            return _probed(f"{uri}?immutable=1")
        return _in_memory(location.path.read_bytes(), wal.read_bytes())


ROOM = 256 * 1024
"""Bytes that the largest webhook takes at most, with indexes, journal and write-ahead log."""


def require_room(location: SqliteLocation) -> None:
    """Raise OSError where `ROOM` more bytes have no place beside the file; leaves nothing."""
    import tempfile

    with tempfile.TemporaryFile(dir=location.path.parent, buffering=0) as probe:
        if (probe.write(bytes(ROOM)) or 0) < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _probed(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _in_memory(database: bytes, wal: bytes) -> sqlite3.Connection:
    image = bytearray(database)
    for page, content in committed_pages(wal).items():
        start = (page - 1) * len(content)
        if len(image) < start + len(content):
            image.extend(bytes(start + len(content) - len(image)))
        image[start : start + len(content)] = content
    # Bytes 18 and 19 say "WAL"; a database in memory has none.
    image[18:20] = b"\x01\x01"
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(bytes(image))
    return connection


def committed_pages(wal: bytes) -> dict[int, bytes]:
    """The newest committed content of each page in a write-ahead log, by page number from 1.

    Frames count up to the last commit whose checksums hold, as SQLite itself would recover them.
    """
    if len(wal) < _WAL_HEADER.size:
        return {}
    magic, _, page_size, _, salt1, salt2, sum1, sum2 = _WAL_HEADER.unpack_from(wal)
    order = ">" if magic & 1 else "<"
    if magic & ~1 != _WAL_MAGIC or _checksum(wal[:24], order, (0, 0)) != (sum1, sum2):
        return {}
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    checksum = (sum1, sum2)
    for start in range(_WAL_HEADER.size, len(wal), _FRAME_HEADER.size + page_size):
        body = wal[start + _FRAME_HEADER.size : start + _FRAME_HEADER.size + page_size]
        if len(body) < page_size:
            break
        page, size_after_commit, *salts_and_sums = _FRAME_HEADER.unpack_from(wal, start)
        checksum = _checksum(wal[start : start + 8] + body, order, checksum)
        if salts_and_sums != [salt1, salt2, *checksum]:
            break
        pending[page] = body
        if size_after_commit:
            committed.update(pending)
            pending = {}
    return committed


def _checksum(content: bytes, order: str, start: tuple[int, int]) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
