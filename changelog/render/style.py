"""Text for a person: the one place where a value is escaped, masked, shortened and spelled.

A renderer puts values into a template with `line`, which escapes each of them. What comes out is
`Shown`, and is not escaped again. Markdown takes a value's text from `show` and escapes it further.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from changelog.model.diff import Change
from changelog.model.history import Confirmation, Evidence, Note, Verdict
from changelog.model.results.base import DidError
from changelog.model.routing import KnownRouting, Routing
from changelog.model.text.json_body import canonical_json
from changelog.model.text.sanitize import (
    Command,
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
    from collections.abc import Iterable, Iterator, Sequence


NOTHING = "-"
LONGEST_VALUE = 1000
"""Characters of one value in a text: ``--json`` has it whole."""
_WIDEST_COLUMN = 200
"""Columns of the terminal that the other rows are filled up to, however long one cell is."""
_JUDGED_SHOWN, _OTHERS_SHOWN = 3, 2
DIDS_IN_A_GROUP = 6
_KINDS = {str: "text", bool: "true or false", list: "list", tuple: "list", dict: "object"}
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Shown(str):
    """Text in which nothing acts on a terminal: a line takes it as it is."""

    __slots__ = ()


BLANK = Shown("")


class Value(NamedTuple):
    """A field's value: shortened where it is very long, a destination masked as a whole."""

    field: str
    value: Any


class Side(NamedTuple):
    """One side of a change: what is hidden of both is told apart."""

    change: Change
    is_after: bool

    @property
    def value(self) -> Any:
        """The value, whole; of two whose texts are the same, with what it is."""
        pair = self.change.before, self.change.after
        if pair[0] != pair[1] and _look_alike(*map(_plain_text, pair)):
            pair = spelled_apart(*pair)
        return pair[self.is_after]


class Sentence(NamedTuple):
    """A text for a person with a code for programs. Each medium puts the values in its own way."""

    code: str
    template: str
    values: tuple[Any, ...] = ()

    def extended(self, *parts: tuple[str, object]) -> Sentence:
        """Return it with each part behind it, a template and its value, whose value is known."""
        known = [(template, value) for template, value in parts if value]
        template = self.template + "".join(template for template, _ in known)
        return say(template, *self.values, *(value for _, value in known), code=self.code)


class Painted(NamedTuple):
    """A value that a terminal shows in a colour."""

    value: object
    kind: str


def change_of(change: Change) -> Painted | Change:
    """Return a change, painted where it is one of the routing."""
    return Painted(change, "yellow") if change.routing else change


def say(template: str, *values: object, code: str = "") -> Sentence:
    """Make a sentence of a template and its values."""
    return Sentence(code, template, values)


NO_MORE = Sentence("", "")
"""Nothing, where a sentence may have more."""


class Words(str):
    """What people wrote themselves: shown as it is, and masked where it goes elsewhere."""

    __slots__ = ()


def show(value: object) -> Shown:  # noqa: C901 -- a case for each kind of value
    """Make `value` harmless on a terminal; nothing is ``-``."""
    match value:
        case Shown():
            return value
        case None | "":
            return Shown(NOTHING)
        case Command() | Words():
            return whole(value)
        case str():
            return Shown(escape(masked_urls(value)))
        case bool():
            return Shown("yes" if value else "no")
        case datetime():
            return Shown(format_utc(value))
        case Value():
            return value_text(value.value, value.field)
        case Side(change=change):
            return shown_pair(change.before, change.after, change.field)[value.is_after]
        case _ if isinstance(value, Parts):
            sentence = sentence_of(value)
            return line(sentence.template, *sentence.values)
        case DidError():
            if value.status is None:
                # A code of the program's own; its message is a sentence.
                return line("{}", value.message or value.code)
            return line("{} {}: {}", value.status, value.code, value.message or BLANK)
        case Painted():
            return show(value.value)
        case tuple() | list():
            return joined(value, "; ")
    return Shown(value)


