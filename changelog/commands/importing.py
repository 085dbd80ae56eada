"""``import``: saved API responses into the log, as seen at the time that the operator gives."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from changelog.commands.capturing import recorded, summary_of
from changelog.commands.record import counted
from changelog.core import exits
from changelog.core.answers import Answer
from changelog.core.body import NotJson, parse_json
from changelog.core.errors import UsageError
from changelog.core.history import CaptureInfo
from changelog.core.naming import LONGEST_ID, is_storable
from changelog.core.ports import Recorder
from changelog.core.recording import CaptureSettings, Destinations, OpenCapture, Stored
from changelog.core.redaction import without_secrets
from changelog.core.results.base import DidError
from changelog.core.results.capture import RecordedDid, RecordResult

MOST_VALUES = 16_000_000
"""In one file, a million DIDs and more: each takes some 70 bytes of memory, however short it is."""


@dataclass(frozen=True, slots=True)
class SavedFile:
    """The content of one file and what to call it."""

    name: str
    content: bytes


class _Unusable(ValueError):
    """A part of a file that is no saved response of a DID; the text says why."""


def import_responses(
    recorder: Recorder,
    files: Sequence[SavedFile],
    info: CaptureInfo,
    reading: CaptureSettings,
    *,
    received_at: datetime,
    secrets: Sequence[str] = (),
) -> RecordResult:
    """Store each DID body found in `files` as received at `received_at`.

    A file holds one response, a list of them (bare or under ``data``), or one a line. What is no
    DID's body is named in the result and changes nothing.
    """
    answers: list[Answer] = []
    refused: list[RecordedDid] = []
    for file in files:
        for item in _items(file):
            if isinstance(item, _Unusable):
                refused.append(_refused(file, item))
            else:
                answers.append(_answer(item[0], item[1], received_at, secrets))
    opened, stored = _stored(recorder, answers, info, reading)
    dids = (*map(recorded, stored), *refused)
    conditions = {*opened.conditions, *([exits.UNREADABLE] if refused else [])}
    return RecordResult(
        capture=summary_of(opened, recorder.finish(opened)),
        counts=counted(dids),
        dids=dids,
        conditions=tuple(sorted(conditions)),
    )


def _stored(
    recorder: Recorder, answers: Sequence[Answer], info: CaptureInfo, reading: CaptureSettings
) -> tuple[OpenCapture, list[Stored]]:
    opened = recorder.begin(info, key=None, by_name=True, past=True)
    destinations = Destinations(reading.body_fields, None, reading.stated)
    stored = recorder.store(opened, answers, destinations, reading.volatile)
    aside = [one.did for one in stored if one.late and one.routing is None]
    if aside:
        opened.remark(
            f"{len(aside)} received before what the log holds, so they begin no revision; restore"
            " names them where no target is left"
        )
    return opened, stored


def _items(file: SavedFile) -> Iterable[tuple[str, dict[str, Any]] | _Unusable]:
    """(text, fields) of each DID body in the file, or why a part is none."""
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [_Unusable("it is not text in UTF-8")]
    if text.count(",") + text.count("[") + text.count("{") > MOST_VALUES:
        return [_Unusable("it holds more values than any list of DIDs")]
    try:
        return _bodies(text.strip(), parse_json(text))
    except NotJson:
        # At line feeds alone: U+2028 and its like may stand in a text of JSON as they are.
        lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2:
        return [_Unusable("it is not JSON")]
    found = [_line(number, line) for number, line in enumerate(lines, start=1)]
    refused = [one for one in found if isinstance(one, _Unusable)]
    if len(refused) == len(found):
        return [_Unusable("it is neither JSON nor JSON a line")]
    return found


def _bodies(text: str, value: Any) -> list[tuple[str, dict[str, Any]] | _Unusable]:
    inner = value.get("data") if isinstance(value, dict) and "id" not in value else None
    if inner is not None:
        value, text = inner, json.dumps(inner)
    if isinstance(value, list):
        return [_body(json.dumps(item), item) for item in value] or [_Unusable("it is empty")]
    return [_body(text, value)]


def _line(number: int, line: str) -> tuple[str, dict[str, Any]] | _Unusable:
    try:
        return _body(line.strip(), parse_json(line))
    except NotJson:
        return _Unusable(f"line {number} is not JSON")


def _body(text: str, value: Any) -> tuple[str, dict[str, Any]] | _Unusable:
    if not isinstance(value, dict):
        return _Unusable("it is not a JSON object")
    if not isinstance(value.get("id"), str) or not value["id"]:
        return _Unusable("it has no id, so it is no DID")
    if len(value["id"]) > LONGEST_ID:
        return _Unusable(f"its id has more than {LONGEST_ID} characters")
    if not is_storable(value["id"]):
        return _Unusable("its id has characters that cannot be stored")
    if not {"application_id", "route_mode", "number_e164"} & value.keys():
        return _Unusable("it has neither number, application_id nor route_mode, so it is no DID")
    return text, value


def _answer(
    text: str, value: dict[str, Any], received_at: datetime, secrets: Sequence[str] = ()
) -> Answer:
    kept = without_secrets(text, value, secrets)
    fields = parse_json(kept)
    return Answer(
        requested=fields["id"], did=fields["id"], body=kept, fields=fields, received_at=received_at
    )


def _refused(file: SavedFile, reason: _Unusable) -> RecordedDid:
    return RecordedDid(
        requested=file.name,
        did=None,
        number=None,
        outcome="unreadable",
        revision=None,
        error=DidError("not_a_response", f"{file.name}: {reason}"),
    )


def check_received_at(text: str, moment: datetime, now: datetime) -> None:
    """Raise UsageError for a time that is yet to come; `text` is how it was given."""
    if moment > now:
        raise UsageError(f"{text!r} is yet to come", "Give the time at which it was received.")
