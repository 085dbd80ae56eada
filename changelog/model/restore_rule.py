"""The restore target: which earlier routing of a DID to put back, and how sure that is.

The rule, from the DID's log and nothing else. Candidates are the earlier routings that differ from
the current one, newest first. A routing judged bad or rolled back is left out. The newest of the
rest is the target; one whose test call failed only if no other is left, one that reaches nobody
only after those. If the DID is not visible any more, its last routing is the target, unless it is
left out or reaches nobody. The view ``restore_target`` says the same in SQL.

What was said later counts, by its time. A clock that was ahead wrote times that lie ahead of what
was stored later: these go by the journal (`is_later`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from changelog.model.seen_then import SeenThen
from changelog.model.text.times import Bounds, seconds_seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from changelog.model.history import Confirmation, Evidence, History, Note, Revision, Verdict

Confidence = Literal["good", "unconfirmed", "left"]
LeftOut = Literal["bad", "rolled_back"]


class RoutingRecord(NamedTuple):
    """What the log says of one routing of a DID. `newest`: of its revisions, the one to name."""

    newest: Revision
    history: History
    verdict: Verdict | None
    call: Evidence | None
    good: bool
    failed: bool
    rolled_back: bool

    @property
    def left_out(self) -> LeftOut | None:
        """Why the rule never offers it, if it does not."""
        if self.verdict is not None and self.verdict.verdict == "bad":
            return "bad"
        return "rolled_back" if self.rolled_back else None

    @property
    def rank(self) -> int:
        """0: offered first; 1: its test call failed; 2: it reaches nobody."""
        return 2 if self.reaches_nobody else int(self.failed)

    @property
    def reaches_nobody(self) -> bool:
        """Whether no call gets through; not where a look merely did not show the destination."""
        return self.newest_known.routing.reaches_nobody

    @property
    def standing(self) -> str:
        """How the routing stands, in one word."""
        if self.newest.routing_number == self.history.latest.routing_number:
            return "current" if self.history.visible else "last_seen"
        if self.left_out:
            return self.left_out
        if self.reaches_nobody:
            return "reaches_nobody"
        if self.failed:
            return "failed"
        return "good" if self.good else "unconfirmed"

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """Every revision with that routing, oldest first."""
        return self.history.by_routing[self.newest.routing_number]

    @property
    def newest_known(self) -> Revision:
        """The newest revision with that routing, with its destination where it is known."""
        return self.newest if self.newest.routing.destination else self.with_destination

    @property
    def with_destination(self) -> Revision:
        """The newest revision with that routing whose destination is known; else the newest."""
        known = (revision for revision in reversed(self.revisions) if revision.routing.destination)
        return next(known, self.newest)

    def known_apart(self, said: Verdict | Evidence) -> Revision | None:
        """Return the revision that what was `said` of another one is taken to be about too, where
        the stay of that other one never knew its destination."""
        given, known = self.history.revision(said.revision), self.newest_known
        if given is None or known.routing.lacks_destination:
            return None
        return known if self.history.known(given).routing.lacks_destination else None

    @property
    def snapshots(self) -> int:
        return sum(revision.snapshots for revision in self.revisions)

    @property
    def in_service_s(self) -> float:
        """Seconds, over all its times in service."""
        periods = service_periods(self.history, self.newest.routing_number)
        return sum((end - start).total_seconds() for start, end in periods)

    @property
    def in_service_bounds(self) -> Bounds:
        """How long in service: between two looks nothing is known of it. Without an upper limit
        where nothing says when the first time began, or that the last one is over."""
        history, at_least, at_most = self.history, 0.0, 0.0
        is_bounded = True
        for first, last in history.stays[self.newest.routing_number]:
            before = history.revision(first.revision - 1)
            after = history.revision(last.revision + 1)
            seen = history.last_seen_before(last, after) if after else history.seen_whole_at
            at_least += seconds_seen(history.gaps, first.first_seen_at, seen)
            if before is None or after is None:
                is_bounded = False
                continue
            start = history.last_seen_before(before, first)
            at_most += max(0.0, (after.first_seen_at - start).total_seconds())
        return Bounds(at_least, max(at_least, at_most) if is_bounded else None)

    @property
    def notes(self) -> tuple[Note, ...]:
        """The notes on every revision with that routing, oldest first."""
        numbers = {revision.revision for revision in self.revisions}
        notes = [note for note in self.history.notes if note.revision in numbers]
        return tuple(sorted(notes, key=lambda note: note.at))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        number = self.newest.routing_number
        return tuple(call for call in self.history.evidence if call.routing_number == number)


class RestoreDecision(NamedTuple):
    """The answer for one DID. `target` None: nothing is left to put back.

    `own`: the current routing; `alternatives`: the others that could be put back, newest first.
    `skipped`: those left out. `returns_to`: the earlier revision whose routing the current one
    returned to. `seen_then`: of a target that was named.
    """

    current: Revision
    own: RoutingRecord
    target: RoutingRecord | None
    confidence: Confidence | None
    skipped: tuple[RoutingRecord, ...]
    alternatives: tuple[RoutingRecord, ...]
    returns_to: Revision | None
    already_there: bool = False
    seen_then: SeenThen = SeenThen()


def restoration(history: History) -> RestoreDecision:
    """Apply the rule to a DID with at least one revision."""
    current = history.latest
    own, others = _split(history)
    skipped = tuple(record for record in others if record.left_out)
    candidates = [record for record in others if not record.left_out]
    lost = not history.visible and not own.left_out and not own.reaches_nobody
    target = own if lost else min(candidates, key=lambda record: record.rank, default=None)
    if target is None:
        confidence: Confidence | None = None
    else:
        confidence = "unconfirmed" if lost else confidence_in(target, history)
    rest = tuple(record for record in candidates if record is not target)
    return RestoreDecision(current, own, target, confidence, skipped, rest, returns_to(history))


def restoration_to(history: History, revision: Revision) -> RestoreDecision:
    """Return the answer where the operator named the `revision` to put back."""
    own, others = _split(history)
    same = revision.routing_number == own.newest.routing_number
    number = revision.routing_number
    named = next(record for record in (own, *others) if record.newest.routing_number == number)
    target = named._replace(newest=revision)
    rest = tuple(record for record in others if record is not named and not record.left_out)
    confidence: Confidence = (
        ("good" if named.good else "unconfirmed") if same else confidence_in(target, history)
    )
    there, back = same and history.visible, returns_to(history)
    return RestoreDecision(history.latest, own, target, confidence, (), rest, back, there)


def confidence_in(target: RoutingRecord, history: History) -> Confidence:
    """Return how sure `target` is. `left`: the current routing, an unconfirmed return, left it."""
    if target.good:
        return "good"
    start = history.stay_start(history.latest)
    returned = returns_to(history) is not None
    confirmed = any(
        confirmation.returned == start.revision
        and confirmation.routing_number == start.routing_number
        for confirmation in history.confirmations
    )
    if returned and not confirmed:
        left = history.seen_otherwise(start)
        if left is not None and left.routing_number == target.newest.routing_number:
            return "left"
    return "unconfirmed"


def returns_to(history: History) -> Revision | None:
    """Return the newest revision before the current stay with the same routing, if there is one."""
    start = history.stay_start(history.latest)
    return next(
        (
            earlier
            for earlier in reversed(history.revisions[: start.revision - 1])
            if earlier.routing_number == start.routing_number
        ),
        None,
    )


def previous_routing(history: History, revision: Revision) -> Revision | None:
    """Return the newest revision before `revision` whose routing differs from its routing."""
    start = history.stay_start(revision)
    return history.revision(start.revision - 1)


def judged_good(history: History, *, other_than_current: bool) -> Revision | None:
    """Return the newest revision of a routing judged good, with its destination if it is known."""
    current = history.latest.routing_number if other_than_current else None
    for record in standings(history):
        if record.good and not record.left_out and record.newest.routing_number != current:
            return record.newest_known
    return None


def standings(history: History) -> list[RoutingRecord]:
    """Return every routing that the DID has had, newest first."""
    rolled = list(_roll_backs(history))
    records = [_record(same[-1], history, rolled) for same in history.by_routing.values()]
    return sorted(map(_told_apart, records), key=lambda record: -record.newest.revision)


def _told_apart(record: RoutingRecord) -> RoutingRecord:
    """Return it at the newest revision that is known to differ from the latest: if application and
    mode are those of the latest, only a known destination differs."""
    latest, newest = record.history.latest, record.newest
    may_be_latest = newest.routing.fields == latest.routing.fields
    if newest.routing_number == latest.routing_number or not may_be_latest:
        return record
    return record._replace(newest=record.with_destination)


def service_periods(history: History, routing_number: int) -> Iterator[tuple[datetime, datetime]]:
    """Yield when that routing came into service and when it left: the current one is last seen."""
    for first, last in history.stays[routing_number]:
        start = first.first_seen_at
        following = history.revision(last.revision + 1)
        end = following.first_seen_at if following else history.latest.last_seen_at
        # Only what is last seen is not the start of another revision.
        yield start, end if following else max(start, end)


def _split(history: History) -> tuple[RoutingRecord, list[RoutingRecord]]:
    """Return the current routing's record and the others', newest first."""
    number = history.latest.routing_number
    records = standings(history)
    own = next(record for record in records if record.newest.routing_number == number)
    return own, [record for record in records if record is not own]


def _roll_backs(history: History) -> Iterator[tuple[int, Confirmation]]:
    """Yield each routing that a confirmed return left behind, with the confirmation."""
    for confirmation in history.confirmations:
        between = history.revisions[confirmation.revision : confirmation.returned - 1]
        left = {revision.routing_number for revision in between}
        for number in left - {confirmation.routing_number}:
            yield number, confirmation


def _record(
    newest: Revision, history: History, rolled: Iterable[tuple[int, Confirmation]]
) -> RoutingRecord:
    number = newest.routing_number
    verdicts = verdicts_on(history, number)
    backs = [confirmation for rolled_number, confirmation in rolled if rolled_number == number]
    verdict = max(verdicts, key=lambda verdict: verdict.at, default=None)
    goods = [verdict for verdict in verdicts if verdict.verdict == "good"]
    good = max(goods, key=lambda verdict: verdict.at, default=None)
    call = _newest_call(history, number)
    heard_last = call if call and all(is_later(call, earlier) for earlier in goods) else None
    return RoutingRecord(
        newest=newest,
        history=history,
        verdict=verdict,
        call=call,
        good=not (verdict and verdict.verdict == "bad") and _is_good(heard_last, good, backs),
        failed=heard_last is not None and heard_last.result == "fail",
        rolled_back=any(
            newest.revision <= back.returned and not (good is not None and good.at > back.at)
            for back in backs
        ),
    )


def verdicts_on(history: History, number: int) -> tuple[Verdict, ...]:
    """Return every judgement of a routing, oldest first."""
    given = (verdict for verdict in history.verdicts if verdict.routing_number == number)
    return tuple(verdict for verdict in given if verdict.verdict in ("good", "bad"))


def _is_good(
    heard_last: Evidence | None, good: Verdict | None, backs: Iterable[Confirmation]
) -> bool:
    """Passed by the listener, or judged good where no call came later; a later roll-back ends it.

    A verdict is never stored with an earlier time than what was said before of the DID.
    """
    if heard_last is not None:
        return heard_last.result == "pass" and all(is_later(heard_last, back) for back in backs)
    return good is not None and all(good.at > back.at for back in backs)


def _newest_call(history: History, number: int) -> Evidence | None:
    """Return the newest call that passed or failed; none with a time ahead of a later entry."""
    heard = (call for call in history.evidence if call.routing_number == number)
    calls = [call for call in heard if call.result in ("pass", "fail")]

    def is_ahead(call: Evidence) -> bool:
        return any(
            other.stored.entry > call.stored.entry and other.stored.at < call.at for other in calls
        )

    return next((call for call in reversed(calls) if not is_ahead(call)), None)


def is_later(call: Evidence, other: Verdict | Confirmation) -> bool:
    """Return whether a call counts as later than `other`: by their times, where clocks were right.

    A time that lies ahead of the entry of what was stored later is wrong. Then the time of its own
    entry counts; where that lies ahead too, the order of entries.
    """
    if call.stored.entry < other.stored.entry:
        return _time_before(call, other) > other.at
    return call.at >= _time_before(other, call)


def _time_before(
    first: Evidence | Verdict | Confirmation, then: Evidence | Verdict | Confirmation
) -> datetime:
    """Return when `first` was said, which was stored before `then`."""
    if first.at <= then.stored.at:
        return first.at
    return first.stored.at if first.stored.at <= then.stored.at else then.at
