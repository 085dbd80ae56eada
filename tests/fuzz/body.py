"""Bodies of a DID, as an API sends them, down to what the log would keep of them."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import quote

from changelog.api.exchange import CUT_OFF, Received
from changelog.api.keys import Attempt, check_key
from changelog.api.responses import LARGEST_KEPT, answer_to, applications_in, document_in
from changelog.model.answers import Answer
from changelog.model.did_ref import Target
from changelog.model.diff import diff_states
from changelog.model.history import fields_to_compare
from changelog.model.recording import Destinations, LatestRevision, read_answer
from changelog.model.text.json_body import NotJson, canonical_json, parse_json, spellings
from changelog.model.text.sanitize import escape, masked_urls
from changelog.store.journal.entry import joined, rows_in
from changelog.store.schema.rows import SHAPES
from tests.fuzz.draw import KEY, Draw
from tests.program import invisible_in

AT = datetime(2026, 11, 23, tzinfo=UTC)
KEYS = (check_key(KEY),)
TARGETS = (Target("did_1", "did_1"), Target("+15551230001", None, "+15551230001"))
DESTINATIONS = Destinations(("sip_uri",), {"app_a": "https://a.example/?k=1"}, None)
_KEY_IN_JSON = "".join(f"\\u{ord(one):04x}" for one in KEY)
# Bytes that no JSON holds stand for the key in one of its spellings.
SPELLED = {
    b"\x01": KEY.encode(),
    b"\x02": _KEY_IN_JSON.encode(),
    b"\x03": quote(KEY, safe="").encode(),
    b"\x04": b64encode(f"Bearer {KEY}".encode()),
}


def spelled_out(data: bytes) -> bytes:
    for stands_for, key in SPELLED.items():
        data = data.replace(stands_for, key)
    return data


def run(data: bytes) -> None:
    draw = Draw(data)
    target = draw.one_of(TARGETS)
    status = draw.one_of((200, 200, 200, 201, 404, 401, 500, 302))
    failure = CUT_OFF if draw.byte() == 1 else None
    first, _, second = spelled_out(draw.rest()).partition(b"\n\n")
    known = None
    for body in (first, second):
        received = Received(status, body, failure)
        answer = answer_to(target, Attempt(KEYS[0], received), AT, KEYS)
        if answer.problem is not None:
            problem = answer.problem
            _keeps_no_key(problem.body.decode("utf-8", "surrogateescape"))
            _keeps_no_key(f"{problem.code} {problem.message}")
            assert len(problem.body) <= LARGEST_KEPT
            continue
        _keeps_no_key(answer.body)
        for text in _texts(json.loads(answer.body)):
            assert not _tells_key(text), text
        assert answer.did is not None
        _is_storable(answer.did)
        _is_storable(answer.body)
        assert canonical_json(parse_json(canonical_json(answer.fields))) == canonical_json(
            answer.fields
        )
        known = _stored(known, answer)
    applications = applications_in(Received(200, first), KEYS)
    for name, url in applications.answer_urls.items():
        assert not _tells_key(name + url)
    document_in(Received(200, second), KEYS)


def _stored(known: LatestRevision | None, answer: Answer) -> LatestRevision:
    reading = read_answer(answer, known, DESTINATIONS, frozenset())
    routing = reading.routing
    for column in (answer.did or "", *routing):
        if column is not None:
            _is_storable(column)
            assert invisible_in(escape(masked_urls(column)), "") == []
    shape = SHAPES["revision"]
    row = shape.values({"did": answer.did, "revision": 1, "body": answer.body})
    ((_, columns),) = rows_in(joined([shape.text(row)]))
    assert columns["body"] == answer.body
    again = LatestRevision(1, answer.body, reading.routing, reading.destination_source, AT)
    assert read_answer(answer, again, DESTINATIONS, frozenset()).same_as_latest
    if known is not None:
        diff_states(
            *fields_to_compare(known.body or "", known.routing, answer.body, reading.routing),
            moved=known.routing != reading.routing,
            derived=False,
        )
    return again


def _is_storable(text: str) -> None:
    assert "\0" not in text
    text.encode()


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*map(str, value), *(text for item in value.values() for text in _texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _tells_key(text: str) -> bool:
    return any(spelled in text for spelled in spellings(KEY))


def _keeps_no_key(text: str) -> None:
    assert not _tells_key(text), text
    try:
        value = parse_json(text)
    except NotJson:
        return
    assert not any(map(_tells_key, _texts(value))), text
