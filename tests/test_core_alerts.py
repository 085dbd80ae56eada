"""Which alerts are due: nothing twice, nothing forgotten, many at once as one."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from changelog.model.text.schedule import Clocks, pause_of, seconds_left
from changelog.model.watch_rules import (
    SHOWN,
    WHOLE,
    Alert,
    AlertState,
    Changed,
    Failing,
    Observation,
    Recovered,
    Round,
    Rules,
    due,
    shortened,
    troubles,
)

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES = Rules(after=3, silent=5 * MINUTE, many=10)
DIDS = ("did_1", "did_2", "did_3")

READ, MISSED, NEW = "read", "missed", "changed"
"""What can happen to a DID in a round."""
rounds = st.lists(
    st.one_of(st.none(), st.tuples(*[st.sampled_from((READ, MISSED, NEW)) for _ in DIDS])),
    max_size=40,
)
"""A round: what happened to each DID, or None for an outage of the API."""


@dataclass
class History:
    """What a log would hold of a watch, folded by hand from its rounds and alerts."""

    now: datetime = START
    last_read: datetime = START
    outages: int = 0
    streaks: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DIDS, 1))
    open: set[tuple[str, str]] = field(default_factory=set)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def told(self) -> AlertState:
        whole = frozenset(kind for did, kind in self.open if did == WHOLE)
        dids = frozenset(did for did, _ in self.open if did != WHOLE)
        return AlertState(dids, whole, self.outages, self.last_read)

    def live(self, happened: tuple[str, ...] | None, rules: Rules = RULES) -> list[Alert]:
        """A round, and the alerts that it made due."""
        self.now += MINUTE
        seen = self._outage() if happened is None else self._round(happened)
        made = due(rules, self.told, seen)
        self.alerts += made
        self._follow(seen.round, made)
        return made

    def _outage(self) -> Observation:
        return Observation(Round(self.now, None, len(DIDS), 0, "no_answer"))

    def _round(self, happened: tuple[str, ...]) -> Observation:
        outcomes = dict(zip(DIDS, happened, strict=True))
        changed, failing = [], []
        for did, outcome in outcomes.items():
            missed = outcome == MISSED
            self.streaks[did] = self.streaks.get(did, 0) + 1 if missed else 0
            if missed:
                failing.append(Failing(did, None, self.streaks[did], self.now, 404, "gone", ""))
            if outcome == NEW:
                self.revisions[did] += 1
                changed.append(Changed(did, None, self.revisions[did], 1))
        back = [Recovered(did, None) for did in self.told.dids if outcomes[did] != MISSED]
        read = sum(outcome != MISSED for outcome in happened)
        return Observation(Round(self.now, 1, len(DIDS), read), changed, failing, back)

    def _follow(self, ended: Round, made: list[Alert]) -> None:
        self.outages = self.outages + 1 if ended.outage else 0
        if ended.read:
            self.last_read = self.now
        for alert in made:
            for did in troubles(alert):
                if alert.subject == "recovered":
                    self.open = {one for one in self.open if one[0] != did}
                else:
                    self.open.add((did, alert.subject))


@given(rounds)
def test_every_change_is_told_once(lived: list[tuple[str, ...] | None]) -> None:
    history = History()
    for happened in lived:
        history.live(happened)
    told = [(one.did, one.revision) for one in history.alerts if one.kind == "changed"]
    assert len(told) == len(set(told)) == sum(n - 1 for n in history.revisions.values())


@given(rounds)
def test_trouble_and_recovery_of_each_did_take_turns(
    lived: list[tuple[str, ...] | None],
) -> None:
    history = History()
    for happened in lived:
        history.live(happened)
    for did in DIDS:
        kinds = [one.kind for one in history.alerts if one.did == did and one.kind != "changed"]
        assert kinds == [("unreadable", "recovered")[place % 2] for place in range(len(kinds))]


@given(rounds)
def test_what_was_told_is_not_due_again(lived: list[tuple[str, ...] | None]) -> None:
    """Judged again at once, with nothing new in the log, a round makes nothing due."""
    history = History()
    for happened in lived:
        history.live(happened)
        again = Round(history.now, 1, len(DIDS), 0, None)
        stand = [
            Failing(did, None, streak, history.now, 404, "gone", "")
            for did, streak in history.streaks.items()
            if streak
        ]
        assert due(RULES, history.told, Observation(again, failing=stand)) == []


@given(rounds)
def test_trouble_is_told_exactly_where_k_in_a_row_were_met(
    lived: list[tuple[str, ...] | None],
) -> None:
    """A round in which the API answered nobody says nothing about a DID."""
    history = History()
    streak, told = 0, 0
    for happened in lived:
        made = history.live(happened)
        if happened is not None:
            streak = streak + 1 if happened[0] == MISSED else 0
        expected = happened is not None and streak == RULES.after
        assert (expected) == any(one.did == DIDS[0] and one.kind == "unreadable" for one in made)
        told += expected


def seen(**found: object) -> Observation:
    return Observation(Round(START, 7, 600, 600), **found)  # type: ignore[arg-type]


QUIET = AlertState(frozenset(), frozenset(), 0, START)


@given(st.integers(1, 600))
def test_more_than_n_at_once_are_one_message(count: int) -> None:
    changed = [Changed(f"did_{n:03}", None, 2, 7) for n in range(count)]
    made = due(RULES, QUIET, seen(changed=changed))
    if count <= RULES.many:
        assert [one.did for one in made] == [one.did for one in changed]
        return
    (one,) = made
    assert (one.kind, one.what, one.count, one.did, one.capture) == (
        "many",
        "changed",
        count,
        None,
        7,
    )
    assert one.dids == tuple(change.did for change in changed)
    assert len(shortened(one).dids) == min(count, SHOWN)


def test_many_recover_as_one_and_each_is_kept() -> None:
    dids = tuple(f"did_{n}" for n in range(11))
    told = QUIET._replace(dids=frozenset(dids))
    (one,) = due(RULES, told, seen(back=[Recovered(did, None) for did in dids]))
    assert (one.subject, one.count, troubles(one)) == ("recovered", 11, dids)


def test_an_outage_is_told_of_the_watch_and_not_of_dids() -> None:
    """`unreadable` after K rounds, `silent` after its time, once each; then one recovery."""
    history = History()
    kinds = [[one.kind for one in history.live(None)] for _ in range(8)]
    assert kinds == [[], [], ["unreadable"], [], ["silent"], [], [], []]
    (back,) = history.live((READ, READ, READ))
    assert (back.kind, back.did, back.since) == ("recovered", None, START)
    assert history.live((READ, READ, READ)) == []


def test_a_watch_of_nothing_is_not_silent() -> None:
    late = Round(START + timedelta(days=1), None, 0, 0)
    assert due(RULES, QUIET, Observation(late)) == []


def test_k_is_obeyed() -> None:
    for k in (1, 2, 5):
        history = History()
        told = [history.live((MISSED, READ, READ), replace_k(k)) for _ in range(7)]
        assert [bool(one) for one in told].index(True) == k - 1
        assert sum(map(len, told)) == 1


def replace_k(k: int) -> Rules:
    return RULES._replace(after=k)


def test_a_message_about_one_is_not_shortened() -> None:
    alert = Alert(kind="changed", at=START, did="did_1", dids=("did_1",))
    assert shortened(alert) == replace(alert)


@given(st.floats(1, 1e6), st.floats(0, 1))
def test_the_pause_is_the_interval_and_at_most_a_tenth_more(interval: float, chance: float) -> None:
    assert interval <= pause_of(interval, chance) <= interval * 1.1 + 1e-6


@given(st.floats(1, 1e4), st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_round_is_due_when_either_clock_says_so(pause: float, steady: float, wall: float) -> None:
    """Asleep, the steady clock stands still; a wall clock that was set back delays nothing."""
    left = seconds_left(Clocks(0, 0), Clocks(steady, wall), pause)
    assert (left == 0) == (max(steady, wall) >= pause)
    assert seconds_left(Clocks(0, 0), Clocks(steady, -1e6), pause) <= pause
