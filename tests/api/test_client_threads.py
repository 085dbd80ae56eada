"""The threads that fetch share one stream of targets, hand over all they finish, and end."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from changelog.api.fetch_pool import MOST_WAITING, MOST_WAITING_BYTES, FetchPool
from changelog.model.answers import Answer, Problem
from changelog.model.did_ref import Target

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

Read = Callable[[Target, threading.Event], None]


class Readers:
    """Stand-ins that answer at once, or do `read` first: no server can be made to do the rest."""

    def __init__(
        self,
        read: Read = lambda _target, _stop: None,
        *,
        body: str = "",
        problem: Problem | None = None,
    ) -> None:
        self._read = read
        self._like = Answer(requested="", received_at=NOW, body=body, problem=problem)
        self.opened: list[Readers.One] = []

    def open(self, stop: threading.Event, _abandoned: threading.Event) -> "Readers.One":
        self.opened.append(Readers.One(self._read, stop, self._like))
        return self.opened[-1]

    class One:
        def __init__(self, read: Read, stop: threading.Event, like: Answer) -> None:
            self._read = read
            self._stop = stop
            self._like = like
            self.closed = False

        def read(self, target: Target) -> Answer | None:
            self._read(target, self._stop)
            return replace(self._like, requested=target.requested, did=target.did)

        def close(self) -> None:
            self.closed = True


def targets(several: int) -> Iterator[Target]:
    return (Target(str(n)) for n in range(several))


def collect(crew: FetchPool, into: list[str]) -> None:
    for batch in crew.answers():
        into.extend(answer.requested for answer in batch)


def fetched(crew: FetchPool) -> list[str]:
    answers: list[str] = []
    collect(crew, answers)
    return answers


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("changelog-"):
            thread.join(timeout=5)
            assert not thread.is_alive()


def test_every_target_is_answered_once() -> None:
    crew = FetchPool(targets(20_000), 4, Readers().open)
    assert sorted(fetched(crew), key=int) == [str(n) for n in range(20_000)]


def test_no_target_means_no_answer_and_no_connection() -> None:
    readers = Readers()
    assert fetched(FetchPool([], 8, readers.open)) == []
    assert readers.opened == []


@pytest.mark.parametrize("several", [1, 2, 3, 50])
def test_there_are_no_more_connections_than_targets_or_concurrency(several: int) -> None:
    ready = threading.Barrier(min(several, 3))
    at_first = threading.local()

    def wait_for_the_others(_target: Target, _stop: threading.Event) -> None:
        if not hasattr(at_first, "done"):
            at_first.done = True
            ready.wait(timeout=5)

    readers = Readers(wait_for_the_others)
    assert len(fetched(FetchPool(targets(several), 3, readers.open))) == several
    assert len(readers.opened) == min(several, 3)


def test_every_connection_is_closed_at_the_end() -> None:
    readers = Readers()
    fetched(FetchPool(targets(50), 3, readers.open))
    wait_for_threads()
    assert all(one.closed for one in readers.opened)


def test_all_that_is_finished_comes_in_one_batch() -> None:
    crew = FetchPool(targets(10), 1, Readers().open)
    batches = crew.answers()
    first = next(batches)
    wait_for_threads()
    rest = list(batches)
    assert len(rest) <= 1
    assert [one.requested for batch in [first, *rest] for one in batch] == list("0123456789")


BODY = "x" * (MOST_WAITING_BYTES // 10)


@pytest.mark.parametrize(("body", "room"), [("", MOST_WAITING), (BODY, 10)])
@pytest.mark.parametrize("readable", [True, False])
def test_a_consumer_that_takes_its_time_is_not_buried_in_answers(
    body: str, room: int, readable: bool
) -> None:
    taken = count()
    problem = None if readable else Problem("not_json", "x", 200, body.encode())
    readers = Readers(body=body if readable else "", problem=problem)
    crew = FetchPool((Target(str(next(taken))) for _ in iter(int, 1)), 2, readers.open)
    batches = crew.answers()
    first = next(batches)
    wait_until(lambda: len(crew._finished) >= room)
    batches.close()
    wait_for_threads()
    # Two are at hand in the threads, and two more may be taken before these see the end.
    assert next(taken) <= len(first) + room + 1 + 4


def test_a_consumer_that_comes_back_finds_room_made() -> None:
    crew = FetchPool(targets(50), 2, Readers(body=BODY).open)
    assert len(fetched(crew)) == 50


def wait_until(reached: Callable[[], bool]) -> None:
    patience = threading.Event()
    for _ in range(500):
        if reached():
            return
        patience.wait(0.01)
    raise AssertionError("not reached within 5 s")


def test_while_no_answer_comes_that_is_told() -> None:
    told = threading.Event()

    def wait_until_it_is_told(_target: Target, _stop: threading.Event) -> None:
        assert told.wait(10)

    readers = Readers(wait_until_it_is_told)
    crew = FetchPool(targets(1), 1, readers.open, tell_silence=told.set, silence_s=0.01)
    assert fetched(crew) == ["0"]


def test_the_stream_of_targets_is_advanced_by_one_thread_at_a_time() -> None:
    def slowly() -> Iterator[Target]:
        for target in targets(50):
            threading.Event().wait(0.001)
            yield target

    # A generator that two threads advance at once raises ValueError.
    assert len(fetched(FetchPool(slowly(), 8, Readers().open))) == 50


def test_an_error_in_a_thread_is_raised_after_what_was_finished() -> None:
    def fail_at_the_third(target: Target, _stop: threading.Event) -> None:
        if target.requested == "2":
            raise ZeroDivisionError

    answers: list[str] = []
    with pytest.raises(ZeroDivisionError):
        collect(FetchPool(targets(1000), 1, Readers(fail_at_the_third).open), answers)
    assert answers == ["0", "1"]


def test_an_error_in_a_thread_waits_for_what_the_others_are_at() -> None:
    second_began = threading.Event()

    def fail_or_outlast(target: Target, stop: threading.Event) -> None:
        if target.requested == "0":
            second_began.wait(5)
            raise ZeroDivisionError
        second_began.set()
        stop.wait(5)

    answers: list[str] = []
    with pytest.raises(ZeroDivisionError):
        collect(FetchPool(targets(1000), 2, Readers(fail_or_outlast).open), answers)
    assert answers == ["1"]


def test_closing_ends_the_threads_and_gives_back_no_more() -> None:
    def wait_for_the_end(target: Target, stop: threading.Event) -> None:
        if target.requested != "0":
            stop.wait(5)

    batches = FetchPool(targets(1000), 4, Readers(wait_for_the_end).open).answers()
    assert [one.requested for one in next(batches)] == ["0"]
    batches.close()
    wait_for_threads()
    assert list(batches) == []


def test_an_interrupt_gets_through_while_no_answer_comes() -> None:
    def interrupt_and_wait(_target: Target, stop: threading.Event) -> None:
        # By then the other thread does nothing but wait.
        stop.wait(0.2)
        os.kill(os.getpid(), signal.SIGINT)
        stop.wait(5)

    with pytest.raises(KeyboardInterrupt):
        fetched(FetchPool(targets(1), 1, Readers(interrupt_and_wait).open))
    wait_for_threads()


def broken_targets() -> Iterator[Target]:
    yield from targets(2)
    raise LookupError


def broken_open(*_: object) -> Readers.One:
    raise LookupError


@pytest.mark.parametrize(
    ("stream", "opener", "expected"),
    [(broken_targets(), Readers().open, ["0", "1"]), (targets(5), broken_open, [])],
)
def test_an_error_in_the_stream_of_targets_or_of_a_connection_is_raised(
    stream: Iterator[Target], opener: Callable[..., Readers.One], expected: list[str]
) -> None:
    answers: list[str] = []
    with pytest.raises(LookupError):
        collect(FetchPool(stream, 4, opener), answers)
    assert sorted(answers) == expected
