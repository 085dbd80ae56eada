"""The one walk over the entries of a journal: is each what it says, does it follow the one before,
and which rows does it have?

``check`` and ``db rebuild`` compare these rows with the tables, ``import`` and ``mirror`` store
them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from changelog.model.journal_head import Head
from changelog.store.journal.entry import (
    LARGEST_ENTRY,
    NO_ENTRY,
    NO_LOOKS,
    BrokenEntry,
    Entry,
    inflate,
    rows_in,
    text_digest,
)
from changelog.store.journal.source import Source
from changelog.store.schema.rows import LOOK, SHAPES, Shape, Values, WrongRow

_ENTRIES = """
    SELECT j.n, j.at, j.previous, j.facts, j.looks_digest, j.digest, l.looks
    FROM journal j LEFT JOIN journal_looks l ON l.n = j.n WHERE j.n > {after} ORDER BY j.n
"""
_LOOKS = """
    SELECT l.n, l.looks, coalesce(
        (SELECT p.looks_digest FROM pruned p WHERE p.journal = l.n
         ORDER BY p.pruning DESC LIMIT 1), j.looks_digest)
    FROM journal_looks l JOIN journal j ON j.n = l.n WHERE {where} ORDER BY l.n LIMIT {limit}
"""
_LEFT = "SELECT looks_digest FROM pruned WHERE journal = ? ORDER BY pruning DESC LIMIT 1"
_TYPES = (int, int, bytes, bytes, bytes, bytes)
_NOT_STORABLE = (b"\\u0000", b"\\ud")
ROWS = 1_000
"""Rows that are handed over together."""
_ENTRIES_AT_ONCE = 100
"""An entry is up to megabytes long."""


class BrokenLooks(ValueError):
    """The looks of entry `n` are not what they should be; the text says why."""

    def __init__(self, n: int, reason: str) -> None:
        super().__init__(reason)
        self.n = n


def stored_entries(source: Source, after: int = 0) -> Iterator[Entry]:
    """Yield the entries of a log behind the one of that number, in their order."""
    return map(as_entry, source.stream(_ENTRIES.format(after=int(after)), _ENTRIES_AT_ONCE))


def as_entry(stored: Values) -> Entry:
    """Return a journal row, with its looks behind it, as an entry."""
    *journal, looks = stored
    n, at, previous, facts, looks_digest, digest = journal
    same_types = tuple(map(type, journal)) == _TYPES and isinstance(looks, bytes | None)
    if not same_types or looks_digest == NO_LOOKS:
        return Entry(n, 0, b"", b"", b"", b"", b"", "its columns are not as they are written")
    looks_digest = looks_digest or NO_LOOKS
    try:
        texts = inflate(facts), inflate(looks or b"")
        if len(texts[0]) + len(texts[1]) > LARGEST_ENTRY:
            raise BrokenEntry(f"it inflates to more than {LARGEST_ENTRY // 1024 // 1024} MiB")
    except BrokenEntry as error:
        return Entry(n, at, previous, b"", b"", looks_digest, digest, str(error))
    return Entry(n, at, previous, *texts, looks_digest, digest)


def stored_looks(
    source: Source, where: str, parameters: Sequence[int], limit: int
) -> Iterator[tuple[int, list[Values]]]:
    """Yield the number of each entry that has looks, and these.

    Raises BrokenLooks where they are not those that it was written with, or that prune left.
    """
    for n, stored, digest in source.rows(_LOOKS.format(where=where, limit=limit), parameters):
        try:
            looks = inflate(stored)
            if text_digest(looks) != digest:
                raise BrokenEntry("its looks are not those that it was written with")
            yield n, [row for _, some in shaped_rows(looks) for row in some]
        except (BrokenEntry, WrongRow) as error:
            raise BrokenLooks(n, str(error)) from error


def walk(entries: Iterable[Entry], head: Head = NO_ENTRY) -> Iterator[tuple[Entry, str | None]]:
    """Yield each entry, and why it cannot be what it says, None for a sound one.

    `head`: of the entry before the first one.
    """
    for entry in entries:
        yield entry, _mistake(entry, head)
        head = entry.head


def walk_stored(source: Source, head: Head = NO_ENTRY) -> Iterator[tuple[Entry, str | None]]:
    """Walk over the entries of a log behind `head`. Each has the looks that it was written with, or
    those that prune left."""
    for entry, mistake in walk(stored_entries(source, head.n), head):
        left = text_digest(entry.looks)
        if mistake is None and left != entry.looks_digest:
            account = source.rows(_LEFT, (entry.n,))
            if not account or account[0][0] != left:
                mistake = "its looks are not those that it was written with, nor what prune left"
        yield entry, mistake


def _mistake(entry: Entry, before: Head) -> str | None:
    if entry.n != before.n + 1:
        return f"it follows entry {before.n}: entry {before.n + 1} is gone"
    if entry.unreadable is not None:
        return entry.unreadable
    if entry.previous != before.digest:
        return "the entry before it is not the one that it was written after"
    if entry.own_digest != entry.digest:
        return "it is not what its own digest stands for"
    return None


def rows_of(entry: Entry) -> Iterator[tuple[Shape, list[Values]]]:
    """Yield the rows of an entry, its facts and its looks, as `shaped_rows` does."""
    yield from shaped_rows(entry.facts)
    yield from shaped_rows(entry.looks)


def shaped_rows(text: bytes) -> Iterator[tuple[Shape, list[Values]]]:
    """Yield the rows of a text as values, some of one table at a time.

    Raises BrokenEntry and WrongRow.
    """
    storable = not any(sign in text for sign in _NOT_STORABLE)
    name, rows, shape = "", list[Values](), LOOK
    for table, columns in rows_in(text):
        if table != name or len(rows) == ROWS:
            if rows:
                yield shape, rows
            name, rows = table, []
            if table not in SHAPES:
                raise WrongRow("there is no such table")
            shape = SHAPES[table]
        if not storable:
            _require_storable(columns)
        rows.append(shape.read(columns))
    if rows:
        yield shape, rows


def _require_storable(columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        if isinstance(value, str) and any(
            sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value
        ):
            raise WrongRow(f"{name} has characters that no database takes")
