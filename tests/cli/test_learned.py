"""A destination that was only learned: shown so everywhere, and never as a change."""

from pathlib import Path

import pytest

from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.sandbox_faults import Fault, Sandbox

DID = "did_101"
APPLICATIONS_DOWN = Fault("status", status=500)


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Program:
    return Program(tmp_path / "home", api=sandbox, MINIVOICE_API_KEY=KEY)


def test_a_learned_destination_is_no_change_on_screen(program: Program, sandbox: Sandbox) -> None:
    sandbox.fail(APPLICATIONS_DOWN, applications=True)
    program.record(DID)
    sandbox.clear_faults()
    ran = program.run("record", DID).ended(0)
    line, summary = ran.stdout.splitlines()[:2]
    assert line.startswith(f"learned     {DID}")
    assert "destination learned: https://" in line
    assert "1 requested, 1 learned" in summary
    status = program.run("status").ended(0).stdout
    assert "learned since" in status
    assert "destination -" not in status
    card = program.run("restore", DID, "--offline").stdout
    assert "Since then only learned, not changed: destination https://" in card
    assert "Changed since then" not in card
    assert "destination learned: https://" in program.run("log", DID).stdout


def test_json_says_that_a_revision_began_and_no_routing_changed(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(APPLICATIONS_DOWN, applications=True)
    program.record(DID)
    sandbox.clear_faults()
    document = program.json("record", DID)
    (did,) = document["dids"]
    (change,) = did["changes"]
    assert (did["outcome"], did["revision"]) == ("changed", 2)
    assert (change["field"], change["before"], change["routing"]) == ("destination", None, False)
    assert document["counts"]["changed"] == 1
    assert "learned" not in document["counts"]


def test_a_stated_destination_is_stated_before_it_is_verified(
    logbook: Logbook, tmp_path: Path
) -> None:
    logbook.see(None, "sip", "sip:1@pbx.example")
    logbook.see(None, "sip", "sip:2@pbx.example")
    program = Program(tmp_path / "home", database=logbook.location)
    (card,) = program.json("restore", "did_1", "--offline")["dids"]
    state, call = card["steps"][-2:]
    assert "state it" in state
    assert call.startswith("Verify (below), then place a test call")


def test_times_to_come_are_said_on_the_card(logbook: Logbook, tmp_path: Path) -> None:
    logbook.see("app_a")
    logbook.see("app_b", did="did_2", number_e164="+15551230002")
    logbook.see("app_b", at=logbook.now.replace(year=2199))
    program = Program(tmp_path / "home", database=logbook.location)
    (card,) = program.json("restore", "did_1", "--offline")["dids"]
    assert "times_to_come" in card["warning_codes"]
    assert "THE LOG HOLDS TIMES TO COME" in program.run("restore", "did_1", "--offline").stdout
    plain = program.run("restore", "did_1", "--offline", "--format", "plain").ended(0)
    assert "did_1: THE LOG HOLDS TIMES TO COME of this DID, up to 2199-11-01" in plain.stderr
    other = program.run("restore", "did_2", "--offline", "--json").json["dids"][0]
    assert "times_to_come" not in other["warning_codes"]


def test_no_alert_calls_a_learned_destination_changed(program: Program, sandbox: Sandbox) -> None:
    watch = ("watch", DID, "--once", "--json")
    sandbox.fail(APPLICATIONS_DOWN, applications=True)
    program.run(*watch).ended(0)
    sandbox.clear_faults()
    ran = program.run(*watch).ended(0)
    assert '"event": "changed"' not in ran.stdout
    assert program.json("log", DID)["entries"][0]["revision"] == 2
    # What else changed with it is told.
    sandbox.add_did({"id": "did_8", "application_id": "app_sales", "route_mode": "webhook"})
    sandbox.fail(APPLICATIONS_DOWN, applications=True)
    program.record("did_8")
    program.run("watch", "did_8", "--once").ended(0)
    sandbox.clear_faults()
    sandbox.move("did_8", status="suspended")
    ran = program.run("watch", "did_8", "--once").ended(4)
    assert "destination learned: https://" in ran.stdout
    assert "suspended" in ran.stdout


def test_a_destination_that_was_not_read_is_no_change(logbook: Logbook, tmp_path: Path) -> None:
    logbook.see("app_a", destination="https://x.example")
    logbook.see("app_b", destination="https://b.example")
    logbook.see("app_a")
    program = Program(tmp_path / "home", database=logbook.location)
    for more in ((), ("--all-fields",), ("--field", "destination")):
        document = program.json("diff", "did_1", "--from", "r1", "--to", "r3", *more)
        assert document["dids"][0]["changes"] == []
    counts = program.json("diff", "--from", "2026-11-01T12:02Z", "--to", "latest")["counts"]
    assert (counts["changed"], counts["unchanged"]) == (0, 1)


def test_verify_expects_the_destination_that_the_stay_of_a_revision_learned(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(APPLICATIONS_DOWN, applications=True)
    program.record(DID)
    sandbox.clear_faults()
    program.record(DID)
    (learned,) = program.json("list")["dids"]
    elsewhere = "https://voice.example.com/another"
    sandbox.set_application(learned["application_id"], answer_url=elsewhere)
    program.record(DID)
    (verified,) = program.json("verify", DID, "--to", "r1", "--wait", "0s")["dids"]
    assert not verified["matches"]
    assert verified["expected"]["destination"] == learned["destination"]
