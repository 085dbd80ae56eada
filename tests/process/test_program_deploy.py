"""``deploy``: what is captured around a command, how the command runs, and what is said of both."""

import json
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from changelog.store.location import Location
from tests.program import KEY, TIMEOUT_S, Json, Program
from tests.sandbox_faults import Fault, Sandbox
from tests.typist import Typist

CALL = """\
import sys, urllib.request
method, url, body = sys.argv[1:]
urllib.request.urlopen(urllib.request.Request(url, body.encode(), method=method)).read()
"""
FIVE = tuple(f"did_10{place}" for place in range(1, 6))
ROUTES = """\
did,application_id,route_mode
did_101,app_sales,webhook
did_102,app_support,webhook
did_104,app_maintenance,webhook
"""
"""What the deploy below should do. It does the first; the second is so; the last is not done."""

NEW_KEY = "mv_live_rotated_0123456789"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in which five DIDs are recorded, to be copied."""
    with Sandbox(key=KEY) as running:
        made = Program(tmp_path_factory.mktemp("log") / "home", api=running, database="log.db")
        made.record(*FIVE)
    return made.home / "log.db"


@pytest.fixture
def program(sandbox: Sandbox, log: Path, tmp_path: Path) -> Program:
    made = with_files(Program(tmp_path / "home", api=sandbox, database="log.db"), sandbox)
    shutil.copy(log, made.home)
    return made


def with_files(made: Program, sandbox: Sandbox) -> Program:
    """With the files of a deploy in its home."""
    (made.home / "routes.csv").write_text(ROUTES)
    (made.home / "call.py").write_text(CALL)
    script(
        made,
        "deploy.sh",
        patch(sandbox, "did_101", application_id="app_sales"),
        patch(sandbox, "did_105", route_mode="reject"),
        call(sandbox, "DELETE", "dids/did_103"),
        "echo deployed",
        "exit ${1:-0}",
    )
    return made


def call(sandbox: Sandbox, method: str, place: str, fields: Json | None = None) -> str:
    """A line of shell by which something happens at the provider."""
    words = [sys.executable, "call.py", method, f"{sandbox.origin}/sandbox/{place}"]
    return shlex.join([*words, json.dumps(fields or {})])


def patch(sandbox: Sandbox, did: str, **fields: str) -> str:
    """A line of shell that changes a DID at the provider."""
    return call(sandbox, "PATCH", f"dids/{did}", fields)


def script(program: Program, name: str, *lines: str) -> str:
    """An executable of these lines of shell. Returns how it is called."""
    path = program.home / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return f"./{name}"


def python(program: Program, name: str, code: str) -> list[str]:
    """A command that runs `code`."""
    (program.home / name).write_text(code)
    return [sys.executable, name]


def told(program: Program, *words: str) -> Json:
    """The document of a deploy."""
    return program.run("deploy", "--json", *words).json


def names(section: list[Json]) -> list[str]:
    return [one["did"] for one in section]


def tags(program: Program) -> set[str]:
    return {tag for entry in program.json("log")["entries"] for tag in entry["tags"]}


# What is said


def test_what_was_away_and_is_back_within_the_deploy_is_told(
    program: Program, sandbox: Sandbox
) -> None:
    record = shlex.join([sys.executable, "-m", "changelog", "record", "did_101"])
    flap = script(
        program,
        "flap.sh",
        patch(sandbox, "did_101", application_id="app_sales"),
        record,
        patch(sandbox, "did_101", application_id="app_support"),
    )
    ran = program.run("deploy", "--all", "--tag", "flap", "--", flap).ended(0)
    assert "another routing in between, and back again: did_101" in ran.stdout
    assert "0 changed" in ran.stdout
    again = told(program, "--all", "--tag", "still", "--", "true")
    assert again["returned"] == []
    # Whether it is back cannot be said of what the last capture could not read.
    patches = (patch(sandbox, "did_101", application_id=f"app_{n}") for n in ("sales", "support"))
    gone = script(
        program,
        "gone.sh",
        *(line for moved in patches for line in (moved, record)),
        call(sandbox, "DELETE", "dids/did_101"),
    )
    ended = told(program, "--all", "--tag", "gone", "--", gone)
    assert (ended["returned"], names(ended["unreadable"])) == ([], ["did_101"])


def test_a_destination_that_was_learned_meanwhile_is_no_change(
    sandbox: Sandbox, tmp_path: Path, location: Location
) -> None:
    program = Program(tmp_path / "home", api=sandbox, database=location)
    # For the record, and for the capture before the command.
    sandbox.fail(Fault("status", status=403), applications=True, times=2)
    program.record("did_101")
    (program.home / "routes.csv").write_text(
        "did,application_id,route_mode\ndid_101,app_support,webhook\n"
    )
    line = ("deploy", "did_101", "--tag", "r8", "--expect", "routes.csv", "--", "true")
    said = program.run(*line).ended(0).stdout
    assert "1 of 1 compared: 0 changed, 1 unchanged, 1 of these learned a destination" in said
    assert "1 as expected, 0 missing, 0 unexpected" in said


def test_expected_missing_and_unexpected_changes_stand_apart_and_a_hidden_did_in_none(
    sandbox: Sandbox, tmp_path: Path, location: Location
) -> None:
    program = with_files(Program(tmp_path / "home", api=sandbox, database=location), sandbox)
    program.record(*FIVE)
    ran = program.run(
        *("deploy", "--all", "--tag", "r7", "--expect", "routes.csv", "--json"),
        *("--", "./deploy.sh"),
    ).ended(3)
    said = ran.json
    assert said["schema"] == "changelog/deploy/1"
    assert said["conditions"] == ["different", "unreadable"]
    assert said["command"] == {"exit_code": 0, "signal": None, "error": None}
    assert names(said["expected"]) == ["did_101", "did_102"]
    done, already = said["expected"]
    assert [(one["field"], one["after"]) for one in done["changes"]] == [
        ("application_id", "app_sales")
    ]
    assert already["changes"] == []
    (missing,) = said["missing"]
    assert missing["did"] == "did_104"
    assert missing["differences"] == [
        {
            "field": "application_id",
            "before": "app_maintenance",
            "after": "app_sales",
            "routing": True,
        }
    ]
    (unexpected,) = said["unexpected"]
    assert unexpected["did"] == "did_105"
    assert (unexpected["from_revision"], unexpected["to_revision"]) == (1, 2)
    (hidden,) = said["unreadable"]
    assert hidden["did"] == "did_103"
    assert hidden["error_after"]["status"] == 404
    assert hidden["error_before"] is None
    assert names(said["dids"]) == ["did_101", "did_105"]
    assert said["counts"] == {
        "requested": 5,
        "compared": 4,
        "changed": 2,
        "unchanged": 2,
        "expected": 2,
        "missing": 1,
        "not_compared": 0,
        "unexpected": 1,
        "unreadable": 1,
        "not_read": 0,
        "learned": 0,
    }
    assert said["before"]["capture"]["tag"] == "r7:before"
    assert said["after"]["capture"]["tag"] == "r7:after"
    assert said["restore"] == "changelog restore --all --to tag:r7:before"
    assert ran.stderr == "deployed\n", "as JSON, the answer alone is on stdout"


def test_the_line_to_go_back_names_every_did_that_the_deploy_changed_or_hid(
    program: Program,
) -> None:
    said = told(program, "--all", "--tag", "r7", "--", "./deploy.sh")
    back = program.run(*shlex.split(said["restore"])[1:], "--format", "plain").ended(0)
    assert [line.split("\t")[0] for line in back.stdout.splitlines()] == [
        *("did_101", "did_105", "did_103")
    ]


def test_dids_named_are_those_of_the_deploy_and_of_the_line_to_go_back(
    program: Program, tmp_path: Path
) -> None:
    elsewhere = str(tmp_path / "other log.db")
    said = told(
        program,
        *("did_101", "+15551230002", "--tag", "a/b", "--db", elsewhere, "-m", "v7"),
        *("--json", "--", "./deploy.sh"),
    )
    assert said["counts"]["requested"] == 2
    assert said["before"]["capture"]["note"] == said["after"]["capture"]["note"] == "v7"
    assert said["restore"] == (
        f"changelog restore did_101 +15551230002 --to tag:a/b:before --db '{elsewhere}'"
    )
    back = program.run(*shlex.split(said["restore"])[1:], "--format", "plain").ended(0)
    assert len(back.stdout.splitlines()) == 2


def test_without_dids_those_of_the_file_are_meant(program: Program) -> None:
    said = told(program, "--tag", "r7", "--expect", "routes.csv", "--", "./deploy.sh")
    assert said["counts"]["requested"] == 3
    assert said["exit_code"] == 4
    assert said["unexpected"] == []
    assert said["restore"] == "changelog restore did_101 did_102 did_104 --to tag:r7:before"


def test_a_deploy_that_did_just_what_the_file_says_ends_with_0(
    program: Program, sandbox: Sandbox
) -> None:
    move = script(program, "move.sh", patch(sandbox, "did_101", application_id="app_sales"))
    (program.home / "one.csv").write_text(
        "number,application_id,route_mode\n+1 555 123-0001,app_sales,*\n"
    )
    said = program.run(
        "deploy", "--all", "--tag", "r7", "--expect", "one.csv", "--json", "--", move
    )
    assert names(said.ended(0).json["expected"]) == ["did_101"]
    assert said.json["conditions"] == []


SECTIONS: dict[str, tuple[Callable[[Sandbox], str], list[str], list[tuple[str, str]]]] = {
    "another application than the file says": (
        lambda api: patch(api, "did_101", application_id="app_maintenance"),
        ["did_102"],
        [("did_101", "application_id")],
    ),
    "something else on a DID that moved as expected": (
        lambda api: patch(api, "did_101", application_id="app_sales", status="suspended"),
        ["did_101", "did_102"],
        [("did_101", "status")],
    ),
    "an answer_url that the file does not name": (
        lambda api: call(api, "PATCH", "applications/app_support", {"answer_url": "https://x.y"}),
        ["did_102"],
        [("did_101", "destination"), ("did_102", "destination")],
    ),
}


@pytest.mark.parametrize("case", SECTIONS)
def test_what_the_file_does_not_say_is_unexpected(
    case: str, program: Program, sandbox: Sandbox
) -> None:
    move, expected, unexpected = SECTIONS[case]
    line = ("--tag", "r7", "--expect", "routes.csv", "--json")
    said = told(program, *line, "--", script(program, "move.sh", move(sandbox)))
    assert names(said["expected"]) == expected
    assert names(said["missing"]) == sorted({"did_101", "did_102", "did_104"} - {*expected})
    assert [
        (did["did"], change["field"]) for did in said["unexpected"] for change in did["changes"]
    ] == unexpected


def test_equal_changes_over_many_dids_are_told_once(program: Program, sandbox: Sandbox) -> None:
    moves = [patch(sandbox, f"did_10{n}", route_mode="reject") for n in (1, 2, 3)]
    ran = program.run("deploy", "--all", "--tag", "r7", "--", script(program, "m.sh", *moves))
    assert "3 DIDs: did_101, did_102, did_103\n    route_mode webhook → reject\n" in ran.stdout
    assert ran.ended(0).stdout.count("reject") == 1


def test_a_did_unreadable_before_is_no_change_but_is_held_to_the_file(
    program: Program, sandbox: Sandbox
) -> None:
    gone = {did: sandbox.remove(did) for did in ("did_101", "did_103")}
    back = [call(sandbox, "PUT", f"dids/{did}", fields) for did, fields in gone.items()]
    said = told(
        program,
        *("--all", "--tag", "r7", "--expect", "routes.csv", "--json"),
        *("--", script(program, "back.sh", *back)),
    )
    assert said["dids"] == said["unexpected"] == []
    assert names(said["unreadable"]) == ["did_101", "did_103"]
    assert {one["error_before"]["status"] for one in said["unreadable"]} == {404}
    assert [one["error_after"] for one in said["unreadable"]] == [None, None]
    assert names(said["missing"]) == ["did_101", "did_104"]


def test_a_number_that_another_did_has_now_is_a_change(program: Program, sandbox: Sandbox) -> None:
    new = patch(sandbox, "did_105", number_e164="+15551230001")
    old = patch(sandbox, "did_101", number_e164="+15551230009")
    said = told(
        program,
        *("+15551230001", "--tag", "r7", "--json"),
        *("--", script(program, "swap.sh", old, new)),
    )
    (changed,) = said["dids"]
    assert ("id", "did_101", "did_105") in [
        (one["field"], one["before"], one["after"]) for one in changed["changes"]
    ]


# How the command ends


@pytest.mark.parametrize("code", [4, 255])
def test_the_command_s_own_exit_code_is_kept_and_the_capture_after_it_taken(
    program: Program, code: int
) -> None:
    ran = program.run(
        "deploy", "--all", "--tag", "r7", "--json", "--", "./deploy.sh", f"{code}"
    ).ended(code)
    assert ran.json["command"]["exit_code"] == ran.json["exit_code"] == code
    assert ran.json["conditions"] == ["unreadable"]
    assert names(ran.json["dids"]) == ["did_101", "did_105"]


@pytest.mark.parametrize(
    ("command", "code", "end"),
    [
        (("sh", "-c", "kill -9 $$"), 137, "killed by signal 9 (SIGKILL): exit code 137"),
        (("./odd",), 126, "could not be started: ./odd"),
    ],
)
def test_a_command_that_is_killed_or_refused_ends_as_in_a_shell(
    program: Program, command: tuple[str, ...], code: int, end: str
) -> None:
    odd = program.home / "odd"
    odd.write_bytes(b"\x00\x01")
    odd.chmod(0o755)
    ran = program.run("deploy", "--all", "--tag", "r7", "--", *command).ended(code)
    assert end in ran.stdout
    assert "r7:after" in ran.stderr


def test_the_command_is_run_word_for_word_by_no_shell_and_reads_what_is_piped_in(
    program: Program,
) -> None:
    words = ["a b", "$HOME", "--json", "--", "-m", "*", "", os.fsdecode(b"Z\xfcrich")]
    show = python(
        program,
        "show.py",
        "import os, sys; print([os.fsencode(w) for w in sys.argv[1:]], input())",
    )
    line = ("deploy", "--all", "--tag", "r7", "--", *show, *words)
    ran = program.run(*line, stdin="from a pipe\n").ended(0)
    assert ran.stdout.splitlines()[0] == f"{[os.fsencode(word) for word in words]} from a pipe"


@pytest.mark.parametrize(("command", "code"), [("nowhere.sh", 127), ("./routes.csv", 126)])
def test_a_command_that_cannot_be_started_leaves_the_tag_free(
    program: Program, sandbox: Sandbox, command: str, code: int
) -> None:
    asked = len(sandbox.requests)
    line = ("deploy", "--all", "--tag", "r7")
    ran = program.run(*line, "--json", "--", command).ended(code)
    assert ran.json["command"]["exit_code"] == code
    assert ran.json["before"] is None
    assert command in program.run(*line, "--", command).ended(code).stderr
    assert len(sandbox.requests) == asked
    program.run(*line, "--", "true").ended(0)


# Signals and the terminal

WAITING = """\
import os, signal, sys, time
def end(number, frame):
    os.write(1, b"CAUGHT %d\\n" % number)
    sys.exit(33)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, end)
