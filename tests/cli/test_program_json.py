"""``--json`` is a contract: one document, its schema, its times and its errors."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.program import Json, Program, Ran
from tests.sandbox_faults import Fault, Sandbox

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)


def is_error(value: Json) -> bool:
    texts = [value.get(name) for name in ("code", "message", "hint")]
    return all(isinstance(text, str) for text in texts)


def times_in(value: Any, name: str = "") -> Iterator[str]:
    """Every text in `value` under a name that says it is a time."""
    if isinstance(value, dict):
        for inner, item in value.items():
            if inner not in ("fields", "body"):
                yield from times_in(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from times_in(item, name)
    elif isinstance(value, str) and (name.endswith("_at") or name in ("at", "since")):
        yield value


ANSWERS: dict[str, tuple[list[str], int]] = {
    "record": (["record", "did_101", "did_nope", "+15559990000", "-m", "n"], 3),
    "import": (["import", "saved.jsonl", "--at", "2026-10-01T00:00Z"], 3),
    "log": (["log"], 0),
    "log of one": (["log", "did_101", "--routing"], 0),
    "log --snapshots": (["log", "--snapshots"], 0),
    "show": (["show", "did_101@r1"], 0),
    "list": (["list", "--at", "tag:post"], 0),
    "diff": (
        ["diff", "--from", "tag:pre", "--to", "tag:post", "--exit-code"],
        4,
    ),
    "diff with a bad one": (["diff", "did_101", "did_nope", "did_102"], 5),
    "diff to live": (["diff", "did_101", "did_nope", "--to", "live"], 3),
    "restore": (["restore", "did_101", "did_102", "did_103", "--offline"], 5),
    "restore, looking": (["restore", "did_101"], 0),
    "restore --to": (["restore", "did_101", "--to", "tag:pre", "--offline"], 0),
    "restore with a bad one": (["restore", "did_101", "did_nope", "--offline"], 5),
    "restore --all": (["restore", "--all", "--to", "tag:pre"], 0),
    "verify": (["verify", "did_101", "--route-mode", "reject"], 4),
    "verify with a bad one": (
        ["verify", "did_101", "did_nope", "--route-mode", "reject"],
        3,
    ),
    "note": (["note", "did_102@r1", "-m", "x"], 0),
    "mark": (["mark", "did_102", "good", "-m", "x"], 0),
    "tag": (["tag", "now"], 0),
    "db current": (["db", "current"], 0),
}
"""What is asked → the command line, the exit code. docs/json-examples.md has each field of each."""


@pytest.fixture(scope="module")
def program(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A log in which every list of every document has something."""
    made = Program(tmp_path_factory.mktemp("json"), api=shared_sandbox)
    saved = [{"id": "did_9", "application_id": None, "route_mode": "sip"}, "nonsense"]
    (made.home / "saved.jsonl").write_text("\n".join(map(json.dumps, saved)))
    older = [
        {"id": "did_101", "number_e164": "+15551230001", "application_id": one} for one in "abc"
    ]
    (made.home / "older.json").write_text(json.dumps(older))
    made.run("import", "older.json", "--at", "2026-09-01T00:00Z", "-m", "from a colleague").ended(0)
    made.run("mark", "did_101@r2", "bad", "-m", "noise").ended(0)
    made.run("mark", "did_101@r1", "good", "-m", "known").ended(0)
    made.record("did_101", "did_102", "did_103", "--tag", "pre", "-m", "n", "--changed-by", "Bo")
    shared_sandbox.move("did_101", application_id="app_sales", status="suspended")
    shared_sandbox.move("did_102", route_mode="reject")
    made.record("did_101", "did_102", "did_103", "--tag", "post")
    return made


@pytest.fixture(scope="module")
def answers(program: Program) -> dict[str, Ran]:
    """All at once, as in a busy office: writers wait for each other."""
    lines = [[*line, "--json"] for line, _ in ANSWERS.values()]
    return dict(zip(ANSWERS, program.run_each(lines), strict=True))


@pytest.mark.parametrize("asked", ANSWERS)
def test_the_document_names_its_schema_its_exit_code_and_what_applies(
    answers: dict[str, Ran], asked: str
) -> None:
    line, exit_code = ANSWERS[asked]
    ran = answers[asked].ended(exit_code)
    assert ran.json["schema"] == f"changelog/{line[0]}/1"
    assert ran.json["exit_code"] == exit_code
    assert bool(ran.json["conditions"]) == bool(exit_code)
    assert ran.stderr == ""


