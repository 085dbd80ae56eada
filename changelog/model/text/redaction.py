"""What came from outside, without secrets: before anything of it is stored.

An application object can carry ``api_key`` and a trunk a password (MINIVOICE.md, Applications), and
a broken server can echo the request's own ``Authorization`` header. Such a server can also spell a
secret in other ways: quoted, or encoded.
"""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from changelog.model.text.json_body import NotJson, canonical_json, parse_json

REDACTED = "[redacted]"
SECRET_FIELDS = ("api_key", "webhook_secret", "password", "authorization")

# Patterns are texts where few runs need them: `re` compiles one at its first use, and keeps it.
_NAMES = "|".join(SECRET_FIELDS)
# `"api_key": "…"` as text, so that all else stays verbatim; a string that was cut off counts too.
_JSON_SECRET = rf'("(?:{_NAMES})"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|(?!null\b)[^\s"\[\]{{}},]+)'
_HEADER_SECRET = rf"(authorization['\"]?\s*[:=])(?!\s*\"?{re.escape(REDACTED)})(\s*)[^\r\n<]+"
# With a digit in it: "bearer capability" is telephony, not a key.
_BEARER = r"(bearer\s+)(?=\S*\d|\S{20})[A-Za-z0-9._~+/=-]{8,}"
_SECRET_CONTAINER = rf'(?is)("(?:{_NAMES})"\s*:\s*)[\[{{].*'
_MARKERS = (*SECRET_FIELDS, "bearer", "mv_live_", "mv_test_")
"""In lower case: whatever is replaced, the keys themselves aside, has one of these in it."""
_DEEPEST_QUOTE = 3
"""How deep documents quoted within documents are looked into, where they are broken."""
_ESCAPE = r'\\(?:u00([2-7][0-9a-fA-F])|(["\\/]))'
# Keys look like mv_live_… (seen).
_KEY_SHAPE = re.compile(r"mv_(?:live|test)_[A-Za-z0-9_-]{6,}", re.IGNORECASE)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Take the `secrets`, and whatever names itself one, out of `text`."""
    # The longest first: one that begins with another must not be left in halves.
    for secret in sorted(secrets, key=len, reverse=True):
        for spelled in spellings(secret):
            text = text.replace(spelled, REDACTED)
    text = re.sub(_JSON_SECRET, rf'\1"{REDACTED}"', text, flags=re.IGNORECASE)
    text = re.sub(_HEADER_SECRET, rf"\1\2{REDACTED}", text, flags=re.IGNORECASE)
    text = re.sub(_BEARER, rf"\1{REDACTED}", text, flags=re.IGNORECASE)
    return _KEY_SHAPE.sub(REDACTED, text)


def looks_like_key(text: str) -> bool:
    return _KEY_SHAPE.search(text) is not None


def redact_broken(text: str, secrets: Iterable[str] = ()) -> str:
    """Take secrets out of `text` that is not JSON, and may be a broken piece of it.

    What spells a secret with escapes is spelled without them; a secret that holds other values
    takes the rest of the text with it, since nothing says where it would have ended.
    """
    hidden = tuple(secrets)
    kept = _without_containers(redact(text, hidden))
    plain = kept
    for _ in range(_DEEPEST_QUOTE):
        plain = re.sub(_ESCAPE, _unescaped, plain)
        cleaned = _without_containers(redact(plain, hidden))
        if cleaned != plain:
            kept = plain = cleaned
    return kept


def _without_containers(text: str) -> str:
    return re.sub(_SECRET_CONTAINER, rf'\1"{REDACTED}"', text)


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else match[2]


def redact_value(value: Any, secrets: Sequence[str]) -> Any:
    """Redact every text in a parsed JSON value, names too, and every secret field's value."""
    if isinstance(value, dict):
        return {
            redact(name, secrets): REDACTED
            if is_secret(name) and item is not None
            else redact_value(item, secrets)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [redact_value(item, secrets) for item in value]
    return redact(value, secrets) if isinstance(value, str) else value


def is_secret(name: str) -> bool:
    return name.lower() in SECRET_FIELDS


class Document(NamedTuple):
    """A whole JSON text without secrets, and the value that it spells."""

    text: str
    value: Any


def read_document(text: str, secrets: Iterable[str]) -> Document:
    """Parse JSON `text` and take secrets out: verbatim if that suffices, else spelled anew.

    Raises NotJson.
    """
    value, hidden = parse_json(text), tuple(secrets)
    if _is_plainly_harmless(text, hidden):
        return Document(text, value)
    kept = searched_through(text, value, hidden)
    return Document(kept, value if kept == text else parse_json(kept))


def _is_plainly_harmless(text: str, secrets: Sequence[str]) -> bool:
    """Return whether one look at JSON `text` shows that there is nothing to redact.

    In ASCII without a backslash every string of the value stands in the text as it is, names too.
    So what is not in the text is in none of them.
    """
    if not text.isascii() or "\\" in text:
        return False
    lower = text.lower()
    for marker in _MARKERS:
        if marker in lower:
            return False
    return not any(spelled in text for secret in secrets for spelled in spellings(secret))


def searched_through(text: str, value: Any, hidden: Sequence[str]) -> str:
    """Return JSON `text` without secrets, by a search of every name and text in its value."""
    kept = redact(text, hidden)
    if _spells_no_secret(kept, hidden):
        return kept
    # A secret was spelled with escapes, or redacting the text took a quote away.
    return canonical_json(redact_value(value, hidden))


class _Spelled(ValueError):
    """A secret is in the text."""


def _spells_no_secret(text: str, secrets: Sequence[str]) -> bool:
    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Field by field: of two with one name, a parsed object holds the last only.
        for name, item in pairs:
            if redact_value({name: item}, secrets) != {name: item}:
                raise _Spelled
        return dict(pairs)

    try:
        value = parse_json(text)
        json.loads(text, object_pairs_hook=look)
    except (NotJson, _Spelled):
        return False
    return bool(redact_value(value, secrets) == value)


SHORTEST_SECRET = 6
"""A shorter one is a typing error or a test's; replacing it would eat ordinary words."""
_SHORTEST_ENCODED = 12
"""Characters from which on a secret is looked for in base64: of a shorter one too little is left
that does not depend on what stands around it."""
_BITS_OF_A_DIGIT = 6


@lru_cache(maxsize=256)
def spellings(secret: str) -> tuple[str, ...]:
    """Return the texts that give `secret` away, the longest first; none for one too short to be
    one.

    As it is; as JSON, HTML and URLs quote it; in hexadecimal digits; in base64, wherever in the
    encoded text it begins.
    """
    if len(secret) < SHORTEST_SECRET:
        return ()
    # Its table of entities takes longer to load than a restore has.
    import html

    raw = secret.encode("utf-8", "surrogatepass")
    in_json = json.dumps(secret)[1:-1]
    texts = {secret, in_json, in_json.replace("/", "\\/")}
    texts |= {html.escape(secret), html.escape(secret).replace("&#x27;", "&#39;")}
    for percent in (quote(raw, safe=""), quote(raw), "".join(f"%{byte:02X}" for byte in raw)):
        texts |= {percent, _lower_escapes(percent)}
    texts |= {raw.hex(), raw.hex().upper()}
    if len(secret) >= _SHORTEST_ENCODED:
        texts |= {
            _in_base64(raw, offset, altered) for offset in range(3) for altered in (b"+/", b"-_")
        }
    return tuple(sorted(texts, key=lambda text: (-len(text), text)))


def _lower_escapes(percent: str) -> str:
    """Write the digits of each escape in lower case: ``%2F`` as ``%2f``."""
    first, *rest = percent.split("%")
    return first + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _in_base64(raw: bytes, offset: int, altered: bytes) -> str:
    """Return the digits that stand for `raw` alone, where `offset` bytes stand before it."""
    from base64 import b64encode

    digits = b64encode(bytes(offset) + raw, altered).decode()
    first = -(-offset * 8 // _BITS_OF_A_DIGIT)
    return digits[first : (offset + len(raw)) * 8 // _BITS_OF_A_DIGIT]