Parts = Sentence | Change | Routing | KnownRouting | Note | Verdict | Evidence | Confirmation
"""Values of several parts."""


def sentence_of(value: Parts) -> Sentence:
    """Make a sentence of a value of several parts: each medium escapes the parts in its own way."""
    match value:
        case Sentence():
            return value
        case Change():
            sides = (Side(value, False), Side(value, True))
            if value.is_learned:
                return say("{} learned: {}", value.field, sides[1])
            return say("{} {} → {}", value.field, *sides)
        case Routing():
            known = say("{} {}", *(Value("", part) for part in value.fields))
            where = value.destination and Value("destination", value.destination)
            return known.extended((" {}", where))
        case KnownRouting(routing, known_from):
            later = f" ({routing.destination_name} known only from {{}} on)"
            return sentence_of(routing).extended((later, known_from))
        case Note():
            return say('"{}" ({}, {})', value.text, value.by, value.at)
    return about(value)


def listing(parts: Iterable[object], separator: str = "; ") -> Sentence:
    """Return parts in one sentence."""
    values = tuple(parts)
    return say(separator.join("{}" for _ in values), *values)


def line(template: str, /, *values: object) -> Shown:
    """Put each value, made harmless, into `template`."""
    return Shown(template.format(*map(show, values)))


def joined(parts: Iterable[object], separator: str = ", ") -> Shown:
    """Join what is not empty of `parts`, each made harmless."""
    return Shown(separator.join(show(part) for part in parts if part))


def lines(parts: Iterable[Shown]) -> Shown:
    """Return lines, one below the other."""
    return Shown("\n".join(parts))


def value_text(value: Any, field: str = "") -> Shown:
    """Show a field's value; of a very long one the beginning, so that it buries nothing else."""
    return Shown(truncate(_whole_text(value, field), LONGEST_VALUE))


def _whole_text(value: Any, field: str = "") -> str:
    if value is None or value == "":
        return NOTHING
    text = value if isinstance(value, str) else canonical_json(value)
    return escape(masked(text) if field == "destination" else masked_urls(text))


def _plain_text(value: Any) -> str:
    if value is None:
        return ""
    return escape(value if isinstance(value, str) else canonical_json(value))


def shown_pair(before: Any, after: Any, field: str) -> tuple[Shown, Shown]:
    """Show both values of a field; tell a difference in what is masked or left out."""
    if isinstance(before, str) and isinstance(after, str) and "://" in before:
        # Masked as a whole already; a second time would take away what was said of the difference.
        before, after = masked_pair(before, after)
        field = ""
    texts = _whole_text(before, field), _whole_text(after, field)
    if before != after and _look_alike(*(text.strip() or NOTHING for text in texts)):
        kinds = spelled_apart(before, after)
        texts = escape(masked_urls(kinds[0])), escape(masked_urls(kinds[1]))
    first, second = (Shown(truncate(text, LONGEST_VALUE)) for text in texts)
    if first == second and texts[0] != texts[1]:
        second = Shown(f"{second} (they differ in what is left out)")
    return first, second


def _look_alike(text: str, other: str) -> bool:
    """Return whether a reader would take both texts for the same."""
    return " ".join(normalize("NFC", text).split()) == " ".join(normalize("NFC", other).split())


def spelled_apart(before: Any, after: Any) -> tuple[str, str]:
    """Return two values that differ and look the same, with what they are: ``1.0 (number)``."""
    return _with_kind(before), _with_kind(after)


def _with_kind(value: Any) -> str:
    if value is None:
        return "absent"
    if value == "":
        return '""'
    text = json.dumps(value) if isinstance(value, str) else canonical_json(value)
    return f"{text} ({_KINDS.get(type(value), 'number')})"


