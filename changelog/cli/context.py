"""Opens the adapters for a command: the log to read, the log to write, the API."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from changelog.cli.output import warn
from changelog.cli.settings import Settings
from changelog.model.errors import DatabaseError, SchemaMismatch
from changelog.model.history import CaptureInfo
from changelog.model.text.sanitize import escape, megabytes
from changelog.store.location import SqliteLocation
from changelog.store.reader import LogReader
from changelog.system.shutdown import SHUTDOWN

if TYPE_CHECKING:
    import sqlite3

    from changelog.api.client import ApiClient
    from changelog.model.recording import CaptureSettings
    from changelog.store.backup import Backup
    from changelog.store.journal.check import Watching
    from changelog.store.journal.prune import Pruner
    from changelog.store.writer import LogWriter


def clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_log(settings: Settings) -> Iterator[LogReader]:
    """The log to read. A SQLite file of an older schema is upgraded on the way."""
    try:
        reader = LogReader(settings.location)
    except SchemaMismatch as error:
        reader = LogReader(settings.location, _upgraded(settings, error))
    try:
        yield reader
        for broken in reader.broken.values():
            _tell_broken(broken)
    finally:
        reader.close()


def current(settings: Settings) -> "sqlite3.Connection | None":
    """Bring a SQLite file of an older schema up to date, before all of it is read.

    Returns an upgraded copy in memory where its disk is read-only or full.
    """
    try:
        LogReader(settings.location).close()
    except SchemaMismatch as error:
        return _upgraded(settings, error)
    return None


def _upgraded(settings: Settings, found: SchemaMismatch) -> "sqlite3.Connection | None":
    """The log of an older schema: migrated, or a copy where its disk is read-only or full."""
    if found.code != "old_schema" or not isinstance(settings.location, SqliteLocation):
        raise found
    try:
        with open_writer(settings):
            return None
    except DatabaseError as error:
        from changelog.store.schema import upgraded_copy

        warn(f"{escape(error.message)}: the log is upgraded in memory, for this answer only")
        return upgraded_copy(settings.location)


def tell_backup(backup: "Backup") -> None:
    """Where to find the log as it was, before it is changed."""
    kept = "kept" if backup.made else "was kept already"
    warn(
        f"the log of schema {backup.version} is {kept} as"
        f" {escape(str(backup.path))} ({megabytes(backup.size)}); it is upgraded now"
    )


def _tell_broken(error: DatabaseError) -> None:
    """The answer went without that body: whoever reads it should know."""
    from changelog.cli.output import tell

    tell(f"changelog: {escape(error.message)}; what it said besides the routing is not compared")


@contextmanager
def open_writer(
    settings: Settings,
    *,
    patience_s: float | None = None,
) -> Iterator["LogWriter"]:
    """The log to write: a SQLite file is made and upgraded where that is needed.

    `patience_s`: how long a lock is waited for, and no lost server, by somebody in a hurry.
    A lost server is waited for no longer once this process is asked to stop.
    """
    from changelog.store.engine import make_engine
    from changelog.store.schema import ensure_current
    from changelog.store.writer import LogWriter

    location = settings.location
    if isinstance(location, SqliteLocation):
        location.prepare()
        if location.exposure is not None:
            warn(location.exposure)
    engine = make_engine(location, busy_timeout_s=patience_s)
    waits = {} if patience_s is None else {"patience_s": 0.0}
    try:
        ensure_current(engine, location, tell_backup)
        yield LogWriter(engine, location, clock, on_lost=_tell_lost, is_over=_is_over, **waits)
    finally:
        engine.dispose()


def _is_over() -> bool:
    return SHUTDOWN.requested


@contextmanager
def open_pruner(settings: Settings, watching: "Watching") -> Iterator["Pruner"]:
    """The log to thin. A SQLite file of an older schema is upgraded on the way.

    Raises NothingError where there is no log.
    """
    from changelog.store.engine import make_engine
    from changelog.store.journal.prune import Pruner
    from changelog.store.journal.source import require_log
    from changelog.store.schema import ensure_current

    require_log(settings.location)
    engine = make_engine(settings.location)
    try:
        ensure_current(engine, settings.location)
        yield Pruner(engine, settings.location, clock, watching)
    finally:
        engine.dispose()


def _tell_lost(error: DatabaseError) -> None:
    from changelog.cli.output import tell

    tell(f"changelog: {escape(error.message)}: trying again for two minutes")


def open_api(
    settings: Settings,
    *,
    seconds_left: Callable[[], float] | None = None,
) -> "ApiClient":
    """The API; `seconds_left` for somebody who waits. Raises UsageError where no key is usable.

    Nobody who waits is made to wait for the rate: it would cost the answer of the second key.
    """
    from changelog.api.client import ApiClient
    from changelog.api.limits import Limits
    from changelog.cli.settings import usable

    found = settings.read_keys()
    keys = usable(found)
    for one in found:
        if one.problem:
            warn(escape(f"the key {one.label} is skipped: {one.problem}"))
    return ApiClient(
        settings.api_url,
        keys,
        clock=clock,
        concurrency=settings.concurrency,
        rate=settings.requests_a_second if seconds_left is None else None,
        limits=Limits() if seconds_left is None else Limits.quick(seconds_left()),
    )


def capture_settings(settings: Settings, stated: str | None = None) -> "CaptureSettings":
    from changelog.model.recording import CaptureSettings

    return CaptureSettings(
        settings.destination_fields, settings.volatile, stated, shutdown=SHUTDOWN
    )


def capture_info(settings: Settings, command: str, by: str | None = None) -> CaptureInfo:
    """A capture that begins now. Notes and the like are put in by the command."""
    return CaptureInfo(
        id=0,
        started_at=clock(),
        recorded_by=by or settings.operator,
        command=command,
    )
