"""What a watch carries from round to round, on each kind of database."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from changelog.commands.recording.delivery import deliver
from changelog.commands.recording.watch import Watch
from changelog.model.did_ref import KnownDid
from changelog.model.results.watch import WatchAlert
from changelog.model.text.times import format_utc
from changelog.model.watching.alert import Alert, AlertState
from changelog.model.watching.observation import Failing, NumberMoved, Observation, Round
from changelog.model.watching.watch_rules import Rules, step
from changelog.render.alerts.message import worded
from changelog.store.alerts import AlertLog
from changelog.store.engine import make_engine
from changelog.store.location import SqliteLocation
from changelog.store.transaction import Transactions
from changelog.store.writer import LogWriter
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import Logbook, OpenReader
from tests.moving import exported, imported
from tests.store.test_rebuild import rebuilt
from tests.tampering import broken

RULES = Rules(after=3, silent=timedelta(days=9), many=3)
CHANNELS = ("stdout", "notify")


def watch(book: Logbook, name: str = "all") -> AlertLog:
    """The watch, opened anew: nothing is left of what a process before it knew."""
    alerts = book.writer.alerts(name)
    alerts.begin(300.0)
    return alerts


def judged(
    book: Logbook,
    *,
    name: str = "all",
    failing: Sequence[str] = (),
    recovered: Sequence[str] = (),
    among: set[str] | None = None,
    moved: Sequence[NumberMoved] = (),
) -> list[Alert]:
    at = book.clock()
    observation = Observation(
        Round(at, None, 1, 1, None, 300.0),
        [Failing(did, "+15551230001", at, 404, "not_found", "no") for did in failing],
        [KnownDid(did, None) for did in recovered],
        moved=moved,
    )
    return watch(book, name).judge(observation, partial(step, RULES), CHANNELS, among)


def shown(alerts: Sequence[Alert]) -> list[tuple[str, str | None, int | None]]:
    return [(alert.kind, alert.did, alert.revision) for alert in alerts]


def test_a_change_is_reported_once_whoever_recorded_it(logbook: Logbook) -> None:
    logbook.see("app_a")
    logbook.see("app_b")
    watch(logbook)
    assert judged(logbook) == []
    logbook.see("app_c", capture=logbook.capture(command="record"))
    logbook.see("app_d", capture=logbook.capture(command="watch"))
    assert shown(judged(logbook)) == [("changed", "did_1", 3), ("changed", "did_1", 4)]
    assert judged(logbook) == []


def test_a_change_that_is_stored_right_after_a_quiet_round_is_reported(logbook: Logbook) -> None:
    """That round has added no entry: the change has the number that one would have had."""
    watch(logbook)
    logbook.see("app_a")
    assert judged(logbook) == []
    logbook.see("app_b")
    assert shown(judged(logbook)) == [("changed", "did_1", 2)]


def test_a_change_stored_before_a_crash_is_reported_after_it(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    logbook.see("app_b")

    def crash(_state: AlertState, _observation: Observation) -> tuple[AlertState, list[Alert]]:
        raise KeyboardInterrupt

    ended = Observation(Round(logbook.clock(), None, 1, 1))
    with pytest.raises(KeyboardInterrupt):
        watch(logbook).judge(ended, crash, CHANNELS, None)
    assert shown(judged(logbook)) == [("changed", "did_1", 2)]


def test_a_round_amid_which_another_one_ended_is_left_to_the_next_one(logbook: Logbook) -> None:
    """Another process of the watch saw later what it saw."""
    watch(logbook)
    logbook.see("app_a")
    began = logbook.clock()
    for _ in range(3):
        judged(logbook, failing=["did_1"])
    at = logbook.clock()
    well = Observation(Round(at, None, 1, 1, began_at=began), recovered=[KnownDid("did_1", None)])
    assert watch(logbook).judge(well, partial(step, RULES), CHANNELS, None) == []
    incidents = watch(logbook).state().incidents
    assert incidents == {"unreadable:did_1": ("did_1",)}
    logbook.see("app_b")
    assert shown(judged(logbook, recovered=["did_1"])) == [
        ("changed", "did_1", 2),
        ("recovered", "did_1", None),
    ]


def test_what_is_no_news_is_not_reported(logbook: Logbook) -> None:
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
    assert shown(judged(logbook, among={"did_3"})) == [("changed", "did_3", 2)]


def test_a_change_is_reported_though_the_clock_was_ahead_for_a_round(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    now = logbook.now
    logbook.now += timedelta(days=1)
    judged(logbook)
    logbook.now = now
    logbook.see("app_b")
    assert shown(judged(logbook)) == [("changed", "did_1", 2)]


def test_unreadable_is_reported_after_k_rounds_over_restarts_and_recovered_once(
    logbook: Logbook,
) -> None:
    seen = [shown(judged(logbook, failing=["did_1"])) for _ in range(5)]
    assert seen == [[], [], [("unreadable", "did_1", None)], [], []]
    assert shown(judged(logbook, recovered=["did_1"])) == [("recovered", "did_1", None)]
    assert judged(logbook, recovered=["did_1"]) == []
    assert judged(logbook, failing=["did_1"]) == []


def test_what_is_open_of_a_did_ends_once_it_is_retired(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    (opened,) = [a for _ in range(3) for a in judged(logbook, failing=["did_1"])]
    logbook.judge("retired", 1)
    (ended,) = judged(logbook)
    assert (ended.kind, ended.code, ended.resolves) == ("recovered", "retired", (opened.opens,))
    assert judged(logbook) == []


def test_a_route_to_nobody_is_no_incident_once_its_did_is_retired(logbook: Logbook) -> None:
    watch(logbook)
    logbook.see("app_a")
    judged(logbook)
    logbook.see("app_a", "reject")
    (opened,) = judged(logbook)
    logbook.judge("retired", 2)
    (ended,) = judged(logbook)
    assert (ended.kind, ended.code, ended.resolves) == ("recovered", "retired", (opened.opens,))
    assert judged(logbook) == []


def test_a_round_that_is_stored_twice_counts_once(logbook: Logbook) -> None:
    """The answer to its commit was lost; without an alert no entry says that it was done."""
    outage = Observation(Round(logbook.clock(), None, 1, 0, "no_answer"))
    for _ in range(2):
        watch(logbook).judge(outage, partial(step, RULES), CHANNELS, None)
    assert watch(logbook).state().outages == 1


def pending(book: Logbook, name: str = "all") -> tuple[Alert, ...]:
    return watch(book, name).state().undelivered(book.now)


def test_an_alert_is_pending_until_it_was_delivered_on_every_channel(logbook: Logbook) -> None:
    for _ in range(3):
        due = judged(logbook, failing=["did_1"])
    (alert,) = pending(logbook)
    assert (alert,) == tuple(due)
    assert alert.channels == CHANNELS
    watch(logbook).delivered(alert, "stdout")
    watch(logbook).delivered(alert, "stdout")
    (alert,) = pending(logbook)
    assert alert.channels == ("notify",)
    watch(logbook).delivered(alert, "notify")
    assert pending(logbook) == ()


def test_an_alert_is_no_news_after_a_day(logbook: Logbook) -> None:
    for _ in range(3):
        judged(logbook, failing=["did_1"])
    logbook.now += timedelta(days=1)
    assert pending(logbook) == ()
    judged(logbook)
    assert watch(logbook).state().pending == ()
    assert len(logbook.rows("SELECT * FROM alert_log")) == 1


def test_the_end_of_an_incident_is_news_for_longer(logbook: Logbook) -> None:
    """Else a receiver that was away for a day would hold the incident open for good."""
    for _ in range(3):
        judged(logbook, failing=["did_1"])
    for alert in judged(logbook, recovered=["did_1"]):
        assert alert.resolves
    logbook.now += timedelta(days=2)
    assert [alert.kind for alert in pending(logbook)] == ["recovered"]
    logbook.now += timedelta(days=30)
    assert pending(logbook) == ()


def test_of_the_processes_of_one_watch_one_delivers_at_a_time(logbook: Logbook) -> None:
    engine = make_engine(logbook.location)
    elsewhere = LogWriter(Transactions(engine, logbook.location, logbook.clock))
    own, theirs, another = watch(logbook), elsewhere.alerts("all"), elsewhere.alerts("another")
    with own.try_lock() as first, theirs.try_lock() as second, another.try_lock() as third:
        assert (first, second, third) == (True, False, True)
        # What is delivered is stored meanwhile.
        judged(logbook)
    with theirs.try_lock() as second, own.try_lock() as first:
        assert (second, first) == (True, False)
    engine.dispose()


def test_two_watches_report_each_for_itself(logbook: Logbook) -> None:
    for name in ("phones", "other"):
        watch(logbook, name)
    logbook.see("app_a")
    logbook.see("app_b")
    for name in ("phones", "other"):
        judged(logbook, name=name)
    (first,), (second,) = pending(logbook, "phones"), pending(logbook, "other")
    assert first.id != second.id


def test_the_journal_has_the_alerts_and_never_the_state(logbook: Logbook) -> None:
    logbook.see("app_a")
    watch(logbook)
    head = logbook.rows("SELECT n FROM journal_head")
    judged(logbook)
    assert logbook.rows("SELECT n FROM journal_head") == head
    logbook.see("app_b")
    (alert,) = judged(logbook)
    head = logbook.rows("SELECT n FROM journal_head")
    watch(logbook).delivered(alert, "stdout")
    assert logbook.rows("SELECT n FROM journal_head") == head
    assert_journal_is_whole(logbook.location)
    (row,) = logbook.rows("SELECT * FROM alert_log")
    assert (row["kind"], row["did"], row["due"]) == ("changed", "did_1", "stdout notify")
    assert row["at"].endswith("Z")


def test_no_walk_over_the_log_asks_for_the_state_or_changes_it(
    logbook: Logbook, tmp_path: Path
) -> None:
    """``check`` finds nothing in a state of nonsense, an export has none, a rebuild leaves it."""
    logbook.see("app_a")
    watch(logbook, "phones")
    with logbook.engine.begin() as connection:
        connection.execute(text("UPDATE watch_state SET at = 0, entry = 99, state = '{}'"))
        connection.execute(text("DROP VIEW watch_log"))
    assert [mistake.table for mistake in broken(logbook.location)] == ["watch_log"]
    assert rebuilt(logbook).broken == ()
    (row,) = logbook.rows("SELECT watch, state FROM watch_log")
    assert row == {"watch": "phones", "state": "{}"}
    content = exported(logbook.location)
    assert b"phones" not in content
    elsewhere = SqliteLocation(tmp_path / "copy.db")
    imported(content, elsewhere)
    with OpenReader(elsewhere) as reader:
        assert reader.watches() == []


def test_a_reader_knows_each_watch_and_whether_it_is_late(logbook: Logbook) -> None:
    with logbook.reader() as reader:
        assert reader.watches() == []
    began = watch(logbook, "phones").state().began_at
    judged(logbook)
    ended = watch(logbook).state().last_round_at
    assert ended is not None
    with logbook.reader() as reader:
        whole, phones = reader.watches()
    assert (whole.id, whole.last_round_at, whole.interval_s) == ("all", ended, 300.0)
    assert (phones.id, phones.last_round_at, phones.began_at) == ("phones", None, began)
    assert not whole.is_late(ended + timedelta(seconds=600))
    assert whole.is_late(ended + timedelta(seconds=601))
    assert phones.is_late(began + timedelta(seconds=601))


def test_a_message_that_waited_long_says_when_it_happened(
    logbook: Logbook,
) -> None:
    watch(logbook)
    logbook.see("app_a")
    judged(logbook)
    logbook.see("app_b")
    at = judged(logbook)[0].at
    told: list[str] = []

    def channel(alert: WatchAlert) -> bool:
        told.append(worded(alert).text)
        return False

    of_all = Watch("all", 300.0, RULES, CHANNELS, ())
    for wait in (timedelta(), timedelta(hours=1)):
        deliver(watch(logbook), logbook.reader, of_all, {"notify": channel}, at + wait)
    first, later = told
    assert "This was at" not in first
    assert f"\nThis was at {format_utc(at)}: it could not be delivered before.\n" in later
