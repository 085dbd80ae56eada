"""What docs/security.md claims and no other test shows; and that those it names are there."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import Location, PostgresLocation
from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.webhooks import webhook

ROOT = Path(__file__).parent.parent
CALLER = "+15550000000"


@pytest.mark.parametrize("page", ["docs/security.md", "docs/design.md", ".github/CONTRIBUTING.md"])
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    named = set(re.findall(r"(?<!/)\btest_\w+\.py", (ROOT / page).read_text())) - {"test_NAME.py"}
    assert len(named) > 6
    assert named <= {path.name for path in (ROOT / "tests").rglob("test_*.py")}


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
