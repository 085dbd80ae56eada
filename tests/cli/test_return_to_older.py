"""A number that went back to an older routing: the routing before that is not offered as advice."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.logbook import START, Logbook
from tests.program import KEY, Program
from tests.sandbox_faults import Fault, Sandbox

LEAD = (
    "You are back on r1 (seen so since 2026-11-01 15:00:00Z). The routing before that, r2,"
    " may be the broken one. If calls arrive now, leave it so, and prove it:"
    " changelog verify did_1 --to r1"
)
ONLY_IF = "Only if you know that r2 was not the fault, put it back"


@pytest.fixture
def program(sqlite_logbook: Logbook, tmp_path: Path) -> Program:
    """One DID that somebody put back already, without a ``verify``."""
    for hours, application in enumerate(("app_a", "app_b", "app_a"), 1):
        sqlite_logbook.see(application, at=START + timedelta(hours=hours))
    return Program(tmp_path / "home", key="", database=sqlite_logbook.location)


def test_the_card_says_first_that_the_line_is_back(program: Program) -> None:
    text = program.run("restore", "did_1").ended(0).stdout
    card = text.split("\n\n")[1].splitlines()
    assert card[1] == f"  {LEAD}"
    assert "MAY BE BROKEN r2" in text
    assert "no advice: the number was moved away from it" in text
    assert "PUT BACK" not in text
    assert f"  {ONLY_IF}:\n    1. " in text
    assert text.count("may be the broken one") == 1


@pytest.mark.parametrize(
    ("form", "title"), [("chat", f"{ONLY_IF}:"), ("markdown", f"**{ONLY_IF}**"), ("html", ONLY_IF)]
)
def test_so_does_the_card_in_each_format(program: Program, form: str, title: str) -> None:
    text = program.run("restore", "did_1", "--format", form).ended(0).stdout
    assert text.count("may be the broken one.") == 1
    assert text.index("may be the broken one.") < text.index("app_b")
    assert title in text
    assert 'class="side target"' not in text
    for advice in ("put back r2", "Put back: ", "PUT BACK", "To put it back", "Please put back"):
        assert advice not in text


def test_what_has_no_room_for_it_says_it_beside(program: Program) -> None:
    assert f"did_1: {LEAD}" in program.run("restore", "did_1", "--format", "plain").stderr
    (card,) = program.json("restore", "did_1")["dids"]
    assert card["target"]["confidence"] == "left"
    assert card["warnings"][0] == LEAD
    groups = program.run("restore", "--all", "--to", "2026-11-01T14:30Z").ended(0).stdout
    assert f"! did_1: {LEAD}" in groups


def test_what_a_failed_call_or_a_verdict_ended_is_no_routing_that_nobody_judged(
    sqlite_logbook: Logbook, program: Program
) -> None:
    said = "not judged yet: nobody has marked it good"
    sqlite_logbook.see("app_c")
    assert said in program.run("restore", "did_1", "--to", "r2").ended(0).stdout
    sqlite_logbook.judge("bad", 2)
    text = program.run("restore", "did_1", "--to", "r2").ended(0).stdout
    assert "marked bad by olga: " in text
    assert said not in text


def test_an_alert_says_that_it_is_a_return(tmp_path: Path) -> None:
    with Sandbox(KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        line = ("watch", "did_101", "--once", "--on-change", "printenv CHANGELOG_MESSAGE")
        for application in ("app_support", "app_maintenance", "app_support"):
            sandbox.move("did_101", application_id=application)
            ran = program.run(*line, "--json")
    assert '"returns_to":1' in ran.stdout.replace(" ", "")
    assert "(a return to r1)" in ran.stdout
    assert "It went back to an older routing. If nobody meant that: `changelog re" in ran.stdout
    assert "Put back: " not in ran.stdout


def test_a_verdict_stays_with_the_destination_that_was_judged(
    logbook: Logbook, tmp_path: Path
) -> None:
    logbook.see("app_a", destination="https://x.example")
    logbook.judge("good", 1)
    logbook.see("app_b")
    logbook.see("app_a")
    logbook.see("app_a", destination="https://y.example")
    program = Program(tmp_path / "home", key="", database=logbook.location)
    (card,) = program.json("restore", "did_1")["dids"]
    assert (card["current"]["verdict"], card["current"]["returns_to"]) == (None, None)
    assert "may_be_broken" not in card["warning_codes"]
    logbook.see("app_c")
    (card,) = program.json("restore", "did_1")["dids"]
    assert (card["target"]["revision"], card["target"]["confidence"]) == (4, "unconfirmed")
    standings = {other["revision"]: other["standing"] for other in card["alternatives"]}
    assert standings == {2: "unconfirmed", 3: "good"}
    program.run("check").ended(0)


def test_what_may_be_the_current_routing_is_neither_the_target_nor_seen_otherwise(
    logbook: Logbook, tmp_path: Path
) -> None:
    for application, destination in (
        *(("app_a", "https://x.example"), ("app_a", "https://y.example")),
        *(("app_b", None), ("app_a", None), ("app_a", "https://x.example")),
    ):
        logbook.see(application, destination=destination)
    program = Program(tmp_path / "home", key="", database=logbook.location)
    (card,) = program.json("restore", "did_1")["dids"]
    # r4 was taken for r2, and may have been r5 already: what was left is r3.
    assert (card["target"]["revision"], card["target"]["confidence"]) == (3, "left")
    assert card["changes"]
    assert [recent["revision"] for recent in card["recent"]] == [5, 3, 2]
    seen = {entry["revision"]: entry for entry in program.json("log", "did_1")["entries"]}
    assert card["since"]["not_before"] == seen[3]["last_seen_at"] == seen[5]["not_before"]
    assert program.json("list")["dids"][0]["not_before"] == card["since"]["not_before"]
    (view,) = logbook.rows("SELECT * FROM restore_target")
    assert (view["target_revision"], view["confidence"]) == (3, "left")
    (named,) = program.json("restore", "did_1", "--to", "r4")["dids"]
    assert (named["changes"], named["warning_codes"]) == ([], ["not_known_to_differ"])
    logbook.judge("bad", 3)
    (card,) = program.json("restore", "did_1")["dids"]
    assert card["target"]["destination"] == "https://y.example"


def test_what_was_not_read_is_neither_there_already_nor_judged(
    logbook: Logbook, tmp_path: Path
) -> None:
    logbook.see("app_a", destination="https://x.example")
    logbook.judge("good", 1)
    logbook.see("app_b", destination="https://b.example")
    logbook.see("app_a", destination=None)
    program = Program(tmp_path / "home", key="", database=logbook.location)
    (card,) = program.json("restore", "did_1", "--to", "r1")["dids"]
    assert card["already_there"]
    assert card["warning_codes"] == ["already_there_as_far_as_read"]
    said = program.run("restore", "did_1", "--to", "r1").ended(0).stdout
    assert "only application and mode are known to be as they were" in said
    logbook.see("app_c", destination="https://c.example")
    (card,) = program.json("restore", "did_1")["dids"]
    assert (card["target"]["revision"], card["target"]["confidence"]) == (3, "good")
    assert "good_as_far_as_read" in card["warning_codes"]


@pytest.fixture
def judged_unread(logbook: Logbook, tmp_path: Path) -> Program:
    """r1 was good, and the bad r3 may have been it: its destination was not read."""
    logbook.see("app_a", destination="https://x.example")
    logbook.judge("good", 1)
    logbook.see("app_b", destination="https://b.example")
    logbook.see("app_a")
    logbook.judge("bad", 3)
    logbook.see("app_b", destination="https://b.example")
    return Program(tmp_path / "home", key="", database=logbook.location)


def test_a_verdict_on_what_was_not_read_says_where_it_was_given_and_the_way_on(
    judged_unread: Program,
) -> None:
    told = "judged bad by olga on r3, whose destination was not read, so it may not be about that"
    ran = judged_unread.run("restore", "did_1").ended(5)
    assert f"{told} of r1: because" in ran.stdout
    assert "or: changelog restore did_1 --to r1" in ran.stdout
    assert "changelog mark did_1@r1 good -m 'WHY'" in ran.stdout
    (card,) = judged_unread.json("restore", "did_1")["dids"]
    assert card["skipped"][0]["reason"]["text"].startswith(told)
    asked = judged_unread.run("restore", "did_1", "--to", "r1").ended(0).stdout
    assert "r1 WAS JUDGED BAD by olga: because (said of r3, whose destination was not" in asked
    assert "judged bad: because (olga, 2026-11-01 12:17:00Z) (said of r3, whose" in asked


def test_so_does_a_call_and_a_good_verdict(logbook: Logbook, judged_unread: Program) -> None:
    logbook.judge("good", 3)
    (card,) = judged_unread.json("restore", "did_1", "--to", "good")["dids"]
    assert (card["target"]["revision"], card["target"]["destination"]) == (1, "https://x.example")
    assert any("r1 is good by what was said of r3" in text for text in card["warnings"])
    logbook.see("app_c")
    said = judged_unread.run("restore", "did_1").ended(0).stdout
    assert "Judged good: r1 app_a webhook https://x.example (--to r1)" in said
    logbook.hear("fail", 3)
    said = judged_unread.run("restore", "did_1", "--to", "r1").ended(0).stdout
    assert "THE LAST TEST CALL ON r1 FAILED" in said
    assert "(said of r3, whose destination was not read: it may have been another one)" in said
    # What was learned within one stay was the same all along.
    logbook.judge("bad", 5)
    logbook.see("app_c", destination="https://c.example")
    logbook.see("app_b", destination="https://b.example")
    said = judged_unread.run("restore", "did_1").ended(0).stdout
    assert "Left out r6 app_c webhook https://c.example: judged bad by olga: because" in said


@pytest.mark.parametrize("form", ["text", "chat", "markdown", "html", "plain", "csv"])
def test_there_already_is_said_as_far_as_it_was_read(
    logbook: Logbook, tmp_path: Path, form: str
) -> None:
    logbook.see("app_a", destination="https://x.example")
    logbook.see("app_b", destination="https://b.example")
    logbook.see("app_a", destination=None)
    program = Program(tmp_path / "home", key="", database=logbook.location)
    ran = program.run("restore", "did_1", "--to", "r1", "--format", form).ended(0)
    said = ran.stdout + ran.stderr
    assert "r3: only application and mode are known to be as they were." in said
    if form not in ("plain", "csv"):
        assert "as far as was read" in said


def test_a_return_that_was_not_read_whole_is_said_once_another_destination_is_learned(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    program.record("did_101")
    sandbox.move("did_101", application_id="app_sales")
    program.record("did_101")
    sandbox.move("did_101", application_id="app_support")
    sandbox.set_application("app_support", answer_url="https://moved.example/x")
    sandbox.fail(Fault("status", status=500), applications=True)
    program.run("verify", "did_101", "--to", "r1").ended(3)
    (card,) = program.json("restore", "did_101", "--offline")["dids"]
    assert "return_not_whole" not in card["warning_codes"]
    assert [skipped["revision"] for skipped in card["skipped"]] == [2]
    sandbox.clear_faults()
    said = program.run("restore", "did_101").ended(0).stdout
    alone = "THE RETURN TO r1 WAS VERIFIED BY APPLICATION AND MODE ALONE (r3), and r4"
    assert alone in said
    (card,) = program.json("restore", "did_101", "--offline")["dids"]
    # What was left on purpose is not offered; the way back is the address that was verified.
    assert (card["target"]["revision"], card["skipped"][0]["revision"]) == (1, 2)
    plain = program.run("restore", "did_101", "--offline", "--format", "plain").ended(0)
    assert alone in plain.stderr


def test_a_return_to_what_was_judged_bad_is_not_to_be_left_so(
    sqlite_logbook: Logbook, program: Program
) -> None:
    sqlite_logbook.judge("bad", 1)
    (card,) = program.json("restore", "did_1")["dids"]
    assert card["warning_codes"][:2] == ["may_be_broken", "current_judged_bad"]
    said = program.run("restore", "did_1").ended(0).stdout
    assert "You are back on r1 (seen so since 2026-11-01 15:00:00Z), and that routing was" in said
    assert "leave it so" not in said
    assert "! THE CURRENT ROUTING, r3, WAS JUDGED BAD by olga at 2026-11-01 1" in said
    assert "Z: because\n" in said
    plain = program.run("restore", "did_1", "--format", "plain").ended(0)
    assert "THE CURRENT ROUTING, r3, WAS JUDGED BAD by olga" in plain.stderr
    there = program.run("restore", "did_1", "--to", "r1").ended(0).stdout
    assert "WAS JUDGED BAD by olga" in there


def test_a_destination_that_was_read_before_the_return_says_when(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", api=sandbox)
    for application in ("app_support", "app_sales", "app_support"):
        sandbox.move("did_101", application_id=application)
        program.record("did_101")
        if application == "app_sales":
            sandbox.fail(Fault("status", status=500), applications=True)
    first = program.json("show", "did_101@r1")
    read = first["first_seen_at"][:19].replace("T", " ")
    said = program.run("restore", "did_101").ended(0).stdout
    assert (
        f"; the answer_url was {first['destination']} as of {read}Z (r1), not read since." in said
    )
    assert "never read" not in said


def test_a_verdict_on_an_older_revision_says_that_it_is_of_the_current_routing(
    program: Program,
) -> None:
    said = program.run("mark", "did_1@r1", "bad", "-m", "noise").ended(0).stdout
    assert said == "marked did_1 r1, app_a webhook [bad]: the current routing too (r3)\n"
    assert "too" not in program.run("mark", "did_1@r2", "bad", "-m", "noise").ended(0).stdout
    assert "too" not in program.run("mark", "did_1", "good", "-m", "fine").ended(0).stdout


def test_a_return_that_may_be_an_answer_overtaken_by_a_newer_one_says_so(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    for hours, application, updated in ((1, "app_a", 0), (2, "app_b", 2), (3, "app_a", 0)):
        moment = START + timedelta(hours=updated)
        at = START + timedelta(hours=hours)
        sqlite_logbook.see(application, at=at, updated_at=moment.isoformat())
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    said = "r3 MAY BE OLDER than r2: updated_at says 2026-11-01 12:00:00Z in it, and 2026-11-01 14"
    assert said in program.run("restore", "did_1").ended(0).stdout
    sqlite_logbook.see("app_b", at=START + timedelta(hours=4), updated_at=at.isoformat())
    assert "MAY BE OLDER" not in program.run("restore", "did_1").ended(0).stdout
