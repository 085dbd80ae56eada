"""Answers as parts, and these as text: a line a part, in columns where values are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from changelog.model.text.sanitize import Advice, clip, list_line, width
from changelog.render.style import (
    BLANK,
    Sentence,
    Shown,
    Side,
    Style,
    Value,
    columns,
    joined,
    line,
    lines,
    say,
    show,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from changelog.model.diff import Change
    from changelog.model.routing import Routing

R = TypeVar("R")

PartKind = Literal[
    # Of every answer
    "note",  # what holds for the whole answer
    "line",  # a sentence
    "title",  # the title of a section
    "item",  # one of several things, each in its own line
    "detail",  # a line about the title or the item above it
    "people",  # a detail: by whom, and how often seen
    "remark",  # what a capture remarked
    "alarm",  # what could not be read
    "dids",  # DIDs of which the details below hold
    "table",  # rows of items
    "facts",  # rows of a name and a value
    # Of a card
    "blank",  # an empty line, in text alone
    "name",  # the DID, in text
    "headline",  # the DID and what to do, in the other media
    "unknown",  # why there is no card, in the other media: text says it on stderr
    "lead",  # what must be read first
    "about",  # since when, and what was looked at
    "sides",  # `Sides`: current and target
    "warning",
    "head",  # the title of a section
    "known",  # what else is known
    "recent",  # rows: the last routings
    "step",  # what to do, numbered
    "commands",  # rows: what a command is for, and the command
    "command",  # a row of these, where nothing can line up
    # Of a group of a fleet, under its title
    "of_group",  # what differs, and warnings
    "paste",  # a command, with its name
]
"""What a part is. Each medium says how it sets a kind off; it leaves out what it does not name."""


class Part(NamedTuple):
    """A line of an answer, or several."""

    kind: PartKind
    content: Any = ""


class Sides(NamedTuple):
    """The rows of two sides, the heads first, and how sure it is that the second one works."""

    rows: Sequence[Sequence[Shown]]
    sure: Sentence | None


_ROWS: Mapping[PartKind, tuple[PartKind, str]] = {
    "recent": ("known", "{} {}: {}, {}, {}"),
    "table": ("item", "{} {}  {}  {}: {}"),
    "commands": ("command", "{} {}"),
}


def without_columns(parts: Iterable[Part]) -> Iterator[Part]:
    """Make a sentence of each row, where nothing can line up."""
    for part in parts:
        if part.kind in _ROWS:
            kind, template = _ROWS[part.kind]
            yield from (Part(kind, say(template, *row)) for row in part.content)
        else:
            yield part


def difference(change: Change) -> Sentence:
    """Say what was expected of a field and what is live."""
    return say("{}: expected {}, live {}", change.field, Side(change, False), Side(change, True))


def advice(hint: str) -> Sentence | str:
    """Take advice apart, so that a medium sets off the commands in it."""
    if not isinstance(hint, Advice):
        return hint
    return say(
        hint.template, *(advice(part) if isinstance(part, str) else part for part in hint.values)
    )


def fields(values: Mapping[str, Any], separator: str = ", ") -> Shown:
    """Name fields with their values."""
    named = (line("{} {}", name, Value(name, value)) for name, value in values.items())
    return joined(named, separator)


# As text

_LINES: Mapping[PartKind, tuple[str, str]] = {
    "blank": ("", ""),
    "note": ("{}", "dim"),
    "line": ("{}", ""),
    "item": ("{}", ""),
    "title": ("{}", "bold"),
    "name": ("{}", "bold"),
    "alarm": ("{}", "red"),
    "remark": ("remark: {}", "yellow"),
    "lead": ("  {}", "red"),
    "about": ("  {}", ""),
    "head": ("  {}:", ""),
    "known": ("  {}", ""),
    "paste": ("  {}", ""),
    "dids": ("  {}", "bold"),
    "warning": ("  ! {}", "red"),
    "detail": ("    {}", ""),
    "of_group": ("    {}", ""),
    "step": ("    {}", ""),
    "people": ("    {}", "dim"),
}
"""How a line is set off, and its colour."""
_COLUMNS: Mapping[PartKind, str] = {"table": "", "facts": "  ", "recent": "    "}
"""How far each kind of rows is indented."""


def as_text(parts: Callable[[R], Iterable[Part]]) -> Callable[[R, Style], Shown]:
    """Return the renderer that lays out what `parts` makes of a result."""
    return lambda result, style: lines(_laid_out(parts(result), style))


def _laid_out(parts: Iterable[Part], style: Style) -> Iterator[Shown]:
    for kind, content in parts:
        if kind == "sides":
            yield from _sides(content, style)
        elif kind in _COLUMNS:
            yield from columns(content, indent=_COLUMNS[kind])
        elif kind == "commands":
            yield from (style.paint(row, "bold") for row in columns(content, indent="  "))
        elif kind in _LINES:
            template, colour = _LINES[kind]
            yield style.paint(line(template, style.painted(content)), colour)


def _sides(content: Sides, style: Style) -> Iterator[Shown]:
    """Put the sides beside each other, or one below the other where the terminal is narrow."""
    rows = content.rows
    if content.sure:
        rows = [*rows, [BLANK, BLANK, show(content.sure)]]
    first, *rest = columns(rows, indent="    ")
    if style.width is None or max(map(width, (first, *rest))) <= style.width:
        yield from (style.paint(first, "bold"), *rest)
        return
    for side, head in enumerate(rows[0][1:], start=1):
        yield style.paint(line("    {}", head), "bold")
        yield from columns([(row[0], row[side]) for row in rows[1:] if row[side]], indent="      ")


_NARROWEST = 8
"""Columns of the terminal that a long value gets where there is little room."""
_LEAST = {"number": 16, "seen_since": 20, "": 20}
"""Columns that need more: numbers and times have no middle that one can do without."""


def fitted(
    rows: Sequence[Sequence[object]], style: Style, may_leave_out: Sequence[str]
) -> list[Shown]:
    """Put rows in columns, the heads first; where that is too wide, shorten the longest values.

    Where that is not enough, the columns in `may_leave_out` go, from the last on, and a line at the
    end says which. Without a terminal nothing is shortened: what reads a pipe wants it whole.
    """
    cells = [[show(cell) for cell in row] for row in rows]
    if style.width is None:
        return columns(cells)
    left_out: list[str] = []
    while _taken(rooms := _rooms(cells, style.width)) > style.width and may_leave_out:
        *may_leave_out, name = may_leave_out
        place = cells[0].index(Shown(name))
        cells = [[*row[:place], *row[place + 1 :]] for row in cells]
        left_out.insert(0, name)
    short = [list(map(_shortened, row, rooms)) for row in cells]
    shown = columns(short)
    pairs = zip(zip(*cells, strict=True), zip(*short, strict=True), strict=True)
    alike = [column[0] for column, cut in pairs if len(set(cut)) < len(set(column))]
    for what, names in (("no room for {}", left_out), ("different values look alike in {}", alike)):
        if names:
            text = f"… {what}: widen the terminal, or use --format csv"
            shown.append(line(text, Shown(" and ".join(names))))
    return shown


def _taken(rooms: Iterable[int]) -> int:
    return sum(room + 2 for room in rooms if room) - 2


def _rooms(cells: Sequence[Sequence[Shown]], room: int) -> list[int]:
    """Return how wide each column may be: as much as fits into `room`, the same for all long ones.

    A column is never narrower than its head. So the columns may not fit.
    """
    widest = [max(map(width, column)) for column in zip(*cells, strict=True)]
    least = [max(width(head), _LEAST.get(head, 0)) for head in cells[0]]
    rooms = widest
    for longest in range(room, _NARROWEST - 1, -1):
        if _taken(rooms) <= room:
            break
        rooms = [min(most, max(longest, low)) for most, low in zip(widest, least, strict=True)]
    return rooms


def _shortened(text: Shown, room: int) -> Shown:
    """Keep the beginning and the end of `text`: what tells two values apart is often at the end."""
    if width(text) <= room:
        return text
    end = (room - 1) // 2
    return Shown(f"{clip(text, room - 1 - end)}…{clip(text[::-1], end)[::-1]}")


def plain_lines(rows: Iterable[tuple[str | None, str | None, Routing]]) -> Shown:
    """Return a line a DID: did, number, application_id, route_mode, destination.

    Whole, not masked: it is what gets put back. Tabs and other control characters are escaped; of
    an id also what would mean something else in a list.
    """
    return lines(
        Shown("\t".join([list_line(did or ""), *map(whole, (number, *routing))]))
        for did, number, routing in rows
    )
