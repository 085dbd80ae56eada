"""``watch``: one round of recording, the alerts that it makes due, and telling them."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from changelog.commands.recording.capture import Capture, Targets
from changelog.model import exits
from changelog.model.diff import Change, diff_states, is_derived
from changelog.model.history import fields_to_compare
from changelog.model.ports import Alerts, Api, Log
from changelog.model.results.base import DidError
from changelog.model.results.watch import WatchAlert, WatchRound
from changelog.model.routing import Routing
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.watch_rules import Alert, Round, Rules, due

STILL_NEWS = timedelta(days=1)
"""How long an alert that could not be told is tried again."""
_PAGE = 100
_CONDITIONS = {
    "changed": (exits.DIFFERENT,),
    "unreadable": (exits.UNREADABLE,),
    "silent": (exits.NO_ANSWER,),
}

Channel = Callable[[WatchAlert], str | None]
"""Tells an alert. Returns how that went, or None if it is to be tried again later."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and when that is told where. `among`: None for all that are not retired."""

    name: str
    rules: Rules
    channels: tuple[str, ...]
    among: Collection[str] | None


def watch_round(
    api: Api, capture: Capture, alerts: Alerts, targets: Targets, watch: Watch
) -> WatchRound:
    """Read `targets` and store which alerts are due. Interrupted, it keeps what it has."""
    failing: dict[str, str | None] = {}
    among = None if watch.among is None else set(watch.among)
    with capture:
        for outcome in capture.read(api, targets):
            name = outcome.did or outcome.requested
            if outcome.outcome == "unreadable":
                failing[name] = outcome.number
            if among is not None:
                among.add(name)
    result = capture.result
    counts, summary = result.counts, result.capture
    ended_at = summary.finished_at or summary.started_at
    ended = Round(
        at=ended_at,
        capture=summary.id,
        requested=counts.requested,
        read=counts.new + counts.changed + counts.unchanged,
        stopped=api.stopped_because,
    )
    made: list[Alert] = []
    # A round that was interrupted before it read anything says nothing: the next one judges it all.
    if ended.read or exits.INTERRUPTED not in result.conditions:
        made = alerts.judge(
            ended, partial(due, watch.rules), watch.channels, failing=failing, among=among
        )
    told = {exits.DIFFERENT} if any(one.subject == "changed" for one in made) else set()
    return WatchRound(
        at=ended_at,
        watch=watch.name,
        alerts=len(made),
        capture=summary,
        counts=counts,
        conditions=tuple(sorted({*result.conditions, *told})),
    )


def tell(
    alerts: Alerts,
    open_reader: Callable[[], AbstractContextManager[Log]],
    watch: Watch,
    channels: Mapping[str, Channel],
    ignored: frozenset[str],
    now: datetime,
) -> None:
    """Tell what is still to be told, oldest first, and store each telling after it.

    A channel that fails is left until the next time, so that the order stays.
    """
    open_channels = dict(channels)
    asked_for = 0
    while open_channels:
        pending = alerts.pending(now - STILL_NEWS, limit=asked_for + _PAGE)[asked_for:]
        for alert in pending:
            asked_for += not _tell_one(alerts, open_reader, watch, alert, open_channels, ignored)
        if len(pending) < _PAGE:
            return


def _tell_one(
    alerts: Alerts,
    open_reader: Callable[[], AbstractContextManager[Log]],
    watch: Watch,
    alert: Alert,
    channels: dict[str, Channel],
    ignored: frozenset[str],
) -> bool:
    """Tell `alert` on the `channels`. Returns whether it is told on all that it was meant for."""
    left = [name for name in alert.channels if name in channels]
    if not left:
        return False
    with open_reader() as log:
        event = event_of(log, alert, watch.name, ignored)
    for name in left:
        outcome = channels[name](event)
        if outcome is None:
            del channels[name]
        else:
            alerts.told(alert, name, outcome)
    return all(name in channels for name in alert.channels)


def event_of(log: Log, alert: Alert, watch: str, ignored: frozenset[str]) -> WatchAlert:
    """The alert as it is told. What a change was stands in the log."""
    changes: tuple[Change, ...] = ()
    routing = Routing(None, None)
    if alert.kind == "changed" and alert.did is not None and alert.revision is not None:
        changes, routing = _change(log, alert.did, alert.revision, ignored)
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
        changes=changes,
        error=error,
        since=alert.since,
        in_a_row=alert.in_a_row,
        count=alert.count,
        dids=alert.dids,
        capture=alert.capture,
        conditions=_CONDITIONS.get(alert.subject, ()),
    )


def _change(
    log: Log, did: str, revision: int, ignored: frozenset[str]
) -> tuple[tuple[Change, ...], Routing]:
    before, after = log.revision_at(did, revision - 1), log.revision_at(did, revision)
    changes = diff_states(
        *fields_to_compare(before.body, before.routing, after.body, after.routing),
        moved=before.routing_number != after.routing_number,
        derived=is_derived(before.destination_source, after.destination_source),
        ignored=ALWAYS_VOLATILE | ignored,
    )
    return changes, after.routing
