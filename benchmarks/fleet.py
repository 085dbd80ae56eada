"""DIDs that do not exist, in the documented shape, the same ones in every run; and the git
repositories that hold their bodies for the peers, a file a DID."""

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

APPLICATIONS = 40
_MOVED_TO = 1
_CREATED = "2026-05-29T12:00:00Z"
_AUTHOR = "b <b@example> {time} +0000"
_FIRST_SECOND = 1_780_000_000
_PROVIDERS = ("didww", "voxbone", "telnyx")


@dataclass(frozen=True, slots=True)
class FleetDid:
    """The `index`-th DID of a fleet; `version` counts the routings that it has had so far."""

    index: int
    version: int = 0

    @property
    def did(self) -> str:
        return f"did_{self.index:09d}"

    @property
    def number(self) -> str:
        return f"+1555{self.index:09d}"

    @property
    def application(self) -> str:
        return application_id(self.index + self.version * _MOVED_TO)

    @property
    def body(self) -> str:
        """Return the API's answer, with the nine documented fields."""
        return json.dumps(
            {
                "id": self.did,
                "customer_id": f"cust_{self.index % 7:03d}",
                "application_id": self.application,
                "number_e164": self.number,
                "provider": _PROVIDERS[self.index % len(_PROVIDERS)],
                "status": "active",
                "route_mode": "webhook",
                "created_at": _CREATED,
                "updated_at": f"2026-06-{1 + self.version % 28:02d}T12:00:00Z",
            },
            separators=(",", ":"),
        )


def application_id(index: int) -> str:
    return f"app_{index % APPLICATIONS:03d}"


def answer_url(application: str) -> str:
    return f"https://voice.example/{application}/answer"


def answer_urls() -> dict[str, str]:
    """Return the answer_url of each application."""
    return {name: answer_url(name) for name in map(application_id, range(APPLICATIONS))}


def applications_body() -> str:
    """Return the answer to ``GET /applications``."""
    listed = [
        {"id": name, "customer_id": "cust_001", "name": name, "answer_url": url}
        for name, url in answer_urls().items()
    ]
    return json.dumps({"count": len(listed), "data": listed})


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
