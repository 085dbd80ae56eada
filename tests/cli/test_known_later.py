"""A routing that was seen without its destination, which was learned later: every answer of what it
was says the destination, and from when on it is known."""

from pathlib import Path
from typing import Any

import pytest

from changelog.model.answers import Applications
from changelog.store.location import Location
from tests.html_page import Page
from tests.logbook import DID, Logbook
from tests.program import Json, Program
from tests.sandbox_faults import Fault, Sandbox

FIRST, MOVED = "https://a.example/first", "https://a.example/moved"
LEARNED_AT = "2026-11-01T12:07:00.000000Z"
LATER = "known only from 2026-11-01 12:07:00Z on"
BEFORE = "2026-11-01T12:05Z"
WARNING = f"the answer_url of r1 was not read then: it is {LATER}"


def look(logbook: Logbook, url: str | None, application: str = "app_a", **more: Any) -> None:
    """See the DID in a capture that read where its application answers, or could not."""
    urls = {} if url is None else {application: url}
    read = Applications(urls, "could not be read" if url is None else None)
    capture = logbook.capture(applications=read)
    logbook.see(application, capture=capture, **more)
    capture.close()


@pytest.fixture
def learned(logbook: Logbook) -> Logbook:
    """r1 without its destination, and r2 with it, a minute after each capture began."""
    look(logbook, None)
    look(logbook, FIRST)
    return logbook


