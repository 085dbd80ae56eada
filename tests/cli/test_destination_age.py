"""A destination that was not read is not live: each answer says how old it is."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from changelog.store.location import Location
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox

MOVED = "https://voice.example.com/moved"
GONE = "application app_support is not among those that /applications lists"


@pytest.fixture
def program(sandbox: Sandbox, location: Location, tmp_path: Path) -> Program:
    """Two DIDs of one application, whose answer_url was moved after the tag, and a third one."""
    made = Program(tmp_path / "home", api=sandbox, database=location)
    made.record("did_101", "did_102", "did_104", "--tag", "pre")
    sandbox.set_application("app_support", answer_url=MOVED)
    made.record("did_101", "did_102", "did_104")
    return made


def card_of(program: Program, *more: str) -> dict[str, object]:
    (card,) = program.json("restore", "did_101", *more)["dids"]
    assert isinstance(card, dict)
    return card


def test_a_destination_read_with_the_did_is_as_old_as_that(program: Program) -> None:
    card = card_of(program)
    assert card["destination_as_of"] == card["as_of"]
    assert "The live route was read and recorded at " in program.run("restore", "did_101").stdout


def test_one_that_was_not_read_says_when_it_was(program: Program, sandbox: Sandbox) -> None:
    read_at = card_of(program)["as_of"]
    sandbox.fail(Fault("status", status=403), applications=True)
    assert card_of(program)["destination_as_of"] == read_at
    said = program.run("restore", "did_101").ended(0).stdout
    assert "Application and mode were read and recorded at " in said
    assert "; answer_url as of 20" in said
    assert ", not read now." in said
    assert ", not read now." in program.run("restore", "did_101", "--offline").stdout


def test_a_fleet_whose_destinations_were_not_compared_is_not_said_to_match_whole(
    program: Program, sandbox: Sandbox
) -> None:
    read_at = card_of(program)["as_of"]
    sandbox.fail(Fault("status", status=403), applications=True)
    ran = program.run("verify", "--all", "--to", "latest").ended(3)
    told = "the destination of 3 DIDs of these was not compared: did_101, did_102, did_104"
    assert ["3 verified: 3 match", told] == ran.stdout.splitlines()[-3:-1]
    document = program.run("verify", "--all", "--to", "latest", "--json").ended(3).json
    assert document["not_compared_whole"] == ["did_101", "did_102", "did_104"]
    fleet = program.run("restore", "--all", "--to", "tag:pre").ended(0).stdout
    (kept,) = re.findall("; answer_urls are those of the log, as of (.*) or later", fleet)
    # Others were read a moment before.
    before = datetime.fromisoformat(str(read_at)) - datetime.fromisoformat(kept)
    assert before < timedelta(seconds=5)


@pytest.mark.parametrize("url", [None, ""])
def test_an_application_listed_without_an_answer_url_was_not_read(
    program: Program, sandbox: Sandbox, url: str | None
) -> None:
    program.run("diff", "did_101", "--from", "r2", "--to", "live", "--exit-code").ended(0)
    sandbox.set_application("app_support", answer_url=url)
    said = program.run("record", "did_101").ended(0).stdout
    assert "remark: application app_support is listed without an answer_url" in said
    card = program.run("restore", "did_101").ended(0).stdout
    # It was read, and says so; only the address is an older one.
    assert f"! application app_support is listed without an answer_url now: it had {MOVED}" in card
    assert "; answer_url as of 20" in card
    assert "not read now" not in card
    program.run("verify", "did_101", "--to", "r2").ended(3)
    diff = program.run("diff", "did_101", "--from", "r2", "--to", "live", "--exit-code").ended(3)
    assert "unchanged (r2 → r2), its destination not read now" in diff.stdout
    fleet = program.run("restore", "--all", "--to", "latest").ended(0).stdout
    assert "nothing to put back but for answer_urls, which were not read" in fleet


def test_a_destination_in_the_body_is_read_whatever_the_list_shows(
    sandbox: Sandbox, location: Location, tmp_path: Path
) -> None:
    settings = tmp_path / "changelog.toml"
    settings.write_text('destination_fields = ["sip_uri"]\n')
    program = Program(
        tmp_path / "home", api=sandbox, database=location, CHANGELOG_CONFIG=str(settings)
    )
    sandbox.move("did_101", sip_uri="sip:a@pbx")
    sandbox.set_application("app_support", answer_url=None)
    assert "remark" not in program.run("record", "did_101", "--tag", "b").ended(0).stdout
    assert "NOT READ" not in program.run("list", "--at", "tag:b").ended(0).stdout
    program.run("diff", "--from", "tag:b", "--to", "live", "--exit-code").ended(0)
    fleet = program.run("restore", "--all", "--to", "tag:b").ended(0).stdout
    assert "has the routing that it had then: nothing to put back" in fleet


def test_a_change_to_a_destination_that_the_look_did_not_show_is_remarked(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=500), applications=True)
    sides = ("diff", "did_101", "--from", "tag:pre", "--to", "live")
    not_shown = "did not show the destination of did_101: it is as the log has it, and may have"
    for form in ("text", "markdown", "chat"):
        shown = program.run(*sides, "--format", form).ended(0).stdout
        assert not_shown in shown
    assert not_shown in program.run(*sides, "--format", "csv").ended(0).stderr
    program.run(*sides, "--exit-code").ended(3)


def test_another_application_with_nearly_the_same_id_counts_for_nothing(
    program: Program, sandbox: Sandbox
) -> None:
    """In a pattern, an underscore would stand for any character."""
    sandbox.add_did({"id": "did_x", "application_id": "appXsupport", "route_mode": "webhook"})
    program.record("did_101", "did_x")
    read_at = card_of(program, "--offline")["as_of"]
    assert card_of(program, "--offline")["destination_as_of"] == read_at


def test_verify_ends_with_3_where_it_could_not_be_read(program: Program, sandbox: Sandbox) -> None:
    program.run("verify", "did_101", "--to", "latest").ended(0)
    sandbox.fail(Fault("status", status=403), applications=True)
    ran = program.run("verify", "did_101", "--to", "latest").ended(3)
    assert "not compared: destination" in ran.stdout
    assert "remark: applications could not be read: forbidden" in ran.stdout
    program.run("verify", "did_101", "--to", "r1").ended(3)


def test_a_fleet_has_no_all_clear_where_destinations_were_not_read(
    program: Program, sandbox: Sandbox
) -> None:
    program.run("tag", "now").ended(0)
    line = ("restore", "--all", "--to", "tag:now")
    assert "the routing that it had then: nothing to put back" in program.run(*line).stdout
    sandbox.fail(Fault("status", status=403), applications=True)
    for form in ("text", "markdown", "chat", "plain"):
        ran = program.run(*line, "--format", form).ended(0)
        said = ran.stdout + ran.stderr
        assert "but for answer_urls, which were not read" in said
        assert "applications could not be read: forbidden" in said
    assert program.json(*line)["destinations_unread"] is True


def test_an_application_that_is_listed_no_more_is_named(program: Program, sandbox: Sandbox) -> None:
    sandbox.remove_application("app_support")
    said = program.run("restore", "did_101").ended(0).stdout
    assert f"! {GONE} now" in said
    assert f"! {GONE}, as of 20" in program.run("restore", "did_101", "--offline").stdout
    assert f"remark: {GONE}" in program.run("diff", "--to", "live").ended(0).stdout
    assert f"remark: {GONE}" in program.run("watch", "--all", "--once").ended(0).stderr
    assert f"{GONE}: 2 DIDs" in program.run("restore", "--all", "--to", "tag:pre").stdout
    assert GONE not in program.run("restore", "did_104").stdout
    program.run("record", "--all").ended(0)
    assert f"the last capture remarks: {GONE}" in program.run("status").ended(0).stdout
    assert program.json("status")["last_capture"]["remarks"] == [GONE]


def test_a_retired_did_is_left_out_of_a_look_at_all_and_counted(program: Program) -> None:
    program.run("mark", "did_104", "retired", "-m", "sold").ended(0)
    ran = program.run("diff", "--to", "live").ended(0)
    assert ran.stdout.endswith("2 compared: 0 changed, 2 unchanged, 1 retired, left out\n")
    assert program.json("diff", "--to", "live")["counts"]["retired"] == 1
    assert program.json("diff", "did_104", "--to", "live")["counts"]["retired"] == 0


@pytest.mark.parametrize(
    "line",
    ["record did_101", "restore --all --to 1h --live", "watch --all --once", "diff --to live"],
)
def test_any_look_lets_a_later_card_know_that_the_targets_application_is_listed_no_more(
    program: Program, sandbox: Sandbox, line: str
) -> None:
    sandbox.move("did_101", application_id="app_sales")
    program.record("did_101")
    sandbox.remove_application("app_support")
    assert card_of(program, "--offline")["gone_applications"] == []
    program.run(*line.replace("1h", "tag:pre").split())
    assert card_of(program, "--offline")["gone_applications"] == ["app_support"]
    said = program.run("restore", "did_101", "--offline").ended(0).stdout
    assert f"! {GONE}, as of 20" in said
    assert "Application app_support is not listed: see that it exists and answers at http" in said
    # A look that could not read the applications says nothing of it, and takes nothing back.
    sandbox.fail(Fault("status", status=403), applications=True)
    program.record("did_101")
    assert said.count(GONE) == program.run("restore", "did_101").stdout.count(GONE) == 1
    sandbox.clear_faults()
    sandbox.set_application("app_support", answer_url=MOVED)
    program.record("did_104")
    assert GONE not in program.run("restore", "did_101", "--offline").stdout
    assert GONE not in program.run("restore", "did_101").stdout


def test_a_step_that_moves_other_dids_says_so(program: Program, sandbox: Sandbox) -> None:
    """The target's application answers elsewhere today, and carries another DID."""
    sandbox.move("did_101", application_id="app_sales")
    sandbox.set_application("app_support", answer_url="https://voice.example.com/v2")
    program.record("--all")
    found = card_of(program, "--offline")
    assert f"Set the answer_url of application app_support back to {MOVED}." in str(found["steps"])
    assert found["also_moved"] == 1
    said = program.run("restore", "did_101", "--offline").ended(0).stdout
    assert "! the answer_url of application app_support carries 1 other DID too" in said


