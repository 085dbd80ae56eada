"""The lock of a watch: of its processes one at a time delivers alerts, so that none is repeated."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from changelog.store.engine import disposing, make_engine
from changelog.store.location import Location, SqliteLocation, translated

_TRY = "SELECT pg_try_advisory_xact_lock(:number)"
_SESSION = "SELECT pg_backend_pid()"
_LONGEST = "SET LOCAL idle_in_transaction_session_timeout = '10min'"
"""How long a machine that disappeared while it delivered can block the others."""


def try_advisory_lock(location: Location, watch: str) -> AbstractContextManager[bool]:
    """Try to take the lock, for as long as this is open. Say whether this process holds it.

    A process that is killed has it no longer. Where no lock can be had at all, every process holds
    it: to deliver twice is better than not to deliver.
    """
    if isinstance(location, SqliteLocation):
        return _lock_file(location.path, watch)
    return _lock_on_server(location, watch)


@contextmanager
def _lock_file(database: Path, watch: str) -> Iterator[bool]:
    """Lock a file beside the database: a lock on the database itself would undo SQLite's own."""
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
def _lock_on_server(location: Location, watch: str) -> Iterator[bool]:
    """Take an advisory lock of a transaction of its own, which goes with the connection.

    Behind a pooler it only asks whether another process has it: two may then deliver the same.
    """
    number = int.from_bytes(sha256(f"watch {watch}".encode()).digest()[:8], signed=True)
    # The writer's own engine has one connection, which stores what is delivered meanwhile.
    with disposing(make_engine(location)) as engine:
        with translated(location):
            connection = engine.connect()
            connection.execute(text(_LONGEST))
            is_held = bool(connection.execute(text(_TRY), {"number": number}).scalar())
            if _is_pooled(connection):
                # Kept, it would keep a session of the pool, maybe the only one, from the writer.
                connection.rollback()
        try:
            yield is_held
        finally:
            # Other connections store deliveries: that this one is lost loses nothing.
            with suppress(SQLAlchemyError):
                connection.close()


def _is_pooled(connection: Connection) -> bool:
    """Return whether a pooler stands between: it names its own session, not the server's."""
    session: Any = connection.connection.driver_connection
    return bool(connection.execute(text(_SESSION)).scalar() != session.info.backend_pid)
