"""Requests to the receiver of webhooks: bodies, signatures and paths, down to what is logged."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from werkzeug.test import create_environ, run_wsgi_app

from changelog.model.results.annotations import EvidenceEvent
from changelog.model.routing import Routing
from changelog.model.test_calls import Call, NumberOwner, link
from changelog.model.text.webhook import LONGEST_NAME, refusal, sign
from changelog.render.recording import event_line
from changelog.web.application import (
    HEALTH_PATH,
    WEBHOOK_PATH,
    Delivery,
    Receiver,
    make_application,
)
from tests.fuzz.body import spelled_out
from tests.fuzz.draw import KEY, Draw
from tests.program import invisible_in

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
STAMP = b"2026-11-23T14:00:00Z"


def run(data: bytes) -> None:
    draw = Draw(data)
    is_signed = draw.byte() % 4 != 1
    path = draw.one_of((WEBHOOK_PATH, WEBHOOK_PATH, WEBHOOK_PATH, HEALTH_PATH, "", "/\x1b[31m"))
    method = draw.one_of(("POST", "POST", "POST", "GET", "HEAD", "PUT"))
    headers = {}
    if not is_signed:
        headers = {
            f"HTTP_X_MINIVOICE_{name}": draw.some(draw.byte() % 64).decode("latin-1")
            for name in ("TIMESTAMP", "SIGNATURE")
            if draw.flag()
        }
    body = spelled_out(draw.rest())
    if is_signed:
        headers = {
            "HTTP_X_MINIVOICE_TIMESTAMP": STAMP.decode(),
            "HTTP_X_MINIVOICE_SIGNATURE": sign(KEY.encode(), STAMP, body).decode(),
        }
    environ = create_environ(method=method, input_stream=BytesIO(body))
    length = {"CONTENT_LENGTH": str(len(body))}
    _answered({**environ, **length, "PATH_INFO": path, **headers})


def _answered(environ: dict[str, Any]) -> None:
    logged: list[str] = []
    receiver = Receiver(
        refusal=lambda at, by, body: refusal(KEY.encode(), at, by, body, now=NOW),
        store=_stored,
        line=event_line,
        clock=lambda: NOW,
        log=logged.append,
        secrets=(KEY,),
    )
    chunks, status, _ = run_wsgi_app(make_application(receiver), environ)
    sent = b"".join(chunks)
    assert status[:3] in ("200", "400", "401", "404", "405", "413"), (status, sent, logged)
    if environ["REQUEST_METHOD"] != "HEAD":
        json.loads(sent)
    for line in logged:
        assert invisible_in(line, "") == [], line
        assert KEY not in line


class NumberOfOneDid:
    """A log that holds one DID, which changed in each second."""

    def __init__(self, number: str | None) -> None:
        self._owner = NumberOwner("did_1", 1, number, Routing("app_a", "webhook", None), 1)

    def carriers_at(self, number: str, moment: datetime) -> list[NumberOwner]:  # noqa: ARG002 -- the interface
        return [self._owner]

    def changes(self, number: str, first: datetime, last: datetime) -> list[datetime]:  # noqa: ARG002 -- the interface
        return [last]


def _stored(delivery: Delivery | None) -> EvidenceEvent | None:
    """What storing does with it, without a database."""
    if delivery is None:
        return None
    webhook = delivery.webhook
    for text in (webhook.event, webhook.call or "", webhook.body):
        assert "\0" not in text
        text.encode()
        assert KEY not in text
    assert len(webhook.event) <= LONGEST_NAME
    log = NumberOfOneDid(webhook.to)
    tied = link(Call(webhook, NOW, delivered=True), (), log)
    if tied.stored is not None:
        assert tied.stored.at <= NOW
        assert "\0" not in tied.stored.reason
        tied.stored.reason.encode()
    return EvidenceEvent(
        call=tied.call,
        event=tied.event,
        did=tied.did,
        revision=tied.stored and tied.stored.revision,
        result=tied.stored.result if tied.stored else "ignored",
        differences=tied.differences,
        reason=tied.reason,
        outcome=tied.outcome,
        at=tied.stored and tied.stored.at,
        aside=tied.aside,
    )
