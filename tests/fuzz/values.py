"""What values from outside may be: bodies of a DID, words of a command line, files."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from changelog.api.exchange import CUT_OFF, Received
from changelog.api.keys import Attempt, check_api_url, check_key, path_of
from changelog.api.responses import LARGEST_KEPT, answer_to, applications_in
from changelog.cli.options import moment
from changelog.cli.recording.receivers import at_address
from changelog.cli.settings import SettingsFile
from changelog.cli.settings_file import parse_settings_file
from changelog.commands import annotations
from changelog.commands.recording.expectations_file import parse_expectations
from changelog.commands.recording.saved_responses import SavedBody, SavedFile, answer_of, bodies_in
from changelog.commands.targets import named_in
from changelog.model.answers import Answer, Applications
from changelog.model.did_ref import Target, as_e164, is_storable
from changelog.model.errors import UsageError
from changelog.model.recording import Destinations, LatestRevision, read_answer
from changelog.model.selectors import At, existing_tag_name, parse_selector, tag_name
from changelog.model.text.json_body import NotJson, canonical_json, parse_json
from changelog.model.text.redaction import spellings
from changelog.model.text.sanitize import (
    MOST_MARKS,
    clip,
    escape,
    list_line,
    masked,
    masked_urls,
    width,
)
from changelog.model.text.times import parse_rate, seconds, to_micros
from changelog.render.style import columns, value_text
from changelog.store.location import parse_location
from tests.fuzz.scene import KEY, Draw, spelled_out
from tests.program import invisible_in

AT = datetime(2026, 11, 23, tzinfo=UTC)
KEYS = (check_key(KEY),)
TARGETS = (Target("did_1", "did_1"), Target("+15551230001", None, "+15551230001"))
DESTINATIONS = Destinations(("sip_uri",), Applications({"app_a": "https://a.example/?k=1"}), None)


def body(data: bytes) -> None:
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


def _stored(known: LatestRevision | None, answer: Answer) -> LatestRevision:
    reading = read_answer(answer, known, DESTINATIONS, frozenset())
    for column in (answer.did or "", *reading.routing):
        if column is not None:
            _is_storable(column)
            assert invisible_in(escape(masked_urls(column)), "") == []
    again = LatestRevision(1, answer.body, reading.routing, reading.destination_source, AT)
    assert read_answer(answer, again, DESTINATIONS, frozenset()).same_as_latest
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


# Words of a command line

PREFIXES = (
    "",
    "https://",
    "http://",
    "postgresql://",
    "sqlite:///",
    "tag:",
    "latest~",
    "http://127.0.0.1",
)


def words(data: bytes) -> None:
    draw = Draw(data)
    text = draw.one_of(PREFIXES) + draw.text() + draw.rest().decode("utf-8", "surrogateescape")
    for check in CHECKS:
        with suppress(UsageError):
            check(text)
    _shown(text)


def _selector(text: str) -> None:
    selected = parse_selector(text, AT)
    if isinstance(selected, At):
        to_micros(selected.moment)


def _moment(text: str) -> None:
    found = moment(text, AT)
    if found is not None:
        assert found.tzinfo is not None
        to_micros(found)


def _api_url(text: str) -> None:
    place = urlsplit(check_api_url(text))
    assert place.username is None
    assert not place.query
    assert place.hostname
    if place.scheme == "http":
        with suppress(ValueError):
            assert ip_address(place.hostname).is_loopback
            return
        assert place.hostname == "localhost"


def _notified(text: str) -> None:
    if not text.startswith("https://"):
        # Reading the certificates takes longer than all the rest.
        assert at_address(text).place


def _path(text: str) -> None:
    path = path_of(Target(text, text))
    assert path.count("/") == 2
    assert path.isascii()
    assert not {"?", "#", " ", "\n"} & set(path)
    assert path.rpartition("/")[2] not in (".", "..")


def _number(text: str) -> None:
    number = as_e164(text)
    assert number is None or (number[0] == "+" and number[1:].isdigit() and number.isascii())


def _key(text: str) -> None:
    assert check_key(text).secret.isascii()


def _shown(text: str) -> None:
    for shown in (
        escape(text),
        escape(masked(text)),
        value_text(text),
        escape(masked_urls(text)),
    ):
        assert invisible_in(shown, "") == []
        assert escape(shown) == shown
        shown.encode()
    shown = escape(text)
    assert width(clip(shown, 10)) <= 10
    marks = 0
    for one in shown:
        marks = marks + 1 if not width(one) else 0
        assert marks <= MOST_MARKS
    lines = columns([(shown, "1"), ("a", shown)])
    assert len(lines) == 2


CHECKS: tuple[Callable[[str], object], ...] = (
    _selector,
    _moment,
    seconds,
    parse_rate,
    tag_name,
    existing_tag_name,
    parse_location,
    _api_url,
    _notified,
    _path,
    _number,
    _key,
    lambda text: [name for _, name in named_in(text.splitlines())],
)


# Files that somebody names: settings, expectations, saved answers, webhooks, lists


def files(data: bytes) -> None:
    draw = Draw(data)
    read = draw.one_of(KINDS)
    with suppress(UsageError):
        read(draw.rest())


def _settings(content: bytes) -> None:
    found = parse_settings_file(SettingsFile(Path("changelog.toml")), content)
    for value in found.values.values():
        assert "\0" not in str(value)
    assert all("\0" not in one.place for one in found.keys)


def _expectations(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    rows = parse_expectations(text, "routes.csv")
    assert rows
    assert all(row.name for row in rows)
    assert len({row.name for row in rows}) == len(rows)


def _saved(content: bytes) -> None:
    for item in bodies_in(SavedFile("saved.json", content)):
        if isinstance(item, SavedBody):
            answer = answer_of(item, AT, ())
            assert answer.did is not None
            assert is_storable(answer.did)
            assert "\0" not in answer.body
            answer.body.encode()
        else:
            assert invisible_in(escape(str(item)), "") == []


def _webhooks(content: bytes) -> None:
    for place, body in annotations._bodies(SavedFile("calls.json", content)):
        assert place
        assert body in content or body == content


def _list(content: bytes) -> None:
    lines = list(named_in(content.decode("utf-8", "replace").splitlines()))
    assert all(name for _, name in lines)
    again = list(named_in(list_line(name) for _, name in lines))
    assert [name for _, name in again] == [name for _, name in lines]


KINDS: tuple[Callable[[bytes], None], ...] = (_settings, _expectations, _saved, _webhooks, _list)
