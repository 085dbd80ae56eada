"""The log as the lines of an export: the walk over the journal, written down."""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from changelog.model.log_format.export import (
    End,
    EntryLine,
    Header,
    end_text,
    entry_text,
    header_text,
)
from changelog.model.log_format.journal import GENESIS, Entry, row_text, rows_digest
from changelog.store.journal.ledger import LedgerEntry, Written, entries_in, windows
from changelog.store.journal.source import Source
from changelog.store.journal.thinned import thinned_in
from changelog.store.packing import BrokenBody
from changelog.store.transaction import JOURNAL, SNAPSHOT
from changelog.store.versions import HEAD


class Export:
    """The log at `source`, to be written out once.

    What does not hold is written as it is stored, so that nothing is lost: `broken` counts those
    entries, `first_broken` names one. Both are known when all lines have been taken.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._previous = GENESIS
        self._lines = 0
        self.broken = 0
        self.first_broken: Any = None
        self._last_broken: Any = None
        self.header = self._header()

    def _header(self) -> Header:
        newest = select(JOURNAL.c.n, JOURNAL.c.digest).order_by(JOURNAL.c.n.desc()).limit(1)
        found = self._source.all(newest)
        if not found:
            return Header(HEAD, 0, None)
        n, digest = found[0]
        return Header(HEAD, n, f"{n}:{_hex(digest)}")

    def lines(self) -> Iterator[str]:
        """Every line, without its end."""
        yield from self._counted([header_text(self.header)])
        for window in windows(self._source):
            thinned = thinned_in(self._source, window)
            for one in entries_in(window):
                yield from self._counted(self._entry(one, thinned.get(one.n)))
        yield end_text(End(self.header.head, self._lines + 1))

    def _counted(self, lines: list[str]) -> list[str]:
        self._lines += len(lines)
        return lines

    def _entry(self, found: LedgerEntry, thinned: bytes | None) -> list[str]:
        if found.journal is None:
            # No entry vouches for these rows, so there is no place for them.
            self._is_broken(found.n)
            return []
        digests: dict[bool, list[bytes]] = {True: [], False: []}
        texts = []
        for written in found.rows:
            text = self._row(found.n, written)
            texts.append(text)
            digests[written.table == SNAPSHOT.name].append(hashlib.sha256(text.encode()).digest())
        self._prove(found, rows_digest(digests[False]), rows_digest(digests[True]), thinned)
        said = {name: _hex(value) for name, value in found.journal.items()}
        left = None if thinned is None else _hex(thinned)
        return [entry_text(EntryLine(**said, thinned=left, lines=len(texts))), *texts]

    def _row(self, n: Any, written: Written) -> str:
        try:
            return row_text(written.table, written.vouched())
        except BrokenBody:
            self._is_broken(n)
            return row_text(written.table, written.stored)

    def _prove(
        self, found: LedgerEntry, rows: bytes, snapshots: bytes, thinned: bytes | None
    ) -> None:
        said = found.journal or {}
        whole = snapshots if thinned is None else said["snapshots"]
        holds = (
            (said["previous"], said["rows"], said["snapshots"]) == (self._previous, rows, whole)
            and (thinned is None or thinned == snapshots)
            and isinstance(whole, bytes)
            and Entry(found.n, said["at"], self._previous, rows, whole).digest == said["digest"]
        )
        if not holds:
            self._is_broken(found.n)
        self._previous = said["digest"]

    def _is_broken(self, n: Any) -> None:
        if not self.broken:
            self.first_broken = n
        if not self.broken or n != self._last_broken:
            self.broken += 1
        self._last_broken = n


def _hex(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
