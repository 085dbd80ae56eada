"""A file that is there whole or not at all, readable by its owner only."""

import os
import signal
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from changelog.model.errors import UsageError

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class WholeFile:
    """The file `name`, to be written once. Raises UsageError where that may not or cannot be.

    It is written beside its place under a name that begins with a dot, and gets its own when it is
    on the disk. `replace`: an ordinary file that is there may go.
    """

    def __init__(self, name: str, *, replace: bool) -> None:
        self._name = name
        self._path = Path(name)
        self._replace = replace
        self._require_place()

    def _require_place(self) -> None:
        try:
            found = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            raise self._cannot(error) from error
        if stat.S_ISLNK(found):
            raise UsageError(
                f"{self._name} is a symbolic link, and not what it points to would be replaced",
                "Name the file itself.",
            )
        if not stat.S_ISREG(found):
            raise UsageError(
                f"{self._name} is no ordinary file", "Leave --out away to write to a pipe."
            )
        if not self._replace:
            raise self._taken()

    def write(self, blocks: Iterable[bytes]) -> None:
        """Write all of `blocks`; what goes wrong before the end leaves no trace."""
        with _ended_by_signals():
            try:
                handle, temporary = tempfile.mkstemp(
                    prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent
                )
            except OSError as error:
                raise self._cannot(error) from error
            try:
                self._fill(handle, blocks)
                self._put(temporary)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)

    def _fill(self, handle: int, blocks: Iterable[bytes]) -> None:
        with open(handle, "wb", buffering=0) as file:
            for block in blocks:
                try:
                    rest = memoryview(block)
                    while rest:
                        rest = rest[file.write(rest) :]
                except OSError as error:
                    raise self._cannot(error) from error
            try:
                os.fsync(handle)
            except OSError as error:
                raise self._cannot(error) from error

    def _put(self, temporary: str) -> None:
        try:
            if self._replace:
                os.replace(temporary, self._path)
            else:
                self._link(temporary)
            _sync_folder(self._path.parent)
        except FileExistsError as error:
            raise self._taken() from error
        except OSError as error:
            raise self._cannot(error) from error

    def _link(self, temporary: str) -> None:
        """A link never takes the place of a file that somebody made meanwhile; not every kind of
        disk has them."""
        try:
            os.link(temporary, self._path)
        except FileExistsError:
            raise
        except OSError:
            self._require_place()
            os.rename(temporary, self._path)

    def _taken(self) -> UsageError:
        return UsageError(
            f"{self._name} is there already", "Name another file, or replace it with --force."
        )

    def _cannot(self, error: OSError | ValueError) -> UsageError:
        reason = getattr(error, "strerror", None) or error
        return UsageError(
            f"{self._name} cannot be written: {reason}", "Nothing is left there.", "cannot_write"
        )


def _sync_folder(folder: Path) -> None:
    """The name too must survive a power cut. Some kinds of disk know no such wish."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """So that what was begun is taken away by whoever ends this program politely."""

    def end(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {one: signal.getsignal(one) for one in _ENDING}
    for one, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(one, end)
    try:
        yield
    finally:
        for one, handler in before.items():
            if handler is not None:
                signal.signal(one, handler)
