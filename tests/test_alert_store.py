"""What a watch has told stands in the log, on each kind of database."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from changelog.model.answers import Answer
from changelog.model.recording import Destinations
from changelog.model.watch_rules import Alert, AlertState, Observation, Round, Rules, due
from changelog.store.alerts import AlertLog
from changelog.store.engine import make_engine
from changelog.store.writer import LogWriter
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import START, Logbook

RULES = Rules(after=3, silent=timedelta(days=9), many=3)
CHANNELS = ("stdout", "notify")


def watch(book: Logbook, name: str = "all") -> AlertLog:
    """The watch, opened anew: nothing is left of what a process before it knew."""
    alerts = book.writer.alerts(name)
    alerts.begin()
    return alerts


def judged(
    book: Logbook,
    *,
    read: int = 1,
    stopped: str | None = None,
    failing: Sequence[str] = (),
    among: set[str] | None = None,
    capture: int | None = None,
) -> list[Alert]:
    return watch(book).judge(
        Round(book.clock(), capture, 1, read, stopped),
        partial(due, RULES),
        CHANNELS,
        failing=dict.fromkeys(failing),
        among=among,
    )


def told(made: Sequence[Alert]) -> list[tuple[str, str | None, int | None]]:
    return [(one.kind, one.did, one.revision) for one in made]


def test_a_change_is_told_once_whoever_recorded_it(logbook: Logbook) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    watch(logbook)
    assert judged(logbook) == []
    logbook.see("app_c", capture=logbook.capture(command="record"))
    logbook.see("app_d", capture=logbook.capture(command="watch"))
    assert told(judged(logbook)) == [("changed", "did_1", 3), ("changed", "did_1", 4)]
    assert judged(logbook) == []


def test_a_change_stored_before_a_crash_is_told_after_it(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    logbook.see("app_b")

    def crash(_told: AlertState, _seen: Observation) -> list[Alert]:
        raise KeyboardInterrupt

    ended = Round(logbook.clock(), None, 1, 1)
    with pytest.raises(KeyboardInterrupt):
        watch(logbook).judge(ended, crash, CHANNELS, failing={}, among=None)
    assert told(judged(logbook)) == [("changed", "did_1", 2)]


def test_what_is_no_news_is_not_told(logbook: Logbook) -> None:
    """A DID seen for the first time, imported history, a retired DID, one that is not watched."""
    watch(logbook)
    logbook.see("app_a")
    assert judged(logbook) == []
    capture = logbook.capture(command="import")
    logbook.see("app_b", capture=capture)
    assert judged(logbook) == []
    logbook.judge("retired", 2)
    logbook.see("app_c", capture=logbook.capture(by_name=False))
    assert judged(logbook) == []
    logbook.see("app_a", did="did_2")
    logbook.see("app_b", did="did_2")
    logbook.see("app_a", did="did_3")
    logbook.see("app_b", did="did_3")
    assert told(judged(logbook, among={"did_3"})) == [("changed", "did_3", 2)]


def test_unreadable_is_told_after_k_in_a_row_and_recovered_once(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    found = []
    for _ in range(5):
        logbook.miss(404)
        found.append(told(judged(logbook, failing=["did_1"])))
    assert found == [[], [], [("unreadable", "did_1", None)], [], []]
    logbook.see("app_a")
    assert told(judged(logbook)) == [("recovered", "did_1", None)]
    assert judged(logbook) == []
    logbook.miss(404)
    assert judged(logbook, failing=["did_1"]) == []


def test_an_unreadable_did_keeps_its_number_and_its_reason(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    for _ in range(3):
        last = logbook.miss(404)
    (made,) = watch(logbook).judge(
        Round(logbook.clock(), None, 1, 0),
        partial(due, RULES),
        CHANNELS,
        failing={"did_1": last.number},
        among=None,
    )
    (kept,) = watch(logbook).pending(START, limit=10)
    assert (kept.number, kept.status, kept.code, kept.in_a_row) == (
        "+15551230001",
        404,
        "not_found",
        3,
    )
    assert kept.since == made.since


def test_outages_in_a_row_are_counted_over_restarts(logbook: Logbook) -> None:
    watch(logbook)
    judged(logbook)
    found = [told(judged(logbook, read=0, stopped="no_answer")) for _ in range(4)]
    assert found == [[], [], [("unreadable", None, None)], []]
    assert told(judged(logbook)) == [("recovered", None, None)]


def test_what_an_outage_answered_counts_for_no_did(logbook: Logbook) -> None:
    """It ends in the middle of a round: some answer already, and some have failed once more."""
    watch(logbook)
    logbook.see("app_a")

    def missed(read: int, stopped: str | None = None) -> list[Alert]:
        capture = logbook.capture()
        logbook.miss("connection_failed", capture=capture)
        found = {"read": read, "stopped": stopped, "capture": capture.info.id}
        return judged(logbook, failing=["did_1"], **found)  # type: ignore[arg-type]

    outage = [told(missed(0, "no_answer")) for _ in range(5)]
    assert outage == [[], [], [("unreadable", None, None)], [], []]
    assert told(missed(1)) == [("recovered", None, None)]
    assert told(missed(1)) == []
    (alert,) = missed(1)
    assert (alert.kind, alert.did, alert.in_a_row) == ("unreadable", "did_1", 3)


def test_a_mass_change_is_one_alert_with_some_dids(logbook: Logbook) -> None:
    watch(logbook)
    for application in ("app_a", "app_b"):
        capture = logbook.capture()
        answers = [answer(logbook, f"did_{n:03}", application) for n in range(30)]
        capture.store(answers, Destinations())
    judged(logbook)
    (kept,) = watch(logbook).pending(START, limit=10)
    assert (kept.kind, kept.what, kept.count, len(kept.dids)) == ("many", "changed", 30, 20)


def answer(book: Logbook, did: str, application_id: str) -> Answer:
    fields = {"id": did, "application_id": application_id, "route_mode": "webhook"}
    body = f'{{"id":"{did}","application_id":"{application_id}","route_mode":"webhook"}}'
    return Answer(requested=did, did=did, body=body, fields=fields, received_at=book.clock())


def test_an_alert_is_pending_until_it_was_told_on_every_channel(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    logbook.see("app_b")
    judged(logbook)
    (alert,) = watch(logbook).pending(START, limit=10)
    assert alert.channels == CHANNELS
    watch(logbook).told(alert, "stdout", "printed")
    watch(logbook).told(alert, "stdout", "printed")
    (alert,) = watch(logbook).pending(START, limit=10)
    assert alert.channels == ("notify",)
    assert watch(logbook).pending_count(START) == 1
    assert watch(logbook).pending(alert.at + timedelta(seconds=1), limit=10) == []
    watch(logbook).told(alert, "notify", "status 200")
    assert watch(logbook).pending(START, limit=10) == []
    assert watch(logbook).pending_count(START) == 0


def test_of_the_processes_of_one_watch_one_tells_at_a_time(logbook: Logbook) -> None:
    engine = make_engine(logbook.location)
    elsewhere = LogWriter(engine, logbook.location, logbook.clock)
    mine, theirs, another = watch(logbook), elsewhere.alerts("all"), elsewhere.alerts("another")
    with mine.turn() as first, theirs.turn() as second, another.turn() as third:
        assert (first, second, third) == (True, False, True)
        # What is told is stored meanwhile.
        judged(logbook)
    with theirs.turn() as ours, mine.turn() as first:
        assert (ours, first) == (True, False)
    engine.dispose()


def test_two_watches_tell_each_for_itself(logbook: Logbook) -> None:
    mine, other = watch(logbook, "mine"), watch(logbook, "other")
    logbook.see("app_a")
    logbook.see("app_b")
    for alerts in (mine, other):
        ended = Round(logbook.clock(), None, 1, 1)
        alerts.judge(ended, partial(due, RULES), CHANNELS, failing={}, among=None)
    assert [len(one.pending(START, limit=10)) for one in (mine, other)] == [1, 1]


def test_the_journal_vouches_for_alerts_and_a_plain_client_can_read_them(
    logbook: Logbook,
) -> None:
    watch(logbook)
    logbook.see("app_a")
    logbook.see("app_b")
    judged(logbook)
    (alert,) = watch(logbook).pending(START, limit=10)
    watch(logbook).told(alert, "stdout", "printed")
    assert_journal_is_whole(logbook.location)
    (row,) = logbook.rows("SELECT * FROM alert_log")
    assert (row["kind"], row["did"], row["due"], row["delivered"]) == (
        "changed",
        "did_1",
        "stdout notify",
        "stdout printed",
    )
    assert row["at"].endswith("Z")


def test_last_read_is_that_of_the_watch(logbook: Logbook) -> None:
    assert watch(logbook).last_read() is None
    judged(logbook)
    read_at = watch(logbook).last_read()
    assert read_at is not None
    judged(logbook, read=0)
    assert watch(logbook).last_read() == read_at
