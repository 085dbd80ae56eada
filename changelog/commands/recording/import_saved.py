"""``import``: saved API responses into the log, as seen when they were received."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import NamedTuple

from changelog.commands.recording.capture import Capture
from changelog.commands.recording.saved_responses import SavedBody, SavedFile, Unusable, bodies_in
from changelog.model.answers import Answer
from changelog.model.errors import UsageError
from changelog.model.exits import DidError
from changelog.model.history import CaptureInfo
from changelog.model.ports import Recorder
from changelog.model.recording import CaptureSettings, Outcome
from changelog.model.results.capture import ImportedDid, ReceivedFrom, RecordResult
from changelog.model.text.json_body import read_document


class _FoundBody(NamedTuple):
    """A body that was found, and how it is known when it was received."""

    file: str
    answer: Answer
    received_from: ReceivedFrom


class Saved(NamedTuple):
    """What some files hold: bodies, the oldest first, and what is none."""

    bodies: tuple[_FoundBody, ...]
    refused: tuple[ImportedDid, ...]


def read_saved(
    files: Iterable[SavedFile],
    *,
    received_at: datetime | None,
    now: datetime,
    secrets: Sequence[str] = (),
) -> Saved:
    """Return every body in `files`: a response, a list of them, bare or under ``data``, one a line,
    or what ``curl -i`` wrote.

    Each was received at `received_at`, else when its head says, else when its file was last
    written, else `now`; never later than that. `secrets` are taken out of it.
    """
    bodies: list[_FoundBody] = []
    refused: list[ImportedDid] = []
    for file in files:
        for item in bodies_in(file):
            if isinstance(item, Unusable):
                refused.append(_refused(file, item))
            else:
                moment, source = _received(file, item, received_at, now)
                answer = _answer(item, moment, secrets)
                bodies.append(_FoundBody(file.name, answer, source))
    bodies.sort(key=lambda body: body.answer.received_at)
    return Saved(tuple(bodies), tuple(refused))


def import_responses(
    recorder: Recorder, saved: Saved, info: CaptureInfo, reading: CaptureSettings
) -> RecordResult:
    """Store what was found. What is no DID's body is named in the result and changes nothing."""
    with Capture(recorder, info, reading, by_name=True, past=True) as capture:
        outcomes = capture.store([body.answer for body in saved.bodies])
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
        dids=(*map(_imported, saved.bodies, outcomes), *saved.refused),
        conditions=result.conditions,
    )


def _received(
    file: SavedFile, body: SavedBody, received_at: datetime | None, now: datetime
) -> tuple[datetime, ReceivedFrom]:
    """Return when a body was received, and how that is known."""
    moments: tuple[tuple[datetime | None, ReceivedFrom], ...] = (
        (received_at, "at"),
        (body.date, "date"),
        (file.modified, "modified"),
    )
    moment, source = next(
        ((moment, source) for moment, source in moments if moment is not None), (now, "now")
    )
    # A clock elsewhere may be ahead; nothing was received in the future.
    return min(moment, now), source


def _answer(body: SavedBody, received_at: datetime, secrets: Sequence[str] = ()) -> Answer:
    text, value = read_document(body.text, secrets)
    did = value["id"]
    return Answer(requested=did, did=did, body=text, fields=value, received_at=received_at)


def _imported(body: _FoundBody, outcome: Outcome) -> ImportedDid:
    return ImportedDid(
        **{each.name: getattr(outcome, each.name) for each in fields(outcome)},
        file=body.file,
        received_at=body.answer.received_at,
        received_from=body.received_from,
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


def check_received_at(text: str, moment: datetime, now: datetime) -> None:
    """Raise UsageError for a time that is yet to come; `text` is how it was given."""
    if moment > now:
        raise UsageError(f"{text!r} is yet to come", "Give the time at which it was received.")
