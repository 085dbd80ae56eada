"""The restore target: its laws, and the rule of the design read a second time, naively."""

import random
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog.core.history import (
    CaptureInfo,
    Confirmation,
    Evidence,
    EvidenceResult,
    History,
    Revision,
    Verdict,
    VerdictKind,
)
from changelog.core.routing import Routing, routing_number
from changelog.core.target import Restoration, restoration, restoration_to

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
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
VERDICTS: dict[str, VerdictKind] = {"good": "good", "bad": "bad", "retired": "retired"}
CALLS: dict[str, EvidenceResult] = {
    "pass": "pass",
    "fail": "fail",
    "reached": "reached",
    "differs": "differs",
}


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
        routing = routing.carried_from(latest and latest.routing)
        if latest and routing == latest.routing and not anew:
            return
        number = len(self.revisions) + 1
        self.revisions.append(
            Revision(
                did="did_1",
                revision=number,
                routing=routing,
                routing_number=routing_number(
                    routing, [one.numbered for one in self.revisions], number
                ),
                number="+15551230001",
                status="active",
                body="{}",
                first_seen_at=self.now,
                last_seen_at=self.now,
                snapshots=1,
                capture=CaptureInfo(id=number, started_at=self.now, recorded_by="olga"),
            )
        )

    def _say(self, word: str, about: Revision) -> None:
        if word in VERDICTS:
            self.verdicts.append(
                Verdict(
                    about.revision, about.routing_number, VERDICTS[word], "why", "olga", self.now
                )
            )
        elif word in CALLS:
            self.evidence.append(
                Evidence(
                    f"call_{len(self.evidence)}",
                    "call.completed",
                    self.now,
                    about.revision,
                    about.routing_number,
                    CALLS[word],
                )
            )
        elif word == "verify":
            history = self.history()
            returned = history.stay_start(history.latest)
            equal = about.routing_number == returned.routing_number
            if equal and about.revision < returned.revision:
                self.confirmations.append(
                    Confirmation(
                        about.revision, returned.revision, about.routing_number, self.now
                    )
                )


def history(*steps: str) -> History:
    return Log(*steps).history()


STEPS = [
    *ROUTINGS,
    *("a", "b", "c") * 2,
    "status",
    "404",
    *(f"{word}~{back}" for word in ("good", "bad", "pass", "fail") for back in range(4)),
    *(f"verify~{back}" for back in range(2, 6)) ,
]
histories = (
    st.lists(st.sampled_from(STEPS), max_size=16)
    .map(lambda steps: history("a", *steps))
)


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
        return [one for one in self.history.revisions if one.routing_number == routing][-1]

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
        return is_return and not confirmed and earlier[-1].routing_number == target

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
        nobody = self.newest(self.current).routing.reaches_nobody
        if unseen and not self.left_out(self.current) and not nobody:
            beside = [self.newest(routing).revision for routing in rest]
            return Answer(self.newest(self.current).revision, "unconfirmed", left_out, beside)
        reaching = [one for one in rest if not self.newest(one).routing.reaches_nobody]
        sound = [one for one in reaching if not self.failed(one)]
        chosen = [*sound, *reaching, *rest][:1]
        if not chosen:
            return Answer(None, None, left_out, [])
        (target,) = chosen
        confidence = (
            "good" if self.good(target) else "left" if self.left(target) else "unconfirmed"
        )
        beside = [self.newest(routing).revision for routing in rest if routing != target]
        return Answer(self.newest(target).revision, confidence, left_out, beside)


def said(found: Restoration) -> Answer:
    return Answer(
        found.target and found.target.newest.revision,
        found.confidence,
        {one.newest.revision: one.left_out or "" for one in found.skipped},
        [one.newest.revision for one in found.alternatives],
    )


def test_the_program_answers_as_the_rule_reads() -> None:
    steps = random.Random(5)  # noqa: S311
    for _ in range(5000):
        told = ["a", *steps.choices(STEPS, k=steps.randrange(20))]
        log = history(*told)
        assert said(restoration(log)) == ByTheBook(log).answer(), told
