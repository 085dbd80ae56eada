"""A capture as one iterator: fetch, store in batches as the answers come, hand out each outcome."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import Future
from contextlib import closing
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from changelog.model import exits
from changelog.model.answers import Applications
from changelog.model.history import NOT_FOUND
from changelog.model.recording import OUTCOMES, Destinations, Outcome
from changelog.model.results.base import NOT_ATTEMPTED
from changelog.model.results.capture import EndedCapture, RecordCounts, RecordSummary
from changelog.model.routing import WEBHOOK, gone_remark, without_url_remark
from changelog.model.selectors import AFTER, BEFORE
from changelog.model.text.times import format_duration, wrong_clock

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from typing import Self

    from changelog.model.answers import Answer
    from changelog.model.did_ref import Target
    from changelog.model.history import CaptureInfo
    from changelog.model.ports import Api, Recorder
    from changelog.model.recording import (
        CaptureSettings,
        ConfirmedReturn,
        OpenCapture,
        Selection,
        Unfinished,
    )

_LATER = timedelta(minutes=1)
"""A capture that is gone on with after so long may hold two states of a fleet."""


class Fetch(NamedTuple):
    """What was asked of the API, and is on its way."""

    batches: Generator[list[Answer], None, None]
    applications: Future[Applications]

    @classmethod
    def begin(cls, api: Api, targets: Iterable[Target]) -> Fetch:
        """Ask for `targets`, and beside them for the applications, which may take their time."""
        applications: Future[Applications] = Future()

        def read() -> None:
            try:
                applications.set_result(api.applications())
            except BaseException as error:
                # It belongs to whoever waits for the result, and would wait without end.
                applications.set_exception(error)

        threading.Thread(target=read, daemon=True).start()
        return cls(api.fetch(targets), applications)


@dataclass(slots=True)
class Capture:
    """One run that records: its number, tag, remarks and end, as a context manager.

    Once it has begun to read, Ctrl-C ends it like the end of the block and goes no further: what
    was recorded is kept, `stopped_because` and `conditions` say "interrupted". After any other
    error it stays open in the log, as one that was killed does; `unfinished` is such a one to go
    on with.

    `api`: None where the answers come from files. `size`: how many DIDs it is about. `past`: the
    answers were received before it began. Entering raises UsageError for a tag that is taken, and
    for what would make the old capture another one.
    """

    recorder: Recorder
    info: CaptureInfo
    settings: CaptureSettings
    api: Api | None = None
    _: KW_ONLY
    by_name: bool
    size: int = 0
    selection: Selection | None = None
    unfinished: Unfinished | None = None
    past: bool = False
    destinations: Destinations = field(init=False)
    applications: Applications = field(init=False, default_factory=Applications)
    conditions: set[str] = field(init=False, default_factory=set)
    stopped_because: str | None = field(init=False, default=None)
    """Why the last reading ended early: "interrupted", "unauthorized" or "no_answer"."""
    result: RecordSummary = field(init=False)
    """The counts and the conditions, once it has ended."""
    _offset: timedelta = field(init=False)
    _open: OpenCapture = field(init=False)
    _targets: Iterable[Target] = field(init=False, default=())
    _answered: set[str] = field(init=False, default_factory=set)
    _reading: Generator[list[Outcome], None, None] | None = field(init=False, default=None)
    _tally: Counter[str] = field(init=False, default_factory=Counter)
    _is_storing: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.api is not None:
            self.info = replace(self.info, api_url=self.api.url)
        self.destinations = Destinations(self.settings.body_fields, None, self.settings.stated)
        self._offset = self.settings.clock_offset()

    def __enter__(self) -> Self:
        if self.unfinished is None:
            self._open = self.recorder.start(
                self.info,
                key=None if self.api is None else self.api.key_name,
                by_name=self.by_name,
                past=self.past,
                selection=self.selection,
            )
        else:
            self.unfinished.require_same(self.info)
            self._open = self.recorder.resume(self.unfinished, self.info.tag)
            later = self.info.started_at - self.unfinished.info.started_at
            if later >= _LATER:
                after = format_duration(later.total_seconds())
                self.remark(f"the rest was read {after} after it began: a tag means it as of then")
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        interrupted = self._reading is not None and isinstance(error, KeyboardInterrupt)
        if self._reading is not None:
            self._reading.close()
        if interrupted:
            self._interrupt()
        if error is None or interrupted:
            self._end()
        return interrupted

    def read(self, targets: Iterable[Target]) -> Iterator[Outcome]:
        """Fetch `targets`, and yield what became of each once it is stored."""
        return chain.from_iterable(self.batches(targets))

    def batches(
        self, targets: Iterable[Target], begun: Fetch | None = None
    ) -> Iterator[list[Outcome]]:
        """Fetch `targets`, and yield what one transaction stored at a time.

        `begun`: the fetch, where it has begun already. A batch is handed out whole before a Ctrl-C
        ends the reading. What is read again later in the same capture is newer than all that the
        log holds by then.
        """
        if self.api is None:
            raise ValueError("answers from files are stored, not read")
        again = self._reading is not None
        self._targets = targets
        self.stopped_because = None
        self._reading = self._read(self.api, begun, again=again)
        return self._reading

    def _read(
        self, api: Api, begun: Fetch | None, *, again: bool
    ) -> Generator[list[Outcome], None, None]:
        learned = False
        try:
            if again:
                self._open = self.recorder.rebase(self._open)
            fetch = begun or Fetch.begin(api, self._targets)
            with closing(fetch.batches) as batches:
                while answers := self._wait_for_batch(batches):
                    # The answers are here already: they only have to be stored and reported.
                    with self.settings.shutdown.deferred():
                        if not learned:
                            self.learn(fetch.applications.result())
                            learned = True
                        yield self.store(answers)
        except KeyboardInterrupt:
            self._interrupt()
        finally:
            self._note_refusals(api)

    def _wait_for_batch(self, batches: Iterator[list[Answer]]) -> list[Answer]:
        with self.settings.shutdown.interruptible():
            return next(batches, [])

    def learn(self, applications: Applications) -> None:
        """Take the destinations of the answers that follow from `applications` too."""
        if applications.remark:
            self.remark(applications.remark)
        self.applications = applications
        self.destinations = replace(self.destinations, applications=applications)

    def store(self, answers: Sequence[Answer]) -> list[Outcome]:
        """Store `answers` in one transaction. Return what became of each."""
        self._use_time_of_api()
        self._is_storing = True
        self._open, outcomes = self.recorder.store(
            self._open, answers, self.destinations, self.settings.volatile
        )
        self._is_storing = False
        for outcome in outcomes:
            self._count(outcome)
        return outcomes

    def _use_time_of_api(self) -> None:
        """Begin when the API's clock says, where this machine's turned out to be wrong."""
        offset = self.settings.clock_offset()
        if offset:
            self.remark(f"{wrong_clock(offset)}; the API's time is used")
        if not self._open.info.id:
            started = self._open.info.started_at + offset - self._offset
            self._open = replace(self._open, info=replace(self._open.info, started_at=started))
            self._offset = offset

    def confirm(self, returns: Sequence[ConfirmedReturn]) -> None:
        """Store that older routings are live again, as this capture saw."""
        self.recorder.add_confirmations(self._open, returns)

    def remark(self, text: str) -> None:
        """Remark something once, for a reader of the log."""
        self._open = self._open.remarked(text)

    def waits_for(self) -> str:
        """Return what a reading waits for just now, for a person."""
        return "the database" if self._is_storing else f"the API at {self.info.api_url}"

    @property
    def answered(self) -> int:
        """Return how many of the DIDs have an answer."""
        return len(self._answered)

    def unattempted(self) -> Iterator[Outcome]:
        """Yield a line for each DID of the last reading that has no answer."""
        for target in self._targets:
            if target.requested not in self._answered:
                yield not_attempted(target)

    def _count(self, outcome: Outcome) -> None:
        self._answered.add(outcome.requested)
        problem = outcome.problem
        self._tally[outcome.outcome] += 1
        self._tally["learned"] += outcome.has_only_learned
        # No HTTP response at all. A body that was cut off had one.
        self._tally["no_answer"] += problem is not None and problem.no_answer
        # One that was refused or met an error is as open as one that was not asked for.
        self._tally["settled"] += problem is None or problem.status == NOT_FOUND
        if self._beats_stated(outcome):
            self.remark("a destination was fetched, so the stated one was not used")
        elif self.settings.stated and problem is not None:
            self.remark("the DID could not be read, so the stated destination was not kept")
        if application := self.application_gone(outcome):
            self.remark(gone_remark(application))
        elif application := self.application_without_url(outcome):
            self.remark(without_url_remark(application))

    def application_gone(self, outcome: Outcome) -> str | None:
        """Return the application to which the calls go, where the whole list does not have it."""
        application, mode, _ = outcome.routing
        is_gone = mode == WEBHOOK and self.applications.is_gone(application)
        return application if is_gone else None

    def application_without_url(self, outcome: Outcome) -> str | None:
        """Return the application that is listed, and does not say where the calls go on to."""
        application, mode, _ = outcome.routing
        answer = outcome.answer
        if mode != WEBHOOK or answer is None or self.destinations.find(answer.fields)[1] == "body":
            return None
        return application if self.applications.lacks_url(application) else None

    @property
    def has_applications(self) -> bool:
        """Whether the applications were read whole."""
        return self.applications.listed is not None

    def _beats_stated(self, outcome: Outcome) -> bool:
        if not self.settings.stated or outcome.answer is None or outcome.problem is not None:
            return False
        return self.destinations.find(outcome.answer.fields)[1] in ("fetched", "body")

    def _interrupt(self) -> None:
        self.settings.shutdown.request()
        self.stopped_because = exits.INTERRUPTED
        self.conditions.add(exits.INTERRUPTED)

    def _note_refusals(self, api: Api) -> None:
        """Keep why the API ended the reading, and which keys were refused where not all were."""
        if api.stopped_because is not None:
            self.conditions.add(api.stopped_because)
            self.stopped_because = self.stopped_because or api.stopped_because
        if api.stopped_because != exits.UNAUTHORIZED:
            for name in api.refused_keys:
                self.remark(f"the API refused the key {name} (401)")

    def _end(self) -> None:
        cut_short = self.stopped_because is not None
        unread = max(0, self.size - self.answered) if cut_short else 0
        self._judge(unread)
        left = max(unread, self.size - self._tally["settled"]) if cut_short else 0
        summary = self._closed(left)
        self.conditions |= self._open.conditions
        counts = {outcome: self._tally[outcome] for outcome in OUTCOMES}
        self.result = RecordSummary(
            capture=summary,
            counts=RecordCounts(
                requested=sum(counts.values()) + unread,
                not_read=unread,
                learned=self._tally["learned"],
                **counts,
            ),
            conditions=tuple(sorted(self.conditions)),
        )

    def _judge(self, unread: int) -> None:
        """Name the conditions of the run, and remark what a reader of the log should know."""
        done = self.answered
        if self._tally["unreadable"] or unread:
            self.conditions.add(exits.UNREADABLE)
        if done and self._tally["no_answer"] == done:
            self.conditions.add(exits.NO_ANSWER)
        if exits.INTERRUPTED in self.conditions or unread:
            why = "interrupted" if exits.INTERRUPTED in self.conditions else "stopped"
            self.remark(f"{why} after {done} of {done + unread}")
        tag = self._open.info.tag
        if tag and done and not self._open.tagged:
            free = "not set" if tag.endswith((BEFORE, AFTER)) else "still free"
            self.remark(f"nothing could be read, so the tag {tag} is {free}")

    def _closed(self, left: int) -> EndedCapture:
        """Store that the capture ended with so many DIDs open. Return it as results report it."""
        try:
            finished = self.recorder.close(self._open, unread=left)
        except KeyboardInterrupt:
            if exits.INTERRUPTED not in self.conditions:
                raise
            # Nobody waits for a lost server any more: it stays open in the log.
            finished = self._open.last_received or self._open.info.started_at
        info = self._open.info
        has_tag = self._open.tagged and exits.TAG_TAKEN not in self._open.conditions
        return EndedCapture(info, finished, info.tag if has_tag else None, self._open.remarks)


def not_attempted(target: Target) -> Outcome:
    """Return the line of a DID that was not asked for any more."""
    did = target.did if target.number else None
    return Outcome(requested=target.requested, did=did, number=target.number, error=NOT_ATTEMPTED)
