"""One capture: fetch, store in batches as the answers come, and report what is stored."""

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from changelog.core import exits
from changelog.core.history import CaptureInfo
from changelog.core.naming import Target
from changelog.core.ports import Api, Recorder
from changelog.core.recording import CaptureSettings, Destinations, OpenCapture, Stored
from changelog.core.results.base import DidError
from changelog.core.results.capture import CaptureSummary, RecordedDid
from changelog.core.routing import Routing

if TYPE_CHECKING:
    from changelog.core.answers import Answer, Applications

_NOT_ATTEMPTED = DidError("not_attempted", "the run stopped before this DID was asked for")


@dataclass(slots=True)
class Captured:
    """What a capture came to. `stored` is in the order of arrival."""

    capture: OpenCapture
    summary: CaptureSummary
    stored: list[Stored] = field(default_factory=list)
    conditions: set[str] = field(default_factory=set)

    def of(self, target: Target) -> Stored | None:
        """What was stored for `target`, the last one if it was fetched more than once."""
        return next(
            (one for one in reversed(self.stored) if one.answer.requested == target.requested),
            None,
        )


def capture(
    api: Api,
    recorder: Recorder,
    targets: Sequence[Target],
    info: CaptureInfo,
    reading: CaptureSettings,
    *,
    by_name: bool,
    on_stored: Callable[[Stored], None] = lambda _: None,
) -> Captured:
    """Fetch `targets` and store every answer; Ctrl-C ends it and keeps what was stored.

    Raises UsageError if the tag is taken, before anything is fetched.
    """
    opened = recorder.begin(replace(info, api_url=api.url), key=api.key_name, by_name=by_name)
    session = _Session(api, recorder, opened, reading, on_stored)
    try:
        session.run(targets)
    except KeyboardInterrupt:
        session.conditions.add(exits.INTERRUPTED)
    return session.finish(len(targets))


class _Session:
    def __init__(
        self,
        api: Api,
        recorder: Recorder,
        opened: OpenCapture,
        reading: CaptureSettings,
        on_stored: Callable[[Stored], None],
    ) -> None:
        self._api = api
        self._recorder = recorder
        self._opened = opened
        self._reading = reading
        self._on_stored = on_stored
        self._applications = _in_background(api)
        self._destinations: Destinations | None = None
        self._pending: Sequence[Answer] = ()
        self.stored: list[Stored] = []
        self.conditions: set[str] = set()

    def run(self, targets: Iterable[Target]) -> None:
        with closing(self._api.fetch(targets)) as batches:
            for answers in batches:
                self._pending = answers
                try:
                    self._store_pending()
                except KeyboardInterrupt:
                    # The answers are here already: what is left to do is to keep them.
                    self._store_pending()
                    raise

    def _store_pending(self) -> None:
        if not self._pending:
            return
        stored = self._recorder.store(
            self._opened, self._pending, self._known_destinations(), self._reading.volatile
        )
        self._pending = ()
        self.stored.extend(stored)
        for one in stored:
            self._on_stored(one)

    def _known_destinations(self) -> Destinations:
        """The applications were asked for beside the first DIDs; the first batch waits for them."""
        if self._destinations is None:
            found = self._applications.get()
            if found.remark:
                self._opened.remark(found.remark)
            self._opened.answer_urls = found.answer_urls
            self._destinations = Destinations(
                self._reading.body_fields, found.answer_urls, self._reading.stated
            )
        return self._destinations

    def finish(self, requested: int) -> Captured:
        opened = self._opened
        self._judge(requested)
        summary = summary_of(opened, self._recorder.finish(opened))
        return Captured(opened, summary, self.stored, self.conditions | opened.conditions)

    def _judge(self, requested: int) -> None:
        """Name the conditions of the run, and remark what a reader of the log should know."""
        if self._api.stopped_because is not None:
            self.conditions.add(self._api.stopped_because)
        if self._api.stopped_because != exits.UNAUTHORIZED:
            for name in self._api.refused_keys:
                self._opened.remark(f"the API refused the key {name} (401)")
        unreadable = [one for one in self.stored if one.outcome == "unreadable"]
        if unreadable or len(self.stored) < requested:
            self.conditions.add(exits.UNREADABLE)
        if self.stored and all(_no_answer(one) for one in self.stored):
            self.conditions.add(exits.NO_ANSWER)
        if exits.INTERRUPTED in self.conditions:
            self._opened.remark(f"interrupted after {len(self.stored)} of {requested}")
        info = self._opened.info
        if info.tag and self.stored and not self._opened.tagged:
            self._opened.remark(f"nothing could be read, so the tag {info.tag} is still free")
        if self._reading.stated and any(self._beats_stated(one) for one in self.stored):
            self._opened.remark("a destination was fetched, so the stated one was not used")

    def _beats_stated(self, one: Stored) -> bool:
        if one.answer.problem is not None or self._destinations is None:
            return False
        return self._destinations.find(one.answer.fields)[1] in ("fetched", "body")


def summary_of(opened: OpenCapture, finished_at: datetime) -> CaptureSummary:
    """A capture that has ended, as results report it. Its tag counts only if it got it."""
    info = opened.info
    return CaptureSummary(
        id=info.id or None,
        started_at=info.started_at,
        finished_at=finished_at,
        recorded_by=info.recorded_by,
        changed_by=info.changed_by,
        note=info.note,
        ticket=info.ticket,
        tag=info.tag if opened.tagged and exits.TAG_TAKEN not in opened.conditions else None,
        api_url=info.api_url,
        remarks=tuple(opened.remarks),
    )


def _no_answer(one: Stored) -> bool:
    """No HTTP response at all. A body that was cut off had one."""
    problem = one.answer.problem
    return problem is not None and problem.no_answer


def _in_background(api: Api) -> "queue.Queue[Applications]":
    """Ask for the applications while the first DIDs are fetched: it may take its whole time."""
    answer: queue.Queue[Applications] = queue.Queue()
    threading.Thread(target=lambda: answer.put(api.applications()), daemon=True).start()
    return answer


def recorded(target: Target, stored: Stored | None) -> RecordedDid:
    """The line of one DID in what a capture reports."""
    if stored is None:
        return RecordedDid(
            requested=target.requested,
            did=target.did if target.number else None,
            number=target.number,
            outcome="unreadable",
            revision=None,
            error=_NOT_ATTEMPTED,
        )
    return RecordedDid(
        requested=target.requested,
        did=stored.did,
        number=stored.number,
        outcome=stored.outcome,
        revision=stored.revision,
        routing=stored.routing or Routing(None, None),
        changes=stored.changes,
        late=stored.late,
        error=problem_error(stored),
    )


def problem_error(stored: Stored) -> DidError | None:
    problem = stored.answer.problem
    if problem is None:
        return None
    return DidError(problem.code, problem.message, problem.status)
