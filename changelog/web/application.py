"""What the receiver answers to each request: a Flask application, without any server around it."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from changelog.model.errors import DatabaseBusy, DatabaseError, DatabaseLost, DatabaseReadOnly
from changelog.model.test_calls import Call, LinkResult
from changelog.model.text.sanitize import escape
from changelog.model.text.webhook import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    NotAWebhook,
    parse_webhook,
)
from changelog.web.batch_writer import NotInTime, Overloaded
from changelog.web.server import LARGEST_BODY

WEBHOOK_PATH = "/webhooks/minivoice"
HEALTH_PATH = "/healthz"
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
class Reply:
    """`line`: what the log says of it, None for nothing."""

    status: int
    content: Mapping[str, Any]
    line: str | None = None
    headers: Mapping[str, str] | None = None


@dataclass(slots=True)
class Receiver:
    """Answers requests. `refusal`: why a delivery with that timestamp, signature and body is not
    to be trusted; `store`: waits until it is committed, and asks by None only whether one could
    be; `line`: how the log tells of an event.
    `failed_at`: when the last delivery could not be stored, None if it was. A database that takes a
    lock may yet have no room, which only a commit finds out.

    Nothing that a proxy adds (``X-Forwarded-…``) is looked at.
    """

    refusal: Callable[[bytes | None, bytes | None, bytes], str | None]
    store: Callable[[Call | None], LinkResult | None]
    line: Callable[[LinkResult], str]
    clock: Callable[[], datetime]
    log: Callable[[str], None]
    secrets: tuple[str, ...] = ()
    failed_at: datetime | None = None

    def deliver(self) -> Reply:
        """Store the delivery of the request, unless it is refused."""
        timestamp, signature = map(_header, (TIMESTAMP_HEADER, SIGNATURE_HEADER))
        body = request.get_data()
        if why := self.refusal(timestamp, signature, body):
            return _failure(401, why, _REFUSALS.get(why, why))
        try:
            call = Call(parse_webhook(body, self.secrets), self.clock(), delivered=True)
        except NotAWebhook as error:
            return _failure(400, "not_a_webhook", str(error))
        return self._stored(call)

    def _stored(self, call: Call) -> Reply:
        name = escape(f"{call.webhook.call or '-'} {call.webhook.event}")
        try:
            event = self.store(call)
        except Overloaded:
            return _failure(503, "overloaded", "too much waits to be stored", name, _AGAIN)
        except NotInTime:
            return _failure(503, "not_in_time", "it is not stored yet", name, _AGAIN)
        except DatabaseError as error:
            if not isinstance(error, _SEEN_WITHOUT_TRYING):
                self.failed_at = self.clock()
            return _failure(503, error.code, "the database cannot be used", name, _AGAIN, error)
        if event is None:
            raise ValueError("a delivery becomes an event")
        self.failed_at = None
        content = {"outcome": event.outcome, "result": event.result}
        return Reply(200, content, f"{event.outcome} {self.line(event)}")

    def health(self) -> Reply:
        """Say whether a delivery could be stored now."""
        try:
            self.store(None)
        except Overloaded:
            return _unhealthy("too much waits to be stored")
        except NotInTime:
            return _unhealthy("the database does not answer")
        except DatabaseError as error:
            return _unhealthy("the database cannot be written", error)
        if self.failed_at and self.clock() - self.failed_at < _REMEMBERED:
            return _unhealthy("the last delivery could not be stored")
        return Reply(200, {"status": "ok", "database": "writable"})


def make_application(receiver: Receiver) -> Flask:
    """Return the WSGI application; nothing that a request holds leads further than to an answer."""
    app = Flask("changelog", static_folder=None, template_folder=None)
    # Refused before it is read.
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.merge_slashes = False

    def answered(make: Callable[[], Reply]) -> Response:
        answer = make()
        if answer.line is not None:
            with suppress(Exception):
                receiver.log(f"{answer.status} {answer.line}")
        headers = {"Cache-Control": "no-store", **(answer.headers or {})}
        content = json.dumps(answer.content) + "\n"
        return Response(content, answer.status, headers, mimetype="application/json")

    for path, method, make in (
        (WEBHOOK_PATH, "POST", receiver.deliver),
        (HEALTH_PATH, "GET", receiver.health),
    ):
        view = partial(answered, make)
        app.add_url_rule(path, path, view, methods=[method], provide_automatic_options=False)
    app.register_error_handler(Exception, lambda error: answered(partial(_not_answered, error)))
    return app


def _not_answered(error: Exception) -> Reply:
    match error:
        case MethodNotAllowed():
            allowed = sorted(error.valid_methods or ())
            allow = {"Allow": ", ".join(allowed)}
            return _failure(405, "method_not_allowed", f"use {allowed[0]}", headers=allow)
        case RequestEntityTooLarge():
            return _failure(413, "too_large", f"a body has at most {LARGEST_BODY} bytes")
        case HTTPException():
            return _failure(404, "not_found", f"there is only {WEBHOOK_PATH} and {HEALTH_PATH}")
    return _failure(500, "bug", f"a bug in this program: {type(error).__name__}")


def _header(name: str) -> bytes | None:
    """Return a header's bytes as they came: WSGI spells them as Latin-1."""
    value = request.headers.get(name)
    return None if value is None else value.encode("latin-1")


def _failure(
    status: int,
    code: str,
    message: str,
    name: str = "",
    headers: Mapping[str, str] | None = None,
    error: DatabaseError | None = None,
) -> Reply:
    """Return the provider's form of an error. Only the log hears what the database said."""
    said = escape(error.message) if error is not None else message
    line = " ".join(part for part in (code, name) if part)
    return Reply(status, {"error": {"code": code, "message": message}}, f"{line}: {said}", headers)


def _unhealthy(database: str, error: DatabaseError | None = None) -> Reply:
    line = f"unhealthy: {escape(error.message) if error is not None else database}"
    return Reply(503, {"status": "unavailable", "database": database}, line, _AGAIN)


def to_stderr(line: str) -> None:
    """Write one line of the log, in one piece."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
