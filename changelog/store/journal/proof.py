"""Proves a journal by itself: the chain, what prune left, and that its rows hold together.

It is what ``check``, ``import`` and ``db rebuild`` do first. The rows stay in a scratch file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from changelog.model.journal_head import Head
from changelog.model.results.upkeep import Broken
from changelog.model.text.times import format_utc, from_micros, is_ahead, to_micros
from changelog.store.journal import row_rules
from changelog.store.journal.entry import NO_ENTRY, BrokenEntry, Entry, text_digest
from changelog.store.journal.replay import shaped_rows, walk
from changelog.store.journal.row_rules import REFERENCES
from changelog.store.journal.scratch import Scratch
from changelog.store.schema.rows import LOOK, SHAPES, Shape, Values, WrongRow, entry_text

MOST_BROKEN = 100
"""Broken rows that are named; behind that many, nothing is proven any further."""


class Enough(Exception):
    """So much is broken that nobody wants to know more."""


class Proof:
    """One replay into `scratch`. `broken`: what does not hold, in the journal's order.

    `against`: a head that the journal has to contain. `on_entry` hears of each entry that was
    replayed. `is_export`: the rows have to be spelled as export does, and the first thing that does
    not hold ends the proof.
    """

    def __init__(
        self,
        scratch: Scratch,
        against: Head | None = None,
        on_entry: Callable[[], None] = lambda: None,
        *,
        is_export: bool = False,
    ) -> None:
        self.scratch = scratch
        self.broken: list[Broken] = []
        self.broken_entries: set[int] = set()
        self.entries = 0
        self.head: Head | None = None
        self.remarks: list[str] = []
        self._against = against
        self._on_entry = on_entry
        self._is_export = is_export
        self._begun: set[Values] = set()
        self._latest_us = 0

    @property
    def provable(self) -> int:
        """The last entry before what does not hold."""
        if not self.broken:
            return self.entries
        # A forged number may be anything.
        number = self.broken[0].entry or 0
        return (number if 0 < number < self.entries else self.entries) - 1

    def run(self, entries: Iterable[Entry]) -> None:
        """Replay all of a journal. Raises Enough."""
        last = NO_ENTRY
        for entry, mistake in walk(entries):
            self.entries += 1
            self._compare_times(entry)
            reason = self._replay(entry) if mistake is None else mistake
            if reason is not None:
                self.broken_entries.add(entry.n)
                self.name(broken_entry(entry.n, reason))
            for did, revision, *_ in self._begun:
                reason = "it does not begin with a snapshot of its own"
                self.name(Broken("revision", as_text(did), revision, reason, None, entry.n))
            self._begun.clear()
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
        self._require_accounted()

    def _compare_times(self, entry: Entry) -> None:
        """Remark, once, a time that lies ahead of an entry written after it."""
        # A row that is broken may hold anything.
        latest, at = (from_micros(min(us, _END_US)) for us in (self._latest_us, max(entry.at, 0)))
        if is_ahead(latest, at) and not self.remarks:
            self.remarks.append(
                f"times up to {format_utc(latest)} lie ahead of entry {entry.n}, which was written"
                f" later, at {format_utc(at)}: a clock was wrong"
            )
        self._latest_us = max(self._latest_us, entry.at)

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
            self._replay_text(entry.n, entry.facts)
            self._replay_text(entry.n, entry.looks, looks=True)
        except (BrokenEntry, WrongRow) as error:
            return str(error)
        return None

    def _replay_text(self, n: int, text: bytes, *, looks: bool = False) -> None:
        """Prove the rows of a text of entry `n`, and keep them. Raises BrokenEntry, WrongRow."""
        kept: dict[str, list[Values]] = {}
        for shape, rows in shaped_rows(text):
            if looks and shape is not LOOK:
                raise BrokenEntry("what is no snapshot stands among its looks")
            if self._is_export:
                for row in rows:
                    shape.require_range(row)
                kept.setdefault(shape.name, []).extend(rows)
            self._prove_rows(n, shape, rows, looks=looks)
        if self._is_export and entry_text(kept) != text:
            raise BrokenEntry("its rows are not spelled, or ordered, as export does")

    def _prove_rows(self, n: int, shape: Shape, rows: list[Values], *, looks: bool) -> None:
        if mistakes := _MISTAKES.get(shape.name):
            for row in rows:
                for reason in mistakes(row):
                    self.name(broken_row(shape, (*row, n), reason))
        if shape is row_rules.REVISION:
            seen = [row[_FIRST_SEEN] for row in rows if isinstance(row[_FIRST_SEEN], int)]
            self._latest_us = max([self._latest_us, *seen])
            carried = [row[:2] for row in rows if row_rules.is_carried(row)]
            self.scratch.insert("carried", carried)
        if shape in _BEGINNINGS and not looks:
            self._begun.symmetric_difference_update(row_rules.beginnings(shape, rows))
        self.scratch.add(shape, rows, n)

    def _require_accounted(self) -> None:
        """Name looks that are gone, or are others, without a fact that says so."""
        for (n,) in islice(self.scratch.each(_UNACCOUNTED), MOST_BROKEN):
            self.broken_entries.add(n)
            reason = "its looks are not those that it was written with, nor those that prune left"
            self.name(broken_entry(n, reason))

    def rows_in_order(self, shape: Shape) -> Iterator[Values]:
        """Yield the rows of a table by their key, with what the order of revisions shows."""
        rows = self.scratch.rows(shape)
        return self._numbered(rows) if shape is row_rules.REVISION else rows

    def _numbered(self, rows: Iterator[Values]) -> Iterator[Values]:
        numbering = row_rules.Numbering()
        for row in rows:
            for reason in numbering.mistakes(row):
                self.name(broken_row(row_rules.REVISION, row, reason))
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
        if self._is_export or len(self.broken) > MOST_BROKEN:
            raise Enough


_UNACCOUNTED = """
    SELECT l.n FROM looks_left l WHERE l.digest IS NOT (
        SELECT p.looks_digest FROM pruned p WHERE p.journal = l.n ORDER BY p.pruning DESC LIMIT 1)
    UNION
    SELECT p.journal FROM pruned p
    WHERE NOT EXISTS (SELECT 1 FROM looks_left l WHERE l.n = p.journal)
    ORDER BY 1
