"""``db rebuild``: makes the tables again what the journal says, in one transaction.

The chain is proven first: where it is broken nothing is changed. Only rows that differ are touched,
so grants stay. An entry that was damaged is restored from its rows, if these still give its digest.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from changelog.model import exits
from changelog.model.journal_head import Head
from changelog.model.ports import Progress
from changelog.model.results.upkeep import Broken, RebuildResult
from changelog.store.journal.check import Difference, check_log, in_order, table_differences
from changelog.store.journal.entry import Entry, deflate, entry_digest, text_digest
from changelog.store.journal.proof import MOST_BROKEN, Enough, Proof, broken_row
from changelog.store.journal.replay import rows_of, stored_entries
from changelog.store.journal.schema_diff import SchemaDiff, compare_schema
from changelog.store.journal.scratch import Scratch
from changelog.store.journal.source import Source, open_source, source_on
from changelog.store.schema.rows import LOOK, SHAPES, Shape, Values, entry_text
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS, REBUILD, WATCH_STATE
from changelog.store.schema.triggers import (
    kept_rights,
    make_definitions,
    make_indexes_and_keys,
    make_tables,
    require_owner,
    without_guards,
)
from changelog.store.transaction import Transaction, Transactions, highest, insert_rows


class _Plan(NamedTuple):
    """`restored`: entries made again from their rows. `differing`: rows that are not the
    journal's."""

    diff: SchemaDiff
    restored: dict[int, Entry]
    differing: list[Difference]

    @property
    def made_anew(self) -> set[str]:
        return (self.diff.unusable | self.diff.altered) & SHAPES.keys()

    @property
    def objects(self) -> int:
        return len(self.diff.broken) + len(self.diff.remarks)


def rebuild_log(
    transactions: Transactions, progress: Progress, against: Head | None, author: str
) -> RebuildResult:
    """Repair the tables, where the journal can be proven; on SQLite, without foreign keys.

    `against`: a head that it has to contain.
    """
    transactions.ask(require_owner)
    with open_source(transactions.location) as source:
        proof, plan = _prove(source, progress, against, {})
        if proof.broken and (restored := _restored(source, proof.broken_entries)):
            proof, plan = _prove(source, progress, against, restored)
    result = RebuildResult(
        database=str(transactions.location),
        head=proof.head and str(proof.head),
        against=against and str(against),
    )
    if proof.broken:
        return _with_broken(result, in_order(proof.broken))
    if not (plan.objects or plan.restored or plan.differing):
        return result
    rows = transactions.run(lambda transaction: _repair(transaction, plan, author))
    checked = check_log(transactions.location, progress, against)
    repaired = in_order(_named(plan))
    result = replace(
        result,
        differing=tuple(repaired[:MOST_BROKEN]),
        more=len(repaired) > MOST_BROKEN,
        rows=rows,
        entries=len(plan.restored),
        objects=plan.objects,
        head=checked.head,
    )
    return _with_broken(result, checked.broken)


def _prove(
    source: Source, progress: Progress, against: Head | None, restored: dict[int, Entry]
) -> tuple[Proof, _Plan]:
    """Prove the journal, with the entries that were `restored`. Return what there is to repair,
    which holds only if nothing is broken."""
    plan = _Plan(compare_schema(source), restored, [])
    with closing(Scratch()) as scratch:
        proof = Proof(scratch, against, progress.step)
        with suppress(Enough):
            proof.run(_with(restored, stored_entries(source)))
            if not proof.broken:
                plan.differing.extend(table_differences(source, proof, plan.made_anew))
                proof.prove_references()
                proof.prove_keys()
    return proof, plan


def _with_broken(result: RebuildResult, broken: Sequence[Broken]) -> RebuildResult:
    conditions = (exits.BROKEN_LOG,) if broken else ()
    return replace(result, broken=tuple(broken[:MOST_BROKEN]), conditions=conditions)


def _named(plan: _Plan) -> list[Broken]:
    """Return what is repaired, as ``check`` names it."""
    entries = [
        Broken("journal", None, None, "its text is made again from its rows", f"{n}", n)
        for n in plan.restored
    ]
    rows = [broken_row(row.shape, row.row, row.reason) for row in plan.differing]
    return [*plan.diff.broken, *entries, *rows]


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
    rows = {name: source.rows(_select(shape), (n,)) for name, shape in SHAPES.items()}
    began = SHAPES["revision"].columns.index("first_seen_at")
    begun = {(row[0], row[began]) for row in rows["revision"]}
    snapshots = rows.pop(LOOK.name)
    facts = [row for row in snapshots if row[:2] in begun]
    looks = [row for row in snapshots if row[:2] not in begun]
    return entry_text(rows | {LOOK.name: facts}), entry_text({LOOK.name: looks})


def _select(shape: Shape) -> str:
    # A body of PostgreSQL's kind json comes as the text that it is.
    columns = (
        f'CAST("{name}" AS TEXT)' if shape.is_text(name) else f'"{name}"' for name in shape.columns
    )
    return f'SELECT {", ".join(columns)} FROM "{shape.name}" WHERE "entry" = ?'


# One transaction


def _repair(transaction: Transaction, plan: _Plan, author: str) -> int:
    """Repair everything, and add a fact of it. Returns how many rows were repaired."""
    connection = transaction.connection
    with kept_rights(connection):
        make_tables(connection, plan.made_anew)
        # A view asks for it; its rows are no record, so they are left as they are.
        WATCH_STATE.create(connection, checkfirst=True)
        make_definitions(connection)
        with without_guards(connection):
            _restore_entries(connection, plan.restored.values())
            rows = _repair_rows(connection, plan)
        make_indexes_and_keys(connection)
    last = highest(connection, REBUILD.c.id)
    transaction.add(
        REBUILD,
        {
            "id": last + 1,
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
    """Repair the rows, in the order in which they were written: what others refer to comes first,
    and goes last."""
    count = len(plan.differing)
    wanted = {
        (difference.shape.name, _key(difference.shape, difference.row))
        for difference in plan.differing
        if difference.written is not None
    }
    needed = stored_entries(source_on(connection)) if wanted or plan.made_anew else ()
    for entry in _with(plan.restored, needed):
        for shape, rows in rows_of(entry):
            if shape.name in plan.made_anew:
                insert_rows(connection, shape, [(*row, entry.n) for row in rows])
                count += len(rows)
            else:
                for row in rows:
                    if (shape.name, _key(shape, row)) in wanted:
                        insert_rows(connection, shape, [(*row, entry.n)], update=True)
    for difference in reversed(plan.differing):
        if difference.written is None:
            table, key = difference.shape.table, _key(difference.shape, difference.row)
            same = zip(table.primary_key, key, strict=True)
            connection.execute(table.delete().where(*[column == value for column, value in same]))
    return count


def _key(shape: Shape, row: Values) -> Values:
    return tuple([row[place] for place in shape.places_of_key])
