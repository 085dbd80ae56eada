"""``record``: which lines of a list it takes, what it prints, and what it refuses."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from changelog.cli.recording.record import _PackedTexts
from changelog.store.location import Location
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("no_backoff")


@pytest.fixture
def program(sandbox: Sandbox, location: Location, tmp_path: Path) -> Program:
    return Program(tmp_path / "home", api=sandbox, database=location)


def test_a_volatile_field_is_no_change_in_any_answer(program: Program, sandbox: Sandbox) -> None:
    (program.home / "log.toml").write_text('volatile = ["calls_today"]\n')
    config = ("--config", "log.toml")
    for application, status, calls in (
        ("app_support", "active", 1),
        ("app_sales", "active", 2),
        ("app_sales", "suspended", 3),
    ):
        sandbox.move("did_101", application_id=application, status=status, calls_today=calls)
        ran = program.run("record", "did_101", *config, "--json").ended(0)
    (recorded,) = json.loads(ran.stdout)["dids"]
    assert [change["field"] for change in recorded["changes"]] == ["status"]
    (card,) = json.loads(
        program.run("restore", "did_101", "--offline", *config, "--json").ended(0).stdout
    )["dids"]
    assert [each["field"] for each in card["current"]["since_routing_change"]] == ["status"]


BAD = {
    "\u202adid_102": "names no DID",
    "d" * 300: "it has 300 characters",
    "did_101@r1": "names a revision",
}


def test_a_bad_line_of_a_list_is_named_and_the_others_are_recorded(program: Program) -> None:
    program.record("did_101", "did_104")
    for line, reason in BAD.items():
        (program.home / "list").write_text(f"did_101\n\n{line}\n# did_103\ndid_104\n")
        ran = program.run("record", "--file", "list").ended(3)
        (refused,) = [said for said in ran.stdout.splitlines() if said.startswith("unreadable")]
        assert "list, line 3: " in refused
        assert reason in refused
        document = program.record("--file", "list", exit_code=3)
        assert document["counts"] == {
            "requested": 3,
            "new": 0,
            "changed": 0,
            "unchanged": 2,
            "unreadable": 1,
            "not_read": 0,
        }
        errors = {one["requested"]: one["error"] for one in document["dids"]}
        assert errors["did_101"] is errors["did_104"] is None
        assert errors[line]["message"].startswith("list, line 3: ")


NOT_TEXT = b"did_101\nm\xfcnchen\n\xe2\x80\xaedid_102\ndid_104\n"


@pytest.mark.parametrize(
    ("line", "exit_code"),
    [
        (("record",), 3),
        (("verify", "--application", "app_a"), 3),
        (("restore", "--offline"), 5),
        (("note", "-m", "calm"), 5),
        (("mark", "good", "-m", "heard"), 5),
    ],
    ids=["record", "verify", "restore", "note", "mark"],
)
def test_no_line_of_a_list_costs_the_others(
    line: tuple[str, ...], exit_code: int, program: Program, sandbox: Sandbox
) -> None:
    """A line of another encoding, and one with a sign that nobody sees."""
    for did in ("did_101", "did_104"):
        sandbox.move(did, application_id="app_b")
        program.record(did)
        sandbox.move(did, application_id="app_a")
        program.record(did)
    (program.home / "list").write_bytes(NOT_TEXT)
    document = program.run(*line, "--file", "list", "--json").ended(exit_code).json
    errors = {one["requested"]: one.get("error") for one in document["dids"]}
    assert errors["did_101"] is errors["did_104"] is None
    assert len(errors) == 4
    messages = [error["message"] for error in errors.values() if error]
    if line[0] in ("record", "verify", "restore"):
        assert [message.partition(": ")[0] for message in messages] == [
            "list, line 2",
            "list, line 3",
        ]
    program.run(*line, "--file", "list").ended(exit_code)


def test_a_list_may_be_utf_16_as_powershell_writes_it(program: Program) -> None:
    (program.home / "list").write_bytes("did_101\r\ndid_104\r\n".encode("utf-16"))
    assert program.record("--file", "list")["counts"]["requested"] == 2


def test_a_list_without_any_good_line_is_a_wrong_argument(program: Program) -> None:
    (program.home / "list").write_text("\u202adid_102\n")
    ran = program.run("record", "--file", "list").ended(2)
    assert "list, line 1: " in ran.stderr
    assert "line 1: " in program.run("record", "--file", "-", stdin="\u202ax\n").ended(2).stderr


def test_an_empty_note_is_refused_before_anything_is_fetched(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    program = Program(tmp_path, api=sandbox)
    for name, *rest in (
        ("record", "did_101"),
        ("deploy", "did_101", "--tag", "a", "--", "true"),
        ("import", "x.json"),
    ):
        for empty in ("", "  "):
            assert "the note is empty" in program.run(name, "-m", empty, *rest).ended(2).stderr
    assert not sandbox.requests


def test_all_prints_what_changed_or_could_not_be_read_in_the_order_of_the_ids(
    program: Program, sandbox: Sandbox
) -> None:
    names = [f"did_{number}" for number in range(400, 430)]
    for name in names:
        sandbox.add_did({"id": name, "application_id": "app_sales", "route_mode": "webhook"})
    program.record(*names)
    for name in names[::-3]:
        sandbox.move(name, application_id="app_support")
    sandbox.fail(Fault("status", status=500), did=names[1])
    ran = program.run("record", "--all").ended(3)
    *lines, summary = ran.stdout.splitlines()
    told = [line.split()[:2] for line in lines]
    moved = dict.fromkeys(names[::-3], "changed")
    assert told == [
        [word, name] for name, word in sorted({**moved, names[1]: "unreadable"}.items())
    ]
    assert "30 requested, 10 changed, 19 unchanged, 1 unreadable" in summary
    everything = program.run("record", "--all", "--verbose").ended(3).stdout.splitlines()
    assert {line.split()[1] for line in everything[:-1]} == set(names)


WAITING = (
    ("record", "did_1"),
    ("diff", "did_2", "--to", "live"),
    ("verify", "did_3", "--to", "latest"),
    ("deploy", "did_4", "--tag", "a", "--", "true"),
    ("restore", "did_5", "--live"),
)


@pytest.mark.slow
def test_a_long_wait_says_on_a_terminal_for_what(sandbox: Sandbox, tmp_path: Path) -> None:
    """All of them wait at the same time."""
    program = Program(tmp_path, api=sandbox)
    dids = [line[1] for line in WAITING]
    for did in dids:
        sandbox.add_did({"id": did, "application_id": "app_sales", "route_mode": "webhook"})
    program.record(*dids)
    for did in dids:
        sandbox.fail(Fault("slow", seconds=3.5), did=did, times=1)
    with ThreadPoolExecutor(len(WAITING)) as terminals:
        ended = terminals.map(lambda line: program.run_on_terminal(*line), WAITING)
    for line, (_, shown) in zip(WAITING, ended, strict=True):
        what = "the live route" if line[0] == "restore" else "the API at http://127.0.0.1"
        assert f"waiting for {what}" in shown, line
        assert shown.rstrip().rpartition("\x1b[K")[2].strip(), "the line is gone before the answer"


def test_the_texts_of_a_long_answer_come_back_as_they_were() -> None:
    texts = [f"{place} ☎ \n" + "x" * 1000 for place in range(2_000)]
    packed = _PackedTexts()
    for text in texts:
        packed.add(text)
    assert list(packed) == texts


@pytest.mark.parametrize(
    "line", ["record did_101", "verify did_101 --to r1", "diff did_101 --to live"]
)
def test_a_retirement_does_not_end_silently(program: Program, line: str) -> None:
    program.record("did_101")
    program.run("mark", "did_101", "retired", "-m", "given back").ended(0)
    first, second = program.run_each([line.split(), line.split()])
    said = "did_101 is retired no more, since it was named: --all has it"
    assert f"remark: {said}" in first.ended(0).stdout
    assert said not in second.ended(0).stdout
    program.run("mark", "did_101", "retired", "-m", "given back").ended(0)
    document = program.json(*line.split())
    assert said in (document.get("remarks") or document["capture"]["remarks"])


def test_a_log_of_retired_dids_has_none_to_ask_for(program: Program, sandbox: Sandbox) -> None:
    program.run("record", "did_101", "--tag", "then").ended(0)
    program.run("mark", "did_101", "retired", "-m", "given back").ended(0)
    asked = len(sandbox.requests)
    for line in (
        "record --all",
        "verify --all --to latest",
        "watch --all --once",
        "diff --to live",
        "deploy --all --tag d -- true",
    ):
        said = program.run(*line.split()).ended(5).stderr
        assert re.match("changelog: every DID in .* is retired", said), line
    assert len(sandbox.requests) == asked


def test_a_revision_is_not_asked_for_as_a_did(program: Program, sandbox: Sandbox) -> None:
    program.record("did_101")
    asked = len(sandbox.requests)
    for line in (
        "record did_101 r1",
        "record r1",
        "record tag:pre",
        "record latest~2 previous",
        "watch did_101 r1 --once",
        "watch good --once",
        "deploy did_101 r1 --tag d -- true",
    ):
        said = program.run(*line.split()).ended(2).stderr
        assert "names a revision, not a DID" in said, line
    assert len(sandbox.requests) == asked
