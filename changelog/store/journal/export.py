"""The log as an export: the texts of its entries, written down as they are."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from changelog.model.errors import BrokenExport, SchemaMismatch
from changelog.model.journal import (
    EXPORT_FORMAT,
    EXPORT_NAME,
    EXPORT_VERSION,
    End,
    EntryLine,
    Header,
    header_text,
    line_text,
)
from changelog.model.results.upkeep import Broken
from changelog.store import location
from changelog.store.journal.entry import LARGEST_ENTRY, Entry
from changelog.store.journal.proof import Proof
from changelog.store.journal.replay import is_accounted, stored_entries, walk
from changelog.store.journal.scratch import Scratch
from changelog.store.journal.source import PostgresSource, Source, newest_head
from changelog.store.journal.surroundings import require_rights
from changelog.store.schema.rows import SHAPES, Shape, Values
from changelog.store.transaction import entry_text


class Export:
    """The log at `source`, to be written out once.

    What does not hold is written as it is stored, so that nothing is lost: `broken` counts those
    entries, `first_broken` names one. Both are known when all of it has been taken.
    """

    def __init__(self, source: Source) -> None:
        if isinstance(source, PostgresSource):
            require_rights(source, ["journal", "journal_looks"])
        self._source = source
        self.broken = 0
        self.first_broken: int | None = None
        head = newest_head(source)
        self.header = Header(location.schema_head(), head.n, str(head) if head.n else None)

    def blocks(self) -> Iterator[bytes]:
        """Yield the whole file."""
        lines = 2
        yield _line(header_text(self.header))
        for entry, mistake in walk(stored_entries(self._source)):
            if mistake is not None or not is_accounted(self._source, entry):
                self.broken += 1
                self.first_broken = self.first_broken or entry.n
            facts, looks = entry.facts.count(b"\n"), entry.looks.count(b"\n")
            lines += 1 + facts + looks
            said = EntryLine(
                entry.n,
                entry.at,
                entry.previous.hex(),
                entry.looks_digest.hex(),
                entry.digest.hex(),
                facts,
                looks,
            )
            yield _line(line_text(said))
            yield entry.facts
            yield entry.looks
        yield _line(line_text(End(self.header.head, lines)))


def _line(text: str) -> bytes:
    return f"{text}\n".encode()


_SHORT_LINE = 4096
"""Bytes of a line that is no row."""
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds since 1970."""
_CUT_OFF = "it ends in the middle: it was cut off"


_Line = TypeVar("_Line", Header, EntryLine, End)


class Lines(Protocol):
    """A file opened for reading bytes."""

    def readline(self, limit: int, /) -> bytes: ...


class _Wrong(ValueError):
    """What is wrong with the line that is being read."""


