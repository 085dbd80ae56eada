"""Reads files that somebody names, no further than sense goes: a device has no end."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of a list of DIDs or of expectations: a million lines are less."""
LARGEST_SECRET = 64 * 1024


def read_limited(path: Path, largest: int) -> bytes:
    """The content of a file. Raises OSError, also where it has more than `largest` bytes."""
    with path.open("rb") as file:
        return read_stream(file, largest)


def read_stream(stream: BinaryIO, largest: int) -> bytes:
    """As `read_limited`, from what is open already."""
    content = stream.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {_size(largest)}")
    return content


def is_readable_by_all(path: str) -> bool:
    """Whether every user of this machine can read that file, as far as its own mode goes."""
    try:
        return bool(os.stat(path).st_mode & stat.S_IROTH)
    except OSError:
        return False


def _size(count: int) -> str:
    kib = count // 1024
    return f"{kib} KiB" if kib < 1024 else f"{kib // 1024} MiB"
