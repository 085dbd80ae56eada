"""``import`` of an export: all of it is proven first, then what the log lacks is stored."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Protocol

from changelog.model import exits
from changelog.model.errors import BrokenExport
from changelog.model.log_format.export_reading import ExportReader, ProvenEntry
from changelog.model.log_format.journal import Head, rows_digest
from changelog.model.ports import Accounts, Importer
from changelog.model.results.import_log import Divergence, ExportRead, LogImported

_BATCH_ROWS = 20_000
_BATCH_BYTES = 16 * 1024 * 1024
"""A transaction is closed once it has as much; an entry is never divided."""
_NOTHING_LEFT = rows_digest(())


class Progress(Protocol):
    """Hears how far the two readings are, in entries of the export."""

    def begins(self, total: int) -> None: ...
    def step(self, done: int) -> None: ...


def import_log(
    read: Callable[[], ExportReader],
    importer: Importer,
    accounts: Accounts,
    progress: Progress,
    *,
    proven_part: bool = False,
) -> LogImported:
    """Go on where the log ends, if the export has gone through that state.

    `read` begins to read the export, each time from its start. Nothing is stored unless all of it
    is proven; with `proven_part`, of one that is damaged, the whole entries before the damage.
    Raises BrokenExport, and what `read` and `importer` raise.
    """
    proof = _Proof(importer, accounts, progress)
    parted = proof.walk(read, proven_part=proven_part)
    before = proof.here
    if parted is not None:
        return LogImported(
            export=proof.export,
            head=_spelled(before),
            present=parted.entry - 1,
            parted=parted,
            conditions=(exits.DIFFERENT,),
        )
    stored = _Stored(importer, before, progress)
    if proof.last > before.n:
        progress.begins(proof.last - before.n)
        stored.store(read(), proof.last)
    return LogImported(
        export=proof.export,
        head=_spelled(stored.head),
        stored=stored.entries,
        present=min(before.n, proof.last),
        rows=stored.rows,
        conditions=(exits.BROKEN_LOG,) if proof.export.damage else (),
    )


@dataclass
class _Proof:
    """The first reading: is the export whole, and does the log lie on its way?"""

    importer: Importer
    accounts: Accounts
    progress: Progress
    last: int = 0
    export: ExportRead = field(init=False)
    here: Head = field(init=False)

    def walk(self, read: Callable[[], ExportReader], *, proven_part: bool) -> Divergence | None:
        """Where the two part, if they do."""
        reader = read()
        self.here = self.importer.head()
        self.export = ExportRead(reader.header.head, reader.header.entries)
        self.progress.begins(reader.header.entries)
        accounts = self.accounts
        try:
            parted = self._journals(reader.entries(), accounts)
            if parted is not None:
                return parted
            self._require_accounted(accounts)
        except BrokenExport as error:
            if not proven_part:
                raise _with_hint(error, self.last) from None
            # What was thinned by an entry behind the damage cannot be proven either.
            self.last = accounts.provable(self.last)
            self.export = ExportRead(None, self.last, error.message)
        return self._thinning(accounts)

    def _journals(self, entries: Iterable[ProvenEntry], accounts: Accounts) -> Divergence | None:
        digests = self.importer.digests()
        for one in entries:
            mine = next(digests, None)
            if mine is not None and mine != one.entry.digest:
                return Divergence(
                    one.entry.n,
                    "journal",
                    tuple(self.importer.dids_of(one.entry.n)),
                    _dids(one),
                )
            accounts.add(one)
            self.last = one.entry.n
            self.progress.step(1)
        return None

    def _require_accounted(self, accounts: Accounts) -> None:
        n = accounts.first_unaccounted()
        if n is not None:
            raise BrokenExport(
                f"the export is not whole: entry {n} lacks snapshots, and nothing in it says that"
                " they were removed"
            )

    def _thinning(self, accounts: Accounts) -> Divergence | None:
        """Entries that the log has whole, and of which the export has only what was left."""
        at, mine = 0, _NOTHING_LEFT
        with closing(self.importer.snapshot_digests(self.here.n)) as left_here:
            for n, left in accounts.thinned_later(self.here.n):
                while at < n:
                    at, mine = next(left_here, (sys.maxsize, _NOTHING_LEFT))
                # What lies behind the damage of an export is not stored, so it contradicts nothing.
                if n <= self.last and (mine if at == n else _NOTHING_LEFT) != left:
                    return Divergence(n, "thinning", tuple(self.importer.dids_of(n)))
        return None


def _dids(one: ProvenEntry) -> tuple[str, ...]:
    found = {row.get("did") for _, row in one.rows}
    return tuple(sorted(did for did in found if isinstance(did, str)))


def _with_hint(error: BrokenExport, last: int) -> BrokenExport:
    hint = "Nothing was stored. Export the log again, or take another backup."
    if last:
        hint += f" --proven-part stores the entries that are whole, at most {last}."
    return BrokenExport(error.message, hint)


def _spelled(head: Head) -> str | None:
    return str(head) if head.n else None


class _Stored:
    """The second reading."""

    def __init__(self, importer: Importer, head: Head, progress: Progress) -> None:
        self._importer = importer
        self._progress = progress
        self.head = head
        self.entries = 0
        self.rows = 0

    def store(self, reader: ExportReader, last: int) -> None:
        """The entries behind the head, up to the `last` that was proven."""
        for batch in _batches(reader.entries(), self.head.n, last):
            self.head = self._importer.append(self.head, batch)
            self.entries += len(batch)
            self.rows += sum(len(one.rows) for one in batch)
            self._progress.step(len(batch))


def _batches(entries: Iterator[ProvenEntry], after: int, last: int) -> Iterator[list[ProvenEntry]]:
    batch: list[ProvenEntry] = []
    rows = size = 0
    for one in entries:
        if one.entry.n <= after:
            continue
        batch.append(one)
        rows += len(one.rows)
        size += one.size
        if one.entry.n == last:
            break
        if rows >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, rows, size = [], 0, 0
    if batch:
        yield batch
