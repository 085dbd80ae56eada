"""``verify`` as a gate before a number is published and as the check that cron runs."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from changelog.commands.recording import verify
from tests.program import TIMEOUT_S, Json, Program
from tests.sandbox_faults import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("no_backoff")

DID, OTHER, THIRD = "did_101", "did_102", "did_104"
NUMBER, OTHER_NUMBER = "+15551230001", "+15551230002"
A, B = "app_support", "app_maintenance"
URL = "https://voice.example.com/support/answer"
HEADER = "did,application_id,route_mode"
OF_A_KEY = "(or this key cannot see it: a key belongs to one application)"


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Program:
    """With two revisions of DID: it was at A, and is at B."""
    made = Program(tmp_path / "home", api=sandbox)
    made.record(DID, OTHER, "--tag", "before")
    sandbox.move(DID, application_id=B)
    made.record(DID)
    return made


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are the program's own."""
    monkeypatch.setattr(verify, "PAUSE_S", 0.05)


@contextmanager
def after_reads(
    sandbox: Sandbox, *changes: tuple[int, Callable[[], object]], did: str = DID
) -> Iterator[None]:
    """Each change is made once the DID has been read so many times from now on."""
    before = asked(sandbox, did)
    waiting = list(changes)
    saw = sandbox.saw

    def change_and_see(method: str, path: str, key: str) -> None:
        saw(method, path, key)
        # The next read has begun, and its answer is made after this.
        while waiting and asked(sandbox, did) > before + waiting[0][0]:
            waiting.pop(0)[1]()

    with mock.patch.object(sandbox, "saw", change_and_see):
        yield
    assert not waiting


def asked(sandbox: Sandbox, did: str = DID) -> int:
    return sandbox.requests.count(("GET", f"/v1/dids/{did}"))


def did_of(document: Json, did: str = DID) -> Json:
    (found,) = [one for one in document["dids"] if one["did"] == did]
    assert isinstance(found, dict)
    return found


def live(application: str, destination: str | None, **more: str) -> dict[str, Any]:
    return {
        "application_id": application,
        "route_mode": "webhook",
        "destination": destination,
        "status": "active",
        **more,
    }


def outcomes(document: Json) -> dict[str, str]:
    return {one["did"] or one["requested"]: one["outcome"] for one in document["dids"]}


def test_a_restoration_that_takes_its_time_is_waited_for_and_kept_as_one_capture(
    program: Program, sandbox: Sandbox
) -> None:
    with after_reads(sandbox, (3, lambda: sandbox.move(DID, application_id=A))):
        ran = program.run("verify", DID, OTHER, "--to", "r1", "--wait", "2m", "--json").ended(0)
    document = ran.json
    assert ran.stderr == ""
    assert document["capture"].keys() >= {"id", "started_at", "finished_at", "remarks"}
    assert document["counts"] == {
        **dict.fromkeys(("mismatch", "not_compared", "unreadable", "not_read"), 0),
        **dict.fromkeys(("not_expected", "no_expectation"), 0),
        "requested": 2,
        "match": 2,
    }
    assert did_of(document) == {
        "requested": DID,
        "did": DID,
        "number": NUMBER,
        "outcome": "match",
        "matches": True,
        "expected": {"application_id": A, "route_mode": "webhook", "destination": URL},
        "expected_revision": 1,
        "expected_did": None,
        "expected_destination_known_from": None,
        "destination_not_read": False,
        "live": live(A, URL),
        "live_revision": 3,
        "changes": [],
        "not_compared": [],
        "reads": 1,
        "confirmed": True,
        "error": None,
        "not_read": False,
        "unseen_since": None,
    }
    capture = document["capture"]["id"]
    kept = [one for one in program.json("log", "--snapshots")["snapshots"] if one["did"] == DID]
    of_this_run = [one["revision"] for one in kept if one["capture"] == capture]
    assert len(of_this_run) == document["rounds"] >= 4
    assert (of_this_run[0], set(of_this_run[1:])) == (3, {2})
    # What matched at once was not asked for again.
    assert asked(sandbox, OTHER) == 2


