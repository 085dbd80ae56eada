"""What went wrong in a database, in this program's words, by both drivers' error codes."""

import errno
import os
import sqlite3

from changelog.model.errors import (
    DatabaseBusy,
    DatabaseError,
    DatabaseFull,
    DatabaseLost,
    DatabaseReadOnly,
    UsageError,
    missing_extra,
)
from changelog.model.text.sanitize import command_line
from changelog.store.location import Location, PostgresLocation, SqliteLocation

_ADDRESS = "the address (--db, CHANGELOG_DATABASE_URL or the setting database)"
_ELSEWHERE = "Name another database with --db or CHANGELOG_DATABASE_URL."

# The primary result codes of SQLite: sqlite.org/rescode.html.
_SQLITE_BUSY = (5, 6)
_SQLITE_READONLY = 8
_SQLITE_IOERR = 10
_SQLITE_CORRUPT = 11
_SQLITE_FULL = 13
_SQLITE_CANTOPEN = 14
_SQLITE_PROTOCOL = 15
_SQLITE_NOTADB = 26
# Extended ones: SHMOPEN, SHMSIZE, SHMLOCK, SHMMAP, and those of locks.
_SQLITE_NOT_SHARED = (4618, 4874, 5130, 5386, 2058, 2314, 3850)

ASKED_AGAIN = ("40001", "40P01")
"""SQLSTATEs after which a transaction is run again whole: it lost to another one."""

_IDLE_TOO_LONG = "25P03"
"""The server ended the session: this machine slept within a transaction."""


def _check() -> str:
    return f"Keep a copy of it, and look what is wrong: {command_line('check')}"


def translate(error: BaseException, location: Location) -> DatabaseError | None:
    """Return the DatabaseError that `error` amounts to; None if it is none of a database's."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, location)
    if type(cause).__module__.split(".")[0] == "psycopg":
        return _postgres(cause, location)
    if isinstance(cause, UnicodeDecodeError) and isinstance(location, SqliteLocation):
        # SQLite quotes what it could not understand, and Python cannot read what it quotes.
        return _damaged(location, "it holds text that is none")
    if isinstance(cause, OSError) and isinstance(location, SqliteLocation):
        if cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return _no_room(location)
        return DatabaseError(f"cannot use the database {location}: {cause.strerror}", _ELSEWHERE)
    return None


def is_no_text(error: BaseException | None) -> bool:
    """Return whether SQLite held bytes for a text that are none: sqlite3 has no code for that."""
    return isinstance(error, UnicodeDecodeError) or (
        isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)
    )


def is_no_json(error: BaseException | None) -> bool:
    """Return whether SQLite met a body that is no JSON, or has no operators for JSON."""
    return isinstance(error, sqlite3.OperationalError) and (
        "malformed JSON" in str(error) or "syntax error" in str(error)
    )


def sqlstate(error: BaseException) -> str:
    """Return PostgreSQL's five-character code of `error`, or "" where there is none."""
    return getattr(getattr(error, "orig", None) or error, "sqlstate", None) or ""


def _is_full(location: Location) -> bool:
    """SQLite names a full disk only where it writes the file itself, not its helpers."""
    if not isinstance(location, SqliteLocation):
        return False
    try:
        return os.statvfs(location.path.parent).f_bavail == 0
    except OSError:
        return False


def _no_room(location: Location) -> DatabaseError:
    return DatabaseFull(
        f"no room left for the database {location}",
        "Free some space; what was reported before is stored.",
    )


def _locked(location: Location) -> DatabaseError:
    return DatabaseBusy(
        f"the database {location} is locked by another program",
        "Wait for it to finish, then run the command again.",
    )


def _damaged(location: Location, reason: str) -> DatabaseError:
    return DatabaseError(
        f"the database {location} is damaged: {reason}",
        "Put a backup in its place; SQLite's own program saves what is left (.recover).",
    )


