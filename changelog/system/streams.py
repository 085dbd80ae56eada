"""A stderr that outlasts its terminal: what is told beside the answer ends no work."""

import io
import os
from contextlib import suppress
from typing import TextIO


class BestEffortStream(io.TextIOWrapper):
    """Writes to where `stream` writes; what cannot be written (a terminal that hung up, a full
    disk) is lost, and the next line is tried again."""

    def __init__(self, stream: TextIO) -> None:
        with suppress(OSError):
            stream.flush()
        # No buffer: what could not be told must not be tried again at exit, which would fail.
        raw = io.FileIO(os.dup(stream.fileno()), "w")
        super().__init__(
            raw,
            encoding=stream.encoding,
            errors="backslashreplace",
            write_through=True,
        )

    def write(self, content: str) -> int:
        with suppress(OSError):
            super().write(content)
        return len(content)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()