os.write(1, b"WAITING\\n")
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_program_alone_ends_the_command_and_not_the_capture(
    program: Program, number: int
) -> None:
    wait = python(program, "wait.py", WAITING)
    with program.start("deploy", "--all", "--tag", "r7", "--json", "--", *wait) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline() == "WAITING\n"
        process.send_signal(number)
        said = json.loads(process.stdout.read())
        assert process.stderr.read() == f"CAUGHT {int(number)}\n"
        assert process.wait(TIMEOUT_S) == 33
    assert said["command"] == {"exit_code": 33, "signal": None, "error": None}
    assert said["conditions"] == (["interrupted"] if number == signal.SIGINT else [])
    assert said["after"]["capture"]["tag"] == "r7:after"


COUNT = """\
import signal, time
got = []
signal.signal(signal.SIGINT, lambda *_: got.append(1))
print("WAITING", flush=True)
while not got: time.sleep(0.01)
time.sleep(0.2)
print("GOT", len(got))
raise SystemExit(9)
"""


@pytest.mark.parametrize(
    ("command", "code", "end"),
    [
        ((sys.executable, "count.py"), 9, "GOT 1\r\n"),
        (("sh", "-c", "echo WAITING; exec sleep 600"), 130, "killed by signal 2 (SIGINT)"),
    ],
)
def test_ctrl_c_at_a_terminal_reaches_the_command_once_and_the_capture_is_taken(
    program: Program, command: tuple[str, ...], code: int, end: str
) -> None:
    python(program, "count.py", COUNT)
    with Typist(program, "deploy", "--all", "--tag", "r7", "--", *command) as typist:
        typist.wait_for("WAITING")
        typist.type("\x03")
        ended, said = typist.end()
    assert ended == code
    assert end in said
    assert "r7:after: capture 3, 5 read" in said
    assert "to go back" in said


