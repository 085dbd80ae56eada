"""Somebody at a terminal of 80 columns: reads what the program says, and types."""

import os
import pty
import select
import termios
import time
from typing import Self

from tests.fork_server import ForkedProgram
from tests.program import TIMEOUT_S, Program


class Typist:
    """A run of ``changelog`` whose controlling terminal is a pseudo-terminal of its own."""

    def __init__(self, program: Program, *arguments: str) -> None:
        self._ours, its = pty.openpty()
        termios.tcsetwinsize(its, (24, 80))

        self._process = ForkedProgram(
            arguments,
            cwd=program.home,
            env={**program.environment, "TERM": "xterm-256color"},
            stdin=its,
            stdout=its,
            stderr=its,
            new_session=True,
        )
        os.close(its)
        self._until = time.monotonic() + TIMEOUT_S
        self.said = ""
        self._there = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(TIMEOUT_S)
        if self._there:
            os.close(self._ours)

    def wait_for(self, text: str) -> None:
        while text not in self.said:
            assert self._read(), f"{text!r} was never said, but: {self.said}"

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def hang_up(self) -> int:
        """Close the terminal, as when a line is cut; return the exit code."""
        os.close(self._ours)
        self._there = False
        return self._process.wait(TIMEOUT_S)

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit code, and all that the terminal was sent."""
        while self._read():
            pass
        return self._process.wait(TIMEOUT_S), self.said

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(0.0, self._until - time.monotonic()))
        assert ready, f"nothing more came than: {self.said}"
        try:
            part = os.read(self._ours, 65536)
        except OSError:
            # Linux ends a terminal whose other side is gone with an error, others with nothing.
            return False
        self.said += part.decode(errors="replace")
        return bool(part)
