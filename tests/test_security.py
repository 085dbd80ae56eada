"""What docs/security.md claims and no other test shows; and that those it names are there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, text

from changelog.sandbox.server import Sandbox
from changelog.store.location import Location, PostgresLocation, SqliteLocation, parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.webhooks import webhook

if TYPE_CHECKING:
    from tests.postgres_server import PostgresServer

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()
CALLER = "+15550000000"


def test_every_test_that_the_page_names_is_there() -> None:
    named = {name for group in re.findall(r"`\[(test_.*?)\]`", PAGE) for name in group.split(", ")}
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / "tests" / name).is_file()] == []


# The log


def fill(book: Logbook, application: str = "app_b") -> None:
    book.see("app_a")
    book.see(application)
    book.judge("good", 1)
    book.see("app_c")


def head(book: Logbook) -> tuple[int, bytes]:
    (row,) = book.rows("SELECT n, digest FROM journal ORDER BY n DESC LIMIT 1")
    return row["n"], bytes(row["digest"])


def digest_at(book: Logbook, n: int) -> bytes | None:
    rows = book.rows(f"SELECT digest FROM journal WHERE n = {n}")
    return bytes(rows[0]["digest"]) if rows else None


@contextmanager
def without_triggers(book: Logbook) -> Iterator[Connection]:
    """As the owner of the file, or of the tables, can do it; put back, so that nothing shows."""
    with book.engine.begin() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SET session_replication_role = replica"))
            yield connection
            return
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = connection.execute(text(query)).all()
        for name, _ in triggers:
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


TAMPERING = {
    "a routing changed": ["UPDATE revision SET application_id = 'app_evil' WHERE revision = 2"],
    "a verdict turned": ["UPDATE verdict SET verdict = 'bad'"],
    "a snapshot removed": ["DELETE FROM snapshot WHERE revision = 1"],
    "a revision removed": [
        "DELETE FROM snapshot WHERE revision = 3",
        "DELETE FROM revision WHERE revision = 3",
    ],
    "who recorded it changed": ["UPDATE capture SET recorded_by = 'bob' WHERE id = 2"],
    "a note slipped in": ["INSERT INTO note VALUES ('did_1', 1, 1, 'olga', 'it was fine', 1)"],
    "an entry removed": ["DELETE FROM journal WHERE n = 2"],
}


@pytest.mark.parametrize("statements", TAMPERING.values(), ids=TAMPERING)
def test_what_is_done_behind_the_triggers_breaks_the_journal(
    logbook: Logbook, tmp_path: Path, statements: list[str]
) -> None:
    fill(logbook)
    assert_journal_is_whole(logbook.location)
    with without_triggers(logbook) as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount
    with pytest.raises(AssertionError):
        assert_journal_is_whole(logbook.location)
    Program(tmp_path / "home", database=logbook.location).run("check").ended(7)


def newest_cut_off(book: Logbook, n: int) -> None:
    with without_triggers(book) as connection:
        for table in ("snapshot", "revision", "capture_end", "capture", "verdict"):
            connection.execute(text(f"DELETE FROM {table} WHERE entry >= {n}"))
        for table in ("journal_looks", "journal"):
            connection.execute(text(f"DELETE FROM {table} WHERE n >= {n}"))


def assert_only_the_kept_head_tells(location: Location, kept: str, home: Path) -> None:
    program = Program(home, database=location)
    program.run("check").ended(0)
    program.run("check", "--against", kept).ended(7)


def test_a_log_that_was_cut_off_is_whole_but_lacks_the_head_that_was_kept(
    logbook: Logbook, tmp_path: Path
) -> None:
    fill(logbook)
    n, digest = head(logbook)
    (revision,) = logbook.rows("SELECT entry FROM revision WHERE revision = 3")
    newest_cut_off(logbook, revision["entry"])
    assert_journal_is_whole(logbook.location)
    assert digest_at(logbook, n) != digest
    assert_only_the_kept_head_tells(logbook.location, f"{n}:{digest.hex()}", tmp_path / "home")


def test_a_log_written_anew_is_whole_but_lacks_the_head_that_was_kept(
    logbook: Logbook, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No secret is in a digest: whoever can write everything can write a chain that holds."""
    fill(logbook)
    n, digest = head(logbook)
    with Logbook(another(logbook.location, tmp_path, request)) as forged:
        fill(forged, application="app_evil")
        assert_journal_is_whole(forged.location)
        assert head(forged)[0] == n
        assert digest_at(forged, n) != digest
        kept = f"{n}:{digest.hex()}"
        assert_only_the_kept_head_tells(forged.location, kept, tmp_path / "home")