def card(program: Program, *more: str) -> Json:
    (only,) = program.json("restore", DID, "--offline", *more)["dids"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize("to", ["r1", BEFORE, "tag:then"])
def test_the_steps_set_back_the_destination_that_was_learned_later(
    learned: Logbook, program: Program, to: str
) -> None:
    program.run("tag", "then", "--at", BEFORE).ended(0)
    look(learned, MOVED)
    found = card(program, "--to", to)
    target = found["target"]
    assert (target["revision"], target["destination"]) == (1, FIRST)
    assert target["destination_known_from"] == LEARNED_AT
    assert [change["field"] for change in found["changes"]] == ["destination"]
    assert f"Set the answer_url of application app_a back to {FIRST}." in found["steps"]
    assert "destination_known_later" in found["warning_codes"]
    plain = program.run("restore", DID, "--offline", "--to", to, "--format", "plain").ended(0)
    assert plain.stdout.rstrip("\n").endswith(f"app_a\twebhook\t{FIRST}")
    assert WARNING in plain.stderr
    for form in ("text", "chat", "markdown", "html"):
        said = program.run("restore", DID, "--offline", "--to", to, "--format", form).stdout
        assert WARNING in (Page(said).text if form == "html" else said), form


def test_already_there_says_how_far_it_was_read(learned: Logbook, program: Program) -> None:
    assert learned.history().latest.revision == 2
    said = program.run("restore", DID, "--offline", "--to", "r1").ended(0).stdout
    assert ", as far as was read: nothing to put back." in said
    assert WARNING in said


def test_show_log_diff_and_verify_say_the_same_of_it(learned: Logbook, program: Program) -> None:
    look(learned, MOVED)
    shown = program.json("show", f"{DID}@r1")
    entry = program.json("log", DID)["entries"][-1]
    for answer in (shown, entry):
        assert (answer["destination"], answer["destination_known_from"]) == (FIRST, LEARNED_AT)
    assert shown["destination_seen_at"] is None
    for command in (("show", f"{DID}@r1"), ("log", DID)):
        assert f"app_a webhook {FIRST} (answer_url {LATER})" in program.run(*command).stdout
    assert f"(answer_url {LATER})" in program.run("note", f"{DID}@r1", "-m", "seen").stdout
    for selection in ((DID, "--from", "r1"), ("--from", BEFORE)):
        (did,) = program.json("diff", *selection)["dids"]
        (change,) = did["changes"]
        assert (change["before"], change["after"], change["routing"]) == (FIRST, MOVED, True)
        assert did["from_destination_known_from"] == LEARNED_AT
        assert did["to_destination_known_from"] is None
        said = program.run("diff", *selection).stdout
        assert f"{DID} r1: its destination was not read then, and is {LATER}" in said


def test_list_at_a_moment_says_when_the_destination_was_learned(
    learned: Logbook, program: Program
) -> None:
    look(learned, MOVED)
    (row,) = program.json("list", "--at", BEFORE)["dids"]
    assert (row["revision"], row["destination"]) == (1, FIRST)
    assert row["destination_known_from"] == LEARNED_AT
    later = f"{DID}: its destination was not read then, and is {LATER}"
    assert later in program.run("list", "--at", BEFORE).stdout
    assert later in program.run("list", "--at", BEFORE, "--format", "plain").stderr
    for text, found in (("a.example/first", [DID]), (FIRST, [DID]), ("moved", []), (DID, [DID])):
        rows = program.json("list", text, "--at", BEFORE)["dids"]
        assert [row["did"] for row in rows] == found, text
    (row,) = program.json("list")["dids"]
    assert (row["destination"], row["destination_known_from"]) == (MOVED, None)


def test_what_was_never_learned_in_its_stay_stays_unknown(
    learned: Logbook, program: Program
) -> None:
    look(learned, "https://b.example/x", "app_b")
    look(learned, None)
    look(learned, "https://b.example/x", "app_b")
    for revision, destination in ((1, FIRST), (4, None)):
        shown = program.json("show", f"{DID}@r{revision}")
        assert shown["destination"] == destination, revision
    fourth = learned.history().revisions[3].first_seen_at
    (row,) = program.json("list", "--at", fourth.isoformat())["dids"]
    assert (row["revision"], row["destination"], row["destination_known_from"]) == (4, None, None)
    assert card(program, "--to", "r4")["target"]["destination"] is None


def test_a_change_before_it_was_learned_is_no_change_of_the_destination(
    logbook: Logbook, program: Program
) -> None:
    look(logbook, None)
    look(logbook, None, status="suspended")
    look(logbook, FIRST, status="suspended")
    shown = program.json("show", f"{DID}@r2")
    assert [change["field"] for change in shown["changes"]] == ["status"]
    assert "learned" not in shown["state"]
    (did,) = program.json("diff", DID, "--from", "r1", "--to", "r2")["dids"]
    assert [change["field"] for change in did["changes"]] == ["status"]
    assert "learned" in program.json("show", f"{DID}@r3")["state"]


def test_a_destination_that_was_learned_is_shown_and_makes_no_difference(
    learned: Logbook, program: Program
) -> None:
    for selection in ((DID,), (DID, "--from", "r1"), ("--from", BEFORE)):
        document = program.run("diff", *selection, "--exit-code", "--json").ended(0).json
        counts = document["counts"]
        assert (counts["changed"], counts["unchanged"], counts["learned"]) == (0, 1, 1)
        (change,) = document["dids"][0]["changes"]
        assert (change["before"], change["after"], change["routing"]) == (None, FIRST, False)
        said = program.run("diff", *selection, "--exit-code").ended(0).stdout
        assert f"destination learned: {FIRST}" in said
        assert "0 changed, 1 unchanged, 1 of these learned a destination" in said
    csv = program.run("diff", DID, "--format", "csv").stdout
    assert f"{DID},+15551230001,1,2,learned,destination," in csv
    look(learned, FIRST, status="suspended")
    document = program.run("diff", "--from", BEFORE, "--exit-code", "--json").ended(4).json
    assert (document["counts"]["changed"], document["counts"]["learned"]) == (1, 0)


def test_a_fleet_that_is_as_it_was_says_where_no_destination_was_read_then(
    learned: Logbook, program: Program
) -> None:
    assert learned.history().latest.revision == 2
    every = ("restore", "--all", "--offline", "--to", BEFORE)
    assert program.json(*every)["known_only_later"] == [DID]
    said = "1 DID is as then by application and mode: the destination was not read then"
    assert said in program.run(*every).stdout
    assert "from what it was then, as far as was read then" in program.run(*every).stdout
    assert said in program.run(*every, "--format", "plain").stderr
    look(learned, MOVED)
    assert program.json(*every)["known_only_later"] == []


def test_a_verdict_says_that_the_destination_was_learned_after_it(
    logbook: Logbook, program: Program
) -> None:
    look(logbook, None)
    logbook.judge("good", 1)
    look(logbook, FIRST)
    look(logbook, MOVED)
    found = card(program)
    assert (found["target"]["revision"], found["target"]["confidence"]) == (2, "good")
    assert "good_of_unread" not in found["warning_codes"]
    said = program.run("restore", DID, "--offline").stdout
    given = "(said of r1, whose answer_url is known only from 2026-11-01 12:08:00Z on)"
    assert given in said
    logbook.judge("bad", 1)
    assert given not in program.run("restore", DID, "--offline").stdout


def test_what_is_left_out_as_bad_says_that_its_destination_was_learned_later(
    logbook: Logbook, program: Program
) -> None:
    look(logbook, None)
    logbook.judge("bad", 1)
    look(logbook, FIRST)
    look(logbook, MOVED)
    said = program.run("restore", DID, "--offline").ended(5).stdout
    given = "(said of r1, whose answer_url is known only from 2026-11-01 12:08:00Z on)"
    assert f"judged bad by olga: because {given}" in said


def test_a_tag_whose_capture_could_not_read_what_was_learned_later(
    live: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=403), applications=True)
    live.record("did_101", "--tag", "then")
    sandbox.clear_faults()
    live.record("did_101")
    sandbox.move("did_101", application_id="app_sales")
    live.record("did_101")
    back = ("--to", "tag:then", "--offline")
    (one,) = live.run("restore", "did_101", *back, "--json").ended(0).json["dids"]
    (every,) = live.run("restore", "--all", *back, "--json").ended(0).json["dids"]
    for found in (one, every):
        target = found["target"]
        assert target["application_id"] == "app_support"
        assert target["destination"].startswith("https://")
        assert target["destination_known_from"] is not None
        # It is the destination of a later look, and of no earlier one.
        assert not found["destination_not_read"]
    listed = live.run("list", "--at", "tag:then").ended(0)
    assert "known only from" in listed.stdout
    assert "any shown was known before" not in listed.stdout + listed.stderr
    assert live.run("show", "did_101@tag:then", "--json").ended(0).json["revision"] == 1
    live.run("verify", "did_101", "--to", "tag:then").ended(4)
    live.run("mark", "did_101@tag:then", "good", "-m", "heard").ended(0)


