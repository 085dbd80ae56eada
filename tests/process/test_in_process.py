"""A run in this process says what a process says, and leaves nothing behind for the next one."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from tests.program import TIMEOUT_S, Program

LINES = (
    ("log", "--json"),
    ("list", "--format", "markdown"),
    ("restore", "did_101", "--offline"),
    ("show", "did_101@r7"),
    ("recrod",),
    ("import", "-"),
    ("check",),
)


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox) -> Program:
    made = Program(tmp_path / "olga", api=sandbox)
    made.record("did_101", "did_102")
    return made


def test_it_says_what_a_process_says(program: Program) -> None:
    for line in LINES:
        assert program.run(*line) == program.spawn(*line)


def test_children_get_its_streams(program: Program) -> None:
    line = ("deploy", "did_101", "--tag", "t", "--", "sh", "-c", "cat; pwd; echo oh >&2; exit 9")
    ran = program.run(*line, stdin="given\n").ended(9)
    assert f"given\n{program.home}\n" in ran.stdout
    assert "oh\n" in ran.stderr


def test_a_warning_is_told_in_each_run(program: Program) -> None:
    program.environment["MINIVOICE_API_KEY_FILE"] = "nowhere"
    program.environment["MINIVOICE_API_KEY"] = ""
    first, second = (program.run("record", "did_101") for _ in range(2))
    assert "nowhere" in first.stderr
    assert first == second


def test_it_leaves_no_thread_descriptor_handler_stream_or_folder(program: Program) -> None:
    lines = (("record", "did_101"), ("watch", "--all", "--once"), ("restore", "did_101"), *LINES)

    def left() -> tuple[object, ...]:
        return (
            sorted(thread.name.split("-")[0] for thread in threading.enumerate()),
            len(os.listdir("/dev/fd")),
            [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
            (sys.stdin, sys.stdout, sys.stderr, sys.argv),
            Path.cwd(),
        )

    before = left()
    for line in lines:
        program.run(*line)
        # The other side of a connection, which is in this process too, ends a little later.
        assert eventually(lambda: left() == before), (line, before, left())


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + TIMEOUT_S
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()
