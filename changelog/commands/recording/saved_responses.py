"""``import``: saved API responses into the log, as seen when they were received.

A file holds bodies of DIDs as the API sent them, in any layout, and the heads of ``curl -i``.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from changelog.commands.recording.capture import Capture
from changelog.model.answers import Answer
from changelog.model.did_ref import LONGEST_ID, is_storable
from changelog.model.errors import UsageError
from changelog.model.history import CaptureInfo
from changelog.model.journal_head import EXPORT_BEGINNING
from changelog.model.ports import Recorder
from changelog.model.recording import CaptureSettings, Outcome
from changelog.model.results.base import DidError
from changelog.model.results.capture import ImportedDid, ReceivedFrom, RecordResult
from changelog.model.text.json_body import NotJson, next_value
from changelog.model.text.redaction import read_document
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_utc, http_date, is_ahead

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


class SavedAnswer(NamedTuple):
    """An answer out of a file, and how it is known when it was received."""

    file: str
    answer: Answer
    received_from: ReceivedFrom


class Saved(NamedTuple):
    """What some files hold: answers, the oldest first, and what is none."""

    answers: tuple[SavedAnswer, ...]
    refused: tuple[ImportedDid, ...]

    @property
    def of_several_answers(self) -> list[str]:
        """The DIDs of which there are answers that differ."""
        found: dict[str, set[str]] = {}
        for saved in self.answers:
            found.setdefault(saved.answer.requested, set()).add(saved.answer.body or "")
        return sorted(did for did, bodies in found.items() if len(bodies) > 1)


def read_bodies(
    files: Iterable[SavedFile],
    *,
    received_at: datetime | None,
    now: datetime,
    secrets: Sequence[str],
) -> Saved:
    """Return every body in `files`: a response, a list of them, bare or under ``data``, one a line,
    or what ``curl -i`` wrote.

    Each was received at `received_at`, else when its head says, else when its file was last
    written, else `now`; never later than that. `secrets` are taken out of it.
    """
    answers: list[SavedAnswer] = []
    refused: list[ImportedDid] = []
    for file in files:
        for item in bodies_in(file):
            if isinstance(item, Unusable):
                refused.append(_refused(file, item))
            else:
                moment, source = _received(file, item, received_at, now)
                answers.append(SavedAnswer(file.name, answer_of(item, moment, secrets), source))
    answers.sort(key=lambda saved: saved.answer.received_at)
    return Saved(tuple(answers), tuple(refused))


def import_responses(
    recorder: Recorder, saved: Saved, info: CaptureInfo, settings: CaptureSettings
) -> RecordResult:
    """Store what was found. What is no DID's body is named in the result and changes nothing."""
    with Capture(recorder, info, settings, by_name=True, past=True) as capture:
        outcomes = capture.store([each.answer for each in saved.answers])
        aside = sum(outcome.kept_aside for outcome in outcomes)
        if aside:
            capture.remark(
                f"{aside} received before what the log holds, so they begin no revision; restore"
                " names them where no target is left"
            )
    result = capture.result.with_refused(len(saved.refused))
    return RecordResult(
        capture=result.capture,
        counts=result.counts,
        dids=(*map(_imported, saved.answers, outcomes), *saved.refused),
        conditions=result.conditions,
    )


def check_received_at(text: str, moment: datetime, now: datetime) -> None:
    """Raise UsageError for a time that is yet to come; `text` is how it was given."""
    if moment > now:
        raise UsageError(f"{text!r} is yet to come", "Give the time at which it was received.")


def _received(
    file: SavedFile, body: SavedBody, received_at: datetime | None, now: datetime
) -> tuple[datetime, ReceivedFrom]:
    """Return when a body was received, and how that is known."""
    moments: tuple[tuple[datetime | None, ReceivedFrom], ...] = (
        (received_at, "at"),
        (body.date, "date"),
        (file.modified, "modified"),
    )
    for moment, source in moments:
        if moment is not None:
            if is_ahead(moment, now):
                raise UsageError(
                    f"{file.name} was received at {format_utc(moment)}, which is yet to come",
                    f"It is {format_utc(now)} by this machine's clock. If that is wrong, set it"
                    " right first; else give the time with --at. It cannot be undone.",
                    "bad_time",
                )
            # A clock elsewhere may be a little ahead; nothing was received in the future.
            return min(moment, now), source
    return now, "now"


