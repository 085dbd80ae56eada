"""Calls that were heard, and answers that a tag's capture read too late, beside a card."""

import json
import re
from datetime import timedelta

import pytest

from changelog.model.text.times import format_utc
from tests.logbook import DID, NUMBER, Logbook
from tests.program import Program

OTHER = "did_2"
OF_THE_TAG = "is not what the tag's capture read (received before a newer answer"


@pytest.fixture
def imported_late(live: Program) -> Program:
    """An import of an older answer under a tag: it shows another routing."""
    live.record("did_101")
    body = {"id": "did_101", "number_e164": NUMBER, "application_id": "app_old"}
    (live.home / "saved.json").write_text(json.dumps({**body, "route_mode": "webhook"}))
    live.run("import", "saved.json", "--at", "2026-11-01T00:00Z", "--tag", "backup").ended(0)
    return live


def test_a_tag_whose_capture_read_another_answer_too_late_is_no_all_clear(
    imported_late: Program,
) -> None:
    program = imported_late
    verified = program.run("verify", "did_101", "--to", "tag:backup").ended(3)
    assert f"r1 {OF_THE_TAG}; begins no revision: app_old webhook)" in verified.stdout
    card = program.run("restore", "did_101", "--to", "tag:backup").ended(0).stdout
    assert OF_THE_TAG in card
    otherwise = "but the answer then was another one, which is named above."
    assert f"Already there, as far as was seen then, {otherwise}" in card
    everything = program.run("restore", "--all", "--to", "tag:backup").ended(0).stdout
    assert "as far as was seen then: nothing to put back" in everything
    late = "the tag's capture read another answer, too late to begin a revision: did_101"
    assert late in everything
    assert OF_THE_TAG in program.run("list", "--at", "tag:backup").ended(0).stdout
    assert OF_THE_TAG in program.run("show", "did_101@tag:backup").ended(0).stdout


def test_a_fleet_claims_no_look_after_a_tag_that_nobody_made(
    logbook: Logbook, program: Program
) -> None:
    for did in (DID, OTHER):
        logbook.see("app_a", did=did, number_e164=None)
    capture = logbook.capture(tag="t")
    logbook.see("app_a", number_e164=None, capture=capture)
    logbook.miss("timeout", did=OTHER, capture=capture)
    capture.close()
    said = program.run("restore", "--all", "--to", "tag:t", "--offline").ended(0).stdout
    assert (
        f"1 DID is as other looks saw it. The tag's capture has no revision of it: {OTHER}" in said
    )