def test_a_terminal_that_hangs_up_costs_neither_the_capture_nor_the_code(program: Program) -> None:
    line = ("sh", "-c", "echo WAITING; exec sleep 600")
    with Typist(program, "deploy", "--all", "--tag", "r7", "--", *line) as typist:
        typist.wait_for("WAITING")
        code = typist.hang_up()
    assert code == 128 + signal.SIGHUP
    assert {"r7:before", "r7:after"} <= tags(program)


def test_a_shell_that_passes_the_hang_up_on_once_more_costs_no_capture(
    program: Program, sandbox: Sandbox
) -> None:
    late = call(sandbox, "PUT", "faults", {"kind": "slow", "seconds": 1, "did": "did_105"})
    loop = "echo WAITING >&2; while :; do sleep 0.05; done"
    line = ("sh", "-c", f"{late}; trap 'exit 7' HUP; {loop}")
    with program.start("deploy", "--all", "--tag", "r7", "--", *line) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while process.stderr.readline() != "WAITING\n":
            pass
        process.send_signal(signal.SIGHUP)
        while "ended with" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGHUP)
        said = process.stdout.read()
        assert process.wait(TIMEOUT_S) == 7
    assert "5 of 5 compared" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_where_nothing_can_be_told_the_deploy_is_done_all_the_same(program: Program) -> None:
    line = ("deploy", "--all", "--tag", "r7", "--json", "--", "sh", "-c", "exit 6")
    ran = program.run_redirected("2>/dev/full", *line).ended(6)
    assert ran.json["after"]["counts"]["unchanged"] == 5


