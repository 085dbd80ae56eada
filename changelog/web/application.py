"""What the receiver answers to each request: a WSGI application, without any server around it."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import responses
from typing import Any

from changelog.model.errors import DatabaseBusy, DatabaseError, DatabaseLost, DatabaseReadOnly
from changelog.model.results.annotations import EvidenceEvent
from changelog.model.text.sanitize import escape
from changelog.model.text.webhook import NotAWebhook, Webhook, parse_webhook
from changelog.web.batch_writer import NotInTime, Overloaded

WEBHOOK_PATH = "/webhooks/minivoice"
HEALTH_PATH = "/healthz"
LARGEST_BODY = 64 * 1024
_REMEMBERED = timedelta(minutes=1)
"""How long a delivery that could not be stored makes the receiver unhealthy, if none follows."""
_SEEN_WITHOUT_TRYING = (DatabaseLost, DatabaseBusy, DatabaseReadOnly)
_AGAIN = {"Retry-After": "5"}
_REFUSALS = {
    "unsigned": "the delivery carries no timestamp and signature",
    "repeated_header": "the timestamp or the signature is given more than once",
    "bad_signature": "the signature is not of this body, timestamp and secret",
    "bad_timestamp": "the timestamp is neither Unix time nor RFC 3339",
    "stale_timestamp": "the timestamp is too far from this clock",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`line`: what the log says of it, None for nothing."""

    status: int
    content: Mapping[str, Any]
    line: str | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that is to be trusted, and when it was received. None asks only whether one could
    be stored now."""

    webhook: Webhook
    received_at: datetime


class _LastTry:
    """Whether the deliveries that came last could be stored. A database that takes a lock may yet
    have no room, which only a commit finds out."""

    def __init__(self) -> None:
        self._failed_at: datetime | None = None

    def went(self, at: datetime | None) -> None:
        """`at`: when one failed; None for one that was stored."""
        self._failed_at = at

    def failed(self, now: datetime) -> bool:
        return self._failed_at is not None and now - self._failed_at < _REMEMBERED


@dataclass(frozen=True, slots=True)
class Receiver:
    """Answers requests. `refusal`: why a delivery with that timestamp, signature and body is not
    to be trusted; `store`: waits until it is committed; `line`: how the log tells of an event.

    Nothing that a proxy adds (``X-Forwarded-…``) is looked at.
    """

    refusal: Callable[[bytes | None, bytes | None, bytes], str | None]
    store: Callable[[Delivery | None], EvidenceEvent | None]
    line: Callable[[EvidenceEvent], str]
    clock: Callable[[], datetime]
    log: Callable[[str], None]
    secrets: tuple[str, ...] = ()
    last_try: _LastTry = field(default_factory=_LastTry)

    def __call__(
        self, environ: Mapping[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except Exception as error:
            answer = _failure(500, "bug", f"a bug in this program: {type(error).__name__}")
        if answer.line is not None:
            with suppress(Exception):
                self.log(f"{answer.status} {answer.line}")
        return _sent(answer, start_response, with_body=environ["REQUEST_METHOD"] != "HEAD")

    def _answer(self, environ: Mapping[str, Any]) -> Answer:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        allowed = {WEBHOOK_PATH: ("POST",), HEALTH_PATH: ("GET", "HEAD")}.get(path)
        if allowed is None:
            return _failure(404, "not_found", f"there is only {WEBHOOK_PATH} and {HEALTH_PATH}")
        if method not in allowed:
            allow = {"Allow": ", ".join(allowed)}
            return _failure(405, "method_not_allowed", f"use {allowed[0]}", headers=allow)
        return self._health() if path == HEALTH_PATH else self._delivery(environ)

    def _delivery(self, environ: Mapping[str, Any]) -> Answer:
        body = environ["wsgi.input"].read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            return _failure(413, "too_large", f"a body has at most {LARGEST_BODY} bytes")
        timestamp, signature = (
            _header(environ, name) for name in ("X_MINIVOICE_TIMESTAMP", "X_MINIVOICE_SIGNATURE")
        )
        if why := self.refusal(timestamp, signature, body):
            return _failure(401, why, _REFUSALS.get(why, why))
        try:
            delivery = Delivery(parse_webhook(body, self.secrets), self.clock())
        except NotAWebhook as error:
            return _failure(400, "not_a_webhook", str(error))
        return self._stored(delivery)

    def _stored(self, delivery: Delivery) -> Answer:
        name = escape(f"{delivery.webhook.call or '-'} {delivery.webhook.event}")
        try:
            event = self.store(delivery)
        except Overloaded:
            return _failure(503, "overloaded", "too much waits to be stored", name, _AGAIN)
        except NotInTime:
            return _failure(503, "not_in_time", "it is not stored yet", name, _AGAIN)
        except DatabaseError as error:
            if not isinstance(error, _SEEN_WITHOUT_TRYING):
                self.last_try.went(self.clock())
            return _failure(503, error.code, "the database cannot be used", name, _AGAIN, error)
        if event is None:
            raise ValueError("a delivery becomes an event")
        self.last_try.went(None)
        content = {"outcome": event.outcome, "result": event.result}
        return Answer(200, content, f"{event.outcome} {self.line(event)}")

    def _health(self) -> Answer:
        try:
            self.store(None)
        except Overloaded:
            return _unhealthy("too much waits to be stored")
        except NotInTime:
            return _unhealthy("the database does not answer")
        except DatabaseError as error:
            return _unhealthy("the database cannot be written", error)
        if self.last_try.failed(self.clock()):
            return _unhealthy("the last delivery could not be stored")
        return Answer(200, {"status": "ok", "database": "writable"})


def _header(environ: Mapping[str, Any], name: str) -> bytes | None:
    """A header's bytes as they came: WSGI spells them as Latin-1."""
    value = environ.get(f"HTTP_{name}")
    return None if value is None else str(value).encode("latin-1")


def _failure(
    status: int,
    code: str,
    message: str,
    name: str = "",
    headers: Mapping[str, str] | None = None,
    error: DatabaseError | None = None,
) -> Answer:
    """The same envelope as the provider's own errors. Only the log hears what the database said."""
    said = escape(error.message) if error is not None else message
    line = " ".join(part for part in (code, name) if part)
    return Answer(status, {"error": {"code": code, "message": message}}, f"{line}: {said}", headers)


def _unhealthy(database: str, error: DatabaseError | None = None) -> Answer:
    line = f"unhealthy: {escape(error.message) if error is not None else database}"
    return Answer(503, {"status": "unavailable", "database": database}, line, _AGAIN)


def _sent(
    answer: Answer, start_response: Callable[..., Any], *, with_body: bool
) -> Iterable[bytes]:
    content = json.dumps(answer.content).encode() + b"\n"
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        **(answer.headers or {}),
    }
    status = f"{answer.status} {responses.get(answer.status, '')}"
    start_response(status, list(headers.items()))
    return [content] if with_body else [b""]


def to_stderr(line: str) -> None:
    """One line of the log, in one piece."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
