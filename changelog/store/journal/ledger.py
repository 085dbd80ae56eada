"""The log as its journal tells it: entry after entry, each with the rows written with it.

An entry vouches for the rows that say so in their column ``entry``, which has no index: it would
cost more bytes than an unchanged snapshot. So the log is read in windows of entries, each of them
one scan of every table, as wide as some `WINDOW_BYTES` of memory allow.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Integer, Table, case, cast, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement

from changelog.store.journal.source import Source, Stored
from changelog.store.packing import BrokenBody
from changelog.store.transaction import (
    EVIDENCE,
    INSERT_ORDER,
    JOURNAL,
    PROBLEM,
    REVISION,
    as_received,
)
from changelog.store.transaction import Row as Columns

WINDOW_BYTES = 64 * 1024 * 1024
"""What the rows of a window may take in memory, as near as it can be known beforehand."""
_ROW_BYTES = 350
_MOST_BUCKETS = 50_000
_LONG = {REVISION: "body", PROBLEM: "body", EVIDENCE: "body"}
"""By table, the column that may be long."""


class Shape(NamedTuple):
    """A table, and where in its rows the key and the entry stand."""

    table: Table
    columns: tuple[str, ...]
    key: tuple[int, ...]
    entry: int

    @property
    def name(self) -> str:
        return self.table.name


def _shape(table: Table) -> Shape:
    columns = tuple(column.name for column in table.columns)
    key = tuple(columns.index(column.name) for column in table.primary_key)
    return Shape(table, columns, key, columns.index("entry"))


SHAPES = tuple(map(_shape, INSERT_ORDER))
"""The tables that the journal vouches for, in the order in which they are written."""
JOURNAL_COLUMNS = tuple(column.name for column in JOURNAL.columns)


class Window(NamedTuple):
    """The entries from `first` to `last`, None: without an end, and the rows that name them.

    `journal`: as stored, by number. `rows`: of each table in `SHAPES`, as stored, by entry and then
    by key. A row whose entry is nowhere in the journal is in the window that its number is in; the
    last one has those whose entry is no number at all.
    """

    first: int | None
    last: int | None
    journal: list[Stored]
    rows: tuple[list[Stored], ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.rows))


class Written(NamedTuple):
    """One row that says it was written with an entry. `stored`: its columns as they are stored."""

    table: str
    stored: Columns

    def vouched(self) -> Columns:
        """Its columns as the journal vouches for them: a revision's body as it was received.

        Raises BrokenBody.
        """
        if self.table != REVISION.name:
            return self.stored
        try:
            return as_received(self.stored)
        except (TypeError, ValueError) as error:
            raise BrokenBody(str(error)) from error


class LedgerEntry(NamedTuple):
    """An entry with its rows: by table in the order in which they are written, then by key.

    `n`: the number that they name; on SQLite a forged row may name what is none. `journal`: the
    journal's row as stored, None if there is none of that number.
    """

    n: Any
    journal: Columns | None
    rows: list[Written]


def head_of(source: Source) -> int:
    """The journal's newest number, 0 where nothing was recorded."""
    return source.all(select(func.max(JOURNAL.c.n)))[0][0] or 0


def entries(source: Source) -> Iterator[LedgerEntry]:
    """Every entry in order, and every row in one of them: what ``export`` writes."""
    for window in windows(source):
        yield from entries_in(window)


def entries_in(window: Window) -> Iterator[LedgerEntry]:
    journal = {row[0]: dict(zip(JOURNAL_COLUMNS, row, strict=True)) for row in window.journal}
    written = rows_by_entry(window)
    for n in sorted(journal.keys() | written.keys(), key=_order):
        yield LedgerEntry(n, journal.get(n), [Written(*one) for one in written.get(n, ())])


def rows_by_entry(window: Window) -> Mapping[Any, list[tuple[str, Columns]]]:
    """By entry, (table, columns as stored)."""
    found: dict[Any, list[tuple[str, Columns]]] = {}
    for shape, rows in zip(SHAPES, window.rows, strict=True):
        for n, mine in groupby(rows, key=itemgetter(shape.entry)):
            into = found.setdefault(n, [])
            into.extend((shape.name, dict(zip(shape.columns, row, strict=True))) for row in mine)
    return found


class Plan(NamedTuple):
    """`bounds`: the entry at which each window begins. `rows`: how many there are in all."""

    bounds: list[int]
    rows: int


