"""The peers' side: git repositories with the same bodies, a file a DID."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks.fleet import FleetDid

_AUTHOR = "b <b@example> {time} +0000"
_FIRST_SECOND = 1_780_000_000


class Repository:
    """A new bare repository at `path`, filled by ``git fast-import``."""

    def __init__(self, path: Path) -> None:
        subprocess.run(["git", "init", "-q", "-b", "main", "--bare", str(path)], check=True)
        self.path = path
        self._import = subprocess.Popen(
            ["git", "fast-import", "--quiet"], cwd=path, stdin=subprocess.PIPE
        )
        self._commits = 0

    def commit(self, changed: Iterable[FleetDid], tag: str | None = None) -> None:
        self._commits += 1
        author = _AUTHOR.format(time=_FIRST_SECOND + 3600 * self._commits)
        self._write(f"commit refs/heads/main\ncommitter {author}\ndata 1\nc\n")
        for one in changed:
            body = one.body
            self._write(f"M 644 inline {one.did}\ndata {len(body.encode())}\n{body}\n")
        if tag:
            self._write(f"reset refs/tags/{tag}\nfrom refs/heads/main\n")

    def _write(self, text: str) -> None:
        if self._import.stdin:
            self._import.stdin.write(text.encode())

    def finish(self) -> None:
        """Write it out, and pack it as git does by itself from time to time."""
        if self._import.stdin:
            self._import.stdin.close()
        if self._import.wait() != 0:
            raise RuntimeError("git fast-import failed: see its message above")
        subprocess.run(["git", "gc", "-q"], cwd=self.path, check=True)

    @property
    def packed(self) -> int:
        """Return the bytes of its packs, with their indexes."""
        return sum(one.stat().st_size for one in (self.path / "objects" / "pack").iterdir())
