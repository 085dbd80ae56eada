"""Whatever an API answers, the program loses none of it, invents no change, and shows no harm."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.program import KEY, Json, Program, Ran, invisible_in
from tests.sandbox_faults import Fault, Sandbox
from tests.secrets_search import places_of

RETRY_AFTER_S = 1


@dataclass(frozen=True)
class Answered:
    """Two captures of a DID for each kind of answer: a good one, then the kind; and the log."""

    second: Mapping[str, Json]
    snapshots: Mapping[str, list[Json]]
    revisions: Mapping[str, int]
    diffed: Mapping[str, Json]
    exit_code: int
    seconds: float
    requests: Mapping[str, int]


UNREADABLE: dict[str, tuple[Fault, str, int | None]] = {
    "not_found": (Fault("status", status=404), "not_found", 404),
    "gone": (Fault("status", status=410), "gone", 410),
    "always_500": (Fault("status", status=500), "internal_server_error", 500),
    "later_than_we_wait": (
        Fault("status", status=429, headers={"Retry-After": "3600"}),
        "too_many_requests",
        429,
    ),
    "cut_off": (Fault("cut"), "cut_off", 200),
    "reset": (Fault("reset"), "connection_failed", None),
    "html": (Fault("html"), "not_json", 200),
    "a_list": (Fault("list"), "wrong_shape", 200),
    "thirty_megabytes": (Fault("huge", size=30_000_000), "too_large", 200),
    "of_another_did": (Fault("other_did"), "other_did", 200),
    "empty": (Fault("raw", body=b""), "not_json", 200),
    "a_word": (Fault("raw", body=b'"soon"'), "wrong_shape", 200),
    "without_id": (Fault("raw", body=b'{"status": "active"}'), "wrong_shape", 200),
    "not_a_number": (Fault("raw", body=b'{"id": "not_a_number", "x": NaN}'), "not_json", 200),
    "deep": (Fault("raw", body=b'{"id": "deep", "x": ' + b"[" * 9999), "not_json", 200),
    "redirect": (Fault("status", status=302), "redirect", 302),
    "escapes_in_an_error": (
        Fault("raw", status=404, body=b'{"error": {"code": "\\u001b[2J\\u202e", "message": 1}}'),
        "",
        404,
    ),
}
"""Kind → the fault, the error code that names it (any if empty), the HTTP status."""

PASSING: dict[str, Fault] = {
    "once_500": Fault("status", status=500),
    "once_429": Fault("status", status=429, headers={"Retry-After": f"{RETRY_AFTER_S}"}),
    "once_cut_off": Fault("cut"),
    "once_reset": Fault("reset"),
}
"""Kind → the fault that only the first answer suffers."""

ESCAPES = "\x1b[31mred\x1b]0;title\x07\x9b2J\x00\r\n\t"
BIDI = "\u202egnp.exe\u2066\u200f\u200b\ufeff\U000e0041"
CHANGED: dict[str, tuple[dict[str, Any], dict[str, bool]]] = {
    "null_application": ({"application_id": None}, {"application_id": True}),
    "unknown_mode": ({"route_mode": "sip_uri_v2"}, {"route_mode": True}),
    "mode_of_another_type": ({"route_mode": {"kind": "sip", "n": 1}}, {"route_mode": True}),
    "unknown_field": ({"carrier_hint": {"a": [1, None]}}, {"carrier_hint": False}),
    "escapes": ({"application_id": ESCAPES, "status": ESCAPES}, {"application_id": True}),
    "right_to_left": ({"route_mode": BIDI, "number_e164": BIDI}, {"route_mode": True}),
    "half_a_character": ({"application_id": "app_\ud800"}, {"application_id": True}),
    "hostile_name": ({ESCAPES + BIDI: ESCAPES + BIDI}, {ESCAPES + BIDI: False}),
    "huge_number": ({"weight": 10**400}, {"weight": False}),
}
"""Kind → the fields that really change, and (of some) whether that changes the routing."""

SAME: dict[str, dict[str, Any]] = {
    "only_touched": {"updated_at": "2026-11-11T11:11:11Z"},
    "new_null_field": {"forward_to": None},
}
"""Kind → fields that differ and mean nothing."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for number, kind in enumerate([*UNREADABLE, *PASSING, *CHANGED, *SAME]):
            running.add_did(
                {
                    "id": kind,
                    "number_e164": f"+4930{number:06}",
                    "application_id": "app_support",
                    "route_mode": "webhook",
                    "status": "active",
                }
            )
        yield running


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("answers"), api=sandbox)


