"""The body of a DID as JSON: parsed, compared and spelled.

Shape of a DID (documented): a flat JSON object with ``id``, ``customer_id``, ``application_id``,
``number_e164``, ``provider``, ``status``, ``route_mode``, ``created_at``, ``updated_at``. Unknown
fields are kept, missing ones tolerated; null and absent are one value.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

Fields = Mapping[str, Any]

MAX_DEPTH = 64
"""Levels of nesting. Deeper is no DID; refusing it keeps every later walk within the stack."""

ALWAYS_VOLATILE = frozenset({"updated_at"})
"""Fields that begin no revision: nothing documents what moves ``updated_at``."""

_BLANK_IS_ABSENT = ("application_id", "route_mode")


class NotJson(ValueError):
    """The text is not JSON, or JSON beyond what this program will walk. `place`: from where on."""

    def __init__(self, reason: str, place: int = 0) -> None:
        super().__init__(reason)
        self.place = place


def parse_json(text: str) -> Any:
    """Parse `text`. Raises NotJson, never RecursionError."""
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error
    _require_shallow(value, text)
    return value


def next_value(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value that begins at `start`, and where it ends; others may follow.

    Raises NotJson with the place that cannot be read.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise NotJson(str(error), error.pos) from error
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error), start) from error
    _require_shallow(value, text[start:end], start)
    return value, end


def _require_shallow(value: Any, text: str, start: int = 0) -> None:
    # Nothing lies deeper than there are brackets that open.
    if text.count("[") + text.count("{") >= MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise NotJson(f"nested deeper than {MAX_DEPTH} levels", start)


def is_json_object(text: Any) -> bool:
    """Return whether `text` is what the body of a DID has to be."""
    try:
        return isinstance(text, str) and isinstance(parse_json(text), dict)
    except NotJson:
        return False


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float | str:
    """Read a number; one too large for a float stays as it was spelled: infinity is not JSON."""
    number = float(digits)
    return digits if number in (float("inf"), float("-inf")) else number


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
"""Made once: ``json.loads`` with arguments makes one a call, which costs more than most bodies."""


def _deeper_than(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            item
            for outer in layer
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True


def canonical_json(value: Any) -> str:
    """Spell equal values alike: sorted names, no white space, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def comparable(fields: Fields, volatile: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the fields that begin a revision when they differ."""
    ignored = ALWAYS_VOLATILE | volatile
    return {name: value for name, value in present(fields).items() if name not in ignored}


def present(fields: Fields) -> dict[str, Any]:
    return {
        name: value
        for name, value in fields.items()
        if value is not None and not (value == "" and name in _BLANK_IS_ABSENT)
    }


def storable_text(value: Any) -> str | None:
    """Spell a field as a typed column: text, with an escape for what a database cannot hold."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else canonical_json(value)
    if text.isprintable():
        return text
    return re.sub("[\0\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
