"""``db rebuild``: makes the tables again what the journal says, in one transaction.

The chain is proven first: where it is broken nothing is changed. Only rows that differ are touched,
so grants stay. An entry that was damaged is restored from its rows, if these still give its digest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from changelog.model.journal import Head
from changelog.model.results.upkeep import Broken, Rebuilt
from changelog.store.journal.check import Difference, LogCheck, Watching, differences, in_order
from changelog.store.journal.entry import Entry, deflate, entry_digest, text_digest
from changelog.store.journal.proof import Enough, Proof, broken_row
from changelog.store.journal.replay import shaped_rows, stored_entries
from changelog.store.journal.scratch import Scratch, stored_rows
from changelog.store.journal.source import Source, open_source, source_on
from changelog.store.journal.surroundings import Surroundings, compare_surroundings
from changelog.store.schema.definitions import make_definitions, require_owner, without_guards
from changelog.store.schema.rows import LOOK, SHAPES, Shape, Values
from changelog.store.schema.table_repair import (
    kept_rights,
    make_indexes_and_keys,
    make_tables,
)
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS, REBUILD, WATCH_STATE
from changelog.store.transaction import Transaction, Transactions, entry_text, insert_rows

_FEW = 400
"""Entries a query: below the number of parameters that SQLite takes."""


class _Plan(NamedTuple):
    around: Surroundings
    restored: dict[int, Entry]
    differing: list[Difference]

    @property
    def made_anew(self) -> frozenset[str]:
        return (self.around.unusable | self.around.altered) & SHAPES.keys()

    @property
    def objects(self) -> int:
        return len(self.around.broken) + len(self.around.remarks)

    @property
    def is_empty(self) -> bool:
        return not (self.objects or self.restored or self.differing)


class LogRebuild:
    """Rebuilds the log that `transactions` write to; on SQLite, without foreign keys."""

    def __init__(self, transactions: Transactions, watching: Watching) -> None:
        self._location = transactions.location
        self._watching = watching
        self._transactions = transactions

    def run(self, against: Head | None, author: str) -> Rebuilt:
        self._transactions.ask(require_owner)
        with open_source(self._location) as source, Scratch() as scratch:
            proof = Proof(scratch, against, self._watching.step)
            plan = self._plan(source, proof)
            if plan is None:
                return Rebuilt([], in_order(proof.broken), 0, 0, 0, proof.head)
        if plan.is_empty:
            return Rebuilt([], [], 0, 0, 0, proof.head)
        repaired = self._transactions.run(lambda transaction: _repair(transaction, plan, author))
        verdict = LogCheck(self._location, self._watching).run(against)
        entries, objects = len(plan.restored), plan.objects
        named = in_order(_named(plan))
        return Rebuilt(named, verdict.broken, repaired, entries, objects, verdict.head)

    def _plan(self, source: Source, proof: Proof) -> _Plan | None:
        """Return what there is to repair; None where the journal cannot be proven."""
        around = compare_surroundings(source)
        restored: dict[int, Entry] = {}
        try:
            proof.run(stored_entries(source))
        except Enough:
            return None
        if proof.broken:
            restored = _restored(source, proof.broken_entries)
            proof.start_again()
            try:
                proof.run(_with(restored, stored_entries(source)))
            except Enough:
                return None
        if proof.broken:
            return None
        differing: list[Difference] = []
        try:
            differing = self._differing(source, proof, around)
        except Enough:
            return None
        return None if proof.broken else _Plan(around, restored, differing)

    def _differing(self, source: Source, proof: Proof, around: Surroundings) -> list[Difference]:
        """Return which rows differ; what does not hold of the journal's own is in `proof`."""
        differing: list[Difference] = []
        for name, shape in SHAPES.items():
            written = proof.rows_in_order(shape)
            if name not in around.unusable | around.altered:
                differing.extend(differences(shape, written, stored_rows(source, shape), ()))
        proof.prove_references()
        proof.prove_keys()
        return differing


def _named(plan: _Plan) -> list[Broken]:
    """What is repaired, as ``check`` names it."""
    entries = [
        Broken("journal", None, None, "its text is made again from its rows", f"{n}", n)
        for n in plan.restored
    ]
    rows = [broken_row(one.shape, one.row, one.reason) for one in plan.differing]
    return [*plan.around.broken, *entries, *rows]


def _with(restored: dict[int, Entry], entries: Iterable[Entry]) -> Iterator[Entry]:
    return (restored.get(entry.n, entry) for entry in entries)


def _restored(source: Source, numbers: set[int]) -> dict[int, Entry]:
    """Return those of the entries that can be made again from the rows that say they are theirs."""
    restored = {}
    for entry in stored_entries(source):
        if entry.n in numbers:
            facts, looks = texts_of(source, entry.n)
            if entry.unreadable is None and text_digest(entry.looks) == entry.looks_digest:
                looks = entry.looks
            digest = entry_digest(entry.n, entry.at, entry.previous, facts, entry.looks_digest)
            if digest == entry.digest:
                restored[entry.n] = entry._replace(facts=facts, looks=looks, unreadable=None)
    return restored


