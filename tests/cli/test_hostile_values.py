"""Values that a hostile API or file may hold: kept and shown without harm, on both databases."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from changelog.model.did_ref import LONGEST_ID
from changelog.model.errors import DatabaseError, DatabaseLost
from changelog.model.results.watch import WatchAlert
from changelog.model.routing import Routing
from changelog.model.text.sanitize import MOST_MARKS, clip, escape, masked_urls, truncate, width
from changelog.render.alerts.message import variables
from changelog.render.style import LONGEST_VALUE, Shown, Style, columns, shown_pair, value_text
from changelog.store.db_errors import translate
from changelog.store.location import Location, PostgresLocation
from tests.fuzz.scene import Scene, judge, scene_at
from tests.logbook import START
from tests.program import Program, invisible_in, url_of

LETTERS = "a" * 2_000_000
"""So many that a search with time by their square would take hours."""
INCOMPRESSIBLE = "".join(chr(0x20000 + n * 7919 % 40000) for n in range(5000))
"""Of four bytes each, and no two alike: an index cannot pack them."""
DID = {
    "id": "did_1",
    "number_e164": "+15551230001",
    "application_id": "app_a",
    "route_mode": "webhook",
    "status": "active",
}


@pytest.fixture
def scene(location: Location) -> Iterator[Scene]:
    """The program in this process, for what takes many runs."""
    with scene_at(url_of(location)) as made:
        yield made


def saved(scene: Scene, name: str, *bodies: Mapping[str, Any] | str | bytes) -> str:
    lines = [one if isinstance(one, str | bytes) else json.dumps(one) for one in bodies]
    parts = [one.encode("utf-8", "surrogatepass") if isinstance(one, str) else one for one in lines]
    (scene.folder / name).write_bytes(b"\n".join(parts))
    return name


# On the screen


def test_a_long_word_takes_no_longer_than_its_length() -> None:
    assert masked_urls(LETTERS) == LETTERS
    assert masked_urls(f"{LETTERS}://u:p@h/") == f"{LETTERS}://***@h/"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("HTTPS://u:p@pbx.example/?k=1", "https://***@pbx.example/?***"),
        ("1https://u:p@pbx.example/", "1https://***@pbx.example/"),
        (
            r'{"url":"https:\/\/u:p@pbx.example\/a?k=1"}',
            r'{"url":"https:\/\/***@pbx.example\/a?***"}',
        ),
        (r"https:\/\/pbx.example\/a", r"https:\/\/pbx.example\/a"),
    ],
)
def test_a_url_is_masked_however_it_is_spelled(text: str, shown: str) -> None:
    assert masked_urls(text) == shown


def test_marks_pile_up_no_higher_than_any_script_needs() -> None:
    shown = escape("e" + "\u0301" * 1000)
    assert shown == "e" + "\u0301" * MOST_MARKS + r"\u0301" * (1000 - MOST_MARKS)
    assert escape(shown) == shown


def test_columns_stand_below_each_other_whatever_their_letters_take() -> None:
    rows = [("日本語", "1"), ("cafe\u0301", "2"), ("plain", "3")]
    assert [width(line) for line in columns(rows)] == [9, 9, 9]
    assert Style(width=5).cut(Shown("日本語日本語")) == "日本…"
    assert clip("日本語", 3) == "日"
    assert clip("abc", 2) == "ab"


def test_one_long_cell_does_not_fill_up_all_others() -> None:
    rows = [(LETTERS, "1"), *[("a", "2")] * 1000]
    assert sum(map(len, columns(rows))) < len(LETTERS) + 300_000


def test_a_long_value_is_cut_and_says_so() -> None:
    assert value_text(LETTERS) == f"{'a' * LONGEST_VALUE}… (1999000 more characters)"
    assert truncate("abc", 3) == "abc"


def test_a_difference_beyond_the_cut_is_told() -> None:
    before, after = shown_pair(f"{LETTERS}1", f"{LETTERS}2", "status")
    assert before != after
    assert after.endswith("(they differ in what is left out)")


def alert(application_id: str | None = None) -> WatchAlert:
    routing = Routing(application_id, None)
    return WatchAlert(event="changed", id=1, at=START, watch="all", count=1, routing=routing)


def test_a_variable_of_a_command_is_as_long_as_the_kernel_takes() -> None:
    taken = variables(alert("\U00020000" * 100_000))["CHANGELOG_APPLICATION_ID"]
    assert 99_990 < len(taken.encode()) <= 100_000


def test_a_value_of_a_megabyte_is_kept_whole_and_shown_in_short(scene: Scene) -> None:
    huge = {"status": "s" * 900_000, "application_id": "e" + "\u0301" * 5000}
    (scene.folder / "huge.json").write_text(json.dumps({**DID, **huge}))
    assert scene.run(["import", "huge.json"]).exit_code == 0
    for reader in (["log"], ["list"], ["diff"], ["restore", "did_1", "--offline"]):
        ran = scene.run(reader)
        judge(ran, (0,))
        assert len(ran.stdout) < 50_000, reader
        assert "more characters)" in ran.stdout
    whole = scene.run(["show", "did_1", "--json"]).json
    assert whole["status"] == huge["status"]


# Ids and other keys of a database


def test_an_id_that_no_database_can_hold_is_unreadable_and_costs_no_other(scene: Scene) -> None:
    known = {**DID, "route_mode": "reject"}
    for did, reason in (
        ("x" * (LONGEST_ID + 1), f"more than {LONGEST_ID} characters"),
        (INCOMPRESSIBLE, f"more than {LONGEST_ID} characters"),
        ("a\0b", "characters that cannot be stored"),
        ("\ud800", "characters that cannot be stored"),
        ("", "no id"),
    ):
        name = saved(scene, "saved.json", {**DID, "id": did}, known)
        ran = scene.run(["import", name, "--json"]).ended(3)
        assert [one["outcome"] for one in ran.json["dids"]] == ["unchanged", "unreadable"]
        assert reason in ran.json["dids"][1]["error"]["message"]


def test_the_longest_id_number_and_application_fit_into_both_databases(scene: Scene) -> None:
    bodies = [
        {**DID, "id": INCOMPRESSIBLE[start : start + LONGEST_ID], "number_e164": number}
        for start, number in enumerate((INCOMPRESSIBLE[:LONGEST_ID], INCOMPRESSIBLE[9:]))
    ]
    name = saved(scene, "saved.json", *bodies)
    scene.run(["import", name]).ended(0)
    scene.run(["import", saved(scene, "b.json", {**bodies[0], "status": INCOMPRESSIBLE})]).ended(0)
    scene.run(["mark", f"{bodies[0]['id']}@r2", "good", "-m", "kept"]).ended(0)
    assert len(scene.run(["list", "--json"]).json["dids"]) == 4


def test_an_id_that_came_by_number_and_cannot_be_kept_is_unreadable(scene: Scene) -> None:
    for did in ("a\0b", "\ud800", INCOMPRESSIBLE):
        content = json.dumps({**DID, "id": did, "number_e164": "+15551230009"}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
        scene.api.answer = head + content
        ran = scene.run(["record", "+15551230009", "--json"])
        judge(ran, (3,))
        assert ran.json["dids"][0]["error"]["code"] == "wrong_shape"


def test_a_name_too_long_for_any_id_is_a_wrong_argument(scene: Scene) -> None:
    ran = scene.run(["record", "x" * (LONGEST_ID + 1)]).ended(2)
    assert "at most 255" in ran.stderr


def test_a_nul_in_a_list_or_a_setting_is_a_wrong_argument_on_both(scene: Scene) -> None:
    (scene.folder / "list").write_bytes(b"did_1\0x\n")
    (scene.folder / "routes.csv").write_bytes(b"did,application_id,route_mode\ndid_1\0x,a,b\n")
    (scene.folder / "nul.toml").write_text('operator = "a\\u0000b"\n')
    for words in (
        ("record", "--file", "list"),
        ("verify", "--expect", "routes.csv"),
        ("tag", "t", "--config", "nul.toml"),
    ):
        ran = scene.run([*words], environment={"CHANGELOG_OPERATOR": ""}).ended(2)
        assert invisible_in(ran.stderr) == []


# Files


def test_a_line_separator_within_a_line_ends_no_line(scene: Scene) -> None:
    odd = [{**DID, "id": f"new_{n}", "status": one} for n, one in enumerate("\u2028\u2029\x85")]
    lines = [json.dumps(one, ensure_ascii=False) for one in odd]
    counts = (
        scene.run(["import", saved(scene, "a.jsonl", *lines), "--json"]).ended(0).json["counts"]
    )
    assert counts["new"] == 3


NASTY_FILES = (
    *(b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"null", b"[]", b"{}", b'"', b"[[],", b"NaN"),
    *(b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000),
    *(b'{"id":' + b"9" * 5000 + b"}", b'{"id":"did_1","n":1e999999999}', b"\n" * 1000),
    b'{"id":"did_1","id":"did_1","route_mode":"\\ud800","application_id":"\\u0000"}',
)


def test_no_file_breaks_any_command_that_reads_one(scene: Scene) -> None:
    for content in NASTY_FILES:
        (scene.folder / "given").write_bytes(content)
        for words, codes in (
            (["import", "given"], (0, 3)),
            (["evidence", "given"], (0, 3, 5)),
            (["config", "--config", "given"], (0, 2)),
            (["record", "--file", "given"], (2, 6)),
            (["verify", "--expect", "given"], (2,)),
        ):
            ran = scene.run(words)
            judge(ran, codes)
            assert len(ran.stdout + ran.stderr) < 10_000, content[:40]


@pytest.mark.parametrize(
    "line",
    [
        *("config --config /dev/zero", "record --file /dev/zero"),
        *("verify --expect /dev/zero", "record did_1"),
    ],
)
def test_a_file_without_end_is_refused(line: str, tmp_path: Path) -> None:
    program = Program(tmp_path / "home", key="", MINIVOICE_API_KEY_FILE="/dev/zero")
    assert "larger than" in program.run(*line.split()).ended(2).stderr


# Names out of the environment


def test_a_login_name_that_is_no_text_is_kept_as_escapes(scene: Scene) -> None:
    name = saved(scene, "a.json", DID)
    login = os.fsdecode(b"\xff\x1b[31m")
    environment = {"CHANGELOG_OPERATOR": "", "LOGNAME": login}
    scene.run(["import", name], environment=environment).ended(0)
    ran = scene.run(["log"]).ended(0)
    assert r"by \xff\x1b[31m" in ran.stdout


def test_a_value_that_the_driver_refuses_is_no_server_that_was_lost() -> None:
    place = PostgresLocation("postgresql://db.example/log")
    refused = translate(psycopg.DataError("PostgreSQL text fields cannot contain NUL"), place)
    assert type(refused) is DatabaseError
    assert isinstance(translate(psycopg.OperationalError("no route to host"), place), DatabaseLost)


def test_the_longest_names_of_a_call_fit_into_both_databases(scene: Scene) -> None:
    called = {"id": INCOMPRESSIBLE[:200], "application_id": "app_a", "to": "+15551230001"}
    event = {"event": f"call.{INCOMPRESSIBLE[200:395]}", "call": called}
    event["created_at"] = datetime.now(UTC).isoformat()
    name = saved(scene, "call.json", event)
    ran = scene.run(["evidence", name, "--json"]).ended(0)
    assert ran.json["counts"]["stored"] == 1
    scene.run(["evidence", name, "--result", "pass"]).ended(0)
