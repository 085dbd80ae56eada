"""The live look of ``restore``: what the API says now, for as long as an incident can wait.

Nobody may have recorded the change that broke the line, so the log alone is not enough. The API is
asked in threads of its own, and only the calling thread writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from changelog.commands.recording.capture import Capture
from changelog.commands.targets import did_error
from changelog.model import exits
from changelog.model.answers import Answer, Applications, Problem
from changelog.model.errors import DatabaseError
from changelog.model.history import NOT_FOUND, CaptureInfo, History, Revision
from changelog.model.recording import (
    CaptureSettings,
    Destinations,
    LatestRevision,
    hides_did,
    next_number,
    read_answer,
)
from changelog.model.results.base import DidError, LiveLook
from changelog.model.text.json_body import parse_json, storable_text
from changelog.model.text.times import Gap, provider_time

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from changelog.commands.recording.capture import Fetch
    from changelog.model.did_ref import Target
    from changelog.model.ports import Api, Log, Recorder

UNAUTHORIZED_STATUS = 401
_WHY = {
    None: "the time was up",
    exits.INTERRUPTED: "interrupted",
    exits.UNAUTHORIZED: "every key was refused",
    exits.NO_ANSWER: "20 DIDs in a row got no answer",
}

_MAYBE_STORED = DidError(exits.INTERRUPTED, "interrupted before it was known to be stored")


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """The result of the live look at one DID. `answer` is kept only where it was not stored."""

    live: LiveLook = field(default_factory=LiveLook)
    did: str | None = None
    condition: str | None = None
    answer: Answer | None = None
    destinations: Destinations = field(default_factory=Destinations)
    volatile: frozenset[str] = frozenset()
    capture: CaptureInfo | None = None
    key: str = ""
    applications: Applications = field(default_factory=Applications)

    @property
    def is_404(self) -> bool:
        """Return whether the API answered that it knows no such DID."""
        error = self.live.error
        return error is not None and error.status == NOT_FOUND

    @property
    def has_read(self) -> bool:
        """Return whether the DID could be read."""
        return self.live.answered and not self.is_404

    def apply_to(self, history: History, log: Log) -> History:
        """Return `history` as it would be if an answer that could not be stored had been."""
        if self.answer is None or self.capture is None:
            return history
        return _with_answer(history, self.answer, self, self.capture, log)


def look_live(
    api: Api,
    fetch: Fetch,
    targets: Sequence[Target],
    info: CaptureInfo,
    settings: CaptureSettings,
    open_recorder: Callable[[], AbstractContextManager[Recorder]],
    step: Callable[[int], None] = lambda _: None,
    *,
    every: bool,
) -> dict[str, LiveCheck]:
    """Store the answers of a `fetch` of `targets` as they come. Return a check by what was asked.

    Where the database refuses, the rest is read all the same, and is not recorded.
    `step` counts them. `every`: the targets are a whole fleet.
    """
    answers, stored = dict[str, Answer](), set[str]()
    refused: DidError | None = None

    def store(first: list[Answer]) -> str | None:
        answers.update({answer.requested: answer for answer in first})
        begun = fetch._replace(batches=_kept(first, fetch.batches, answers))
        with (
            open_recorder() as recorder,
            Capture(recorder, info, settings, api, by_name=False, size=len(targets)) as capture,
        ):
            for outcomes in capture.batches(targets, begun):
                stored.update(outcome.requested for outcome in outcomes)
                step(len(outcomes))
        return capture.stopped_because

    try:
        with settings.shutdown.interruptible():
            first = next(fetch.batches, None)
        # A look that came to nothing makes no database.
        stopped = store(first) if first else api.stopped_because
    except DatabaseError as error:
        refused = did_error(error)
        # The database may fail while a Ctrl-C is kept back: then nobody waits for the rest.
        interrupted = settings.shutdown.requested
        stopped = exits.INTERRUPTED if interrupted else _read_rest(api, fetch, answers, step)
    except KeyboardInterrupt:
        # Before the capture began to read: what came by then is shown, and not stored any more.
        refused = DidError(exits.INTERRUPTED, "interrupted before it was stored")
        stopped = exits.INTERRUPTED
    finally:
        fetch.batches.close()
    shared = _shared(api, fetch, info, settings)

    unanswered = _not_read(stopped) if every else _no_answer_in_time(stopped)
    checks = {target.requested: unanswered for target in targets}
    for name, answer in answers.items():
        why = None if name in stored else refused or _MAYBE_STORED
        checks[name] = check_of(answer, why, shared, stopped)
    return checks


def _shared(api: Api, fetch: Fetch, info: CaptureInfo, settings: CaptureSettings) -> LiveCheck:
    """Return what the checks of all DIDs have in common."""
    applications = fetch.applications.result() if fetch.applications.done() else Applications()
    return LiveCheck(
        destinations=Destinations(settings.body_fields, applications),
        volatile=settings.volatile,
        capture=replace(info, api_url=api.url),
        key=api.key_name,
        applications=applications,
    )


def _kept(
    first: list[Answer], batches: Generator[list[Answer], None, None], answers: dict[str, Answer]
) -> Generator[list[Answer], None, None]:
    """Yield the batches, and keep each answer in `answers`: the log may refuse it."""
    for batch in chain([first], batches):
        answers.update({answer.requested: answer for answer in batch})
        yield batch


def _read_rest(
    api: Api, fetch: Fetch, answers: dict[str, Answer], step: Callable[[int], None]
) -> str | None:
    """Read what has no answer yet, and store nothing. Return why it ended early."""
    try:
        for batch in _kept([], fetch.batches, answers):
            step(len(batch))
        fetch.applications.result()
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    return api.stopped_because


def _no_answer_in_time(stopped: str | None) -> LiveCheck:
    """Return the check of a named DID that no answer came for."""
    error = DidError("timeout", "no answer in time")
    if stopped == exits.INTERRUPTED:
        error = DidError(stopped, "interrupted before an answer came")
    live = LiveLook(looked=True, error=error)
    return LiveCheck(live=live, condition=stopped or exits.NO_ANSWER)


def _not_read(stopped: str | None) -> LiveCheck:
    """Return the check of a DID of a fleet that no answer came for."""
    why = _WHY.get(stopped, stopped)
    return LiveCheck(
        live=LiveLook(error=DidError("not_read", f"not read now: {why}")),
        condition=stopped or exits.NO_ANSWER,
    )


def check_of(
    answer: Answer, refused: DidError | None, shared: LiveCheck, stopped_because: str | None
) -> LiveCheck:
    """Return the check of one DID. `refused`: why its answer could not be stored."""
    problem = answer.problem
    error = None if problem is None else DidError.of(problem)
    return replace(
        shared,
        live=LiveLook(
            looked=True,
            recorded=refused is None,
            error=error,
            answered=problem is None or problem.status == NOT_FOUND,
            store_error=refused,
            api_updated_at=provider_time(answer.fields.get("updated_at")),
        ),
        did=answer.did,
        condition=_condition(problem, stopped_because),
        answer=None if refused is None else answer,
    )


def _condition(problem: Problem | None, stopped_because: str | None) -> str | None:
    """Return the condition that the answer of ``restore --live`` ends with; a 404 is an answer.

    An interrupted look ends every ``restore`` so, even where all answers came.
    """
    if stopped_because == exits.INTERRUPTED:
        return exits.INTERRUPTED
    if problem is None or problem.status == NOT_FOUND:
        return None
    if problem.status == UNAUTHORIZED_STATUS and stopped_because == exits.UNAUTHORIZED:
        return exits.UNAUTHORIZED
    return exits.NO_ANSWER if problem.no_answer else exits.UNREADABLE


def _with_answer(
    history: History, answer: Answer, check: LiveCheck, capture: CaptureInfo, log: Log
) -> History:
    if answer.problem is not None:
        key, address = answer.key or check.key, capture.api_url or ""
        seen_at, status = answer.received_at, answer.problem.status
        missed = replace(history, newest_status=status, newest_key=key, newest_at=seen_at)
        hides = hides_did(answer, (key, address), log.key_that_read(history.did))
        return replace(missed, hidden_since=answer.received_at) if hides else missed
    history = _seen_again(history, answer.received_at)
    latest = history.latest if history.revisions else None
    known = latest and LatestRevision(
        latest.revision,
        latest.whole_body,
        latest.routing,
        latest.destination_source,
        latest.first_seen_at,
    )
    reading = read_answer(answer, known or None, check.destinations, check.volatile)
    find = _destination_read(history, answer, check.applications)
    history = replace(history, find_destination_read=find)
    if latest is not None and reading.same_as_latest:
        seen = replace(latest, last_seen_at=answer.received_at, snapshots=latest.snapshots + 1)
        return replace(history, revisions=(*history.revisions[:-1], seen))
    revision, number = next_number(reading, [revision.numbered for revision in history.revisions])
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
    return replace(history, revisions=(*history.revisions, new))


def _seen_again(history: History, now: datetime) -> History:
    """Return `history` with the DID visible again, where it was not."""
    gaps, hidden_since = history.gaps, history.hidden_since
    if hidden_since is not None:
        gaps = (*gaps, Gap(history.latest.last_seen_at, hidden_since, now))
    return replace(history, newest_status=None, newest_at=now, hidden_since=None, gaps=gaps)


def _destination_read(
    history: History, answer: Answer, applications: Applications
) -> Callable[[Revision, Revision], datetime | None]:
    """Find when the ``answer_url`` was read last, where this look may have read it too."""
    read = {*(applications.listed or ()), *applications.answer_urls}

    def find(first: Revision, last: Revision) -> datetime | None:
        is_newest = last.last_seen_at == answer.received_at
        if is_newest and last.routing.application_id in read:
            return answer.received_at
        return history.find_destination_read(first, last)

    return find
