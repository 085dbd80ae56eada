"""A tag whose capture had not read a DID, and a time between two looks: every answer says so."""

from datetime import timedelta
from pathlib import Path

import pytest

from changelog.model.answers import Applications
from changelog.store.location import Location
from tests.logbook import START, Logbook
from tests.program import Json, Program
from tests.sandbox_faults import Fault, Sandbox

BEFORE = "tag:before"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, location: Location) -> Program:
    """`before` could not read did_101; then a deploy moved it, and it was moved back."""
    made = Program(tmp_path / "home", api=sandbox, database=location)
    made.record("did_101", "did_102")
    sandbox.remove("did_101")
    made.record("--all", "--tag", "before", exit_code=3)
    sandbox.restore("did_101")
    sandbox.move("did_101", application_id="app_sales")
    made.record("--all", "--tag", "after")
    sandbox.move("did_101", application_id="app_support")
    return made


def did_of(document: Json, did: str = "did_101") -> Json:
    found: Json = next(each for each in document["dids"] if each["did"] == did)
    return found


def test_a_match_with_what_nobody_read_proves_no_return(program: Program) -> None:
    """Nor does it say that all is as it was: nobody knows how it was."""
    ran = program.run("verify", "--all", "--to", BEFORE).ended(3)
    first, second = ran.stdout.splitlines()[:2]
    assert first.startswith("match  did_101")
    assert "r1 NOT READ by the tag's capture: last seen so 20" in first
    assert first.endswith("to prove one to r1: changelog verify did_101 --to r1")
    assert second == "match  did_102  +15551230002  live is r1, equal to r1"
    assert "1 not read by the tag's capture: did_101" in ran.stdout
    document = program.json("verify", "--all", "--to", BEFORE)
    assert document["not_read_by_tag"] == ["did_101"]
    assert document["conditions"] == ["not_read_by_tag"]
    unread, read = did_of(document), did_of(document, "did_102")
    seen = program.json("show", "did_101@r1")["last_seen_at"]
    assert (unread["matches"], unread["confirmed"], unread["not_read"]) == (True, False, True)
    assert (unread["unseen_since"], read["unseen_since"], read["not_read"]) == (seen, None, False)
    # What was in service meanwhile is still a target.
    assert did_of(program.json("restore", "did_101", "--offline"))["skipped"] == []


def test_another_destination_than_the_one_before_an_unread_one_is_no_match(
    live: Program, sandbox: Sandbox
) -> None:
    live.record("did_101")
    sandbox.fail(Fault("status", status=403), applications=True)
    live.record("--all", "--tag", "before")
    sandbox.clear_faults()
    line = ("verify", "did_101", "--to", BEFORE)
    moved = "https://voice.example.com/moved"
    sandbox.set_application("app_support", answer_url=moved)
    found = did_of(live.run(*line, "--json").ended(3).json)
    assert (found["outcome"], found["matches"]) == ("not_compared", False)
    said = live.run(*line).ended(3).stdout
    assert f"the rest is as expected: the live destination is {moved}" in said
    assert "equal to r1" not in said


def test_the_return_to_a_revision_is_proven_by_its_number(program: Program) -> None:
    program.run("verify", "did_101", "--to", BEFORE).ended(3)
    document = program.run("verify", "did_101", "--to", "r1", "--json").ended(0).json
    assert (did_of(document)["confirmed"], did_of(document)["not_read"]) == (True, False)


