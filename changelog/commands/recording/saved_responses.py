"""What a saved file holds: bodies of DIDs as the API sent them, and the heads of ``curl -i``."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from changelog.model.did_ref import LONGEST_ID, is_storable
from changelog.model.export_format import RECOGNISED
from changelog.model.text.json_body import NotJson, parse_json

MOST_VALUES = 16_000_000
"""In one file, a million DIDs and more: each takes some 70 bytes of memory, however short it is."""

_LARGEST_BODY = 1024 * 1024
"""Characters. What is larger is no DID, and would be too long for a line of an export."""
_STATUS_LINE = re.compile(rb'HTTP/\d(?:\.\d)? (\d{3})(?: [^\r\n"]*)?\r?\n', re.IGNORECASE)
"""A quote cannot be in it, and a text of JSON ends with one before its line does: so this is never
found within a body."""
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n|\Z")
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SavedFile:
    """The content of one file and what to call it. `modified`: when it was last written."""

    name: str
    content: bytes
    modified: datetime | None = None


class SavedBody(NamedTuple):
    """A DID's body, as text and parsed. `date`: what the head before it says, if there is one."""

    text: str
    fields: dict[str, Any]
    date: datetime | None = None


class Unusable(ValueError):
    """A part of a file that is no saved response of a DID; the text says why."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class _Response(NamedTuple):
    """`status` is None where there was no head."""

    status: int | None
    date: datetime | None
    body: bytes


def bodies_in(file: SavedFile) -> Iterator[SavedBody | Unusable]:
    """Each DID's body in `file`, or why a part of it is none."""
    content = file.content.removeprefix(_BOM)
    if RECOGNISED.match(content):
        yield Unusable("it is an export of a whole log: import it by itself")
    elif content.startswith(_COMPRESSED):
        yield Unusable("it is compressed: unpack it first")
    elif _STATUS_LINE.match(content.lstrip()):
        for response in _responses(content.lstrip()):
            yield from _in_response(response)
    else:
        yield from _in_text(content, None)


def _responses(content: bytes) -> Iterator[_Response]:
    """What ``curl -i`` wrote, for one address or several: heads, each with what follows it.

    A head with another one right behind it told of something else than the answer: 100 Continue,
    a proxy's 200, a redirect, a first try without credentials.
    """
    starts = list(_STATUS_LINE.finditer(content))
    for place, found in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(content)
        head = _END_OF_HEAD.search(content, found.end() - 1, end)
        head_end = head.start() if head else end
        body = content[head.end() : end] if head else b""
        if body.strip() or end == len(content):
            yield _Response(int(found[1]), _date(content[found.end() : head_end]), body)


def _date(head: bytes) -> datetime | None:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            try:
                found = parsedate_to_datetime(value.strip().decode("ascii"))
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
            except (ValueError, OverflowError):
                return None
    return None


def _in_response(response: _Response) -> Iterator[SavedBody | Unusable]:
    status = response.status or 0
    if not 200 <= status < 300:
        yield Unusable(f"the API answered {status}, so it holds no DID", status)
    elif response.body.startswith(_COMPRESSED):
        yield Unusable("its body is compressed: save it with curl --compressed", status)
    elif not response.body.strip():
        yield Unusable("there is nothing behind its head", status)
    else:
        yield from _in_text(response.body, response.date)


def _in_text(content: bytes, date: datetime | None) -> Iterator[SavedBody | Unusable]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        yield Unusable("it is not text in UTF-8")
        return
    for found in _items(text):
        yield found._replace(date=date) if isinstance(found, SavedBody) else found


def _items(text: str) -> list[SavedBody | Unusable]:
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        return [Unusable("it holds more values than any list of DIDs")]
    try:
        return _bodies(text.strip(), parse_json(text))
    except NotJson:
        # At line feeds alone: U+2028 and its like may stand in a text of JSON as they are.
        lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return [Unusable("it is not JSON")]
    found = [_line(number, line) for number, line in enumerate(lines, start=1)]
    if all(isinstance(one, Unusable) for one in found):
        return [Unusable("it is neither JSON nor JSON a line")]
    return found


def _bodies(text: str, value: Any) -> list[SavedBody | Unusable]:
    inner = value.get("data") if isinstance(value, dict) and "id" not in value else None
    if inner is not None:
        value, text = inner, json.dumps(inner)
    if isinstance(value, list):
        return [_body(json.dumps(item), item) for item in value] or [Unusable("it is empty")]
    return [_body(text, value)]


def _line(number: int, line: str) -> SavedBody | Unusable:
    try:
        return _body(line.strip(), parse_json(line))
    except NotJson:
        return Unusable(f"line {number} is not JSON")


def _body(text: str, value: Any) -> SavedBody | Unusable:
    if not isinstance(value, dict):
        return Unusable("it is not a JSON object")
    if not isinstance(value.get("id"), str) or not value["id"]:
        return Unusable("it has no id, so it is no DID")
    if len(value["id"]) > LONGEST_ID:
        return Unusable(f"its id has more than {LONGEST_ID} characters")
    if not is_storable(value["id"]):
        return Unusable("its id has characters that cannot be stored")
    if not {"application_id", "route_mode", "number_e164"} & value.keys():
        return Unusable("it has neither number, application_id nor route_mode, so it is no DID")
    if len(text) > _LARGEST_BODY:
        return Unusable(f"it is larger than {_LARGEST_BODY} characters, so it is no DID")
    return SavedBody(text, value)
