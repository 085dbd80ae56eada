"""Takes the keys and other secrets out of what a server sent, before it leaves this package."""

from collections.abc import Sequence
from typing import Any

from changelog.api.key import ApiKey, secrets_of
from changelog.model.text.json_body import NotJson, parse_json
from changelog.model.text.redaction import REDACTED, redact_broken, without_secrets
from changelog.model.text.secret_encodings import spellings

LARGEST_KEPT = 64 * 1024
"""Bytes of an unreadable body that go into the log."""
SHORTEST_PIECE = 4
"""Characters of a key at the end of a body that was cut off. Fewer tell nothing."""


def kept_json(text: str, keys: Sequence[ApiKey]) -> str:
    """JSON `text` without secrets: verbatim where that suffices, else spelled anew.

    Raises NotJson.
    """
    return kept_document(text, keys)[0]


def kept_document(text: str, keys: Sequence[ApiKey]) -> tuple[str, Any]:
    """As `kept_json`, and the value that is spelled by what is kept. Raises NotJson."""
    value = parse_json(text)
    kept = without_secrets(text, value, secrets_of(keys))
    return kept, value if kept == text else parse_json(kept)


def redacted_text(body: bytes, keys: Sequence[ApiKey], *, whole: bool) -> str:
    """An unreadable body as text without secrets; bytes that are no UTF-8 become surrogates.

    `whole`: nothing is missing at its end, where else a piece of the key can stand.
    """
    text = body.decode("utf-8", "surrogateescape")
    try:
        return kept_json(text, keys)
    except NotJson:
        secrets = secrets_of(keys)
    if whole:
        return redact_broken(text, secrets)
    # Before as well: of a key that begins with another, redaction would leave the end.
    return _without_piece(redact_broken(_without_piece(text, secrets), secrets), secrets)


def _without_piece(text: str, secrets: Sequence[str]) -> str:
    longest = max((_piece_at_end(text, secret) for secret in secrets), default=0)
    return text[:-longest] + REDACTED if longest else text


def _piece_at_end(text: str, secret: str) -> int:
    """How many characters at the end of `text` begin a secret, in whichever spelling."""
    return max((_beginning_at_end(text, one) for one in (secret, *spellings(secret))), default=0)


def _beginning_at_end(text: str, spelled: str) -> int:
    lengths = range(len(spelled) - 1, SHORTEST_PIECE - 1, -1)
    return next((length for length in lengths if text.endswith(spelled[:length])), 0)


def kept_bytes(text: str) -> bytes:
    """`text`, as ``kept_text`` gives it, in the form that goes into the log."""
    # Cut only here: before redaction, the cut could leave half a secret.
    return text.encode("utf-8", "surrogateescape")[:LARGEST_KEPT]
