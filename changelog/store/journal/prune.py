"""Removes looks that no answer depends on, some entries at a time, each proven before.

What removes them is a transaction like any other: it adds an entry to the journal, which says who
removed how many, and what is left of the looks of each entry that lost some.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, select, text, tuple_

from changelog.model import exits
from changelog.model.errors import BrokenExport
from changelog.model.ports import Progress
from changelog.model.results.upkeep import Broken, PruneResult, Removable
from changelog.model.text.times import to_micros
from changelog.store.journal.entry import deflate, text_digest
from changelog.store.journal.proof import MOST_BROKEN, broken_entry, broken_row
from changelog.store.journal.replay import stored_looks
from changelog.store.journal.retention import STAYS, kept_captures
from changelog.store.journal.source import Source, source_on
from changelog.store.location import PostgresLocation, SqliteLocation
from changelog.store.schema.definitions import require_owner, without_guards
from changelog.store.schema.rows import LOOK, Values
from changelog.store.schema.tables import JOURNAL_LOOKS, PRUNED, PRUNING, SNAPSHOT
from changelog.store.transaction import Transaction, Transactions, entry_text

_AT, _CAPTURE = map(LOOK.columns.index, ("received_at", "capture"))
_PAGE = 100
"""Entries that are read together."""
_BATCH = 5_000
"""Looks that a transaction looks at: recorders wait for it, so it takes well under a second."""
_FEW = 400
"""Keys a query: below the number of parameters that SQLite takes."""
_LOOK_BYTES = {SqliteLocation: 40, PostgresLocation: 120}
"""About what a look takes: its row with indexes, and its line in the journal; measured."""
Key = tuple[str, int]
_COLUMNS = ", ".join(f"s.{name}" for name in (*LOOK.columns, "entry"))
_STORED = text(
    f"SELECT {_COLUMNS}, NOT ({STAYS}) AS goes FROM snapshot s"
    " WHERE (s.did, s.received_at) IN :keys"
).bindparams(bindparam("keys", expanding=True))


class _Mismatch(Exception):
    """An entry that the tables do not match, or that is none: nothing of it is removed."""

    def __init__(self, broken: Broken) -> None:
        super().__init__(broken.reason)
        self.broken = broken


class EntryLooks(NamedTuple):
    """All looks that an entry has now."""

    n: int
    rows: list[Values]


class Pruner:
    """Prunes the log that `transactions` write to."""

    def __init__(self, transactions: Transactions, progress: Progress) -> None:
        self._location = transactions.location
        self._progress = progress
        self._transactions = transactions

    def run(
        self,
        older_than: timedelta,
        now: datetime,
        by: str,
        *,
        dry_run: bool,
        agreed: Callable[[Removable], bool],
    ) -> PruneResult:
        """Count what may go, ask whether that is `agreed`, and remove it.

        An entry that its snapshots do not match is named, and then nothing at all is removed.
        """
        if not dry_run:
            self._transactions.ask(require_owner)
        before = now - older_than
        removable, broken = self.survey(to_micros(before))
        removed: int | None = None
        if not dry_run and not broken:
            if not removable.snapshots:
                removed = 0
            elif agreed(removable):
                age = older_than // timedelta(microseconds=1)
                removed, broken = self.remove(to_micros(before), age, by)
        return PruneResult(
            database=str(self._location),
            before=before,
            dry_run=dry_run,
            removable=removable,
            removed=removed,
            by=by,
            broken=tuple(broken[:MOST_BROKEN]),
            free=self._free_bytes() if removed else None,
            conditions=(exits.BROKEN_LOG,) if broken else (),
        )

    def survey(self, before: int) -> tuple[Removable, list[Broken]]:
        """Return what may go of that which was received before `before`, and what does not hold
        of it."""
        snapshots = entries = 0
        broken: list[Broken] = []
        for batch in self._batches(before, broken):
            try:
                going = self._transactions.ask(lambda connection: _going(connection, batch, before))  # noqa: B023 -- asked at once
            except _Mismatch as mismatch:
                broken.append(mismatch.broken)
                continue
            for entry in batch:
                count = sum(_key(row) in going for row in entry.rows)
                snapshots += count
                entries += bool(count)
        size = snapshots * _LOOK_BYTES[type(self._location)]
        return Removable(snapshots, entries, size), broken

    def remove(self, before: int, older_than: int, author: str) -> tuple[int, list[Broken]]:
        """Remove it. Returns how many snapshots went, and what was found broken meanwhile.

        `older_than`: the limit, in microseconds. It ends at what is broken: that came after the
        survey, and what is removed by then is removed.
        """
        removed = 0
        broken: list[Broken] = []
        for batch in self._batches(before, broken):
            if broken:
                break
            pruning = Pruning(before, older_than, author)
            numbers = [entry.n for entry in batch]
            try:
                removed += self._transactions.run(
                    lambda transaction: prune_entries(transaction, numbers, pruning)  # noqa: B023 -- run at once
                )
            except _Mismatch as mismatch:
                broken.append(mismatch.broken)
                break
        return removed, broken

    def _batches(self, before: int, broken: list[Broken]) -> Iterator[list[EntryLooks]]:
        """Yield the entries that have looks from before that moment, as many as a transaction
        takes; those that are broken go into `broken`."""
        self._progress.begins(self._transactions.ask(_count))
        batch: list[EntryLooks] = []
        after = 0
        while page := self._transactions.ask(lambda connection: _page(connection, after)):  # noqa: B023 -- asked at once
            for n, rows in page:
                after = n
                self._progress.step(1)
                if isinstance(rows, str):
                    broken.append(broken_entry(n, rows))
                    continue
                if any(row[_AT] < before for row in rows):
                    batch.append(EntryLooks(n, rows))
                if sum(len(entry.rows) for entry in batch) >= _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def _free_bytes(self) -> int | None:
        """Return what new rows will take of a SQLite file before it grows; None on a server."""
        if not isinstance(self._location, SqliteLocation):
            return None
        return self._transactions.ask(
            lambda connection: (
                int(connection.execute(text("PRAGMA freelist_count")).scalar_one())
                * int(connection.execute(text("PRAGMA page_size")).scalar_one())
            )
        )


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(JOURNAL_LOOKS)).scalar() or 0


def _page(connection: Connection, after: int) -> list[tuple[int, list[Values] | str]]:
    return list(stored_looks(source_on(connection), "l.n > ?", (after,), _PAGE))


def _key(row: Values) -> Key:
    return (row[0], row[_AT])


def _going(connection: Connection, entries: Sequence[EntryLooks], before: int) -> set[Key]:
    """Return which of the looks may go now. Raises _Mismatch where the table has others."""
    old = {
        _key(row): (*row, entry.n) for entry in entries for row in entry.rows if row[_AT] < before
    }
    stored: dict[Key, Values] = {}
    going: set[Key] = set()
    for few in _few(list(old)):
        for *row, goes in connection.execute(_STORED, {"keys": few}):
            stored[_key(tuple(row))] = tuple(row)
            if goes:
                going.add(_key(tuple(row)))
    _require_same(old, stored)
    captures = {old[key][_CAPTURE] for key in going}
    kept = kept_captures(connection, captures)
    return {key for key in going if old[key][_CAPTURE] not in kept}


def _require_same(written: Mapping[Key, Values], stored: Mapping[Key, Values]) -> None:
    for key, row in written.items():
        if stored.get(key) != row:
            what = "is gone" if key not in stored else "is not what its entry says"
            raise _Mismatch(broken_row(LOOK, row, f"it {what}"))


def _few(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), _FEW):
        yield keys[start : start + _FEW]


# One transaction


class Pruning(NamedTuple):
    """`before`: a moment, in microseconds; `older_than`: how long before, in microseconds."""

    before: int
    older_than: int
    author: str


def prune_entries(transaction: Transaction, numbers: Sequence[int], pruning: Pruning) -> int:
    """Prove the entries again, now that nobody else writes, and remove what may still go."""
    connection = transaction.connection
    where = f"l.n IN ({', '.join('?' * len(numbers))})"
    entries = []
    for n, rows in stored_looks(source_on(connection), where, tuple(numbers), len(numbers)):
        if isinstance(rows, str):
            raise _Mismatch(broken_entry(n, rows))
        entries.append(EntryLooks(n, rows))
    return remove_looks(transaction, entries, _going(connection, entries, pruning.before), pruning)


def remove_looks(
    transaction: Transaction, entries: Sequence[EntryLooks], going: set[Key], pruning: Pruning
) -> int:
    """Remove the looks of these keys, and say what is left. Returns how many they were."""
    connection = transaction.connection
    highest = connection.execute(select(func.max(PRUNING.c.id))).scalar() or 0
    gone: list[Key] = []
    with without_guards(connection, (SNAPSHOT.name, JOURNAL_LOOKS.name)):
        for n, rows in entries:
            left = [row for row in rows if _key(row) not in going]
            if len(left) == len(rows):
                continue
            looks = replace_looks(connection, n, left)
            gone.extend(key for row in rows if (key := _key(row)) in going)
            transaction.add(
                PRUNED,
                {
                    "journal": n,
                    "pruning": highest + 1,
                    "removed": len(rows) - len(left),
                    "looks_digest": text_digest(looks),
                },
            )
        delete_looks(connection, gone)
    if gone:
        transaction.add(
            PRUNING,
            {
                "id": highest + 1,
                "at": transaction.at,
                "older_than": pruning.older_than,
                "author": pruning.author,
                "removed": len(gone),
            },
        )
    return len(gone)


def replace_looks(connection: Connection, n: int, left: Sequence[Values]) -> bytes:
    """Leave these looks of an entry, and return their text. The guards have to be off."""
    looks = entry_text({LOOK.name: list(left)})
    where = JOURNAL_LOOKS.c.n == n
    connection.execute(
        JOURNAL_LOOKS.update().where(where).values(looks=deflate(looks))
        if looks
        else JOURNAL_LOOKS.delete().where(where)
    )
    return looks


def delete_looks(connection: Connection, keys: Sequence[Key]) -> None:
    """Delete the snapshots of these keys. The guards have to be off."""
    for few in _few(keys):
        connection.execute(
            delete(SNAPSHOT).where(tuple_(SNAPSHOT.c.did, SNAPSHOT.c.received_at).in_(few))
        )


def follow_pruning(connection: Connection, source: Source, numbers: Sequence[int]) -> None:
    """Leave of these entries' looks only what `source` has left of them.

    To be called before the facts that account for it are stored. Raises BrokenExport.
    """
    for start in range(0, len(numbers), _FEW):
        few = numbers[start : start + _FEW]
        where = f"l.n IN ({', '.join('?' * len(few))})"
        left = dict(_sound_looks(source, where, few))
        with without_guards(connection, (SNAPSHOT.name, JOURNAL_LOOKS.name)):
            for n, rows in list(_sound_looks(source_on(connection), where, few)):
                remaining = left.get(n, [])
                stay = set(map(_key, remaining))
                replace_looks(connection, n, remaining)
                delete_looks(connection, [key for row in rows if (key := _key(row)) not in stay])


def _sound_looks(
    source: Source, where: str, numbers: Sequence[int]
) -> Iterator[tuple[int, list[Values]]]:
    for n, rows in stored_looks(source, where, numbers, len(numbers)):
        if isinstance(rows, str):
            raise BrokenExport(f"entry {n}: {rows}")
        yield n, rows
