"""The files that are handed to ``import``: what they hold, and when they were written."""

import io
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from changelog.commands.recording.saved_responses import SavedFile
from changelog.model.errors import UsageError
from changelog.model.export_format import RECOGNISED

LARGEST_FILE = 256 * 1024 * 1024
_STDIN = "-"
_BEGINNING = 256
"""Bytes by which an export is recognised."""


class OpenFile(NamedTuple):
    """A file, at its start. `modified`: None for a pipe, of which only now is known."""

    name: str
    file: BinaryIO
    modified: datetime | None
    is_export: bool


def names_in(arguments: Sequence[str]) -> list[str]:
    """The files named, and those in the folders named, at any depth, in the order of their names.

    Of a folder only ordinary files count, none that is hidden. Raises UsageError for a folder that
    has none.
    """
    names: list[str] = []
    for argument in arguments:
        if argument != _STDIN and Path(argument).is_dir():
            found = sorted(_in_folder(argument))
            if not found:
                raise UsageError(f"{argument} is a folder without any file to import")
            names += found
        else:
            names.append(argument)
    return names


def _in_folder(folder: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from error

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            path = os.path.join(place, name)
            if not name.startswith(".") and stat.S_ISREG(os.lstat(path).st_mode):
                yield path


def read_file(name: str) -> SavedFile:
    """All of a file. Raises UsageError where it cannot be read, or is no saved answer's size."""
    with open_file(name) as opened:
        return content_of(opened)


def content_of(opened: OpenFile) -> SavedFile:
    """All of an open file. Raises UsageError."""
    try:
        content = opened.file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise _unreadable(opened.name, error) from error
    if len(content) > LARGEST_FILE:
        raise UsageError(f"{opened.name} is larger than {LARGEST_FILE // 1024 // 1024} MiB")
    return SavedFile(opened.name, content, opened.modified)


@contextmanager
def open_file(name: str) -> Iterator[OpenFile]:
    """A file, ``-`` for standard input. Raises UsageError."""
    if name == _STDIN:
        yield _opened("standard input", sys.stdin.buffer)
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 -- closed below
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    with file:
        yield _opened(name, file)


def _opened(name: str, file: BinaryIO) -> OpenFile:
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and file.seekable():
        began = file.tell()
        beginning = file.read(_BEGINNING)
        file.seek(began)
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        return OpenFile(name, file, modified, _is_export(beginning))
    beginning = file.read(_BEGINNING)
    rest = _Rest(beginning, file)
    return OpenFile(name, io.BufferedReader(rest), None, _is_export(beginning))


def _is_export(beginning: bytes) -> bool:
    return RECOGNISED.match(beginning) is not None


class _Rest(io.RawIOBase):
    """A pipe of which the beginning was read already."""

    def __init__(self, beginning: bytes, file: BinaryIO) -> None:
        self._beginning = beginning
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        part = self._beginning[: len(view)] or self._file.read(len(view))
        self._beginning = self._beginning[len(part) :]
        view[: len(part)] = part
        return len(part)


@contextmanager
def to_read_twice(opened: OpenFile) -> Iterator[BinaryIO]:
    """The same content in a file that can be read again from its start."""
    if opened.modified is not None:
        yield opened.file
        return
    with tempfile.TemporaryFile() as copy:
        try:
            shutil.copyfileobj(opened.file, copy, 1024 * 1024)
            copy.flush()
        except OSError as error:
            raise UsageError(
                f"{opened.name} cannot be kept until it is proven: {error.strerror}",
                "Save it to a file and import that, or name a roomier folder by TMPDIR.",
            ) from error
        copy.seek(0)
        yield copy


def _unreadable(name: str, error: Exception) -> UsageError:
    return UsageError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}")
