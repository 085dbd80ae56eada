"""Reads an export line by line, and hands out nothing that its digests do not prove.

A line is taken only if it is spelled as ``export`` spells it. So what is stored afterwards is what
was proven, whatever two readers of JSON might make of a name that occurs twice.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from changelog.model.errors import BrokenExport, SchemaMismatch
from changelog.model.log_format.export import (
    FORMAT,
    NAME,
    End,
    EntryLine,
    Header,
    end_text,
    entry_text,
    header_text,
)
from changelog.model.log_format.journal import GENESIS, Entry, Value, row_text, rows_digest

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes. The largest body that a log takes is a fraction of that."""
_SHORT_LINE = 64 * 1024
_MOST_STRUCTURE = 4096
"""Of a long line, the bytes outside of texts, and the texts: a row has fewer by far."""
_PARTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[^"]++|"')
LARGEST_ENTRY = 1024 * 1024 * 1024
"""Bytes of the rows of an entry: they are proven together, so they are held together."""
_LONGEST_ENTRY = 16 * 1024 * 1024
"""Rows of an entry."""
_DIGEST = 64
_NOT_STORABLE = (b"\\u0000", b"\\ud")
_SNAPSHOT = "snapshot"

Columns = dict[str, Value]


class Lines(Protocol):
    """A file opened for reading bytes."""

    def readline(self, limit: int, /) -> bytes: ...


class ProvenEntry(NamedTuple):
    """An entry and its rows as the journal vouches for them. `line`: where it begins, from 1.

    `thinned`: the digest over the snapshots that are left of it, None where all are there. `size`:
    bytes of its lines.
    """

    line: int
    entry: Entry
    thinned: bytes | None
    rows: list[tuple[str, Columns]]
    size: int


class WrongRow(ValueError):
    """A row that no log can have; the text says why."""


class _Wrong(ValueError):
    """What is wrong with the line that is being read."""


class ExportReader:
    """One reading of the export in `file`, which messages call `name`.

    `row_of` makes all columns of a table out of those that a row has, and raises WrongRow.
    `schemas`: the versions of the database that this program knows. Raises BrokenExport, and
    SchemaMismatch for what a newer program wrote.
    """

    def __init__(
        self,
        file: Lines,
        name: str,
        row_of: Callable[[str, Mapping[str, Value]], Columns],
        schemas: tuple[str, ...],
    ) -> None:
        self._file = file
        self._name = name
        self._row_of = row_of
        self._schemas = schemas
        self._line = 0
        self._entry = 0
        self.end: End | None = None
        try:
            self.header = self._header()
        except _Wrong as error:
            raise self._broken(error) from None

    def entries(self) -> Iterator[ProvenEntry]:
        """Each entry, once it is proven. Afterwards the file is known to be whole."""
        try:
            yield from self._entries()
        except (_Wrong, WrongRow) as error:
            raise self._broken(error) from None

    def _broken(self, error: ValueError) -> BrokenExport:
        if self.end is None and self._line and str(error) == _CUT_OFF:
            where = f"after line {self._line}"
        else:
            where = f"line {self._line}"
        entry = f", entry {self._entry}" if self._entry else ""
        return BrokenExport(f"{self._name} is no whole export: {where}{entry}: {error}")

    def _header(self) -> Header:
        value = _object(self._read())
        said = value.get("schema")
        if said != FORMAT:
            self._refuse_newer(said)
        database, entries, head = (value.get(name) for name in Header._fields)
        header = Header(_text(database), _number(entries), None if head is None else _text(head))
        _require_spelling(self._last, header_text(header))
        if header.database not in self._schemas:
            if header.database > self._schemas[-1]:
                raise self._newer(
                    f"schema {header.database[:20]}; this one knows {self._schemas[-1]}"
                )
            raise _Wrong(f"there is no schema {header.database[:20]!r}")
        return header

    def _refuse_newer(self, said: Any) -> None:
        version = said.removeprefix(NAME) if isinstance(said, str) else ""
        if version.isascii() and version.isdigit() and len(version) < 9 and int(version) > 1:
            raise self._newer(f"it is a {said}; this one knows {FORMAT}")
        raise _Wrong("it does not begin as an export does")

    def _newer(self, what: str) -> SchemaMismatch:
        return SchemaMismatch(
            f"{self._name} was written by a newer program ({what})",
            "Upgrade this program: pip install --upgrade minivoice-changelog",
            "newer_schema",
        )

    def _entries(self) -> Iterator[ProvenEntry]:
        previous, head = GENESIS, None
        while True:
            value = _object(self._read())
            if "end" in value:
                self._finish(value, head)
                return
            self._entry += 1
            proven = self._proven(_entry_line(value, self._last), previous)
            previous, head = proven.entry.digest, proven.entry.head
            yield proven

    def _proven(self, said: EntryLine, previous: bytes) -> ProvenEntry:
        began = self._line
        if said.n != self._entry:
            raise _Wrong(f"this is entry {said.n}")
        digests: dict[bool, list[bytes]] = {True: [], False: []}
        rows, size = [], len(self._last)
        for _ in range(said.lines):
            table, row, digest = self._row()
            digests[table == _SNAPSHOT].append(digest)
            rows.append((table, row))
            size += len(self._last)
            if size > LARGEST_ENTRY:
                raise _Wrong(f"its rows take more than {LARGEST_ENTRY} bytes")
        entry = Entry(
            said.n,
            said.at,
            bytes.fromhex(said.previous),
            bytes.fromhex(said.rows),
            bytes.fromhex(said.snapshots),
        )
        thinned = None if said.thinned is None else bytes.fromhex(said.thinned)
        reason = _contradiction(entry, said, previous, thinned, digests)
        if reason:
            raise _Wrong(f"{reason} (the entry is in lines {began} to {self._line})")
        return ProvenEntry(began, entry, thinned, rows, size)

    def _row(self) -> tuple[str, Columns, bytes]:
        value = _decoded(self._read())
        line = self._last
        if not (isinstance(value, list) and len(value) == 2):
            raise _Wrong("this is no row")
        table, found = value
        if not (isinstance(table, str) and isinstance(found, dict)):
            raise _Wrong("this is no row")
        given = {name: _value(one) for name, one in found.items()}
        _require_spelling(line, row_text(table, given))
        if any(sign in line for sign in _NOT_STORABLE):
            _require_storable(given)
        if given.get("entry") != self._entry:
            raise _Wrong("the row says that another entry wrote it")
        return table, self._row_of(table, given), hashlib.sha256(line).digest()

    def _finish(self, value: dict[str, Any], head: str | None) -> None:
        said, lines = value.get("end"), _number(value.get("lines"))
        _require_spelling(self._last, end_text(End(said, lines)))
        if (said, lines) != (head, self._line) or (self.header.entries, self.header.head) != (
            self._entry,
            head,
        ):
            raise _Wrong("lines are missing, or were added: its end is not what it began with")
        if self._file.readline(1):
            raise _Wrong("something follows its end")
        self.end = End(head, lines)

    def _read(self) -> bytes:
        """The next line without its end."""
        line = self._file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            if len(line) >= LONGEST_LINE:
                self._line += 1
                raise _Wrong(f"the line is longer than {LONGEST_LINE} bytes")
            raise _Wrong(_CUT_OFF)
        self._line += 1
        # What another system, or an editor, may have put there.
        self._last = line[:-1].removesuffix(b"\r")
        if self._line == 1:
            self._last = self._last.removeprefix(b"\xef\xbb\xbf")
        return self._last


_CUT_OFF = "it ends in the middle: it was cut off"


def _contradiction(
    entry: Entry,
    said: EntryLine,
    previous: bytes,
    thinned: bytes | None,
    digests: dict[bool, list[bytes]],
) -> str | None:
    if rows_digest(digests[False]) != entry.rows:
        return "its rows are not those that its digest was made of"
    left = entry.snapshots if thinned is None else thinned
    if rows_digest(digests[True]) != left:
        return "its snapshots are not those that its digest was made of"
    if entry.previous != previous:
        return "it does not follow the entry before"
    if entry.digest.hex() != said.digest:
        return "its digest is not that of what it says"
    return None


def _entry_line(value: dict[str, Any], line: bytes) -> EntryLine:
    found = {name: value.get(name) for name in EntryLine._fields}
    numbers = {name: _number(found[name]) for name in ("n", "at", "lines")}
    digests = {name: _digest(found[name]) for name in ("previous", "rows", "snapshots", "digest")}
    thinned = None if found["thinned"] is None else _digest(found["thinned"])
    said = EntryLine(**numbers, **digests, thinned=thinned)  # type: ignore[arg-type]
    _require_spelling(line, entry_text(said))
    if not 0 <= said.lines <= _LONGEST_ENTRY:
        raise _Wrong(f"it says that it has {said.lines} rows")
    if not _EARLIEST <= said.at <= _LATEST:
        raise _Wrong("its time is none")
    return said


_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds since 1970."""


def _decoded(line: bytes) -> Any:
    if len(line) > _SHORT_LINE:
        _require_simple(line)
    try:
        return _decode(line.decode("ascii"))
    except UnicodeDecodeError:
        raise _Wrong("it is not ASCII, so it is not as export writes it") from None
    except RecursionError:
        raise _Wrong("it is nested too deeply") from None
    except ValueError:
        raise _Wrong("it is not JSON") from None


_decode = json.JSONDecoder().decode


def _require_simple(line: bytes) -> None:
    """Millions of empty lists would take far more memory than the line does."""
    structure = 0
    for part in _PARTS.finditer(line):
        is_text, length = line[part.start()] == _QUOTE, part.end() - part.start()
        if is_text and length == 1:
            raise _Wrong("it is not JSON")
        structure += 1 if is_text else length
        if structure > _MOST_STRUCTURE:
            raise _Wrong("it is no row: there is too much in it")


_QUOTE = ord('"')


def _object(line: bytes) -> dict[str, Any]:
    value = _decoded(line)
    if not isinstance(value, dict):
        raise _Wrong("this is neither an entry nor the end")
    return value


def _value(value: Any) -> Value:
    """A column's value. What else it may be is refused by its table."""
    if type(value) in (str, int) or value is None:
        return value  # type: ignore[no-any-return]
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        try:
            return bytes.fromhex(value[0])
        except ValueError:
            pass
    raise _Wrong("a value is neither text, a whole number nor bytes")


def _require_spelling(line: bytes, text: str) -> None:
    """Numbers, spaces, the order of names: one spelling, the one that was digested."""
    if line != text.encode():
        raise _Wrong("it is not spelled as export spells it")


def _require_storable(row: Mapping[str, Value]) -> None:
    for name, value in row.items():
        if isinstance(value, str) and any(
            one == "\0" or "\ud800" <= one <= "\udfff" for one in value
        ):
            raise WrongRow(f"{name} has characters that no database takes")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("its header is not as export writes it")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise _Wrong("a number is missing, or is none")
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or len(value) != _DIGEST:
        raise _Wrong("a digest is missing, or is none")
    try:
        return bytes.fromhex(value).hex()
    except ValueError:
        raise _Wrong("a digest is missing, or is none") from None
