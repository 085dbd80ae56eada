"""One capture: fetch, store in batches as the answers come, and report what is stored."""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.history import NOT_FOUND, CaptureInfo
from changelog.model.ports import Api, Recorder
from changelog.model.recording import (
    OUTCOMES,
    CaptureSettings,
    Destinations,
    OpenCapture,
    Selection,
    Stored,
)
from changelog.model.results.base import DidError
from changelog.model.results.capture import CaptureSummary, RecordCounts, RecordedDid
from changelog.model.routing import Routing

if TYPE_CHECKING:
    from changelog.model.answers import Answer, Applications

NOT_ATTEMPTED = "not_attempted"
"""The code of a DID that a run did not come to."""


class Targets(Sized, Iterable[Target], Protocol):
    """The DIDs to fetch: a list, or a fleet that is read from the log as it is needed."""


@dataclass(slots=True)
class Captured:
    """What a capture came to. `stored`: by what was asked for, where it was to be kept.

    `unattempted`: those that were not asked for any more, to be looked through once.
    """

    capture: OpenCapture
    summary: CaptureSummary
    counts: RecordCounts
    stored: Mapping[str, Stored] = field(default_factory=dict)
    conditions: set[str] = field(default_factory=set)
    unattempted: Iterable[Target] = ()

    def of(self, target: Target) -> Stored | None:
        """What was stored for `target`."""
        return self.stored.get(target.requested)


def begin(
    api: Api,
    recorder: Recorder,
    info: CaptureInfo,
    *,
    by_name: bool,
    selection: Selection | None = None,
) -> OpenCapture:
    """Start a capture of what `api` answers.

    Raises UsageError if the tag is taken, before anything is fetched.
    """
    return recorder.begin(
        replace(info, api_url=api.url), key=api.key_name, by_name=by_name, selection=selection
    )


def capture(
    api: Api,
    recorder: Recorder,
    targets: Targets,
    opened: OpenCapture,
    reading: CaptureSettings,
    *,
    keep: bool = True,
    on_stored: Callable[[Sequence[Stored]], None] = lambda _: None,
) -> Captured:
    """Fetch `targets` and store every answer; Ctrl-C ends it and keeps what is there already.

    `keep`: the caller wants all of it afterwards. A fleet is reported as it comes, by `on_stored`:
    what one transaction stored, at a time.
    """
    asked = _Asked(targets)
    session = _Session(api, recorder, opened, reading, asked, on_stored, keep=keep)
    try:
        session.run()
    except KeyboardInterrupt:
        reading.shutdown.request()
        session.conditions.add(exits.INTERRUPTED)
    return session.finish(len(targets))


def read_round(
    api: Api,
    recorder: Recorder,
    targets: Iterable[Target],
    opened: OpenCapture,
    reading: CaptureSettings,
    on_stored: Callable[[Sequence[Stored], Destinations], None],
) -> str | None:
    """Fetch `targets` and store every answer, leaving the capture open for another round.

    `on_stored` hears of each transaction, and where the round learned destinations from. Returns
    the condition that cut the round short: "interrupted", "unauthorized" or "no_answer".
    """

    def report(stored: Sequence[Stored]) -> None:
        on_stored(stored, session.destinations)

    session = _Session(api, recorder, opened, reading, _Asked(targets), report, keep=False)
    try:
        recorder.go_on(opened)
        session.run()
    except KeyboardInterrupt:
        reading.shutdown.request()
        return exits.INTERRUPTED
    finally:
        remark_refused_keys(api, opened)
    return api.stopped_because


def remark_refused_keys(api: Api, opened: OpenCapture) -> None:
    """That some keys were refused; where all were, the whole run says so."""
    if api.stopped_because != exits.UNAUTHORIZED:
        for name in api.refused_keys:
            opened.remark(f"the API refused the key {name} (401)")