def test_the_command_has_the_terminal_its_colours_and_its_prompts(program: Program) -> None:
    ask = python(
        program,
        "ask.py",
        "import os, sys\n"
        "print([os.isatty(n) for n in range(3)], os.get_terminal_size().columns)\n"
        "print('\\x1b[35mviolet\\x1b[0m')\n"
        "print('FOREGROUND', os.tcgetpgrp(0) == os.getpgrp())\n"
        "print('HELLO', input('Your name? '))\n",
    )
    with Typist(program, "deploy", "--all", "--tag", "r7", "--", *ask) as typist:
        typist.wait_for("Your name? ")
        typist.type("Ada\n")
        code, said = typist.end()
    assert "[True, True, True] 80" in said
    assert "\x1b[35mviolet\x1b[0m" in said
    assert "FOREGROUND True" in said
    assert "HELLO Ada" in said
    assert code == 0


def test_a_stated_destination_that_cannot_be_seen_is_neither_there_nor_elsewhere(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=403), applications=True)
    (program.home / "sip.csv").write_text(
        "did,application_id,route_mode,destination\ndid_101,app_support,webhook,sip:x@y.example\n"
    )
    line = ("deploy", "--tag", "r7", "--expect", "sip.csv", "--json", "--", "true")
    said = program.run(*line).ended(3).json
    assert (said["expected"], said["missing"], said["unexpected"]) == ([], [], [])
    (unknown,) = said["not_compared"]
    assert (unknown["differences"], unknown["not_compared"]) == ([], ["destination"])
    assert (said["conditions"], said["counts"]["not_compared"]) == (["not_compared"], 1)
    text = ("deploy", "--tag", "r8", "--expect", "sip.csv", "--", "true")
    shown = program.run(*text).ended(3).stdout
    assert "NOT COMPARED whole (1)" in shown
    assert "0 missing, 0 unexpected, 1 not compared" in shown
    assert "MISSING" not in shown