def _sqlite(error: sqlite3.Error, location: Location) -> DatabaseError:
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if code in _SQLITE_BUSY:
        return _locked(location)
    if code == _SQLITE_FULL or (code in (_SQLITE_IOERR, _SQLITE_CANTOPEN) and _is_full(location)):
        return _no_room(location)
    if code == _SQLITE_READONLY:
        return DatabaseReadOnly(f"the database {location} cannot be written", _ELSEWHERE)
    if code == _SQLITE_CORRUPT:
        return _damaged(location, str(error))
    if code == _SQLITE_NOTADB:
        return DatabaseError(
            f"{location} is not a database that can be read: {error}",
            "It was left as it is. " + _ELSEWHERE,
        )
    if code == _SQLITE_PROTOCOL or extended in _SQLITE_NOT_SHARED:
        return DatabaseError(
            f"cannot use the database {location}: its programs can share no memory or lock there"
            f" ({error})",
            "SQLite does not work on a network file system or such a volume: put the log on a local"
            " disk, or use PostgreSQL.",
        )
    if code in (_SQLITE_CANTOPEN, _SQLITE_IOERR):
        return DatabaseError(f"cannot use the database {location}: {error}", _ELSEWHERE)
    if str(error).startswith(("no such table", "no such column", "no such view")):
        return DatabaseError(
            f"the log {location} is damaged, or another version of changelog made it: {error}",
            _check(),
        )
    return DatabaseError(f"the database {location} refused: {error}", _check())


def _postgres(error: BaseException, location: Location) -> DatabaseError:
    state = sqlstate(error)
    # Without details, which repeat stored values. The driver asks a question on a line of its own.
    told = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
    message = "; ".join(" ".join(text.split()) for text in told.splitlines() if text.strip())
    if isinstance(location, PostgresLocation):
        message = location.without_secrets(message)
    if state == "25006":
        return DatabaseReadOnly(
            f"the database {location} is a replica or read-only",
            "Name the server that takes writes.",
        )
    if state == "42501":
        return _no_right(location, message)
    if state == "55P03":
        return _locked(location)
    if state == "53300":
        return DatabaseBusy(
            f"the database {location} takes no more connections",
            "Run the command again later, or raise the server's limit.",
        )
    if state.startswith("53"):
        return DatabaseFull(f"the database {location} has no room: {message}", "Free some space.")
    if state == "42P01":
        return DatabaseError(
            f"the database {location} holds no log yet, or lacks a table: {message}",
            f"For a new log: {command_line('db upgrade')}; else: {_check()}",
        )
    if state.startswith(("28", "3D")):
        return DatabaseError(
            f"the database {location} lets nobody in that way: {message}",
            f"Check {_ADDRESS}: the user, the password (~/.pgpass) and the database.",
        )
    if _is_unreachable(error, state):
        return DatabaseLost(
            f"the database {location} cannot be reached: {message}",
            f"Check {_ADDRESS}, and that the server runs.",
        )
    return DatabaseError(f"the database {location} refused: {message}", _check())


def _no_right(location: Location, message: str) -> DatabaseError:
    """Say what the user is missing: readers have views and no table."""
    what, hint = "do that", "Ask its owner for the right, or use another user."
    if "permission denied for view" in message:
        what = "read it"
        hint = "Ask its owner to give the rights anew, as after each upgrade: docs/postgresql.md."
    elif "permission denied for table" in message:
        what = "write to it"
        hint = (
            "Ask its owner for the rights of a recorder (docs/postgresql.md), or use another user."
        )
    elif "permission denied for schema" in message:
        what = "make tables in it"
        hint = "Run that as its owner, or ask for the right: docs/postgresql.md."
    return DatabaseReadOnly(
        f"the database {location} does not let this user {what}: {message}", hint
    )


def _is_unreachable(error: BaseException, state: str) -> bool:
    """Return whether it is about the connection: so is what has no code, but for a bad value."""
    if state:
        return state.startswith(("08", "57P")) or state == _IDLE_TOO_LONG
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"OperationalError", "InterfaceError"})


def no_driver() -> UsageError:
    what = "PostgreSQL needs a driver that is not installed"
    return missing_extra(what, "postgres", "no_driver")
