"""Which alerts are due: nothing twice, nothing forgotten, many at once as one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from changelog.model.did_ref import KnownDid
from changelog.model.watching.alert import Alert, AlertState, Trouble
from changelog.model.watching.observation import Changed, Failing, Observation, ReadDid, Round
from changelog.model.watching.watch_rules import SHOWN, Rules, step

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES = Rules(after=3, silent=5 * MINUTE, many=10)
DIDS = ("did_1", "did_2", "did_3")

QUIET = AlertState(began_at=START, began_entry=0, interval_s=60.0)

READ, MISSED, NEW = "read", "missed", "changed"
"""What can happen to a DID in a round."""
rounds = st.lists(
    st.one_of(st.none(), st.tuples(*[st.sampled_from((READ, MISSED, NEW)) for _ in DIDS])),
    max_size=40,
)
"""A round: what happened to each DID, or None for an outage of the API."""


class Life:
    """A watch that lives through rounds, and its alerts."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.now = START
        self.revisions = dict.fromkeys(DIDS, 1)
        self.state = QUIET
        self.alerts: list[Alert] = []

    def live(self, happened: tuple[str, ...] | None) -> list[Alert]:
        """A round, and the alerts that it made due."""
        self.now += MINUTE
        self.state, due = step(self.rules, self.state, self._observed(happened))
        self.alerts += due
        return due

    def _observed(self, happened: tuple[str, ...] | None) -> Observation:
        if happened is None:
            return Observation(Round(self.now, None, len(DIDS), 0, "no_answer"), failing(DIDS))
        outcomes = dict(zip(DIDS, happened, strict=True))
        changed = []
        for did in (did for did in DIDS if outcomes[did] == NEW):
            self.revisions[did] += 1
            changed.append(Changed(did, None, self.revisions[did], 1))
        missed = [did for did in DIDS if outcomes[did] == MISSED]
        read = [did for did in DIDS if outcomes[did] != MISSED]
        ended = Round(self.now, 1, len(DIDS), len(read))
        recovered = [KnownDid(did, None) for did in read if did in self.state.troubles]
        return Observation(ended, failing(missed), recovered, changed)


def failing(dids: Sequence[str]) -> list[Failing]:
    return [Failing(did, None, START, 404, "gone", "") for did in dids]


@given(rounds)
def test_every_change_is_told_once(lived: list[tuple[str, ...] | None]) -> None:
    life = Life()
    for happened in lived:
        life.live(happened)
    told = [(one.did, one.revision) for one in life.alerts if one.kind == "changed"]
    assert len(told) == len(set(told)) == sum(n - 1 for n in life.revisions.values())


@given(rounds)
def test_trouble_and_recovery_of_each_did_take_turns(
    lived: list[tuple[str, ...] | None],
) -> None:
    life = Life()
    for happened in lived:
        life.live(happened)
    for did in DIDS:
        kinds = [one.kind for one in life.alerts if one.did == did and one.kind != "changed"]
        assert kinds == [("unreadable", "recovered")[place % 2] for place in range(len(kinds))]


@given(rounds)
def test_what_was_reported_is_not_due_again(lived: list[tuple[str, ...] | None]) -> None:
    """Whatever is reported goes on, and nothing new comes: nothing is due."""
    life = Life()
    for happened in lived:
        life.live(happened)
        reported = [did for did, trouble in life.state.troubles.items() if trouble.reported]
        again = Observation(Round(life.now, 1, len(DIDS), 0), failing(reported))
        assert step(RULES, life.state, again)[1] == []


@given(rounds)
def test_trouble_is_told_exactly_where_k_in_a_row_were_met(
    lived: list[tuple[str, ...] | None],
) -> None:
    """A round in which the API answered nobody says nothing about a DID."""
    life = Life()
    streak = 0
    for happened in lived:
        due = life.live(happened)
        if happened is not None:
            streak = streak + 1 if happened[0] == MISSED else 0
        expected = happened is not None and streak == RULES.after
        assert expected == any(alert.did == DIDS[0] and alert.kind == "unreadable" for alert in due)


FULL = Round(START, 7, 600, 600)


@given(st.integers(1, 600))
def test_more_than_n_at_once_are_one_message(count: int) -> None:
    changed = [Changed(f"did_{n:03}", None, 2, 7) for n in range(count)]
    _, due = step(RULES, QUIET, Observation(FULL, changed=changed))
    if count <= RULES.many:
        assert [alert.did for alert in due] == [each.did for each in changed]
        return
    (alert,) = due
    assert (alert.kind, alert.what, alert.count, alert.did, alert.capture) == (
        "many",
        "changed",
        count,
        None,
        7,
    )
    assert alert.dids == tuple(each.did for each in changed[:SHOWN])


def test_many_recover_as_one_and_each_is_kept() -> None:
    """More of them than the message names."""
    dids = [f"did_{n}" for n in range(SHOWN + 1)]
    reported = replace(QUIET, troubles={did: Trouble(3, START, reported=True) for did in dids})
    recovered = [KnownDid(did, None) for did in dids]
    state, (alert,) = step(RULES, reported, Observation(FULL, recovered=recovered))
    assert (alert.subject, alert.count, len(alert.dids)) == ("recovered", len(dids), SHOWN)
    assert state.troubles == {}


