"""Runs a command in the foreground: the terminal is its own, and this program outlives it."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from changelog.model.results.deploy import CommandEnd

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_BY_SIGNAL = 128

_FROM_THE_KEYBOARD = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)
)
_SAID_TWICE = tuple(getattr(signal, name) for name in ("SIGHUP",) if hasattr(signal, name))
_TO_PASS_ON = (signal.SIGTERM, *_SAID_TWICE)


def cannot_start(words: Sequence[str]) -> CommandEnd | None:
    """How the command would fail to start, as far as that can be seen without starting it."""
    name = words[0]
    if name and shutil.which(name):
        return None
    if shutil.which(name, os.F_OK) or ("/" in name and os.path.exists(name)):
        return CommandEnd(exit_code=NOT_EXECUTABLE, error=f"{name} cannot be executed")
    return CommandEnd(exit_code=NOT_FOUND, error=f"{name or '(nothing)'} is not found")


def run_in_foreground(words: Sequence[str], stdout: int | None = None) -> CommandEnd:
    """Run `words`, no shell between, with the terminal and the process group of this program.

    So what is typed, Ctrl-C and Ctrl-Z included, reaches it directly. `stdout`: where else its
    output goes.
    """
    with _Signals().passed_on() as signals:
        try:
            process = subprocess.Popen(words, stdout=stdout)  # noqa: S603 -- what the caller typed
        except OSError as error:
            code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
            return CommandEnd(exit_code=code, error=f"{words[0]}: {error.strerror}")
        signals.started(process)
        returned = process.wait()
    if returned < 0:
        return CommandEnd(exit_code=_BY_SIGNAL - returned, signal=-returned)
    return CommandEnd(exit_code=returned)


class _Signals:
    """What this program is sent while the command runs ends the command at most, never the program.

    A terminal sends Ctrl-C to both, so that is not passed on: twice may mean more than once.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[Any] | None = None
        self._early: list[int] = []
        self._heard: set[int] = set()

    @contextmanager
    def passed_on(self) -> "Iterator[_Signals]":
        caught = [
            number
            for number in (*_FROM_THE_KEYBOARD, *_TO_PASS_ON)
            # Who started this program with a signal ignored (nohup) means the command too.
            if signal.getsignal(number) not in (signal.SIG_IGN, None)
        ]
        before = {number: signal.signal(number, self._caught) for number in caught}
        try:
            yield self
        finally:
            for number, handler in before.items():
                # A shell passes on the end of its terminal once more: what is left to do is done.
                gone = number in self._heard and number in _SAID_TWICE
                signal.signal(number, signal.SIG_IGN if gone else handler)

    def started(self, process: "subprocess.Popen[Any]") -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _caught(self, number: int, _: FrameType | None) -> None:
        self._heard.add(number)
        if number in _FROM_THE_KEYBOARD and _in_the_foreground():
            return
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


def _in_the_foreground() -> bool:
    """Whether a terminal sends what is typed to the process group of this program."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