class _Asked:
    """Hands the targets to the threads that fetch, and knows which have no answer yet."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._left = iter(targets)
        self._lock = threading.Lock()
        self._under_way: dict[str, Target] = {}
        self._over = False

    def __iter__(self) -> "_Asked":
        return self

    def __next__(self) -> Target:
        with self._lock:
            if self._over:
                raise StopIteration
            target = next(self._left)
            self._under_way[target.requested] = target
            return target

    def answered(self, requested: str) -> None:
        self._under_way.pop(requested, None)

    def unanswered(self) -> Iterator[Target]:
        """Those under way and those still to come. No thread gets another one."""
        with self._lock:
            self._over = True
        yield from tuple(self._under_way.values())
        yield from self._left


class _Session:
    def __init__(
        self,
        api: Api,
        recorder: Recorder,
        opened: OpenCapture,
        reading: CaptureSettings,
        asked: _Asked,
        on_stored: Callable[[Sequence[Stored]], None],
        *,
        keep: bool,
    ) -> None:
        self._api = api
        self._recorder = recorder
        self._opened = opened
        self._reading = reading
        self._asked = asked
        self._on_stored = on_stored
        self._keep = keep
        self._applications = _in_background(api)
        self._destinations: Destinations | None = None
        self._stored: dict[str, Stored] = {}
        self._tally: Counter[str] = Counter()
        self._beat_stated = False
        self.conditions: set[str] = set()

    def run(self) -> None:
        with closing(self._api.fetch(self._asked)) as batches:
            for answers in batches:
                # The answers are here already: what is left to do is to keep them.
                with self._reading.shutdown.deferred():
                    self._store(answers)

    def _store(self, answers: "Sequence[Answer]") -> None:
        stored = self._recorder.store(
            self._opened, answers, self.destinations, self._reading.volatile
        )
        for one in stored:
            self._count(one)
        self._on_stored(stored)

    def _count(self, one: Stored) -> None:
        requested = one.answer.requested
        self._asked.answered(requested)
        self._tally[one.outcome] += 1
        self._tally["no_answer"] += _no_answer(one)
        self._tally["settled"] += _is_settled(one)
        self._beat_stated = self._beat_stated or self._beats_stated(one)
        if self._keep:
            self._stored[requested] = one

    @property
    def destinations(self) -> Destinations:
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

    def finish(self, expected: int) -> Captured:
        done = sum(self._tally[outcome] for outcome in OUTCOMES)
        cut_short = self._api.stopped_because or exits.INTERRUPTED in self.conditions
        unread = max(0, expected - done) if cut_short else 0
        self._judge(done, unread)
        opened = self._opened
        # One that was refused or met an error is as open as one that was not asked for.
        left = max(0, expected - self._tally["settled"]) if cut_short else 0
        interrupted = exits.INTERRUPTED in self.conditions
        summary = summary_of(opened, end(self._recorder, opened, left, interrupted=interrupted))
        return Captured(
            capture=opened,
            summary=summary,
            counts=self._counts(done, unread),
            stored=self._stored,
            conditions=self.conditions | opened.conditions,
            unattempted=self._asked.unanswered(),
        )

    def _counts(self, done: int, unread: int) -> RecordCounts:
        return RecordCounts(
            requested=done + unread,
            new=self._tally["new"],
            changed=self._tally["changed"],
            unchanged=self._tally["unchanged"],
            unreadable=self._tally["unreadable"] + unread,
        )

    def _judge(self, done: int, unread: int) -> None:
        """Name the conditions of the run, and remark what a reader of the log should know."""
        if self._api.stopped_because is not None:
            self.conditions.add(self._api.stopped_because)
        remark_refused_keys(self._api, self._opened)
        if self._tally["unreadable"] or unread:
            self.conditions.add(exits.UNREADABLE)
        if done and self._tally["no_answer"] == done:
            self.conditions.add(exits.NO_ANSWER)
        if exits.INTERRUPTED in self.conditions:
            self._opened.remark(f"interrupted after {done} of {done + unread}")
        info = self._opened.info
        if info.tag and done and not self._opened.tagged:
            self._opened.remark(f"nothing could be read, so the tag {info.tag} is still free")
        if self._beat_stated:
            self._opened.remark("a destination was fetched, so the stated one was not used")

    def _beats_stated(self, one: Stored) -> bool:
        if not self._reading.stated or one.answer.problem is not None or not self._destinations:
            return False
        return self._destinations.find(one.answer.fields)[1] in ("fetched", "body")


def end(recorder: Recorder, opened: OpenCapture, unread: int, *, interrupted: bool) -> datetime:
    """Say that the capture ended. Where nobody waits for a lost server any more, it stays open in
    the log, as one that was killed does."""
    try:
        return recorder.finish(opened, unread=unread)
    except KeyboardInterrupt:
        if not interrupted:
            raise
        return opened.last_received or opened.info.started_at


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


def _is_settled(one: Stored) -> bool:
    """Whether a capture that is gone on with need not ask for it again."""
    problem = one.answer.problem
    return problem is None or problem.status == NOT_FOUND


def _in_background(api: Api) -> "queue.Queue[Applications]":
    """Ask for the applications while the first DIDs are fetched: it may take its whole time."""
    answer: queue.Queue[Applications] = queue.Queue()
    threading.Thread(target=lambda: answer.put(api.applications()), daemon=True).start()
    return answer


def recorded(stored: Stored) -> RecordedDid:
    """The line of one DID in what a capture reports."""
    return RecordedDid(
        requested=stored.answer.requested,
        did=stored.did,
        number=stored.number,
        outcome=stored.outcome,
        revision=stored.revision,
        routing=stored.routing or Routing(None, None),
        changes=stored.changes,
        late=stored.late,
        error=problem_error(stored),
    )


def not_attempted(target: Target) -> RecordedDid:
    """The line of a DID that was not asked for any more."""
    return RecordedDid(
        requested=target.requested,
        did=target.did if target.number else None,
        number=target.number,
        outcome="unreadable",
        revision=None,
        error=DidError(NOT_ATTEMPTED, "the run stopped before this DID was asked for"),
    )


def problem_error(stored: Stored) -> DidError | None:
    problem = stored.answer.problem
    if problem is None:
        return None
    return DidError(problem.code, problem.message, problem.status)
