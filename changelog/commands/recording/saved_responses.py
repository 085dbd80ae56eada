"""What a saved file holds: bodies of DIDs as the API sent them, and the heads of ``curl -i``."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from changelog.model.did_ref import LONGEST_ID, is_storable
from changelog.model.journal import EXPORT_BEGINNING
from changelog.model.text.json_body import NotJson, next_value

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
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BETWEEN = re.compile("[ \t\r\n\ufeff\x1e]*")
"""Between two JSON values: files that were put behind one another each have their byte order mark,
and ``jq --seq`` writes a record separator."""
_NEXT_VALUE = re.compile(r"^\ufeff?[\[{]", re.MULTILINE)
"""Where reading goes on behind what is not JSON: lines within a value are indented, or close it."""


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
    """A part of a file that is no saved response of a DID; the text says why. `place`: how many
    bytes lie before what cannot be read."""

    def __init__(self, reason: str, status: int | None = None, *, place: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.place = place


class _Response(NamedTuple):
    """An answer with a head. `start`: where in the content its `body` begins."""

    status: int
    date: datetime | None
    body: bytes
    start: int


def bodies_in(file: SavedFile) -> Iterator[SavedBody | Unusable]:
    """Return each DID's body in `file`, or why a part of it is none."""
    # UTF-16 is what PowerShell's > writes.
    utf_16 = file.content.startswith(_UTF_16)
    try:
        content = file.content.decode("utf-16").encode() if utf_16 else file.content
    except UnicodeDecodeError as error:
        yield Unusable(f"it is not text in UTF-16: byte {error.start + 1}")
        return
    for part in _parts(content):
        if isinstance(part, Unusable) and part.place is not None:
            before = content[: part.place]
            place = len(before.decode().encode("utf-16")) if utf_16 else len(before)
            yield Unusable(f"{part}: byte {place + 1}")
        else:
            yield part


def _parts(content: bytes) -> Iterator[SavedBody | Unusable]:
    start = len(_BOM) if content.startswith(_BOM) else 0
    beginning = content[start : start + 1024].lstrip()
    if EXPORT_BEGINNING.match(content, start):
        yield Unusable("it is an export of a whole log: import it by itself")
    elif content.startswith(_COMPRESSED):
        yield Unusable("it is compressed: unpack it first")
    elif _STATUS_LINE.match(beginning):
        for response in _responses(content):
            yield from _in_response(response)
    else:
        yield from _in_text(content, 0, None)


def _responses(content: bytes) -> Iterator[_Response]:
    """Return what ``curl -i`` wrote, for one address or several: heads, each with what follows it.

    A head with another one right behind it told of something else than the answer: 100 Continue,
    a proxy's 200, a redirect, a first try without credentials.
    """
    starts = list(_STATUS_LINE.finditer(content))
    for place, status_line in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(content)
        head = _END_OF_HEAD.search(content, status_line.end() - 1, end)
        head_end = head.start() if head else end
        start = head.end() if head else end
        body = content[start:end]
        if body.strip() or end == len(content):
            date = _date(content[status_line.end() : head_end])
            yield _Response(int(status_line[1]), date, body, start)


def _date(head: bytes) -> datetime | None:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            try:
                parsed = parsedate_to_datetime(value.strip().decode("ascii"))
                return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
            except (ValueError, OverflowError):
                return None
    return None


def _in_response(response: _Response) -> Iterator[SavedBody | Unusable]:
    status = response.status
    if not 200 <= status < 300:
        yield Unusable(f"the API answered {status}, so it holds no DID", status)
    elif response.body.startswith(_COMPRESSED):
        yield Unusable("its body is compressed: save it with curl --compressed", status)
    elif not response.body.strip():
        yield Unusable("it has a head but no body", status)
    else:
        yield from _in_text(response.body, response.start, response.date)


def _in_text(content: bytes, start: int, date: datetime | None) -> Iterator[SavedBody | Unusable]:
    """Yield the bodies of JSON values, one behind the other, in any layout.

    What is not JSON is named by the first byte that cannot be read; the next value begins a line.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        yield Unusable("it is not text in UTF-8", place=start + error.start)
        return
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        yield Unusable("it holds more values than any list of DIDs")
        return
    place = _blank_end(text, 0)
    if place == len(text):
        yield Unusable("it is empty")
    while place < len(text):
        try:
            value, end = next_value(text, place)
        except NotJson as error:
            before = len(text[: error.place].encode())
            yield Unusable("it is not JSON", place=start + before)
            following = _NEXT_VALUE.search(text, place + 1)
            end = following.start() if following else len(text)
        else:
            for body in _bodies(text[place:end], value):
                yield body._replace(date=date) if isinstance(body, SavedBody) else body
        place = _blank_end(text, end)


def _blank_end(text: str, start: int) -> int:
    blank = _BETWEEN.match(text, start)
    return blank.end() if blank else start


def _bodies(text: str, value: Any) -> Iterator[SavedBody | Unusable]:
    """Yield what a JSON value holds: a DID, a list of them, or either under ``data``."""
    inner = value.get("data") if isinstance(value, dict) and "id" not in value else None
    if inner is not None:
        value, text = inner, json.dumps(inner)
    if not isinstance(value, list):
        yield _body(text, value)
    elif not value:
        yield Unusable("it is empty")
    else:
        for item in value:
            yield from _bodies(json.dumps(item), item)


def _body(text: str, value: Any) -> SavedBody | Unusable:
    if not isinstance(value, dict):
        return Unusable("it is not a JSON object")
    if isinstance(value.get("event"), str) and isinstance(value.get("call"), dict):
        return Unusable("it is a webhook of a call, and no DID: changelog evidence FILE stores it")
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