"""


_END_US = to_micros(datetime(9999, 1, 1, tzinfo=UTC))
_FIRST_SEEN = row_rules.REVISION.columns.index("first_seen_at")
_BEGINNINGS = (row_rules.REVISION, row_rules.SNAPSHOT)
_MISTAKES: Mapping[str, Callable[[Values], Iterable[str]]] = {
    "revision": row_rules.body_mistakes,
    "snapshot": row_rules.snapshot_mistakes,
    "problem": row_rules.problem_mistakes,
    "capture_end": row_rules.capture_end_mistakes,
    "selection": row_rules.selection_mistakes,
}


def broken_row(shape: Shape, row: Values, reason: str) -> Broken:
    """Name a row, which ends with its entry, by its key."""
    values = dict(zip((*shape.columns, "entry"), row, strict=True))
    did, revision, entry = values.get("did"), values.get("revision"), values["entry"]
    return Broken(
        shape.name,
        None if did is None else as_text(did),
        revision if isinstance(revision, int) else None,
        reason,
        None
        if shape is row_rules.REVISION
        else " ".join(as_text(row[place]) for place in shape.places_of_key),
        entry if isinstance(entry, int) else None,
    )


def broken_entry(n: Any, reason: str) -> Broken:
    return Broken("journal", None, None, reason, as_text(n), n if isinstance(n, int) else None)


def as_text(value: Any) -> str:
    """Return a value of a key, whatever it is, no longer than can be read."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text.encode("utf-8", "backslashreplace").decode()[:200]
