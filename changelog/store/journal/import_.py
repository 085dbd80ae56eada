"""An export into this log: all of it is proven first, then what the log lacks is stored.

It goes on where the log ends, if the export has gone through that state, with numbers, times and
digests as they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from changelog.model import exits
from changelog.model.errors import BrokenExport, DatabaseError
from changelog.model.journal import Head
from changelog.model.ports import Progress
from changelog.model.results.capture import Divergence, ExportRead, LogImported
from changelog.store.db_errors import sqlstate
from changelog.store.journal.entry import Entry, text_digest
from changelog.store.journal.export import ExportProof, ExportReader
from changelog.store.journal.proof import Proof
from changelog.store.journal.replay import rows_of, stored_entries, walk
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
_CONTRADICTION = "23"
"""How the codes of PostgreSQL's integrity constraint violations begin."""
Read = Callable[[], ExportReader]
"""Begins to read the export, each time from its start."""


class LogImport:
    """Imports into the log that `transactions` write to."""

    def __init__(self, transactions: Transactions, progress: Progress) -> None:
        self._transactions = transactions
        self._progress = progress

    def run(self, read: Read, *, proven_part: bool = False) -> LogImported:
        """Prove the export and store what the log lacks.

        `proven_part`: of one that is damaged, the whole entries before the damage.
        Raises BrokenExport, DatabaseError.
        """
        with open_source(self._transactions.location) as source:
            head = newest_head(source)
            proven = _Proven(read, source, head, self._progress).prove(proven_part=proven_part)
        export, parted = proven
        if parted is not None:
            return LogImported(
                export=export,
                head=_spelled(head),
                present=parted.entry - 1,
                parted=parted,
                conditions=(exits.DIFFERENT,),
            )
        last, entries, rows = export.entries, 0, 0
        present = min(head.n, last)
        if last > head.n:
            self._progress.begins(last - head.n)
            for batch in batches(_behind(read(), head.n, last)):
                head, count = self.append(head, batch)
                entries, rows = entries + len(batch), rows + count
                self._progress.step(len(batch))
        return LogImported(
            export=export,
            head=_spelled(head),
            stored=entries,
            present=present,
            rows=rows,
            conditions=(exits.BROKEN_LOG,) if export.damage else (),
        )

    def append(
        self,
        after: Head,
        entries: Sequence[Entry],
        before: Callable[[Transaction], None] = lambda _: None,
    ) -> tuple[Head, int]:
        """Store `entries`, which follow `after`, in one transaction that begins with `before`.

        Raises DatabaseError where somebody else wrote meanwhile, BrokenExport where the rows
        contradict what is stored.
        """
        ahead = entries[-1].head
        collided = False

        def write(transaction: Transaction) -> int:
            nonlocal collided
            head = head_on(transaction.connection)
            # A commit whose answer was lost was done after all.
            if head == ahead:
                return 0
            if head != after:
                raise self._written_meanwhile()
            try:
                before(transaction)
                return _insert(transaction, entries)
            except Exception as error:
                # Once, another writer may have been faster; twice at the same head, it is the rows.
                if _is_contradiction(error) and collided:
                    raise _contradiction(entries) from error
                collided = True
                raise

        try:
            return ahead, self._transactions.run(write)
        except DatabaseError as error:
            if _is_contradiction(error.__cause__):
                raise _contradiction(entries) from error
            raise

    def _written_meanwhile(self) -> DatabaseError:
        return DatabaseError(
            f"somebody wrote to the database {self._transactions.location} meanwhile",
            "An import goes on where the journal ends, so nobody may record until it is done. What"
            " was imported before is stored.",
            "written_meanwhile",
        )


class Proven(NamedTuple):
    """`export`: as far as it was proven. `parted`: where the log and the export differ."""

    export: ExportRead
    parted: Divergence | None = None


class _Parted(Exception):
    def __init__(self, divergence: Divergence) -> None:
        super().__init__(divergence)
        self.divergence = divergence


class _Proven:
    """The first reading: is the export whole, and does the log lie on its way?"""

    def __init__(self, read: Read, source: Source, head: Head, progress: Progress) -> None:
        self._read = read
        self._source = source
        self._head = head
        self._progress = progress

    def prove(self, *, proven_part: bool) -> Proven:
        limit: int | None = None
        damage: str | None = None
        while True:
            reader = self._read()
            self._progress.begins(reader.header.entries)
            with Scratch() as scratch:
                proof = ExportProof(scratch, reader)
                try:
                    proof.prove(self._on_the_way(islice(reader.entries(), limit)))
                    parted = self._pruned_later(proof)
                except _Parted as parted_at:
                    return Proven(_read_of(reader), parted_at.divergence)
                except BrokenExport as error:
                    if not proven_part:
                        raise _with_hint(error, proof.whole) from None
                    # What prune left of an entry cannot be proven if the account is lost.
                    limit, damage = proof.provable(error), damage or error.message
                    continue
            if damage is not None:
                return Proven(ExportRead(None, limit or 0, damage), parted)
            return Proven(_read_of(reader), parted)

    def _on_the_way(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yield the entries, as long as the log has the same. Raises _Parted."""
        ours = self._source.stream("SELECT digest FROM journal ORDER BY n")
        for entry in entries:
            (digest,) = next(ours, (None,))
            if digest is not None and digest != entry.digest:
                here = next(stored_entries(self._source, entry.n - 1))
                raise _Parted(Divergence(entry.n, "journal", _dids(here), _dids(entry)))
            self._progress.step(1)
            yield entry

    def _pruned_later(self, proof: Proof) -> Divergence | None:
        """Return the first entry that the log has whole, and of which the export has only what was
        left."""
        query = (
            "SELECT p.journal, p.looks_digest FROM pruned p"
            f" WHERE p.journal <= {self._head.n} AND p.entry > {self._head.n} AND p.pruning ="
            " (SELECT max(m.pruning) FROM pruned m WHERE m.journal = p.journal) ORDER BY 1"
        )
        for n, left in proof.scratch.each(query):
            here = next(stored_entries(self._source, n - 1))
            if text_digest(here.looks) != left:
                return Divergence(n, "thinning", _dids(here))
        return None


def _read_of(reader: ExportReader) -> ExportRead:
    return ExportRead(reader.header.head, reader.header.entries)


def _with_hint(error: BrokenExport, last: int) -> BrokenExport:
    hint = "Nothing was stored. Export the log again, or take another backup."
    if last:
        hint += f" --proven-part stores the entries that are whole, at most {last}."
    return BrokenExport(error.message, hint)


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


def _contradiction(entries: Sequence[Entry]) -> BrokenExport:
    return BrokenExport(
        f"entries {entries[0].n} to {entries[-1].n} contradict each other or what is stored",
        "What came before them is stored.",
    )


def _is_contradiction(error: BaseException | None) -> bool:
    """Return whether a key is taken or missing; of rows that are copied the driver says so."""
    is_one = isinstance(error, IntegrityError)
    return is_one or (error is not None and sqlstate(error).startswith(_CONTRADICTION))