class ExportReader:
    """One reading of the export in `file`, which messages call `name`.

    Raises BrokenExport, and SchemaMismatch for what another program wrote.
    """

    def __init__(self, file: Lines, name: str) -> None:
        self._file = file
        self._name = name
        self._line = 0
        self._entry = 0
        try:
            self.header = self._header()
        except _Wrong as error:
            raise self.broken(str(error)) from None

    def entries(self) -> Iterator[Entry]:
        """Yield each entry as it says it is. Afterwards the file is known to be whole."""
        try:
            while (entry := self._next()) is not None:
                yield entry
        except _Wrong as error:
            raise self.broken(str(error)) from None

    def broken(self, reason: str) -> BrokenExport:
        """Return the error that names the place which was read last."""
        where = f"line {self._line}" + (f", entry {self._entry}" if self._entry else "")
        behind = "after " if reason == _CUT_OFF and self._line else ""
        return BrokenExport(f"{self._name} is no whole export: {behind}{where}: {reason}")

    def _header(self) -> Header:
        line = self._read(_SHORT_LINE)
        schema = _object(line).get("schema")
        if schema != EXPORT_FORMAT:
            raise self._another(schema)
        header = _parsed(line, Header)
        if header.database not in location.VERSIONS:
            raise self._newer(
                f"schema {header.database[:20]}; this one knows {location.schema_head()}"
            )
        return header

    def _another(self, schema: Any) -> Exception:
        version = schema.removeprefix(EXPORT_NAME) if isinstance(schema, str) else ""
        if not (version.isascii() and version.isdigit() and len(version) < 9):
            return _Wrong("it does not begin as an export does")
        if int(version) > EXPORT_VERSION:
            return self._newer(f"it is a {schema}; this one knows {EXPORT_FORMAT}")
        return SchemaMismatch(
            f"{self._name} was written by a program that was never released ({schema})",
            "Keep it with that program: import it there. Nothing was stored.",
            "unreleased_schema",
        )

    def _newer(self, what: str) -> SchemaMismatch:
        return SchemaMismatch(
            f"{self._name} was written by a newer program ({what})",
            "Upgrade changelog, in your clone: git pull && pipx install --force .",
            "newer_schema",
        )

    def _next(self) -> Entry | None:
        line = self._read(_SHORT_LINE)
        if "end" in _object(line):
            self._require_end(_parsed(line, End))
            return None
        said = _entry_line(line)
        self._entry += 1
        facts = self._rows(said.facts, LARGEST_ENTRY)
        looks = self._rows(said.looks, LARGEST_ENTRY - len(facts))
        self._head = f"{said.n}:{said.digest}"
        return Entry(
            said.n,
            said.at,
            _digest(said.previous),
            facts,
            looks,
            _digest(said.looks_digest),
            _digest(said.digest),
        )

    _head: str | None = None

    def _rows(self, count: int, room: int) -> bytes:
        lines = []
        for _ in range(count):
            line = self._read(room + 1)
            room -= len(line) + 1
            if room < 0:
                raise _Wrong(f"its rows take more than {LARGEST_ENTRY} bytes")
            lines.append(line + b"\n")
        return b"".join(lines)

    def _require_end(self, end: End) -> None:
        if end != (self._head, self._line) or self.header[1:] != (self._entry, self._head):
            raise _Wrong("lines are missing, or were added: its end is not what it began with")
        if self._file.readline(1):
            raise _Wrong("something follows its end")

    def _read(self, limit: int) -> bytes:
        """Return the next line without its end."""
        line = self._file.readline(limit + 2)
        if not line.endswith(b"\n"):
            if len(line) > limit:
                self._line += 1
                raise _Wrong(f"the line is longer than {limit} bytes")
            raise _Wrong(_CUT_OFF)
        self._line += 1
        # What another system, or an editor, may have put there.
        line = line[:-1].removesuffix(b"\r")
        return line.removeprefix(b"\xef\xbb\xbf") if self._line == 1 else line


def _entry_line(line: bytes) -> EntryLine:
    said = _parsed(line, EntryLine)
    if not (0 <= said.facts <= LARGEST_ENTRY and 0 <= said.looks <= LARGEST_ENTRY):
        raise _Wrong(f"it says that it has {said.facts} and {said.looks} rows")
    if not _EARLIEST <= said.at <= _LATEST:
        raise _Wrong("its time is none")
    return said


def _parsed(line: bytes, kind: type[_Line]) -> _Line:
    """Return what a line says. It has one spelling: of numbers, spaces, the order of names."""
    value = _object(line)
    parsed = kind._make(value.get(name) for name in kind._fields)
    of_types = all(
        isinstance(field, types) and not isinstance(field, bool)
        for field, types in zip(parsed, kind.__annotations__.values(), strict=True)
    )
    spelled = header_text(parsed) if isinstance(parsed, Header) else line_text(parsed)
    if not of_types or spelled.encode() != line:
        raise _Wrong("it is not spelled as export spells it")
    return parsed


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("ascii"))
    except UnicodeDecodeError:
        raise _Wrong("it is not ASCII, so it is not as export writes it") from None
    except (ValueError, RecursionError):
        raise _Wrong("it is not JSON") from None
    if not isinstance(value, dict):
        raise _Wrong("this is neither an entry nor the end")
    return value


def _digest(text: str) -> bytes:
    with suppress(ValueError):
        digest = bytes.fromhex(text)
        if digest.hex() == text:
            return digest
    raise _Wrong("a digest is none")


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
