"""``check``: proves the journal, and that the tables are what it says.

One process, SELECT alone, the same code for both databases: the journal's rows go into a scratch
file, and each table is read beside them in the order of its key.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from typing import Any, NamedTuple

from changelog.model import exits
from changelog.model.journal_head import Head
from changelog.model.ports import Progress
from changelog.model.results.upkeep import Broken, Checked, CheckResult
from changelog.store.journal.proof import MOST_BROKEN, Enough, Proof, broken_row
from changelog.store.journal.replay import stored_entries
from changelog.store.journal.schema_diff import SchemaDiff, compare_schema
from changelog.store.journal.scratch import Scratch, stored_rows
from changelog.store.journal.source import Source, SqliteSource, newest_head, open_source
from changelog.store.location import Location
from changelog.store.schema.rows import SHAPES, Shape, Values


def check_log(location: Location, progress: Progress, against: Head | None = None) -> CheckResult:
    """Prove all of the log at `location`. `against`: a head that it has to contain."""
    with open_source(location) as source, closing(Scratch()) as scratch:
        proof = Proof(scratch, against, progress.step)
        diff = SchemaDiff()
        try:
            diff = compare_schema(source)
            progress.begins(newest_head(source).n)
            with suppress(Enough):
                _prove(source, proof, diff)
        except sqlite3.DatabaseError as error:
            proof.broken.extend(_damaged(source, error))
        broken = in_order([*proof.broken, *diff.broken])
        sizes = {name: scratch.count(name) for name in SHAPES}
        empty = (exits.NOTHING_RECORDED,) if proof.head is None else ()
        return CheckResult(
            database=str(location),
            ok=not broken,
            checked=Checked(
                entries=proof.entries,
                rows=sum(sizes.values()),
                revisions=sizes["revision"],
                snapshots=sizes["snapshot"],
                dids=sizes["did"],
                pruned=sizes["pruned"],
                views=diff.views,
                triggers=diff.triggers,
            ),
            broken=tuple(broken[:MOST_BROKEN]),
            more=len(broken) > MOST_BROKEN,
            head=proof.head and str(proof.head),
            against=against and str(against),
            remarks=(*diff.remarks, *proof.remarks),
            conditions=(exits.BROKEN_LOG,) if broken else empty,
        )


def _prove(source: Source, proof: Proof, diff: SchemaDiff) -> None:
    """Prove all of a log: what does not hold is in `proof` afterwards. Raises Enough."""
    if "journal_looks" in diff.unusable:
        return
    proof.run(stored_entries(source))
    for difference in table_differences(source, proof, diff.unusable):
        proof.name(broken_row(difference.shape, difference.row, difference.reason))
    if not proof.broken_entries:
        proof.prove_references()
    if isinstance(source, SqliteSource):
        proof.broken.extend(_integrity(source))


def in_order(broken: list[Broken]) -> list[Broken]:
    """Return each broken row once, in the journal's order; behind them what no entry has."""
    rows: dict[tuple[object, ...], Broken] = {}
    for row in broken:
        rows.setdefault((row.table, row.did, row.revision, row.key), row)
    last = float("inf")
    return sorted(rows.values(), key=lambda row: last if row.entry is None else row.entry)


def _integrity(source: SqliteSource) -> Iterator[Broken]:
    """Yield what SQLite itself finds: pages that are malformed, indexes that miss a row."""
    for (line,) in source.rows(f"PRAGMA integrity_check({MOST_BROKEN})"):
        if line != "ok":
            yield Broken("sqlite", None, None, line, None)


def _damaged(source: Source, error: sqlite3.DatabaseError) -> list[Broken]:
    """Name the page that stopped the proof, as SQLite does."""
    malformed = Broken("sqlite", None, None, f"the file cannot be read on: {error}")
    try:
        return list(_integrity(source)) if isinstance(source, SqliteSource) else [malformed]
    except sqlite3.DatabaseError:
        return [malformed]


def table_differences(
    source: Source, proof: Proof, without: Collection[str]
) -> Iterator["Difference"]:
    """Yield how the tables, `without` some, differ from what was replayed."""
    for name, shape in SHAPES.items():
        written = proof.rows_in_order(shape)
        if name in without:
            continue
        yield from _differences(shape, written, stored_rows(source, shape), proof.broken_entries)


class Difference(NamedTuple):
    """`written`: the row as the journal has it, None for one that it has not. `stored`: the table's
    row of that key, None for one that is gone. Both with their entry, bodies as digests."""

    shape: Shape
    written: Values | None
    stored: Values | None

    @property
    def row(self) -> Values:
        return self.written or self.stored or ()

    @property
    def reason(self) -> str:
        if self.stored is None:
            return "it is gone"
        if self.written is None:
            return "no entry of the journal has it"
        names = (*self.shape.columns, "entry")
        pairs = zip(names, self.written, self.stored, strict=True)
        changed = [name for name, written, stored in pairs if written != stored]
        return f"its {', '.join(changed)} is not what entry {self.written[-1]} says"


def _differences(
    shape: Shape, written: Iterator[Values], stored: Iterator[Values], unproven: Collection[int]
) -> Iterator[Difference]:
    """Yield what differs of two streams of rows, both ordered by key.

    `unproven`: entries whose rows nobody knows; what says that it is of one of them is left alone.
    """
    ours, theirs = next(written, None), next(stored, None)
    while ours is not None or theirs is not None:
        if ours == theirs:
            ours, theirs = next(written, None), next(stored, None)
            continue
        place = _compare(shape, ours, theirs)
        if place == 0:
            yield Difference(shape, ours, theirs)
        elif place < 0:
            yield Difference(shape, ours, None)
        elif theirs is not None and theirs[-1] not in unproven:
            yield Difference(shape, None, theirs)
        ours = next(written, None) if place <= 0 else ours
        theirs = next(stored, None) if place >= 0 else theirs


def _compare(shape: Shape, ours: Values | None, theirs: Values | None) -> int:
    """Return which of the rows comes first: below 0 ours, above 0 theirs, 0 for the same key."""
    if ours is None or theirs is None:
        return 1 if ours is None else -1
    our_key, their_key = (
        [_order(row[place]) for place in shape.places_of_key] for row in (ours, theirs)
    )
    return (our_key > their_key) - (our_key < their_key)


def _order(value: Any) -> tuple[int, Any]:
    """Return what orders a key as both databases do: numbers, texts by their bytes, bytes."""
    if value is None:
        return 0, 0
    if isinstance(value, str):
        return 2, value.encode("utf-8", "surrogateescape")
    return (3, value) if isinstance(value, bytes) else (1, value)
