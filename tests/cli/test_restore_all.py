"""``restore --all``: which DIDs of a fleet are offered, and what is left out is counted."""

import csv
import json
import re
import shlex
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog.cli.recording import live_check
from tests.html_page import Page
from tests.logbook import Logbook
from tests.program import TIMEOUT_S, Program
from tests.sandbox_faults import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("no_backoff")

RETIRED = "1 retired DID differs and is left out: did_2"


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    """Three DIDs that moved after the tag; one of them was retired since."""
    capture = logbook.capture(tag="pre")
    for did in ("did_1", "did_2", "did_3"):
        logbook.see("app_a", did=did, capture=capture)
    capture.close()
    for did in ("did_1", "did_2"):
        logbook.see("app_b", did=did)
    logbook.judge("retired", 2, did="did_2")
    logbook.judge("retired", 1, did="did_3")
    return Program(tmp_path / "home", key="", database=logbook.location)


def test_a_retired_did_is_left_out_and_counted(program: Program) -> None:
    line = ["restore", "--all", "--to", "tag:pre"]
    document = program.json(*line)
    assert [card["did"] for card in document["dids"]] == ["did_1"]
    assert document["retired"] == ["did_2"]
    for form in ("text", "markdown", "chat"):
        assert program.run(*line, "--format", form).ended(0).stdout.count(RETIRED) == 1
    for form in ("plain", "csv"):
        ran = program.run(*line, "--format", form).ended(0)
        assert "did_2" not in ran.stdout
        assert f"changelog: {RETIRED}\n" in ran.stderr


def test_a_retired_did_that_is_named_is_offered(program: Program) -> None:
    ran = program.run("restore", "did_2", "--to", "tag:pre", "--offline").ended(0)
    assert "PUT BACK r1" in ran.stdout


ODD_IDS = [
    "a#b",
    "#",
    "with space",
    " at both ends ",
    "tab\there",
    "line\nbreak",
    "\x1b[31mred",
    "right\u202eleft",
    "\u2028",
    "a\\x23b",
    "C:\\users",
    "\\",
    "+15551230001x",
    "it's",
    "-dash",
    "a@r1",
    "\U000e0101",
]


def test_a_group_in_a_file_has_the_same_dids_whatever_their_ids_are(
    logbook: Logbook, tmp_path: Path
) -> None:
    ids = [*ODD_IDS, *(f"did_{number}" for number in range(20))]
    for application in ("app_a", "app_b"):
        capture = logbook.capture(tag="pre" if application == "app_a" else None)
        for did in ids:
            logbook.see(application, did=did, capture=capture)
        capture.close()
    program = Program(tmp_path / "home", key="", database=logbook.location)
    (group,) = program.json("restore", "--all", "--to", "tag:pre", "--offline")["groups"]
    assert set(group["dids"]) == set(ids)
    shown = program.run("restore", "--all", "--to", "tag:pre", "--offline").stdout
    assert f"--file group-{group['name']}.tsv --to" in shown
    line = ["restore", "--all", "--to", "tag:pre", "--offline", "--group", group["name"]]
    file = program.home / f"group-{group['name']}.tsv"
    file.write_text(program.run(*line, "--format", "plain").ended(0).stdout)
    for command in (["restore", "--to", "tag:pre", "--offline"], ["diff", "--from", "tag:pre"]):
        cards = program.json(*command, "--file", file.name)["dids"]
        assert {card["did"] for card in cards} == set(ids), command
    listed = program.run("list", "--format", "plain").ended(0).stdout
    noted = program.run("note", "--file", "-", "-m", "seen", "--json", stdin=listed).ended(0).json
    assert {hit["did"] for hit in noted["dids"]} == set(ids)


@pytest.fixture
def moved(logbook: Logbook, sandbox: Sandbox, tmp_path: Path) -> Program:
    """Two DIDs with a tag, of which one moved since and nobody recorded it."""
    program = Program(tmp_path / "home", api=sandbox, database=logbook.location)
    program.run("record", "did_101", "did_102", "--tag", "pre").ended(0)
    sandbox.move("did_102", application_id="app_sales")
    return program


ALL = ("restore", "--all", "--to", "tag:pre")


