"""Where the log is kept, a SQLite file or a PostgreSQL database, and which schema it has there.

Standard library only.
"""

import errno
import os
import re
import sqlite3
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from changelog.model.errors import ChangelogError, DatabaseError, SchemaMismatch, UsageError
from changelog.model.text.sanitize import command_line

VERSIONS: tuple[str, ...] = ("4",)
"""Of the schema: those that this program knows, as ``alembic/versions/`` chains them."""
_UNRELEASED = ("0001", "0002", "0003", "0004", "1", "2", "3")
"""Those of programs that were never released: their tables differ."""
MIRROR = 1_835_627_122
"""The `user_version` of a SQLite file that ``mirror`` keeps: an arbitrary number."""

POSTGRES_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_ELSEWHERE = "Name another place with --db or CHANGELOG_DATABASE_URL."
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
_NO_ADDRESS = "the database looks like an address, but cannot be used as one"
"""Without the address: it may hold a password."""
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
        """Return whether there is no file, not even an empty one. Raises what `exists` does.

        A link that leads to no file is one: the disk that it leads to may not be mounted.
        """
        return self._size() == 0 and not self.path.exists() and not self.path.is_symlink()

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
            raise DatabaseError(f"{self} is no file", "It was left as it is. " + _ELSEWHERE)
        if found.st_size == 1:
            # SQLite takes that for an empty file, and would write to it.
            raise DatabaseError(
                f"{self} is not a database that can be read", "It was left as it is. " + _ELSEWHERE
            )
        return found.st_size


class PostgresLocation:
    """`dsn` is handed to libpq as it is, so several hosts and every option of it work."""

    is_missing = False
    """A server is there, or it is lost."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def __str__(self) -> str:
        """Return the address without a password or options, for messages."""
        scheme, rest = self.dsn.partition("?")[0].split("://", 1)
        login, at, place = rest.rpartition("@")
        return f"{scheme}://{login.partition(':')[0]}{at}{place}"

    def without_secrets(self, message: str) -> str:
        """Return the `message` of a driver without this location's password in it."""
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
    """Parse a place for the log: a URL or a plain path. Raises UsageError."""
    scheme, separator, rest = text.partition("://")
    if not text.strip() or "\0" in text or text.startswith((":memory:", "file:")):
        raise _no_place("the address names a database that would not be kept")
    if not separator and re.search(_KEYWORDS, text):
        # Not repeated: one of them may be the password.
        raise _no_place("the database is named by keywords such as host=, not by an address")
    if not separator and re.match(_LIKE_AN_ADDRESS, text, re.DOTALL):
        raise _no_place(_NO_ADDRESS, " A path with : or @ or ? in it is written ./PATH.")
    if not separator:
        return _sqlite_file(text)
    if scheme in POSTGRES_SCHEMES:
        return _postgres(rest)
    if scheme == "sqlite":
        return _sqlite_address(text)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise _no_place(_NO_ADDRESS)
    raise _no_place(f"databases of kind {scheme!r} are not supported")


def _no_place(message: str, more: str = "") -> UsageError:
    return UsageError(message, _FORMS + more, "bad_database")


def _postgres(address: str) -> PostgresLocation:
    if not re.fullmatch(_HOSTS, re.split(r"[/?]", address)[0].rpartition("@")[2]):
        raise _no_place(_NO_ADDRESS)
    if "@" in address.partition("?")[0].partition("/")[2]:
        raise _no_place(_NO_ADDRESS, " In a database's name an @ is written %40.")
    return PostgresLocation(f"postgresql://{address}")


def _sqlite_address(text: str) -> SqliteLocation:
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.netloc or parts.path in ("", "/"):
        raise _no_place("the address names no SQLite file")
    if parts.query or parts.fragment:
        # Left out, ?mode=ro would be written to.
        raise _no_place("a SQLite file takes no options")
    return _sqlite_file(unquote(parts.path[1:]))


def _sqlite_file(path: str) -> SqliteLocation:
    # SQLite keeps a file of the second name in memory, and all that was recorded would be lost.
    if "\0" in path or Path(path) == Path(":memory:"):
        raise _no_place(f"{path!r} names no SQLite file")
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        raise _no_place(f"{path!r} names the home of a user that does not exist")
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


@contextmanager
def translated(location: Location) -> Iterator[None]:
    """Turn whatever a driver raises inside into a DatabaseError that names `location`."""
    try:
        yield
    except ChangelogError:
        raise
    except Exception as error:
        from changelog.store.db_errors import translate

        found = translate(error, location)
        if found is None:
            raise
        raise found from error


# Which schema it has


def schema_head() -> str:
    """Return this program's own version."""
    return VERSIONS[-1]


def not_upgraded(location: Location, version: str | None) -> SchemaMismatch:
    state = f"has schema {version}" if version else "holds no log yet"
    shared = not isinstance(location, SqliteLocation)
    backup = "Take a backup (pg_dump), then run" if version and shared else "Run"
    return SchemaMismatch(
        f"the database {location} {state}; this program needs schema {schema_head()}",
        f"{backup} once{', as its owner' if shared else ''}: {command_line('db upgrade')}",
        "old_schema",
    )


def require_known(location: Location, version: str | None) -> None:
    """Raise SchemaMismatch for a log that this program cannot read, or for none."""
    if version is None:
        raise not_upgraded(location, None)
    if version in _UNRELEASED:
        raise SchemaMismatch(
            f"the database {location} was made by a program that was never released"
            f" (schema {version})",
            "Keep it with that program, and start a new log: name another place with --db or"
            " CHANGELOG_DATABASE_URL. It was left as it is.",
            "unreleased_schema",
        )
    if version not in VERSIONS:
        raise SchemaMismatch(
            f"the database {location} was made by a newer program (schema {version}; this one knows"
            f" {schema_head()})",
            "Upgrade changelog, in your clone: git pull && pipx install --force .",
            "newer_schema",
        )


def require_own_schema(location: Location, version: str | None) -> None:
    """Raise SchemaMismatch unless `version` is this program's own."""
    require_known(location, version)
    if version != schema_head():
        raise not_upgraded(location, version)


def recognised(location: Location, tables: Collection[str], version: str | None) -> str | None:
    """Return the version of a database that has these `tables`, None if it is empty.

    `version` is what its ``alembic_version`` says, if it has one. Raises SchemaMismatch for a newer
    program's database and DatabaseError for somebody else's.
    """
    if not tables:
        return None
    if version is None or not {"alembic_version", "journal"} <= set(tables):
        hint = "It was left as it is. Name another one with --db or CHANGELOG_DATABASE_URL."
        if not isinstance(location, SqliteLocation):
            hint += " A log has a database, or a schema, of its own."
        raise DatabaseError(f"{location} is a database of something else", hint, "foreign_database")
    require_known(location, version)
    return version


SHARED_TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relkind IN ('r', 'p')
      AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND NOT EXISTS (SELECT 1 FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
"""
"""Those of extensions are nobody's data: a fresh database may come with some."""
SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
SQLITE_VERSION = "SELECT version_num FROM alembic_version"


def sqlite_version(connection: sqlite3.Connection, location: Location) -> str | None:
    """Return the version of an open SQLite database: see `recognised`."""
    tables = {name for (name,) in connection.execute(SQLITE_TABLES)}
    row = connection.execute(SQLITE_VERSION).fetchone() if "alembic_version" in tables else None
    return recognised(location, tables, row[0] if row else None)
