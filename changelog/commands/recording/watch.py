"""``watch``: one round of recording, the alerts that it makes due, and their delivery."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from changelog.commands.recording.capture import Capture
from changelog.model import exits
from changelog.model.answers import Answer
from changelog.model.did_ref import KnownDid, Target
from changelog.model.diff import Change, diff_revisions, group_changes
from changelog.model.history import History, RevisionAt
from changelog.model.ports import Alerts, Log
from changelog.model.recording import Outcome
from changelog.model.results.base import DidError
from changelog.model.results.watch import ChangeContext, ChangeGroup, WatchAlert, WatchRound
from changelog.model.routing import Routing
from changelog.model.text.json_body import ALWAYS_VOLATILE, storable_text
from changelog.model.watching.alert import Alert, AlertState, Move
from changelog.model.watching.incidents import OpenIncidents
from changelog.model.watching.observation import (
    ApplicationGone,
    Failing,
    NumberMoved,
    Observation,
    ReadDid,
    Round,
)
from changelog.model.watching.watch_rules import SHOWN, Rules, step

_SERVER_ERRORS = 500
"""From this HTTP status on, the server says that it is at fault."""

Channel = Callable[[WatchAlert], bool | None]
"""Delivers an alert. Returns False if it and what follows are to be tried again later, and None if
only it and what is no more urgent are: it wakes nobody, so it must not hold back what does."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and when which alert is due where.

    `names`: the DIDs that were named, else all that are not retired are. `interval_s`: from round
    to round.
    """

    name: str
    interval_s: float
    rules: Rules
    channels: tuple[str, ...]
    names: tuple[str, ...]
    volatile: frozenset[str] = frozenset()


def watch_round(
    capture: Capture, alerts: Alerts, targets: Sequence[Target], watch: Watch
) -> WatchRound:
    """Read `targets`, and store which alerts are due. Interrupted, it keeps what it has."""
    seen = _Seen(capture, alerts.state(), targets, watch.names)
    with capture:
        for outcome in capture.read(targets):
            seen.add(outcome)
    result = capture.result
    ended = _round(capture, watch)
    due: list[Alert] = []
    # A round that was interrupted before it read anything says nothing: the next one judges it all.
    if ended.read or exits.INTERRUPTED not in result.conditions:
        rules = partial(step, watch.rules)
        among = seen.names if watch.names else None
        observation = seen.observation(ended, alerts)
        due = alerts.judge(observation, rules, watch.channels, among, watch.volatile)
    is_different = any(alert.subject in ("changed", "number_moved") for alert in due)
    changed = {exits.DIFFERENT} if is_different else set()
    return WatchRound(
        at=ended.at,
        watch=watch.name,
        alerts=len(due),
        capture=result.capture,
        counts=result.counts,
        conditions=tuple(sorted({*result.conditions, *changed})),
    )


class _Seen:
    """What a round reads, DID by DID, beside what the rounds before it knew."""

    def __init__(
        self,
        capture: Capture,
        before: AlertState,
        targets: Sequence[Target],
        names: Sequence[str],
    ) -> None:
        incidents = OpenIncidents(before.incidents)
        self._capture = capture
        self._troubles = before.troubles
        self._without = incidents.dids("application_gone")
        self._unrouted_before = incidents.dids("nobody") | before.parked
        # Somebody else may have looked at a number since, and found its new DID.
        self._owners_before = {
            target.number: before.owners.get(target.number, target.did)
            for target in targets
            if target.number is not None
        }
        self._numbers = {target.requested: target.number for target in targets}
        self._owners: dict[str, str] = {}
        self._names = {*names, *(target.requested for target in targets)}
        self._dids = {target.did for target in targets if target.did is not None}
        self._read = set[str]()
        self._left = set[str]()
        self._failing: dict[str, Failing] = {}
        self._recovered: list[KnownDid] = []
        self._gone: list[ApplicationGone] = []
        self._never_read: list[ApplicationGone] = []
        self._listed: list[KnownDid] = []
        self._unrouted: list[ReadDid] = []
        self._routed: list[ReadDid] = []
        self._moved: list[NumberMoved] = []

    @property
    def names(self) -> set[str]:
        """The DIDs that are watched. One that gave its number away is watched no more, unless it
        was read by its id or another number: what it holds open ends in this round."""
        return self._names | self._read | (self._dids - self._left)

    def add(self, outcome: Outcome) -> None:
        did = KnownDid(outcome.did or outcome.requested, outcome.number)
        self._read.add(did.did)
        if outcome.error is not None and outcome.answer is not None:
            self._failing[did.did] = _failing(did, outcome.answer, outcome.error)
        else:
            # By the number too, if no DID had that until now.
            names = dict.fromkeys((did.did, outcome.requested))
            read = (did._replace(did=name) for name in names if name in self._troubles)
            self._recovered += read
        without_url = self._capture.application_without_url(outcome)
        if application := self._capture.application_gone(outcome) or without_url:
            gone = self._gone if outcome.routing.destination else self._never_read
            lacks_url = without_url is not None
            gone.append(ApplicationGone(did.did, did.number, application, lacks_url))
        elif outcome.error is None and did.did in self._without and self._capture.has_applications:
            self._listed.append(did)
        if outcome.error is None and not outcome.late:
            self._add_route(did, outcome)

    def _add_route(self, did: KnownDid, outcome: Outcome) -> None:
        reaches_nobody = outcome.routing.reaches_nobody
        read = ReadDid(did.did, did.number, outcome.revision or 1)
        if reaches_nobody:
            self._unrouted.append(read)
        elif did.did in self._unrouted_before:
            self._routed.append(read)
        number = self._numbers.get(outcome.requested)
        if number is None:
            return
        self._owners[number] = did.did
        owner = self._owners_before[number]
        if owner is not None and owner != did.did:
            self._left.add(owner)
            self._moved.append(NumberMoved(*read, owner, reaches_nobody))

    def observation(self, ended: Round, alerts: Alerts) -> Observation:
        """Return it all, in the order of the names and not in that of the answers."""
        # One that never had an answer_url may be another key's: that it has none now is no news.
        missing = {each.application_id for each in self._never_read}
        had_url = alerts.had_url(missing) if missing else frozenset()
        gone = [each for each in self._never_read if each.application_id in had_url]
        return Observation(
            ended,
            sorted(self._failing.values()),
            sorted(self._recovered),
            gone=sorted(self._gone + gone),
            listed=sorted(self._listed),
            unrouted=sorted(self._unrouted),
            routed=sorted(self._routed),
            moved=sorted(self._moved),
            owners=self._owners,
        )


def _failing(did: KnownDid, answer: Answer, error: DidError) -> Failing:
    code, message = storable_text(error.code) or "", storable_text(error.message) or ""
    no_answer = answer.problem is not None and answer.problem.no_answer
    is_of_api = no_answer or (error.status or 0) >= _SERVER_ERRORS
    return Failing(did.did, did.number, answer.received_at, error.status, code, message, is_of_api)


def _round(capture: Capture, watch: Watch) -> Round:
    result, counts = capture.result, capture.result.counts
    return Round(
        at=result.capture.finished_at,
        capture=result.capture.id,
        requested=counts.requested,
        read=counts.new + counts.changed + counts.unchanged,
        stopped=capture.api.stopped_because if capture.api else None,
        interval_s=watch.interval_s,
    )


def deliver(
    alerts: Alerts,
    open_reader: Callable[[], AbstractContextManager[Log]],
    watch: Watch,
    channels: Mapping[str, Channel],
    now: datetime,
) -> None:
    """Deliver what is pending, oldest first, and store each delivery after it.

    A channel that fails is left until the next time, so that the order stays: see ``Channel``.
    """
    working = dict(channels)
    left: dict[str, _Left] = {name: _Left() for name in channels}
    for alert in alerts.state().undelivered(now):
        names = [name for name in alert.channels if name in working and left[name].has_room(alert)]
        if not names:
            continue
        with open_reader() as log:
            event = event_of(log, alert, watch.name, watch.volatile)
        for name in names:
            match working[name](event):
                case True:
                    alerts.delivered(alert, name)
                case False:
                    del working[name]
                case None:
                    left[name].leave(alert)


class _Left:
    """What of one channel is tried again later, while what is more urgent goes on."""

    def __init__(self) -> None:
        self._urgency = -1
        self._ends = set[str]()

    def has_room(self, alert: Alert) -> bool:
        """Return whether the alert can go before what was left."""
        if _urgency(alert) > self._urgency and alert.opens not in self._ends:
            return True
        # The end of an incident, given later, would end one that began with the same key since.
        self._ends.update(alert.resolves)
        return False

    def leave(self, alert: Alert) -> None:
        # What wakes somebody was taken, if there was any.
        self._urgency = max(self._urgency, 1 if alert.resolves else 0)
        self._ends.update(alert.resolves)


def _urgency(alert: Alert) -> int:
    """Return 2 for what wakes somebody, 1 for what ends that, 0 for what does neither."""
    return 2 if alert.opens is not None else 1 if alert.resolves else 0


MOST_GROUPED = 2000
"""DIDs that are compared for one alert: each is a few queries."""
_CONDITIONS = {
    "changed": (exits.DIFFERENT,),
    "number_moved": (exits.DIFFERENT,),
    "unreadable": (exits.UNREADABLE,),
    "silent": (exits.NO_ANSWER,),
}


class _Moved(NamedTuple):
    """A DID that changed, as it is after it, and in what. `returns_to`: the first revision with
    that routing, where the DID had it before. `since`: when the first change was seen; `again`:
    there was more than one."""

    after: RevisionAt
    changes: tuple[Change, ...]
    returns_to: int | None
    since: datetime
    again: bool


def event_of(log: Log, alert: Alert, watch: str, ignored: frozenset[str]) -> WatchAlert:
    """Return the alert as it is delivered. What a change was stands in the log."""
    moved = [_moved(log, move, ignored) for move in _moves(alert)[:MOST_GROUPED]]
    groups = _groups(moved)
    is_single = alert.did is not None and bool(moved)
    routing = moved[0].after.routing if is_single else Routing(None, None)
    if alert.kind == "number_moved" and alert.did is not None and alert.revision is not None:
        routing = log.revision_at(alert.did, alert.revision).routing
    history = log.history(moved[0].after.did) if is_single else None
    gone_back = sorted(each.after.did for each in moved if each.returns_to is not None)
    error = None
    if alert.code is not None:
        error = DidError(alert.code, alert.message or "", alert.status)
    return WatchAlert(
        event=alert.kind,
        id=alert.id,
        at=alert.at,
        watch=watch,
        of=alert.what,
        did=alert.did,
        number=alert.number,
        revision=alert.revision,
        routing=routing,
        changes=moved[0].changes if is_single else (),
        error=error,
        since=min((each.since for each in moved), default=alert.since),
        not_before=_seen_otherwise(history, moved[0].after) if history else None,
        in_a_row=alert.in_a_row,
        count=alert.count,
        dids=alert.dids,
        capture=alert.capture,
        groups=groups,
        returns_to=moved[0].returns_to if is_single else None,
        returned=len(gone_back),
        gone_back=tuple(gone_back),
        changed_again=sum(each.again for each in moved)
        + (history is not None and _moved_on(history, moved[0].after)),
        not_grouped=alert.count - sum(group.count for group in groups) if moved else 0,
        inside=_context(log, alert, moved),
        opens=alert.opens,
        resolves=alert.resolves,
        begun=alert.begun,
        conditions=_CONDITIONS.get(alert.subject, ()),
    )


def _moves(alert: Alert) -> Sequence[Move]:
    if alert.kind == "changed" and alert.did is not None and alert.revision is not None:
        return (Move(alert.did, alert.revision - 1, alert.revision),)
    return alert.moves


def _moved(log: Log, move: Move, ignored: frozenset[str]) -> _Moved:
    before, after = log.revision_at(move.did, move.before), log.revision_at(move.did, move.after)
    changes = diff_revisions(before, after, ALWAYS_VOLATILE | ignored)
    number = after.routing_number
    is_return = number != before.routing_number and number <= before.revision
    since, again = after.first_seen_at, False
    if move.after - move.before > 1:
        between = log.history(move.did).revisions[move.before - 1 : move.after]
        pairs = pairwise(between)
        rerouted = [new for old, new in pairs if new.routing_number != old.routing_number]
        since, again = [*rerouted, after][0].first_seen_at, len(rerouted) > 1
    return _Moved(after, changes, number if is_return else None, since, again)


def _moved_on(history: History, after: RevisionAt) -> bool:
    """Return whether the DID has another routing by now than after the change."""
    return history.latest.routing_number != after.routing_number


def _seen_otherwise(history: History, after: RevisionAt) -> datetime | None:
    """Return the last look that is known to have seen the DID otherwise."""
    revision = history.revision(after.revision)
    return history.window(revision).not_before if revision else None


def _groups(moved: Sequence[_Moved]) -> tuple[ChangeGroup, ...]:
    groups = group_changes({each.after.did: each.changes for each in moved})
    return tuple(
        ChangeGroup(group.changes, len(group.dids), group.dids[:SHOWN]) for group in groups
    )


def _context(log: Log, alert: Alert, moved: Sequence[_Moved]) -> ChangeContext | None:
    """Return what the change falls into; of many, where one capture found them all."""
    if not moved or alert.capture is None:
        return None
    first = min((each.after for each in moved), key=lambda revision: revision.first_seen_at)
    return log.change_context(first.did, alert.capture, first.first_seen_at)
