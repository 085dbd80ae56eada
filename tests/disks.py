"""Disks that are small, full or read-only: real ones, mounted for a test."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, size: str = "1m") -> Iterator[Path]:
    """A disk of that size at `place`; skips the test where none can be mounted."""
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", str(place))
    try:
        yield place
    finally:
        _unmount(place)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """`folder` on a disk that nobody can write to, root neither."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _unmount(folder)


def fill(disk: Path, *, leave: int = 0) -> None:
    """Until `leave` bytes are free."""
    rest = disk / "rest"
    with rest.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    if leave:
        with rest.open("r+b") as file:
            file.truncate(max(rest.stat().st_size - leave, 0))


def free(disk: Path) -> None:
    (disk / "rest").unlink()


def _mount(*arguments: str) -> None:
    mount = shutil.which("mount")
    if mount is None or sys.platform != "linux":
        pytest.skip("no way to make a disk here")
    made = subprocess.run([mount, *arguments], capture_output=True, check=False, text=True)
    if made.returncode != 0:
        pytest.skip(f"a disk could not be mounted: {made.stderr.strip()}")


def _unmount(place: Path) -> None:
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(place)], check=True)