def test_when_the_time_is_over_the_mismatch_is_told_field_by_field(program: Program) -> None:
    ran = program.run("verify", DID, "--to", "r1", "--wait", "1s", "--reads", "2").ended(4)
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        f"MISMATCH  {DID}  {NUMBER}  live is r2",
        f"    application_id: expected {A}, live {B}",
        f"    destination: expected {URL}, live https://voice.example.com/maintenance/answer",
    ]


def test_what_cannot_be_read_for_a_moment_is_asked_for_again(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=404), did=DID, times=1)
    sandbox.fail(Fault("html"), did=DID, times=1)
    document = program.run("verify", DID, "--application", B, "--wait", "2m", "--json")
    assert document.ended(0).json["conditions"] == []
    assert asked(sandbox) == 2 + 3


def test_what_cannot_be_read_is_never_a_mismatch(program: Program, sandbox: Sandbox) -> None:
    """Unreadable to the end is 3, nobody there is 6, and the one that was read keeps its own."""
    sandbox.fail(Fault("status", status=404), did=DID)
    line = ["verify", DID, OTHER, "--application", B, "--wait", "1s", "--json"]
    document = program.run(*line).ended(3).json
    assert document["conditions"] == ["different", "unreadable"]
    assert outcomes(document) == {DID: "unreadable", OTHER: "mismatch"}
    (unread, mismatch) = document["dids"]
    assert (unread["live"], unread["changes"], unread["error"]["status"]) == (None, [], 404)
    assert (mismatch["error"], mismatch["matches"]) == (None, False)

    nobody = {"MINIVOICE_API_URL": "http://127.0.0.1:9/v1"}
    document = program.run(*line, environment=nobody).ended(6).json
    assert document["conditions"] == ["no_answer", "unreadable"]
    assert set(outcomes(document).values()) == {"unreadable"}


def test_a_refused_key_is_told_at_once_and_not_waited_for(
    program: Program, sandbox: Sandbox
) -> None:
    wrong = {"MINIVOICE_API_KEY": "wrong-key-of-another"}
    before = asked(sandbox)
    line = ["verify", DID, "--application", A, "--wait", "1h", "--json"]
    document = program.run(*line, environment=wrong).ended(6).json
    assert "unauthorized" in document["conditions"]
    assert asked(sandbox) == before + 1


@pytest.mark.slow
def test_the_pauses_of_the_program_itself_end_too(program: Program) -> None:
    """Two seconds between two reads."""
    program.spawn("verify", DID, "--to", "latest", "--reads", "3").ended(0)


def test_reads_are_that_many_fetches_with_equal_answers(program: Program, sandbox: Sandbox) -> None:
    document = program.run("verify", DID, "--to", "latest", "--reads", "3", "--json").ended(0).json
    assert (did_of(document)["reads"], document["rounds"], asked(sandbox)) == (3, 3, 2 + 3)


