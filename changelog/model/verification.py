"""What is expected of DIDs, as a file or options say it, and whether the API's answers equal it.

A file is CSV, one DID a row, a header on top.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Final, NamedTuple, TypeAlias

from changelog.model.answers import Problem
from changelog.model.did_ref import as_number
from changelog.model.diff import Change
from changelog.model.errors import UsageError
from changelog.model.recording import Destinations
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.json_body import Fields, storable_text


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one DID: only what is to be compared. `revision`: the one it is from."""

    fields: Mapping[str, str | None]
    revision: int | None = None

    def states(self, name: str) -> bool:
        """Return whether somebody said what that field should be, rather than a revision."""
        return name in self.fields and self.revision is None


class Live(NamedTuple):
    """What one answer says. An unknown `destination` is None."""

    application_id: str | None
    route_mode: str | None
    destination: str | None
    status: str | None


class Compared(NamedTuple):
    """`changes`: expected → live. `not_compared`: fields whose live value is unknown."""

    changes: tuple[Change, ...]
    not_compared: tuple[str, ...]


class VerifyState(NamedTuple):
    """What is known of a DID after its last answer, which is `live` or met a `problem`.

    `reads`: equal answers in a row, the last included. `moved`: how the last one differs from the
    one before where both are as expected.
    """

    live: Live | None = None
    problem: Problem | None = None
    changes: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    matches: bool = False
    reads: int = 0
    moved: tuple[Change, ...] = ()

    @property
    def asked(self) -> bool:
        return self.live is not None or self.problem is not None

    def settled(self, reads: int) -> bool:
        """Return whether it matched so many times in a row."""
        return self.matches and self.reads >= reads

    def in_a_row(self, reads: int) -> bool:
        """Return whether it is on the way to so many: the next answer may be the last one
        needed."""
        return self.matches and self.reads < reads and not self.moved


NOT_READ = VerifyState()


def live_of(fields: Fields, destinations: Destinations) -> Live:
    """Return what a body says, and its destination as this very run learned it.

    What an operator once stated, and what an earlier run fetched, is not what the API says now.
    """
    destination, source = destinations.find(fields)
    return Live(
        storable_text(fields.get("application_id")),
        storable_text(fields.get("route_mode")),
        None if source == "stated" else destination,
        storable_text(fields.get("status")),
    )


def compare(expected: Expectation, live: Live) -> Compared:
    """Compare; an unknown destination is neither a match nor a mismatch."""
    changes, unknown = [], []
    values = live._asdict()
    for name, expected_value in expected.fields.items():
        if name == "destination" and None in (values[name], expected_value):
            if _is_unknown(expected, live, expected_value):
                unknown.append(name)
            elif values[name] != expected_value:
                changes.append(Change(name, expected_value, values[name], routing=True))
        elif values[name] != expected_value:
            changes.append(
                Change(name, expected_value, values[name], routing=name in ROUTING_FIELDS)
            )
    return Compared(tuple(changes), tuple(unknown))


def _is_unknown(expected: Expectation, live: Live, expected_value: str | None) -> bool:
    """Return whether a destination cannot be compared.

    A revision without destination never knew it; with "" somebody says that there is none.
    """
    if expected_value is None and not expected.states("destination"):
        return live.destination is not None
    return live.destination is None


def is_match(expected: Expectation, live: Live, *, as_logged: bool = True) -> bool:
    """Return whether `live` proves what is expected: nothing differs, and what had to be seen was.

    A destination that somebody stated has to be seen. One of a revision that cannot be seen now is
    taken to be what the log holds: `as_logged` says whether that is the routing of the revision.
    """
    changes, unknown = compare(expected, live)
    if changes or len(unknown) == len(expected.fields):
        return False
    if "destination" in unknown and live.destination is None and expected.fields["destination"]:
        return as_logged and not expected.states("destination")
    return True


def after_answer(
    before: VerifyState, expected: Expectation, live: Live, *, as_logged: bool = True
) -> VerifyState:
    """Return where a DID stands once it has answered. `as_logged`: see `is_match`."""
    compared = compare(expected, live)
    matches = is_match(expected, live, as_logged=as_logged)
    moved = _moved(before.live, live) if before.live and before.matches == matches else ()
    goes_on = before.live is not None and before.matches == matches and not moved
    return VerifyState(
        live=live,
        changes=compared.changes,
        not_compared=compared.not_compared,
        matches=matches,
        reads=before.reads + 1 if goes_on else 1,
        moved=moved if matches else (),
    )


def after_problem(problem: Problem) -> VerifyState:
    """Return where a DID stands once it could not be read: whatever was in a row begins again."""
    return VerifyState(problem=problem)


def _moved(before: Live, after: Live) -> tuple[Change, ...]:
    """Return what moved; a destination that one of the two did not know is no move."""
    pairs = zip(Live._fields, before, after, strict=True)
    return tuple(
        Change(name, then, now, routing=name in ROUTING_FIELDS)
        for name, then, now in pairs
        if then != now and not (name == "destination" and None in (then, now))
    )


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

_Line: TypeAlias = tuple[int, Sequence[str]]


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