def test_a_move_that_nobody_recorded_is_seen_and_recorded(moved: Program) -> None:
    document = moved.json(*ALL)
    assert [card["did"] for card in document["dids"]] == ["did_102"]
    assert document["counts"] == {
        "compared": 2,
        "differ": 1,
        "read_now": 2,
        "not_read": 0,
        "not_recorded": 0,
        "not_visible": 0,
    }
    assert moved.json(*ALL, "--offline")["counts"]["differ"] == 1


def test_what_moved_to_an_application_unrecorded_is_looked_for_before_it_is_chosen(
    moved: Program, sandbox: Sandbox
) -> None:
    chosen = (*ALL, "--application", "app_sales")
    assert moved.json(*chosen, "--offline")["counts"]["compared"] == 0
    document = moved.json(*chosen)
    assert [card["did"] for card in document["dids"]] == ["did_102"]
    assert document["counts"]["compared"] == document["counts"]["read_now"] == 1
    assert document["remarks"] == []
    sandbox.fail(Fault("status", status=500), did="did_101")
    remark = "1 other DID not read now, which may point there too"
    assert remark in moved.run(*chosen).ended(0).stdout
    assert remark in moved.run(*chosen, "--format", "plain").ended(0).stderr


def test_what_was_not_known_then_is_counted_and_named(moved: Program, sandbox: Sandbox) -> None:
    moved.record("did_103")
    sandbox.move("did_103", application_id="app_sales")
    sandbox.move("did_102", application_id="app_support")
    moved.record("did_102", "did_103")
    absent = "1 DID of the log was not known then, and not compared: did_103"
    for form in ("text", "markdown", "chat", "html", "plain", "csv"):
        ran = moved.run(*ALL, "--format", form).ended(0)
        said = ran.stderr if form in ("plain", "csv") else ran.stdout
        assert absent in said, form
        assert "nothing to put back of those" in said, form
    document = moved.json(*ALL)
    assert (document["absent"], document["counts"]["compared"]) == (["did_103"], 2)
    assert moved.json(*ALL, "--application", "app_maintenance")["absent"] == []
    moved.run("mark", "did_103", "retired", "-m", "given back").ended(0)
    assert moved.json(*ALL)["absent"] == []


def test_a_number_that_another_did_has_now_is_named(logbook: Logbook, tmp_path: Path) -> None:
    """Its calls go where no DID that was known then shows."""
    capture = logbook.capture(tag="pre")
    logbook.see("app_a", did="did_1", capture=capture)
    logbook.see("app_a", did="did_2", number_e164="+15551230002", capture=capture)
    capture.close()
    logbook.see("app_a", did="did_1", number_e164="+15559990001")
    logbook.see("app_b", did="did_3")
    program = Program(tmp_path / "home", key="", database=logbook.location)
    said = "+15551230001 was the number of did_1 then and is that of did_3 now"
    for form in ("text", "markdown", "chat", "plain", "csv"):
        ran = program.run(*ALL, "--format", form).ended(0)
        assert said in (ran.stderr if form in ("plain", "csv") else ran.stdout), form
    document = program.json(*ALL)
    assert document["absent"] == ["did_3"]
    assert document["moved_numbers"] == [
        {"number": "+15551230001", "then": "did_1", "now": "did_3"}
    ]
    for application, count in (("app_b", 1), ("app_a", 1), ("app_c", 0)):
        found = program.json(*ALL, "--application", application)["moved_numbers"]
        assert len(found) == count, application


def test_from_the_log_alone_there_is_no_all_clear(moved: Program) -> None:
    for form in ("text", "markdown", "chat", "plain", "csv"):
        ran = moved.run(*ALL, "--offline", "--format", form).ended(0)
        said = ran.stderr if form in ("plain", "csv") else ran.stdout
        assert "2 DIDs not read now" in said, form
        assert "as of 20" in said, form
        assert "nothing to put back" not in ran.stdout + ran.stderr, form


def test_what_could_not_be_read_is_counted_apart_and_the_exit_code_stays(
    moved: Program, sandbox: Sandbox
) -> None:
    sandbox.key = "another"
    document = moved.json(*ALL)
    assert document["counts"]["not_read"] == 2
    assert document["not_read"] == ["did_101", "did_102"]
    assert document["as_of"] is not None


def test_looks_that_all_failed_are_looks(moved: Program, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=400))
    said = moved.run(*ALL).ended(0).stdout
    assert "no live route was read now\n" in said
    assert "2 DIDs not read now (400 " in said
    assert "nobody looked" not in said


