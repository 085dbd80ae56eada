"""Removes looks that no answer depends on, some entries at a time, each proven before.

What removes them is a transaction like any other: it adds an entry to the journal, which says who
removed how many, and what is left of the looks of each entry that lost some.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, text, tuple_

from changelog.model import exits
from changelog.model.ports import Progress
from changelog.model.results.upkeep import Broken, PruneResult, Removable
from changelog.model.text.times import to_micros
from changelog.store.journal.entry import deflate, text_digest
from changelog.store.journal.proof import broken_entry, broken_row
from changelog.store.journal.replay import BrokenLooks, stored_looks
from changelog.store.journal.retention import KEPT, STAYS
from changelog.store.journal.source import Source, source_on
from changelog.store.location import PostgresLocation, SqliteLocation
from changelog.store.schema.rows import LOOK, Values, entry_text
from changelog.store.schema.tables import JOURNAL_LOOKS, PRUNED, PRUNING, SNAPSHOT
from changelog.store.schema.triggers import require_owner, without_guards
from changelog.store.transaction import Transaction, Transactions, highest, in_slices

_AT, _CAPTURE = map(LOOK.columns.index, ("received_at", "capture"))
_PAGE = 100
"""Entries that are read together."""
_BATCH = 5_000
"""Looks that a transaction looks at: recorders wait for it, so it takes well under a second."""
_LOOK_BYTES = {SqliteLocation: 40, PostgresLocation: 120}
"""About what a look takes: its row with indexes, and its line in the journal; measured."""
Key = tuple[str, int]
EntryLooks = tuple[int, list[Values]]
"""An entry's number, and all looks that it has now."""

_COLUMNS = ", ".join(f"s.{name}" for name in (*LOOK.columns, "entry"))
_STORED = text(
    f"SELECT {_COLUMNS}, NOT ({STAYS}) AS goes FROM snapshot s"
    " WHERE (s.did, s.received_at) IN :keys"
).bindparams(bindparam("keys", expanding=True))


