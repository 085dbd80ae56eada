"""A local copy of a shared log in a SQLite file: entry by entry, proved as it comes.

It goes on where the file ends, so it can be interrupted at any time and run from cron.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from changelog.model.errors import BrokenExport, DatabaseError
from changelog.model.journal_head import Head
from changelog.model.ports import Progress
from changelog.model.results.upkeep import MirrorResult
from changelog.model.text.sanitize import command_line, word
from changelog.store.engine import is_mirror
from changelog.store.journal.entry import Entry
from changelog.store.journal.import_ import append_entries, batches
from changelog.store.journal.prune import leave_looks, looks_of
from changelog.store.journal.replay import BrokenLooks, shaped_rows, walk_stored
from changelog.store.journal.source import Source, newest_head, open_source, source_on
from changelog.store.location import MIRROR, Location
from changelog.store.schema.tables import JOURNAL_LOOKS, PRUNED, SNAPSHOT
from changelog.store.schema.triggers import without_guards
from changelog.store.transaction import Transaction, Transactions, in_slices


def mirror_log(shared: Location, transactions: Transactions, progress: Progress) -> MirrorResult:
    """Copy what the log at `shared` has more than the file that `transactions` write to.

    Raises BrokenExport for an entry that does not hold: those before it are stored. Raises
    DatabaseError for a file that is no copy of that log.
    """
    as_of = transactions.clock()
    with open_source(transactions.location) as file:
        before = newest_head(file)
    head, count = before, 0
    with open_source(shared) as source:
        newest = newest_head(source)
        _require_same_log(source, head, shared, str(transactions.location))
        if not is_mirror(transactions.location):
            # After an entry of another command it would be no copy.
            mark = f"PRAGMA user_version = {MIRROR}"
            transactions.run(lambda writing: writing.connection.exec_driver_sql(mark))
        progress.begins(newest.n - head.n)
        for batch in batches(_proven(source, head)):
            pruned = [n for n in _pruned_in(batch) if n <= head.n]
            follow = partial(_follow_pruning, source=source, numbers=pruned)
            head, _ = append_entries(transactions, head, batch, follow)
            count += len(batch)
            progress.step(len(batch))
    return MirrorResult(
        file=str(transactions.location),
        from_=str(before) if before.n else None,
        to=str(head) if head.n else None,
        entries=count,
        as_of=as_of,
    )


def _require_same_log(source: Source, head: Head, shared: Location, file: str) -> None:
    if not head.n:
        return
    rows = source.rows("SELECT digest FROM journal WHERE n = ?", (head.n,))
    if not rows or bytes(rows[0][0]) != head.digest:
        old = f"{file}.old"
        anew = f"mv {word(file)} {word(old)} && {command_line('mirror', [file])}"
        raise DatabaseError(
            f"{file} is no copy of {shared}: its entry {head.n} is another one there, or is not"
            " there",
            f"It was left as it is. Move it away and make the copy anew: {anew}",
            "not_a_mirror",
        )


def _follow_pruning(transaction: Transaction, source: Source, numbers: Sequence[int]) -> None:
    """Leave of these entries' looks only what `source` has left of them.

    To be called before the facts that account for it are stored. Raises BrokenExport.
    """
    connection = transaction.connection
    try:
        for few in in_slices(numbers):
            left = dict(looks_of(source, few))
            with without_guards(connection, (SNAPSHOT.name, JOURNAL_LOOKS.name)):
                for n, rows in looks_of(source_on(connection), few):
                    leave_looks(connection, n, rows, left.get(n, []))
    except BrokenLooks as error:
        raise BrokenExport(f"entry {error.n}: {error}") from error


def _proven(source: Source, head: Head) -> Iterator[Entry]:
    """Yield the entries behind `head`, each proven. Raises BrokenExport."""
    for entry, mistake in walk_stored(source, head):
        if mistake is not None:
            raise BrokenExport(
                f"entry {entry.n} of the shared log is broken: {mistake}",
                f"The mirror holds the {entry.n - 1} entries before it."
                f" Run: {command_line('check')}",
            )
        yield entry


def _pruned_in(entries: Sequence[Entry]) -> list[int]:
    """Return the entries of which these say that looks are gone."""
    numbers = {
        row[0]
        for entry in entries
        for shape, rows in shaped_rows(entry.facts)
        if shape.name == PRUNED.name
        for row in rows
    }
    return sorted(numbers)
