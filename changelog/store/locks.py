"""Whose turn it is to tell: of the processes of one watch, one at a time, so that none repeats what
another one tells just now."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from changelog.store.db_errors import translated
from changelog.store.engine import make_engine
from changelog.store.location import Location, SqliteLocation

_TRY = "SELECT pg_try_advisory_xact_lock(:number)"
_SESSION = "SELECT pg_backend_pid()"
_LONGEST = "SET LOCAL idle_in_transaction_session_timeout = '10min'"
"""So long a machine that vanished while it told keeps the others from telling."""


@contextmanager
def try_advisory_lock(location: Location, watch: str) -> Iterator[bool]:
    """Whether it is this process's turn, for as long as this is open. Nobody is waited for.

    A process that is killed has it no longer. Where a lock cannot be had at all, it is everybody's
    turn: to tell twice is better than not to tell.
    """
    held = _of_file(location.path, watch) if isinstance(location, SqliteLocation) else None
    with held or _of_server(location, watch) as ours:
        yield ours


@contextmanager
def _of_file(database: Path, watch: str) -> Iterator[bool]:
    """A lock on a file beside the database; one on the database itself would undo SQLite's own."""
    path = Path(f"{os.path.realpath(database)}-watch-{watch}")
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield True
        return
    try:
        yield _is_taken(handle)
    finally:
        os.close(handle)


def _is_taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system without locks.
        return True
    return True


@contextmanager
def _of_server(location: Location, watch: str) -> Iterator[bool]:
    """Take an advisory lock of a transaction of its own, which goes with the connection.

    Behind a pooler it is only looked whether another one has it: two may then tell the same.
    """
    number = int.from_bytes(sha256(f"watch {watch}".encode()).digest()[:8], signed=True)
    # The writer's own engine has one connection, which stores what is told meanwhile.
    engine = make_engine(location)
    with translated(location):
        connection = engine.connect()
    try:
        with translated(location):
            connection.execute(text(_LONGEST))
            ours = bool(connection.execute(text(_TRY), {"number": number}).scalar())
            if _is_pooled(connection):
                # Kept, it would keep a session of the pool, maybe the only one, from the writer.
                connection.rollback()
        yield ours
    finally:
        # What was told is stored by other connections: that this one is lost loses nothing.
        with suppress(SQLAlchemyError):
            connection.close()
        engine.dispose()


def _is_pooled(connection: Connection) -> bool:
    """Whether a pooler stands between: it names a session of its own, not the server's."""
    session: Any = connection.connection.driver_connection
    return bool(connection.execute(text(_SESSION)).scalar() != session.info.backend_pid)
