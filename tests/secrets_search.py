"""Searches files and logs for secrets: a log value by value, inflated where it is deflated."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from changelog.store.journal.entry import BrokenEntry, inflate
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from tests.program import files_under

_SQLITE = b"SQLite format 3\0"


def places_of(
    secrets: Iterable[str], folder: Path | None = None, *, log: Location | None = None
) -> list[str]:
    """Return where any of the `secrets` stands, in files of the `folder` or in the `log`."""
    wanted = [secret.encode("utf-8", "surrogatepass") for secret in secrets]
    assert wanted
    contents: list[tuple[str, bytes]] = []
    if isinstance(log, PostgresLocation):
        contents += stored_in_server(log)
    files = dict(files_under(folder) if folder else ())
    if isinstance(log, SqliteLocation):
        files |= {path: path.read_bytes() for path in log.path.parent.glob(f"{log.path.name}*")}
    for path, content in files.items():
        contents.append((str(path), content))
        if content.startswith(_SQLITE):
            contents += stored_in_file(path)
    return [place for place, content in contents if any(each in content for each in wanted)]


def stored_in_file(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (table and column, content) of every value; a value may have several contents."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            rows = connection.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in rows.description]
            for row in rows:
                yield from _contents(table, columns, row)


def stored_in_server(location: PostgresLocation) -> Iterator[tuple[str, bytes]]:
    """Yield the same of a log on a server."""
    with psycopg.connect(location.dsn) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables.fetchall():
            rows = connection.execute(f'SELECT * FROM "{table}"'.encode())
            columns = [column.name for column in rows.description or ()]
            for row in rows:
                yield from _contents(table, columns, row)


def _contents(table: str, columns: list[str], row: Iterable[Any]) -> Iterator[tuple[str, bytes]]:
    for column, value in zip(columns, row, strict=True):
        for content in _spelled(value):
            yield f"{table}.{column}", content


def _spelled(value: Any) -> Iterator[bytes]:
    """Yield the value as it stands, inflated, and each text in the JSON lines of that."""
    if not isinstance(value, bytes):
        yield str(value).encode("utf-8", "surrogatepass")
        return
    yield value
    try:
        text = inflate(value)
    except BrokenEntry:
        return
    yield text
    for line in text.splitlines():
        yield from _texts_in(json.loads(line))


def _texts_in(document: Any) -> Iterator[bytes]:
    if isinstance(document, str):
        yield document.encode("utf-8", "surrogatepass")
    elif isinstance(document, list | dict):
        for part in [*document, *(document.values() if isinstance(document, dict) else ())]:
            yield from _texts_in(part)
