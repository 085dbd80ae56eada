"""Starts a pgbouncer before a PostgreSQL server, in transaction mode with one session for all."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.postgres_server import READY_WITHIN_SECONDS, free_port

SETTINGS = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
max_client_conn = 100
query_wait_timeout = {wait}
{more}
"""
WAIT_S = 20
"""Seconds after which a client that gets no session is refused: two at once would wait for ever."""


def pgbouncer_or_skip() -> str:
    """Return the program's path; without it skip, or fail where it is required.

    Debian keeps it where a user's PATH does not lead.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        missing = "no pooler to test with: install Debian's package `pgbouncer`"
        if os.environ.get("CHANGELOG_TEST_REQUIRE_POOLER") == "1":
            raise RuntimeError(missing)
        pytest.skip(missing)
    return program


class Pgbouncer:
    """A pooler before the server at `port`; `more`: further lines of its settings.

    Started as root it runs as `nobody`, because pgbouncer refuses root.
    """

    def __init__(self, port: int, more: str = "") -> None:
        self._program = pgbouncer_or_skip()
        self._server = port
        self._more = more
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None

    def __enter__(self) -> Self:
        public = "/tmp" if self._user else None  # noqa: S108 -- mkdtemp makes the name
        self._temporary = tempfile.TemporaryDirectory(prefix="changelog-pgbouncer-", dir=public)
        folder = Path(self._temporary.name)
        self.port = free_port()
        settings = SETTINGS.format(
            server=self._server, port=self.port, folder=folder, wait=WAIT_S, more=self._more
        )
        (folder / "settings").write_text(settings)
        (folder / "users").write_text('"postgres" ""\n"latin" ""\n')
        if self._user:
            for path in (folder, *folder.iterdir()):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self._log = folder / "log"
        self._process = self._start(folder)
        self._wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=READY_WITHIN_SECONDS)
        self._temporary.cleanup()

    def url(self, of_server: str) -> str:
        """The same database and user as at the server's own address, through the pooler."""
        parts = urlsplit(of_server)
        return parts._replace(netloc=f"{parts.username}@127.0.0.1:{self.port}").geturl()

    def _start(self, folder: Path) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._program, str(folder / "settings")],
                user=self._user and self._user.pw_uid,
                group=self._user and self._user.pw_gid,
                extra_groups=[] if self._user else None,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url("postgresql://postgres@x/postgres")).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"pgbouncer did not start:\n{self._log.read_text(errors='replace')}")
