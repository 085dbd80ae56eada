"""Where the log is kept: a SQLite file, or a PostgreSQL database. Standard library only."""

import errno
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from changelog.model.errors import DatabaseError, UsageError

POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_CONNECTION_OPTIONS = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""In seconds; the last in milliseconds."""
_ELSEWHERE = "Name another place with --db or CHANGELOG_DATABASE_URL."
_LEFT = "It was left as it is. "
_KEYWORDS = r"(?:^|\s)(?:host|hostaddr|port|dbname|user|password|service)\s*="
"""What libpq takes beside addresses; as a path it would become a file of that name."""
ROOM = 256 * 1024
"""Bytes that the largest webhook takes at most, with indexes, journal and write-ahead log."""
_FORMS = "Give a path, sqlite:///PATH, or postgresql://USER@HOST/DATABASE."
_LIKE_AN_ADDRESS = (
    r"[^/]*[:@]|[^/]*//|(?![./~]).*[^/]:[^/]*@|(?!\./)[^?]*\?(?:mode|immutable|cache|vfs|nolock)="
)
"""Of a text without ``://``: a scheme, a port, a login or options of SQLite's. As a path it would
become a file."""
_HOSTS = r"(?:(?:\[[^\]]*\]|[^:,\[\]]*)(?::\d*)?(?:,|\Z))+"


class SqliteLocation:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def exists(self) -> bool:
        """Return whether something is in the file. Raises DatabaseError for what is no file."""
        return self._size() > 0

    @property
    def is_missing(self) -> bool:
        """Return whether there is no file, not even an empty one. Raises what `exists` does."""
        return self._size() == 0 and not self.path.exists()

    def prepare(self) -> None:
        """Make the folder and an empty file that only its owner may read, if there is none.

        Raises DatabaseError for what is no file, and where none can be made.
        """
        self._size()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make()
        except FileExistsError:
            raise DatabaseError(f"{self.path.parent} is no folder", _ELSEWHERE) from None
        except OSError as error:
            raise self._unusable("make", error) from error

    def _make(self) -> None:
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            if self.path.is_symlink() and not self.path.exists():
                # SQLite would make the file that it leads to, for everybody to read.
                raise DatabaseError(
                    f"{self} is a symbolic link that leads to no file",
                    "Make that file first, or name it itself with --db.",
                ) from None
            return
        try:
            # Whatever the umask takes away, its owner can use it.
            os.fchmod(handle, 0o600)
        finally:
            os.close(handle)

    @property
    def exposure(self) -> str | None:
        """How other users of this machine could change the log behind its back; None if not."""
        try:
            file, folder = self.path.stat(), self.path.resolve().parent.stat()
        except OSError:
            return None
        if file.st_mode & stat.S_IWOTH:
            return f"everybody may write to the database {self}"
        if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
            return f"everybody may replace the database {self}, for its folder is open to all"
        return None

    def require_room(self) -> None:
        """Raise OSError where `ROOM` more bytes have no place beside the file; leave nothing."""
        import tempfile

        with tempfile.TemporaryFile(dir=self.path.parent, buffering=0) as probe:
            if (probe.write(bytes(ROOM)) or 0) < ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _unusable(self, what: str, error: OSError) -> DatabaseError:
        return DatabaseError(f"cannot {what} the database {self}: {error.strerror}", _ELSEWHERE)

    def _size(self) -> int:
        """Return the size in bytes, 0 where nothing is there yet.

        Whatever is no file is refused before it is opened: a pipe would keep its opener waiting
        for ever, and a device would take what is written.
        """
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            raise self._unusable("use", error) from error
        if stat.S_ISDIR(found.st_mode):
            raise DatabaseError(f"{self} is a folder", "Name a file in it with --db.")
        if not stat.S_ISREG(found.st_mode):
            raise DatabaseError(f"{self} is no file", _LEFT + _ELSEWHERE)
        if found.st_size == 1:
            # SQLite takes that for an empty file (os_unix.c, unixFileSize) and would write to it.
            raise DatabaseError(f"{self} is not a database that can be read", _LEFT + _ELSEWHERE)
        return found.st_size


class PostgresLocation:
    """`dsn` is handed to libpq as it is, so several hosts and every option of it work."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    @property
    def connection_options(self) -> dict[str, Any]:
        """For libpq, where the address does not say them: no server is waited for endlessly, one
        that has vanished without a word neither (postgresql.org, "Parameter Key Words")."""
        return {
            name: value for name, value in _CONNECTION_OPTIONS.items() if f"{name}=" not in self.dsn
        }

    def __str__(self) -> str:
        """Return the address without a password or options, for messages."""
        scheme, rest = self.dsn.partition("?")[0].split("://", 1)
        login, at, place = rest.rpartition("@")
        return f"{scheme}://{login.partition(':')[0]}{at}{place}"

    def without_secrets(self, message: str) -> str:
        """`message` of a driver without this location's password in it."""
        login = self.dsn.partition("?")[0].split("://", 1)[1].rpartition("@")[0]
        options = self.dsn.partition("?")[2].split("&")
        secrets = [login.partition(":")[2]] + [
            value
            for name, _, value in (option.partition("=") for option in options)
            if "pass" in name
        ]
        for secret in (self.dsn, *secrets):
            message = message.replace(secret, "***") if secret else message
        return message