def test_a_difference_from_what_nobody_read_is_said_to_be_one(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.move("did_101", application_id="app_sales")
    ran = program.run("verify", "did_101", "--to", BEFORE).ended(3)
    assert ran.stdout.startswith("MISMATCH  did_101")
    assert "r1 NOT READ by the tag's capture" in ran.stdout
    document = program.json("verify", "did_101", "--to", BEFORE)
    assert document["conditions"] == ["different", "not_read_by_tag"]


def test_what_was_seen_before_and_after_the_tag_is_known(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_101", "--tag", "narrow")
    program.record("did_102")
    sandbox.move("did_102", route_mode="reject")
    program.record("did_102")
    sandbox.move("did_102", route_mode="webhook")
    ran = program.run("verify", "did_102", "--to", "tag:narrow", "--json").ended(0)
    did = did_of(ran.json, "did_102")
    assert (did["not_read"], did["unseen_since"], did["confirmed"]) == (True, None, True)


def test_the_other_answers_flag_it_in_every_format(program: Program) -> None:
    flagged = "NOT READ by the tag's capture: last seen so 20"
    listed = program.run("list", "--at", BEFORE).ended(0).stdout
    assert "as the log had it at 20" in listed
    assert "not read\n" in listed
    assert f"1 of 2 DIDs {flagged}" in listed
    plain = program.run("list", "--at", BEFORE, "--format", "plain").ended(0)
    assert flagged not in plain.stdout
    assert f"1 of 2 DIDs {flagged}" in plain.stderr
    for form in ("markdown", "html"):
        written = program.run("list", "--at", BEFORE, "--format", form).ended(0).stdout
        assert "1 of 2 DIDs NOT READ" in written, form
        assert "As the log had it at" in written, form
    rows = program.json("list", "--at", BEFORE)
    assert [row["not_read"] for row in rows["dids"]] == [True, False]
    assert did_of(rows)["unseen_since"] == did_of(rows)["last_seen_at"] < rows["at"]
    assert did_of(rows, "did_102")["last_seen_at"] > rows["at"]
    assert flagged in program.run("show", f"did_101@{BEFORE}").ended(0).stdout
    shown = program.json("show", f"did_101@{BEFORE}")
    assert (shown["not_read"], shown["unseen_since"]) == (True, shown["last_seen_at"])
    restore = ["restore", "did_101", "--to", BEFORE, "--offline"]
    for form in ("text", "chat", "markdown"):
        assert "NOT READ by the tag's capture" in program.run(*restore, "--format", form).stdout
    assert f"did_101: {flagged}" in program.run(*restore, "--format", "plain").stderr
    card = did_of(program.json(*restore))
    assert (card["not_read"], card["warning_codes"][-1]) == (True, "not_read")
    assert card["unseen_since"] == card["target"]["last_seen_at"]


def test_a_time_between_two_looks_is_no_look(logbook: Logbook, tmp_path: Path) -> None:
    """did_1 was moved some time between the looks; did_2 was seen so by both."""
    logbook.see("app_a", at=START + HOUR)
    logbook.see("app_a", at=START + HOUR, did="did_2")
    logbook.see("app_b", at=START + 2 * DAY)
    logbook.see("app_a", at=START + 2 * DAY, did="did_2")
    program = Program(tmp_path / "home", database=logbook.location)
    then = (START + DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    unknown = "last seen so 2026-11-01 13:00:00Z, and not known to be still so at that time"
    listed = program.run("list", "--at", then).ended(0).stdout
    assert listed.startswith("as the log had it at 2026-11-02 12:00:00Z\n")
    assert listed.endswith(f"1 of 2 DIDs {unknown}: did_1\n")
    document = program.json("list", "--at", then)
    assert did_of(document, "did_1")["unseen_since"] == "2026-11-01T13:00:00.000000Z"
    assert did_of(document, "did_2")["unseen_since"] is None
    assert did_of(document, "did_2")["last_seen_at"] == "2026-11-03T12:00:00.000000Z"
    every = program.run("restore", "--all", "--to", then, "--offline").ended(0).stdout
    assert "as the log had it at 2026-11-02 12:00:00Z" in every
    assert f"! did_1: {unknown}" in every
    card = did_of(program.json("restore", "did_1", "--to", then, "--offline"), "did_1")
    assert card["warning_codes"] == ["unseen_then"]
    assert unknown in program.run("show", f"did_1@{then}").ended(0).stdout
    # Of now there is no such question.
    assert "not known" not in program.run("list").ended(0).stdout


@pytest.mark.parametrize(
    ("application", "url", "status"),
    [
        ("app_a", "https://a.example/2", "active"),
        ("app_a", None, "active"),
        ("app_b", "https://b.example/1", "suspended"),
    ],
    ids=["another", "still not read", "moved"],
)
def test_a_moment_at_which_only_the_destination_was_not_seen_says_when_it_was(
    logbook: Logbook, tmp_path: Path, application: str, url: str | None, status: str
) -> None:
    """Two looks, of which the second did not read it, nor did a third one."""
    looks = (("app_a", "https://a.example/1", "active"), ("app_a", None, status))
    for carrier, read_url, read_status in (*looks, (application, url, status)):
        urls = {} if read_url is None else {carrier: read_url}
        read = Applications(urls, "could not be read" if read_url is None else None)
        capture = logbook.capture(applications=read)
        logbook.see(carrier, capture=capture, status=read_status)
        capture.close()
        logbook.now += HOUR
    program = Program(tmp_path / "home", database=logbook.location)
    seen = "2026-11-01 12:02:00Z"
    said = f"last seen so {seen}, and not known to be still so at that time"
    for at in ("2026-11-01T12:30Z", "2026-11-01T13:30Z"):
        assert said in program.run("list", "--at", at).ended(0).stdout
        assert said in program.run("show", f"did_1@{at}").ended(0).stdout
        assert said in program.run("restore", "did_1", "--to", at, "--offline").ended(0).stdout
        whole = program.run("restore", "--all", "--to", at, "--offline").ended(0).stdout
        # What still stands by the log is told with the last look at it.
        still = f"which is as of {seen}"
        assert (said if url else still) in whole
        remark = "was last seen before" if url else still
        assert remark in program.run("diff", "--from", at).ended(0).stdout
    # At the very look that read it, it is known.
    for command in (("list", "--at"), ("diff", "--from")):
        ran = program.run(*command, "2026-11-01T12:02Z").ended(0)
        assert "last seen" not in ran.stdout.replace("last looks", "")
