"""``watch``: one round of recording, the alerts that it makes due, and their delivery."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from changelog.commands.recording.alert_event import event_of
from changelog.commands.recording.capture import Capture, Targets
from changelog.model import exits
from changelog.model.did_ref import KnownDid
from changelog.model.ports import Alerts, Api, Log
from changelog.model.results.base import DidError
from changelog.model.results.capture import RecordSummary
from changelog.model.results.watch import WatchAlert, WatchRound
from changelog.model.text.json_body import storable_text
from changelog.model.watch_rules import (
    Alert,
    Failing,
    Observation,
    Round,
    Rules,
    step,
)

Channel = Callable[[WatchAlert], bool]
"""Delivers an alert. Returns False if it is to be tried again later."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and when which alert is due where. `among`: None for all that are not
    retired. `interval_s`: from round to round."""

    name: str
    interval_s: float
    rules: Rules
    channels: tuple[str, ...]
    among: Collection[str] | None


def watch_round(
    api: Api, capture: Capture, alerts: Alerts, targets: Targets, watch: Watch
) -> WatchRound:
    """Read `targets`, and store which alerts are due. Interrupted, it keeps what it has."""
    troubles = alerts.state().troubles
    failing: dict[str, Failing] = {}
    recovered: list[KnownDid] = []
    among = None if watch.among is None else set(watch.among)
    with capture:
        for outcome in capture.read(api, targets):
            name = outcome.did or outcome.requested
            if outcome.error is not None and outcome.answer is not None:
                at = outcome.answer.received_at
                failing[name] = _failing(name, outcome.number, at, outcome.error)
            elif name in troubles:
                recovered.append(KnownDid(name, outcome.number))
            if among is not None:
                among.add(name)
    result = capture.result
    ended = _round(api, watch, result)
    due: list[Alert] = []
    # A round that was interrupted before it read anything says nothing: the next one judges it all.
    if ended.read or exits.INTERRUPTED not in result.conditions:
        observation = Observation(ended, tuple(failing.values()), tuple(recovered))
        due = alerts.judge(observation, partial(step, watch.rules), watch.channels, among)
    changed = {exits.DIFFERENT} if any(alert.subject == "changed" for alert in due) else set()
    return WatchRound(
        at=ended.at,
        watch=watch.name,
        alerts=len(due),
        capture=result.capture,
        counts=result.counts,
        conditions=tuple(sorted({*result.conditions, *changed})),
    )


def _failing(did: str, number: str | None, at: datetime, error: DidError) -> Failing:
    code, message = storable_text(error.code) or "", storable_text(error.message) or ""
    return Failing(did, number, at, error.status, code, message)


def _round(api: Api, watch: Watch, result: RecordSummary) -> Round:
    counts = result.counts
    return Round(
        at=result.capture.finished_at or result.capture.started_at,
        capture=result.capture.id,
        requested=counts.requested,
        read=counts.new + counts.changed + counts.unchanged,
        stopped=api.stopped_because,
        interval_s=watch.interval_s,
    )


def deliver(
    alerts: Alerts,
    open_reader: Callable[[], AbstractContextManager[Log]],
    watch: Watch,
    channels: Mapping[str, Channel],
    ignored: frozenset[str],
    now: datetime,
) -> None:
    """Deliver what is pending, oldest first, and store each delivery after it.

    A channel that fails is left until the next time, so that the order stays.
    """
    working = dict(channels)
    for alert in alerts.state().undelivered(now):
        names = [name for name in alert.channels if name in working]
        if not names:
            continue
        with open_reader() as log:
            event = event_of(log, alert, watch.name, ignored)
        for name in names:
            if working[name](event):
                alerts.delivered(alert, name)
            else:
                del working[name]
