"""A DID that one of two captures could not read: ``diff`` never says that nothing changed."""

from pathlib import Path

import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import Location
from tests.program import Json, Program

FOUR = ("did_101", "did_102", "did_103", "did_104")
TAGS = ("--from", "tag:before", "--to", "tag:after")
PAIRS = (("did_102", "did_104"), ("did_101", "did_104"), ("did_104",))
SAID = """\
did_101  +15551230001  r1 → r2
    application_id app_support → app_sales
UNREADABLE: neither changed nor unchanged (2)
  2 DIDs: did_102, did_103
    not readable for tag:after: 404 not_found: DID not found
2 compared: 1 changed, 1 unchanged, 2 unreadable
"""


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, location: Location) -> Program:
    """A move, and two DIDs that are hidden, between two tagged captures of four."""
    made = Program(tmp_path / "home", api=sandbox, database=location)
    made.record(*FOUR, "--tag", "before")
    sandbox.move("did_101", application_id="app_sales")
    sandbox.remove("did_102")
    sandbox.remove("did_103")
    made.record(*FOUR, "--tag", "after", exit_code=3)
    return made


def unread(document: Json) -> dict[str, list[str]]:
    return {one["did"]: one["not_read"] for one in document["dids"] if one["error"]}


def test_between_two_tags_what_was_hidden_stands_apart(program: Program, sandbox: Sandbox) -> None:
    assert program.run("diff", *TAGS).ended(3).stdout.partition("\n")[2] == SAID
    document = program.json("diff", *TAGS)
    assert document["conditions"] == ["unreadable"]
    assert document["counts"] == {
        "compared": 2,
        "changed": 1,
        "unchanged": 1,
        "absent": 0,
        "unreadable": 2,
        "not_read": 0,
        "learned": 0,
        "retired": 0,
    }
    assert unread(document) == {"did_102": ["to"], "did_103": ["to"]}
    hidden = document["dids"][1]
    assert (hidden["from_revision"], hidden["to_revision"], hidden["changes"]) == (1, 1, [])
    assert (hidden["error"]["status"], hidden["error"]["code"]) == (404, "not_found")
    table = program.run("diff", *TAGS, "--format", "csv").ended(3).stdout.splitlines()
    # A move of the application takes its address with it: one change, one row.
    assert [line.split(",")[4] for line in table[1:]] == ["changed", "unreadable", "unreadable"]
    assert "2 unreadable" in program.run("diff", *TAGS, "--format", "markdown").ended(3).stdout
    # The other way round: what was hidden then, and is there now.
    sandbox.restore("did_102")
    sandbox.restore("did_103")
    program.record(*FOUR, "--tag", "later")
    found = program.json("diff", "--from", "tag:after", "--to", "tag:later")
    assert unread(found) == {"did_102": ["from"], "did_103": ["from"]}
    assert found["counts"]["unchanged"] == 2


def test_an_exit_code_that_was_asked_for_takes_no_hidden_did_for_equal(program: Program) -> None:
    one_of_each = [["diff", *dids, *TAGS, "--exit-code"] for dids in ([], *map(list, PAIRS))]
    both, unread, moved, same = program.run_each(one_of_each)
    assert [ran.exit_code for ran in (both, unread, moved, same)] == [3, 3, 4, 0]
    assert "did_102\n    not readable for tag:after: 404 not_found" in unread.stdout
    assert "did_104  +15551230004  unchanged (r1 → r1)" in unread.stdout
    assert "1 compared: 0 changed, 1 unchanged, 1 unreadable" in unread.stdout


def test_what_the_first_capture_could_not_read_may_have_changed_before(
    program: Program, sandbox: Sandbox
) -> None:
    """It is in no group, however equal what was seen last is to what the others had."""
    sandbox.restore("did_102")
    sandbox.restore("did_103")
    program.record(*FOUR, "--tag", "there")
    sandbox.remove("did_102")
    program.record(*FOUR, "--tag", "start", exit_code=3)
    sandbox.restore("did_102")
    for did in ("did_102", "did_103"):
        sandbox.move(did, application_id="app_maintenance")
    program.record(*FOUR, "--tag", "end")
    for end in ("tag:end", "latest", "live"):
        line = ["diff", "--from", "tag:start", "--to", end]
        said = program.run(*line).ended(3)
        assert "did_102\n    not readable for tag:start: 404 not_found" in said.stdout, end
        assert "3 compared: 1 changed, 2 unchanged, 1 unreadable" in said.stdout, end
        assert "did_102" not in said.stderr, end
        document = program.json(*line)
        assert document["conditions"] == ["unreadable"], end
        assert unread(document) == {"did_102": ["from"]}, end
        assert [group["dids"] for group in document["groups"]] == [["did_103"]], end
    named = program.json("diff", "did_102", "did_103", "--from", "tag:start", "--to", "tag:end")
    assert [(one["changes"] != [], one["to_revision"]) for one in named["dids"]] == [
        (False, 2),
        (True, 2),
    ]
    assert named["counts"]["unreadable"] == 1


def test_what_another_capture_saw_change_meanwhile_is_a_change(
    program: Program, sandbox: Sandbox
) -> None:
    """And says that the tag's own capture had not read it."""
    sandbox.restore("did_102")
    sandbox.move("did_102", route_mode="reject")
    program.record("did_102")
    sandbox.remove("did_102")
    program.record(*FOUR, "--tag", "last", exit_code=3)
    line = ["diff", "--from", "tag:before", "--to", "tag:last"]
    assert "    did_102: not read for tag:last: 404 not_found" in program.run(*line).ended(3).stdout
    document = program.json(*line)
    (one,) = [one for one in document["dids"] if one["did"] == "did_102"]
    assert [change["after"] for change in one["changes"]][:1] == ["reject"]
    assert (one["not_read"], one["error"]["code"]) == (["to"], "not_found")
    assert document["counts"]["changed"] == 2


def test_of_a_fleet_that_is_compared_with_live_the_unchanged_are_counted(program: Program) -> None:
    said = program.run("diff", "--from", "tag:before", "--to", "live").ended(3).stdout
    assert "unchanged (r1 → r1)" not in said
    assert "2 DIDs: did_102, did_103\n    not readable for live: 404 not_found" in said
    assert "2 compared: 1 changed, 1 unchanged, 2 unreadable" in said


def test_what_neither_capture_could_read_is_not_left_out(
    tmp_path: Path, sandbox: Sandbox, location: Location
) -> None:
    program = Program(tmp_path / "home", api=sandbox, database=location)
    program.record("did_101", "did_103")
    sandbox.remove("did_103")
    for tag in ("before", "after"):
        program.record("did_101", "did_103", "did_nobody", "--tag", tag, exit_code=3)
    document = program.json("diff", *TAGS)
    assert (document["exit_code"], document["counts"]["unreadable"]) == (3, 1)
    assert unread(document) == {"did_103": ["from", "to"]}