def another(location: Location, tmp_path: Path, request: pytest.FixtureRequest) -> Location:
    if isinstance(location, SqliteLocation):
        return SqliteLocation(tmp_path / "forged.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return parse_location(server.create_database())


# Other users of the machine


def test_files_are_their_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    def run(*arguments: str, path: Path) -> None:
        subprocess.run(
            [sys.executable, "-m", "changelog", *arguments, "--db", str(path)],
            capture_output=True,
            check=True,
            env=Program(tmp_path / "home").environment,
            preexec_fn=lambda: os.umask(0),
        )

    new = tmp_path / "new" / "log.db"
    (tmp_path / "saved.json").write_text('{"id": "did_1", "application_id": "app_a"}')
    run("import", str(tmp_path / "saved.json"), path=new)
    assert new.parent.stat().st_mode & 0o777 == 0o700
    made = [*new.parent.iterdir()]
    assert "log.db" in {one.name for one in made}
    assert {one.name: one.stat().st_mode & 0o777 for one in made} == {
        one.name: 0o600 for one in made
    }


def test_what_everybody_may_write_is_warned_of(tmp_path: Path) -> None:
    program = Program(tmp_path / "home", CHANGELOG_CONFIG=os.devnull)
    (program.home / "saved.json").write_text('{"id": "did_1", "application_id": "app_a"}')
    program.run("import", "saved.json").ended(0)
    assert program.run("list").ended(0).stderr == ""
    settings = program.home / "changelog.toml"
    settings.write_text("")
    program.environment["CHANGELOG_CONFIG"] = str(settings)
    log = program.home / ".local/share/changelog/changelog.db"
    note = ("note", "did_1", "-m", "hm")
    for path, what in ((settings, "settings file"), (log, "database")):
        path.chmod(0o666)
        assert f"everybody may write to the {what} {path}" in program.run(*note).ended(0).stderr
        path.chmod(0o600)
    log.parent.chmod(0o777)
    assert "everybody may replace the database" in program.run(*note).ended(0).stderr


# What is stored


def test_a_webhook_keeps_the_callers_number_and_no_view_or_command_shows_it(
    location: Location, tmp_path: Path
) -> None:
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox, database=location)
        program.record("did_101")
    body = webhook("call_1", "+15551230001", "app_support", datetime.now(UTC))
    (program.home / "call.json").write_text(body)
    said = [program.run("evidence", "call.json", "--result", "pass").ended(0)]
    said += program.run_each(
        [command, *did, "--json"]
        for command, did in (("show", ["did_101"]), ("log", []), ("restore", ["did_101"]))
    )
    assert [ran for ran in said if CALLER in ran.stdout + ran.stderr] == []
    with Logbook(location) as book:
        (kept,) = book.rows("SELECT body FROM evidence")
        assert CALLER in kept["body"]
        for view in views(book):
            assert CALLER not in str(book.rows(f"SELECT * FROM {view}")), view


def views(book: Logbook) -> list[Any]:
    query = (
        "SELECT viewname AS name FROM pg_views WHERE schemaname = 'public'"
        if isinstance(book.location, PostgresLocation)
        else "SELECT name FROM sqlite_master WHERE type = 'view'"
    )
    found = [row["name"] for row in book.rows(query)]
    assert found
    return found


def test_the_command_of_a_deploy_has_the_environment_that_it_would_have_without(
    tmp_path: Path,
) -> None:
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        program.record("did_101")
        command = ("sh", "-c", 'test "$MINIVOICE_API_KEY" = "$0"', KEY)
        program.run("deploy", "--all", "--tag", "t", "--", *command).ended(0)
