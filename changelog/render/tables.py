"""Which columns and rows an answer has as a table: values alone, whatever spells them in the end.

A cell is a text, a number, a bool, a time, None, a field's value, or a tuple of changes or notes.

In a terminal that is too narrow, `fitted` shortens values and leaves columns out, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from changelog.model.diff import Change
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.sanitize import clip, width
from changelog.render.advice import commands, warnings
from changelog.render.style import Shown, Side, Style, Value, columns, line, show, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from changelog.model.diff import Group
    from changelog.model.exits import DidError
    from changelog.model.results.diff import DiffedDid, DiffResult
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
        """Return only the columns in which something stands."""
        filled = (
            name
            for index, name in enumerate(self.columns)
            if any(row[index] not in (None, "", ()) for row in self.rows)
        )
        return self.only(*filled)


def table(command: str, result: Any) -> Table:
    """Return the one table that holds the whole answer of `command`."""
    return _TABLES[command](result)


def _of(items: Iterable[Any], members: str) -> Table:
    """Make a row an item: each member, or the last part of its path, is a column."""
    paths = members.split()
    columns = tuple(path.rpartition(".")[2] for path in paths)
    rows = map(attrgetter(*paths), items)
    if "destination" not in columns:
        return Table(columns, list(rows))
    place = columns.index("destination")
    return Table(columns, [_with_destination(row, place) for row in rows])


def _with_destination(row: Row, place: int) -> Row:
    """Masked as one, wherever it is masked."""
    return (*row[:place], row[place] and Value("destination", row[place]), *row[place + 1 :])


def fleet(result: ListResult) -> Table:
    """Return a row a DID: where each points, its status and since when."""
    return _of(
        result.dids,
        "did number routing.application_id application_name routing.route_mode"
        " routing.destination status revision since last_seen_at visible retired",
    )


def log(result: LogResult) -> Table:
    """Return a row a revision, or a snapshot where these were asked for."""
    if result.snapshots is not None:
        columns = ("at", "did", "capture", "revision", "error_status", "error", "error_message")
        rows = [
            (
                *(row.seen.at, row.did, row.seen.capture, row.seen.revision),
                *(row.error.status if row.error else None, *_error(row.error)),
            )
            for row in result.snapshots
        ]
        return Table(columns, rows)
    content = _of(
        result.entries,
        "revision.first_seen_at revision.did revision.number revision.revision"
        " revision.routing.application_id revision.routing.route_mode"
        " revision.routing.destination revision.status state restores changes"
        " revision.capture.recorded_by revision.capture.changed_by revision.capture.ticket tags"
        " notes verdicts evidence",
    )
    return content._replace(rows=[_worded(content.columns, row) for row in content.rows])


def _worded(columns: tuple[str, ...], row: Row) -> Row:
    """Lists of words as one text."""
    words = ("state", "tags")
    cells = zip(columns, row, strict=True)
    return tuple(" ".join(cell) if name in words else cell for name, cell in cells)


def diff(result: DiffResult) -> Table:
    """Return a row a DID and changed field; a row for a DID without any, whose `outcome` says
    why."""
    columns = (
        *("did", "number", "from_revision", "to_revision", "outcome", "field", "before", "after"),
        *("routing", "not_read", "error", "error_message"),
    )
    return Table(columns, [row for did in result.dids for row in _diffed(did)])


def _diffed(did: DiffedDid) -> Iterator[Row]:
    head = (did.did, did.number, did.from_revision, did.to_revision, _outcome(did))
    tail = (" ".join(did.not_read), *_error(did.error))
    for change in did.changes:
        yield (*head, *_changed(change), *tail)
    if not did.changes:
        yield (*head, None, None, None, None, *tail)


def _changed(change: Change) -> Row:
    return change.field, Side(change, False), Side(change, True), change.routing


def _outcome(did: DiffedDid) -> str:
    if did.is_unread:
        return "unreadable"
    if did.changes:
        return "changed"
    if did.error is not None:
        return "error"
    if did.first_revision:
        return "first_revision"
    return "unchanged" if did.is_known_on_both else "absent"


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
    return Table(columns, [_restored(card) for card in result.dids])


def _restored(card: RestoreCard) -> Row:
    current, target = card.current, card.target.newest if card.target else None
    before = current.routing if current else None
    after = target.routing if target else None
    moved = Change(
        "destination", before and before.destination, after and after.destination, routing=True
    )
    return (
        *(card.name, card.number, card.visible if current else None, card.as_of),
        current and current.revision,
        *(before.fields if before else (None, None)),
        Side(moved, False) if moved != _NOWHERE else None,
        target and target.revision,
        *(after.fields if after else (None, None)),
        Side(moved, True) if moved != _NOWHERE else None,
        target and target.last_seen_at,
        card.decision and card.decision.confidence,
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


_NARROWEST = 8
"""Columns of the terminal that a shortened value has at least."""
_LEAST = {"number": 16, "since": 20, "destination": 16}
"""The same where it is more: a number and a time are never shortened."""
_GAP = 2


def fitted(
    rows: Sequence[Sequence[object]], style: Style, may_leave_out: Sequence[str]
) -> list[Shown]:
    """Fit `rows`, the heads first, into columns: shorten long values in the middle.

    Where that is not enough, the columns in `may_leave_out` go, from the last on, and a line at the
    end says which. Without a terminal nothing is shortened: what reads a pipe wants it whole.
    """
    cells = [[show(cell) for cell in row] for row in rows]
    if style.width is None:
        return columns(cells)
    left_out: list[str] = []
    for name in reversed(may_leave_out):
        if _room_of(_least(cells)) > style.width:
            place = cells[0].index(Shown(name))
            cells = [[*row[:place], *row[place + 1 :]] for row in cells]
            left_out.insert(0, name)
    widths = _narrowed(cells, style.width)
    shown = columns(
        [[_shorten(cell, room) for cell, room in zip(row, widths, strict=True)] for row in cells]
    )
    if left_out:
        text = "… no room for {}: widen the terminal, or use --format csv"
        shown.append(line(text, " and ".join(left_out)))
    return shown


def _room_of(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _widths(cells: Sequence[Sequence[Shown]]) -> list[int]:
    return [max(map(width, column)) for column in zip(*cells, strict=True)]


def _least(cells: Sequence[Sequence[Shown]]) -> list[int]:
    """Return what each column needs at least."""
    heads = zip(cells[0], _widths(cells), strict=True)
    return [min(room, max(width(head), _LEAST.get(head, _NARROWEST))) for head, room in heads]


def _narrowed(cells: Sequence[Sequence[Shown]], room: int) -> list[int]:
    """Return the widths, the widest made narrower until all fit or none can be narrower."""
    widths, least = _widths(cells), _least(cells)
    while (excess := _room_of(widths) - room) > 0:
        places = [place for place in range(len(widths)) if widths[place] > least[place]]
        if not places:
            break
        widest = max(places, key=widths.__getitem__)
        others = [widths[place] for place in places if place != widest]
        goal = min(max(others, default=0), widths[widest] - 1)
        widths[widest] = max(goal, widths[widest] - excess, least[widest])
    return widths


def _shorten(text: Shown, room: int) -> Shown:
    """Keep the beginning and the end of `text`: what tells two values apart is often at the end."""
    if width(text) <= room:
        return text
    end = (room - 1) // 2
    return Shown(f"{clip(text, room - 1 - end)}…{clip(text[::-1], end)[::-1]}")