def test_an_unreadable_did_has_its_number_its_reason_and_its_beginning() -> None:
    state = QUIET
    for n in range(3):
        at = START + n * MINUTE
        failed = Failing("did_1", "+15551230001", at, 404, "not_found", "no")
        state, due = step(RULES, state, Observation(Round(at, n, 1, 0), [failed]))
    (alert,) = due
    assert (alert.number, alert.status, alert.code, alert.message) == (
        "+15551230001",
        404,
        "not_found",
        "no",
    )
    assert (alert.in_a_row, alert.since, alert.capture) == (3, START, 2)


def test_a_round_leaves_what_it_did_not_read_as_it_was() -> None:
    """One that was interrupted, say."""
    troubles = {"did_1": Trouble(2, START), "did_2": Trouble(3, START, reported=True)}
    state, due = step(RULES, replace(QUIET, troubles=troubles), Observation(FULL))
    assert (state.troubles, due) == (troubles, [])


def test_an_outage_is_told_of_the_watch_and_not_of_dids() -> None:
    """One alert and one recovery, whichever rule is the first to speak."""
    for after, kind in ((3, "unreadable"), (5, "unreadable"), (7, "silent")):
        life = Life(RULES._replace(after=after))
        due = [alert for _ in range(12) for alert in life.live(None)]
        assert [(alert.kind, alert.did) for alert in due] == [(kind, None)]
        (back,) = life.live((READ, READ, READ))
        assert (back.kind, back.did, back.since) == ("recovered", None, START)
        assert back.resolves == (due[0].opens,)
        assert life.live((READ, READ, READ)) == []


def lived_through(*failing: Failing) -> list[Alert]:
    """The alerts of twelve rounds that read none of the few DIDs, and were not cut short."""
    state, told = QUIET, []
    for n in range(1, 13):
        ended = Round(START + n * MINUTE, n, len(failing), 0)
        state, due = step(RULES, state, Observation(ended, failing))
        told += due
    return told


def test_an_outage_of_few_dids_is_told_of_the_watch_with_its_reason() -> None:
    timeouts = [Failing(did, None, START, None, "timeout", "", is_of_api=True) for did in DIDS]
    (alert,) = lived_through(*timeouts)
    assert (alert.kind, alert.did, alert.code) == ("unreadable", None, "timeout")
    (alert,) = lived_through(*timeouts[1:], timeouts[0]._replace(status=503, code="unavailable"))
    assert (alert.kind, alert.did, alert.code) == ("unreadable", None, None)


def test_many_that_fail_alike_have_their_reason_in_common() -> None:
    few = RULES._replace(after=1, many=1)

    def told_of(*failing: Failing) -> tuple[int | None, str | None, str | None]:
        seen = Observation(Round(START, 1, 9, 7), failing)
        (alert,) = step(few, QUIET, seen)[1]
        assert alert.kind == "many"
        return alert.status, alert.code, alert.message

    first = Failing("did_1", None, START, 503, "http_error", "busy")
    assert told_of(first, first._replace(did="did_2")) == (503, "http_error", "busy")
    other = first._replace(did="did_2", status=500, message="broken")
    assert told_of(first, other) == (None, "http_error", None)


def test_what_is_about_dids_is_told_of_each_and_of_the_watch_no_more() -> None:
    gone = failing(DIDS)
    assert [(alert.kind, alert.did) for alert in lived_through(*gone)] == [
        ("unreadable", did) for did in DIDS
    ]
    alone = Failing("did_1", None, START, None, "timeout", "", is_of_api=True)
    assert [(alert.kind, alert.did) for alert in lived_through(alone)] == [("unreadable", "did_1")]
    mixed = [*gone[1:], alone]
    assert {alert.did for alert in lived_through(*mixed)} == set(DIDS)


def test_a_watch_of_nothing_is_not_silent() -> None:
    late = Round(START + timedelta(days=1), None, 0, 0)
    assert step(RULES, QUIET, Observation(late))[1] == []


def test_k_is_obeyed() -> None:
    for k in (1, 2, 5):
        life = Life(RULES._replace(after=k))
        reported = [life.live((MISSED, READ, READ)) for _ in range(7)]
        assert [bool(due) for due in reported].index(True) == k - 1
        assert sum(map(len, reported)) == 1


def test_what_somebody_stored_while_a_round_went_on_counts_for_what_it_read_before() -> None:
    broken, repaired = (Changed("did_1", None, number, 7, number == 2) for number in (2, 3))
    read = ReadDid("did_1", None, 2)
    state, due = step(RULES, QUIET, Observation(FULL, changed=[broken, repaired], unrouted=[read]))
    assert [bool(alert.opens) for alert in due] == [True, False]
    assert state.incidents == {}
    broken_again = [repaired._replace(revision=3), broken._replace(revision=4)]
    waiting = replace(QUIET, incidents={"nobody:did_1": ("did_1",)})
    read = ReadDid("did_1", None, 3)
    state, _ = step(RULES, waiting, Observation(FULL, changed=broken_again, routed=[read]))
    assert state.incidents == {"nobody:did_1": ("did_1",)}
