"""``log`` of several DIDs, what it finds of a text, and what was said of older revisions since."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.logbook import Logbook
from tests.program import Program


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    """Two DIDs that moved long ago, and were noted, judged and rolled back today."""
    for did in ("did_1", "did_2", "did_3"):
        capture = logbook.capture(ticket=f"INC-{did[-1]}", changed_by="Ada", tag=f"tag-{did}")
        logbook.see("app_a", did=did, destination=f"sip:{did}@old.example", capture=capture)
        capture.close()
        logbook.see("app_b", did=did)
    logbook.now += timedelta(days=30)
    logbook.writer.add_note(logbook.revision(1, "did_1"), "the Menu of winter", "bob")
    logbook.judge("bad", 2, did="did_2")
    logbook.see("app_a", did="did_3", destination="sip:did_3@old.example")
    logbook.verify(1, did="did_3")
    logbook.hear("pass", 1, did="did_1")
    return Program(tmp_path / "home", database=logbook.location)


def revisions(program: Program, *arguments: str) -> list[tuple[str, int]]:
    entries = program.json("log", *arguments)["entries"]
    return [(entry["did"], entry["revision"]) for entry in entries]


def test_since_takes_a_test_call_that_somebody_listened_to(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", database=logbook.location)
    for did in ("did_a", "did_b"):
        logbook.see("app_a", did=did)
    logbook.now += timedelta(days=20)
    began = f"{logbook.now:%Y-%m-%dT%H:%MZ}"
    logbook.hear("fail", 1, did="did_a")
    logbook.hear("reached", 1, did="did_b")
    for names in ((), ("did_a", "did_b")):
        assert revisions(program, *names, "--since", began) == [("did_a", 1)]


def test_looks_are_those_of_the_tag_and_no_filter_of_revisions_is_ignored(
    logbook: Logbook, tmp_path: Path
) -> None:
    program = Program(tmp_path / "home", database=logbook.location)
    logbook.see("app_a")
    capture = logbook.capture(tag="pre")
    logbook.miss("timeout", capture=capture)
    logbook.see("app_a", did="did_9", capture=capture)
    capture.close()
    logbook.see("app_b")
    newer, older = program.json("log", "--snapshots", "--tag", "pre")["snapshots"]
    assert (newer["did"], older["error"]["code"]) == ("did_9", "timeout")
    program.run("log", "--snapshots", "--tag", "none").ended(5)
    for words in (("--field", "status"), ("--routing",), ("--grep", "x")):
        refused = program.run("log", "--snapshots", *words).ended(2).stderr
        assert "choose revisions" in refused
    program.run("tag", "now").ended(0)
    assert "--until" in program.run("log", "--snapshots", "--tag", "now").ended(2).stderr


def test_a_field_that_nothing_has_is_said(logbook: Logbook, tmp_path: Path) -> None:
    """A mistyped ``diff --field`` would pass a gate without a word."""
    program = Program(tmp_path / "home", database=logbook.location)
    logbook.see("app_a")
    logbook.see("app_b")
    ran = program.run("diff", "--field", "application", "--exit-code").ended(0)
    assert "changed a field application" in ran.stderr
    assert "changed a field" not in program.run("diff", "--field", "application_id").ended(0).stderr


def test_several_dids_are_one_history(program: Program) -> None:
    assert revisions(program, "did_2", "did_1", "did_2") == [
        ("did_2", 2),
        ("did_2", 1),
        ("did_1", 2),
        ("did_1", 1),
    ]


def test_an_unknown_did_loses_no_other(program: Program) -> None:
    ran = program.run("log", "did_1", "did_9", "--json")
    document = ran.ended(5).json
    assert len(document["entries"]) == 2
    assert [did["error"] and did["error"]["code"] for did in document["dids"]] == [
        None,
        "unknown_did",
    ]


SAID = [("did_3", 3), ("did_3", 1), ("did_2", 2), ("did_1", 1)]


def test_since_takes_what_was_said_of_older_revisions_in_the_order_of_their_own_times(
    program: Program,
) -> None:
    day = "2026-11-15"
    assert revisions(program, "--since", day) == SAID
    assert revisions(program, "did_1", "did_2", "did_3", "--since", day) == SAID
    assert revisions(program, "--since", day, "--routing") == [("did_3", 3)]


FOUND: dict[str, list[tuple[str, int]]] = {
    "menu OF": [("did_1", 1)],
    "bob": [("did_1", 1)],
    "because": [("did_2", 2)],
    "inc-2": [("did_2", 1)],
    "ada": [("did_3", 1), ("did_2", 1), ("did_1", 1)],
    "tag-did_3": [("did_3", 1)],
    "did_2@old": [("did_2", 1)],
    "nowhere": [],
}


def test_a_text_is_found_in_what_people_wrote(program: Program) -> None:
    dids = ("did_1", "did_2", "did_3")
    assert {text: revisions(program, "--grep", text) for text in FOUND} == FOUND
    for text, found in FOUND.items():
        assert sorted(revisions(program, *dids, "--grep", text)) == sorted(found), text


def test_a_text_beyond_ascii_is_found_in_upper_and_lower_case(
    logbook: Logbook, tmp_path: Path
) -> None:
    logbook.see("app_a")
    logbook.writer.add_note(logbook.revision(1), "École de nuit", "olga")
    program = Program(tmp_path / "home", database=logbook.location)
    assert revisions(program, "--grep", "école") == [("did_1", 1)]


def test_a_changed_field_is_found_beside_values_that_postgresql_cannot_take(
    logbook: Logbook, tmp_path: Path
) -> None:
    for greeting, label in (("a", "\0"), ("a", "\ud800"), ("b", "\0")):
        logbook.see("app_a", greeting=greeting, label=label)
    program = Program(tmp_path / "home", database=logbook.location)
    assert revisions(program, "--field", "greeting") == [("did_1", 3)]
    assert revisions(program, "--field", "label") == [("did_1", 3), ("did_1", 2)]


@pytest.fixture
def noted(logbook: Logbook, tmp_path: Path) -> Program:
    """Two DIDs that moved long ago; a capture of today read one of them with a note, and was noted
    again by somebody else."""
    for application in ("app_a", "app_b"):
        for did in ("did_1", "did_2"):
            logbook.see(application, did=did)
    logbook.now += timedelta(days=30)
    capture = logbook.capture(note="before the Übergabe", tag="today")
    logbook.see("app_b", did="did_1", capture=capture)
    capture.close()
    program = Program(tmp_path / "home", database=logbook.location)
    program.run("note", "tag:today", "-m", "École rang", "--by", "Zoë").ended(0)
    return program


NOTES = ["before the Übergabe", "École rang"]


def test_a_note_on_a_capture_is_found_by_text_author_and_time(noted: Program) -> None:
    for part in ("übergabe", "éCOLE RANG", "zoë", "É"):
        assert revisions(noted, "--grep", part) == [("did_1", 2)], part
    assert revisions(noted, "--since", "2026-11-15") == [("did_1", 2)]
    assert revisions(noted, "--since", "2026-11-15", "--until", "2026-12-15") == [("did_1", 2)]
    assert revisions(noted, "--since", "2026-11-15", "--routing") == []


def test_notes_on_a_capture_show_with_the_revision_it_read(noted: Program) -> None:
    for line in (
        "log did_1",
        "log did_1 --format chat",
        "log did_1 --format csv",
        "show did_1",
        "restore did_1 --offline --to r2",
        "restore did_1 --offline --to r2 --format markdown",
        "restore did_1 --offline --to r2 --json",
    ):
        shown = noted.run(*line.split()).ended(0).stdout
        for text in NOTES:
            assert text in shown or json.dumps(text)[1:-1] in shown, (line, text)
        assert "rang" not in noted.run(*line.replace("did_1", "did_2").split()).stdout, line


def test_every_format_shows_reasons_and_calls(program: Program) -> None:
    for form in ("text", "chat", "markdown", "csv", "json", "html"):
        shown = program.run("log", "did_1", "did_2", "--format", form).ended(0).stdout
        for words in ("because", "the Menu of winter", "call.completed"):
            assert words in shown, (words, form)
