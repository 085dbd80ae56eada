"""An export into this log: all of it is proven first, then what the log lacks is stored.

It goes on where the log ends, if the export has gone through that state, with numbers, times and
digests as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice

from changelog.model import exits
from changelog.model.errors import BrokenExport, DatabaseError
from changelog.model.journal_head import Head
from changelog.model.ports import Progress
from changelog.model.results.capture import Divergence, ExportRead, LogImported
from changelog.store.journal.entry import Entry, text_digest
from changelog.store.journal.export import ExportReader
from changelog.store.journal.proof import Enough, Proof
from changelog.store.journal.replay import rows_of, stored_entries, walk
from changelog.store.journal.row_rules import REVISION
from changelog.store.journal.scratch import Scratch
from changelog.store.journal.source import Source, newest_head, open_source
from changelog.store.schema.rows import SHAPES, Values
from changelog.store.transaction import (
    Transaction,
    Transactions,
    insert_entries,
    insert_rows,
)
from changelog.store.transaction import newest_head as head_on

_BATCH_ROWS = 20_000
_BATCH_BYTES = 16 * 1024 * 1024
"""A transaction is closed once it has as much; an entry is never divided."""
Read = Callable[[], ExportReader]
"""Begins to read the export, each time from its start."""


def import_log(
    transactions: Transactions, progress: Progress, read: Read, *, proven_part: bool = False
) -> LogImported:
    """Prove the export and store what the log lacks. Raises BrokenExport, DatabaseError.

    `proven_part`: of one that is damaged, the whole entries before the damage.
    """
    with open_source(transactions.location) as source:
        head = newest_head(source)
        export, parted = _prove(read, source, head, progress, proven_part=proven_part)
    if parted is not None:
        return LogImported(
            export=export,
            head=_spelled(head),
            present=parted.entry - 1,
            parted=parted,
            conditions=(exits.DIFFERENT,),
        )
    present, entries, rows = min(head.n, export.entries), 0, 0
    if export.entries > head.n:
        progress.begins(export.entries - head.n)
        for batch in batches(_behind(read(), head.n, export.entries)):
            head, count = append_entries(transactions, head, batch)
            entries, rows = entries + len(batch), rows + count
            progress.step(len(batch))
    return LogImported(
        export=export,
        head=_spelled(head),
        stored=entries,
        present=present,
        rows=rows,
        conditions=(exits.BROKEN_LOG,) if export.damage else (),
    )


def append_entries(
    transactions: Transactions,
    after: Head,
    entries: Sequence[Entry],
    before: Callable[[Transaction], None] = lambda _: None,
) -> tuple[Head, int]:
    """Store `entries`, which follow `after`, in one transaction that begins with `before`.

    Return the head then, and how many rows were stored. Raises DatabaseError where somebody else
    wrote meanwhile.
    """
    ahead = entries[-1].head

    def write(transaction: Transaction) -> int:
        head = head_on(transaction.connection)
        # A commit whose answer was lost was done after all.
        if head == ahead:
            return 0
        if head != after:
            raise DatabaseError(
                f"somebody wrote to the database {transactions.location} meanwhile",
                "An import goes on where the journal ends, so nobody may record until it is"
                " done. What was imported before is stored.",
                "written_meanwhile",
            )
        before(transaction)
        return _insert(transaction, entries)

    return ahead, transactions.run(write)


def _prove(
    read: Read, source: Source, head: Head, progress: Progress, *, proven_part: bool
) -> tuple[ExportRead, Divergence | None]:
    """Prove the export, and that it contains every entry of the log. Return how far it is proven,
    and the first entry of the log that is not in it. Raises BrokenExport."""
    limit, damage = None, None
    while True:
        reader = read()
        export = ExportRead(reader.header.head, reader.header.entries)
        if damage is not None:
            export = ExportRead(None, limit or 0, damage)
        progress.begins(export.entries)
        with closing(Scratch()) as scratch:
            proof = Proof(scratch, on_entry=progress.step, is_export=True)
            try:
                entries = islice(reader.entries(), limit)
                prove_export(proof, reader, _require_same_entries(source, entries))
                return export, _pruned_later(proof, source, head)
            except _Diverged as diverged:
                return export, diverged.divergence
            except BrokenExport as error:
                if not proven_part:
                    raise _with_hint(error, proof.provable) from None
                # The account of what prune removed may have been behind the damage.
                limit, damage = proof.provable, damage or error.message


def prove_export(proof: Proof, reader: ExportReader, entries: Iterable[Entry]) -> None:
    """Prove all of an export, up to the first thing that does not hold. Raises BrokenExport."""
    try:
        proof.run(entries)
        for _ in proof.rows_in_order(REVISION):
            pass
        proof.prove_references()
        proof.prove_keys()
    except Enough:
        broken = proof.broken[0]
        where = "" if broken.table == "journal" else f"{broken.table} {broken.key or broken.did}: "
        raise reader.broken(f"{where}{broken.reason}", broken.entry) from None


def _require_same_entries(source: Source, entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries, as long as the log has the same. Raises _Diverged."""
    ours = source.stream("SELECT digest FROM journal ORDER BY n")
    for entry in entries:
        (digest,) = next(ours, (None,))
        if digest is not None and digest != entry.digest:
            here = next(stored_entries(source, entry.n - 1))
            raise _Diverged(Divergence(entry.n, "journal", _dids(here), _dids(entry)))
        yield entry


