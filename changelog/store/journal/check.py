"""``check``: proves the journal, and that the tables are what it says.

One process, SELECT alone, the same code for both databases: the journal's rows go into a scratch
file, and each table is read beside them in the order of its key.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from changelog.model import exits
from changelog.model.journal import Head
from changelog.model.ports import Progress
from changelog.model.results.upkeep import Broken, Checked, CheckResult
from changelog.store.journal.proof import (
    MOST_BROKEN,
    Enough,
    Proof,
    Scratch,
    broken_row,
    stored_rows,
)
from changelog.store.journal.replay import stored_entries
from changelog.store.journal.source import (
    PostgresSource,
    Source,
    SqliteSource,
    Stored,
    newest_head,
    open_source,
)
from changelog.store.location import Location
from changelog.store.schema.definitions import COMMENT, MAJOR, definitions, spelling_digest
from changelog.store.schema.rows import SHAPES, Shape
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS, SQLITE_INDEXES

# What stands around the rows: tables, views, triggers, indexes. This finds what a restored dump
# lacks, and what somebody changed by hand. It proves nothing against the owner of a database.
# SQLite keeps a definition as it was written. PostgreSQL spells it anew: a view has a digest of
# that in its comment.

_TABLES = [JOURNAL, JOURNAL_LOOKS, *(shape.table for shape in SHAPES.values())]
_OTHER = "is not the one that the migrations make"
_NOT_COMPARED = "was made on another PostgreSQL, so it was not compared: db rebuild makes it anew"
_COLUMNS = {
    "sqlite": """
        SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
        WHERE m.type = 'table'
    """,
    "postgresql": """
        SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = current_schema()
    """,
}
_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname::text FROM pg_indexes WHERE schemaname = current_schema()",
}
_PG_TRIGGERS = """
    SELECT t.tgname::text, t.tgenabled IN ('O', 'A')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""
_PG_VIEWS = """
    SELECT c.relname::text, pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class')
    FROM pg_class c WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace
"""


@dataclass(slots=True)
class Surroundings:
    """`unusable`: the tables that lack a column, or are gone."""

    broken: list[Broken] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)


def compare_surroundings(source: Source) -> Surroundings:
    """Compare what stands around the rows. Raises DatabaseReadOnly where it may not be read."""
    around = Surroundings()
    _compare_tables(source, around)
    if isinstance(source, PostgresSource):
        source.require_rights([*(table.name for table in _TABLES), "alembic_version"])
        mistakes = dict(_mistakes_on_postgres(source))
    else:
        mistakes = dict(_mistakes_on_sqlite(source))
    _compare_definitions(source, around, mistakes)
    return around


def _compare_tables(source: Source, around: Surroundings) -> None:
    there: dict[str, set[str]] = {}
    for name, column in source.rows(_COLUMNS[source.dialect]):
        there.setdefault(name, set()).add(column)
    indexes = {name for (name,) in source.rows(_INDEXES[source.dialect])}
    if source.dialect == "postgresql":
        indexes |= SQLITE_INDEXES
    for table in _TABLES:
        columns = there.get(table.name, set())
        lacking = [column.name for column in table.columns if column.name not in columns]
        if lacking:
            what = f"lacks {', '.join(lacking)}" if columns else "is gone"
            reason = f"the table {table.name} {what}"
            around.broken.append(Broken(table.name, None, None, reason, table.name))
            around.unusable.add(table.name)
            continue
        for name in sorted({str(index.name) for index in table.indexes} - indexes):
            around.remarks.append(f"the index {name} is gone: answers take longer")


def _compare_definitions(
    source: Source, around: Surroundings, mistakes: Mapping[str, str | None]
) -> None:
    """`mistakes`: of each view and trigger that is there, what is wrong with it."""
    for kind, name, table, _ in definitions(source.dialect):
        mistake = mistakes.get(name, "is gone")
        if mistake == _NOT_COMPARED:
            around.remarks.append(f"the {kind} {name} {mistake}")
        elif mistake and table not in around.unusable:
            reason = f"the {kind} {name} {mistake}"
            around.broken.append(Broken(table, None, None, reason, name))


