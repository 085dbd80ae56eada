"""The program with an environment, a home and an API of its own: in this process, or in one."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from changelog.sandbox.server import Sandbox
from changelog.store.engine import make_engine, upgrade
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from tests.fork_server import COMMAND, ForkedProgram
from tests.in_process import needs_process, run_in_process

Json: TypeAlias = dict[str, Any]

KEY = "not-a-shape-of-key-4711-XyZ"
"""Has no shape by which it could be told from other words: only knowing it takes it out."""
TIMEOUT_S = 120.0
"""Seconds after which a run counts as hung. No statement about speed."""

MIGRATED: set[str] = set()
"""The addresses of databases on a server that have the schema already."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True)
class Ran:
    """How one run ended and what it said."""

    arguments: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Json:
        """The one document on stdout."""
        document = json.loads(self.stdout)
        assert isinstance(document, dict), self
        return document

    @property
    def error(self) -> Json:
        """The one document on stderr, with nothing on stdout."""
        assert self.stdout == "", self
        document = json.loads(self.stderr)
        assert document["schema"] == "changelog/error/1", self
        assert document["exit_code"] == self.exit_code, self
        error = document["error"]
        assert isinstance(error, dict), self
        return error

    def ended(self, exit_code: int) -> "Ran":
        assert self.exit_code == exit_code, self
        assert "Traceback" not in self.stderr, self
        return self


class Program:
    """Runs ``changelog`` with a home, a database, an API and a key of its own.

    Nothing of the caller's environment gets in; `more` adds to it or, with "", takes away.
    """

    def __init__(
        self,
        home: Path,
        *,
        api: Sandbox | str = "http://127.0.0.1:9/v1",
        key: str = KEY,
        database: Location | str = "",
        **more: str,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "MINIVOICE_API_URL": api if isinstance(api, str) else api.url,
            "MINIVOICE_API_KEY": key,
            "CHANGELOG_DATABASE_URL": url_of(database),
            "CHANGELOG_OPERATOR": "olga",
            **more,
        }
        if isinstance(database, PostgresLocation):
            migrate(database)

    def run(
        self, *arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None
    ) -> Ran:
        """Run in this process, which takes a tenth of the time, where the environment allows it.

        `spawn` for what needs a process of its own.
        """
        environ = self._environment(environment)
        if needs_process(environ):
            return self.spawn(*arguments, stdin=stdin, environment=environment)
        ended = run_in_process(
            arguments,
            folder=self.home,
            environment=environ,
            stdin=stdin.encode(),
            limit_s=TIMEOUT_S,
        )
        return Ran(arguments, *ended)

    def spawn(
        self, *arguments: str, stdin: str = "", environment: Mapping[str, str] | None = None
    ) -> Ran:
        environ = self._environment(environment)
        if needs_process(environ):
            return self._ran(COMMAND, arguments, stdin, environment)
        with ForkedProgram(arguments, cwd=self.home, env=environ, stdin=subprocess.PIPE) as process:
            said = process.communicate(stdin.encode(), TIMEOUT_S)
        return Ran(arguments, process.returncode, *(part.decode() for part in said))

    def run_as(self, name: str, *arguments: str, environment: Mapping[str, str]) -> Ran:
        """Run it under the name that it is installed as, which completion needs."""
        code = f"import sys; sys.argv[0] = {name!r}; from changelog.cli.main import run; run()"
        return self.run_python(code, *arguments, environment=environment)

    def run_python(
        self, code: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Ran:
        """Run `code` in a process, to change the program before it starts or look at it after."""
        return self._ran([sys.executable, "-c", code], arguments, "", environment)

    def run_redirected(self, where: str, *arguments: str) -> Ran:
        """``changelog … WHERE``, such as ``>&-`` or ``2>/dev/full``."""
        return self.run_through(["/bin/sh", "-c", f'exec "$@" {where}', "sh"], *arguments)

    def run_through(self, starter: Sequence[str], *arguments: str) -> Ran:
        """Run it through another program that is given this one's command line."""
        return self._ran([*starter, *COMMAND], arguments, "", None)

    def run_without_stdout(self, *arguments: str) -> Ran:
        return self.run_redirected(">&-", *arguments)

    def _ran(
        self,
        command: Sequence[str],
        arguments: tuple[str, ...],
        stdin: str,
        environment: Mapping[str, str] | None,
    ) -> Ran:
        done = subprocess.run(
            [*command, *arguments],
            input=stdin.encode(),
            capture_output=True,
            check=False,
            cwd=self.home,
            env=self._environment(environment),
            timeout=TIMEOUT_S,
        )
        return Ran(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())

    def run_each(self, lines: Iterable[Sequence[str]]) -> list[Ran]:
        return [self.run(*line) for line in lines]

    def json(self, *arguments: str, stdin: str = "") -> Json:
        """Return the document of a run with ``--json``, whatever its exit code."""
        return self.run(*arguments, "--json", stdin=stdin).json

    def record(self, *arguments: str, exit_code: int = 0) -> Json:
        ran = self.run("record", *arguments, "--json").ended(exit_code)
        return ran.json

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        largest_file: int | None = None,
    ) -> "subprocess.Popen[str]":
        """Start a run that goes on; it can be interrupted, whatever the caller does with signals.

        `largest_file`: bytes, as if the disk were full from there on.
        """
        return ForkedProgram(
            arguments,
            cwd=self.home,
            env=self._environment(environment),
            text=True,
            largest_file=largest_file,
        )

    def read_by_head(self, lines: int, *arguments: str) -> Ran:
        """``changelog … | head -n LINES``: the reader goes away after so many lines."""
        with self.start(*arguments) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            read = "".join(process.stdout.readline() for _ in range(lines))
            process.stdout.close()
            said = process.stderr.read()
            return Ran(arguments, process.wait(TIMEOUT_S), read, said)

    def run_on_terminal(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        typed: str = "",
    ) -> tuple[int, str]:
        """Return the exit code, and what a terminal of 80 columns got; `typed` is echoed."""
        ours, its = pty.openpty()
        os.write(ours, typed.encode())
        with ForkedProgram(
            arguments,
            cwd=self.home,
            env=self._environment({"TERM": "xterm-256color", **(environment or {})}),
            stdin=its,
            stdout=its,
            stderr=its,
            new_session=True,
        ) as process:
            os.close(its)
            said = _all_from(ours)
            os.close(ours)
            return process.wait(TIMEOUT_S), said

    def _environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        together = {**self.environment, **(more or {})}
        return {name: value for name, value in together.items() if value}