Location = SqliteLocation | PostgresLocation


def parse_location(text: str) -> Location:
    """`text` as a place for the log: a URL or a plain path. Raises UsageError."""
    scheme, separator, rest = text.partition("://")
    if not text.strip() or "\0" in text or text.startswith((":memory:", "file:")):
        raise UsageError(
            "the address names a database that would not be kept", _FORMS, "bad_database"
        )
    if not separator and re.search(_KEYWORDS, text):
        # Not repeated: one of them may be the password.
        raise UsageError(
            "the database is named by keywords such as host=, not by an address",
            _FORMS,
            "bad_database",
        )
    if not separator and re.match(_LIKE_AN_ADDRESS, text, re.DOTALL):
        raise _no_address(" A path with : or @ or ? in it is written ./PATH.")
    if not separator:
        return _sqlite_file(text)
    if scheme in POSTGRES_SCHEMES:
        if not re.fullmatch(_HOSTS, re.split(r"[/?]", rest)[0].rpartition("@")[2]):
            raise _no_address()
        if "@" in rest.partition("?")[0].partition("/")[2]:
            raise _no_address(" In a database's name an @ is written %40.")
        return PostgresLocation("postgresql" + text[len(scheme) :])
    if scheme == "sqlite":
        from urllib.parse import unquote, urlsplit

        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if parts.netloc or parts.path in ("", "/"):
            raise UsageError("the address names no SQLite file", _FORMS, "bad_database")
        if parts.query or parts.fragment:
            # Left out, ?mode=ro would be written to.
            raise UsageError("a SQLite file takes no options", _FORMS, "bad_database")
        return _sqlite_file(unquote(parts.path[1:]))
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise _no_address()
    raise UsageError(f"databases of kind {scheme!r} are not supported", _FORMS, "bad_database")


def _no_address(more: str = "") -> UsageError:
    # Not repeated: it may hold a password.
    return UsageError(
        "the database looks like an address, but cannot be used as one",
        _FORMS + more,
        "bad_database",
    )


def _sqlite_file(path: str) -> SqliteLocation:
    # SQLite keeps a file of the second name in memory, and all that was recorded would be lost.
    if "\0" in path or Path(path) == Path(":memory:"):
        raise UsageError(f"{path!r} names no SQLite file", _FORMS, "bad_database")
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        raise UsageError(
            f"{path!r} names the home of a user that does not exist", _FORMS, "bad_database"
        )
    return SqliteLocation(Path(expanded))


def default_location(environ: Mapping[str, str]) -> SqliteLocation:
    """Return the SQLite file in the user's data folder ($XDG_DATA_HOME, else ~/.local/share)."""
    data = environ.get("XDG_DATA_HOME", "")
    base = Path(data) if os.path.isabs(data) else _home() / ".local" / "share"
    return SqliteLocation(base / "changelog" / "changelog.db")


def _home() -> Path:
    """Return the home. Raises UsageError for a user without one, as in many containers."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise UsageError(
            "this user has no home folder, so there is no default place for the log",
            "Set CHANGELOG_DATABASE_URL, XDG_DATA_HOME or HOME, or give --db.",
            "bad_database",
        ) from error