class _Mismatch(Exception):
    """A snapshot that is not what its entry says: nothing of the batch is removed."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken.reason)
        self.broken = broken


class Pruning(NamedTuple):
    """`before`: a moment, in microseconds; `older_than`: how long before, in microseconds."""

    before: int
    older_than: int
    author: str


def prune_log(
    transactions: Transactions,
    progress: Progress,
    older_than: timedelta,
    by: str,
    *,
    dry_run: bool,
    agreed: Callable[[Removable], bool],
) -> PruneResult:
    """Count what may go, and remove it once that is `agreed`.

    An entry that its snapshots do not match is named, and then nothing is removed.
    """
    if not dry_run:
        transactions.ask(require_owner)
    before = transactions.clock() - older_than
    pruning = Pruning(to_micros(before), older_than // timedelta(microseconds=1), by)

    def count(numbers: list[int]) -> Removable:
        return transactions.ask(
            lambda connection: _removable(*_going(connection, numbers, pruning.before))
        )

    def remove(numbers: list[int]) -> Removable:
        # It proves the entries again: somebody else may have pruned them meanwhile.
        return transactions.run(lambda transaction: prune_entries(transaction, numbers, pruning))

    removable, broken = _pass(transactions, progress, pruning.before, count)
    removed = None
    if not dry_run and broken is None:
        if not removable.snapshots:
            removed = 0
        elif agreed(removable):
            # What was found broken meanwhile ends it.
            gone, broken = _pass(transactions, progress, pruning.before, remove)
            removed = gone.snapshots
    return PruneResult(
        database=str(transactions.location),
        before=before,
        dry_run=dry_run,
        removable=removable,
        removed=removed,
        by=by,
        broken=() if broken is None else (broken,),
        conditions=() if broken is None else (exits.BROKEN_LOG,),
    )


def _pass(
    transactions: Transactions,
    progress: Progress,
    before: int,
    take: Callable[[list[int]], Removable],
) -> tuple[Removable, Broken | None]:
    """Let `take` count or remove what may go, up to an entry that is broken. Return the sum."""
    snapshots = entries = 0
    broken = None
    try:
        for numbers in _batches(transactions, progress, before):
            some = take(numbers)
            snapshots += some.snapshots
            entries += some.entries
    except BrokenLooks as error:
        broken = broken_entry(error.n, str(error))
    except _Mismatch as mismatch:
        broken = mismatch.broken
    size = snapshots * _LOOK_BYTES[type(transactions.location)]
    return Removable(snapshots, entries, size), broken


def _batches(transactions: Transactions, progress: Progress, before: int) -> Iterator[list[int]]:
    """Yield the entries with looks from before that time, as many as a transaction takes."""
    progress.begins(transactions.ask(_count))
    batch: list[int] = []
    after, size = 0, 0
    while page := transactions.ask(partial(_page, after=after)):
        for n, rows in page:
            after = n
            progress.step(1)
            if any(row[_AT] < before for row in rows):
                batch.append(n)
                size += len(rows)
            if size >= _BATCH:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(JOURNAL_LOOKS)).scalar() or 0


def _page(connection: Connection, after: int) -> list[EntryLooks]:
    return list(stored_looks(source_on(connection), "l.n > ?", (after,), _PAGE))


def _key(row: Values) -> Key:
    return (row[0], row[_AT])


def _removable(entries: Sequence[EntryLooks], going: set[Key]) -> Removable:
    counts = [sum(_key(row) in going for row in rows) for _, rows in entries]
    return Removable(sum(counts), sum(map(bool, counts)))


def _going(
    connection: Connection, numbers: Sequence[int], before: int
) -> tuple[list[EntryLooks], set[Key]]:
    """Return the looks of these entries, and which of them may go now.

    Raises BrokenLooks, and _Mismatch where the table has others.
    """
    entries = looks_of(source_on(connection), numbers)
    old = {_key(row): (*row, n) for n, rows in entries for row in rows if row[_AT] < before}
    stored: dict[Key, Values] = {}
    going: set[Key] = set()
    for few in in_slices(list(old)):
        for *row, goes in connection.execute(_STORED, {"keys": few}):
            stored[_key(tuple(row))] = tuple(row)
            if goes:
                going.add(_key(tuple(row)))
    _require_same(old, stored)
    captures = sorted({old[key][_CAPTURE] for key in going})
    kept: set[int] = set()
    for some in in_slices(captures):
        kept.update(connection.execute(KEPT, {"captures": some}).scalars())
    return entries, {key for key in going if old[key][_CAPTURE] not in kept}


def _require_same(written: Mapping[Key, Values], stored: Mapping[Key, Values]) -> None:
    for key, row in written.items():
        if stored.get(key) != row:
            what = "is gone" if key not in stored else "is not what its entry says"
            raise _Mismatch(broken_row(LOOK, row, f"it {what}"))


# One transaction


def prune_entries(transaction: Transaction, numbers: Sequence[int], pruning: Pruning) -> Removable:
    """Remove what may still go, now that nobody else writes."""
    entries, going = _going(transaction.connection, numbers, pruning.before)
    return remove_looks(transaction, entries, going, pruning)


def remove_looks(
    transaction: Transaction, entries: Sequence[EntryLooks], going: set[Key], pruning: Pruning
) -> Removable:
    """Remove the looks of these keys, and say what is left. Returns how many they were."""
    connection = transaction.connection
    last = highest(connection, PRUNING.c.id)
    removed = _removable(entries, going)
    with without_guards(connection, (SNAPSHOT.name, JOURNAL_LOOKS.name)):
        for n, rows in entries:
            left = [row for row in rows if _key(row) not in going]
            if len(left) < len(rows):
                looks = leave_looks(connection, n, rows, left)
                transaction.add(
                    PRUNED,
                    {
                        "journal": n,
                        "pruning": last + 1,
                        "removed": len(rows) - len(left),
                        "looks_digest": text_digest(looks),
                    },
                )
    if removed.snapshots:
        transaction.add(
            PRUNING,
            {
                "id": last + 1,
                "at": transaction.at,
                "older_than": pruning.older_than,
                "author": pruning.author,
                "removed": removed.snapshots,
            },
        )
    return removed


def leave_looks(
    connection: Connection, n: int, rows: Sequence[Values], left: Sequence[Values]
) -> bytes:
    """Of an entry's looks leave these, and return their text. The guards have to be off."""
    looks = entry_text({LOOK.name: list(left)})
    where = JOURNAL_LOOKS.c.n == n
    connection.execute(
        JOURNAL_LOOKS.update().where(where).values(looks=deflate(looks))
        if looks
        else JOURNAL_LOOKS.delete().where(where)
    )
    stay = set(map(_key, left))
    for few in in_slices([key for row in rows if (key := _key(row)) not in stay]):
        connection.execute(
            delete(SNAPSHOT).where(tuple_(SNAPSHOT.c.did, SNAPSHOT.c.received_at).in_(few))
        )
    return looks


def looks_of(source: Source, numbers: Sequence[int]) -> list[EntryLooks]:
    """Return the looks of these entries, fewer than SQLite takes parameters. Raises BrokenLooks."""
    where = f"l.n IN ({', '.join('?' * len(numbers))})"
    return list(stored_looks(source, where, tuple(numbers), len(numbers)))
