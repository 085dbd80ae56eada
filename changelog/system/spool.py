"""The parts of a long answer, kept on disk until the whole of it is known."""

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO

_BLOCK = 4 * 1024 * 1024
"""Bytes that are gathered before they go to the file; up to them there is none at all."""
_READ = 64 * 1024


class Spool:
    """Texts without NUL, in the order in which they were added.

    The file has no name, so that nothing is left of it however the program ends. Where there is no
    room for it, the rest is kept in memory: neither what is recorded nor what is told of it may
    depend on it.
    """

    def __init__(self) -> None:
        self._file: FileIO | None = None
        self._in_file = 0
        self._no_room = False
        self._gathered = bytearray()

    def add(self, text: str) -> None:
        self._gathered += text.encode() + b"\0"
        if len(self._gathered) >= _BLOCK and not self._no_room:
            self._write()

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 -- see close()
            while self._gathered:
                written = self._file.write(self._gathered)
                self._in_file += written
                del self._gathered[:written]
        except OSError:
            self._no_room = True

    def __iter__(self) -> Iterator[str]:
        pending = b""
        for block in self._blocks():
            *whole, pending = (pending + block).split(b"\0")
            yield from (one.decode() for one in whole)

    def _blocks(self) -> Iterator[bytes]:
        left = self._in_file
        if self._file is not None:
            self._file.seek(0)
            while left:
                block = self._file.read(min(left, _READ))
                left -= len(block)
                yield block
        for start in range(0, len(self._gathered), _READ):
            yield bytes(self._gathered[start : start + _READ])

    def close(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
