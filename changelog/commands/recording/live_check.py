"""The live look of ``restore``: what the API says now, for as long as an incident can wait.

Nobody may have recorded the change that broke the line, so the log alone is not enough. The look
runs in a daemon thread that hands its answers over: a resolver that hangs is left behind with it.
Only the calling thread writes.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from changelog.model import exits
from changelog.model.answers import Answer, Applications, Problem
from changelog.model.errors import DatabaseError
from changelog.model.history import NOT_FOUND, CaptureInfo, History, Revision
from changelog.model.recording import (
    CaptureSettings,
    Destinations,
    LatestRevision,
    next_number,
    read_answer,
)
from changelog.model.results.base import DidError
from changelog.model.results.restore import LiveLook
from changelog.model.text.json_body import parse_json, storable_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from changelog.model.did_ref import Target
    from changelog.model.ports import Api, Log, Recorder

UNAUTHORIZED_STATUS = 401


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """What the look at one DID came to. `answer` is kept only where it could not be stored."""

    live: LiveLook = field(default_factory=LiveLook)
    did: str | None = None
    condition: str | None = None
    answer: Answer | None = None
    destinations: Destinations = field(default_factory=Destinations)
    volatile: frozenset[str] = frozenset()
    capture: CaptureInfo | None = None
    key: str = ""

    def seen_by(self, history: History, log: Log) -> History:
        """`history` with an answer that could not be stored taken into account."""
        if self.answer is None or self.capture is None:
            return history
        return with_answer(history, self.answer, self, log)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came in until the time was up: answers, applications, why it ended early."""

    answers: tuple[Answer, ...] = ()
    applications: Applications = field(default_factory=Applications)
    stopped_because: str | None = None
    key_name: str = ""
    url: str = ""


def ask(
    open_api: Callable[[Callable[[], float] | None], Api],
    targets: Sequence[Target],
    patience_s: float | None,
    meanwhile: Callable[[], None],
) -> Looked:
    """Ask for `targets`, for `patience_s` seconds of wall time or, with None, until answered.

    `open_api` may ask for the seconds that are left. `meanwhile` is called in this thread once the
    asking has begun.
    """
    inbox: queue.Queue[_Message] = queue.Queue()
    deadline = None if patience_s is None else time.monotonic() + patience_s
    asking = (open_api, targets, deadline, inbox)
    threading.Thread(target=_asking, args=asking, daemon=True).start()
    meanwhile()
    looked = Looked()
    waiting = {"answers", "applications"}
    while waiting:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            message = inbox.get(timeout=left)
        except queue.Empty:
            break
        if message.failure is not None:
            raise message.failure
        if message.over is not None:
            waiting.discard(message.over)
        looked = Looked(
            (*looked.answers, *message.answers),
            message.applications or looked.applications,
            message.stopped_because or looked.stopped_because,
            message.key_name or looked.key_name,
            message.url or looked.url,
        )
    return looked


@dataclass(frozen=True, slots=True)
class _Message:
    """From the daemon thread. `over`: "answers" or "applications", none of which follow."""

    answers: tuple[Answer, ...] = ()
    applications: Applications | None = None
    stopped_because: str | None = None
    key_name: str = ""
    url: str = ""
    over: str | None = None
    failure: Exception | None = None


def _asking(
    open_api: Callable[[Callable[[], float] | None], Api],
    targets: Sequence[Target],
    deadline: float | None,
    inbox: queue.Queue[_Message],
) -> None:
    """In the daemon thread: hand over what comes, and that it is over."""

    def applications() -> None:
        inbox.put(_Message(applications=api.applications(), over="applications"))

    try:
        api = open_api(None if deadline is None else lambda: deadline - time.monotonic())
        inbox.put(_Message(key_name=api.key_name, url=api.url))
        threading.Thread(target=applications, daemon=True).start()
        for answers in api.fetch(targets):
            inbox.put(_Message(tuple(answers)))
        inbox.put(_Message(stopped_because=api.stopped_because, over="answers"))
    except Exception as error:
        inbox.put(_Message(failure=error))