def windows(
    source: Source, *, window_bytes: int = WINDOW_BYTES, plan: Plan | None = None
) -> Iterator[Window]:
    """The whole log, in order. At least one window, however little there is."""
    bounds = (plan or planned(source, window_bytes)).bounds
    for first, last in spans(bounds):
        yield _window(source, first, last)


def spans(bounds: Sequence[int]) -> Iterator[tuple[int | None, int | None]]:
    """The first and the last entry of each window; None: from the beginning, to the end."""
    for place, first in enumerate(bounds):
        following = bounds[place + 1] if place + 1 < len(bounds) else None
        yield first if place else None, None if following is None else following - 1


def _window(source: Source, first: int | None, last: int | None) -> Window:
    rows = tuple(rows_between(source, shape, first, last) for shape in SHAPES)
    return Window(first, last, journal_between(source, first, last), rows)


def journal_between(source: Source, first: int | None, last: int | None) -> list[Stored]:
    """The journal's rows of these entries as stored, by number."""
    return source.all(
        select(JOURNAL).where(*within(JOURNAL.c.n, first, last)).order_by(JOURNAL.c.n)
    )


def rows_between(source: Source, shape: Shape, first: int | None, last: int | None) -> list[Stored]:
    """The rows of a table that name these entries as stored, by entry and then by key."""
    condition = within(shape.table.c.entry, first, last)
    found = source.all(select(shape.table).where(*condition))
    # Here and not in the database: there, much of it would be sorted on a disk.
    found.sort(key=_sorting(found, shape))
    return found


def within(
    column: ColumnElement[int], first: int | None, last: int | None
) -> list[ColumnElement[bool]]:
    """The conditions under which `column` names one of the entries from `first` to `last`."""
    if first is not None and last is not None:
        return [column >= first, column < last + 1]
    if last is not None:
        return [column < last + 1]
    # Whatever is not before it. On SQLite somebody may have put a fraction there, which is between
    # two numbers, or text, which is behind them all.
    return [] if first is None else [(column < first).is_not(True)]


def _sorting(rows: list[Stored], shape: Shape) -> Callable[[Stored], Any]:
    """By entry, then by key, the same on both databases; whatever types somebody put there."""
    places = (shape.entry, *shape.key)
    one_type = all(len({type(row[place]) for row in rows}) <= 1 for place in places)
    if one_type:
        return itemgetter(*places)
    return lambda row: tuple(_order(row[place]) for place in places)


def _order(value: Any) -> tuple[str, Any]:
    """Numbers first, by size; the rest by type."""
    return ("", value) if isinstance(value, int | float) else (type(value).__name__, value)


def planned(
    source: Source, window_bytes: int = WINDOW_BYTES, shapes: Sequence[Shape] = SHAPES
) -> Plan:
    """Look at all rows of these tables once, to see where windows of that size begin."""
    head = head_of(source)
    width = head // _MOST_BUCKETS + 1
    sizes: Counter[int] = Counter()
    rows = sum(_weigh(source, shape.table, head, width, sizes) for shape in shapes)
    bounds, size = [1], 0
    for bucket in range(head // width + 1):
        if size and size + sizes[bucket] > window_bytes:
            bounds.append(max(1, bucket * width))
            size = 0
        size += sizes[bucket]
    return Plan(bounds, rows)


def _weigh(source: Source, table: Table, head: int, width: int, sizes: Counter[int]) -> int:
    """Add up by bucket of entries what the rows of `table` take. Returns how many there are."""
    entry = table.c.entry
    bucket = case((entry.between(1, head), cast(entry, Integer) // width), else_=0)
    long = _LONG.get(table)
    length = func.length(table.c[long]) if long else literal_column("0")
    found = 0
    if source.dialect.name == "postgresql":
        groups = select(bucket, func.count(), func.sum(length)).group_by(literal_column("1"))
        for place, count, total in source.each(groups):
            sizes[place] += count * _ROW_BYTES + int(total)
            found += count
        return found
    # SQLite would sort all rows to group them.
    if long is None:
        counts = Counter(place for (place,) in source.each(select(bucket)))
        for place, count in counts.items():
            sizes[place] += count * _ROW_BYTES
        return counts.total()
    for place, extent in source.each(select(bucket, length)):
        sizes[place] += _ROW_BYTES + (extent or 0)
        found += 1
    return found
