"""Results as lines for Slack, Teams and a phone: no tables, nothing that must line up.

A value that such a program would read as more than text (a link, a mention, an emphasis) is set as
code, which all of them show as it is.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from changelog.model.diff import Change
from changelog.model.history import Note
from changelog.model.routing import KnownRouting, Routing
from changelog.model.text.sanitize import Command
from changelog.render import answers, status
from changelog.render.freshness import of_mirror
from changelog.render.restore import fleet
from changelog.render.style import (
    NOTHING,
    Painted,
    Sentence,
    Words,
    listing,
    sentence_of,
    show,
)
from changelog.render.text import Part, Sides, without_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from changelog.model.results.base import Result
    from changelog.render.text import PartKind

_HAS_A_MEANING = re.compile(
    r"[*~`<>@|#&\[\]]|//|(?<!\w)_|_(?!\w)|\w\.[^\W\d_]{2}|(?<!\w):\w|^[->=]|^\d+\."
)
"""Emphasis, code, a mention, a channel, a link, an emoji, a list or a quotation."""


class Chat(str):
    """A part of a message: what is put into a line is not set as code again."""

    __slots__ = ()


def document(command: str, result: Result) -> Chat:
    """Write the whole answer of `command`, as lines."""
    parts = chain((Part("line", text) for text in of_mirror(result)), _PARTS[command](result))
    return Chat("\n".join(_laid_out(parts)))


def put(value: object) -> Chat:
    """Put `value` as text, or as code where a reader would make more of it."""
    match value:
        case Chat():
            return value
        case Sentence() | Change() | Routing() | KnownRouting() | Note():
            sentence = sentence_of(value)
            return line(sentence.template, *sentence.values)
        case Painted():
            return put(value.value)
        case Words():
            value = str(value)
    text = show(value)
    if isinstance(value, Command) or _HAS_A_MEANING.search(text):
        # No backtick is left that would end the code, and nothing that a shell would run.
        return Chat("`{}`".format(text.replace("`", "\\x60")))
    return Chat(text)


def line(template: str, /, *values: object) -> Chat:
    """Put each value into `template`."""
    return Chat(template.format(*map(put, values)))


_LINES: Mapping[PartKind, str] = {
    "headline": "\n{}",
    "unknown": "\n{}",
    "title": "• {}",
    "item": "• {}",
    "dids": "• {}",
    "head": "{}:",
    "remark": "⚠ {}",
    "warning": "⚠ {}",
    "detail": "   {}",
    "of_group": "   {}",
    "people": "   {}",
    "paste": "   {}",
}
"""How a line is set off, if it is."""
_LEFT_OUT: tuple[PartKind, ...] = ("blank", "name")


def _laid_out(parts: Iterable[Part]) -> Iterator[Chat]:
    for kind, content in without_columns(parts):
        if kind == "sides":
            yield from _sides(content)
        elif kind not in _LEFT_OUT:
            yield line(_LINES.get(kind, "{}"), content)


def _sides(content: Sides) -> Iterator[Chat]:
    heads, *rows = content.rows
    for side, head in enumerate(heads[1:], start=1):
        # Nothing has no name of its own, as a value has.
        values = (line("{} -", row[0]) if row[side] == NOTHING else row[side] for row in rows)
        yield line("{}: {}", head, listing(values, ", "))
    if content.sure:
        yield line("How sure: {}", content.sure)


_PARTS: Mapping[str, Callable[[Any], Iterator[Part]]] = {
    "restore": fleet.parts,
    "diff": answers.diff_parts,
    "log": answers.log_parts,
    "status": status.parts,
}
