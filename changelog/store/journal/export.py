"""The log as an export: the texts of its entries, written down as they are, and read again.

An export is a header, then for each entry of the journal one line, its facts and its looks, then an
end. ``docs/export.md`` describes the lines.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from changelog.model.errors import BrokenExport, SchemaMismatch
from changelog.model.journal_head import EXPORT_FORMAT, EXPORT_NAME, UNRELEASED_EXPORT
from changelog.store import location
from changelog.store.journal.entry import LARGEST_ENTRY, Entry
from changelog.store.journal.replay import walk_stored
from changelog.store.journal.source import PostgresSource, Source, newest_head

_spelled = json.JSONEncoder(separators=(",", ":")).encode


class Header(NamedTuple):
    """`database`: the version of the schema that it was exported from. `head`: ``n:digest``, None
    for a log in which nothing is recorded."""

    database: str
    entries: int
    head: str | None


def _header_line(header: Header) -> bytes:
    return _line({"schema": EXPORT_FORMAT, **header._asdict()})


def _entry_line(entry: Entry, facts: int, looks: int) -> bytes:
    """Return the line before the facts and the looks of an entry, which are that many lines."""
    return _line(
        {
            "n": entry.n,
            "at": entry.at,
            "previous": entry.previous.hex(),
            "looks_digest": entry.looks_digest.hex(),
            "digest": entry.digest.hex(),
            "facts": facts,
            "looks": looks,
        }
    )


def _end_line(head: str | None, lines: int) -> bytes:
    """Return the last line. `lines`: of the whole file, this one too."""
    return _line({"end": head, "lines": lines})


def _line(values: dict[str, Any]) -> bytes:
    return f"{_spelled(values)}\n".encode()


class Export:
    """The log at `source`, to be written out once.

    What does not hold is written as it is stored, so that nothing is lost: `broken` counts those
    entries, `first_broken` names one. Both are known when all of it has been taken.
    """

    def __init__(self, source: Source) -> None:
        if isinstance(source, PostgresSource):
            source.require_rights(["journal", "journal_looks"])
        self._source = source
        self.broken = 0
        self.first_broken: int | None = None
        head = newest_head(source)
        self.header = Header(location.schema_head(), head.n, str(head) if head.n else None)

    def blocks(self) -> Iterator[bytes]:
        """Yield the whole file."""
        lines = 2
        yield _header_line(self.header)
        for entry, mistake in walk_stored(self._source):
            if mistake is not None:
                self.broken += 1
                self.first_broken = self.first_broken or entry.n
            facts, looks = entry.facts.count(b"\n"), entry.looks.count(b"\n")
            lines += 1 + facts + looks
            yield _entry_line(entry, facts, looks)
            yield entry.facts
            yield entry.looks
        yield _end_line(self.header.head, lines)


_SHORT_LINE = 4096
"""Bytes of a line that is no row."""
_EARLIEST, _LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds since 1970."""
_CUT_OFF = "it ends in the middle: it was cut off"
_OTHERWISE = "it is not spelled as export spells it"


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
        self._head: str | None = None
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

    def broken(self, reason: str, entry: int | None = None) -> BrokenExport:
        """Return the error that names the place which was read last, or an `entry` before it."""
        where = f"line {self._line}" + (f", entry {self._entry}" if self._entry else "")
        if entry is not None and entry != self._entry:
            where = f"entry {entry}"
        behind = "after " if reason == _CUT_OFF and self._line else ""
        return BrokenExport(f"{self._name} is no whole export: {behind}{where}: {reason}")

    def _header(self) -> Header:
        line = self._read(_SHORT_LINE)
        said = _object(line)
        schema = str(said.get("schema"))
        if schema == UNRELEASED_EXPORT:
            raise SchemaMismatch(
                f"{self._name} was written by a program that was never released ({schema})",
                "Keep it with that program: import it there. Nothing was stored.",
                "unreleased_schema",
            )
        if schema != EXPORT_FORMAT and schema.startswith(EXPORT_NAME):
            raise self._newer(f"it is a {schema[:30]}; this one knows {EXPORT_FORMAT}")
        if schema != EXPORT_FORMAT:
            raise _Wrong("it does not begin as an export does")
        database, entries, head = (said.get(name) for name in Header._fields)
        header = Header(str(database), entries if type(entries) is int else 0, head)
        if _header_line(header) != line:
            raise _Wrong(_OTHERWISE)
        if header.database not in location.VERSIONS:
            raise self._newer(
                f"schema {header.database[:20]}; this one knows {location.schema_head()}"
            )
        return header

    def _newer(self, what: str) -> SchemaMismatch:
        return SchemaMismatch(
            f"{self._name} was written by a newer program ({what})",
            "Upgrade changelog, in your clone: git pull && pipx install --force .",
            "newer_schema",
        )

    def _next(self) -> Entry | None:
        line = self._read(_SHORT_LINE)
        said = _object(line)
        if "end" in said:
            self._require_end(line)
            return None
        entry, facts, looks = _entry(line, said)
        self._entry += 1
        fact_rows = self._rows(facts, LARGEST_ENTRY)
        look_rows = self._rows(looks, LARGEST_ENTRY - len(fact_rows))
        self._head = str(entry.head)
        return entry._replace(facts=fact_rows, looks=look_rows)

    def _rows(self, count: int, room: int) -> bytes:
        lines = []
        for _ in range(count):
            line = self._read(room)
            room -= len(line)
            if room < 0:
                raise _Wrong(f"its rows take more than {LARGEST_ENTRY} bytes")
            lines.append(line)
        return b"".join(lines)

    def _require_end(self, line: bytes) -> None:
        is_end = line == _end_line(self._head, self._line)
        if not is_end or self.header[1:] != (self._entry, self._head):
            raise _Wrong("lines are missing, or were added: its end is not what it began with")
        if self._file.readline(1):
            raise _Wrong("something follows its end")

    def _read(self, limit: int) -> bytes:
        """Return the next line, as export ends it."""
        line = self._file.readline(limit + 2)
        if not line.endswith(b"\n"):
            if len(line) > limit:
                self._line += 1
                raise _Wrong(f"the line is longer than {limit} bytes")
            raise _Wrong(_CUT_OFF)
        self._line += 1
        # What another system, or an editor, may have put there.
        line = line[:-1].removesuffix(b"\r") + b"\n"
        return line.removeprefix(b"\xef\xbb\xbf") if self._line == 1 else line


def _entry(line: bytes, said: dict[str, Any]) -> tuple[Entry, int, int]:
    """Return the entry that a line begins, and how many facts and looks follow."""
    try:
        numbers = [said[name] for name in ("n", "at", "facts", "looks")]
        previous, looks_digest, digest = (
            bytes.fromhex(said[name]) for name in ("previous", "looks_digest", "digest")
        )
    except (KeyError, TypeError, ValueError):
        raise _Wrong("it is no entry: a number or a digest is none") from None
    if any(type(number) is not int for number in numbers):
        raise _Wrong("it is no entry: a number or a digest is none")
    n, at, facts, looks = numbers
    if not (0 <= facts <= LARGEST_ENTRY and 0 <= looks <= LARGEST_ENTRY):
        raise _Wrong(f"it says that it has {facts} and {looks} rows")
    if not _EARLIEST <= at <= _LATEST:
        raise _Wrong("its time is none")
    entry = Entry(n, at, previous, b"", b"", looks_digest, digest)
    # It has one spelling: of numbers, spaces, the order of names.
    if _entry_line(entry, facts, looks) != line:
        raise _Wrong(_OTHERWISE)
    return entry, facts, looks


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
