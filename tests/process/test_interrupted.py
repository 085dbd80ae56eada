"""Ctrl-C before the program has read anything, or all: 130, with what is known and no more."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from changelog.api.keys import MOST_REFUSALS
from tests.program import KEY, TIMEOUT_S, Program, Ran
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"num-{place:02}" for place in range(30)]
HANGS = Fault("slow", seconds=30.0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for did in FLEET:
            running.add_did({"id": did, "application_id": "app_sales", "route_mode": "webhook"})
        yield running


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox) -> Program:
    made = Program(tmp_path / "home", api=sandbox)
    made.record(*FLEET)
    return made


def interrupted(program: Program, sandbox: Sandbox, *line: str) -> Ran:
    """Press Ctrl-C a moment after the first requests."""
    awaited = len(sandbox.requests) + 4
    with program.start(*line) as process:
        while len(sandbox.requests) < awaited and process.poll() is None:
            time.sleep(0.01)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)
    return Ran(line, process.returncode, stdout, stderr).ended(130)


def test_a_record_without_any_answer_has_its_document_and_nothing_to_resume(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(HANGS)
    ran = interrupted(program, sandbox, "record", "--all", "--json")
    document = json.loads(ran.stdout)
    assert document["counts"] == {
        "requested": 30,
        **dict.fromkeys(("new", "changed", "unchanged", "unreadable"), 0),
        "not_read": 30,
    }
    assert {did["error"]["code"] for did in document["dids"]} == {"not_attempted"}
    text = interrupted(program, sandbox, "record", *FLEET[:4])
    assert "interrupted: 0 of 4 are stored; run the same command again\n" in text.stderr
    assert text.stdout.splitlines() == [
        "not read    num-00, num-01, num-02, num-03",
        "nothing stored: 4 requested, 4 not read",
        "remark: interrupted after 0 of 4",
        "none was read, so the log has nothing new about them",
    ]
    assert program.run("record", "--resume").ended(5)
    deployed = interrupted(program, sandbox, "deploy", *FLEET[:4], "--tag", "t", "--", "true")
    why = "interrupted before anything was read. The tag is still free: run it again\n"
    assert f"The command was NOT run: {why}" in deployed.stdout
    assert "could be read" not in deployed.stdout


def test_what_was_not_read_is_not_called_unreadable(program: Program, sandbox: Sandbox) -> None:
    for did in FLEET[1:]:
        sandbox.fail(HANGS, did=did)
    recorded = interrupted(program, sandbox, "record", "--all")
    assert ": 30 requested, 1 unchanged, 29 not read\n" in recorded.stdout
    assert (
        "1 of 30 are stored; to go on with the rest: changelog record --resume" in recorded.stderr
    )
    watched = interrupted(program, sandbox, "watch", "--all")
    assert "this round stopped before 29 of 30 DIDs were read" in watched.stderr
    assert "status says which" not in watched.stderr
    deployed = interrupted(program, sandbox, "deploy", "--all", "--tag", "t", "--", "true")
    assert "1 read, 29 not read" in deployed.stderr
    assert "NOT READ: neither changed nor unchanged (29)\n" in deployed.stdout
    assert "UNREADABLE" not in deployed.stdout
    verified = interrupted(program, sandbox, "verify", "--all", "--to", "latest")
    first, not_read, counted, remark = verified.stdout.splitlines()
    assert first.startswith("match  num-00")
    assert not_read.startswith("not read    num-01, num-02")
    assert counted == "30 DIDs, 1 verified: 1 match, 29 not read"
    assert remark == "remark: interrupted after 1 of 30"
    diffed = interrupted(program, sandbox, "diff", "--to", "live")
    assert "NOT READ: neither changed nor unchanged (29)\n" in diffed.stdout
    assert "1 compared: 0 changed, 1 unchanged, 29 not read\n" in diffed.stdout
    assert "readable" not in diffed.stdout + verified.stdout


def test_what_was_not_read_has_a_count_of_its_own_in_every_json(
    program: Program, sandbox: Sandbox
) -> None:
    for did in FLEET[1:]:
        sandbox.fail(HANGS, did=did)
    for line in (
        ("verify", "--all", "--to", "latest"),
        ("diff", "--to", "live"),
        ("deploy", "--all", "--tag", "t", "--", "true"),
    ):
        document = json.loads(interrupted(program, sandbox, line[0], "--json", *line[1:]).stdout)
        counts = document["counts"]
        assert (counts["unreadable"], counts["not_read"]) == (0, 29), line
        dids = document["unreadable" if line[0] == "deploy" else "dids"]
        errors = (did.get("error") or did.get("error_before") for did in dids)
        codes = [error["code"] for error in errors if error]
        assert codes == ["not_attempted"] * 29, line
        if line[0] == "verify":
            assert [did["outcome"] for did in dids] == ["match"] + ["not_read"] * 29


def test_what_was_not_read_often_enough_is_not_called_unreadable(
    program: Program, sandbox: Sandbox
) -> None:
    with program.start("verify", FLEET[0], "--to", "r1", "--reads", "9", "--json") as process:
        awaited = len(sandbox.requests) + 2
        while len(sandbox.requests) < awaited:
            time.sleep(0.01)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=TIMEOUT_S)
    (did,) = json.loads(stdout)["dids"]
    assert (did["outcome"], did["matches"], did["error"]["code"]) == (
        "not_read",
        False,
        "not_attempted",
    )
    assert "equal answers" in did["error"]["message"]


def test_dids_behind_a_refused_key_are_named_and_not_called_unreadable(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=401))
    dids = [f"did-{n:02}" for n in range(MOST_REFUSALS + 3)]
    ran = program.run("record", *dids, "--concurrency", "1").ended(6)
    assert "not read    did-20, did-21, did-22\n" in ran.stdout
    assert ": 23 requested, 20 unreadable, 3 not read\n" in ran.stdout


def test_a_program_that_is_still_being_imported_ends_without_a_traceback(tmp_path: Path) -> None:
    code = (
        "import sys; from changelog.__main__ import run\n"
        "class Finder:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'typer': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Finder()); run()"
    )
    ran = Program(tmp_path).run_python(code).ended(130)
    assert ran.stderr == "changelog: interrupted\n"