def test_an_answer_comes_when_the_time_is_up_and_an_insisted_look_waits(
    moved: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_check, "FLEET", live_check.FLEET._replace(looks_s=0.0))
    document = moved.json(*ALL)
    assert document["counts"]["read_now"] + document["counts"]["not_read"] == 2
    assert moved.json(*ALL, "--live")["counts"]["not_read"] == 0


def test_an_insisted_look_that_fails_is_the_exit_code(moved: Program, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=400), did="did_101")
    assert moved.run(*ALL).ended(0).exit_code == 0
    document = moved.run(*ALL, "--live", "--json").ended(3).json
    assert document["not_read"] == ["did_101"]
    assert [card["did"] for card in document["dids"]] == ["did_102"]


def test_a_404_for_another_key_is_no_look(moved: Program, sandbox: Sandbox) -> None:
    sandbox.key = "another"
    sandbox.remove("did_101")
    document = json.loads(
        moved.run(*ALL, "--json", environment={"MINIVOICE_API_KEY": "another"}).ended(0).stdout
    )
    assert document["not_read"] == ["did_101"]
    assert [card["did"] for card in document["dids"]] == ["did_102"]


@pytest.fixture
def fleet(sandbox: Sandbox, tmp_path: Path) -> Program:
    """Forty DIDs with a tag, of which the last one moved since and nobody recorded it."""
    for place in range(1, 41):
        sandbox.add_did({"id": f"num-{place:02}", "application_id": "app_a"})
    program = Program(tmp_path / "home", api=sandbox)
    program.run("record", *(f"num-{place:02}" for place in range(1, 41)), "--tag", "pre").ended(0)
    sandbox.move("num-40", application_id="app_sales")
    return program


