"""``status``: what whoever comes on shift is told, on both databases."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from changelog.commands.answers.status import status
from changelog.model.results.status import StatusResult
from changelog.model.text.times import format_utc
from tests.logbook import Logbook
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox


def status_of(book: Logbook, *, after: timedelta = timedelta(hours=1)) -> StatusResult:
    with book.reader() as log:
        return status(log, book.now + after)


def test_a_return_to_a_route_that_reaches_nobody_is_no_repair(logbook: Logbook) -> None:
    for mode in ("webhook", "reject", "webhook", "reject"):
        logbook.see("app_a", mode)
    assert status_of(logbook).open.rolled_back_unverified == ()
    logbook.see("app_a", "webhook")
    assert status_of(logbook).open.rolled_back_unverified == ("did_1",)


def test_an_equal_change_of_many_dids_is_one_group(logbook: Logbook) -> None:
    for did in ("did_1", "did_2", "did_3"):
        logbook.see("app_a", did=did)
    logbook.now += timedelta(days=2)
    for did in ("did_1", "did_2"):
        logbook.see("app_b", did=did)
    logbook.see("app_a", did="did_3", label="new")
    logbook.see("app_a", did="did_4")
    answer = status_of(logbook)
    assert [group.dids for group in answer.changes] == [("did_1", "did_2"), ("did_3",)]
    (change,) = answer.changes[0].changes
    assert (change.field, change.before, change.after, change.routing) == (
        "application_id",
        "app_a",
        "app_b",
        True,
    )
    assert answer.changes[1].changes == ()
    assert (answer.dids.known, answer.dids.new) == (4, 1)
    assert status_of(logbook, after=timedelta(days=2)).changes == ()


def test_what_cannot_be_read_is_named_since_its_first_failure_in_a_row(logbook: Logbook) -> None:
    logbook.miss("timeout")
    logbook.see()
    logbook.miss(503)
    began = logbook.now
    logbook.miss("timeout")
    logbook.miss(404, did="did_9")
    logbook.see(did="did_2")
    logbook.miss("timeout", did="did_3")
    logbook.see(did="did_3")
    answer = status_of(logbook)
    assert [(look.did, look.known) for look in answer.unreadable] == [
        ("did_1", True),
        ("did_9", False),
    ]
    assert answer.unreadable[0].since <= began
    assert answer.unreadable[0].error.code == "timeout"
    assert (answer.dids.unreadable, answer.dids.never_read) == (1, 1)
    logbook.see()
    assert [look.did for look in status_of(logbook).unreadable] == ["did_9"]


def test_a_404_says_whether_it_is_from_the_key_that_read_the_did(
    logbook: Logbook, tmp_path: Path
) -> None:
    for did in ("did_1", "did_2", "did_3"):
        logbook.see(did=did, key="new")
    logbook.miss(404, did="did_1", key="old")
    logbook.miss(404, did="did_2", key="new")
    logbook.miss(503, did="did_3", key="old")
    answer = status_of(logbook)
    assert [did.of_another_key for did in answer.unreadable] == [True, False, False]
    said = Program(tmp_path / "home", database=logbook.location).run("status").ended(0).stdout
    remark = "from a key that did not read it last: that says nothing of its route"
    (line,) = (line for line in said.splitlines() if remark in line)
    assert line.strip().startswith("did_1 (")


def test_a_name_that_was_never_there_is_named_for_a_day(logbook: Logbook, tmp_path: Path) -> None:
    logbook.see()
    logbook.miss(404, did="did_9")
    logbook.miss(401, did="did_8")
    later = status_of(logbook, after=timedelta(hours=25))
    assert [look.did for look in later.unreadable] == ["did_8"]
    assert later.dids.never_read == 2
    program = Program(tmp_path / "home", database=logbook.location)
    ran = program.run("mark", "did_9", "retired", "-m", "mistyped").ended(5)
    assert "knows no DID 'did_9' (it was asked for, and never read)" in ran.stderr
    assert "status names it for one day" in ran.stderr


def test_a_retired_did_is_counted_and_not_missed(logbook: Logbook) -> None:
    logbook.see()
    logbook.judge("retired", 1)
    logbook.miss(404)
    answer = status_of(logbook)
    assert answer.dids.retired == 1
    assert answer.unreadable == ()


def test_a_current_routing_judged_bad_is_open_until_it_is_left_or_judged_good(
    logbook: Logbook,
) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    logbook.judge("bad", 2)
    assert status_of(logbook).open.current_bad == ("did_1",)
    logbook.judge("good", 2)
    assert status_of(logbook).open.current_bad == ()
    logbook.judge("bad", 2)
    logbook.see("app_a")
    assert status_of(logbook).open.current_bad == ()


def test_a_current_routing_that_failed_its_last_call_is_open_until_one_passes_or_it_is_judged_good(
    logbook: Logbook,
) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    logbook.hear("fail", 1)
    assert status_of(logbook).open.current_failed == ()
    logbook.hear("fail", 2)
    assert status_of(logbook).open.current_failed == ("did_1",)
    logbook.hear("pass", 2)
    assert status_of(logbook).open.current_failed == ()
    logbook.hear("fail", 2)
    logbook.judge("good", 2)
    assert status_of(logbook).open.current_failed == ()
    logbook.hear("fail", 2)
    logbook.see("app_c")
    assert status_of(logbook).open.current_failed == ()


def test_a_return_is_open_until_it_is_verified(logbook: Logbook) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    assert status_of(logbook).open.rolled_back_unverified == ()
    logbook.see("app_a")
    logbook.see("app_a", label="new")
    assert status_of(logbook).open.rolled_back_unverified == ("did_1",)
    logbook.verify(1)
    assert status_of(logbook).open.rolled_back_unverified == ()


def test_notes_of_the_last_day_are_told_those_of_captures_too(logbook: Logbook) -> None:
    logbook.see()
    logbook.writer.add_note(logbook.revision(1), "old", "olga")
    logbook.now += timedelta(days=2)
    logbook.writer.add_note(logbook.revision(1), "on a revision", "olga")
    logbook.see(capture=logbook.capture(note="on a capture"))
    notes = status_of(logbook).notes
    assert [(note.text, note.did) for note in notes] == [
        ("on a capture", None),
        ("on a revision", "did_1"),
    ]
    assert notes[0].capture is not None
    logbook.now += timedelta(days=2)
    logbook.writer.add_capture_note(notes[0].capture, "on an older capture", "bob")
    (late,) = status_of(logbook).notes
    assert (late.text, late.by, late.capture) == ("on an older capture", "bob", notes[0].capture)


def test_a_log_with_times_to_come_says_so(logbook: Logbook) -> None:
    logbook.see()
    assert status_of(logbook).times_to_come is None
    assert status_of(logbook, after=timedelta(minutes=-1)).times_to_come is None
    assert status_of(logbook, after=timedelta(hours=-1)).times_to_come == logbook.now


def test_an_empty_log_has_nothing_to_tell(tmp_path: Path) -> None:
    program = Program(tmp_path)
    answer = program.run("status", "--json").ended(5).json
    assert answer["conditions"] == ["nothing_recorded"]
    assert "nothing is recorded yet" in program.run("status").ended(5).stdout


def test_the_screen_and_the_message_say_the_same(sqlite_logbook: Logbook, tmp_path: Path) -> None:
    book = sqlite_logbook
    book.now = datetime.now(UTC) - timedelta(hours=1)
    book.see("app_a")
    book.see("app_b")
    book.judge("bad", 2)
    book.hear("fail", 2)
    book.miss(503, did="did_9")
    program = Program(tmp_path / "home", database=book.location)
    head = program.run("check", "--head").stdout.strip()
    assert program.json("status")["journal"] == head
    for form in ("text", "chat"):
        shown = program.run("status", "--format", form).ended(0).stdout
        failed = "current routing failed its last test call: 1 (did_1)"
        for words in (
            "app_a → app_b",
            "current routing judged bad",
            failed,
            "did_9, never read",
            head,
        ):
            assert words in shown


def test_what_reaches_nobody_is_told_first_and_each_change_with_its_time(
    logbook: Logbook, tmp_path: Path
) -> None:
    dids = [f"did_{place:02}" for place in range(16)]
    logbook.now = datetime.now(UTC) - timedelta(hours=5)
    for application in ("app_a", "app_b", "app_a"):
        for did in dids:
            logbook.see(application, did=did, number_e164=None)
    logbook.see(None, "reject", did="did_15", number_e164=None)
    first, *rest = status_of(logbook).changes
    assert first.dids == ("did_15",)
    assert [len(group.dids) for group in rest] == [16, 16]
    program = Program(tmp_path / "home", database=logbook.location)
    said = program.run("status").ended(0).stdout
    (line,) = [line for line in said.splitlines() if "app_b → app_a" in line]
    assert line.endswith(
        f"(first seen {format_utc(rest[1].first_at)} to {format_utc(rest[1].last_at)})"
    )


def test_a_capture_that_stopped_says_how_to_go_on(live: Program, sandbox: Sandbox) -> None:
    dids = [f"did_{place}" for place in range(300, 340)]
    for place, did in enumerate(dids):
        number = f"+155599900{place:02}"
        sandbox.add_did({"id": did, "number_e164": number, "application_id": "app_support"})
    live.record(*dids)
    sandbox.fail(Fault("status", status=401))
    stopped = live.run("record", "--all", "--tag", "nightly").ended(6)
    go_on = "changelog record --resume --tag nightly"
    assert f"are stored; to go on with the rest: {go_on}" in stopped.stderr
    said = live.run("status").ended(0).stdout
    assert "and was stopped before its end; to go on: changelog record --resume" in said
    assert re.search(r"the last capture remarks: stopped after \d+ of 40\n", said)
    assert live.run("status", "--json").json["last_capture"]["stopped"] is True
    sandbox.clear_faults()
    live.run(*go_on.split()[1:]).ended(0)
    assert "nightly" in live.run("tag").ended(0).stdout
    assert "and was stopped" not in live.run("status").stdout


def test_a_period_before_the_log_says_when_it_begins(live: Program) -> None:
    live.record("did_101")
    period = ("log", "--since", "2020-01-01", "--until", "2020-02-01")
    assert "the log begins only at 20" in live.run(*period).ended(0).stdout
