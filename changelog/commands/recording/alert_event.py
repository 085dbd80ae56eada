"""An alert of ``watch`` as it is delivered: what a change was, and what it falls into."""

from collections.abc import Sequence
from typing import NamedTuple

from changelog.model import exits
from changelog.model.diff import Change, diff_revisions, group_changes
from changelog.model.history import RevisionAt
from changelog.model.ports import Log
from changelog.model.results.base import DidError
from changelog.model.results.watch import ChangeContext, ChangeGroup, WatchAlert
from changelog.model.routing import Routing
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.watch_rules import SHOWN, Alert, Move

MOST_GROUPED = 2000
"""DIDs that are compared for one alert: each is a few queries."""
_CONDITIONS = {
    "changed": (exits.DIFFERENT,),
    "unreadable": (exits.UNREADABLE,),
    "silent": (exits.NO_ANSWER,),
}


class _Moved(NamedTuple):
    """A DID that changed, as it is after it, and in what. `returns_to`: the first revision with
    that routing, where the DID had it before."""

    after: RevisionAt
    changes: tuple[Change, ...]
    returns_to: int | None


def event_of(log: Log, alert: Alert, watch: str, ignored: frozenset[str]) -> WatchAlert:
    """Return the alert as it is delivered. What a change was stands in the log."""
    moved = [_moved(log, move, ignored) for move in _moves(alert)[:MOST_GROUPED]]
    groups = _groups(moved)
    is_single = alert.did is not None and bool(moved)
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
        routing=moved[0].after.routing if is_single else Routing(None, None),
        changes=moved[0].changes if is_single else (),
        error=error,
        since=min((each.after.first_seen_at for each in moved), default=alert.since),
        in_a_row=alert.in_a_row,
        count=alert.count,
        dids=alert.dids,
        capture=alert.capture,
        groups=groups,
        returns_to=moved[0].returns_to if is_single else None,
        returned=sum(each.returns_to is not None for each in moved),
        not_grouped=alert.count - sum(group.count for group in groups) if moved else 0,
        inside=_context(log, alert, moved),
        opens=alert.opens,
        resolves=alert.resolves,
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
    return _Moved(after, changes, number if is_return else None)


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