def _mistakes_on_sqlite(source: Source) -> Iterator[tuple[str, str | None]]:
    made = {definition.name: definition.sql for definition in definitions("sqlite")}
    for name, sql in source.rows("SELECT name, sql FROM sqlite_master"):
        yield name, None if sql == made.get(name) else _OTHER


def _mistakes_on_postgres(source: PostgresSource) -> Iterator[tuple[str, str | None]]:
    for name, is_enabled in source.rows(_PG_TRIGGERS):
        yield name, None if is_enabled else "is switched off"
    (major,) = source.rows(MAJOR)[0]
    own, _, _ = COMMENT.partition(" {major}")
    for name, spelling, comment in source.rows(_PG_VIEWS):
        comment = comment or ""
        if comment == COMMENT.format(major=major, digest=spelling_digest(spelling)):
            yield name, None
        elif comment.startswith(own) and not comment.startswith(f"{own} {major}:"):
            yield name, _NOT_COMPARED
        else:
            yield name, _OTHER


# The rows


class LogCheck:
    """Proves the log at `location`."""

    def __init__(self, location: Location, progress: Progress) -> None:
        self._location = location
        self._progress = progress

    def head(self) -> Head | None:
        """Return the newest entry's; nothing is proven."""
        with open_source(self._location) as source:
            newest = newest_head(source)
            return newest if newest.n else None

    def run(self, against: Head | None) -> CheckResult:
        """Prove all of it. `against`: a head that the log has to contain."""
        with open_source(self._location) as source, Scratch() as scratch:
            proof = Proof(scratch, against, self._progress.step)
            around = Surroundings()
            try:
                around = compare_surroundings(source)
                self._progress.begins(newest_head(source).n)
                prove(source, proof, around)
            except Enough:
                pass
            except sqlite3.DatabaseError as error:
                proof.broken.extend(_damaged(source, error))
            broken = in_order([*proof.broken, *around.broken])
            empty = (exits.NOTHING_RECORDED,) if proof.head is None else ()
            return CheckResult(
                database=str(self._location),
                ok=not broken,
                checked=_counted(proof),
                broken=tuple(broken[:MOST_BROKEN]),
                more=len(broken) > MOST_BROKEN,
                head=proof.head and str(proof.head),
                against=against and str(against),
                remarks=tuple(around.remarks),
                conditions=(exits.BROKEN_LOG,) if broken else empty,
            )


def prove(source: Source, proof: Proof, around: Surroundings) -> None:
    """Prove all of a log: what does not hold is in `proof` afterwards. Raises Enough."""
    if "journal_looks" in around.unusable:
        return
    proof.run(stored_entries(source))
    for difference in table_differences(source, proof, around):
        proof.name(broken_row(difference.shape, difference.row, difference.reason))
    if not proof.broken_entries:
        proof.prove_references()
    if isinstance(source, SqliteSource):
        proof.broken.extend(_integrity(source))


def _counted(proof: Proof) -> Checked:
    sizes = {name: proof.scratch.count(name) for name in SHAPES}
    return Checked(
        entries=proof.entries,
        rows=sum(sizes.values()),
        revisions=sizes["revision"],
        snapshots=sizes["snapshot"],
        dids=sizes["did"],
        pruned=sizes["pruned"],
    )


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


def table_differences(source: Source, proof: Proof, around: Surroundings) -> Iterator["Difference"]:
    """Yield how the tables that can be read differ from what was replayed."""
    for name, shape in SHAPES.items():
        written = proof.rows_in_order(shape)
        if name in around.unusable:
            continue
        yield from _differences(shape, written, stored_rows(source, shape), proof.broken_entries)


class Difference(NamedTuple):
    """`written`: the row as the journal has it, None for one that it has not. `stored`: the table's
    row of that key, None for one that is gone. Both with their entry, bodies as digests."""

    shape: Shape
    written: Stored | None
    stored: Stored | None

    @property
    def row(self) -> Stored:
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
    shape: Shape, written: Iterator[Stored], stored: Iterator[Stored], unproven: Collection[int]
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


def _compare(shape: Shape, ours: Stored | None, theirs: Stored | None) -> int:
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