def test_dids_that_hang_keep_no_other_from_being_read(
    fleet: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them in a row than connections that may fail."""
    monkeypatch.setattr(live_check, "FLEET", live_check.FLEET._replace(answer_s=0.3))
    hanging = [f"num-{place:02}" for place in range(1, 26)]
    for did in hanging:
        sandbox.fail(Fault("slow", seconds=20.0), did=did)
    document = fleet.json(*ALL)
    assert document["not_read"] == hanging
    assert [card["did"] for card in document["dids"]] == ["num-40"]


def test_an_api_that_is_not_there_is_given_up_after_twenty(fleet: Program) -> None:
    nowhere = {"MINIVOICE_API_URL": "http://127.0.0.1:9/v1"}
    ran = fleet.run(*ALL, environment=nowhere).ended(0)
    assert "40 DIDs not read now" in ran.stdout
    assert "nothing to put back" not in ran.stdout
    fleet.run(*ALL, "--live", environment=nowhere).ended(6)


def test_ctrl_c_prints_the_answer_with_what_was_read(fleet: Program, sandbox: Sandbox) -> None:
    for place in range(21, 41):
        sandbox.fail(Fault("slow", seconds=20.0), did=f"num-{place:02}")
    earlier = len(sandbox.requests)
    with fleet.start(*ALL, "--json") as process:
        # Eight connections hang by then, and a batch of the others is stored.
        while len(sandbox.requests) < earlier + 28 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130, stderr
    document = json.loads(stdout)
    assert document["counts"]["read_now"] > 0
    assert "num-40" in document["not_read"]
    assert "interrupted" in document["conditions"]


@pytest.fixture
def deployed(logbook: Logbook, tmp_path: Path) -> Program:
    """Thirty DIDs that a deploy moved, of which another team moved two again and one is good."""
    dids = [f"did_{place}" for place in range(1, 31)]
    see_all(logbook, dids, "app_a", {"tag": "rel:before"})
    see_all(logbook, dids, "app_b", {"tag": "rel:after"})
    about = {"changed_by": "team voice", "ticket": "OPS-9", "note": "menu"}
    see_all(logbook, dids[:2], "app_c", about)
    logbook.judge("good", 2, did="did_3")
    return Program(tmp_path / "home", key="", database=logbook.location)


def see_all(logbook: Logbook, dids: list[str], application: str, about: dict[str, Any]) -> None:
    capture = logbook.capture(**about)
    for did in dids:
        number = f"+1555{did.removeprefix('did_'):0>7}"
        logbook.see(application, did=did, capture=capture, number_e164=number)
    capture.close()


BACK = ("restore", "--all", "--to", "tag:rel:before")


def test_what_may_not_be_meant_is_a_group_of_its_own_and_last(deployed: Program) -> None:
    groups = deployed.json(*BACK)["groups"]
    assert [(group["apart"], len(group["dids"])) for group in groups] == [
        (None, 27),
        ("changed_again", 2),
        ("judged_good", 1),
    ]
    said = deployed.run(*BACK).ended(0).stdout
    assert "did_1, did_2, CHANGED AFTER tag:rel:after" in said
    assert "changed by team voice, ticket OPS-9" in said
    assert '"menu"' in said
    assert "judged good: because (olga" in said
    for form in ("markdown", "chat", "html"):
        page = deployed.run(*BACK, "--format", form).ended(0).stdout
        assert "CHANGED AFTER tag:rel:after" in page
        assert "restore did_1 did_2 --to tag:rel:before" in page
    plain = deployed.run(*BACK, "--format", "plain").ended(0)
    rows = plain.stdout.splitlines()
    assert [row.split("\t")[0] for row in rows[-3:]] == ["did_1", "did_2", "did_3"]
    assert "changelog: 2 DIDs CHANGED AFTER tag:rel:after" in plain.stderr
    assert "changelog: 1 DID JUDGED GOOD" in plain.stderr


def test_of_named_dids_too_what_may_not_be_meant_comes_last_and_is_counted(
    deployed: Program,
) -> None:
    line = ("restore", "did_3", "did_1", "did_4", "did_2", "--to", "tag:rel:before")
    plain = deployed.run(*line, "--format", "plain").ended(0)
    rows = [row.split("\t")[0] for row in plain.stdout.splitlines()]
    assert rows == ["did_4", "did_3", "did_1", "did_2"]
    assert (
        "changelog: 2 DIDs CHANGED AFTER tag:rel:after, listed last: did_1, did_2\n"
        "changelog: 1 DID JUDGED GOOD as routed now, listed last: did_3\n"
    ) in plain.stderr
    cards = {card["did"]: card for card in deployed.json(*line)["dids"]}
    assert [card["apart"] for card in cards.values()] == [
        *(None, "judged_good", "changed_again", "changed_again")
    ]
    assert cards["did_1"]["warning_codes"] == ["changed_again"]
    listed = deployed.run(*line, "--format", "markdown").ended(0).stdout
    assert "- 2 DIDs CHANGED AFTER tag:rel:after, listed last: did_1, did_2" in listed
    for form in ("text", "chat", "html"):
        page = deployed.run(*line, "--format", form).ended(0).stdout
        assert page.count("CHANGED AFTER tag:rel:after: to put this back may undo what is") == 2
        assert page.count("JUDGED GOOD as routed now: to put this back may undo what is") == 1
    # Of another revision that somebody names, nothing is told apart.
    (card,) = deployed.json("restore", "did_1", "--to", "r1")["dids"]
    assert (card["apart"], card["warning_codes"]) == (None, [])


def test_what_is_there_already_does_not_stand_apart(logbook: Logbook, tmp_path: Path) -> None:
    see_all(logbook, ["did_1"], "app_a", {"tag": "rel:before"})
    see_all(logbook, ["did_1"], "app_b", {"tag": "rel:after"})
    see_all(logbook, ["did_1"], "app_a", {})
    program = Program(tmp_path / "home", key="", database=logbook.location)
    (card,) = program.json("restore", "did_1", "--to", "tag:rel:before")["dids"]
    assert (card["already_there"], card["apart"]) == (True, None)


def test_a_sheet_says_which_rows_stand_apart_and_why(deployed: Program) -> None:
    rows = list(csv.DictReader(deployed.run(*BACK, "--format", "csv").ended(0).stdout.splitlines()))
    assert [row["apart"] for row in rows] == [""] * 27 + ["changed_again"] * 2 + ["judged_good"]
    assert rows[-2]["warnings"].startswith("CHANGED AFTER tag:rel:after")
    assert rows[-1]["warnings"].startswith("JUDGED GOOD as routed now")
    assert "CHANGED AFTER" not in rows[0]["warnings"]


def test_one_that_the_capture_after_the_deploy_missed_is_not_called_changed_again(
    logbook: Logbook, tmp_path: Path
) -> None:
    see_all(logbook, ["did_1", "did_2"], "app_a", {"tag": "rel:before"})
    see_all(logbook, ["did_2"], "app_b", {"tag": "rel:after"})
    see_all(logbook, ["did_1"], "app_b", {})
    program = Program(tmp_path / "home", key="", database=logbook.location)
    groups = program.json(*BACK)["groups"]
    assert [(group["apart"], group["dids"]) for group in groups] == [(None, ["did_1", "did_2"])]


def test_one_that_both_captures_of_the_deploy_missed_is_not_called_changed_again(
    logbook: Logbook, tmp_path: Path
) -> None:
    see_all(logbook, ["did_1", "did_2", "did_3"], "app_a", {})
    for application, tag in (("app_a", "rel:before"), ("app_b", "rel:after")):
        capture = logbook.capture(tag=tag)
        logbook.see(application, did="did_2", capture=capture)
        logbook.miss(500, did="did_1", capture=capture)
        capture.close()
    see_all(logbook, ["did_1", "did_3"], "app_b", {})
    program = Program(tmp_path / "home", key="", database=logbook.location)
    groups = program.json(*BACK)["groups"]
    apart = [(group["apart"], group["dids"]) for group in groups]
    # The deploy had nothing to do with the third one.
    assert apart == [(None, ["did_1", "did_2"]), ("changed_again", ["did_3"])]


def test_groups_come_first_and_cards_where_they_are_wanted(deployed: Program) -> None:
    said = deployed.run(*BACK).ended(0).stdout
    counts = "27 to put back, 2 changed after tag:rel:after, 1 judged"
    assert f"30 of 30 DIDs differ from then: {counts}" in said
    assert "PUT BACK" not in said
    assert len(said.splitlines()) < 40
    assert deployed.run(*BACK, "--cards").ended(0).stdout.count("PUT BACK r1") == 30


def test_a_file_has_cards_only_where_they_are_wanted(deployed: Program) -> None:
    name = deployed.json(*BACK)["groups"][1]["name"]
    few = [*BACK, "--group", name, "--format", "html"]
    page = deployed.run(*few).ended(0).stdout
    assert "PUT BACK r1" not in page
    assert page.count('data-name="did"') == 2
    assert "a card for each: <code>changelog restore --all" in page
    assert "<code><code>" not in page
    with_cards = deployed.run(*few, "--cards").ended(0).stdout
    assert with_cards.count("PUT BACK r1") == 2
    assert "a card for each" not in with_cards


def test_each_line_of_a_group_can_be_pasted(deployed: Program) -> None:
    said = deployed.run(*BACK).ended(0).stdout
    pasted = re.findall(r"^  (list|restore|verify|diff): changelog (.*)$", said, re.MULTILINE)
    assert [what for what, _ in pasted] == ["list", *["restore", "verify", "diff"] * 3]
    for what, line in pasted:
        words, _, file = line.partition(" > ")
        ran = deployed.run(*shlex.split(words)).ended(2 if what == "verify" else 0)
        if file:
            (deployed.home / file).write_text(ran.stdout)
            assert len(ran.stdout.splitlines()) == 27
        if what == "verify":
            assert "no API key is set" in ran.stderr


def test_a_time_is_pasted_whole(deployed: Program) -> None:
    said = deployed.run("restore", "--all", "--to", "2026-11-01T12:40Z").ended(0).stdout
    assert "--to 2026-11-01T12:40:00.000000Z" in said


def test_the_filter_names_its_side(deployed: Program) -> None:
    said = deployed.run(*BACK, "--application", "app_c").ended(0).stdout
    assert "only DIDs with application_id app_c on either side, then or now" in said
    assert "2 of 2 DIDs differ" in said
    said = deployed.run("diff", "--from", "tag:rel:before", "--application", "app_c").stdout
    assert "only DIDs with application_id app_c on either side, then or now" in said


def test_a_filter_that_chooses_no_did_says_that_nothing_was_compared(deployed: Program) -> None:
    line = (*BACK, "--application", "app_zz", "--offline")
    nothing = "0 DIDs compared: none that is not retired points there now or did then"
    for form in ("text", "chat", "markdown", "html"):
        said = deployed.run(*line, "--format", form).ended(0).stdout
        assert nothing in said
        assert "no DID differs" not in said
    assert nothing in deployed.run(*line, "--format", "plain").ended(0).stderr
    assert deployed.json(*line)["counts"]["compared"] == 0


def test_a_group_that_is_not_there_is_refused(deployed: Program) -> None:
    assert "is not the name of a group" in deployed.run(*BACK, "--group", "4").ended(2).stderr
    deployed.run("restore", "did_1", "--group", "0a1b2c3d").ended(2)
    (deployed.home / "none.tsv").write_text("# nothing\n")
    deployed.run("diff", "--file", "none.tsv").ended(2)
    deployed.run("verify", "--file", "none.tsv", "--to", "r1").ended(2)


def test_a_pasted_list_is_of_the_group_that_was_shown_or_of_none(
    logbook: Logbook, tmp_path: Path
) -> None:
    """The other group is the larger one by then: a number would name that."""
    dids = [f"did_{place}" for place in range(1, 28)]
    see_all(logbook, dids, "app_a", {"tag": "rel:before"})
    see_all(logbook, dids[:21], "app_b", {})
    see_all(logbook, dids[21:], "app_c", {})
    program = Program(tmp_path / "home", key="", database=logbook.location)
    said = program.run(*BACK).ended(0).stdout
    (words,) = re.findall(r"^  list: changelog (.*) > group-[0-9a-f]{8}\.tsv$", said, re.MULTILINE)
    see_all(logbook, dids[:20], "app_a", {})
    left = program.run(*shlex.split(words)).ended(0).stdout
    assert [row.split("\t")[0] for row in left.splitlines()] == ["did_21"]
    see_all(logbook, dids[20:21], "app_a", {})
    ran = program.run(*shlex.split(words)).ended(5)
    assert ran.stdout == ""
    assert "nothing differs in that way any more" in ran.stderr
    assert f"The groups now: changelog {' '.join(BACK)}." in ran.stderr


def test_the_last_did_that_an_answer_url_moved_is_in_the_group_that_was_shown(
    logbook: Logbook, tmp_path: Path
) -> None:
    dids = ["did_1", "did_2"]
    for url in ("https://a.example", "https://b.example"):
        capture = logbook.capture(tag=f"at-{url[8]}", answer_urls={"app_a": url})
        for did in dids:
            logbook.see("app_a", did=did, capture=capture)
        capture.close()
    program = Program(tmp_path / "home", key="", database=logbook.location)
    line = ["restore", "--all", "--to", "tag:at-a"]
    (group,) = program.json(*line)["groups"]
    assert group["dids"] == dids
    logbook.see("app_b", did="did_1")
    left = program.json(*line, "--group", group["name"])
    assert [card["did"] for card in left["dids"]] == ["did_2"]


def test_only_another_routing_is_a_difference_and_a_404_is_counted_apart(
    moved: Program, sandbox: Sandbox
) -> None:
    """One came back, one has another status, one is not visible, and one really moved."""
    moved.run("record", "did_101", "did_102", "did_103", "did_104", "--tag", "now").ended(0)
    sandbox.move("did_101", application_id="app_sales")
    sandbox.move("did_102", status="suspended")
    sandbox.move("did_104", application_id="app_support")
    sandbox.remove("did_103")
    moved.run("record", "--all").ended(3)
    sandbox.move("did_101", application_id="app_support")
    moved.run("record", "did_101").ended(0)
    line = ["restore", "--all", "--to", "tag:now"]
    ran = moved.run(*line).ended(0)
    assert "by the log, 1 of 4 DIDs differ from tag:now, and 1 more not visible (404)" in ran.stderr
    by_log = "changelog: by the log, 1 of 2 DIDs differ from tag:now; looking at the live routes"
    assert by_log in moved.run(*line, "--application", "app_sales").stderr.splitlines()
    assert "1 of 4 DIDs differ from then: 1 to put back; 1 more not visible (404)" in ran.stdout
    assert "1 DID: did_103, NOT VISIBLE (404), seen last as it was then" in ran.stdout
    plain = moved.run(*line, "--format", "plain").ended(0)
    assert [row.split("\t")[0] for row in plain.stdout.splitlines()] == ["did_104", "did_103"]
    assert "1 DID NOT VISIBLE (404)" in plain.stderr
    document = moved.json(*line)
    assert (document["counts"]["differ"], document["counts"]["not_visible"]) == (1, 1)
    assert [group["apart"] for group in document["groups"]] == [None, "not_visible"]


def test_without_a_key_each_format_says_once_why_nobody_looked(moved: Program) -> None:
    no_key = {"MINIVOICE_API_KEY": ""}
    moved.run("record", "did_102").ended(0)
    for form in ("text", "markdown", "chat", "html", "plain", "csv"):
        ran = moved.run(*ALL, "--format", form, environment=no_key).ended(0)
        answer = ran.stderr if form in ("plain", "csv") else ran.stdout
        why = "2 DIDs not read now (no API key is set): did_101, did_102"
        assert answer.count(why) == 1, form
        assert answer.count("no API key is set") == 1, form


def test_plain_lines_of_named_dids_say_beside_them_that_they_are_from_the_log(
    moved: Program,
) -> None:
    line = ("restore", "did_101", "did_102", "--format", "plain")
    offline = moved.run(*line, "--offline").stderr
    assert re.search(r"2 DIDs: as of 20\S+ \S+Z or later, from the log$", offline, re.MULTILINE)
    no_key = moved.run(*line, environment={"MINIVOICE_API_KEY": ""}).stderr
    assert "from the log (not looked live: no API key is set)" in no_key
    assert "from the log" not in moved.run(*line).stderr


def test_json_says_why_nobody_looked(moved: Program, sandbox: Sandbox) -> None:
    ran = moved.run(*ALL, "--json", environment={"MINIVOICE_API_KEY": ""}).ended(0)
    reason = ran.json["not_read_reason"]
    assert reason["dids"] == 2
    assert reason["error"]["code"] == "no_key"
    assert reason["error"]["message"] == "no API key is set"
    assert moved.json(*ALL)["not_read_reason"] is None
    assert moved.json(*ALL, "--offline")["not_read_reason"] is None


def test_the_commonest_of_several_reasons_is_said_with_its_count(
    fleet: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=400), did="num-01")
    for did in ("num-02", "num-03"):
        sandbox.fail(Fault("status", status=403), did=did)
    said = fleet.run(*ALL).ended(0).stdout
    assert re.search(r"3 DIDs not read now \(2 of them: [^)]*403", said)


def test_what_nobody_saw_then_is_no_all_clear(logbook: Logbook, tmp_path: Path) -> None:
    logbook.see("app_a")
    logbook.see("app_a", did="did_2")
    logbook.now += timedelta(hours=2)
    then = logbook.now
    logbook.now += timedelta(hours=2)
    for application in ("app_b", "app_a"):
        logbook.see(application)
    logbook.see("app_a", did="did_2")
    program = Program(tmp_path / "home", key="", database=logbook.location)
    line = ("restore", "--all", "--to", f"{then:%Y-%m-%dT%H:%MZ}", "--offline")
    for form in ("text", "chat", "markdown", "html", "csv", "plain"):
        ran = program.run(*line, "--format", form).ended(0)
        said = (Page(ran.stdout).text if form == "html" else ran.stdout) + ran.stderr
        said = said.replace("\\", "")
        assert "1 DID as last seen before then." in said, form
        assert "nobody saw: did_1" in said, form
    assert program.json(*line)["unseen_then"] == ["did_1"]


def test_what_is_said_of_one_did_of_a_group_is_not_said_of_the_others(
    logbook: Logbook, tmp_path: Path
) -> None:
    dids = [f"did_{number}" for number in range(6)]
    see_all(logbook, dids, "app_a", {"tag": "pre"})
    see_all(logbook, dids, "app_b", {})
    program = Program(tmp_path / "home", key="", database=logbook.location)
    back = ("restore", "--all", "--to", "tag:pre", "--offline")
    for did, reason in zip(dids, ("one-way audio", "given up", "noise", "echo"), strict=False):
        program.run("mark", f"{did}@r1", "bad", "-m", reason).ended(0)
    said = program.run(*back).ended(0).stdout
    for did, reason in zip(dids, ("one-way audio", "given up", "noise"), strict=False):
        assert re.search(rf"! {did}: r1 WAS JUDGED BAD by .*: {reason}", said)
    assert "! 1 DID more with a warning like that: did_3" in said
    assert "echo" not in said
    # Each has a verdict of its own, given in one run.
    program.run("mark", *dids, "good", "-m", "heard").ended(0)
    (group,) = program.json(*back)["groups"]
    assert (group["apart"], group["dids"]) == ("judged_good", dids)
