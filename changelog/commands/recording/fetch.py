"""What is asked of the API in one go: the DIDs, and beside them the applications."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sized
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple, Protocol

from changelog.model.did_ref import Target

if TYPE_CHECKING:
    from collections.abc import Generator

    from changelog.model.answers import Answer, Applications
    from changelog.model.ports import Api


class Targets(Sized, Iterable[Target], Protocol):
    """The DIDs to fetch: a list, or a fleet that is read from the log as it is needed."""


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


class TargetQueue:
    """Hands the targets to the threads that fetch, and knows which have no answer yet."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self._left = iter(targets)
        self._lock = threading.Lock()
        self._under_way: dict[str, Target] = {}
        self._over = False

    def __iter__(self) -> TargetQueue:
        return self

    def __next__(self) -> Target:
        with self._lock:
            if self._over:
                raise StopIteration
            target = next(self._left)
            self._under_way[target.requested] = target
            return target

    def mark_answered(self, requested: str) -> None:
        """Forget a target that has its answer."""
        self._under_way.pop(requested, None)

    def unanswered(self) -> Iterator[Target]:
        """Yield those under way and those still to come. No thread gets another one."""
        with self._lock:
            self._over = True
        yield from tuple(self._under_way.values())
        yield from self._left
