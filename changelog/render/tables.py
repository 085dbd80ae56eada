"""Which columns and rows an answer has as a table: values alone, whatever spells them in the end.

A cell is a text, a number, a bool, a time, None, a field's value, or a tuple of changes or notes.

As CSV they go into a spreadsheet, or into a program to compute with.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from changelog.model.diff import Change, has_only_learned
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.json_body import canonical_json
from changelog.model.text.sanitize import escape
from changelog.model.text.times import rfc3339
from changelog.render.documents import listed, plain
from changelog.render.restore.card_warnings import warnings
from changelog.render.restore.steps import commands
from changelog.render.style import Side, Value, show, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from changelog.model.diff import Group
    from changelog.model.results.base import DidError, Result
    from changelog.model.results.diff import DiffCounts, DiffedDid, DiffResult
    from changelog.model.results.history import ListResult, LogResult
    from changelog.model.results.restore import RestoreCard, RestoreResult

Row = tuple[Any, ...]


class Table(NamedTuple):
    columns: tuple[str, ...]
    rows: Sequence[Row]

    def only(self, *names: str) -> Table:
        """Return the columns of these names, in this order."""
        places = [self.columns.index(name) for name in names]
        return Table(names, [tuple(row[place] for place in places) for row in self.rows])

    def without(self, *names: str) -> Table:
        return self.only(*(name for name in self.columns if name not in names))

    def without_empty(self) -> Table:
        """Return only the columns in which something stands that a reader has to know."""
        filled = (
            name
            for index, name in enumerate(self.columns)
            if any(row[index] not in (None, "", (), _USUAL.get(name)) for row in self.rows)
        )
        return self.only(*filled)


_USUAL = {"destination_read": True}
"""What stands in a column where nothing has to be said."""


def table(command: str, result: Any) -> Table:
    """Return the one table that holds the whole answer of `command`."""
    return _TABLES[command](result)


_CELLS: Mapping[str, Callable[[Any], Any]] = {
    # Masked as one, wherever it is masked.
    "destination": lambda value: value and Value("destination", value),
    "state": " ".join,
    "tags": " ".join,
}
"""The columns whose cells are not the members themselves."""


def _of(items: Iterable[Any], members: str) -> Table:
    """Make a row an item: each member, or the last part of its path, is a column."""
    paths = members.split()
    columns = tuple(path.rpartition(".")[2] for path in paths)
    made = [(columns.index(name), make) for name, make in _CELLS.items() if name in columns]
    rows = []
    for row in map(attrgetter(*paths), items):
        cells = list(row)
        for place, make in made:
            cells[place] = make(cells[place])
        rows.append(tuple(cells))
    return Table(columns, rows)


def fleet(result: ListResult) -> Table:
    """Return a row a DID: where each points, its status and since when."""
    return _of(
        result.dids,
        "did number routing.application_id application_name routing.route_mode"
        " routing.destination status revision since last_seen_at visible retired"
        " destination_known_from destination_read seen_then.not_read seen_then.unseen_since"
        " destination_seen_at unreadable_since",
    )


def fleet_to_read(result: ListResult) -> Table:
    """Return the columns of it in which something stands; few answers are about a tag."""
    content = fleet(result).without_empty()
    if not result.dids or any(row.seen_then.not_read for row in result.dids):
        return content
    return content.without("not_read")


def log(result: LogResult) -> Table:
    """Return a row a revision, or a snapshot where these were asked for."""
    if result.snapshots is not None:
        members = listed(
            "seen.at did seen.capture seen.revision error_status=error.status error=error.code"
            " error_message=error.message seen.destination_read"
        )
        rows = [tuple(member.of(row) for member in members) for row in result.snapshots]
        return Table(tuple(member.name for member in members), rows)
    return _of(
        result.entries,
        "revision.first_seen_at revision.did revision.number revision.revision"
        " revision.routing.application_id revision.routing.route_mode"
        " revision.routing.destination revision.status state restores changes"
        " revision.capture.recorded_by revision.capture.changed_by revision.capture.ticket tags"
        " notes verdicts evidence revision.destination_known_from confirmations",
    )


def diff(result: DiffResult) -> Table:
    """Return a row a DID and changed field; a row for a DID without any, whose `outcome` says
    why."""
    columns = (
        *("did", "number", "from_revision", "to_revision", "outcome", "field", "before", "after"),
        *("routing", "not_read", "error", "error_message"),
        *("from_destination_known_from", "to_destination_known_from"),
    )
    return Table(columns, [row for did in result.dids for row in _diffed(did)])


def _diffed(did: DiffedDid) -> Iterator[Row]:
    head = (did.did, did.number, did.from_revision, did.to_revision, _outcome(did))
    known_from = (did.from_destination_known_from, did.to_destination_known_from)
    tail = (" ".join(did.not_read), *_error(did.error), *known_from)
    for change in did.changes:
        yield (*head, *_changed(change), *tail)
    if not did.changes:
        yield (*head, None, None, None, None, *tail)


def _changed(change: Change) -> Row:
    return change.field, Side(change, False), Side(change, True), change.routing


def _outcome(did: DiffedDid) -> str:
    if did.is_unread:
        return "unreadable" if did.was_asked else "not_read"
    if did.changes:
        return "learned" if has_only_learned(did.changes) else "changed"
    if did.error is not None:
        return "error"
    if did.first_revision:
        return "first_revision"
    return "unchanged" if did.is_known_on_both else "absent"


def counted(counts: DiffCounts) -> str:
    """Count what a diff came to; what is 0 and seldom something else is left out."""
    parts = [f"{counts.changed} changed", f"{counts.unchanged} unchanged"]
    parts += [f"{counts.learned} of these learned a destination"] if counts.learned else []
    parts += [f"{counts.absent} absent"] if counts.absent else []
    parts += [f"{counts.unreadable} unreadable"] if counts.unreadable else []
    parts += [f"{counts.not_read} not read"] if counts.not_read else []
    parts += [f"{counts.retired} retired, left out"] if counts.retired else []
    return ", ".join(parts)


def groups(result: Sequence[Group]) -> Table:
    """Return a row a group and changed field: equal changes over many DIDs."""
    columns = ("group", "dids", "field", "before", "after", "routing", "which")
    rows = [
        (number, len(group.dids), *_changed(change), some(group.dids))
        for number, group in enumerate(result, start=1)
        for change in group.changes
    ]
    return Table(columns, rows)


def restore(result: RestoreResult) -> Table:
    """Return a row a DID: where it goes now, what to put back, how to prove it, or why there is
    none."""
    sides = ("revision", *ROUTING_FIELDS)
    columns = (
        *("did", "number", "visible", "as_of"),
        *(f"current_{name}" for name in sides),
        *(f"target_{name}" for name in sides),
        *("target_last_seen_at", "confidence", "already_there", "verify"),
        *("warnings", "error", "error_message", "apart"),
    )
    from changelog.model.results.restore import UnknownDid

    unknown = [None] * (columns.index("error") - 1)
    rows = [
        (each.name, *unknown, *_error(each.error), None)
        if isinstance(each, UnknownDid)
        else _restored(each)
        for each in result.dids
    ]
    return Table(columns, rows)


def _restored(card: RestoreCard) -> Row:
    before, target = card.current.routing, card.target.newest if card.target else None
    after = target.routing if target else None
    moved = Change("destination", before.destination, after and after.destination, routing=True)
    return (
        *(card.name, card.number, card.visible, card.as_of),
        card.numbered and card.numbered.revision,
        *before.fields,
        Side(moved, False) if moved != _NOWHERE else None,
        target and target.revision,
        *(after.fields if after else (None, None)),
        Side(moved, True) if moved != _NOWHERE else None,
        target and target.last_seen_at,
        card.decision.confidence,
        card.already_there if target else None,
        commands(card)["verify"],
        "; ".join(show(warning) for warning in warnings(card)),
        *(*_error(card.error), card.apart),
    )


_NOWHERE = Change("destination", None, None, routing=True)


def _error(error: DidError | None) -> tuple[str | None, str | None]:
    return (error.code, error.message) if error else (None, None)


_TABLES: Mapping[str, Callable[[Any], Table]] = {
    "list": fleet,
    "diff": diff,
    "restore": restore,
    "log": log,
}


# CSV

_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_FORMULA = re.compile(rf"""['" ]*[{_SIGNS}]""")
"""What a spreadsheet would run: with spaces or quotes before it (some strip them), or in full width
and small forms (some take these for the same). The apostrophes make the way back unambiguous: see
`_defused`."""
_TELEPHONE = re.compile(r"\+[0-9]+")


def document(command: str, result: Result) -> str:
    """Write the whole answer of `command` as CSV, without its last line end."""
    return csv_table(table(command, result)).removesuffix("\n")


def csv_table(content: Table) -> str:
    """Spell a table as CSV: RFC 4180 in UTF-8, with a header, but for its line ends: they are
    ``\\n``. The answer goes into pipes, where a ``\\r`` would stick to the last column, and
    spreadsheets read both. No cell holds a line break, so a line is always a record.

    Values are whole, not masked, as with ``--json``; control, bidirectional and invisible
    characters are escaped as everywhere.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(content.columns)
    writer.writerows([_defused(_spelled(cell)) for cell in row] for row in content.rows)
    return out.getvalue()


def _spelled(cell: Any) -> str:
    """Spell a cell: nothing is empty, a text stands as it is, what has parts as its JSON."""
    value = cell.value if isinstance(cell, Value | Side) else cell
    if value is None or value == ():
        return ""
    if isinstance(value, str):
        return escape(value)
    return rfc3339(value) if isinstance(value, datetime) else canonical_json(plain(value))


def _defused(cell: str) -> str:
    """Put an apostrophe before `cell` if a spreadsheet would run it as a formula.

    A ``+`` with nothing but digits stays: it can only ever come to a number, and it is how every
    telephone number is written, which programs must be able to read. Tab and carriage return are
    no beginning that can still happen: they are escaped by then.

    A reader of the value takes one apostrophe away where one stands before such a beginning; so
    that this is always right, a value that has apostrophes there gets another.
    """
    if _FORMULA.match(cell) and not _TELEPHONE.fullmatch(cell):
        return f"'{cell}"
    return cell
