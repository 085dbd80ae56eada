"""Opens a log to be read whole, as it is stored: for what proves it or carries it elsewhere."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from changelog.cli.opening import open_writer
from changelog.cli.settings import Settings
from changelog.core.errors import DatabaseError, NothingError, SchemaMismatch
from changelog.core.exits import NOTHING_RECORDED
from changelog.storage.location import SqliteLocation

if TYPE_CHECKING:
    from changelog.storage.source import Source


@contextmanager
def open_whole_log(settings: Settings) -> Iterator["Source"]:
    """The log as it is now. A SQLite file of an older schema is upgraded on the way, or a copy of
    it in memory where its disk is read-only or full."""
    from changelog.storage.source import open_source

    location = settings.location
    copy = None
    if isinstance(location, SqliteLocation):
        if not location.exists:
            raise NothingError(
                NOTHING_RECORDED, f"there is no log at {location} yet", "Name it with --db."
            )
        copy = _brought_up_to_date(settings, location)
    with open_source(location, copy) as source:
        yield source


def _brought_up_to_date(settings: Settings, location: SqliteLocation) -> sqlite3.Connection | None:
    """None where the file itself can be read."""
    from changelog.storage.schema import upgraded_copy
    from changelog.storage.source import open_source

    try:
        with open_source(location):
            return None
    except SchemaMismatch as error:
        if error.code != "old_schema":
            raise
    try:
        with open_writer(settings):
            return None
    except DatabaseError:
        return upgraded_copy(location)
