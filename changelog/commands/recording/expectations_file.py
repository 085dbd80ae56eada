"""The file of ``verify --expect`` and ``deploy --expect``: CSV, one DID a row, a header on top."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Final, TypeAlias

from changelog.model.did_ref import as_number
from changelog.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ANYTHING: Final = "*"
"""In a cell: whatever it is, it is not compared."""

_NAMES = ("did", "number")
_REQUIRED = ("application_id", "route_mode")
_OPTIONAL = ("destination", "status")
_FIELDS = (*_REQUIRED, *_OPTIONAL)
_HINT = (
    "Its first line is a header: did,application_id,route_mode and, where wanted, destination and"
    " status; number may stand for did. Cells are separated by commas."
)

_Line: TypeAlias = "tuple[int, Sequence[str]]"


@dataclass(frozen=True, slots=True)
class ExpectedDid:
    """What is expected of the DID that `name`, an id or a number, means.

    `fields` has only what is to be compared; None: it should have none. `line`: where it stands.
    """

    name: str
    fields: Mapping[str, str | None]
    line: int = field(default=0, compare=False)


def parse_expectations(text: str, name: str) -> tuple[ExpectedDid, ...]:
    """Parse the rows of the CSV `text`, in its order; `name` is the file's, for errors.

    An empty ``application_id`` or ``route_mode`` expects none; an empty ``destination`` or
    ``status`` is not compared, nor is ``*`` in any of them. Raises UsageError for a file that
    leaves open what is expected, or expects nothing.
    """
    lines = _lines(text, name)
    header = next(lines, None)
    if header is None:
        raise bad_expectations(f"{name} is empty", _HINT)
    columns = _columns(header, name)
    rows: dict[str, ExpectedDid] = {}
    for number, cells in lines:
        if len(cells) != len(columns):
            raise bad_expectations(
                f"{name}, line {number}: {_count(len(cells), 'cell')}, and the header has"
                f" {len(columns)}",
                "An empty cell is written too: did_101,,reject. A cell with a comma is quoted.",
            )
        row = _expected(dict(zip(columns, cells, strict=True)), name, number)
        before = rows.setdefault(as_number(row.name) or row.name, row)
        if before is not row:
            raise bad_expectations(
                f"{name}, line {number}: {row.name} is in line {before.line} already",
                "A DID is expected to route one way: leave one of the two lines out.",
            )
    if not rows:
        raise bad_expectations(f"{name} has a header and no DID", _HINT)
    return tuple(rows.values())


def bad_expectations(message: str, hint: str) -> UsageError:
    return UsageError(message, hint, "bad_expectations")


def _lines(text: str, name: str) -> Iterator[_Line]:
    """Yield each line of cells, stripped, with its number; comments and blank lines left out.

    A quoted cell may hold line ends, so what follows one is told apart only where a new line of
    cells begins.
    """
    began = 0
    between = True

    def lines() -> Iterator[str]:
        nonlocal began, between
        for number, line in enumerate(StringIO(text.removeprefix("\ufeff"), newline=""), 1):
            if between and line.lstrip()[:1] in ("", "#"):
                continue
            if between:
                began, between = number, False
            yield line

    reader = csv.reader(lines(), strict=True, skipinitialspace=True)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise bad_expectations(
                f"{name}, line {began}: {error}", 'Write a quoted cell as "…", and a quote as "".'
            ) from error
        if cells is None:
            return
        yield began, [cell.strip() for cell in cells]
        between = True


def _columns(header: _Line, name: str) -> Sequence[str]:
    number, cells = header
    columns = [cell.lower() for cell in cells]
    where = f"{name}, line {number}"
    unknown = [cell for cell in cells if cell.lower() not in (*_NAMES, *_FIELDS)]
    if unknown:
        raise bad_expectations(f"{where}: unknown column {', '.join(map(repr, unknown))}", _HINT)
    twice = [column for column in dict.fromkeys(columns) if columns.count(column) > 1]
    if twice:
        raise bad_expectations(f"{where}: the column {', '.join(twice)} appears twice", _HINT)
    if not set(_NAMES) & set(columns):
        raise bad_expectations(f"{where}: no column did or number", _HINT)
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        raise bad_expectations(f"{where}: no column {' and no column '.join(missing)}", _HINT)
    return columns


def _expected(row: Mapping[str, str], name: str, line: int) -> ExpectedDid:
    did = next((row[column] for column in _NAMES if row.get(column)), None)
    if did is None:
        raise bad_expectations(f"{name}, line {line}: no DID is named", _HINT)
    fields = {column: row[column] or None for column in _FIELDS if _is_compared(row, column)}
    if not fields:
        raise bad_expectations(
            f"{name}, line {line}: nothing is expected of {did}",
            "Say what one of its fields should be, or leave the line out.",
        )
    return ExpectedDid(did, fields, line)


def _is_compared(row: Mapping[str, str], column: str) -> bool:
    cell = row.get(column, ANYTHING)
    return cell != ANYTHING and (column in _REQUIRED or bool(cell))


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
