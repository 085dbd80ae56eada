"""Files with care: read no further than sense goes, written whole or not at all.

``tempfile`` is imported where it is needed: a command that only reads does without.
"""

import codecs
import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from changelog.model.errors import UsageError

STDIN = "-"
LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of a list of DIDs or of expectations: a million lines are less."""
LARGEST_SECRET = 64 * 1024
_BEGINNING = 256
"""Bytes by which a kind of file is recognised."""
_BLOCK = 1024 * 1024


def read_limited(path: Path, largest: int) -> bytes:
    """Return the content of a file. Raises OSError, also for more than `largest` bytes."""
    with path.open("rb") as file:
        return _read(file, largest)


def read_list(name: str, *, stdin: bool = True, errors: str = "strict") -> str:
    """Return the text of a list of DIDs or of expectations; ``-`` is stdin, where that is free.

    It is UTF-8, or UTF-16 as PowerShell writes it. Raises OSError and UnicodeDecodeError.
    """
    from_stdin = stdin and name == STDIN
    content = (
        _read(sys.stdin.buffer, LARGEST_LIST)
        if from_stdin
        else read_limited(Path(name), LARGEST_LIST)
    )
    return text_of(content, errors)


def text_of(content: bytes, errors: str = "strict") -> str:
    """Return a file's text without its mark: UTF-8, or UTF-16. Raises UnicodeDecodeError."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if marked else "utf-8-sig", errors)


def _read(stream: BinaryIO, largest: int) -> bytes:
    # A device has no end.
    content = stream.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {_size(largest)}")
    return content


def _size(count: int) -> str:
    kib = count // 1024
    return f"{kib} KiB" if kib < 1024 else f"{kib // 1024} MiB"


def is_readable_by_all(path: str) -> bool:
    """Return whether every user of this machine can read that file, as far as its mode goes."""
    try:
        return bool(os.stat(path).st_mode & stat.S_IROTH)
    except OSError:
        return False


class InputFile(NamedTuple):
    """An open file. `modified`: None for a pipe, of which only now is known."""

    name: str
    modified: datetime | None
    beginning: bytes
    file: BinaryIO

    def read(self, largest: int) -> bytes:
        """Return all of it. Raises UsageError, also for more than `largest` bytes."""
        try:
            content = self._unread + self.file.read(largest + 1)
        except OSError as error:
            raise _unreadable(self.name, error) from error
        if len(content) > largest:
            raise UsageError(f"{self.name} is larger than {_size(largest)}")
        return content

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """Give the same content in a file that can be read again from where it starts."""
        if self.modified is not None:
            yield self.file
            return
        import tempfile

        with tempfile.TemporaryFile() as copy:
            try:
                copy.write(self._unread)
                shutil.copyfileobj(self.file, copy, _BLOCK)
                copy.flush()
            except OSError as error:
                raise UsageError(
                    f"{self.name} cannot be kept until it is proven: {error.strerror}",
                    "Save it to a file and import that, or name a roomier folder by TMPDIR.",
                ) from error
            copy.seek(0)
            yield copy

    @property
    def _unread(self) -> bytes:
        """What was read of a pipe already, and cannot be read again."""
        return self.beginning if self.modified is None else b""


@contextmanager
def open_input(name: str) -> Iterator[InputFile]:
    """Open a file, ``-`` for standard input. Raises UsageError."""
    if name == STDIN:
        yield _input("standard input", sys.stdin.buffer)
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 -- closed below
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    with file:
        yield _input(name, file)


def _input(name: str, file: BinaryIO) -> InputFile:
    try:
        status = os.fstat(file.fileno())
        if not (stat.S_ISREG(status.st_mode) and file.seekable()):
            return InputFile(name, None, file.read(_BEGINNING), file)
        start = file.tell()
        beginning = file.read(_BEGINNING)
        file.seek(start)
    except OSError as error:
        raise _unreadable(name, error) from error
    return InputFile(name, datetime.fromtimestamp(status.st_mtime, UTC), beginning, file)


def _unreadable(name: str, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(f"{name} cannot be read: {reason}", "Name a file that can, or - for stdin.")


def replace_file(path: Path, blocks: Iterable[bytes], *, mode: int = 0o600) -> None:
    """Put `blocks` in the place of a file: a reader sees the old one or the new one whole.

    Raises OSError. What goes wrong before the end leaves no trace.
    """
    import tempfile

    handle, temporary = tempfile.mkstemp(
        prefix=f".{path.name}.", suffix=".part", dir=path.parent or "."
    )
    try:
        with open(handle, "wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the name survive a power cut too. Some kinds of disk do not know this request."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def require_place(name: str, *, replace: bool = False) -> None:
    """Raise UsageError where no new file `name` can be written. `replace`: an ordinary file that is
    there may go."""
    try:
        mode = Path(name).lstat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _unwritable(name, error) from error
    if not stat.S_ISREG(mode):
        raise UsageError(
            f"{name} is no ordinary file", "Name another one. To write to a pipe, leave out --out."
        )
    if not replace:
        raise UsageError(f"{name} exists already", "Name another file, or replace it with --force.")


def write_new_file(name: str, blocks: Iterable[bytes], *, replace: bool = False) -> None:
    """Write all of `blocks` to a file. Raises UsageError; what goes wrong leaves no trace."""

    def until_full() -> Iterator[bytes]:
        yield from blocks
        # It may have been made meanwhile, by somebody who was not asked.
        require_place(name, replace=replace)

    try:
        replace_file(Path(name), until_full())
    except OSError as error:
        raise _unwritable(name, error) from error


def _unwritable(name: str, error: Exception) -> UsageError:
    reason = getattr(error, "strerror", None) or error
    return UsageError(
        f"{name} cannot be written: {reason}", "Nothing is left there.", "cannot_write"
    )