def remember(
    looked: Looked,
    targets: Sequence[Target],
    info: CaptureInfo,
    reading: CaptureSettings,
    open_recorder: Callable[[], AbstractContextManager[Recorder]],
) -> dict[str, LiveCheck]:
    """Store the answers; where the database refuses, carry them along as not recorded."""
    destinations = Destinations(reading.body_fields, looked.applications.answer_urls, None)
    refused = _refusal(looked, info, reading, destinations, open_recorder)
    by_request = {answer.requested: answer for answer in looked.answers}
    shared = LiveCheck(
        destinations=destinations, volatile=reading.volatile, capture=info, key=looked.key_name
    )
    return {
        target.requested: _outcome(
            by_request[target.requested], refused, shared, looked.stopped_because
        )
        if target.requested in by_request
        else _unanswered(shared, looked.stopped_because)
        for target in targets
    }


def _refusal(
    looked: Looked,
    info: CaptureInfo,
    reading: CaptureSettings,
    destinations: Destinations,
    open_recorder: Callable[[], AbstractContextManager[Recorder]],
) -> DatabaseError | None:
    """Store the answers. Returns why the database would not, if it would not."""
    if not looked.answers:
        return None
    try:
        with open_recorder() as recorder:
            opened = recorder.begin(
                replace(info, api_url=looked.url), key=looked.key_name, by_name=False
            )
            opened.answer_urls = looked.applications.answer_urls
            if looked.applications.remark:
                opened.remark(looked.applications.remark)
            recorder.store(opened, looked.answers, destinations, reading.volatile)
            with suppress(DatabaseError):
                recorder.finish(opened)
    except DatabaseError as error:
        return error
    return None


def _unanswered(shared: LiveCheck, stopped_because: str | None) -> LiveCheck:
    live = LiveLook(looked=True, error=DidError("timeout", "no answer in time"))
    return replace(shared, live=live, condition=stopped_because or exits.NO_ANSWER)


def _outcome(
    answer: Answer, refused: DatabaseError | None, shared: LiveCheck, stopped_because: str | None
) -> LiveCheck:
    problem = answer.problem
    error = None if problem is None else DidError(problem.code, problem.message, problem.status)
    if refused is not None:
        error = DidError(refused.code, refused.message, hint=refused.hint)
    return replace(
        shared,
        live=LiveLook(
            looked=True,
            recorded=refused is None,
            error=error,
            answered=problem is None or problem.status == NOT_FOUND,
        ),
        did=answer.did,
        condition=_condition(problem, stopped_because),
        answer=None if refused is None else answer,
    )


def _condition(problem: Problem | None, stopped_because: str | None) -> str | None:
    """What a look that was insisted on ends with; a 404 is an answer."""
    if problem is None or problem.status == NOT_FOUND:
        return None
    if problem.status == UNAUTHORIZED_STATUS and stopped_because == exits.UNAUTHORIZED:
        return exits.UNAUTHORIZED
    return exits.NO_ANSWER if problem.no_answer else exits.UNREADABLE


def with_answer(history: History, answer: Answer, look: LiveCheck, log: Log) -> History:
    """What the history would be, had `answer` been stored."""
    if answer.problem is not None:
        counts = answer.not_found and log.key_had_read(history.did, answer.key or look.key)
        return replace(history, hidden_since=answer.received_at) if counts else history
    latest = history.latest if history.revisions else None
    known = latest and LatestRevision(
        latest.revision,
        latest.whole_body,
        latest.routing,
        latest.destination_source,
        latest.first_seen_at,
    )
    reading = read_answer(answer, known or None, look.destinations, look.volatile)
    if latest is not None and reading.same_as_latest:
        seen = replace(latest, last_seen_at=answer.received_at, snapshots=latest.snapshots + 1)
        return replace(history, revisions=(*history.revisions[:-1], seen), hidden_since=None)
    revision, number = next_number(reading, [one.numbered for one in history.revisions])
    capture = look.capture
    if capture is None:
        return history
    fields = parse_json(answer.body)
    new = Revision(
        did=answer.did or history.did,
        revision=revision,
        routing=reading.routing,
        routing_number=number,
        number=storable_text(fields.get("number_e164")),
        status=storable_text(fields.get("status")),
        read_body=lambda: answer.body,
        first_seen_at=answer.received_at,
        last_seen_at=answer.received_at,
        snapshots=1,
        capture_number=capture.id,
        find_capture=lambda _: capture,
        destination_source=reading.destination_source,
    )
    return replace(history, revisions=(*history.revisions, new), hidden_since=None)
