"""Answers as parts, and these as text: a line a part, in columns where values are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from changelog.model.text.sanitize import clip, width
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
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from changelog.model.diff import Change

R = TypeVar("R")


class Part(NamedTuple):
    """A line of an answer, or several, by its kind: each medium sets a kind off in its own way."""

    kind: str
    content: Any = ""


class Sides(NamedTuple):
    """The rows of two sides, the heads first, and how sure it is that the second one works."""

    rows: Sequence[Sequence[Shown]]
    sure: Sentence | None


_ROWS = {
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


def fields(values: Mapping[str, Any], separator: str = ", ") -> Shown:
    """Name fields with their values."""
    named = (line("{} {}", name, Value(name, value)) for name, value in values.items())
    return joined(named, separator)


# As text

_LINES = {
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
"""How a kind of part is set off, and its colour. A kind that is not here is left out."""
_COLUMNS = {"table": "", "facts": "  ", "recent": "    "}
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


_SHORTENED = 20
"""Columns of the terminal that a long value gets where there is little room: a time fits in."""


def fitted(rows: Sequence[Sequence[object]], style: Style) -> list[Shown]:
    """Put rows in columns; where that is too wide, shorten long values and cut lines at the edge.

    Without a terminal nothing is shortened: what reads a pipe wants it whole.
    """
    shown = columns(rows)
    if style.width is None or max(map(width, shown)) <= style.width:
        return shown
    short = columns([[_shortened(show(cell)) for cell in row] for row in rows])
    return [style.cut(row) for row in short]


def _shortened(text: Shown) -> Shown:
    """Keep the beginning and the end of `text`: what tells two values apart is often at the end."""
    if width(text) <= _SHORTENED:
        return text
    end = (_SHORTENED - 1) // 2
    return Shown(f"{clip(text, _SHORTENED - 1 - end)}…{clip(text[::-1], end)[::-1]}")
