"""``check``: proves the journal, and that the tables are what it says.

One process, SELECT alone, the same code for both databases: the journal's rows go into a scratch
file, and each table is read beside them in the order of its key.
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from changelog.model.head import Head
from changelog.model.results.check import Broken, Checked
from changelog.store.journal.comparison import differences
from changelog.store.journal.proof import Enough, Proof, broken_row
from changelog.store.journal.replay import stored_entries
from changelog.store.journal.scratch import Scratch, stored_rows
from changelog.store.journal.source import Source, SqliteSource, newest_head, open_source
from changelog.store.journal.surroundings import Surroundings, compare_surroundings
from changelog.store.location import Location
from changelog.store.rows import SHAPES

MOST_BROKEN = 100


class Watching(Protocol):
    """Hears how far a long work is."""

    def begins(self, total: int) -> None: ...
    def step(self, done: int) -> None: ...


class Verdict(NamedTuple):
    """`remarks`: differences that neither hide nor change a row."""

    checked: Checked
    broken: list[Broken]
    head: Head | None
    remarks: list[str]


class LogCheck:
    """Proves the log at `location`."""

    def __init__(self, location: Location, watching: Watching) -> None:
        self._location = location
        self._watching = watching

    @property
    def place(self) -> str:
        return str(self._location)

    def head(self) -> Head | None:
        """Return the newest entry's; nothing is proven."""
        with open_source(self._location) as source:
            return newest_head(source)

    def run(self, against: Head | None) -> Verdict:
        with open_source(self._location) as source, Scratch() as scratch:
            proof = Proof(scratch, against, self._watching.step)
            around = Surroundings([], [], 0, 0, frozenset())
            try:
                around = compare_surroundings(source)
                self._watching.begins(_size(source, around))
                prove(source, proof, around)
            except Enough:
                pass
            except sqlite3.DatabaseError as error:
                proof.broken.extend(_damaged(source, error))
            broken = in_order([*proof.broken, *around.broken])
            return Verdict(_counted(proof, around), broken, proof.head, around.remarks)


def prove(source: Source, proof: Proof, around: Surroundings) -> None:
    """Prove all of a log: what does not hold is in `proof` afterwards. Raises Enough."""
    if "journal_looks" in around.unusable:
        return
    proof.run(stored_entries(source))
    for name, shape in SHAPES.items():
        written = proof.rows_in_order(shape)
        if name in around.unusable:
            continue
        stored = stored_rows(source, shape)
        for difference in differences(shape, written, stored, proof.broken_entries):
            proof.name(broken_row(shape, difference.row, difference.reason))
    if not proof.broken_entries:
        proof.prove_references()
    if isinstance(source, SqliteSource):
        proof.broken.extend(_integrity(source))


def _size(source: Source, around: Surroundings) -> int:
    """About how many rows there are: as many as have to be replayed."""
    tables = {"revision", "snapshot"} - around.unusable
    return sum(int(source.rows(f"SELECT count(*) FROM {name}")[0][0]) for name in tables)


def _counted(proof: Proof, around: Surroundings) -> Checked:
    sizes = {name: proof.scratch.count(name) for name in SHAPES}
    return Checked(
        entries=proof.entries,
        rows=sum(sizes.values()),
        revisions=sizes["revision"],
        snapshots=sizes["snapshot"],
        dids=sizes["did"],
        pruned=sizes["pruned"],
        views=around.views,
        triggers=around.triggers,
    )


def in_order(broken: list[Broken]) -> list[Broken]:
    """Return each broken row once, in the journal's order; behind them what no entry has."""
    rows: dict[tuple[object, ...], Broken] = {}
    for one in broken:
        rows.setdefault((one.table, one.did, one.revision, one.key), one)
    last = float("inf")
    return sorted(rows.values(), key=lambda one: last if one.entry is None else one.entry)


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
