"""``status``: what whoever comes on shift is told, on both databases."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from changelog.commands.answers.status import status
from changelog.model.results.status import (
    StatusResult,
)
from tests.logbook import Logbook
from tests.program import Program


def status_of(book: Logbook, *, after: timedelta = timedelta(hours=1)) -> StatusResult:
    with book.reader() as log:
        return status(log, book.now + after)


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
    book.miss(503, did="did_9")
    program = Program(tmp_path / "home", database=book.location)
    head = program.run("check", "--head").stdout.strip()
    assert program.json("status")["journal"] == head
    for form in ("text", "chat"):
        shown = program.run("status", "--format", form).ended(0).stdout
        for words in ("app_a → app_b", "current routing judged bad", "did_9, never read", head):
            assert words in shown
