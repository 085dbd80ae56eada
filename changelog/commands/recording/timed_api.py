"""An API that is asked in daemon threads, for so many seconds of wall time.

No timeout of the API bounds the name resolver of the system. One that hangs is left behind with its
thread.
"""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from contextlib import closing
from typing import TYPE_CHECKING

from changelog.model.answers import Applications
from changelog.model.routing import UNREAD_APPLICATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from changelog.model.answers import Answer
    from changelog.model.did_ref import Target
    from changelog.model.ports import Api

_LARGEST_BATCH = 1000
"""Answers that one transaction stores, and a few more."""


class TimedApi:
    """Ask for `targets`, and for the applications, from now on.

    `open_api` is called in the thread that asks, with the seconds that are left. `patience_s`: None
    to wait until all is answered. `answers`: all that came, by what was asked for.
    """

    def __init__(
        self,
        open_api: Callable[[float | None], Api],
        targets: Sequence[Target],
        patience_s: float | None,
    ) -> None:
        self._open_api = open_api
        self._targets = targets
        self._deadline = None if patience_s is None else time.monotonic() + patience_s
        self._api: Api | None = None
        self._batches: queue.Queue[list[Answer] | Exception | None] = queue.Queue()
        self._listed: Future[Applications] = Future()
        self._closed = threading.Event()
        self._next_batch: list[Answer] | None = []
        self.answers: dict[str, Answer] = {}
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def url(self) -> str:
        return self._api.url if self._api else ""

    @property
    def key_name(self) -> str:
        return self._api.key_name if self._api else ""

    @property
    def stopped_because(self) -> str | None:
        return self._api.stopped_because if self._api else None

    @property
    def refused_keys(self) -> Sequence[str]:
        return self._api.refused_keys if self._api else ()

    def applications(self) -> Applications:
        """Return what the API lists, or a remark that it did not answer in time."""
        try:
            return self._listed.result(0.0 if self._closed.is_set() else self._seconds_left())
        except TimeoutError:
            return Applications(remark=f"{UNREAD_APPLICATIONS}: no answer in time")

    def wait(self) -> bool:
        """Wait for answers that were not fetched yet. Return False if no more come in time."""
        # An empty list: not looked for yet. None: there are no more.
        if self._next_batch == []:
            self._next_batch = self._wait_for_batch()
        return self._next_batch is not None

    def fetch(self, _: Iterable[Target]) -> Generator[list[Answer], None, None]:
        """Yield the answers to the targets that it began with. It can be gone on with."""
        while self.wait():
            answers, self._next_batch = self._next_batch or [], []
            yield answers

    def close(self) -> None:
        """Ask for no more DIDs, and wait for nothing."""
        self._closed.set()

    def _run(self) -> None:
        try:
            api = self._api = self._open_api(self._seconds_left())
            threading.Thread(target=self._list_applications, args=(api,), daemon=True).start()
            with closing(api.fetch(self._targets)) as batches:
                for answers in batches:
                    if self._closed.is_set():
                        return
                    self._batches.put(answers)
            self._batches.put(None)
        except Exception as error:
            self._batches.put(error)

    def _list_applications(self, api: Api) -> None:
        self._listed.set_result(api.applications())

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _wait_for_batch(self) -> list[Answer] | None:
        left_s = self._seconds_left()
        if left_s == 0.0:
            # What came in time counts; nothing is added to it.
            self._closed.set()
        try:
            batch = self._batches.get(timeout=left_s)
        except queue.Empty:
            return None
        # One transaction stores all that came while the last one was stored.
        while batch and not isinstance(batch, Exception) and len(batch) < _LARGEST_BATCH:
            try:
                following = self._batches.get_nowait()
            except queue.Empty:
                break
            if following is None or isinstance(following, Exception):
                # The last of all: it is read after what came before it.
                self._batches.put(following)
                break
            batch = batch + following
        if isinstance(batch, Exception):
            raise batch
        self.answers.update({answer.requested: answer for answer in batch or ()})
        return batch