# What is refused before anything happens

REFUSED: dict[str, list[str]] = {
    "no command": ["deploy", "--all", "--tag", "new"],
    "no command behind the --": ["deploy", "--all", "--tag", "new", "--"],
    "no tag": ["deploy", "--all", "--", "touch", "ran"],
    "a tag of deploy's own": ["deploy", "--all", "--tag", "new:before", "--", "touch", "ran"],
    "no DID": ["deploy", "--tag", "new", "--", "touch", "ran"],
    "--all and a DID": ["deploy", "did_101", "--all", "--tag", "new", "--", "touch", "ran"],
    "a file that is not there": [
        *("deploy", "--tag", "new", "--expect", "nowhere.csv", "--", "touch", "ran")
    ],
    "a file that is no CSV": [
        *("deploy", "--tag", "new", "--expect", "deploy.sh", "--", "touch", "ran")
    ],
    "a DID twice in the file": [
        *("deploy", "--tag", "new", "--expect", "twice.csv", "--", "touch", "ran")
    ],
    "the tag before is taken": ["deploy", "--all", "--tag", "half", "--", "touch", "ran"],
    "both tags are taken": ["deploy", "--all", "--tag", "used", "--", "touch", "ran"],
}


def test_what_is_mistyped_or_taken_is_refused_before_anything_is_fetched_or_run(
    program: Program, sandbox: Sandbox
) -> None:
    program.run("deploy", "did_101", "--tag", "used", "--", "true").ended(0)
    remove = (call(sandbox, "DELETE", f"dids/did_10{place}") for place in range(1, 6))
    gone = script(program, "gone.sh", *remove)
    program.run("deploy", "--all", "--tag", "half", "--", gone).ended(3)
    (program.home / "twice.csv").write_text(
        "did,application_id,route_mode\ndid_101,a,b\n+15551230001,a,b\n"
    )
    asked = len(sandbox.requests)
    for what, ran in zip(REFUSED, program.run_each(REFUSED.values()), strict=True):
        assert ran.ended(2).stderr, what
    assert not (program.home / "ran").exists()
    assert len(sandbox.requests) == asked


