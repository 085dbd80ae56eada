"""Runs ``changelog`` in this process, with descriptors, an environment and signals of its own."""

import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import cache
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import NoReturn
from unittest import mock

import typer

from changelog.cli import main, secret_sources
from changelog.model.text.sanitize import name_log
from changelog.system.clock import CORRECTION
from changelog.system.shutdown import SHUTDOWN

_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
# To build a command from its annotations takes a tenth of a run, and it holds no state.
typer.main.get_command = cache(typer.main.get_command)

_FOR_A_PROCESS = ("PYTHON", "LC_", "LD_", "TZ")
"""Beginnings of the variables that are read when a process starts."""


class Hung(BaseException):
    """A run took longer than its limit; no command may catch it."""


def run_in_process(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    limit_s: float,
) -> tuple[int, str, str]:
    """Return the exit code and what stdout and stderr got.

    Children of the run inherit its descriptors too. Whatever changes the process for good (a
    closed stream, a kill, a umask) needs a process, and so does a run beside another one.
    """
    assert threading.current_thread() is threading.main_thread(), "use Program.spawn in a thread"
    with ExitStack() as stack:
        out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        with _piped(stdin) as given, _own_signals(limit_s):
            code = run_on((given, out.fileno(), err.fileno()), arguments, folder, environment)
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


def call_main(*arguments: str) -> tuple[int, str]:
    """Run with what this process has; return the exit code, and stdout and stderr in one."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main.main(arguments)
    return code, said.getvalue()


def run_on(
    descriptors: Sequence[int],
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
) -> int:
    """Run with these descriptors for stdin, stdout and stderr; return the exit code."""
    assert not needs_process(environment), environment
    with (
        _standard_streams(*descriptors),
        _working_folder(folder),
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(sys, "argv", ["changelog", *arguments]),
        # The parser names the program by it.
        mock.patch.object(sys.modules["__main__"], "__package__", None, create=True),
    ):
        return _run()


def needs_process(environment: Mapping[str, str]) -> bool:
    """Return whether a variable is read when a process starts, and never again."""
    return any(name.startswith(_FOR_A_PROCESS) for name in environment)


def _run() -> int:
    secret_sources.secrets_read.clear()
    SHUTDOWN.reset()
    CORRECTION.reset()
    stderr = sys.stderr
    try:
        main.run()
    except SystemExit as end:
        return int(end.code or 0)
    except Exception:
        traceback.print_exc()
        return 1
    finally:
        # The commands that the next test spells are of no run.
        name_log("")
        if sys.stderr is not stderr:
            sys.stderr.close()
    raise AssertionError("the program did not exit")


@contextmanager
def _piped(content: bytes) -> Iterator[int]:
    """The end to read of a pipe that holds `content`: a file would have a time of its own."""
    reading, writing = os.pipe()

    def write() -> None:
        # The run may end without reading everything.
        with suppress(BrokenPipeError), open(writing, "wb") as pipe:
            pipe.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield reading
    finally:
        os.close(reading)
        writer.join()


@contextmanager
def _standard_streams(*descriptors: int) -> Iterator[None]:
    """Descriptors 0, 1 and 2 and their streams in Python, as they are when a process starts."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = [os.dup(number) for number in range(3)]
    before = sys.stdin, sys.stdout, sys.stderr
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        with (
            open(0, encoding="utf-8", errors="surrogateescape", closefd=False) as sys.stdin,
            open(1, "w", encoding="utf-8", closefd=False) as sys.stdout,
            open(
                2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
            ) as sys.stderr,
        ):
            yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, number)
            os.close(descriptor)


@contextmanager
def _working_folder(folder: Path) -> Iterator[None]:
    before = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@contextmanager
def _own_signals(limit_s: float) -> Iterator[None]:
    """Handlers are put back; after `limit_s` seconds the run is ended with Hung."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise Hung(f"no end after {limit_s:g} s")

    handlers = {number: signal.getsignal(number) for number in _HANDLED}
    alarm = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
        for number, handler in handlers.items():
            signal.signal(number, handler)
