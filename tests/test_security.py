"""What docs/security.md claims and no other test shows; and that those it names are there."""

import re
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
