"""The restore target: its laws, and the rule of the design read a second time, naively."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, get_args

from hypothesis import given
from hypothesis import strategies as st

from changelog.model.history import (
    Confirmation,
    Evidence,
    EvidenceResult,
    History,
    Revision,
    Verdict,
    VerdictKind,
)
from changelog.model.restore_rule import (
    RestoreDecision,
    judged_good,
    previous_routing,
    restoration,
    restoration_to,
    service_periods,
)
from changelog.model.routing import Routing, routing_number
from tests.model.revisions import START, revision

ROUTINGS = {
    "a": Routing("app_a", "webhook"),
    "b": Routing("app_b", "webhook"),
    "c": Routing("app_c", "webhook"),
    "d": Routing("app_d", "webhook"),
    "d@x": Routing("app_d", "webhook", "https://x.example"),
    "d@y": Routing("app_d", "webhook", "https://y.example"),
    "reject": Routing("app_a", "reject"),
    "nobody": Routing(None, "webhook"),
    "sip": Routing(None, "sip", "sip:1@pbx.example"),
}
VERDICTS: tuple[VerdictKind, ...] = ("good", "bad", "retired")
CALLS: tuple[EvidenceResult, ...] = get_args(EvidenceResult)


class Log:
    """A history told in steps, a minute each.

    A routing's letter is seen, ``status`` changes something else, ``404`` hides the DID, ``good~1``
    (a verdict, a call's result) is about the revision before the latest, ``verify~2`` confirms that
    the latest is a return to what stood two revisions before, where that is true.
    """

    def __init__(self, *steps: str) -> None:
        self.now = START
        self.revisions: list[Revision] = []
        self.verdicts: list[Verdict] = []
        self.confirmations: list[Confirmation] = []
        self.evidence: list[Evidence] = []
        self.hidden_since: datetime | None = None
        for step in steps:
            self.now += timedelta(minutes=1)
            self._take(step)

    def history(self) -> History:
        return History(
            did="did_1",
            revisions=tuple(self.revisions),
            verdicts=tuple(self.verdicts),
            confirmations=tuple(self.confirmations),
            evidence=tuple(self.evidence),
            hidden_since=self.hidden_since,
        )

    def _take(self, step: str) -> None:
        if step in ROUTINGS:
            self._see(ROUTINGS[step])
        elif not self.revisions:
            return
        elif step == "status":
            self._see(self.revisions[-1].routing, anew=True)
        elif step == "404":
            self.hidden_since = self.hidden_since or self.now
        else:
            word, _, back = step.partition("~")
            self._say(word, self.revisions[max(0, len(self.revisions) - 1 - int(back))])

    def _see(self, routing: Routing, *, anew: bool = False) -> None:
        self.hidden_since = None
        latest = self.revisions[-1] if self.revisions else None
        routing = routing.carried_from(latest.routing if latest else None)
        if latest and routing == latest.routing and not anew:
            return
        number = len(self.revisions) + 1
        self.revisions.append(
            revision(
                number,
                routing,
                self.now,
                routing_number=routing_number(
                    routing, [one.numbered for one in self.revisions], number
                ),
            )
        )

    def _say(self, word: str, about: Revision) -> None:
        if word in VERDICTS:
            self.verdicts.append(
                Verdict(about.revision, about.routing_number, word, "why", "olga", self.now)
            )
        elif word in CALLS:
            self.evidence.append(
                Evidence(
                    f"call_{len(self.evidence)}",
                    "call.completed",
                    self.now,
                    about.revision,
                    about.routing_number,
                    word,
                )
            )
        elif word == "verify":
            history = self.history()
            returned = history.stay_start(history.latest)
            equal = about.routing_number == returned.routing_number
            if equal and about.revision < returned.revision:
                self.confirmations.append(
                    Confirmation(about.revision, returned.revision, about.routing_number, self.now)
                )


def history(*steps: str) -> History:
    return Log(*steps).history()


STEPS = [
    *ROUTINGS,
    *("a", "b", "c") * 2,
    *("status", "404", "retired~0", "retired~1", "reached~0", "differs~1"),
    *(f"{word}~{back}" for word in ("good", "bad", "pass", "fail") for back in range(4)),
    *(f"verify~{back}" for back in range(2, 6)),
]
FEW = ["a", "b", *STEPS[len(ROUTINGS) :]]
"""Two or three routings only: more returns, more said of each."""
TOLD = st.lists(st.sampled_from(STEPS), max_size=16).map(lambda steps: ["a", *steps])
HISTORIES = TOLD.map(lambda steps: history(*steps))


class Answer(NamedTuple):
    """What ``restore`` should say, in revision numbers."""

    target: int | None
    confidence: str | None
    left_out: dict[int, str]
    beside: list[int]


class ByTheBook:
    """Section 5 of the design, sentence by sentence, slowly."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.current = history.revisions[-1].routing_number

    def newest(self, routing: int) -> Revision:
        """The newest that is known to differ: with the current two fields, only by destination."""
        same = [one for one in self.history.revisions if one.routing_number == routing]
        latest = self.history.latest
        known = [one for one in same if one.routing.destination is not None]
        unclear = routing != self.current and same[-1].routing.fields == latest.routing.fields
        return (known if unclear and known else same)[-1]

    def with_destination(self, revision: int | None) -> Revision | None:
        """The newest with the same routing whose destination is known, if this one's is not."""
        if revision is None:
            return None
        one = self.history.revisions[revision - 1]
        same = [
            each for each in self.history.revisions if each.routing_number == one.routing_number
        ]
        known = [each for each in same if each.routing.destination is not None]
        return known[-1] if known and one.routing.lacks_destination else one

    def verdicts(self, routing: int) -> list[Verdict]:
        mine = [
            one
            for one in self.history.verdicts
            if one.routing_number == routing and one.verdict in ("good", "bad")
        ]
        return sorted(mine, key=lambda one: one.at)

    def calls(self, routing: int) -> list[Evidence]:
        """Only ``--result pass|fail`` from whoever listened is a pass or a fail."""
        return [
            one
            for one in self.history.evidence
            if one.routing_number == routing and one.result in ("pass", "fail")
        ]

    def judged_bad(self, routing: int) -> bool:
        """A routing judged `bad` (until a later `good`)."""
        return [one.verdict for one in self.verdicts(routing)][-1:] == ["bad"]

    def roll_backs(self, routing: int) -> list[Confirmation]:
        """Every routing in service between the two (the named revision and the return)."""
        return [
            one
            for one in self.history.confirmations
            if one.routing_number != routing
            and any(
                between.routing_number == routing
                for between in self.history.revisions
                if one.revision < between.revision < one.returned
            )
        ]

    def rolled_back(self, routing: int) -> bool:
        """... until it is in service again or judged good *later*."""
        return any(
            not any(
                again.routing_number == routing and again.first_seen_at > one.at
                for again in self.history.revisions
            )
            and not any(
                verdict.verdict == "good" and verdict.at > one.at
                for verdict in self.verdicts(routing)
            )
            for one in self.roll_backs(routing)
        )

    def left_out(self, routing: int) -> str | None:
        if self.judged_bad(routing):
            return "bad"
        return "rolled_back" if self.rolled_back(routing) else None

    def reaches_nobody(self, routing: int) -> bool:
        """`reject`, or neither application nor destination."""
        application, mode, destination = self.newest(routing).routing
        return mode == "reject" or (application is None and destination is None)

    def failed(self, routing: int) -> bool:
        """One whose test call failed (no `good` or pass since)."""
        fails = [one.at for one in self.calls(routing) if one.result == "fail"]
        since = [one.at for one in self.verdicts(routing) if one.verdict == "good"]
        since += [one.at for one in self.calls(routing) if one.result == "pass"]
        return bool(fails) and not any(at > max(fails) for at in since)

    def good(self, routing: int) -> bool:
        """Judged so, or a test call that passed, whichever of these and a failed call came last.

        A roll-back ends an earlier `good`.
        """
        words = [(one.at, one.verdict == "good") for one in self.verdicts(routing)]
        words += [(one.at, one.result == "pass") for one in self.calls(routing)]
        ended = max((one.at for one in self.roll_backs(routing)), default=START)
        return max([word for word in words if word[0] > ended], default=(START, False))[1]

    def left(self, target: int) -> bool:
        """The current routing is a return, unconfirmed, and the target is what was left then."""
        start = self.history.revisions[-1]
        while start.revision > 1:
            before = self.history.revisions[start.revision - 2]
            if before.routing_number != self.current:
                break
            start = before
        earlier = self.history.revisions[: start.revision - 1]
        is_return = any(one.routing_number == self.current for one in earlier)
        confirmed = any(one.returned == start.revision for one in self.history.confirmations)
        other = [
            one
            for one in earlier
            if one.routing.fields != start.routing.fields or one.routing.destination is not None
        ]
        return is_return and not confirmed and other[-1].routing_number == target

    def answer(self) -> Answer:
        candidates = sorted(
            {one.routing_number for one in self.history.revisions} - {self.current},
            key=lambda routing: -self.newest(routing).revision,
        )
        reasons = {routing: self.left_out(routing) for routing in candidates}
        left_out = {
            self.newest(routing).revision: reason for routing, reason in reasons.items() if reason
        }
        rest = [routing for routing in candidates if not reasons[routing]]
        unseen = self.history.hidden_since is not None
        if unseen and not self.left_out(self.current) and not self.reaches_nobody(self.current):
            beside = [self.newest(routing).revision for routing in rest]
            return Answer(self.newest(self.current).revision, "unconfirmed", left_out, beside)
        reaching = [routing for routing in rest if not self.reaches_nobody(routing)]
        sound = [routing for routing in reaching if not self.failed(routing)]
        chosen = [*sound, *reaching, *rest][:1]
        if not chosen:
            return Answer(None, None, left_out, [])
        (target,) = chosen
        confidence = "good" if self.good(target) else "left" if self.left(target) else "unconfirmed"
        beside = [self.newest(routing).revision for routing in rest if routing != target]
        return Answer(self.newest(target).revision, confidence, left_out, beside)


def said(found: RestoreDecision) -> Answer:
    return Answer(
        found.target.newest.revision if found.target else None,
        found.confidence,
        {one.newest.revision: one.left_out or "" for one in found.skipped},
        [one.newest.revision for one in found.alternatives],
    )


def test_the_program_answers_as_the_rule_reads() -> None:
    dice = random.Random(5)  # noqa: S311
    for _ in range(10_000):
        told = ["a", *dice.choices(dice.choice([STEPS, FEW]), k=dice.randrange(20))]
        log = history(*told)
        assert said(restoration(log)) == ByTheBook(log).answer(), told


def others(log: History) -> set[int]:
    return {one.routing_number for one in log.revisions} - {log.latest.routing_number}


@given(TOLD, st.randoms(use_true_random=False))
def test_one_log_has_one_answer_in_whatever_order_its_verdicts_are_read(
    told: list[str], dice: random.Random
) -> None:
    log = history(*told)
    shuffled = dice.sample(log.verdicts, len(log.verdicts))
    assert said(restoration(log)) == said(restoration(replace(log, verdicts=tuple(shuffled))))


@given(HISTORIES, st.data())
def test_what_is_named_is_the_target_whatever_the_log_says_of_it(
    log: History, data: st.DataObject
) -> None:
    named = data.draw(st.sampled_from(log.revisions))
    found = restoration_to(log, named)
    assert found.target is not None
    assert found.target.newest == named
    same = named.routing_number == log.latest.routing_number
    assert found.already_there == (same and log.visible)
    assert found.skipped == ()
    rule = ByTheBook(log)
    assert found.target.left_out == rule.left_out(named.routing_number)
    bad = found.target.left_out == "bad"
    assert (found.confidence == "good") == (rule.good(named.routing_number) and not bad)
    assert [one.newest.revision for one in found.alternatives] == sorted(
        (
            rule.newest(one).revision
            for one in others(log) - {named.routing_number}
            if not rule.left_out(one)
        ),
        reverse=True,
    )


def test_a_destination_that_is_known_to_be_another_is_not_already_there() -> None:
    log = history("d@x", "a", "d", "d@y")
    assert [restoration_to(log, one).already_there for one in log.revisions] == [
        *(False, False, False, True)
    ]


@given(HISTORIES)
def test_the_stays_of_all_routings_tell_the_whole_time_once(log: History) -> None:
    told = sorted(
        stay
        for number in {one.routing_number for one in log.revisions}
        for stay in service_periods(log, number)
    )
    assert told[0][0] == log.revisions[0].first_seen_at
    assert [end for _, end in told[:-1]] == [start for start, _ in told[1:]]
    assert told[-1][1] == log.latest.last_seen_at


@given(HISTORIES)
def test_the_previous_routing_is_that_of_the_newest_revision_of_another(log: History) -> None:
    other = [one for one in log.revisions if one.routing_number != log.latest.routing_number]
    assert previous_routing(log, log.latest) == (other[-1] if other else None)


@given(HISTORIES)
def test_good_is_the_newest_offered_with_that_confidence(log: History) -> None:
    rule = ByTheBook(log)
    good = [one for one in others(log) if rule.good(one) and not rule.left_out(one)]
    newest = max((rule.newest(one).revision for one in good), default=None)
    assert judged_good(log, other_than_current=True) == rule.with_destination(newest)


def test_a_passed_call_alone_brings_back_nothing_that_was_rolled_back() -> None:
    log = history("a", "b", "a", "verify~2", "pass~1")
    assert judged_good(log, other_than_current=True) is None


def test_a_did_is_retired_until_it_is_recorded_by_name_again() -> None:
    log = history("a", "retired~0", "good~0")
    assert log.retired
    again = log.verdicts[0]._replace(verdict="returned")
    assert not replace(log, verdicts=(*log.verdicts, again)).retired
    assert not history("a", "good~0").retired