def rest_of(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Return what is left on stdout and stderr of a run whose lines were read one by one.

    ``communicate`` would lose the lines that were read ahead.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    hung = threading.Timer(TIMEOUT_S, process.kill)
    hung.start()
    try:
        return process.stdout.read(), process.stderr.read()
    finally:
        process.wait(TIMEOUT_S)
        hung.cancel()


def url_of(database: Location | str) -> str:
    """Return what names `database` in the environment, with a password and options."""
    return database.dsn if isinstance(database, PostgresLocation) else str(database)


def migrate(database: Location) -> None:
    """Do what ``db upgrade`` does; a new SQLite file is a copy of one that was migrated.

    A database of `MIGRATED` is left alone: to look at it takes three connections.
    """
    if isinstance(database, SqliteLocation) and not database.path.exists():
        database.prepare()
        database.path.write_bytes(_migrated_file())
    elif url_of(database) not in MIGRATED:
        _upgrade(database)


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        new = SqliteLocation(Path(folder) / "log.db")
        new.prepare()
        _upgrade(new)
        return new.path.read_bytes()


@cache
def migrated_schema() -> tuple[str, ...]:
    """Return the statements that make an empty log in a new SQLite file."""
    with (
        tempfile.NamedTemporaryFile() as file,
        closing(sqlite3.connect(file.name, isolation_level=None)) as log,
    ):
        Path(file.name).write_bytes(_migrated_file())
        made = [row[0] for row in log.execute("SELECT sql FROM sqlite_master WHERE sql > ''")]
        version = log.execute("SELECT version_num FROM alembic_version").fetchone()
        return (*made, f"INSERT INTO alembic_version VALUES ('{version[0]}')")


def _upgrade(database: Location) -> None:
    engine = make_engine(database)
    upgrade(engine, database)
    engine.dispose()


def invisible_in(text: str, allowed: str = "\n") -> list[str]:
    """Return the control, bidirectional and other invisible characters in `text`."""
    return [
        f"U+{ord(character):04X}"
        for character in text
        if character not in allowed and unicodedata.category(character) in _INVISIBLE
    ]


def files_under(folder: Path) -> Iterable[tuple[Path, bytes]]:
    """Return every file in `folder` at any depth, with its content."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def _all_from(terminal: int) -> str:
    parts = []
    # Linux ends a terminal whose other side is gone with an error, others with nothing.
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            parts.append(part)
    return b"".join(parts).decode()