@pytest.fixture(scope="module")
def answered(program: Program, sandbox: Sandbox) -> Answered:
    kinds = [*UNREADABLE, *PASSING, *CHANGED, *SAME]
    program.record(*kinds, "--tag", "before")
    for kind, (fault, _, _) in UNREADABLE.items():
        sandbox.fail(fault, did=kind)
    for kind, fault in PASSING.items():
        sandbox.fail(fault, did=kind, times=1)
    for kind, (fields, _) in CHANGED.items():
        sandbox.move(kind, **fields)
    for kind, fields in SAME.items():
        sandbox.move(kind, **fields)
    earlier = len(sandbox.requests)
    began = time.monotonic()
    second = program.run("record", *kinds, "--json", "--concurrency", "32", "--tag", "after")
    seconds = time.monotonic() - began
    paths = [path.rpartition("/")[2] for _, path in sandbox.requests[earlier:]]
    snapshots = program.json("log", "--snapshots", "-n", "999")["snapshots"]
    entries = program.json("log", "-n", "999")["entries"]
    diffed = program.json("diff", "--from", "tag:before", "--to", "tag:after")["dids"]
    return Answered(
        second={one["requested"]: one for one in second.json["dids"]},
        snapshots={kind: [one for one in snapshots if one["did"] == kind] for kind in kinds},
        revisions={kind: sum(one["did"] == kind for one in entries) for kind in kinds},
        diffed={one["did"]: one for one in diffed},
        exit_code=second.exit_code,
        seconds=seconds,
        requests={kind: paths.count(kind) for kind in kinds},
    )


def test_a_run_that_could_not_read_every_did_is_partial(answered: Answered) -> None:
    assert answered.exit_code == 3


@pytest.mark.parametrize("kind", UNREADABLE)
def test_an_unreadable_answer_leaves_a_snapshot_and_changes_nothing(
    answered: Answered, kind: str
) -> None:
    _, code, status = UNREADABLE[kind]
    one = answered.second[kind]
    assert (one["outcome"], one["changes"]) == ("unreadable", [])
    assert one["error"]["status"] == status
    assert one["error"]["code"] == (code or one["error"]["code"])
    newest, oldest = answered.snapshots[kind]
    assert (newest["revision"], oldest["revision"]) == (None, 1)
    assert newest["error"] == {**one["error"], "hint": newest["error"]["hint"]}
    assert answered.revisions[kind] == 1
    diffed = answered.diffed[kind]
    assert (diffed["changes"], diffed["not_read"]) == ([], ["to"])
    assert diffed["error"]["code"] == one["error"]["code"]


@pytest.mark.parametrize("kind", PASSING)
def test_an_answer_that_fails_once_is_asked_for_again_and_only_the_final_one_counts(
    answered: Answered, kind: str
) -> None:
    assert answered.second[kind]["outcome"] == "unchanged"
    assert answered.requests[kind] == 2
    assert [one["error"] for one in answered.snapshots[kind]] == [None, None]
    assert answered.revisions[kind] == 1


def test_retry_after_is_waited_for_within_reason_and_not_for_an_hour(answered: Answered) -> None:
    assert answered.seconds >= RETRY_AFTER_S
    assert answered.requests["later_than_we_wait"] == 1


@pytest.mark.parametrize("kind", CHANGED)
def test_an_answer_that_is_merely_strange_is_kept_and_is_the_change_that_happened(
    answered: Answered, kind: str
) -> None:
    fields, routing = CHANGED[kind]
    one = answered.second[kind]
    assert (one["outcome"], one["error"]) == ("changed", None)
    assert len(answered.snapshots[kind]) == 2
    assert answered.revisions[kind] == 2
    told = {change["field"]: change for change in answered.diffed[kind]["changes"]}
    assert told.keys() - {"destination"} == fields.keys()
    assert {name: told[name]["routing"] for name in routing} == routing


def test_a_value_is_shown_by_diff_exactly_as_it_was_sent(answered: Answered) -> None:
    (change,) = answered.diffed["unknown_field"]["changes"]
    assert (change["before"], change["after"]) == (None, {"a": [1, None]})
    (change,) = answered.diffed["huge_number"]["changes"]
    assert change["after"] == 10**400
    (change,) = answered.diffed["hostile_name"]["changes"]
    assert (change["field"], change["after"]) == (ESCAPES + BIDI, ESCAPES + BIDI)


