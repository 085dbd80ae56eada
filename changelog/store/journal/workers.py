"""Processes that share the work of a long run; each does one thing at a time.

A worker ends when the run does, however that ended: it waits at a pipe whose other end is then
closed. It never sees a Ctrl-C, which is the run's to answer.
"""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple

from changelog.model.errors import ChangelogError, DatabaseError

Task = tuple[str, Any]
"""What to do, by name, and with what."""


class _Failed(NamedTuple):
    """What a worker died of: an error that a user can meet, or a bug."""

    code: str
    message: str
    hint: str


class Workers:
    """`count` processes, each with a function of a task that `make` gives with `arguments`."""

    def __init__(
        self, count: int, make: Callable[..., Callable[[Task], Any]], *arguments: Any
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._idle: list[Connection] = []
        self._busy: list[Connection] = []
        self._processes = []
        with _no_interrupt():
            for _ in range(count):
                mine, theirs = context.Pipe()
                process = context.Process(
                    target=_serve, args=(theirs, make, arguments), daemon=True
                )
                process.start()
                theirs.close()
                self._processes.append(process)
                self._idle.append(mine)

    def do(self, task: Task) -> Iterator[Any]:
        """Give `task` to a worker that has nothing to do, and what others came to meanwhile."""
        if not self._idle:
            yield from self._results()
        worker = self._idle.pop()
        worker.send(task)
        self._busy.append(worker)

    def rest(self) -> Iterator[Any]:
        """What the workers come to, until they have nothing to do."""
        while self._busy:
            yield from self._results()

    def _results(self) -> Iterator[Any]:
        answering = wait(self._busy)
        for ready in [one for one in self._busy if one in answering]:
            try:
                result = ready.recv()
            except EOFError:
                raise RuntimeError("a worker of this program was killed") from None
            self._busy.remove(ready)
            self._idle.append(ready)
            if isinstance(result, _Failed):
                raise DatabaseError(result.message, result.hint, result.code)
            yield result

    def close(self) -> None:
        for connection in (*self._idle, *self._busy):
            connection.close()
        for process in self._processes:
            process.terminate()
            process.join()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """What is started inside never sees a Ctrl-C: the mask is handed down."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    connection: Connection, make: Callable[..., Callable[[Task], Any]], arguments: tuple[Any, ...]
) -> None:
    try:
        do = make(*arguments)
        while True:
            connection.send(_done(do, connection.recv()))
    except (EOFError, OSError):
        # The run is over.
        os._exit(0)


def _done(do: Callable[[Task], Any], task: Task) -> Any:
    try:
        return do(task)
    except ChangelogError as error:
        return _Failed(error.code, error.message, error.hint)
    except Exception:
        return _Failed("bug", f"a bug in this program: {traceback.format_exc()}", "Report it.")


def usable_processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