def test_every_time_in_every_document_is_rfc_3339_in_utc(answers: dict[str, Ran]) -> None:
    found = {asked: list(times_in(ran.json)) for asked, ran in answers.items()}
    assert [time for times in found.values() for time in times if not TIME.fullmatch(time)] == []
    assert all(found[asked] for asked in ("record", "log", "show", "restore", "tag"))


def test_documents_are_ascii_whatever_the_values_hold(answers: dict[str, Ran]) -> None:
    assert [asked for asked, ran in answers.items() if not ran.stdout.isascii()] == []


def test_one_bad_did_has_its_error_and_the_good_ones_their_answer(answers: dict[str, Ran]) -> None:
    def errors(asked: str) -> dict[str, Any]:
        dids: list[Json] = answers[asked].json["dids"]
        return {
            one.get("requested") or one["did"]: one["error"] and one["error"]["code"]
            for one in dids
        }

    assert errors("record") == {
        "did_101": None,
        "did_nope": "not_found",
        "+15559990000": "not_found",
    }
    assert errors("diff with a bad one") == {
        "did_101": None,
        "did_nope": "unknown_did",
        "did_102": None,
    }
    assert errors("diff to live") == {"did_101": None, "did_nope": "not_found"}
    assert errors("restore with a bad one") == {"did_101": None, "did_nope": "unknown_did"}
    assert errors("verify with a bad one") == {"did_101": None, "did_nope": "not_found"}
    target = answers["restore with a bad one"].json["dids"][0]["target"]
    assert target["application_id"] == "app_support"


def test_with_one_did_named_its_error_is_in_the_document_of_log_and_show(program: Program) -> None:
    for line in (["log", "did_nope"], ["show", "did_nope"], ["show", "did_101@r99"]):
        error = program.run(*line, "--json").ended(5).json["error"]
        assert error["code"]
        assert error["message"]


UNANSWERABLE = {
    "an unknown option": (["list", "--nope", "--json"], 2),
    "an unknown command": (["nope", "--json"], 2),
    "a missing argument": (["show", "--json"], 2),
    "a wrong number": (["log", "-n", "many", "--json"], 2),
    "a wrong time": (["log", "--since", "soon", "--json"], 2),
    "a wrong selector": (["restore", "did_101", "--to", "soon", "--json"], 2),
    "a wrong rate": (["record", "did_101", "--rate", "fast", "--json"], 2),
    "a used tag": (["record", "did_101", "--tag", "pre", "--json"], 2),
    "no DID": (["record", "--json"], 2),
    "no such tag": (["list", "--at", "tag:nope", "--json"], 5),
    "no such DID to note": (["note", "did_nope", "-m", "x", "--json"], 5),
    "a database that is none": (["list", "--db", "saved.jsonl", "--json"], 8),
    "--format json": (["log", "--since", "soon", "--format", "json"], 2),
}


def test_what_prevents_any_answer_is_one_document_on_stderr(program: Program) -> None:
    lines = [line for line, _ in UNANSWERABLE.values()]
    for (why, (_, code)), ran in zip(UNANSWERABLE.items(), program.run_each(lines), strict=True):
        assert (why, ran.exit_code) == (why, code)
        assert is_error(ran.error), why


def test_format_json_in_one_word_makes_an_error_a_document_too(program: Program) -> None:
    ran = program.run("log", "--since", "soon", "--format=json").ended(2)
    assert ran.error["code"] == "usage"


def test_every_key_refused_is_told_in_the_document_where_dids_are_named(program: Program) -> None:
    ran = program.run("record", "did_101", "--json", environment={"MINIVOICE_API_KEY": "wrong-key"})
    assert ran.ended(6).json["conditions"] == ["unauthorized", "unreadable"]
    assert ran.json["dids"][0]["error"]["status"] == 401


def test_the_answer_that_did_not_come_in_time_is_named_in_the_look(
    program: Program, shared_sandbox: Sandbox
) -> None:
    shared_sandbox.fail(Fault("status", status=503))
    try:
        ran = program.run("restore", "did_101", "--json").ended(0)
    finally:
        shared_sandbox.clear_faults()
    live = ran.json["dids"][0]["live"]
    assert (live["looked"], live["error"]["status"]) == (True, 503)
