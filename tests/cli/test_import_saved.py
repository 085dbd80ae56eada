"""Saved answers as people have them: what curl printed, folders, old backups; and their times."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.commands.recording.saved_responses import SavedBody, SavedFile, Unusable, bodies_in
from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.program import Json, Program
from tests.sandbox_faults import Sandbox

DID = {"id": "did_101", "number_e164": "+15551230001", "application_id": "app_a"}
BODY = json.dumps(DID)
DATE = "Fri, 20 Nov 2026 09:00:00 GMT"
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def found_in(content: str | bytes) -> list[Any]:
    """Of each part: (application, date), or the reason why it is no body."""
    raw = content.encode() if isinstance(content, str) else content
    return [
        (one.fields["application_id"], one.date) if isinstance(one, SavedBody) else str(one)
        for one in bodies_in(SavedFile("saved", raw))
    ]


OK = f"HTTP/1.1 200 OK\nContent-Type: application/json\nDate: {DATE}\n\n"
HEADS = {
    "HTTP/1.1": OK,
    "HTTP/2, names in lower case": f"HTTP/2 200 \ndate: {DATE}\ncontent-type: application/json\n\n",
    "HTTP/3 without a reason": f"HTTP/3 200\ndate: {DATE}\n\n",
    "100 Continue": f"HTTP/1.1 100 Continue\n\n{OK}",
    "a proxy": f"HTTP/1.1 200 Connection established\n\n{OK}",
    "a redirect": f"HTTP/1.1 302 Found\nLocation: /x\nDate: Mon, 01 Jan 2001 00:00:00 GMT\n\n{OK}",
    "a first try": f"HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest\n\n{OK}",
    "early hints": f"HTTP/2 103 \nlink: </x>\n\n{OK}",
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_curl_prints_is_read_with_its_date(head: str, end: str) -> None:
    for body in (BODY, json.dumps(DID, indent=2), json.dumps({"data": [DID]}), f"{BODY}\n"):
        assert found_in(HEADS[head].replace("\n", end) + body) == [("app_a", AT)]


def test_several_answers_in_a_row_are_several() -> None:
    later = OK.replace("09:00:00", "10:00:00")
    content = OK + BODY + later + BODY.replace("app_a", "app_b") + "\n" + OK + BODY
    assert found_in(content) == [
        ("app_a", AT),
        ("app_b", AT + timedelta(hours=1)),
        ("app_a", AT),
    ]


def test_an_answer_that_was_none_holds_no_body() -> None:
    missing = f"HTTP/1.1 404 Not Found\nDate: {DATE}\n\n" + BODY
    (one,) = bodies_in(SavedFile("saved", missing.encode()))
    assert isinstance(one, Unusable)
    assert (str(one), one.status) == ("the API answered 404, so it holds no DID", 404)
    assert found_in(missing + OK + BODY) == [
        "the API answered 404, so it holds no DID",
        ("app_a", AT),
    ]
    assert found_in("HTTP/1.1 301 Moved\nLocation: /x\n\n") == [
        "the API answered 301, so it holds no DID"
    ]
    assert found_in(OK) == ["it has a head but no body"]
    assert found_in("HTTP/1.1 200 OK\nDate: " + DATE) == ["it has a head but no body"]
    assert found_in(OK + BODY[:20]) == [f"it is not JSON: byte {len(OK + BODY[:18]) + 1}"]


BOTH = [("app_a", None), ("app_b", None)]
TWO = [BODY, BODY.replace("app_a", "app_b")]


@pytest.mark.parametrize(
    "content",
    [
        "".join(TWO),
        "\n".join(json.dumps(json.loads(body), indent=2) for body in TWO),
        "\ufeff".join(["", *TWO]),
        f"[{TWO[0]}]\n[{TWO[1]}]\n",
        f"[[{', '.join(TWO)}]]",
        f'[{{"data": {TWO[0]}}}, {{"data": [{TWO[1]}]}}]',
        "".join(f"\x1e{body}\n" for body in TWO),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_json_values_behind_one_another_are_several_answers(content: str, encoding: str) -> None:
    marked = content if encoding != "utf-16-be" else f"\ufeff{content}"
    assert found_in(marked.encode(encoding)) == BOTH


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_of_the_encoding_may_stand_behind_the_head(encoding: str) -> None:
    content = f"{OK}\ufeff{BODY}\n\ufeff{OK}{BODY}"
    assert found_in(content.encode(encoding)) == [("app_a", AT), ("app_a", AT)]


def test_what_cannot_be_read_is_named_by_its_first_byte_and_the_rest_is_read() -> None:
    bad = '{"id": "did_9", "x": tru}'
    at = len(TWO[0]) + 1 + bad.index("tru")
    content = "\n".join([TWO[0], bad, TWO[1]])
    assert found_in(content) == [BOTH[0], f"it is not JSON: byte {at + 1}", BOTH[1]]
    utf_16 = found_in(content.encode("utf-16"))
    assert utf_16 == [BOTH[0], f"it is not JSON: byte {2 + 2 * at + 1}", BOTH[1]]
    assert found_in(b"\xff\xfe{\x00\x00\xd8") == ["it is not text in UTF-16: byte 5"]
    assert found_in(BODY.encode() + b"\n\xff\n") == [
        f"it is not text in UTF-8: byte {len(BODY) + 2}"
    ]


def test_a_status_line_within_a_body_is_text() -> None:
    for note in ("HTTP/1.1 500 Oops", "a\nHTTP/2 404 \n\nb", "HTTP/1.1 200 OK\r\n\r\n{}"):
        body = json.dumps({**DID, "note": note}, indent=1)
        assert found_in(OK + body) == [("app_a", AT)]
        assert found_in(body) == [("app_a", None)]


def test_a_date_that_is_none_says_nothing() -> None:
    for date in ("", "yesterday", "Fri, 99 Nov 2026 09:00:00 GMT", "\u00fc"):
        assert found_in(OK.replace(DATE, date) + BODY) == [("app_a", None)]


def test_what_is_packed_or_an_export_is_said_to_be_so() -> None:
    assert found_in(b"\x1f\x8b\x08\0") == ["it is compressed: unpack it first"]
    assert found_in(OK.encode() + b"\x1f\x8b\x08\0") == [
        "its body is compressed: save it with curl --compressed"
    ]
    assert found_in('{"schema":"changelog/export/1","x":1}\n') == [
        "it is an export of a whole log: import it by itself"
    ]


@given(st.binary(max_size=300), st.sampled_from([b"", OK.encode(), b"HTTP/1.1 ", b"HTTP/2 200\n"]))
def test_no_content_is_too_strange(content: bytes, head: bytes) -> None:
    assert list(bodies_in(SavedFile("saved", head + content)))


# When it was received


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home", database=SqliteLocation(tmp_path / "log.db"))


def save(program: Program, name: str, content: str, at: datetime | None = None) -> Path:
    path = program.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    if at is not None:
        os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def times(document: Json) -> list[tuple[str, str, str]]:
    return [(one["file"], one["received_at"], one["received_from"]) for one in document["dids"]]


def test_an_old_backup_is_as_old_as_its_file(program: Program) -> None:
    save(program, "old.json", BODY, AT)
    ran = program.run("import", "old.json").ended(0)
    assert ran.stdout.splitlines()[-1] == (
        "received 2026-11-20 09:00:00Z (when its file was last written)"
    )
    assert program.json("show", "did_101")["first_seen_at"] == "2026-11-20T09:00:00.000000Z"


def test_the_time_given_beats_the_head_and_the_head_beats_the_file(program: Program) -> None:
    save(program, "curl.txt", OK + BODY, AT + timedelta(days=1))
    with_head = program.json("import", "curl.txt")
    assert times(with_head) == [("curl.txt", "2026-11-20T09:00:00.000000Z", "date")]
    given_ = program.json("import", "curl.txt", "--at", "2026-11-19T00:00Z")
    assert times(given_) == [("curl.txt", "2026-11-19T00:00:00.000000Z", "at")]
    piped = program.json("import", "-", stdin=BODY)
    assert [one[::2] for one in times(piped)] == [("standard input", "now")]


def test_a_clock_that_is_ahead_receives_nothing_in_the_future(program: Program) -> None:
    """A clock a little ahead elsewhere is now. Any other time would stay false for good."""
    save(program, "ahead.json", BODY, datetime.now(UTC) + timedelta(minutes=2))
    (one,) = program.json("import", "ahead.json")["dids"]
    assert one["received_at"] <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.999999Z")
    save(program, "far.json", BODY, datetime(2099, 1, 1, tzinfo=UTC))
    refused = program.run("import", "far.json").ended(2).stderr
    assert "was received at 2099-01-01 00:00:00Z, which is yet to come" in refused
    assert "set it right first" in refused


def test_a_folder_is_read_whole_the_oldest_first(program: Program) -> None:
    """Neither the names nor the depth decide what was before what."""
    (program.home / "saved").mkdir()
    assert "without any file" in program.run("import", "saved").ended(2).stderr
    program.run("import", "nowhere").ended(2)
    assert not (program.home.parent / "log.db").exists()
    for day, name in ((3, "a.json"), (1, "sub/z.json"), (2, "sub/deeper/m.txt")):
        body = BODY.replace("app_a", f"app_{day}")
        save(program, f"saved/{name}", body, AT + timedelta(days=day))
    for hidden in (".hidden.json", ".git/x.json", "sub/.x"):
        save(program, f"saved/{hidden}", BODY)
    (program.home / "saved" / "link.json").symlink_to("a.json")
    os.mkfifo(program.home / "saved" / "pipe")
    save(program, "saved/README", "not JSON")
    ran = program.run("import", "saved", "--json").ended(3)
    assert [one["file"] for one in ran.json["dids"]] == [
        "saved/sub/z.json",
        "saved/sub/deeper/m.txt",
        "saved/a.json",
        "saved/README",
    ]
    assert [one["outcome"] for one in ran.json["dids"]] == [
        "new",
        "changed",
        "changed",
        "unreadable",
    ]
    entries = program.json("log", "did_101")["entries"]
    assert [one["application_id"] for one in entries] == ["app_3", "app_2", "app_1"]
    card = program.json("restore", "did_101", "--offline")["dids"][0]
    assert card["target"]["application_id"] == "app_2"
    assert program.json("import", "saved")["counts"]["changed"] == 0


def test_several_times_in_one_capture_are_each_shown(program: Program) -> None:
    save(program, "one.json", BODY, AT)
    save(program, "two.txt", OK.replace("09:00", "10:00") + BODY.replace("app_a", "app_b"))
    said = program.run("import", "two.txt", "one.json").ended(0).stdout.splitlines()
    assert said[0].endswith(
        "app_a -, received 2026-11-20 09:00:00Z (when its file was last written)"
    )
    assert said[1].endswith("received 2026-11-20 10:00:00Z (as its Date header says)")
    document = program.json("log", "did_101", "--snapshots")
    assert [one["capture"] for one in document["snapshots"]] == [1, 1]


def test_an_answer_older_than_what_the_log_holds_begins_no_revision(program: Program) -> None:
    program.run("import", "-", stdin=BODY).ended(0)
    save(program, "old.json", BODY.replace("app_a", "app_old"), AT)
    (one,) = program.json("import", "old.json")["dids"]
    assert (one["late"], one["received_from"]) == (True, "modified")
    assert [e["application_id"] for e in program.json("log")["entries"]] == ["app_a"]


def test_an_export_among_saved_answers_is_named_and_left(program: Program) -> None:
    program.run("import", "-", stdin=BODY).ended(0)
    program.run("export", "--out", "log.jsonl").ended(0)
    save(program, "one.json", BODY)
    ran = program.run("import", "one.json", "log.jsonl").ended(3)
    assert "it is an export of a whole log: import it by itself" in ran.stdout
    program.run("import", "one.json", "--proven-part").ended(2)


def test_a_secret_in_a_head_or_body_is_not_kept(program: Program) -> None:
    hidden = "mv_live_0123456789abcdef"
    body = json.dumps({**DID, "api_key": hidden})
    save(program, "curl.txt", OK.replace("\n\n", f"\nAuthorization: {hidden}\n\n") + body)
    program.run("import", "curl.txt").ended(0)
    assert hidden not in program.run("export").ended(0).stdout


# Where the first use is the incident, saved responses are all that is known of before


@pytest.fixture
def first_use(sandbox: Sandbox, tmp_path: Path) -> Program:
    database = SqliteLocation(tmp_path / "log.db")
    made = Program(tmp_path / "home", api=sandbox, database=database)
    body = {"id": "did_101", "application_id": "app_before", "route_mode": "webhook"}
    (made.home / "saved.json").write_text(json.dumps(body))
    return made


def test_one_imported_too_late_begins_no_revision_and_is_named_all_the_same(
    first_use: Program,
) -> None:
    first_use.run("record", "did_101").ended(0)
    first_use.run("import", "saved.json", "--at", "2026-01-05T00:00Z").ended(0)
    ran = first_use.run("restore", "did_101", "--offline", "--format", "plain").ended(5)
    assert "received 2026-01-05 00:00:00Z, says app_before webhook" in ran.stderr
    (card,) = first_use.run("restore", "did_101", "--offline", "--json").ended(5).json["dids"]
    assert [one["application_id"] for one in card["alternatives"]] == ["app_before"]
    assert card["target"] is None


def test_a_moment_of_which_only_late_answers_are_known_has_no_revision(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    sqlite_logbook.see("app_b")
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    line = ("list", "--at", "2026-10-02T00:00Z")
    assert "the log holds nothing from 2026-10-02" in program.run(*line).ended(5).stderr
    (program.home / "saved.json").write_text('{"id": "did_1", "application_id": "app_a"}')
    program.run("import", "saved.json", "--at", "2026-10-01T00:00Z").ended(0)
    said = program.run(*line).ended(5).stderr
    assert "the log holds no revision from 2026-10-02 00:00:00Z or before" in said
    assert "came late or could not be read: changelog log --snapshots. The first revision" in said
