"""Runs a command in the foreground: the terminal is its own, and this program outlives it."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from signal import SIGINT

from changelog.model.results.capture import CommandEnd
from changelog.system.shutdown import ForwardedSignals

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_BY_SIGNAL = 128


def cannot_start(words: Sequence[str]) -> CommandEnd | None:
    """Return how the command would fail to start, as far as can be seen before it starts."""
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
    with ForwardedSignals().forwarded() as signals:
        try:
            process = subprocess.Popen(words, stdout=stdout)  # noqa: S603 -- what the caller typed
        except OSError as error:
            code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
            return CommandEnd(exit_code=code, error=f"{words[0]}: {error.strerror}")
        signals.started(process)
        returned = process.wait()
    number = -returned if returned < 0 else None
    return CommandEnd(
        exit_code=returned if number is None else _BY_SIGNAL + number,
        signal=number,
        interrupted=number == SIGINT or (signals.interrupted and returned != 0),
    )
