"""Rows as a journal has them, in a local file without a name, to be compared with a log's tables.

Bodies are there as digests, so that it takes some 130 bytes a revision, and 70 a snapshot.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from changelog.store.journal.source import Source
from changelog.store.schema.rows import SHAPES, Shape, Values, WrongRow

_CACHE_KIB = 5 * 1024
BODY = "body"
_SIZE = 16
"""Bytes of a body's digest."""


_INDEXES = (
    *(
        (name, shape.key)
        for name, shape in SHAPES.items()
        if name not in ("snapshot", "application")
    ),
    ("application", ("application_id", "answer_url")),
)


class Scratch:
    """Rows of each index table, with their entry, in no order until they are asked for."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("BEGIN")
        for shape in SHAPES.values():
            self._file.execute(f'CREATE TABLE "{shape.name}" ({_names(shape)})')
        self._file.execute("CREATE TABLE carried (did, revision)")
        self._file.execute("CREATE TABLE looks_left (n, digest)")
        self._file.execute("CREATE TABLE last_revision (did PRIMARY KEY, revision) WITHOUT ROWID")

    def close(self) -> None:
        self._file.close()

    def add(self, shape: Shape, rows: Sequence[Values], entry: int) -> None:
        """Keep rows of an entry."""
        if BODY in shape.columns:
            rows = [compact(shape, row) for row in rows]
        self.insert(shape.name, [(*row, entry) for row in rows])

    def insert(self, table: str, rows: Sequence[Values]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            try:
                self._file.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            except OverflowError as error:
                raise WrongRow("it holds too large a number") from error

    def rows(self, shape: Shape) -> Iterator[Values]:
        """Return all rows of a table by their key."""
        query = f'SELECT * FROM "{shape.name}" ORDER BY {_quoted(shape.key)}'
        return self._file.execute(query)

    def make_indexes(self) -> None:
        """Prepare for questions of what refers to what: once no more rows come."""
        for table, columns in _INDEXES:
            self._file.execute(f'CREATE INDEX "{table}_key" ON "{table}" ({_quoted(columns)})')
        self._file.execute(
            "INSERT INTO last_revision SELECT did, max(revision) FROM revision GROUP BY did"
        )

    def doubled(self, shape: Shape) -> Iterator[Values]:
        """Return a row of each key that several have, once the indexes are there."""
        key = _quoted(shape.key)
        return self._file.execute(
            f'SELECT * FROM "{shape.name}" GROUP BY {key} HAVING count(*) > 1 LIMIT 100'
        )

    def each(self, query: str) -> Iterator[Values]:
        return self._file.execute(query)

    def count(self, table: str) -> int:
        return int(self._file.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


def compact(shape: Shape, row: Values) -> Values:
    """Return a row with the digest of its body in the body's place."""
    place = shape.columns.index(BODY)
    return (*row[:place], body_digest(row[place]), *row[place + 1 :])


def body_digest(body: Any) -> Any:
    """Return the first bytes of SHA-256 over a text or over bytes; what is neither as it is."""
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogateescape")
    elif isinstance(body, bytes):
        # So that bytes in the place of a text are not taken for it.
        return sha256(body).digest()[:_SIZE] + b"b"
    else:
        return body
    return sha256(body).digest()[:_SIZE]


def stored_rows(source: Source, shape: Shape) -> Iterator[Values]:
    """Yield the rows of a log's table by their key, as `Scratch.rows` does."""
    names = [_selected(source.dialect, shape, name) for name in shape.columns]
    by_bytes = ' COLLATE "C"' if source.dialect == "postgresql" else ""
    order = [f'"{name}"{by_bytes if shape.is_text(name) else ""}' for name in shape.key]
    rows = source.stream(
        f'SELECT {", ".join(names)}, "entry" FROM "{shape.name}" ORDER BY {", ".join(order)}'
    )
    if source.dialect == "postgresql" or BODY not in shape.columns:
        return rows
    return (compact(shape, row) for row in rows)


def _selected(dialect: str, shape: Shape, name: str) -> str:
    """Return how a column is read. PostgreSQL sends the digest of a body, not the body."""
    if name != BODY or dialect == "sqlite":
        return f'"{name}"'
    if shape.is_text(name):
        return f"substr(sha256(convert_to(CAST({name} AS TEXT), 'UTF8')), 1, {_SIZE})"
    return rf"substr(sha256({name}), 1, {_SIZE}) || '\x62'::bytea"


def _names(shape: Shape) -> str:
    return _quoted((*shape.columns, "entry"))


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
