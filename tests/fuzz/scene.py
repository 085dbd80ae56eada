"""The whole program in this process over a log and an API that does as it is told; its inputs."""

import json
import os
import shutil
import tempfile
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TypeVar
from unittest import mock
from urllib.parse import quote

from changelog.api import client
from changelog.store.location import PostgresLocation, SqliteLocation, parse_location
from tests.in_process import run_in_process
from tests.program import TIMEOUT_S, Ran, invisible_in, migrate

Item = TypeVar("Item")
KEY = "mv-no_shape/of+a=key-4711"
"""The secret that must not get through. Its odd characters are spelled in many ways."""
NASTY = (
    "",
    "\0",
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\u202e",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\ud800",
    "e" + "\u0301" * 40,
    "日本語",
    "\U0001f600",
    "a" * 300,
    "9" * 5000,
    "1e999",
    "=cmd|' /C calc'!A0",
    "[" * 200,
    "did_1",
    "did_1@r1",
    "did_1@",
    "+15551230001",
    "%00",
    "../..",
    ".",
    "https://user:pass@host/?token=1",
    "2026-11-23T14:00Z",
    "0001-01-01",
    "9999-12-31T23:59:59.999999-23:59",
    "r1",
    "latest~999999999",
    "tag:t1",
    "1h30m",
    "99999999999999999999",
    "-1",
    KEY,
)
DOCUMENTED = (0, 2, 3, 4, 5, 6, 7, 8, 130)
_DIDS = (
    {"id": "did_1", "number_e164": "+15551230001", "application_id": "app_a", "status": "active"},
    {"id": "did_2", "number_e164": "+15551230002", "application_id": "app_b", "status": "active"},
)


class Draw:
    """Reads `data` from its beginning; at its end everything is zero or empty."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def byte(self) -> int:
        taken = self.some(1)
        return taken[0] if taken else 0

    def some(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def rest(self) -> bytes:
        return self.some(self.left)

    def flag(self) -> bool:
        return bool(self.byte() & 1)

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[self.byte() % len(items)]

    def text(self) -> str:
        """A text that nobody means well, or any up to 63 bytes; bytes beyond UTF-8 are surrogates,
        as in the arguments and the environment of a process."""
        kind = self.byte()
        if kind >= 64:
            return NASTY[kind % len(NASTY)]
        return self.some(kind).decode("utf-8", "surrogateescape")

    def argument(self) -> str:
        """A text as a process gets it: without NUL, and made of bytes."""
        text = self.text().replace("\0", "")
        try:
            return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


_KEY_IN_JSON = "".join(f"\\u{ord(one):04x}" for one in KEY)
# Bytes that no JSON holds stand for the key in one of its spellings.
SPELLED = {
    b"\x01": KEY.encode(),
    b"\x02": _KEY_IN_JSON.encode(),
    b"\x03": quote(KEY, safe="").encode(),
    b"\x04": b64encode(f"Bearer {KEY}".encode()),
}


def spelled_out(data: bytes) -> bytes:
    for stands_for, key in SPELLED.items():
        data = data.replace(stands_for, key)
    return data


class ObedientApi(ThreadingTCPServer):
    """Answers every request with the bytes of `answer`, then closes the connection."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = b""
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Handler(StreamRequestHandler):
    server: ObedientApi

    def handle(self) -> None:
        with suppress(OSError):
            while self.rfile.readline().strip():
                pass
            self.wfile.write(self.server.answer)


class Scene:
    """A folder to be in, a log with two DIDs and some words on them, and an API."""

    def __init__(self, database: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="changelog-fuzz-"))
        self.api = ObedientApi()
        self._template: bytes | None = None
        self.database = database
        location = parse_location(self.database)
        if isinstance(location, PostgresLocation):
            migrate(location)
        self._prepare()
        if isinstance(location, SqliteLocation):
            self._template = location.path.read_bytes()

    def close(self) -> None:
        self.api.shutdown()
        self.api.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prepare(self) -> None:
        for name, mode in (("a.json", "webhook"), ("b.json", "reject")):
            text = json.dumps([{**one, "route_mode": mode} for one in _DIDS])
            (self.folder / name).write_text(text)
            self.run(["import", name])
        self.run(["mark", "did_1@r1", "good", "-m", "was fine"])
        self.run(["tag", "t1"])

    def begin(self) -> None:
        """As it was in the beginning, on SQLite; on a server the log goes on growing."""
        if self._template is not None:
            for one in self.folder.iterdir():
                if one.name not in ("a.json", "b.json"):
                    shutil.rmtree(one) if one.is_dir() else one.unlink()
            Path(self.database).write_bytes(self._template)

    def run(
        self,
        arguments: Sequence[str],
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder / "home"),
            "MINIVOICE_API_URL": self.api.url,
            "MINIVOICE_API_KEY": KEY,
            "CHANGELOG_DATABASE_URL": self.database,
            "CHANGELOG_OPERATOR": "olga",
            # A bug then comes with the place where it is.
            "CHANGELOG_DEBUG": "1",
            **(environment or {}),
        }
        # Asking again takes seconds and shows nothing new here.
        with mock.patch.object(client, "wait_before_retry", return_value=None):
            code, stdout, stderr = run_in_process(
                arguments,
                folder=self.folder,
                environment=environ,
                stdin=stdin,
                limit_s=TIMEOUT_S,
            )
        return Ran(tuple(arguments), code, stdout, stderr)


def judge(ran: Ran, codes: Sequence[int] = DOCUMENTED) -> None:
    """What holds of every run, whatever it was given."""
    assert ran.exit_code in codes, ran
    assert "Traceback" not in ran.stderr, ran
    # In plain --format the columns are parted by tabs.
    assert invisible_in(ran.stdout, "\n\t") == [], ran
    assert invisible_in(ran.stderr) == [], ran
    assert KEY not in ran.stdout + ran.stderr, ran
    if "--json" in ran.arguments and "--" not in ran.arguments and "-h" not in ran.arguments:
        for line in ran.stdout.splitlines() if "watch" in ran.arguments else [ran.stdout]:
            if line and "--help" not in ran.arguments:
                json.loads(line)


@contextmanager
def scene_at(database: str) -> Iterator[Scene]:
    made = Scene(database)
    try:
        yield made
    finally:
        made.close()


def kept(target: str) -> list[bytes]:
    """Return the inputs that are kept for a target: a line each, ASCII, the rest escaped."""
    lines = (Path(__file__).parent / "corpus" / f"{target}.txt").read_text("ascii").splitlines()
    return [line.encode("ascii").decode("unicode_escape").encode("latin-1") for line in lines]