def test_looks_that_did_not_read_the_destination_say_so(logbook: Logbook, program: Program) -> None:
    look(logbook, FIRST)
    look(logbook, None)
    logbook.see("app_a", "reject")
    logbook.miss(500)
    snapshots = program.json("log", DID, "--snapshots")["snapshots"]
    assert [seen["destination_read"] for seen in snapshots] == [None, None, False, True]
    lines = program.run("log", "--snapshots").stdout.splitlines()
    assert [line.endswith("read without its destination") for line in lines] == [
        *(False, False, True, False)
    ]
    shown = program.json("show", f"{DID}@r1")
    assert shown["destination_seen_at"] == "2026-11-01T12:02:00.000000Z"
    assert [seen["destination_read"] for seen in shown["recent_snapshots"]] == [
        *(None, None, False, True)
    ]
    said = program.run("show", f"{DID}@r1").stdout
    assert "destination seen  last 2026-11-01 12:02:00Z, and not read since" in said
    assert "r1 without its destination" in said


def test_list_says_where_the_last_look_did_not_read_the_destination(
    logbook: Logbook, program: Program
) -> None:
    look(logbook, FIRST)
    look(logbook, FIRST, did="did_2", number_e164="+15551230002")
    look(logbook, None)
    rows = program.json("list")["dids"]
    assert [row["destination_read"] for row in rows] == [False, True]
    assert [row["destination_seen_at"] for row in rows] == ["2026-11-01T12:02:00.000000Z", None]
    seen = "which is as of 2026-11-01 12:02:00Z"
    said = f"1 DID: the last look did not read the destination, {seen}: {DID}"
    assert said in program.run("list").stdout
    assert said in program.run("list", "--format", "plain").stderr
    look(logbook, FIRST)
    assert "did not read" not in program.run("list").stdout


def test_a_destination_that_no_look_read_is_shown_as_never_read(
    logbook: Logbook, program: Program
) -> None:
    look(logbook, None)
    assert "destination seen  never read" in program.run("show", DID).stdout
    assert program.json("show", DID)["recent_snapshots"][0]["destination_read"] is False


def test_a_destination_of_a_body_is_as_old_as_the_last_body_that_shows_it(
    sandbox: Sandbox, location: Location, tmp_path: Path
) -> None:
    """Another machine reads the field, this one does not: the destination is carried on."""
    settings = tmp_path / "settings.toml"
    settings.write_text('destination_fields = ["sip_uri"]\n')
    program = Program(tmp_path / "home", api=sandbox, database=location)
    other = {"CHANGELOG_CONFIG": str(settings)}
    body = {"id": DID, "number_e164": "+15551230009", "route_mode": "sip"}
    sandbox.add_did({**body, "sip_uri": "sip:1@pbx.example"})
    program.run("record", DID, environment=other).ended(0)
    seen_at = program.json("show", DID)["last_seen_at"]
    sandbox.add_did({**body, "sip_uri": "sip:1@pbx.example.org"})
    program.run("record", DID).ended(0)
    shown = program.json("show", DID)
    assert (shown["destination"], shown["destination_seen_at"]) == ("sip:1@pbx.example", seen_at)
    assert [seen["destination_read"] for seen in shown["recent_snapshots"]] == [False, True]


def test_a_diff_with_the_live_route_says_where_it_did_not_read_the_destination(
    sandbox: Sandbox, location: Location, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", api=sandbox, database=location)
    program.record("did_101")
    sandbox.fail(Fault("status", status=500), applications=True)
    diff = ("diff", "did_101", "--to", "live")
    assert program.json(*diff)["dids"][0]["destination_unread"] is True
    assert "unchanged (r1 → r1), its destination not read now" in program.run(*diff).stdout
    sandbox.clear_faults()
    assert program.json(*diff)["dids"][0]["destination_unread"] is False
    assert "not read now" not in program.run(*diff).stdout
