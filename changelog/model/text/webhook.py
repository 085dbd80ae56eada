"""A MiniVoice webhook: whether it is signed, which call it is about, when, and where that went.

Documented: ``X-MiniVoice-Signature: v1=<hex HMAC-SHA256 over timestamp + "." + raw body>`` beside
``X-MiniVoice-Timestamp``. Not documented: how the timestamp is spelled and the skew allowed. Unix
time, in seconds or milliseconds, and RFC 3339 are understood.

Shape (seen): ``{"event": "call.completed", "created_at": "2026-05-29T12:10:00Z", "call": {"id":
"call_123", "application_id": "app_123", "direction": "inbound", "from": "+15551230001", "to":
"+15551230002", …}}``; for an inbound call `to` is the DID. ``call.route_mode`` and
``call.routing_target`` occur in some samples. Missing fields are tolerated, unknown ones kept.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from changelog.model.text.json_body import NotJson, storable_text
from changelog.model.text.redaction import read_document
from changelog.model.text.times import provider_time

TIMESTAMP_HEADER = "X-MiniVoice-Timestamp"
SIGNATURE_HEADER = "X-MiniVoice-Signature"
DEFAULT_SKEW = timedelta(minutes=5)
_VERSION = b"v1="

Refusal = Literal[
    "unsigned", "repeated_header", "bad_signature", "bad_timestamp", "stale_timestamp"
]


def sign(secret: bytes, timestamp: bytes, body: bytes) -> bytes:
    """Return the signature of one delivery as its header has it."""
    return _VERSION + hmac.new(secret, timestamp + b"." + body, hashlib.sha256).hexdigest().encode()


def refusal(
    secret: bytes,
    timestamp: bytes | None,
    signature: bytes | None,
    body: bytes,
    *,
    now: datetime,
    skew: timedelta = DEFAULT_SKEW,
) -> Refusal | None:
    """Return why a delivery with these headers, as they came, is not to be trusted; None if it is.

    The time is looked at last: until the signature is right, it is anybody's word.
    """
    if not timestamp or not signature:
        return "unsigned"
    if b"," in timestamp or b"," in signature:
        # A server joins repeated headers by commas: which of them would count is anybody's guess.
        return "repeated_header"
    # In the same time wherever it differs.
    if not hmac.compare_digest(sign(secret, timestamp, body), signature.strip()):
        return "bad_signature"
    at = provider_time(timestamp.decode("latin-1"))
    if at is None:
        return "bad_timestamp"
    return "stale_timestamp" if abs(now - at) > skew else None


LONGEST_NAME = 200
"""Characters of a call's id or an event's name: more fits in no database's index."""
ROUTED_FIELDS = ("application_id", "route_mode", "routing_target")
"""The fields of a call that say where it went."""


class NotAWebhook(ValueError):
    """The text is no webhook's body; the message says why, and repeats nothing of it."""


class Webhook(NamedTuple):
    """One delivery. `to`: as it was spelled; `body`: verbatim, secrets redacted.

    `routed`: those of `ROUTED_FIELDS` that the call has, "" and null being None.
    """

    event: str
    body: str
    at: datetime | None = None
    call: str | None = None
    direction: str | None = None
    to: str | None = None
    routed: Mapping[str, str | None] = {}


def parse_webhook(content: bytes, secrets: Iterable[str]) -> Webhook:
    """Parse what was delivered. Raises NotAWebhook for what names no event."""
    try:
        document = read_document(content.decode("utf-8-sig").strip(), secrets)
    except UnicodeDecodeError as error:
        raise NotAWebhook("it is not text in UTF-8") from error
    except NotJson as error:
        raise NotAWebhook("it is not JSON") from error
    if not isinstance(document.value, dict):
        raise NotAWebhook("it is not a JSON object")
    return _webhook(*document)


def _webhook(body: str, value: Mapping[str, Any]) -> Webhook:
    event = value.get("event")
    if not isinstance(event, str) or not event:
        raise NotAWebhook("it names no event, so it is no webhook")
    call = value.get("call")
    call = call if isinstance(call, dict) else {}
    return Webhook(
        event=_name(event, "the name of its event") or "",
        body=body,
        at=provider_time(value.get("created_at")),
        call=_name(call.get("id"), "the id of its call"),
        direction=storable_text(call.get("direction")),
        to=storable_text(call.get("to")),
        routed={field: storable_text(call[field]) for field in ROUTED_FIELDS if field in call},
    )


def _name(value: object, what: str) -> str | None:
    name = storable_text(value)
    if name is not None and len(name) > LONGEST_NAME:
        raise NotAWebhook(f"{what} is longer than {LONGEST_NAME} characters")
    return name
