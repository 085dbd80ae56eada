"""Paint and paper: colours, columns and values as text, for any of the text renderers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from changelog.model.text.json_body import canonical_json
from changelog.model.text.sanitize import (
    clip,
    escape,
    masked,
    masked_pair,
    masked_urls,
    truncate,
    width,
)
from changelog.model.text.times import format_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from changelog.model.diff import Change
    from changelog.model.history import Evidence, Note
    from changelog.model.results.base import DidError
    from changelog.model.routing import Routing

NOTHING = "-"
ARROW = "→"
LONGEST_VALUE = 1000
"""Characters of one value in a text: ``--json`` has it whole."""
_WIDEST_COLUMN = 200
"""Columns of the terminal that the other rows are filled up to, however long one cell is."""
_HEARD_SHOWN = 3
_OTHERS_SHOWN = 2
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


@dataclass(frozen=True, slots=True)
class Style:
    """How to write for one reader. `width`: columns of a terminal, None where there is none."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, *kinds: str) -> str:
        if not self.colour or not text:
            return text
        codes = ";".join(_CODES[kind] for kind in kinds)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def cut(self, text: str) -> str:
        """`text` in one line of the terminal."""
        if self.width is None or width(text) <= self.width:
            return text
        return clip(text, max(1, self.width - 1)) + "…"


def value_text(value: Any, field: str = "") -> str:
    """A field's value for a person: escaped, secrets of a URL masked, nothing as ``-``.

    Of a very long one the beginning: it must not bury what stands around it.
    """
    return truncate(_whole_text(value, field), LONGEST_VALUE)


def _whole_text(value: Any, field: str = "") -> str:
    if value is None or value == "":
        return NOTHING
    text = value if isinstance(value, str) else canonical_json(value)
    return escape(masked(text) if field == "destination" else masked_urls(text))


def change_text(change: Change) -> str:
    """``application_id app_a → app_b``."""
    shown = shown_pair(change.before, change.after, change.field)
    return f"{escape(change.field)} {shown[0]} {ARROW} {shown[1]}"


def shown_pair(before: Any, after: Any, field: str) -> tuple[str, str]:
    """Both values of a field for a person; a difference in what is masked is still told."""
    if isinstance(before, str) and isinstance(after, str) and "://" in before:
        # Masked as a whole already; a second time would take away what was said of the difference.
        before, after = masked_pair(before, after)
        field = ""
    whole = _whole_text(before, field), _whole_text(after, field)
    shown = truncate(whole[0], LONGEST_VALUE), truncate(whole[1], LONGEST_VALUE)
    if shown[0] == shown[1] and whole[0] != whole[1]:
        return shown[0], f"{shown[1]} (they differ in what is left out)"
    return shown


def routing_text(routing: Routing) -> str:
    """``app_a webhook https://…``; what is unknown is left out."""
    parts = [value_text(routing.application_id), value_text(routing.route_mode)]
    if routing.destination is not None:
        parts.append(value_text(routing.destination, "destination"))
    return " ".join(parts)


def columns(rows: Sequence[Sequence[str]], *, indent: str = "") -> list[str]:
    """Rows in columns two spaces apart, each as wide as its widest cell or ``_WIDEST_COLUMN``."""
    if not rows:
        return []
    widths = [
        min(max(width(row[index]) for row in rows), _WIDEST_COLUMN) for index in range(len(rows[0]))
    ]
    return [
        (
            indent + "  ".join(_filled(cell, room) for cell, room in zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _filled(cell: str, room: int) -> str:
    return cell + " " * (room - width(cell))


def joined(parts: Iterable[str], separator: str = ", ") -> str:
    return separator.join(part for part in parts if part)


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def note_lines(notes: Iterable[Note], indent: str, longest: int | None = None) -> list[str]:
    return [
        f'{indent}"{_cut(escape(note.text), longest)}" ({escape(note.by)}, {format_utc(note.at)})'
        for note in notes
    ]


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else f"{text[:longest]}…"


def evidence_lines(evidence: Iterable[Evidence], indent: str) -> list[str]:
    """Test calls, oldest first: the newest that somebody listened to, and of the rest."""
    found = list(evidence)
    heard = [one for one in found if one.result in ("pass", "fail")][-_HEARD_SHOWN:]
    others = [one for one in found if one.result not in ("pass", "fail")][-_OTHERS_SHOWN:]
    shown = [one for one in found if one in heard or one in others]
    lines = [
        f"{indent}call {escape(one.call)} {escape(one.event)}: {one.result} on r{one.revision},"
        f" {format_utc(one.at)}{f', {escape(masked_urls(one.reason))}' if one.reason else ''}"
        for one in shown
    ]
    return [*([f"{indent}… older calls are left out"] if len(shown) < len(found) else []), *lines]


def error_text(error: DidError) -> str:
    status = f"{error.status} " if error.status else ""
    return f"{status}{escape(error.code)}: {escape(error.message)}"