def texts_of(source: Source, n: int) -> tuple[bytes, bytes]:
    """Return the facts and the looks that the rows of an entry make."""
    rows = {name: source.rows(_select(source, shape), (n,)) for name, shape in SHAPES.items()}
    began = SHAPES["revision"].columns.index("first_seen_at")
    begun = {(row[0], row[began]) for row in rows["revision"]}
    snapshots = rows.pop(LOOK.name)
    facts = [row for row in snapshots if row[:2] in begun]
    looks = [row for row in snapshots if row[:2] not in begun]
    return entry_text(rows | {LOOK.name: facts}), entry_text({LOOK.name: looks})


def _select(source: Source, shape: Shape) -> str:
    names = [
        f'CAST("{name}" AS TEXT)'
        if name == "body" and shape.is_text(name) and source.dialect == "postgresql"
        else f'"{name}"'
        for name in shape.columns
    ]
    return f'SELECT {", ".join(names)} FROM "{shape.name}" WHERE "entry" = ?'


# One transaction


def _repair(transaction: Transaction, plan: _Plan, author: str) -> int:
    """Repair everything, and add a fact of it. Returns how many rows were repaired."""
    connection = transaction.connection
    with kept_rights(connection):
        make_tables(connection, plan.made_anew)
        with without_guards(connection):
            _restore_entries(connection, plan.restored.values())
            rows = _repair_rows(connection, plan)
        make_indexes_and_keys(connection)
        # A view asks for it; its rows are no record, so they are left as they are.
        WATCH_STATE.create(connection, checkfirst=True)
        make_definitions(connection)
    highest = connection.execute(select(func.max(REBUILD.c.id))).scalar() or 0
    transaction.add(
        REBUILD,
        {
            "id": highest + 1,
            "at": transaction.at,
            "author": author,
            "rows": rows,
            "entries": len(plan.restored),
            "objects": plan.objects,
        },
    )
    return rows


def _restore_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    for entry in entries:
        connection.execute(
            JOURNAL.update().where(JOURNAL.c.n == entry.n).values(facts=deflate(entry.facts))
        )
        connection.execute(JOURNAL_LOOKS.delete().where(JOURNAL_LOOKS.c.n == entry.n))
        if entry.looks:
            row = {"n": entry.n, "looks": deflate(entry.looks)}
            connection.execute(JOURNAL_LOOKS.insert(), row)


def _repair_rows(connection: Connection, plan: _Plan) -> int:
    """What others refer to comes first, and goes last."""
    source = source_on(connection)
    wanted: dict[str, dict[int, set[Values]]] = defaultdict(lambda: defaultdict(set))
    for one in plan.differing:
        if one.written is not None:
            wanted[one.shape.name][one.written[-1]].add(_key(one.shape, one.written))
    count = len(plan.differing)
    there = {(one.shape.name, _key(one.shape, one.stored)) for one in plan.differing if one.stored}
    for name, shape in SHAPES.items():
        if name in plan.made_anew:
            entries = _with(plan.restored, stored_entries(source))
            count += _fill(connection, shape, _rows_of(shape, entries, None))
        elif name in wanted:
            entries = _with(plan.restored, _some_entries(source, wanted[name]))
            for row in _rows_of(shape, entries, wanted[name]):
                if (name, _key(shape, row)) in there:
                    _update(connection, shape, row)
                else:
                    insert_rows(connection, shape, [row])
    for one in reversed(plan.differing):
        if one.written is None and one.stored is not None:
            _delete(connection, one.shape, one.stored)
    return count


def _some_entries(source: Source, numbers: Iterable[int]) -> Iterator[Entry]:
    for n in sorted(numbers):
        yield next(stored_entries(source, n - 1))


def _rows_of(
    shape: Shape, entries: Iterable[Entry], wanted: dict[int, set[Values]] | None
) -> Iterator[Values]:
    """Yield the rows of a table, with their entry, that these entries have: all, or those of the
    `wanted` keys."""
    for entry in entries:
        for text in (entry.facts, entry.looks):
            for found, rows in shaped_rows(text):
                if found is shape:
                    for row in rows:
                        if wanted is None or _key(shape, row) in wanted[entry.n]:
                            yield (*row, entry.n)


def _fill(connection: Connection, shape: Shape, rows: Iterator[Values]) -> int:
    count, some = 0, list[Values]()
    for row in rows:
        some.append(row)
        if len(some) == _FEW:
            insert_rows(connection, shape, some)
            count, some = count + len(some), []
    insert_rows(connection, shape, some)
    return count + len(some)


def _key(shape: Shape, row: Values) -> Values:
    return tuple([row[place] for place in shape.places_of_key])


def _update(connection: Connection, shape: Shape, row: Values) -> None:
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    changed = ", ".join(f'"{name}" = {mark}' for name in (*shape.columns, "entry"))
    connection.exec_driver_sql(
        f'UPDATE "{shape.name}" SET {changed} WHERE {_where(shape, mark)}',
        (*row, *_key(shape, row)),
    )


def _delete(connection: Connection, shape: Shape, row: Values) -> None:
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    connection.exec_driver_sql(
        f'DELETE FROM "{shape.name}" WHERE {_where(shape, mark)}', _key(shape, row)
    )


def _where(shape: Shape, mark: str) -> str:
    return " AND ".join(f'"{name}" = {mark}' for name in shape.key)