def test_without_a_key_nothing_is_run(program: Program) -> None:
    line = ("deploy", "--all", "--tag", "r7", "--", "touch", "ran")
    ran = program.run(*line, environment={"MINIVOICE_API_KEY": ""}).ended(2)
    assert "MINIVOICE_API_KEY" in ran.stderr
    assert not (program.home / "ran").exists()


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault("status", status=404), 3), (Fault("reset"), 6)], ids=str
)
def test_where_nothing_could_be_read_before_the_command_is_not_run(
    program: Program, sandbox: Sandbox, fault: Fault, code: int
) -> None:
    sandbox.fail(fault)
    line = ("deploy", "did_101", "--tag", "r7")
    ran = program.run(*line, "--json", "--", "touch", "ran").ended(code)
    assert ran.json["command"] is None
    assert ran.json["after"] is None
    assert ran.json["before"]["counts"]["unreadable"] == ran.json["counts"]["unreadable"] == 1
    (why,) = ran.json["unreadable"]
    assert (why["did"], why["error_after"]) == ("did_101", None)
    assert why["error_before"]["status"] == fault.status
    said = program.run(*line, "--", "touch", "ran").ended(code).stdout
    assert said.startswith("The command was NOT run: nothing could be read before it (")
    assert "The tag is still free: run the same line again" in said
    assert not (program.home / "ran").exists()
    sandbox.clear_faults()
    program.run(*line, "--", "touch", "ran").ended(0)


def test_a_database_that_refuses_before_keeps_the_command_from_running(program: Program) -> None:
    newer = program.home / "foreign.db"
    newer.write_text("this is no database, and long enough to be seen as none" * 20)
    line = ("deploy", "did_101", "--tag", "r7", "--db", str(newer), "--", "touch", "ran")
    program.run(*line).ended(8)
    assert not (program.home / "ran").exists()


# What is lost after the command


