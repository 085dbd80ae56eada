"""Destinations that no look shows, numbers that moved, and changes that came in several steps."""

import re

import pytest

from tests.logbook import DID, NUMBER, Logbook
from tests.program import Program
from tests.sandbox_faults import Sandbox

SIP = {"application_id": None, "route_mode": "sip"}
WEBHOOK = {"application_id": "app_sales", "route_mode": "webhook"}
FIRST, SECOND = "did_101", "did_102"


@pytest.fixture
def stated(live: Program, sandbox: Sandbox) -> Program:
    """Two DIDs of a mode whose destination the API does not show; one went away and came back."""
    sandbox.move(FIRST, **SIP)
    sandbox.move(SECOND, **SIP)
    live.record(FIRST, "--destination", "sip:one@pbx")
    live.record(SECOND, "--destination", "sip:two@pbx")
    live.record("--all", "--tag", "one")
    sandbox.move(FIRST, **WEBHOOK)
    live.record(FIRST)
    sandbox.move(FIRST, **SIP)
    return live


def test_no_fleet_is_as_it_was_by_destinations_that_no_look_shows(stated: Program) -> None:
    remark = f"no look shows the destination of {FIRST}, {SECOND}: it may have changed"
    back = ("restore", "--all", "--to", "tag:one")
    said = stated.run(*back).ended(0).stdout
    assert "the routing that it had then, as far as was read: nothing to put back" in said
    assert remark in said
    assert remark in stated.run(*back, "--format", "plain").ended(0).stderr
    document = stated.run(*back, "--json").ended(0).json
    assert (document["remarks"], document["destinations_unread"]) == ([remark], True)


def test_what_is_expected_there_is_compared_with_what_was_stated(stated: Program) -> None:
    expected = ("verify", SECOND, "--destination")
    found = stated.run(*expected, "sip:two@pbx").ended(0).stdout
    assert "match  did_102" in found
    assert "not compared: destination, which is as it was stated" in found
    document = stated.run(*expected, "sip:two@pbx", "--json").ended(0).json["dids"][0]
    assert (document["matches"], document["not_compared"]) == (True, ["destination"])
    refused = stated.run(*expected, "sip:three@pbx").ended(3).stdout
    assert "state it and verify again: changelog record did_102 --destination URI" in refused
    stated.record(SECOND, "--destination", "sip:three@pbx")
    stated.run(*expected, "sip:three@pbx").ended(0)


def test_a_deploy_compares_what_it_expects_there_with_what_was_stated(stated: Program) -> None:
    for tag, uri, code in (("d1", "sip:two@pbx", 0), ("d2", "sip:three@pbx", 3)):
        file = stated.home / "expected.csv"
        file.write_text(f"did,application_id,route_mode,destination\n{SECOND},,sip,{uri}\n")
        line = ("deploy", "--tag", tag, "--expect", str(file), "--", "true")
        stated.run(*line).ended(code)


def test_a_comparison_with_live_says_which_destinations_the_look_did_not_show(
    stated: Program,
) -> None:
    sides = ("diff", "--from", "tag:one", "--to", "live")
    not_shown = "the look did not show the destination of"
    said = stated.run(*sides, "--exit-code").ended(0).stdout
    assert f"{not_shown} {FIRST}, {SECOND}: it is as the log has it, and may have changed" in said
    alone = stated.run(*sides, SECOND).ended(0).stdout
    assert f"{not_shown} {SECOND}: it is as the log has it, and may have changed" in alone
    assert "unchanged (r1 → r1), its destination not read now" in alone


def test_a_list_says_which_destinations_were_stated(stated: Program) -> None:
    said = f"1 DID: the destination was stated, and no look shows it: {SECOND}"
    assert said in stated.run("list").ended(0).stdout
    assert said in stated.run("list", "sip:two@pbx").ended(0).stdout
    assert said in stated.run("list", "--format", "csv").ended(0).stderr
    assert said in stated.run("diff").ended(0).stdout
    assert "stated" not in stated.run("list", "--route-mode", "webhook").ended(0).stdout


def test_a_routing_is_not_said_to_reach_nobody_where_a_look_did_not_show_its_destination(
    live: Program, sandbox: Sandbox
) -> None:
    sandbox.move(FIRST, **SIP)
    live.record(FIRST, "--destination", "sip:old@pbx")
    live.record(FIRST, "--destination", "sip:new@pbx")
    live.run("mark", FIRST, "good", "-m", "heard").ended(0)
    for where in (WEBHOOK, SIP, WEBHOOK):
        sandbox.move(FIRST, **where)
        live.record(FIRST)
    ran = live.run("restore", FIRST).ended(0)
    assert re.search(r"CURRENT r5 +PUT BACK r4", ran.stdout)
    assert "the destination of r4 was not read: as r2 it was sip:new@pbx" in ran.stdout
    assert "reaches nobody" not in ran.stdout
    (card,) = live.run("restore", FIRST, "--json").json["dids"]
    assert (card["target"]["revision"], card["target"]["confidence"]) == (4, "good")


