"""Columns of a table that fit into a terminal, with nothing left out without a word."""

from collections.abc import Sequence

from changelog.model.text.sanitize import clip, width
from changelog.render.style import Shown, Style, columns, line, show

_NARROWEST = 8
"""Columns of the terminal that a shortened value has at least."""
_LEAST = {"number": 16, "since": 20, "destination": 16}
"""The same where it is more: a number and a time are never shortened."""
_GAP = 2


def fitted(
    rows: Sequence[Sequence[object]], style: Style, may_leave_out: Sequence[str]
) -> list[Shown]:
    """`rows`, the heads first, in columns: long values are shortened in the middle.

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
    """What each column needs at least."""
    heads = zip(cells[0], _widths(cells), strict=True)
    return [min(room, max(width(head), _LEAST.get(head, _NARROWEST))) for head, room in heads]


def _narrowed(cells: Sequence[Sequence[Shown]], room: int) -> list[int]:
    """The widths, the widest made narrower until all fit or none can be narrower."""
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
    """`text`, or its beginning and its end: what tells two values apart is often at the end."""
    if width(text) <= room:
        return text
    end = (room - 1) // 2
    return Shown(f"{clip(text, room - 1 - end)}…{clip(text[::-1], end)[::-1]}")
