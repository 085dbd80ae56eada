"""A stderr that outlasts its terminal: what is told beside the answer ends no work."""

import io
import os
from contextlib import suppress
from typing import TextIO


class Lasting(io.TextIOWrapper):
    """Writes to where `stream` wrote; once that fails (a terminal that hung up, a full disk), to
    nowhere."""

    def __init__(self, stream: TextIO) -> None:
        with suppress(OSError):
            stream.flush()
        encoding = stream.encoding
        super().__init__(stream.detach(), encoding=encoding, line_buffering=True)  # type: ignore[attr-defined]

    def write(self, content: str) -> int:
        try:
            return super().write(content)
        except OSError:
            self._give_up()
            return len(content)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        """What is still buffered goes nowhere too, at exit included."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        with suppress(OSError):
            super().flush()
