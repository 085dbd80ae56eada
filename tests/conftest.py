"""Fixtures: a log on each kind of database, an API on loopback, the program as a process."""

import itertools
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, event, inspect

from changelog.store import engine as engine_of_log
from changelog.store.location import Location, SqliteLocation, parse_location
from tests.logbook import Logbook
from tests.postgres_server import PostgresServer, postgres_or_skip
from tests.program import KEY, Program, migrated_schema
from tests.sandbox_faults import Sandbox

for name in [name for name in os.environ if name.startswith(("PG", "MINIVOICE_", "CHANGELOG_"))]:
    if not name.startswith("CHANGELOG_TEST_"):
        del os.environ[name]

# On a busy machine, slow input says nothing of a test. Each push tries other examples, and each
# night ten times as many.
for profile, examples in (("push", 30), ("night", 300)):
    settings.register_profile(
        profile,
        max_examples=examples,
        suppress_health_check=[HealthCheck.too_slow],
        deadline=None,
    )

# Under nohup, or in the background of a script, some are ignored, and whatever is started inherits
# that: the program would be right to ignore them too, and a test of them would wait for ever.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


# What only shows what the log holds is tested on PostgreSQL each night. Queries, views and each
# command have tests of their own on both (`tests/store`, `test_postgres_same_answers.py`).
TESTS = Path(__file__).parent
AT_NIGHT_ON_POSTGRES = (
    TESTS / "cli",
    TESTS / "web/test_listen.py",
    TESTS / "web/test_page_queries.py",
    TESTS / "faults/test_fuzz.py",
)
ON_BOTH = ("test_hostile_values.py", "test_list.py", "test_log.py")
"""Of these, the files of promises about the database itself."""
LONG = (
    "test_any_change_of_any_column_is_found",
    "test_the_fleet_is_compared_as_each_did_is",
    "test_a_failed_look_says_so_whatever_is_wrong_with_the_log",
)
"""They take six seconds and more on PostgreSQL. The tests beside them ask it the same."""


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("push" if config.option.markexpr == "not slow" else "night")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        shows = any(map(item.path.is_relative_to, AT_NIGHT_ON_POSTGRES))
        is_long = getattr(item, "originalname", "") in LONG
        given = item.callspec.params if hasattr(item, "callspec") else {}
        waits = is_long or (shows and item.path.name not in ON_BOTH)
        if waits and "postgres" in given.values():
            item.add_marker(pytest.mark.slow)


@event.listens_for(Engine, "connect")
def do_not_wait_for_the_disk(connection: object, _: object) -> None:
    """Commit to SQLite without waiting, in this process: no test ends with a power cut."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


_migrate = engine_of_log._migrate
_schema = migrated_schema()


def migrate_at_once(connection: Connection) -> None:
    """Give a new file the schema that a migrated one has: to migrate takes twenty times as long."""
    is_new = connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()
    if is_new and engine_of_log.migrations_folder() == MIGRATIONS:
        for statement in _schema:
            connection.exec_driver_sql(statement)
    else:
        _migrate(connection)


MIGRATIONS = engine_of_log.migrations_folder()
engine_of_log._migrate = migrate_at_once


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_or_skip() as server:
        yield server


_HOMES = itertools.count(1)


@pytest.fixture(autouse=True)
def no_real_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give tests an empty home, so that none touches the log of the user."""
    # `tmp_path` would make a folder for each of some thousand tests that need none.
    home = tmp_path_factory.getbasetemp() / f"no-home-{next(_HOMES)}"
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    return home


@pytest.fixture(params=["sqlite", "postgres"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Location]:
    """A place for a log, on each kind of database in turn: no file yet, but a migrated database."""
    if request.param == "sqlite":
        yield SqliteLocation(tmp_path / "log.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_log()
    yield parse_location(url)
    server.give_back(url)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """The same, where nothing was migrated."""
    if request.param == "sqlite":
        return SqliteLocation(tmp_path / "log.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return parse_location(server.create_database())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An API on loopback, as it was made; its answers may be spoiled."""
    with Sandbox(key=KEY) as running:
        yield running


@pytest.fixture(scope="module")
def shared_sandbox() -> Iterator[Sandbox]:
    """The same for all tests of a module."""
    with Sandbox(key=KEY) as running:
        yield running


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in this process asks an API again at once, and posts an alert again at once."""
    monkeypatch.setattr("changelog.api.client.wait_before_retry", lambda *_: 0.0)
    monkeypatch.setattr("changelog.cli.recording.receivers.BACKOFF_S", 0.0)


@pytest.fixture
def logbook(location: Location) -> Iterator[Logbook]:
    with Logbook(location) as book:
        yield book


@pytest.fixture
def sqlite_logbook(tmp_path: Path) -> Iterator[Logbook]:
    with Logbook(SqliteLocation(tmp_path / "log.db")) as book:
        yield book


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    """The program on the log that the test fills by hand; no API answers it."""
    return Program(tmp_path / "home", database=logbook.location)


@pytest.fixture
def live(sandbox: Sandbox, location: Location, tmp_path: Path) -> Program:
    """The program on an empty log, with an API."""
    return Program(tmp_path / "home", api=sandbox, database=location)