@pytest.mark.parametrize("kind", SAME)
def test_a_difference_that_means_nothing_begins_no_revision(answered: Answered, kind: str) -> None:
    assert answered.second[kind]["outcome"] == "unchanged"
    assert answered.revisions[kind] == 1


def test_the_body_of_a_strange_answer_is_kept_as_it_was_sent(
    program: Program, answered: Answered
) -> None:
    shown = program.json("show", "null_application")
    assert json.loads(shown["body"])["application_id"] is None
    shown = program.json("show", "escapes")
    assert json.loads(shown["body"])["application_id"] == ESCAPES


HOSTILE = ESCAPES + BIDI
ARGUMENT = HOSTILE.replace("\0", "")


@pytest.fixture(scope="module")
def outputs(program: Program, answered: Answered) -> list[Ran]:
    """What every command says about hostile values, notes, names and arguments."""
    named = ["escapes", "right_to_left", "half_a_character", "hostile_name", "mode_of_another_type"]
    program.run("note", "escapes", "-m", ARGUMENT, "--by", ARGUMENT).ended(0)
    program.run("mark", "escapes@r1", "good", "-m", ARGUMENT, "--by", ARGUMENT).ended(0)
    saved = program.home / f"saved {BIDI}.json"
    saved.write_text(json.dumps({"id": f"did_{HOSTILE}", "application_id": HOSTILE}))
    about = ["-m", ARGUMENT, "--ticket", ARGUMENT, "--by", ARGUMENT, "--changed-by", ARGUMENT]
    writing = [
        ["record", *named, "escapes_in_an_error", *about],
        ["import", saved.name, "--by", ARGUMENT, "-m", ARGUMENT],
        ["verify", *named, "--to", "r1"],
        ["verify", "escapes", "--application", ARGUMENT, "--destination", ARGUMENT],
        ["mark", "right_to_left", "bad", "-m", ARGUMENT],
        ["tag", ARGUMENT],
        ["db", "current", "--db", f"{BIDI}.db"],
    ]
    reading = [
        ["import", f"no {BIDI}.json"],
        ["log", "-n", "500"],
        ["log", "--snapshots", "-n", "500"],
        *(["show", did] for did in named),
        ["show", f"escapes@{ARGUMENT}"],
        ["list"],
        ["diff"],
        ["diff", "--from", ARGUMENT],
        ["restore", *named, "--offline"],
        ["log", "--config", f"{ARGUMENT}.toml"],
        ["log", f"--{ARGUMENT}"],
        [f"x{ARGUMENT}"],
    ]
    plain = [["restore", *named, "--format", "plain", *offline] for offline in ([], ["--offline"])]
    as_json = [[*line, "--json"] for line in reading]
    return program.run_each([*writing, *reading, *as_json, *plain])


def test_no_output_of_any_command_holds_a_raw_control_or_bidirectional_character(
    outputs: list[Ran],
) -> None:
    raw = {
        ran.arguments: found
        for ran in outputs
        if (
            found := invisible_in(ran.stdout, "\n\t" if "plain" in ran.arguments else "\n")
            + invisible_in(ran.stderr)
        )
    }
    assert raw == {}


def test_the_name_of_a_database_is_shown_without_raw_characters_too(program: Program) -> None:
    ran = program.run("db", "path", "--db", f"{BIDI}.db").ended(0)
    assert invisible_in(ran.stdout) == []


def test_hostile_values_make_no_command_fail_in_a_way_of_its_own(outputs: list[Ran]) -> None:
    assert {ran.arguments: ran.stderr for ran in outputs if ran.exit_code == 1} == {}
    assert [ran for ran in outputs if "Traceback" in ran.stderr] == []


def test_plain_keeps_one_line_of_five_columns_whatever_a_value_holds(outputs: list[Ran]) -> None:
    for ran in outputs[-2:]:
        lines = ran.stdout.removesuffix("\n").split("\n")
        assert [len(line.split("\t")) for line in lines] == [5] * 4, ran


OTHER_SECRETS = ("s3cret-of-an-application", "s3cret-of-a-trunk", "s3cret-of-a-hook")
ECHOES = {
    "in_a_field": (200, '{"id": "DID", "application_id": "a", "you_sent": "HEADER"}'),
    "as_the_application": (200, '{"id": "DID", "application_id": "KEY"}'),
    "as_a_name": (200, '{"id": "DID", "application_id": "a", "KEY": 1}'),
    "in_an_error": (403, '{"error": {"code": "KEY", "message": "you sent HEADER"}}'),
    "in_html": (200, "<pre>Authorization: HEADER</pre>"),
    "in_a_401": (401, '{"error": {"code": "KEY", "message": "KEY"}}'),
    "with_secrets": (
        200,
        '{"id": "DID", "application_id": "a", "api_key": "s3cret-of-an-application",'
        ' "trunk": {"Password": "s3cret-of-a-trunk", "a\\u0070i_key": "s3cret-of-a-hook"}}',
    ),
}
"""DID → how the request's own header and other secrets come back in the answer about it."""


