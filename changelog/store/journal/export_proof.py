"""Proves an export: as ``check`` proves a journal, spelling and order of rows besides."""

from collections.abc import Iterable

from changelog.model.errors import BrokenExport
from changelog.model.results.check import Broken
from changelog.store.journal.entry import Entry
from changelog.store.journal.export_reading import ExportReader
from changelog.store.journal.proof import Proof
from changelog.store.journal.scratch import Scratch
from changelog.store.rows import SHAPES, Shape, Values
from changelog.store.transaction import entry_text


class _Unaccounted(BrokenExport):
    """`n`: the first entry that cannot be proven."""

    n = 0


class ExportProof(Proof):
    """A proof that ends at the first thing that does not hold."""

    def __init__(self, scratch: Scratch, reader: ExportReader) -> None:
        super().__init__(scratch)
        self._reader = reader
        self._rows: dict[bool, dict[str, list[Values]]] = {False: {}, True: {}}
        self._reads = True
        self.whole = 0
        """The last entry that was replayed whole."""

    def prove(self, entries: Iterable[Entry]) -> None:
        """Prove all of it. Raises BrokenExport."""
        self.run(entries)
        for shape in SHAPES.values():
            for _ in self.rows_in_order(shape):
                pass
        self.prove_references()
        self.prove_keys()

    def rows(self, entry: Entry, shape: Shape, rows: list[Values], *, looks: bool) -> None:
        for row in rows:
            shape.require_range(row)
        self._rows[looks].setdefault(shape.name, []).extend(rows)
        super().rows(entry, shape, rows, looks=looks)

    def finish(self, entry: Entry) -> None:
        super().finish(entry)
        for looks, text in ((False, entry.facts), (True, entry.looks)):
            if entry_text(self._rows[looks]) != text:
                raise self._reader.broken("its rows are not spelled, or ordered, as export does")
            self._rows[looks] = {}
        self.whole = entry.n

    def require_accounted(self) -> None:
        self._reads = False
        super().require_accounted()

    def name(self, broken: Broken) -> None:
        where = "" if broken.table == "journal" else f"{broken.table} {broken.key or broken.did}: "
        if self._reads:
            raise self._reader.broken(f"{where}{broken.reason}")
        error = _Unaccounted(
            f"the export is not whole: entry {broken.entry}: {where}{broken.reason}", ""
        )
        error.n = broken.entry or 1
        raise error

    def provable(self, error: BrokenExport) -> int:
        """Return the last entry before what `error` is about."""
        return min(self.whole, error.n - 1) if isinstance(error, _Unaccounted) else self.whole
