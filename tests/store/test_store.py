"""The store: what an answer becomes in the log, on each kind of database."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from changelog.model.answers import Answer, Applications, Problem
from changelog.model.errors import UsageError
from changelog.model.recording import Destinations
from changelog.store.journal.entry import Entry
from changelog.store.location import PostgresLocation
from changelog.store.reader import LogReader
from changelog.store.transaction import Transaction
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import DID, NUMBER, START, Logbook
from tests.program import Program


def test_equal_answers_are_one_revision_seen_many_times(logbook: Logbook) -> None:
    outcomes = [logbook.see("app_a").outcome for _ in range(3)]
    assert outcomes == ["new", "unchanged", "unchanged"]
    (only,) = logbook.history().revisions
    assert only.snapshots == 3
    assert only.last_seen_at > only.first_seen_at


def test_updated_at_and_null_for_absent_begin_no_revision(logbook: Logbook) -> None:
    logbook.see("app_a", updated_at="2026-01-01T00:00:00Z")
    assert logbook.see("app_a", updated_at="2026-02-02T00:00:00Z").outcome == "unchanged"
    assert logbook.see("app_a", provider=None).outcome == "unchanged"


def test_an_unknown_field_is_kept_and_its_change_is_told(logbook: Logbook) -> None:
    logbook.see("app_a", sip={"codecs": ["opus"]})
    stored = logbook.see("app_a", sip={"codecs": ["pcma"]})
    assert [(one.field, one.before, one.after, one.routing) for one in stored.changes] == [
        ("sip", {"codecs": ["opus"]}, {"codecs": ["pcma"]}, False)
    ]
    assert logbook.history().latest.fields["sip"] == {"codecs": ["pcma"]}


def test_an_unreadable_answer_is_a_snapshot_and_never_a_change(logbook: Logbook) -> None:
    logbook.see("app_a")
    for status in (404, 401, 500, "timeout"):
        assert logbook.miss(status).outcome == "unreadable"
    assert len(logbook.history().revisions) == 1
    with logbook.reader() as reader:
        seen = reader.snapshots(DID, limit=10)
    assert [one.problem.code if one.problem else None for _, one in seen] == [
        "timeout",
        "500",
        "unauthorized",
        "not_found",
        None,
    ]


def test_equal_problems_are_stored_once(logbook: Logbook) -> None:
    for _ in range(3):
        logbook.miss(404)
    with logbook.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM problem")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM snapshot")).scalar() == 3


def test_a_404_from_a_key_that_never_read_the_did_says_nothing(logbook: Logbook) -> None:
    logbook.see("app_a")
    logbook.miss(404, capture=logbook.capture(key="key-2"))
    assert logbook.history().visible
    logbook.miss(404, capture=logbook.capture(key="key-1"))
    assert not logbook.history().visible


def test_an_answer_overtaken_by_a_newer_one_begins_no_revision(logbook: Logbook) -> None:
    logbook.see("app_a")
    slow = logbook.capture()
    received = logbook.clock()
    logbook.see("app_b")
    stored = logbook.see("app_c", at=received, capture=slow)
    assert (stored.outcome, stored.late) == ("unchanged", True)
    history = logbook.history()
    assert [one.routing.application_id for one in history.revisions] == ["app_a", "app_b"]
    assert [one.routing.application_id for one in history.late] == ["app_c"]


def test_a_late_answer_that_equals_what_begins_right_after_it_is_a_look_at_that(
    logbook: Logbook,
) -> None:
    first = logbook.capture()
    before_all = logbook.clock()
    logbook.see("app_a")
    early = logbook.see("app_a", at=before_all, capture=first)
    assert (early.outcome, early.revision, early.late) == ("unchanged", 1, True)
    slow = logbook.capture()
    received = logbook.clock()
    logbook.see("app_b")
    look = logbook.see("app_b", at=received, capture=slow)
    assert (look.revision, look.kept_aside) == (2, False)
    other = logbook.see("app_c", at=received, capture=slow)
    assert (other.revision, other.kept_aside) == (2, True)
    history = logbook.history()
    assert [one.snapshots for one in history.revisions] == [2, 2]
    assert [one.routing.application_id for one in history.late] == ["app_c"]
    assert_journal_is_whole(logbook.location)


def test_a_clock_that_was_set_back_loses_no_change(logbook: Logbook) -> None:
    logbook.see("app_a")
    logbook.now = START - timedelta(days=3)
    capture = logbook.capture()
    assert logbook.see("app_b", capture=capture).outcome == "changed"
    assert any("clock is behind" in remark for remark in capture.opened.remarks)
    history = logbook.history()
    assert history.latest.routing.application_id == "app_b"
    assert history.latest.first_seen_at > history.revisions[0].first_seen_at
    logbook.miss(404)
    assert not logbook.history().visible


def test_the_same_did_twice_in_one_batch_is_compared_with_itself(logbook: Logbook) -> None:
    capture = logbook.capture()
    bodies = [f'{{"id": "did_1", "application_id": "app_{name}"}}' for name in "aba"]
    answers = [
        Answer(
            requested=DID,
            did=DID,
            body=body,
            fields={"id": DID, "application_id": f"app_{name}"},
            received_at=logbook.clock(),
        )
        for body, name in zip(bodies, "aba", strict=True)
    ]
    stored = capture.store(answers, Destinations())
    assert [one.outcome for one in stored] == ["new", "changed", "changed"]
    assert [one.routing_number for one in logbook.history().revisions] == [1, 2, 1]


def test_a_tag_names_one_capture_once(logbook: Logbook) -> None:
    capture = logbook.capture(tag="pre")
    logbook.see("app_a", capture=capture)
    with pytest.raises(UsageError, match="exists already"):
        logbook.capture(tag="pre")
    with pytest.raises(UsageError, match="exists already"):
        logbook.writer.add_tag("pre", logbook.now, "olga")


def test_a_capture_that_could_read_nothing_leaves_its_tag_free(logbook: Logbook) -> None:
    logbook.miss(500, capture=logbook.capture(tag="pre"))
    logbook.see("app_a", capture=logbook.capture(tag="pre"))
    assert logbook.history().tags == {1: ("pre",)}


def test_two_captures_that_race_for_a_tag_both_keep_what_they_read(logbook: Logbook) -> None:
    first, second = logbook.capture(tag="pre"), logbook.capture(tag="pre")
    logbook.see("app_a", capture=first)
    logbook.see("app_b", capture=second)
    assert second.opened.conditions == {"tag_taken"}
    assert len(logbook.history().revisions) == 2


def test_a_captures_note_speaks_for_unchanged_revisions_too(logbook: Logbook) -> None:
    logbook.see("app_a")
    capture = logbook.capture(note="before the deploy")
    logbook.see("app_a", capture=capture)
    capture.close()
    assert [(note.revision, note.text) for note in logbook.history().notes] == [
        (1, "before the deploy")
    ]


def test_a_number_means_who_has_it_then_who_had_it_last(logbook: Logbook) -> None:
    logbook.see("app_a", did="did_old")
    with logbook.reader() as reader:
        assert reader.find("+1 555 123-0001") == "did_old"
    logbook.see("app_a", did="did_old", number_e164="+15550000000")
    with logbook.reader() as reader:
        assert reader.find(NUMBER) == "did_old", "nobody has it now: the DID that had it last"
    logbook.see("app_b", did="did_new")
    with logbook.reader() as reader:
        assert reader.find(NUMBER) == "did_new"
        assert [last.did for last in reader.carriers(NUMBER)] == ["did_new", "did_old"]
        assert reader.find("did_old") == "did_old"
        assert reader.find("nobody") is None


def test_a_retired_did_returns_when_it_is_recorded_by_name_and_readable(
    logbook: Logbook,
) -> None:
    logbook.see("app_a")
    logbook.judge("retired", 1)
    logbook.see("app_a", capture=logbook.capture(by_name=False))
    logbook.miss(404, capture=logbook.capture(by_name=True))
    assert logbook.history().retired
    with logbook.reader() as reader:
        assert reader.dids(limit=9, with_retired=False) == []
    logbook.see("app_a", capture=logbook.capture(by_name=True))
    assert not logbook.history().retired


def test_every_row_is_vouched_for_by_the_journal_and_the_chain_is_whole(
    logbook: Logbook,
) -> None:
    logbook.see("app_a", destination="https://a.example/answer")
    urls = {"app_b": "https://b.example/answer"}
    about: dict[str, Any] = {"note": "n", "tag": "t", "ticket": "T-1", "changed_by": "ana"}
    capture = logbook.capture(answer_urls=urls, **about)
    logbook.see("app_b", capture=capture)
    capture.close()
    logbook.miss(404)
    logbook.see("app_a", destination="https://a.example/answer")
    logbook.judge("good", 1)
    logbook.hear("pass", 1)
    logbook.verify(1)
    logbook.writer.add_note(logbook.revision(1), "text", "olga")
    assert_journal_is_whole(logbook.location)


def test_the_views_answer_a_plain_client(logbook: Logbook) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    (current,) = logbook.rows("SELECT * FROM current_routing")
    assert (current["did"], current["application_id"]) == (DID, "app_b")
    history = logbook.rows("SELECT * FROM routing_history ORDER BY revision")
    assert [row["first_seen_at"][-1] for row in history] == ["Z", "Z"]
    assert history[0]["first_seen_at"].startswith("2026-11-01T12:")
    (target,) = logbook.rows("SELECT * FROM restore_target")
    assert (target["number"], target["application_id"]) == (NUMBER, "app_a")


def test_a_reader_never_writes(logbook: Logbook) -> None:
    logbook.see("app_a")
    reader = LogReader(logbook.location)
    statement = "INSERT INTO did (did, entry) VALUES ('x', 1)"
    expected: type[Exception] = sqlite3.OperationalError
    if isinstance(logbook.location, PostgresLocation):
        import psycopg

        expected = psycopg.errors.ReadOnlySqlTransaction
    with pytest.raises(expected):
        reader._driver.rows(statement, {})
    reader.close()


def test_a_transaction_that_has_to_be_repeated_writes_all_of_it_once(
    logbook: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    inserted = Transaction.insert
    failures = iter([KeyboardInterrupt()])

    def fail_once(transaction: Transaction, previous: bytes) -> Entry | None:
        result = inserted(transaction, previous)
        for failure in failures:
            raise failure
        return result

    monkeypatch.setattr(Transaction, "insert", fail_once)
    capture = logbook.capture(tag="pre")
    with pytest.raises(KeyboardInterrupt):
        logbook.see("app_a", capture=capture)
    assert not capture.info.id
    logbook.see("app_a", capture=capture)
    assert logbook.history().tags == {1: ("pre",)}


def test_a_late_answer_of_any_size_is_kept_whole_and_hurts_nobody(logbook: Logbook) -> None:
    logbook.see("app_a")
    past = logbook.capture(past=True)
    stored = logbook.see("app_b", at=START, capture=past, padding="x" * 100_000)
    assert stored.late
    assert [one.routing.application_id for one in logbook.history().late] == ["app_b"]


def test_a_problem_that_calls_itself_late_is_no_late_answer(logbook: Logbook) -> None:
    logbook.see("app_a")
    answer = Answer(
        requested=DID,
        did=DID,
        problem=Problem("late", "no", 409, b'{"error": '),
        received_at=logbook.clock(),
    )
    logbook.capture().store([answer], Destinations())
    assert logbook.history().late == ()


def test_a_404_from_another_address_or_a_page_of_html_says_nothing(logbook: Logbook) -> None:
    logbook.see("app_a", capture=logbook.capture(api_url="https://a.example/v1"))
    logbook.miss(404, capture=logbook.capture(api_url="https://a.example/wrong"))
    page = Answer(
        requested=DID,
        did=DID,
        problem=Problem("not_found", "no", 404, b"\n<html>404</html>"),
        received_at=logbook.clock(),
    )
    here = logbook.capture(api_url="https://a.example/v1")
    here.store([page], Destinations())
    assert logbook.history().visible
    logbook.miss(404, capture=here)
    assert not logbook.history().visible


def test_a_list_read_again_in_one_capture_may_lack_an_application(logbook: Logbook) -> None:
    capture, body = logbook.capture(), {"application_id": "app_a", "route_mode": "webhook"}
    for urls in ({"app_a": "https://a.example"}, {}, {"app_a": "https://a.example"}):
        found = Destinations(applications=Applications(urls, listed=frozenset(urls)))
        answer = Answer(requested=DID, did=DID, body="{}", fields=body, received_at=logbook.clock())
        capture.store([answer], found)
        with logbook.reader() as reader:
            seen = reader.answer_urls(["app_a", "nobody"])
        assert {name: url for name, (url, _) in seen.items()} == {"app_a": urls.get("app_a")}
    capture.close()


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """As the program is, and not as ``tests/conftest.py`` makes it."""
    code = (
        "from pathlib import Path\n"
        "from changelog.store.engine import make_engine\n"
        "from changelog.store.location import SqliteLocation\n"
        "with make_engine(SqliteLocation(Path('log.db'))).connect() as connection:\n"
        "    print(connection.exec_driver_sql('PRAGMA synchronous').scalar())\n"
    )
    assert Program(tmp_path).run_python(code).ended(0).stdout == "2\n"
