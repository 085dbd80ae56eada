"""Proves a journal by itself: the chain, what prune left, and that its rows hold together.

It is what ``check``, ``import`` and ``db rebuild`` do first. The rows stay in a scratch file.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, Self

from changelog.model.journal import Head
from changelog.model.results.upkeep import Broken
from changelog.store.journal import consistency
from changelog.store.journal.consistency import REFERENCES
from changelog.store.journal.entry import NO_ENTRY, BrokenEntry, Entry, text_digest
from changelog.store.journal.replay import shaped_rows, walk
from changelog.store.journal.source import Source, Stored
from changelog.store.schema.rows import LOOK, SHAPES, Shape, Values, WrongRow

MOST_BROKEN = 100
"""Broken rows that are named; behind that many, nothing is proven any further."""


# Rows as a journal has them, in a local file without a name, to be compared with a log's tables.
# Bodies are there as digests, so that it takes some 130 bytes a revision, and 70 a snapshot.

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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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

    def rows(self, shape: Shape) -> Iterator[Stored]:
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

    def doubled(self, shape: Shape) -> Iterator[Stored]:
        """Return a row of each key that several have, once the indexes are there."""
        key = _quoted(shape.key)
        return self._file.execute(
            f'SELECT * FROM "{shape.name}" GROUP BY {key} HAVING count(*) > 1 LIMIT 100'
        )

    def each(self, query: str) -> Iterator[Stored]:
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


def stored_rows(source: Source, shape: Shape) -> Iterator[Stored]:
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


# The proof


class Enough(Exception):
    """So much is broken that nobody wants to know more."""


class Proof:
    """One replay into `scratch`. `broken`: what does not hold, in the journal's order.

    `on_entry` hears of each entry that was replayed.
    """

    def __init__(
        self,
        scratch: Scratch,
        against: Head | None = None,
        on_entry: Callable[[], None] = lambda: None,
    ) -> None:
        self.scratch = scratch
        self.broken: list[Broken] = []
        self.broken_entries: set[int] = set()
        self.entries = 0
        self.head: Head | None = None
        self._against = against
        self._on_entry = on_entry
        self._begun: set[Values] = set()

    def run(self, entries: Iterable[Entry]) -> None:
        """Replay all of a journal. Raises Enough."""
        last = NO_ENTRY
        for entry, mistake in walk(entries):
            self.entries += 1
            reason = self._replay(entry) if mistake is None else mistake
            if reason is not None:
                self.broken_entries.add(entry.n)
                self.name(broken_entry(entry.n, reason))
            self.finish(entry)
            self._on_entry()
            last = entry.head
        self.head = last if last.n else None
        if self._against is not None and self._against.n > last.n:
            gone = f"entries {last.n + 1} to {self._against.n} are gone"
            ends = f"the log ends at entry {last.n}" if last.n else "nothing is recorded"
            self.name(
                broken_entry(
                    self._against.n,
                    f"{ends}: {gone}, or the head is newer than this copy or another log's",
                )
            )
        self.require_accounted()

    def _replay(self, entry: Entry) -> str | None:
        """Keep its rows. Return why that is not possible."""
        if self._against and entry.n == self._against.n and entry.digest != self._against.digest:
            reason = (
                "it is not the entry that the head stands for: the log was rewritten, or the head"
                " is another log's"
            )
            self.name(broken_entry(entry.n, reason))
        left = text_digest(entry.looks)
        if left != entry.looks_digest:
            # They are not those that it was written with: a later fact has to say so.
            self.scratch.insert("looks_left", [(entry.n, left)])
        try:
            for looks, text in ((False, entry.facts), (True, entry.looks)):
                for shape, rows in shaped_rows(text):
                    if looks and shape is not LOOK:
                        raise BrokenEntry("what is no snapshot stands among its looks")
                    self.rows(entry, shape, rows, looks=looks)
        except (BrokenEntry, WrongRow) as error:
            return str(error)
        return None

    def finish(self, entry: Entry) -> None:
        """Judge an entry once all of its rows were seen."""
        for did, revision, *_ in self._begun:
            reason = "it does not begin with a snapshot of its own"
            self.name(Broken("revision", as_text(did), revision, reason, None, entry.n))
        self._begun.clear()

    def rows(self, entry: Entry, shape: Shape, rows: list[Values], *, looks: bool) -> None:
        """Prove rows of one table, and keep them."""
        proves = _PROVES.get(shape.name, _nothing)
        for row in rows:
            for reason in proves(row):
                self.name(broken_row(shape, (*row, entry.n), reason))
        if shape is consistency.REVISION:
            carried = [row[:2] for row in rows if consistency.is_carried(row)]
            self.scratch.insert("carried", carried)
        if shape in _BEGINNINGS and not looks:
            self._begun.symmetric_difference_update(consistency.beginnings(shape, rows))
        self.scratch.add(shape, rows, entry.n)

    def require_accounted(self) -> None:
        """Name looks that are gone, or are others, without a fact that says so."""
        for (n,) in islice(self.scratch.each(_UNACCOUNTED), MOST_BROKEN):
            self.broken_entries.add(n)
            reason = "its looks are not those that it was written with, nor those that prune left"
            self.name(broken_entry(n, reason))

    def rows_in_order(self, shape: Shape) -> Iterator[Stored]:
        """Yield the rows of a table by their key, with what the order of revisions shows."""
        rows = self.scratch.rows(shape)
        if shape is not consistency.REVISION:
            return rows
        return self._numbered(rows)

    def _numbered(self, rows: Iterator[Stored]) -> Iterator[Stored]:
        numbering = consistency.Numbering()
        for row in rows:
            for reason in numbering.mistakes(row):
                self.name(broken_row(consistency.REVISION, row, reason))
            yield row

    def prove_keys(self) -> None:
        """Prove that no key was written twice. Raises Enough."""
        for shape in SHAPES.values():
            for row in self.scratch.doubled(shape):
                self.name(broken_row(shape, row, "it was written a second time"))

    def prove_references(self) -> None:
        """Prove that what a row refers to is there. Raises Enough."""
        self.scratch.make_indexes()
        for table, reason, query in REFERENCES:
            for row in self.scratch.each(f"{query} LIMIT {MOST_BROKEN + 1}"):
                self.name(broken_row(SHAPES[table], row, reason))

    def name(self, broken: Broken) -> None:
        """Note what does not hold. Raises Enough."""
        self.broken.append(broken)
        if len(self.broken) > MOST_BROKEN:
            raise Enough


_UNACCOUNTED = """
    SELECT l.n FROM looks_left l WHERE l.digest IS NOT (
        SELECT p.looks_digest FROM pruned p WHERE p.journal = l.n ORDER BY p.pruning DESC LIMIT 1)
    UNION
    SELECT p.journal FROM pruned p
    WHERE NOT EXISTS (SELECT 1 FROM looks_left l WHERE l.n = p.journal)
    ORDER BY 1
