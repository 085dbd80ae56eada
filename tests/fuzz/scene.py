"""The whole program in this process: a log, an API that does as it is told, what was said."""

import atexit
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from unittest import mock

from changelog.api import client
from changelog.store.location import PostgresLocation, SqliteLocation, parse_location
from tests.fuzz.draw import KEY
from tests.in_process import run_in_process
from tests.program import TIMEOUT_S, Ran, invisible_in, migrate

DOCUMENTED = (0, 2, 3, 4, 5, 6, 7, 8, 130)
DATABASE = "CHANGELOG_TEST_FUZZ_DATABASE"
"""Names a database to fuzz instead of a SQLite file of its own."""
_DIDS = (
    {"id": "did_1", "number_e164": "+15551230001", "application_id": "app_a", "status": "active"},
    {"id": "did_2", "number_e164": "+15551230002", "application_id": "app_b", "status": "active"},
)


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
        self.database = database or str(self.folder / "log.db")
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


_scene: Scene | None = None


def scene() -> Scene:
    """The one scene of this process, made when it is asked for."""
    global _scene
    if _scene is None:
        _scene = Scene(os.environ.get(DATABASE, ""))
        atexit.register(_scene.close)
    return _scene


@contextmanager
def scene_at(database: str) -> Iterator[Scene]:
    """For a test: a scene of its own, on this database."""
    global _scene
    _scene = made = Scene(database)
    try:
        yield made
    finally:
        _scene = None
        made.close()