def test_a_mismatch_in_between_starts_again_and_confirms_nothing_yet(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.move(DID, application_id=A)
    flap = [
        (1, lambda: sandbox.move(DID, application_id=B)),
        (2, lambda: sandbox.move(DID, application_id=A)),
    ]
    line = ["verify", DID, "--to", "r1", "--reads", "2", "--json"]
    with after_reads(sandbox, flap[0]):
        found = did_of(program.run(*line).ended(4).json)
    assert (found["outcome"], found["reads"], found["confirmed"]) == ("mismatch", 1, False)

    sandbox.move(DID, application_id=A)
    with after_reads(sandbox, *flap):
        document = program.run(*line, "--wait", "2m").ended(0).json
    found = did_of(document)
    assert (found["outcome"], found["reads"], found["confirmed"]) == ("match", 2, True)
    assert document["rounds"] >= 4


def test_answers_that_differ_in_what_nobody_stated_are_not_equal(
    program: Program, sandbox: Sandbox
) -> None:
    with after_reads(sandbox, (1, lambda: sandbox.move(DID, application_id=A))):
        line = ["verify", DID, "--route-mode", "webhook", "--reads", "2", "--json"]
        found = did_of(program.run(*line).ended(4).json)
    assert found["outcome"] == "mismatch"
    assert found["changes"][0] == {
        "field": "application_id",
        "before": B,
        "after": A,
        "routing": True,
    }


def test_an_unknown_destination_is_not_compared_and_opens_no_gate(
    program: Program, sandbox: Sandbox
) -> None:
    """Alone or beside other fields it is neither a match nor a mismatch."""
    sandbox.fail(Fault("status", status=403), applications=True)
    line = ["verify", DID, "--destination", "sip:x@y.example", "--json"]
    alone = did_of(program.run(*line).ended(3).json)
    assert (alone["outcome"], alone["matches"], alone["changes"]) == ("not_compared", False, [])
    assert (alone["not_compared"], alone["error"]["code"]) == (["destination"], "not_compared")
    # It was read: nothing is unreadable.
    assert program.run(*line).json["conditions"] == ["not_compared"]
    beside = did_of(program.run(*line, "--application", B).ended(3).json)
    assert (beside["outcome"], beside["matches"]) == ("not_compared", False)
    assert (beside["not_compared"], beside["error"]["code"]) == (["destination"], "not_compared")
    other = did_of(program.run(*line, "--application", A).ended(4).json)
    assert other["outcome"] == "mismatch"


def test_an_answer_url_that_cannot_be_seen_was_not_seen_to_be_back(
    program: Program, sandbox: Sandbox
) -> None:
    """Two routings that differ in nothing else: the log's own decides, and what it does not say
    has to be seen."""
    program.record(DID)
    sandbox.set_application(B, answer_url="https://voice.example.com/moved")
    program.record(DID)
    before, now = (one["revision"] for one in program.json("log", DID)["entries"][1::-1])
    sandbox.fail(Fault("status", status=403), applications=True)
    back = did_of(program.run("verify", DID, "--to", f"r{before}", "--json").ended(3).json)
    assert (back["outcome"], back["confirmed"]) == ("not_compared", False)
    # What the log holds still matches, and the API did not say so.
    same = did_of(program.run("verify", DID, "--to", f"r{now}", "--json").ended(3).json)
    assert (same["outcome"], same["not_compared"]) == ("match", ["destination"])
    # The other application, and this one again: by then the log does not know its address.
    sandbox.move(DID, application_id=A)
    program.record(DID)
    sandbox.move(DID, application_id=B)
    program.run("verify", DID, "--to", f"r{before}").ended(3)
    assert did_of(program.run("verify", DID, "--to", f"r{now}", "--json").ended(3).json)[
        "confirmed"
    ]


def test_an_application_that_is_put_back_late_is_seen_and_kept(
    program: Program, sandbox: Sandbox
) -> None:
    """The destination follows from the applications, so these are read in every round."""
    new = "https://voice.example.com/new"
    with after_reads(sandbox, (2, lambda: sandbox.set_application(B, answer_url=new))):
        line = ["verify", DID, "--destination", new, "--wait", "2m", "--json"]
        document = program.run(*line).ended(0).json
    assert did_of(document)["live"] == live(B, new)
    assert program.json("show", DID)["destination"] == new
    # A capture later, nothing has changed: the new address was kept as the one seen last.
    again = did_of(program.run("verify", DID, "--to", "latest", "--json").ended(0).json)
    assert again["live"]["destination"] == new


def test_interrupted_it_says_what_was_reached(program: Program, sandbox: Sandbox) -> None:
    line = ["verify", OTHER, DID, "--application", A, "--wait", "1h", "--json"]
    before = asked(sandbox)
    with program.start(*line) as process:
        while asked(sandbox) < before + 2:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    document = json.loads(said)
    assert document["conditions"] == ["different", "interrupted"]
    assert outcomes(document) == {OTHER: "match", DID: "mismatch"}
    assert document["capture"]["remarks"] == ["interrupted after 2 of 2"]


def test_on_a_terminal_a_line_tells_what_is_waited_for(program: Program) -> None:
    code, said = program.run_on_terminal("verify", DID, OTHER, "--to", "r1", "--wait", "3s")
    assert code == 4
    assert f"1 of 2 as expected, waiting for {DID}" in said
    assert said.rstrip().endswith("2 verified: 1 match, 1 mismatch")


# --expect


def expectations(program: Program, *rows: str, header: str = HEADER) -> str:
    (program.home / "fleet.csv").write_text("\n".join([header, *rows]))
    return "fleet.csv"


def test_a_file_says_for_each_did_what_is_expected(program: Program, sandbox: Sandbox) -> None:
    sandbox.move(THIRD, route_mode="reject", application_id=None)
    header = "did,number,application_id,route_mode,destination,status"
    file = expectations(
        program,
        f"{DID},,{A},webhook,,",
        f",{OTHER_NUMBER},{A},*,{URL},active",
        f"{THIRD},,,reject,,",
        "did_nope,,x,y,,",
        header=header,
    )
    ran = program.run("verify", "--expect", file)
    assert ran.ended(3).stdout.splitlines() == [
        f"MISMATCH  {DID}  {NUMBER}  live is r2",
        f"    application_id: expected {A}, live {B}",
        f"match  {OTHER}  {OTHER_NUMBER}  live is r1",
        f"match  {THIRD}  +15551230004  live is r1",
        f"unreadable  did_nope  -  404 not_found: DID not found {OF_A_KEY}",
        "4 DIDs, 3 verified: 2 match, 1 mismatch, 1 unreadable",
    ]
    content = (program.home / file).read_text()
    piped = program.run("verify", OTHER, THIRD, "--expect", "-", "--json", stdin=content)
    document = piped.ended(0).json
    assert {one["did"]: one["expected"] for one in document["dids"]} == {
        OTHER: {"application_id": A, "destination": URL, "status": "active"},
        THIRD: {"application_id": None, "route_mode": "reject"},
    }


def test_with_all_a_did_that_the_file_leaves_out_is_a_difference(program: Program) -> None:
    """Somebody added a number that nobody agreed on: a check of the file alone never sees it."""
    file = expectations(program, f"{DID},{B},webhook")
    program.run("verify", "--expect", file).ended(0)
    ran = program.run("verify", "--all", "--expect", file, "--json").ended(4)
    assert ran.json["conditions"] == ["different"]
    assert outcomes(ran.json) == {DID: "match", OTHER: "not_expected"}
    left_out = did_of(ran.json, OTHER)
    assert (left_out["live"], left_out["expected"], left_out["matches"]) == (
        live(A, URL),
        {},
        False,
    )
    assert left_out["error"]["code"] == "not_expected"
    assert f"NOT EXPECTED  {OTHER}" in program.run("verify", "--all", "--expect", file).stdout


WRONG = {
    "no such file": (["--expect", "nowhere.csv"], "nowhere.csv cannot be read"),
    "not in the file": (["did_105", "--expect", "fleet.csv"], "expects nothing of did_105"),
    "one DID twice": (["--expect", "twice.csv"], f"line 3: {NUMBER} is {DID} of line 2"),
    "a column that is none": (["--expect", "column.csv"], "line 1: unknown column 'mode'"),
    "a file and a revision": (["--expect", "fleet.csv", "--to", "r1"], "already says"),
    "a file and a field": (["--expect", "fleet.csv", "--status", "active"], "already says"),
    "all and a name": ([DID, "--all", "--expect", "fleet.csv"], "cannot be combined"),
    "nothing to compare with": ([DID], "there is nothing to verify"),
    "no length of time": ([DID, "--to", "r1", "--wait", "soon"], "is not a duration"),
    "no reads": ([DID, "--to", "r1", "--reads", "0"], "--reads"),
}


def test_of_a_fleet_an_unknown_moment_is_said_once_before_anything_is_fetched(
    program: Program, sandbox: Sandbox
) -> None:
    before = asked(sandbox, DID)
    for moment, why in (
        ("tag:nope", "there is no tag 'nope'"),
        ("2020-01-01T00:00Z", "the log holds nothing from 2020-01-01 00:00:00Z or before"),
    ):
        ran = program.run("verify", "--all", "--to", moment).ended(5)
        assert ran.stdout == ""
        assert why in ran.stderr
    assert asked(sandbox, DID) == before


def test_a_name_that_the_log_does_not_know_is_told_with_what_may_be_meant(
    program: Program,
) -> None:
    ran = program.run("verify", "did_109", "--to", "r1").ended(3)
    assert f"the log knows no DID 'did_109'. It knows {DID}, {OTHER}." in ran.stdout


def test_what_leaves_open_what_is_expected_ends_before_anything_is_fetched(
    program: Program, sandbox: Sandbox
) -> None:
    expectations(program, f"{DID},{B},webhook")
    (program.home / "twice.csv").write_text(f"{HEADER}\n{DID},a,b\n{NUMBER},a,b\n")
    (program.home / "column.csv").write_text(f"did,application_id,mode\n{DID},a,b\n")
    before = len(sandbox.requests)
    lines = [["verify", *line] for line, _ in WRONG.values()]
    for (why, (_, message)), ran in zip(WRONG.items(), program.run_each(lines), strict=True):
        assert message in ran.ended(2).stderr, why
        assert ran.stdout == "", why
    assert len(sandbox.requests) == before


# A fleet


def test_all_are_compared_with_the_same_revisions_as_each_by_name(
    program: Program, sandbox: Sandbox
) -> None:
    """Read in one query or one by one, a tag means the same; a DID unknown then says so."""
    program.record(THIRD)
    named = program.run("verify", DID, OTHER, THIRD, "--to", "tag:before", "--json").ended(5).json
    fleet = program.run("verify", "--all", "--to", "tag:before", "--json").ended(5).json
    assert fleet["dids"] == named["dids"]
    assert outcomes(fleet) == {DID: "mismatch", OTHER: "match", THIRD: "no_expectation"}
    sandbox.move(DID, application_id=A)
    back = program.run("verify", "--all", "--to", "tag:before", "--json").ended(5).json
    assert did_of(back)["confirmed"] is True


@pytest.mark.parametrize("selector", ["r1", "1", "previous", "latest~1"])
def test_a_revision_of_each_did_is_not_what_a_fleet_returns_to(
    program: Program, sandbox: Sandbox, selector: str
) -> None:
    """By a slip it would match, and roll back what was in service since."""
    before = asked(sandbox)
    verified = program.run("verify", "--all", "--to", selector).ended(2)
    restored = program.run("restore", "--all", "--to", selector, "--offline").ended(2)
    assert verified.stderr == restored.stderr
    assert asked(sandbox) == before
    program.run("verify", "--all", "--to", "good").ended(5)


def test_of_a_fleet_only_what_is_not_as_expected_is_listed(
    program: Program, sandbox: Sandbox
) -> None:
    dids = [f"did_{count}" for count in range(201, 231)]
    for did in dids:
        sandbox.add_did({"id": did, "application_id": A, "route_mode": "webhook"})
    program.record(*dids)
    ran = program.run("verify", "--all", "--application", A).ended(4)
    assert ran.stdout.splitlines() == [
        f"expected of the live routing: application_id {A}",
        f"MISMATCH  {DID}  {NUMBER}  live is r2",
        f"    application_id: expected {A}, live {B}",
        "32 verified: 31 match, 1 mismatch",
    ]


def test_where_no_did_could_be_read_none_is_called_verified_or_recorded(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_101", "did_102")
    sandbox.fail(Fault("status", status=500))
    ran = program.run("verify", "--all", "--to", "latest").ended(3)
    assert "2 DIDs, none verified: 2 unreadable" in ran.stdout.splitlines()
    recorded = program.run("record", "--all").ended(3)
    assert recorded.stdout.splitlines()[-1] == (
        "none could be read, so the log has nothing new about them"
    )
