"""The body of a MiniVoice webhook as a value: which call it is about, when, and where it went.

Shape (seen): ``{"event": "call.completed", "created_at": "2026-05-29T12:10:00Z", "call": {"id":
"call_123", "application_id": "app_123", "direction": "inbound", "from": "+15551230001", "to":
"+15551230002", …}}``; for an inbound call `to` is the DID. ``call.route_mode`` and
``call.routing_target`` occur in some samples. Missing fields are tolerated, unknown ones kept.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from changelog.model.text.json_body import NotJson, parse_json, storable_text
from changelog.model.text.redaction import without_secrets
from changelog.model.text.times import provider_time

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


def parse_webhook(content: bytes, secrets: Iterable[str] = ()) -> Webhook:
    """Raises NotAWebhook for what names no event."""
    try:
        text = content.decode("utf-8-sig").strip()
        value = parse_json(text)
    except UnicodeDecodeError as error:
        raise NotAWebhook("it is not text in UTF-8") from error
    except NotJson as error:
        raise NotAWebhook("it is not JSON") from error
    if not isinstance(value, dict):
        raise NotAWebhook("it is not a JSON object")
    redacted = without_secrets(text, value, secrets)
    return _webhook(redacted, value if redacted == text else parse_json(redacted))


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
