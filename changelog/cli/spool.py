"""The parts of a long answer, kept on disk until the whole of it is known."""

import tempfile
from collections.abc import Iterator

_IN_MEMORY = 4 * 1024 * 1024
"""Bytes up to which there is no file at all."""


class Spool:
    """Texts without line breaks at their ends, in the order in which they were added.

    The file has no name, so that nothing is left of it however the program ends. Where there is no
    room for it, the rest is kept in memory: what is recorded must not depend on it.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 -- closed by close()
            _IN_MEMORY, "w+", encoding="utf-8", newline="\n"
        )
        self._rest: list[str] = []

    def add(self, text: str) -> None:
        if not self._rest:
            try:
                self._file.write(f"{text}\0")
                return
            except OSError:
                pass
        self._rest.append(text)

    def __iter__(self) -> Iterator[str]:
        self._file.seek(0)
        pending = ""
        while block := self._file.read(_IN_MEMORY // 64):
            *whole, pending = (pending + block).split("\0")
            yield from whole
        yield from self._rest

    def close(self) -> None:
        self._file.close()