def _with_hint(error: BrokenExport, provable: int) -> BrokenExport:
    hint = "Nothing was stored. Export the log again, or take another backup."
    if provable:
        hint += f" --proven-part stores the entries before the damage, at most {provable}."
    return BrokenExport(error.message, hint)


class _Diverged(Exception):
    def __init__(self, divergence: Divergence) -> None:
        super().__init__(divergence)
        self.divergence = divergence


def _pruned_later(proof: Proof, source: Source, head: Head) -> Divergence | None:
    """Return the first entry that the log has whole, and of which the export has only what was
    left."""
    query = (
        f"SELECT p.journal, p.looks_digest FROM pruned p WHERE p.journal <= {head.n}"
        f" AND p.entry > {head.n} AND p.pruning ="
        " (SELECT max(m.pruning) FROM pruned m WHERE m.journal = p.journal) ORDER BY 1"
    )
    for n, left in proof.scratch.each(query):
        here = next(stored_entries(source, n - 1))
        if text_digest(here.looks) != left:
            return Divergence(n, "thinning", _dids(here))
    return None


def _spelled(head: Head) -> str | None:
    return str(head) if head.n else None


def _dids(entry: Entry) -> tuple[str, ...]:
    """Return the DIDs that an entry says something of."""
    dids: set[str] = set()
    for shape, rows in rows_of(entry):
        if "did" in shape.columns:
            place = shape.columns.index("did")
            dids.update(row[place] for row in rows if row[place])
    return tuple(sorted(dids))


def _behind(reader: ExportReader, after: int, last: int) -> Iterator[Entry]:
    """Yield the entries behind the one of that number, up to the `last` one."""
    for entry, mistake in walk(reader.entries()):
        if mistake is not None:
            raise reader.broken(f"it was changed while it was read: {mistake}")
        if entry.n > after:
            yield entry
        if entry.n == last:
            return


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in lists that one transaction takes."""
    batch: list[Entry] = []
    rows = size = 0
    for entry in entries:
        batch.append(entry)
        rows += entry.facts.count(b"\n") + entry.looks.count(b"\n")
        size += len(entry.facts) + len(entry.looks)
        if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, rows, size = [], 0, 0
    if batch:
        yield batch


def _insert(transaction: Transaction, entries: Sequence[Entry]) -> int:
    """Insert the entries and all of their rows. Returns how many rows there are."""
    insert_entries(transaction.connection, entries)
    tables: dict[str, list[Values]] = {name: [] for name in SHAPES}
    for entry in entries:
        for shape, rows in rows_of(entry):
            tables[shape.name].extend([(*row, entry.n) for row in rows])
    for name, shape in SHAPES.items():
        insert_rows(transaction.connection, shape, tables[name])
    return sum(map(len, tables.values()))