"""


def _nothing(_: Values) -> Iterable[str]:
    return ()


_BEGINNINGS = (consistency.REVISION, consistency.SNAPSHOT)
_PROVES: Mapping[str, Callable[[Values], Iterable[str]]] = {
    "revision": consistency.body_mistakes,
    "snapshot": consistency.snapshot_mistakes,
    "problem": consistency.problem_mistakes,
    "capture_end": consistency.capture_end_mistakes,
    "selection": consistency.selection_mistakes,
}


def broken_row(shape: Shape, row: Stored, reason: str) -> Broken:
    """Name a row, which ends with its entry, by its key."""
    values = dict(zip((*shape.columns, "entry"), row, strict=True))
    did, revision, entry = values.get("did"), values.get("revision"), values["entry"]
    return Broken(
        shape.name,
        None if did is None else as_text(did),
        revision if isinstance(revision, int) else None,
        reason,
        None
        if shape is consistency.REVISION
        else " ".join(as_text(row[place]) for place in shape.places_of_key),
        entry if isinstance(entry, int) else None,
    )


def broken_entry(n: Any, reason: str) -> Broken:
    return Broken("journal", None, None, reason, as_text(n), n if isinstance(n, int) else None)


def as_text(value: Any) -> str:
    """Return a value of a key, whatever it is, no longer than can be read."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "backslashreplace").decode()[:200]