class Echo(BaseHTTPRequestHandler):
    """An API that hands back what it was sent."""

    def do_GET(self) -> None:
        did = self.path.rpartition("/")[2]
        status, answer = ECHOES.get(did, (404, '{"error": {"code": "KEY", "message": "HEADER"}}'))
        header = self.headers["Authorization"]
        answer = answer.replace("DID", did).replace("HEADER", header)
        body = answer.replace("KEY", header.removeprefix("Bearer ")).encode()
        self.send_response(status, header)
        self.send_header("Content-Length", f"{len(body)}")
        self.send_header("X-Echo", header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def echo_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


@dataclass(frozen=True)
class Leaks:
    """What was said in runs against servers that hand secrets back."""

    program: Program
    outputs: list[Ran]


@pytest.fixture(scope="module")
def leaks(echo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Leaks:
    program = Program(tmp_path_factory.mktemp("leaks"), api=echo_url)
    others = [did for did in ECHOES if did != "in_a_401"]
    said = [
        program.run("record", *others),
        program.run("record", "in_a_401"),
        program.run("restore", "in_a_field", "in_an_error"),
    ]
    with Sandbox(key="another") as sandbox:
        hook = {"webhook_secret": OTHER_SECRETS[2]}
        sandbox.set_application("app_support", api_key=OTHER_SECRETS[0], **hook)
        right_key = {"MINIVOICE_API_URL": sandbox.url, "MINIVOICE_API_KEY": sandbox.key}
        said.append(program.run("record", "did_101", environment=right_key))
        said.append(
            program.run("record", "did_101", environment={"MINIVOICE_API_URL": sandbox.url})
        )
    saved = {"id": "did_s", "application_id": "a", "password": OTHER_SECRETS[1]}
    said.append(program.run("import", "-", stdin=json.dumps({"data": [saved]})))
    for url in (f"https://olga:{KEY}@x.example", f"http://{KEY}.example/v1"):
        said += [program.run("record", "x", environment={"MINIVOICE_API_URL": url})]
    said += program.run_each(
        [
            *(["show", did] for did in ("in_a_field", "as_a_name", "with_secrets", "did_s")),
            ["log", "--json"],
            ["log", "--snapshots", "--json", "-n", "99"],
            ["diff", "in_a_field", "--json", "--all-fields"],
            ["restore", *others, "did_101", "--offline", "--json"],
            ["list"],
        ]
    )
    return Leaks(program, said)


def test_the_key_is_in_no_file_and_no_output_though_servers_hand_it_back(leaks: Leaks) -> None:
    for ran in leaks.outputs:
        assert KEY not in ran.stdout + ran.stderr, ran.arguments
    # What is searched for is found where it is.
    assert "journal.facts" in places_of(["you_sent"], leaks.program.home)
    assert places_of([KEY], leaks.program.home) == []


def test_a_key_that_was_pasted_into_the_api_url_is_not_stored_either(
    echo_url: str, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", api=f"{echo_url}/{KEY}")
    ran = program.run("record", "as_a_name", "--json")
    assert KEY not in ran.stdout
    assert places_of([KEY], program.home) == []


def test_secrets_of_applications_and_trunks_are_in_no_file_and_no_output(leaks: Leaks) -> None:
    for secret in OTHER_SECRETS:
        assert [ran for ran in leaks.outputs if secret in ran.stdout + ran.stderr] == []
    assert places_of(OTHER_SECRETS, leaks.program.home) == []


def test_what_came_with_a_secret_is_kept_without_it(leaks: Leaks) -> None:
    body = json.loads(leaks.program.json("show", "in_a_field")["body"])
    assert body.keys() == {"id", "application_id", "you_sent"}
    codes = {
        one["did"]: one["error"] and one["error"]["code"]
        for one in leaks.program.json("log", "--snapshots", "-n", "99")["snapshots"]
    }
    assert codes["in_html"] == "not_json"
    assert codes.keys() == {*ECHOES, "did_101", "did_s"}
