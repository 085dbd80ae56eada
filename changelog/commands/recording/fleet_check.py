"""The live look of ``restore --all``: a capture of the fleet that ends when its time is up."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from changelog.commands.recording.capture import Capture
from changelog.commands.recording.live_check import LiveCheck, check_of
from changelog.model import exits
from changelog.model.answers import Applications
from changelog.model.errors import DatabaseError
from changelog.model.recording import Destinations
from changelog.model.results.base import DidError
from changelog.model.results.restore import LiveLook

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from contextlib import AbstractContextManager

    from changelog.model.answers import Answer
    from changelog.model.did_ref import Target
    from changelog.model.history import CaptureInfo
    from changelog.model.ports import Api, Recorder
    from changelog.model.recording import CaptureSettings

_MOST_AT_ONCE = 1000
"""Answers that one transaction stores, and a few more."""
_WHY = {
    None: "the time was up",
    exits.INTERRUPTED: "interrupted",
    exits.UNAUTHORIZED: "every key was refused",
    exits.NO_ANSWER: "20 DIDs in a row got no answer",
}


class TimedApi:
    """An API whose fetch ends after `patience_s` seconds in all; None: when all is answered.

    `answers`: all that came, by what was asked for; `listed`: the applications, once read.
    """

    def __init__(self, api: Api, patience_s: float | None) -> None:
        self._api = api
        self._deadline = None if patience_s is None else time.monotonic() + patience_s
        self.answers: dict[str, Answer] = {}
        self.listed: Applications | None = None

    @property
    def url(self) -> str:
        return self._api.url

    @property
    def key_name(self) -> str:
        return self._api.key_name

    @property
    def stopped_because(self) -> str | None:
        return self._api.stopped_because

    @property
    def refused_keys(self) -> Sequence[str]:
        return self._api.refused_keys

    def applications(self) -> Applications:
        """Return what the API lists."""
        self.listed = self._api.applications()
        return self.listed

    def fetch(self, targets: Iterable[Target]) -> Generator[list[Answer], None, None]:
        """Yield the answers that come in time. A hanging resolver is left behind."""
        came: queue.Queue[list[Answer] | Exception | None] = queue.Queue()
        over = threading.Event()
        threading.Thread(target=self._fetch, args=(targets, came, over), daemon=True).start()
        try:
            while (answers := self._next(came, over)) is not None:
                self.answers.update({answer.requested: answer for answer in answers})
                yield answers
        finally:
            over.set()

    def _fetch(
        self,
        targets: Iterable[Target],
        came: queue.Queue[list[Answer] | Exception | None],
        over: threading.Event,
    ) -> None:
        try:
            with closing(self._api.fetch(targets)) as batches:
                for answers in batches:
                    came.put(answers)
                    if over.is_set():
                        return
            came.put(None)
        except Exception as error:
            came.put(error)

    def _next(
        self, came: queue.Queue[list[Answer] | Exception | None], over: threading.Event
    ) -> list[Answer] | None:
        left_s = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        if left_s == 0.0:
            # What came in time counts; nothing is added to it.
            over.set()
        try:
            answers = came.get(timeout=left_s)
        except queue.Empty:
            return None
        if isinstance(answers, Exception):
            raise answers
        return None if answers is None else answers + self._waiting(came)

    def _waiting(self, came: queue.Queue[list[Answer] | Exception | None]) -> list[Answer]:
        """Return what came while the last batch was stored: one transaction stores it all."""
        waiting: list[Answer] = []
        while len(waiting) < _MOST_AT_ONCE:
            try:
                answers = came.get_nowait()
            except queue.Empty:
                break
            if answers is None or isinstance(answers, Exception):
                # The last of all: it is told after what came before it.
                came.put(answers)
                break
            waiting += answers
        return waiting


def look_at_fleet(
    api: TimedApi,
    targets: Sequence[Target],
    info: CaptureInfo,
    reading: CaptureSettings,
    open_recorder: Callable[[], AbstractContextManager[Recorder]],
    step: Callable[[int], None],
) -> dict[str, LiveCheck]:
    """Fetch `targets` in their order and store each answer; `step` counts them.

    Where the database refuses, the rest is read all the same and carried along as not recorded.
    """
    stored: set[str] = set()
    refused, stopped = None, None
    try:
        with (
            open_recorder() as recorder,
            Capture(recorder, info, reading, api, by_name=False, size=len(targets)) as capture,
        ):
            for outcomes in capture.batches(api, targets):
                stored.update(outcome.requested for outcome in outcomes)
                step(len(outcomes))
        stopped = capture.stopped_because
    except DatabaseError as error:
        refused = error
        stopped = stopped or _read_rest(api, targets, step)
    applications = api.listed or Applications()
    shared = LiveCheck(
        destinations=Destinations(reading.body_fields, applications.answer_urls),
        applications=applications,
        volatile=reading.volatile,
        capture=replace(info, api_url=api.url),
        key=api.key_name,
    )

    def check(name: str) -> LiveCheck:
        answer = api.answers.get(name)
        if answer is None or (refused is None and name not in stored):
            return not_read(stopped)
        return check_of(answer, None if name in stored else refused, shared, stopped)

    return {target.requested: check(target.requested) for target in targets}


def _read_rest(api: TimedApi, targets: Sequence[Target], step: Callable[[int], None]) -> str | None:
    """Read what has no answer yet, and store nothing. Return why it ended early."""
    left = [target for target in targets if target.requested not in api.answers]
    try:
        if api.listed is None:
            api.applications()
        for answers in api.fetch(left):
            step(len(answers))
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    return api.stopped_because


def not_read(stopped: str | None) -> LiveCheck:
    """Return the check of a DID that no answer came for; `stopped`: the condition that says why."""
    live = LiveLook(error=DidError("not_read", f"not read now: {_WHY.get(stopped, stopped)}"))
    return LiveCheck(live=live, condition=stopped or exits.NO_ANSWER)