@pytest.mark.parametrize("line", ["record did_101", "watch --all --once", "diff --to live"])
def test_a_later_card_knows_that_the_targets_application_has_no_answer_url(
    program: Program, sandbox: Sandbox, line: str
) -> None:
    lost = "application app_support is listed without an answer_url"
    sandbox.move("did_101", application_id="app_sales")
    program.record("did_101")
    sandbox.set_application("app_support", answer_url=None)
    assert lost not in program.run("restore", "did_101", "--offline").stdout
    program.run(*line.split())
    said = program.run("restore", "did_101", "--offline").ended(0).stdout
    assert f"! {lost}, as of 20" in said
    assert f"2. Set the answer_url of application app_support back to {MOVED}" in said
    found = card_of(program, "--offline")
    assert "application_without_url" in str(found["warning_codes"])
    assert found["gone_applications"] == []
    # With an address again, it is as before.
    sandbox.set_application("app_support", answer_url=MOVED)
    program.record("did_101")
    assert lost not in program.run("restore", "did_101", "--offline").stdout
    assert "application_moved" not in str(card_of(program, "--offline")["warning_codes"])
    program.run("check").ended(0)


def test_an_application_that_was_never_listed_is_remembered_with_the_did_that_had_it(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.add_did({"id": "did_x", "application_id": "app_x", "route_mode": "webhook"})
    program.record("did_x")
    sandbox.move("did_x", application_id="app_sales")
    program.record("did_x")
    (card,) = program.json("restore", "did_x", "--offline")["dids"]
    assert card["gone_applications"] == ["app_x"]
    # Listed again, with no address: that is no address to put back.
    sandbox.set_application("app_x", answer_url="")
    (card,) = program.json("restore", "did_x")["dids"]
    (later,) = program.json("restore", "did_x", "--offline")["dids"]
    assert card["gone_applications"] == later["gone_applications"] == []
    assert "application_moved" not in later["warning_codes"]
    program.run("check").ended(0)


def test_a_refused_key_hides_no_destination_that_another_key_reads(
    program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = tmp_path / "two.toml"
    settings.write_text('[keys.sales]\nenv = "SALES"\n[keys.support]\nenv = "SUPPORT"\n')
    keys = {
        "CHANGELOG_CONFIG": str(settings),
        "MINIVOICE_API_KEY": "",
        "SALES": "a-revoked-key",
        "SUPPORT": sandbox.key,
    }
    program.run("tag", "now").ended(0)
    said = program.run("restore", "did_101", environment=keys).ended(0).stdout
    assert "The live route was read and recorded at " in said
    fleet = program.run("restore", "--all", "--to", "tag:now", environment=keys).ended(0).stdout
    assert "the routing that it had then: nothing to put back" in fleet
    assert "with the key sales, applications could not be read: unauthorized" in fleet
    assert "are those of the log" not in fleet


def test_a_key_that_sees_other_applications_takes_none_for_gone(
    program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    with Sandbox("key-of-others") as others:
        others.add_did({"id": "did_9", "application_id": "app_9", "route_mode": "webhook"})
        for name in ("app_support", "app_sales"):
            others.remove_application(name)
        line = ("record", "did_9")
        ran = program.run(
            *line,
            environment={"MINIVOICE_API_URL": others.url, "MINIVOICE_API_KEY": "key-of-others"},
        )
        assert "1 new" in ran.stdout, ran
    assert card_of(program, "--offline")["gone_applications"] == []


def test_one_answer_url_is_one_step(program: Program) -> None:
    said = program.run("restore", "--all", "--to", "tag:pre").ended(0).stdout
    assert "one step: set app_support's answer_url back: 2 DIDs" in said
    card = card_of(program)
    assert card["also_moved"] == 1
    assert "carries 1 other DID too" in program.run("restore", "did_101").stdout
