"""The copy of a SQLite log that is kept before it is migrated in place."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from changelog.model.errors import DatabaseError, DatabaseFull
from changelog.model.text.sanitize import megabytes
from changelog.store.location import SqliteLocation
from changelog.store.sqlite_file import open_read_only
from changelog.store.versions import SQLITE_VERSION, backup_paths

_PAGES_AT_A_TIME = 4096
"""Between two steps a Ctrl-C is noticed."""


class Backup(NamedTuple):
    """`path` holds the log of schema `version`, whole and readable by its owner only.

    `size` is in bytes. `made`: by this run; else an earlier one that broke off had kept the same.
    """

    path: Path
    version: str
    size: int
    made: bool


class _Mark(NamedTuple):
    """What tells two states of a log apart: the last journal row vouches for all that it holds."""

    version: str
    entry: int
    digest: bytes


def keep_as_it_is(location: SqliteLocation, target: str) -> Backup:
    """A whole copy of the log beside it, before it is migrated to schema `target`.

    To be called with the write lock held: then nobody adds to the log between the copy and the
    migration, and no two programs make a copy at once. An older backup is never written to; one
    that holds this very state already is named instead of a second one. Raises DatabaseFull where
    there is no room, DatabaseError where no copy can be made; both leave nothing behind.
    """
    with closing(open_read_only(location)) as source:
        mark, size = _mark(source), _size(source)
        for path in backup_paths(location, target):
            if not path.exists():
                break
            if _holds(path, mark):
                _part(path).unlink(missing_ok=True)
                return Backup(path, mark.version, path.stat().st_size, made=False)
        with _explained(location, path.parent, size):
            _check_room(path.parent, size)
            _copy(location, source, path)
    return Backup(path, mark.version, path.stat().st_size, made=True)


def room_for(location: SqliteLocation) -> tuple[int, int | None]:
    """Bytes that a backup takes, and those that its disk has (None where the disk does not say)."""
    with closing(open_read_only(location)) as source:
        return _size(source), _free(location.path.resolve().parent)


def next_backup(location: SqliteLocation, target: str) -> Path:
    """Where the copy would go that `keep_as_it_is` makes now, or where it lies already."""
    with closing(open_read_only(location)) as source:
        mark = _mark(source)
    return next(
        path for path in backup_paths(location, target) if not path.exists() or _holds(path, mark)
    )


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size)


def _mark(connection: sqlite3.Connection) -> _Mark:
    (version,) = connection.execute(SQLITE_VERSION).fetchone()
    last = connection.execute("SELECT n, digest FROM journal ORDER BY n DESC LIMIT 1").fetchone()
    return _Mark(version, *(last or (0, b"")))


def _holds(path: Path, mark: _Mark) -> bool:
    """Whether a backup is whole and of that state. What cannot be read is not."""
    try:
        uri = f"{path.as_uri()}?immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as found:
            return _mark(found) == mark and _size(found) == path.stat().st_size
    except (sqlite3.Error, OSError, TypeError):
        return False


def _free(folder: Path) -> int | None:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize if disk.f_blocks else None


def _check_room(folder: Path, size: int) -> None:
    """Before a byte is written: others need what is left of the disk too."""
    free = _free(folder)
    if free is not None and free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _copy(location: SqliteLocation, source: sqlite3.Connection, path: Path) -> None:
    """Only a copy that is whole and on the disk gets the name `path`."""
    part = _part(path)
    # Left over by a run that was killed: whoever holds the lock is the only one at work.
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            _give_to_owner(descriptor, location)
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                source.backup(copy, pages=_PAGES_AT_A_TIME, progress=lambda *_: None)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _name(part, path)
    finally:
        for left in (part, Path(f"{part}-journal")):
            left.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _give_to_owner(descriptor: int, location: SqliteLocation) -> None:
    """Root who looks at another user's log must not make a backup that this user cannot read."""
    owner = location.path.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _name(part: Path, path: Path) -> None:
    try:
        os.link(part, path)  # Unlike a rename it never takes the place of a file.
    except FileExistsError:
        raise
    except OSError:
        # A filesystem without links. Nobody else is at work: the write lock is held.
        part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Some filesystems know no flush of a folder.
        with suppress(OSError):
            os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _explained(location: SqliteLocation, folder: Path, size: int) -> Iterator[None]:
    """What hinders a backup, with what to do instead."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        free = _free(folder)
        if _is_full(error) or (free is not None and free < size):
            there_is = f"{megabytes(free)} are free" if free is not None else "the disk is full"
            raise DatabaseFull(
                f"no room beside the database {location} for the copy of"
                f" {megabytes(size)} that is kept before its schema is upgraded ({there_is})",
                f"Nothing was changed. {_WAYS_ON}",
            ) from error
        raise DatabaseError(
            f"cannot make the copy of the database {location} that is kept before its schema is"
            f" upgraded: {getattr(error, 'strerror', None) or error}",
            f"Nothing was changed. {_WAYS_ON}",
        ) from error


_WAYS_ON = (
    "Make room in that folder, or keep a copy elsewhere and run:"
    " changelog db upgrade --no-backup. Commands that only read answer meanwhile."
)


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
