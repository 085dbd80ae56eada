"""Takes the key and other secrets out of what a server sent, before it leaves this package."""

from typing import Any

from changelog.core.body import NotJson, canonical, parse_json
from changelog.core.redaction import REDACTED, redact, redact_value, without_secrets
from changelog.minivoice.key import ApiKey

LARGEST_KEPT = 64 * 1024
"""Bytes of an unreadable body that go into the log."""
SHORTEST_PIECE = 4
"""Characters of a key at the end of a body that was cut off. Fewer tell nothing."""


def kept_json(text: str, key: ApiKey) -> str:
    """JSON `text` without secrets: verbatim where that suffices, else spelled anew.

    Raises NotJson.
    """
    value = parse_json(text)
    kept = without_secrets(text, value, [key.secret])
    if _spells_no_secret(kept, key):
        return kept
    # The key was spelled with escapes, or redacting the text took a quote away.
    return canonical(_redacted(redact_value(value), key))


def _spells_no_secret(text: str, key: ApiKey) -> bool:
    try:
        value = parse_json(text)
    except NotJson:
        return False
    return bool(_redacted(redact_value(value), key) == value)


def _redacted(value: Any, key: ApiKey) -> Any:
    """`value` with every text in it redacted, names too."""
    if isinstance(value, dict):
        return {redact(name, [key.secret]): _redacted(item, key) for name, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item, key) for item in value]
    return redact(value, [key.secret]) if isinstance(value, str) else value


def kept_text(body: bytes, key: ApiKey, *, whole: bool) -> str:
    """An unreadable body as text without secrets; bytes that are no UTF-8 become surrogates.

    `whole`: nothing is missing at its end, where else a piece of the key can stand.
    """
    text = body.decode("utf-8", "surrogateescape")
    try:
        return kept_json(text, key)
    except NotJson:
        kept = redact(text, [key.secret])
    return kept if whole else _without_piece(kept, key.secret)


def _without_piece(text: str, secret: str) -> str:
    for length in range(len(secret) - 1, SHORTEST_PIECE - 1, -1):
        if text.endswith(secret[:length]):
            return text[:-length] + REDACTED
    return text


def kept_bytes(text: str) -> bytes:
    """`text`, as ``kept_text`` gives it, in the form that goes into the log."""
    # Cut only here: before redaction, the cut could leave half a secret.
    return text.encode("utf-8", "surrogateescape")[:LARGEST_KEPT]