def some(dids: Sequence[str], most: int = DIDS_IN_A_GROUP, *, count: int | None = None) -> Shown:
    """Name the first of `dids`, and how many more there are: `count` in all."""
    left = (len(dids) if count is None else count) - len(dids[:most])
    named = joined(dids[:most])
    return line("{} … {} more", named, left) if left else named


def how_many(count: int, one: str = "DID", many: str = "") -> str:
    """Spell a number of things: ``1 DID``, ``3 DIDs``; `many` where that is not `one` with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


class Style(NamedTuple):
    """How to write for one reader. `width`: columns of a terminal, None where there is none."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, kind: str) -> Shown:
        """Paint `text`, made harmless, where the reader sees colours."""
        if not (text and kind and self.colour):
            return show(text) if text else BLANK
        return Shown(f"\x1b[{_CODES[kind]}m{show(text)}\x1b[0m")

    def cut(self, text: Shown) -> Shown:
        """Cut `text` to one line of the terminal."""
        if self.width is None or width(text) <= self.width:
            return text
        return Shown(clip(text, max(1, self.width - 1)) + "…")

    def painted(self, value: object) -> Shown:
        """Show `value`; where it is a sentence, with the colours of what is in it."""
        match value:
            case Painted():
                return self.paint(show(value.value), value.kind)
            case Sentence():
                return line(value.template, *map(self.painted, value.values))
        return show(value)


def columns(rows: Sequence[Sequence[object]], *, indent: str = "") -> list[Shown]:
    """Put rows in columns two spaces apart, as wide as the widest cell or ``_WIDEST_COLUMN``."""
    cells = [[show(cell) for cell in row] for row in rows]
    if not cells:
        return []
    widths = [min(max(map(width, column)), _WIDEST_COLUMN) for column in zip(*cells, strict=True)]
    return [Shown((indent + "  ".join(map(_filled, row, widths))).rstrip()) for row in cells]


def _filled(cell: str, room: int) -> str:
    return cell + " " * (room - width(cell))


def whole(text: str | None) -> Shown:
    """Show a text unmasked."""
    return Shown(escape(text or ""))


def diff_side(selector: str, at: datetime | None) -> Sentence:
    """Name one side of a diff; what the log holds latest is not what is live."""
    if at is not None:
        return say("{} ({})", selector, at)
    return say("{} (in the log)" if selector == "latest" else "{}", selector)


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def note(note: Note, longest: int | None = None) -> Sentence:
    """Show a note, or its beginning."""
    is_whole = longest is None or len(note.text) <= longest
    text = note.text if is_whole else f"{note.text[:longest]}…"
    return say('"{}" ({}, {})', Words(text), note.by, note.at)


def test_calls(evidence: Iterable[Evidence]) -> Iterator[Sentence]:
    """Show test calls, oldest first: the newest with a listener's word, and the newest others."""
    calls = list(evidence)
    judged = [call for call in calls if call.result in ("pass", "fail")][-_JUDGED_SHOWN:]
    others = [call for call in calls if call.result not in ("pass", "fail")][-_OTHERS_SHOWN:]
    shown = [call for call in calls if call in judged or call in others]
    if len(shown) < len(calls):
        yield say("… older calls are left out")
    yield from map(about, shown)


def about(fact: Verdict | Evidence | Confirmation) -> Sentence:
    """Say what somebody judged, a test call said or ``verify --to`` saw."""
    match fact:
        case Verdict():
            how = "judged" if fact.verdict in ("good", "bad") else "marked"
            values: tuple[object, ...] = (fact.verdict, Words(fact.reason), fact.by, fact.at)
            return say(f"{how} {{}}: {{}} ({{}}, {{}})", *values)
        case Evidence():
            text = "call {} {}: {} on r{}, {}" + (", {}" if fact.reason else "")
            values = (fact.call, fact.event, fact.result, fact.revision, fact.at, fact.reason)
            return say(text, *values)
    return say("return to r{}, with r{}, verified ({})", fact.revision, fact.returned, fact.at)
