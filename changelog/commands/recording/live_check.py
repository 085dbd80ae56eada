"""The live look of ``restore``: what the API says now, for as long as an incident can wait.

Nobody may have recorded the change that broke the line, so the log alone is not enough. The look
runs in a daemon thread that hands its answers over: a resolver that hangs is left behind with it.
Only the calling thread writes.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from changelog.commands.recording.capture import Capture
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
    from contextlib import AbstractContextManager

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

    @property
    def is_404(self) -> bool:
        """Whether the API answered that it knows no such DID."""
        problem = self.answer.problem if self.answer else self.live.error
        return problem is not None and problem.status == NOT_FOUND

    def apply_to(self, history: History, log: Log) -> History:
        """Return `history` with an answer that could not be stored taken into account."""
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


OpenApi: TypeAlias = "Callable[[Callable[[], float] | None], Api]"
"""Opens the API; it may ask for the seconds that are left."""


def ask(
    open_api: OpenApi,
    targets: Sequence[Target],
    patience_s: float | None,
    meanwhile: Callable[[], None],
) -> Looked:
    """Ask for `targets`, for `patience_s` seconds of wall time or, with None, until answered.

    `meanwhile` is called in this thread once the asking has begun.
    """
    asking = _Asking(open_api, targets, patience_s)
    threading.Thread(target=asking.run, daemon=True).start()
    meanwhile()
    return asking.wait()


class _Asking:
    """What daemon threads have come to by now; no more of it counts after `wait`."""

    def __init__(
        self, open_api: OpenApi, targets: Sequence[Target], patience_s: float | None
    ) -> None:
        self._open_api = open_api
        self._targets = targets
        self._deadline = None if patience_s is None else time.monotonic() + patience_s
        self._answered, self._learned = threading.Event(), threading.Event()
        self._api: Api | None = None
        self._answers: list[Answer] = []
        self._applications = Applications()
        self._stopped_because: str | None = None
        self._failure: Exception | None = None

    def run(self) -> None:
        try:
            deadline = self._deadline
            api = self._open_api(None if deadline is None else lambda: deadline - time.monotonic())
            self._api = api
            threading.Thread(target=self._learn, args=(api,), daemon=True).start()
            for answers in api.fetch(self._targets):
                self._answers.extend(answers)
            self._stopped_because = api.stopped_because
        except Exception as error:
            self._failure = error
            self._learned.set()
        self._answered.set()

    def _learn(self, api: Api) -> None:
        self._applications = api.applications()
        self._learned.set()

    def wait(self) -> Looked:
        for over in (self._answered, self._learned):
            over.wait(self._seconds_left())
        if self._failure is not None:
            raise self._failure
        return Looked(
            tuple(self._answers),
            self._applications,
            self._stopped_because,
            self._api.key_name if self._api else "",
            self._api.url if self._api else "",
        )

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())


def remember(
    looked: Looked,
    targets: Sequence[Target],
    info: CaptureInfo,
    reading: CaptureSettings,
    open_recorder: Callable[[], AbstractContextManager[Recorder]],
) -> dict[str, LiveCheck]:
    """Store the answers; where the database refuses, carry them along as not recorded."""
    refused = _refusal(looked, info, reading, open_recorder)
    by_request = {answer.requested: answer for answer in looked.answers}
    shared = LiveCheck(
        destinations=Destinations(reading.body_fields, looked.applications.answer_urls),
        volatile=reading.volatile,
        capture=replace(info, api_url=looked.url),
        key=looked.key_name,
    )
    return {
        target.requested: check_of(
            by_request.get(target.requested), refused, shared, looked.stopped_because
        )
        for target in targets
    }


def _refusal(
    looked: Looked,
    info: CaptureInfo,
    reading: CaptureSettings,
    open_recorder: Callable[[], AbstractContextManager[Recorder]],
) -> DatabaseError | None:
    """Store the answers. Return why the database would not, if it would not."""
    if not looked.answers:
        return None
    stored = False
    try:
        with (
            open_recorder() as recorder,
            Capture(recorder, info, reading, looked, by_name=False) as capture,
        ):
            capture.learn(looked.applications)
            capture.store(looked.answers)
            stored = True
    except DatabaseError as error:
        # That it could not be ended does not make it undone.
        return None if stored else error
    return None


def check_of(
    answer: Answer | None,
    refused: DatabaseError | None,
    shared: LiveCheck,
    stopped_because: str | None,
) -> LiveCheck:
    """Return what the look came to for one DID; `refused`: why its answer could not be stored."""
    if answer is None:
        live = LiveLook(looked=True, error=DidError("timeout", "no answer in time"))
        return replace(shared, live=live, condition=stopped_because or exits.NO_ANSWER)
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
        key, address = answer.key or look.key, look.capture.api_url or "" if look.capture else ""
        counts = answer.not_found and log.key_read_last(history.did, key, address)
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
