"""Takes the key and other secrets out of what a server sent, before it leaves this package."""

from typing import Any

from changelog.core.body import NotJson, parse_json
from changelog.core.redaction import REDACTED, redact_broken, without_secrets
from changelog.minivoice.key import ApiKey

LARGEST_KEPT = 64 * 1024
"""Bytes of an unreadable body that go into the log."""
SHORTEST_PIECE = 4
"""Characters of a key at the end of a body that was cut off. Fewer tell nothing."""


def kept_json(text: str, key: ApiKey) -> str:
    """JSON `text` without secrets: verbatim where that suffices, else spelled anew.

    Raises NotJson.
    """
    return kept_document(text, key)[0]


def kept_document(text: str, key: ApiKey) -> tuple[str, Any]:
    """As `kept_json`, and the value that is spelled by what is kept. Raises NotJson."""
    value = parse_json(text)
    kept = without_secrets(text, value, [key.secret])
    return kept, value if kept == text else parse_json(kept)


def kept_text(body: bytes, key: ApiKey, *, whole: bool) -> str:
    """An unreadable body as text without secrets; bytes that are no UTF-8 become surrogates.

    `whole`: nothing is missing at its end, where else a piece of the key can stand.
    """
    text = body.decode("utf-8", "surrogateescape")
    try:
        return kept_json(text, key)
    except NotJson:
        kept = redact_broken(text, [key.secret])
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