def test_where_the_api_is_gone_afterwards_no_did_is_said_to_be_unchanged(
    program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = script(program, "cut.sh", call(sandbox, "DELETE", "faults"), "exit ${1:-0}")
    monkeypatch.setattr(sandbox, "clear_faults", lambda: sandbox.fail(Fault("reset")))
    said = program.run("deploy", "--all", "--tag", "a", "--json", "--", lost).ended(6).json
    assert said["counts"]["compared"] == said["counts"]["unchanged"] == 0
    assert said["counts"]["unreadable"] == 5
    assert said["diff"] == "changelog diff --from tag:a:before --to live"
    Sandbox.clear_faults(sandbox)
    assert program.run("deploy", "--all", "--tag", "b", "--", lost, "5").ended(5).stdout


SPOIL = """\
import sqlite3
log = sqlite3.connect("log.db")
log.execute("DROP TRIGGER journal_no_update")
log.execute("UPDATE journal SET digest = 'no bytes' WHERE n = (SELECT max(n) FROM journal)")
log.commit()
"""


@pytest.mark.parametrize("code", [0, 5])
@pytest.mark.parametrize(
    ("loss", "condition", "own"),
    [
        ("rm -f log.db-*; echo spoiled > log.db", "database_unusable", 8),
        (f"{sys.executable} spoil.py", "bug", 1),
    ],
    ids=["a lost database", "an error nobody thought of"],
)
def test_what_costs_the_capture_costs_not_the_end_of_the_command(
    program: Program, loss: str, condition: str, own: int, code: int
) -> None:
    python(program, "spoil.py", SPOIL)
    lose = script(program, "lose.sh", loss, f"exit {code}")
    ran = program.run("deploy", "--all", "--tag", "r7", "--json", "--", lose).ended(code or own)
    said = ran.json
    assert said["command"]["exit_code"] == code
    assert condition in said["conditions"]
    assert said["before"]["capture"]["tag"] == "r7:before"
    assert said["after"] is None
    assert said["error"]["code"]
    assert said["counts"]["unchanged"] == 0
    assert said["restore"] == "changelog restore --all --to tag:r7:before"


@pytest.mark.parametrize(
    ("rotate", "code", "said"),
    [
        (f"printf {NEW_KEY} > key", 6, "after: 401 unauthorized"),
        ("rm key; exit 5", 5, "the routing after it is not known"),
    ],
)
def test_the_key_that_the_deploy_left_is_the_one_that_counts_afterwards(
    rotate: str, code: int, said: str, program: Program, sandbox: Sandbox
) -> None:
    (program.home / "key").write_text(KEY)
    with_file = {"MINIVOICE_API_KEY": "", "MINIVOICE_API_KEY_FILE": "key"}
    line = ("deploy", "--all", "--tag", "r7", "--", "sh", "-c", rotate)
    ran = program.run(*line, environment=with_file).ended(code)
    assert said in ran.stdout
    assert bool(sandbox.paths_asked_with(NEW_KEY)) == (code == 6)


def test_ctrl_c_while_reading_again_keeps_what_is_known(program: Program, sandbox: Sandbox) -> None:
    late = {"kind": "slow", "seconds": 30, "did": "did_102"}
    slow = script(program, "slow.sh", call(sandbox, "PUT", "faults", late))
    with program.start("deploy", "did_101", "did_102", "--tag", "r7", "--", slow) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while "ended with" not in process.stderr.readline():
            pass
        while sum(path.endswith("did_102") for _, path in list(sandbox.requests)) < 2:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
        assert process.wait(TIMEOUT_S) == 130
    assert "to go back: changelog restore did_101 did_102 --to tag:r7:before" in said


def test_where_the_capture_before_was_interrupted_it_says_that_the_tag_is_used(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("slow", seconds=60), did="did_102")
    line = ("deploy", "did_101", "did_102", "--tag", "r7")
    with program.start(*line, "--", "touch", "ran") as process:
        until = time.monotonic() + 30
        while program.run("show", "did_101@tag:r7:before").exit_code != 0:
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    why = "the capture before it is not whole. The tag r7:before is used: choose another"
    assert f"The command was NOT run: {why}" in stdout
    assert not (program.home / "ran").exists()
