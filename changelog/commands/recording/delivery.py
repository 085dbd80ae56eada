"""The delivery of the alerts of a watch: in which order, and what each one says."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from changelog.commands.recording.watch import Watch
from changelog.model import exits
from changelog.model.diff import Change, diff_revisions, group_changes
from changelog.model.history import History, RevisionAt
from changelog.model.ports import Alerts, Log
from changelog.model.results.base import DidError
from changelog.model.results.watch import ChangeContext, ChangeGroup, WatchAlert
from changelog.model.routing import Routing
from changelog.model.selectors import Latest
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.watching.alert import Alert, Move
from changelog.model.watching.watch_rules import SHOWN

Channel = Callable[[WatchAlert], bool | None]
"""Delivers an alert, and returns True once it was taken.

False: it is tried again later, and so is all that follows. None: what is left of it wakes nobody.
It is tried again later, and what is more urgent goes on."""


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
    state = alerts.state()
    for alert in state.undelivered(now):
        names = [name for name in alert.channels if name in working and left[name].has_room(alert)]
        if not names:
            continue
        with open_reader() as log:
            event = event_of(log, alert, watch, state.incidents)
        event = replace(event, is_late=now - alert.at > _LATE)
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


_LATE = timedelta(minutes=10)
"""After so long a message says when it happened: a chat shows when it came."""
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
    that routing, where the DID had it before. `since`: when the first change was seen.
    `rerouted`: how often its routing changed."""

    after: RevisionAt
    changes: tuple[Change, ...]
    returns_to: int | None
    since: datetime
    rerouted: int


def event_of(log: Log, alert: Alert, watch: Watch, incidents: Collection[str]) -> WatchAlert:
    """Return the alert as it is delivered. What a change was stands in the log.

    `incidents`: the keys of those that are open now.
    """
    moved = [_moved(log, move, watch.volatile) for move in _moves(alert)[:MOST_GROUPED]]
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
        watch=watch.name,
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
        rerouted=tuple(sorted(each.after.did for each in moved if each.rerouted)),
        changed_again=_count_again(log, moved, history),
        not_grouped=alert.count - sum(group.count for group in groups) if moved else 0,
        not_compared=alert.count - len(moved) if moved else 0,
        of_all=not watch.names,
        inside=_context(log, alert, moved),
        opens=alert.opens,
        resolves=alert.resolves,
        begun=alert.begun,
        is_over=alert.opens is not None and alert.opens not in incidents,
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
    since, rerouted = after.first_seen_at, int(number != before.routing_number)
    if move.after - move.before > 1:
        between = log.history(move.did).revisions[move.before - 1 : move.after]
        moves = [new for old, new in pairwise(between) if new.routing_number != old.routing_number]
        since, rerouted = [*moves, after][0].first_seen_at, len(moves)
    return _Moved(after, changes, number if is_return else None, since, rerouted)


def _count_again(log: Log, moved: Sequence[_Moved], history: History | None) -> int:
    """Return how many of the DIDs changed more than once, or have another routing by now.

    `history`: that of a single one. Of many, one query says which revision is the latest.
    """
    if history is not None:
        (each,) = moved
        has_moved_on = history.latest.routing_number != each.after.routing_number
        return int(each.rerouted > 1 or has_moved_on)
    latest = log.pages.meant(Latest()) if moved else {}
    return sum(
        each.rerouted > 1 or _has_moved_on(log, each.after, latest[each.after.did].revision)
        for each in moved
    )


def _has_moved_on(log: Log, after: RevisionAt, latest: int) -> bool:
    if latest == after.revision:
        return False
    return log.revision_at(after.did, latest).routing_number != after.routing_number


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
