"""What is from the log says of when it is: once an answer, in every format."""

from datetime import timedelta
from pathlib import Path

import pytest

from changelog.model.answers import Applications
from tests.html_page import Page
from tests.logbook import START, Logbook
from tests.program import Program
from tests.web.visitor import Visitor

DAY = timedelta(days=1)
URLS = {"app_a": "https://a.example/x", "app_b": "https://b.example/x"}
THEN = "2026-11-02T12:30Z"
LOOKS = "from the log: last looks from 2026-11-02 12:00:00Z to 2026-11-11 12:00:00Z"
FAILED = "; 2 DIDs cannot be read, the first since 2026-11-13 12:0"
UNREAD = "1 DID: the last look did not read the destination, which is as of 2026-11-02 12:00:00Z:"


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    """On day 1 three DIDs are read, on day 10 two of them, one of these without its destination;
    on day 12 the first two cannot be read."""
    for day, read, dids in ((1, True, "123"), (10, True, "2"), (10, False, "3")):
        logbook.now = START + day * DAY - timedelta(hours=1)
        applications = Applications(URLS if read else {}, None if read else "could not be read")
        capture = logbook.capture(applications=applications)
        for did in dids:
            logbook.see("app_a", did=f"did_{did}", at=START + day * DAY, capture=capture)
        capture.close()
    logbook.now = START + 12 * DAY
    logbook.miss(500, did="did_1")
    logbook.miss(404, did="did_2")
    return Program(tmp_path / "home", key="", database=logbook.location)


def test_a_list_says_when_the_last_looks_were(program: Program, logbook: Logbook) -> None:
    for form in ("text", "markdown", "html"):
        said = program.run("list", "--format", form).ended(0).stdout
        said = Page(said).text if form == "html" else said
        assert f"{LOOKS}{FAILED}" in said.replace("\\", ""), form
        assert f"{UNREAD} did_3" in said.replace("\\", ""), form
    plain = program.run("list", "--format", "plain").ended(0)
    assert len(plain.stdout.splitlines()) == 3
    assert f"changelog: {LOOKS}{FAILED}" in plain.stderr
    assert f"changelog: {UNREAD} did_3" in plain.stderr
    rows = {row["did"]: row for row in program.json("list")["dids"]}
    assert [bool(row["unreadable_since"]) for row in rows.values()] == [True, True, False]
    assert rows["did_3"]["destination_seen_at"] == "2026-11-02T12:00:00.000000Z"
    assert rows["did_3"]["last_seen_at"] == "2026-11-11T12:00:00.000000Z"
    looks = program.json("list")["looks"]
    assert (looks["first_at"], looks["unreadable"], looks["destination_unread"]) == (
        *("2026-11-02T12:00:00.000000Z", ["did_1", "did_2"], ["did_3"]),
    )
    page = Visitor(logbook.location).page("/dids").text
    assert f"{LOOKS}{FAILED}" in page
    assert f"{UNREAD} did_3" in page
    assert "from the log" not in program.run("list", "--at", THEN).ended(0).stdout


def test_only_a_row_that_is_older_than_the_others_says_so(program: Program) -> None:
    lines = program.run("list").ended(0).stdout.splitlines()
    marked = [line.split()[0] for line in lines if line.endswith("as of 2026-11-02 12:00:00Z")]
    assert marked == ["did_1"]


def test_a_diff_with_the_latest_says_when_that_was_seen(program: Program, logbook: Logbook) -> None:
    for form in ("text", "chat", "markdown", "html"):
        said = program.run("diff", "--from", THEN, "--format", form).ended(0).stdout
        said = Page(said).text if form == "html" else said
        assert f"{LOOKS}{FAILED}" in said.replace("\\", ""), form
    named = program.run("diff", "did_3", "--from", THEN).ended(0).stdout
    assert "from the log: last look at 2026-11-11 12:00:00Z" in named
    assert "cannot be read" not in named
    assert f"{UNREAD} did_3" in named
    assert program.json("diff", "--from", THEN)["looks"]["unreadable"] == ["did_1", "did_2"]
    past = ("diff", "--from", THEN, "--to", "2026-11-03T12:00Z")
    assert "from the log" not in program.run(*past).ended(0).stdout
    visitor = Visitor(logbook.location, now=logbook.now)
    assert f"{LOOKS}{FAILED}" in visitor.page(f"/diff?from={THEN}").text


def test_log_says_when_a_destination_was_seen_last(program: Program) -> None:
    said = program.run("log", "did_3").ended(0).stdout
    last = "last 2026-11-11 12:00:00Z, its destination last 2026-11-02 12:00:00Z"
    assert f"seen 2 times, {last}" in said
    assert "its destination" not in program.run("log", "did_2").ended(0).stdout
    (entry,) = program.json("log", "did_3")["entries"]
    assert entry["destination_seen_at"] == "2026-11-02T12:00:00.000000Z"


def test_a_fleet_from_the_log_says_how_old_its_destinations_are(program: Program) -> None:
    every = ("restore", "--all", "--offline", "--to", THEN)
    for form in ("text", "chat", "markdown", "html", "plain", "csv"):
        ran = program.run(*every, "--format", form).ended(0)
        said = Page(ran.stdout).text if form == "html" else ran.stdout + ran.stderr
        assert f"{UNREAD} did_3" in said.replace("\\", ""), form
    document = program.json(*every)
    assert document["destinations_unread"] is True
    assert document["destination_unread"] == ["did_3"]
    assert document["destinations_as_of"] == "2026-11-02T12:00:00.000000Z"


def test_a_card_from_the_log_says_that_a_later_look_failed(program: Program) -> None:
    for form in ("text", "chat", "markdown", "html"):
        said = program.run("restore", "did_1", "--offline", "--format", form).stdout
        said = Page(said).text if form == "html" else said
        assert "; the look at 2026-11-13 12:0" in said, form
        for other in ("did_2", "did_3"):
            said = program.run("restore", other, "--offline", "--format", form).stdout
            assert "the look at" not in said, (other, form)


def test_what_no_did_matches_is_as_old_as_all_looks(program: Program) -> None:
    for form in ("text", "markdown", "html", "csv", "plain"):
        ran = program.run("list", "app_nope", "--format", form).ended(0)
        said = (Page(ran.stdout).text if form == "html" else ran.stdout) + ran.stderr
        assert f"{LOOKS}{FAILED}" in said.replace("\\", ""), form
    assert program.json("list", "app_nope")["looks"]["unreadable"] == ["did_1", "did_2"]


def test_rows_of_changes_are_as_old_as_the_other_formats_say(program: Program) -> None:
    ran = program.run("diff", "--from", THEN, "--format", "csv").ended(0)
    assert f"changelog: {LOOKS}{FAILED}" in ran.stderr
