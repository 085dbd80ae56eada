"""Taking secrets out of what came from outside, before it is stored, logged or shown.

An application object can carry ``api_key`` and a trunk a password (MINIVOICE.md, Applications), and
a broken server can echo the request's own ``Authorization`` header.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from changelog.core.body import NotJson, canonical, parse_json

REDACTED = "[redacted]"
SECRET_FIELDS = ("api_key", "webhook_secret", "password", "authorization")

_NAMES = "|".join(SECRET_FIELDS)
# `"api_key": "…"` as text, so that all else stays verbatim; a string that was cut off counts too.
_JSON_SECRET = re.compile(
    rf'("(?:{_NAMES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|(?!null\b)[^\s"\[\]{{}},]+)',
    re.IGNORECASE,
)
_HEADER_SECRET = re.compile(r"(authorization\s*[:=]\s*)[^\r\n\"<]+", re.IGNORECASE)
# With a digit in it: "bearer capability" is telephony, not a key.
_BEARER = re.compile(r"(bearer\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_SECRET_CONTAINER = re.compile(rf'("(?:{_NAMES})"\s*:\s*)[\[{{].*', re.IGNORECASE | re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u00([2-7][0-9a-fA-F])|(["\\/]))')
# Keys look like mv_live_… (seen).
_KEY_SHAPE = re.compile(r"\bmv_(?:live|test)_[A-Za-z0-9_-]{6,}")
# A shorter "key" is a typing error or a test's; replacing it would eat ordinary words.
_SHORTEST_KEY = 6


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the `secrets` themselves and without anything that names itself one."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_KEY:
            text = text.replace(secret, REDACTED)
            text = text.replace(json.dumps(secret)[1:-1], REDACTED)
    text = _JSON_SECRET.sub(rf'\1"{REDACTED}"', text)
    text = _HEADER_SECRET.sub(rf"\1{REDACTED}", text)
    text = _BEARER.sub(rf"\1{REDACTED}", text)
    return _KEY_SHAPE.sub(REDACTED, text)


def redact_broken(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` that is not JSON, and may be a broken piece of it, without secrets.

    What spells a secret with escapes is spelled without them; a secret that holds other values
    takes the rest of the text with it, since nothing says where it would have ended.
    """
    hidden = tuple(secrets)
    plain = _ESCAPE.sub(_unescaped, text)
    kept = redact(plain, hidden)
    kept = redact(text, hidden) if kept == plain else kept
    return _SECRET_CONTAINER.sub(rf'\1"{REDACTED}"', kept)


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def redact_value(value: object) -> object:
    """A parsed JSON value with every secret field's value replaced, at any depth."""
    if isinstance(value, dict):
        return {
            name: REDACTED if is_secret(name) and item is not None else redact_value(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [redact_value(item) for item in value]
    return value


def is_secret(name: str) -> bool:
    return name.lower() in SECRET_FIELDS


def without_secrets(text: str, value: Any, secrets: Iterable[str]) -> str:
    """JSON `text` (which spells `value`) redacted: verbatim if that suffices, else spelled anew."""
    hidden = tuple(secrets)
    kept = redact(text, hidden)
    if _spells_no_secret(kept, hidden):
        return kept
    # A secret was spelled with escapes, or redacting the text took a quote away.
    return canonical(_redacted(redact_value(value), hidden))


def _spells_no_secret(text: str, secrets: Sequence[str]) -> bool:
    try:
        value = parse_json(text)
        json.loads(text, object_pairs_hook=_without_repeats)
    except (NotJson, _Repeated):
        return False
    return bool(_redacted(redact_value(value), secrets) == value)


class _Repeated(ValueError):
    """Of two fields with one name only the last one is looked at."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Repeated
    return found


def _redacted(value: Any, secrets: Sequence[str]) -> Any:
    """`value` with every text in it redacted, names too."""
    if isinstance(value, dict):
        return {redact(name, secrets): _redacted(item, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item, secrets) for item in value]
    return redact(value, secrets) if isinstance(value, str) else value