def test_a_verdict_on_another_destination_is_said_to_be_one(
    live: Program, sandbox: Sandbox
) -> None:
    sandbox.move(FIRST, **SIP)
    for destination, verdict in (("sip:good@pbx", "good"), ("sip:bad@pbx", "bad")):
        live.record(FIRST, "--destination", destination)
        live.run("mark", FIRST, verdict, "-m", "heard").ended(0)
    for where in (WEBHOOK, SIP):
        sandbox.move(FIRST, **where)
        live.record(FIRST)
    said = live.run("restore", FIRST).ended(0).stdout
    assert "THE CURRENT ROUTING, r4, WAS JUDGED BAD" in said
    assert "(said of r2; the destination was not read now: it may be another one)" in said


@pytest.mark.parametrize("count", [25, 15])
def test_an_alert_of_several_steps_puts_back_what_it_says_was_before(
    count: int, live: Program, sandbox: Sandbox
) -> None:
    dids = [f"did_{number:02}" for number in range(count)]

    def see(application: str) -> None:
        for did in dids:
            sandbox.add_did({"id": did, "application_id": application, "route_mode": "webhook"})
        live.record(*dids)

    see("app_support")
    live.run("watch", "--all", "--once")
    see("app_sales")
    see("app_maintenance")
    said = live.run("watch", "--all", "--once").stdout
    assert "application_id app_support → app_maintenance" in said
    assert f"{count} DIDs changed more than once, or again since" in said
    (command,) = re.findall("Put back: changelog (restore .*)", said)
    cards = live.run(*command.split(), "--offline", "--json").ended(0).json["dids"]
    assert {card["target"]["application_id"] for card in cards} == {"app_support"}
    assert {card["did"] for card in cards} == {*dids}


@pytest.mark.usefixtures("no_backoff")
def test_an_alert_of_one_step_names_the_rule(logbook: Logbook, program: Program) -> None:
    dids = [f"did_{number:02}" for number in range(12)]
    for did in dids:
        logbook.see("app_support", did=did, number_e164=None)
    program.run("watch", "--all", "--once")
    for did in dids:
        logbook.see("app_sales", did=did, number_e164=None, status="y")
        logbook.see("app_sales", did=did, number_e164=None, status="z")
    said = program.run("watch", "--all", "--once").stdout
    assert "more than once" not in said
    (command,) = re.findall("Put back: changelog (restore .*)", said)
    assert "--to" not in command


def test_a_number_that_another_did_had_then_is_not_said_to_be_as_it_was(
    logbook: Logbook, program: Program
) -> None:
    logbook.see("app_support")
    logbook.see("app_sales", did="did_2", number_e164="+15551230002")
    logbook.writer.add_tag("one", logbook.clock(), "olga")
    logbook.see("app_support", number_e164="+15550009")
    logbook.see("app_sales", did="did_2")
    logbook.see("app_maintenance", number_e164="+15550009")
    moved = f"{NUMBER} was the number of {DID} then and is that of did_2 now"
    back = ("restore", NUMBER, "--to", "tag:one", "--offline")
    said = program.run(*back).ended(0).stdout
    assert moved in said
    assert "its number was another one then, which no routing brings back" in said
    assert program.run(*back, "--format", "chat").ended(0).stdout.count(moved) == 1
    assert program.run(*back, "--format", "markdown").ended(0).stdout.count(moved) == 1
    assert program.run(*back, "--format", "html").ended(0).stdout.count(moved) == 1
    assert moved in program.run(*back, "--format", "plain").ended(0).stderr
    assert program.run(*back, "--json").json["moved_numbers"] == [
        {"number": NUMBER, "then": DID, "now": "did_2"}
    ]
    assert moved not in program.run("restore", "did_2", "--to", "tag:one", "--offline").stdout
    shown = program.run("show", f"{NUMBER}@tag:one").ended(0).stdout
    assert re.search(rf"number then +{re.escape(NUMBER)} was that of {DID}\n", shown)
    compared = program.run("diff", NUMBER, "--from", "tag:one").ended(0).stdout
    assert f"{NUMBER} was the number of {DID} then, and is compared as did_2" in compared
    # What it had when the number was its own.
    now = program.run("restore", NUMBER, "--offline").stdout
    assert f"{DID} carried {NUMBER} too, last to app_support webhook" in now
