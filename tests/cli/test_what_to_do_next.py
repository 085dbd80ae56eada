"""A refusal and an empty answer say what is so and what to do next."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.sandbox_faults import Fault, Sandbox

CALL = {"event": "call.completed", "call": {"id": "call_1", "to": "+15551230001"}}


@pytest.fixture
def program(sqlite_logbook: Logbook, tmp_path: Path) -> Program:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    return Program(tmp_path / "home", key="", database=sqlite_logbook.location)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("log -n 0", "Write a number from 1 on."),
        ("record did_1 --concurrency 300", "Write a number from 1 to 256."),
        ("log --grep", "changelog log --help shows how it is used."),
        ("diff did_1 --from 25:00", "'25:00' is no time of day"),
        ("log --since 9h --until 10h", "--until is before --since"),
        ("log --format csv --json", "--json and --format exclude each other"),
        ("mark retired did_1 -m WHY", "The verdict stands last: changelog mark DID VERDICT -m WHY"),
        ("export --out nowhere/log.jsonl", "cannot be written: No such file"),
        ("record --file /dev/null", "the list /dev/null names no DID"),
        ("diff --file /dev/null", "the list /dev/null names no DID"),
        ("restore --file /dev/null", "the list /dev/null names no DID"),
        ("--db x.db list", "Options stand behind the command: changelog list --db …"),
        ("log --since 2099-01-01", "'2099-01-01' is yet to come"),
        ("log did_1 --since 2099-01-01", "'2099-01-01' is yet to come"),
        ("diff --to=", "'' is neither a revision nor a time"),
        ("diff --from=", "'' is neither a revision nor a time"),
        ("restore did_1 --to=", "'' is neither a revision nor a time"),
        ("diff --from live", "'live' works only with diff --to"),
        ("diff --from live --to 2026-10-01", "'live' works only with diff --to"),
        ("mark did_1 good", "Add -m 'WHY'. The text is stored."),
        ("mark did_1 r1 bad -m WHY", "it stands behind its DID: did_1@r1"),
        ("mark r2 did_1 bad -m WHY", "it stands behind its DID: did_1@r2"),
        ("mark did_1 previous bad -m WHY", "it stands behind its DID: did_1@previous"),
        ("note did_1 r1 -m TEXT", "it stands behind its DID: did_1@r1"),
    ],
)
def test_a_refusal_says_what_to_write(program: Program, line: str, said: str) -> None:
    assert said in program.run(*line.split()).ended(2).stderr.replace("a whole number", "a number")
    shown = program.json("show", "did_1")
    assert (shown["verdicts"], shown["notes"]) == ([], [])


def test_a_setting_that_is_none_is_named_with_its_file(program: Program) -> None:
    (program.home / "c.toml").write_text("concurrency = 999\n")
    said = program.run("log", "--config", "c.toml").ended(2).stderr
    assert "the setting concurrency must be a number from 1 to 256" in said
    assert "Write concurrency = 8. The file is c.toml." in said


def test_a_field_that_nothing_changed_in_is_said_to_be_one(program: Program) -> None:
    assert (
        "no revision asked for changed a field foo"
        in program.run("log", "--field", "foo").ended(0).stderr
    )
    assert program.run("log", "--field", "application_id").ended(0).stderr == ""


def test_a_webhook_is_no_did_and_another_file_no_webhook(program: Program) -> None:
    (program.home / "call.json").write_text(json.dumps(CALL))
    (program.home / "routes.csv").write_text("did,application_id\n" * 40)
    ran = program.run("import", "call.json").ended(3)
    assert (
        "it is a webhook of a call, and no DID; to store it: changelog evidence FILE" in ran.stdout
    )
    assert "nothing stored: 1 requested" in ran.stdout
    lines = program.run("evidence", "routes.csv").ended(3).stdout.splitlines()
    assert lines[0].startswith("ignored: routes.csv, line 1: ")
    assert lines[5:] == ["40 ignored"]


def test_another_logs_head_is_not_only_called_a_rewriting(program: Program) -> None:
    said = program.run("check", "--against", f"1:{'a' * 64}").ended(7).stdout
    assert "the log was rewritten, or the head is another log's" in said
    assert "Keep a copy of the database first." in said


def test_where_every_look_failed_it_is_not_said_that_nobody_looked(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    with Sandbox(KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        sandbox.fail(Fault("status", status=404))
        recorded = program.run("record", "did_777").ended(3).stdout
        assert "or this key cannot see it: a key belongs to one application" in recorded
        listed = program.run("list").ended(5).stderr
        assert "nothing could be read yet in " in listed
        assert "changelog status" in listed
        restored = program.run("restore", "did_777").ended(5)
        assert "the API answers 404: there is none, or this key cannot see it" in restored.stderr
        watched = program.run("watch", "did_777", "--once").ended(3)
        assert "1 of 1 DIDs could not be read in this round" in watched.stderr


def test_a_server_that_answers_500_is_quoted_with_its_status(tmp_path: Path) -> None:
    with Sandbox(KEY) as sandbox:
        program = Program(tmp_path / "home", api=sandbox)
        program.record("did_101")
        sandbox.move("did_101", application_id="app_sales")
        program.record("did_101")
        sandbox.fail(Fault("status", status=500))
        said = program.run("restore", "did_101").ended(0).stdout
    assert "the live route could not be read (500 " in said


def test_a_moment_before_a_did_was_seen_is_no_revision(
    program: Program, sqlite_logbook: Logbook
) -> None:
    first = sqlite_logbook.revision(1).first_seen_at
    line = ["diff", "did_1", "--from", "2026-10-01T00:00Z"]
    said = program.run(*line).ended(5).stderr
    assert said.startswith("changelog: did_1 ha")
    assert "2026-10-01 00:00:00Z" in said
    assert f"first seen {first:%Y-%m-%d %H:%M:%S}Z" in said


def test_a_file_of_notify_that_is_missing_is_to_be_made(program: Program) -> None:
    line = ["watch", "did_1", "--once", "--notify", "slack:nofile.txt"]
    said = program.run(*line, environment={"MINIVOICE_API_KEY": KEY}).ended(2).stderr
    assert "Make the file (chmod 600): only you should be able to read it." in said
    assert "the URL of the webhook, or the integration key of PagerDuty." in said


def test_a_log_that_lacks_a_view_is_not_to_be_left_for_another(
    program: Program, sqlite_logbook: Logbook
) -> None:
    assert isinstance(sqlite_logbook.location, SqliteLocation)
    with closing(sqlite3.connect(sqlite_logbook.location.path)) as file:
        file.execute("DROP VIEW revision_log")
    said = program.run("restore", "did_1", "--offline").ended(8).stderr
    assert "is damaged, or another version of changelog made it: no such table" in said
    assert "changelog check" in said
    assert "Name another database" not in said