def test_a_call_that_went_elsewhere_after_the_last_look_is_a_warning(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    called_at = logbook.clock()
    logbook.hear("differs", 2, at=called_at)
    when = format_utc(called_at)
    for form in ((), ("--format", "chat")):
        said = program.run("restore", DID, "--offline", *form).ended(0).stdout
        assert f"a test call at {when}, after the last look, went elsewhere" in said
    plain = program.run("restore", DID, "--offline", "--format", "plain").ended(0)
    assert "after the last look, went elsewhere" in plain.stderr
    logbook.see("app_b")
    assert "went elsewhere" not in program.run("restore", DID, "--offline").stdout


def test_a_call_that_passed_on_the_current_routing_sets_it_apart(
    logbook: Logbook, program: Program
) -> None:
    for tag, application in (("v1:before", "app_a"), ("v1:after", "app_b")):
        capture = logbook.capture(tag=tag)
        for did in (DID, OTHER):
            logbook.see(application, did=did, number_e164=None, capture=capture)
        capture.close()
    logbook.hear("pass", 2)
    back = ("restore", "--all", "--to", "tag:v1:before", "--offline")
    said = program.run(*back).ended(0).stdout
    assert "2 of 2 DIDs differ from then: 1 to put back, 1 judged good" in said
    assert f"1 DID: {DID}, HEARD TO WORK as routed now" in said
    card = program.run("restore", DID, "--offline").ended(0).stdout
    assert "A TEST CALL PASSED on the current routing, r2" in card


def test_a_failed_call_on_what_is_already_there_is_a_warning(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    logbook.hear("fail", 2)
    there = program.run("restore", DID, "--to", "r2", "--offline").ended(0).stdout
    assert "THE LAST TEST CALL ON THE CURRENT ROUTING, r2, FAILED" in there
    assert "ON THE CURRENT ROUTING" not in program.run("restore", DID, "--offline").stdout


def test_a_number_and_its_did_are_judged_once(logbook: Logbook, program: Program) -> None:
    logbook.see("app_a")
    names = f"{DID}\n{NUMBER}\n{DID}@r1\n"
    document = program.run("note", "--file", "-", "-m", "why", "--json", stdin=names).ended(0).json
    assert [each["requested"] for each in document["dids"]] == [DID, f"{DID}@r1"]
    program.run("mark", DID, NUMBER, "good", "-m", "heard").ended(0)
    (entry,) = program.run("log", DID, "--json").json["entries"]
    assert len(entry["verdicts"]) == 1


def test_a_look_that_begins_a_log_says_that_there_was_none(live: Program) -> None:
    began = "there was no log at nowhere.db: this look began one. Is that the path?"
    line = ("restore", "did_101", "--db", "nowhere.db")
    assert began in live.run(*line).ended(5).stderr
    assert began not in live.run(*line).ended(5).stderr


def test_a_time_says_what_the_last_look_before_it_saw_instead(
    logbook: Logbook, program: Program
) -> None:
    slow = logbook.capture()
    logbook.see("app_a")
    received_at = logbook.clock()
    logbook.see("app_a")
    logbook.see("app_c")
    logbook.see("app_mid", at=received_at, capture=slow)
    slow.close()
    logbook.miss(404)
    hidden_at = logbook.now
    logbook.see("app_c")
    for moment, saw in ((received_at, "app_mid webhook"), (hidden_at, "a 404")):
        selector = format_utc(moment).replace(" ", "T")
        for line in (
            ("restore", DID, "--to", selector, "--offline"),
            ("show", f"{DID}@{selector}"),
        ):
            said = program.run(*line).ended(0).stdout
            assert re.search(rf"is not what the last look before then saw \(.*: {saw}\)", said)
    then = format_utc(received_at).replace(" ", "T")
    saw = f"not what the last look before then saw ({format_utc(received_at)}: app_mid webhook)"
    assert f"1 of 1 DID is {saw}: {DID}" in program.run("list", "--at", then).ended(0).stdout
    back = program.run("restore", "--all", "--to", then, "--offline").ended(0).stdout
    assert f"the last look before then saw another answer, too late to begin a revision: {DID}" in (
        back.splitlines()
    )
    before = format_utc(received_at - timedelta(seconds=1)).replace(" ", "T")
    assert "saw" not in program.run("list", "--at", before).ended(0).stdout


def test_one_time_for_answers_that_differ_is_said_to_give_them_no_order(live: Program) -> None:
    bodies = [{"id": DID, "application_id": f"app_{n}", "route_mode": "webhook"} for n in (1, 2)]
    (live.home / "both.json").write_text(json.dumps(bodies))
    (live.home / "one.json").write_text(json.dumps(bodies[:1] * 2))
    line = ("import", "--at", "2026-11-01T00:00Z")
    said = f"--at gives one time to answers that differ, so their order is not known: {DID}"
    assert said in live.run(*line, "both.json").ended(0).stderr
    assert "--at gives" not in live.run(*line, "one.json").ended(0).stderr
    assert "--at gives" not in live.run("import", "both.json").ended(0).stderr


def test_a_list_says_of_each_did_what_the_tags_capture_read_of_it(live: Program) -> None:
    live.record("did_101", "did_102")
    bodies = [
        {"id": did, "number_e164": f"+1555123000{n}", "application_id": f"app_{n}"}
        for n, did in ((1, "did_101"), (2, "did_102"))
    ]
    (live.home / "saved.json").write_text(json.dumps(bodies))
    live.run("import", "saved.json", "--at", "2026-11-01T00:00Z", "--tag", "backup").ended(0)
    said = live.run("list", "--at", "tag:backup").ended(0).stdout
    for n, did in ((1, "did_101"), (2, "did_102")):
        assert re.search(rf"1 of 2 DIDs {re.escape(OF_THE_TAG)}.*: app_{n} no mode\): {did}", said)
