"""One thread that stores what many requests hand in, and answers each after its commit.

Fifty requests at once then wait for one or two commits, not for fifty one after the other: while
one batch is being committed, the next one gathers.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from changelog.model.errors import DatabaseError

Item = TypeVar("Item")
Stored = TypeVar("Stored")

LARGEST_BATCH = 256


class Overloaded(Exception):
    """More waits to be stored than is sensible; nothing was taken."""


class NotInTime(Exception):
    """It was taken, and whether it will be stored is not known yet."""


_Job = tuple[Item, Future[Stored]]
"""One item on its way, and where its answer will be."""


class BatchWriter(Generic[Item, Stored]):
    """Runs `store` on batches of items, in one thread; at most `room` items wait.

    `store` answers item by item, everything committed when it returns.
    """

    def __init__(
        self, store: Callable[[Sequence[Item]], Sequence[Stored]], *, room: int, wait_s: float
    ) -> None:
        self._store = store
        self._wait_s = wait_s
        self._waiting: queue.Queue[_Job[Item, Stored] | None] = queue.Queue(room)
        self._thread = threading.Thread(target=self._run, name="writer")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Store what was taken, then end. Nobody may hand anything in any more."""
        self._waiting.put(None)
        self._thread.join()

    def submit(self, item: Item) -> Stored:
        """Wait until `item` is committed. Raises Overloaded, NotInTime, or what `store` raised."""
        future: Future[Stored] = Future()
        try:
            self._waiting.put_nowait((item, future))
        except queue.Full:
            raise Overloaded from None
        if not wait((future,), self._wait_s).done:
            raise NotInTime
        return future.result()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = self._gathered(first)
            self._store_batch(batch)
            if last:
                return

    def _gathered(self, first: _Job[Item, Stored]) -> tuple[list[_Job[Item, Stored]], bool]:
        """Return what is there already, and whether the end was among it."""
        batch = [first]
        while len(batch) < LARGEST_BATCH:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False

    def _store_batch(self, batch: Sequence[_Job[Item, Stored]]) -> None:
        try:
            answers = self._store([item for item, _ in batch])
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, DatabaseError):
                # One that cannot be stored costs the others nothing.
                for job in batch:
                    self._store_batch([job])
                return
            for _, future in batch:
                future.set_exception(error)
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                future.set_result(answer)
