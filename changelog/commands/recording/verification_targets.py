"""The DIDs that ``verify`` asks for, each with what is expected: by options, revision or file.

A file is CSV, one DID a row, a header on top.
"""

from __future__ import annotations

import csv
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Final, TypeAlias

from changelog.commands.answers.list import rows_at
from changelog.commands.targets import did_error, targets, unknown_did
from changelog.model.did_ref import as_number
from changelog.model.errors import NothingError, UsageError
from changelog.model.results.base import DidError
from changelog.model.routing import learned_routing
from changelog.model.selectors import Good, Selector, parse_selector, resolve
from changelog.model.verification import (
    NOT_EXPECTED,
    Expectation,
    VerifiedDid,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.model.did_ref import Target
    from changelog.model.ports import Log
    from changelog.model.results.history import FleetRow

Stated: TypeAlias = "Mapping[str, str | None]"


def stated_expectation(
    application: str | None, route_mode: str | None, status: str | None, destination: str | None
) -> dict[str, str | None]:
    """Return the expected fields that were given as options. "" expects none."""
    options = {
        "application_id": application,
        "route_mode": route_mode,
        "status": status,
        "destination": destination,
    }
    return {name: value or None for name, value in options.items() if value is not None}


def require_one_expectation(*, to: str | None, stated: Stated, file: str | None) -> None:
    """Raise UsageError where nothing is expected, or two things are.

    A default such as the latest revision would swallow a drift on its second run.
    """
    if to is None and not stated and file is None:
        raise UsageError(
            "no expectation is given, so there is nothing to verify",
            "Say what is expected: --to r3, --application ID, --route-mode M, --status S,"
            " --destination URI or --expect FILE.",
            "no_expectation",
        )
    if file is not None and (to is not None or stated):
        raise UsageError(
            "--expect already says what is expected of each DID",
            "Put it into the file, or leave --expect out.",
        )
    if to is not None and stated:
        raise UsageError(
            "--to already says which whole routing is expected",
            "Give --to alone, or each field by its own option.",
        )


def expected_alike(
    log: Log,
    targets: Sequence[Target],
    to: str | None,
    stated: Stated,
    now: datetime,
    *,
    every: bool,
) -> list[VerifiedDid]:
    """Return each target with what all are expected to be, from the log before any fetch."""
    if to is None:
        alike = Expectation(stated)
        return [VerifiedDid(target, alike) for target in targets]
    selector = parse_selector(to, now, tags=log)
    rows: Mapping[str, FleetRow] = {}
    # r1 of each DID is no moment: a slip would roll back what was in service since.
    if every and not isinstance(selector, Good):
        # Where there is no such tag, each DID says so.
        with suppress(NothingError):
            rows = rows_at(log, selector)
    return [VerifiedDid(target, _expected_of(log, target, selector, rows)) for target in targets]


def _expected_of(
    log: Log, target: Target, selector: Selector, rows: Mapping[str, FleetRow]
) -> Expectation | DidError:
    """Return what the revision was that a selector means; of a fleet it is in `rows`."""
    if row := rows.get(target.did or ""):
        return Expectation(row.routing._asdict(), row.revision, row.not_read, row.unseen_since)
    try:
        history = log.history(target.did or "")
        if not history.revisions:
            raise unknown_did(log, target.requested)
        selected = resolve(selector, history, log)
    except NothingError as error:
        return did_error(error)
    routing = learned_routing(history, selected.revision)
    flags = selected.not_read, selected.unseen_since
    return Expectation(routing._asdict(), selected.revision.revision, *flags)


def expected_each(
    log: Log,
    rows: Sequence[ExpectedDid],
    name: str,
    names: Sequence[str] = (),
    *,
    every: bool = False,
    with_key: bool = False,
) -> list[VerifiedDid]:
    """Return what the `rows` of the file `name` expect: of all its DIDs, or of those in `names`.

    With `every` the DIDs of the log that the file leaves out are asked for too, and expected by
    nobody. Raises UsageError for a DID that the file names twice, and for a name that it has not.
    """
    if every and names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    in_file = _in_file(log, rows, name, with_key=with_key)
    if every:
        return [*in_file.values(), *_left_out(log, in_file, name, with_key=with_key)]
    if names:
        return [_named(in_file, target, name) for target in targets(log, names, every=False)]
    return list(in_file.values())


def _in_file(
    log: Log, rows: Sequence[ExpectedDid], name: str, *, with_key: bool
) -> dict[str, VerifiedDid]:
    """Return the DIDs of the file by identity, in its order."""
    lines: dict[str, ExpectedDid] = {}
    in_file: dict[str, VerifiedDid] = {}
    for row in rows:
        (target,) = targets(log, [row.name], every=False, with_key=with_key)
        before = lines.setdefault(target.identity, row)
        if before is not row:
            raise bad_expectations(
                f"{name}, line {row.line}: {row.name} is {before.name} of line {before.line}",
                "A DID is expected to route one way: leave one of the two lines out.",
            )
        in_file[target.identity] = VerifiedDid(target, Expectation(row.fields))
    return in_file


def _named(in_file: Mapping[str, VerifiedDid], target: Target, name: str) -> VerifiedDid:
    listed = in_file.get(target.identity)
    if listed is None:
        raise UsageError(
            f"{name} expects nothing of {target.requested}",
            "Name DIDs that are in it, or none: then all of them are verified.",
            NOT_EXPECTED,
        )
    return VerifiedDid(target._replace(key=listed.to_fetch.key), listed.expected)


def _left_out(
    log: Log, in_file: Mapping[str, VerifiedDid], name: str, *, with_key: bool
) -> Iterable[VerifiedDid]:
    error = DidError(NOT_EXPECTED, f"it is in the log, and {name} expects nothing of it")
    for target in targets(log, [], every=True, with_key=with_key):
        if target.identity not in in_file:
            yield VerifiedDid(target, error)


# The file


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