def answer_of(body: SavedBody, received_at: datetime, secrets: Sequence[str]) -> Answer:
    """Return a saved body as the answer that it was."""
    text, value = read_document(body.text, secrets)
    did = value["id"]
    return Answer(requested=did, did=did, body=text, fields=value, received_at=received_at)


def _imported(saved: SavedAnswer, outcome: Outcome) -> ImportedDid:
    return ImportedDid(
        **{each.name: getattr(outcome, each.name) for each in fields(outcome)},
        file=saved.file,
        received_at=saved.answer.received_at,
        received_from=saved.received_from,
    )


def _refused(file: SavedFile, reason: Unusable) -> ImportedDid:
    return ImportedDid(
        requested=file.name,
        did=None,
        number=None,
        outcome="unreadable",
        revision=None,
        error=DidError("not_a_response", f"{file.name}: {reason}", reason.status),
        file=file.name,
    )


# What a file holds


def bodies_in(file: SavedFile) -> Iterator[SavedBody | Unusable]:
    """Yield each DID's body in `file`, or why a part of it is none."""
    # UTF-16 is what PowerShell's > writes.
    is_utf_16 = file.content.startswith(_UTF_16)
    try:
        content = file.content.decode("utf-16").encode() if is_utf_16 else file.content
    except UnicodeDecodeError as error:
        yield Unusable(f"it is not text in UTF-16: byte {error.start + 1}")
        return
    for part in _parts(content):
        if isinstance(part, Unusable) and part.place is not None:
            before = content[: part.place].decode(errors="ignore").encode("utf-16")
            yield Unusable(f"{part}: byte {(len(before) if is_utf_16 else part.place) + 1}")
        else:
            yield part


def _parts(content: bytes) -> Iterator[SavedBody | Unusable]:
    start = len(_BOM) if content.startswith(_BOM) else 0
    if EXPORT_BEGINNING.match(content, start):
        yield Unusable("it is an export of a whole log: import it by itself")
    elif content.startswith(_COMPRESSED):
        yield Unusable("it is compressed: unpack it first")
    elif _STATUS_LINE.match(content[start : start + 1024].lstrip()):
        yield from _in_responses(content)
    else:
        yield from _in_text(content, 0, len(content), None)


def _in_responses(content: bytes) -> Iterator[SavedBody | Unusable]:
    """Yield the bodies of what ``curl -i`` wrote, for one address or several.

    A head with another one right behind it told of something else than the answer: 100 Continue,
    a proxy's 200, a redirect, a first try without credentials.
    """
    heads = list(_STATUS_LINE.finditer(content))
    ends = [*(head.start() for head in heads[1:]), len(content)]
    for head, end in zip(heads, ends, strict=True):
        blank = _END_OF_HEAD.search(content, head.end() - 1, end)
        start = blank.end() if blank else end
        status, body = int(head[1]), content[start:end]
        if not body.strip() and end < len(content):
            continue
        if not 200 <= status < 300:
            yield Unusable(f"the API answered {status}, so it holds no DID", status)
        elif body.startswith(_COMPRESSED):
            yield Unusable("its body is compressed: save it with curl --compressed", status)
        elif not body.strip():
            yield Unusable("it has a head but no body", status)
        else:
            yield from _in_text(content, start, end, _date(content[head.end() : start]))


def _date(head: bytes) -> datetime | None:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"date":
            return http_date(value.strip().decode(errors="replace"))
    return None


def _in_text(
    content: bytes, start: int, end: int, date: datetime | None
) -> Iterator[SavedBody | Unusable]:
    """Yield the bodies of JSON values, one behind the other, in any layout.

    What is not JSON is named by the first byte that cannot be read; the next value begins a line.
    """
    try:
        text = content[start:end].decode()
    except UnicodeDecodeError as error:
        yield Unusable("it is not text in UTF-8", place=start + error.start)
        return
    place = _blank_end(text, 0)
    if place == len(text):
        yield Unusable("it is empty")
    while place < len(text):
        try:
            value, behind = next_value(text, place)
        except NotJson as error:
            before = len(text[: error.place].encode())
            yield Unusable("it is not JSON", place=start + before)
            following = _NEXT_VALUE.search(text, place + 1)
            behind = following.start() if following else len(text)
        else:
            for body in _bodies(text[place:behind], value):
                yield body._replace(date=date) if isinstance(body, SavedBody) else body
        place = _blank_end(text, behind)


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
        store = command_line("evidence", ["FILE"])
        return Unusable(f"it is a webhook of a call, and no DID; to store it: {store}")
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
