"""``status``: how fresh the log is, what changed in the last day, and what is still open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model import exits
from changelog.model.diff import diff_revisions
from changelog.model.history import NOT_FOUND
from changelog.model.results.status import DidCounts, RecentChange, StatusResult, WatchLine
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.text.times import is_ahead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from changelog.model.diff import Change
    from changelog.model.ports import Log
    from changelog.model.results.status import (
        LogStatus,
        RecentRevision,
        UnreadableDid,
        WatchSummary,
    )
    from changelog.model.results.watch import AlertsResult

LAST_DAY = timedelta(days=1)


def status(log: Log, now: datetime) -> StatusResult:
    """Return the log at a glance; the condition ``nothing_recorded`` for an empty one."""
    since = now - LAST_DAY
    log_status = log.status(since)
    unreadable = tuple(
        did
        for did in log_status.unreadable
        if did.did not in log_status.retired and not _is_forgotten(did, since)
    )
    to_come = log_status.latest is not None and is_ahead(log_status.latest, now)
    return StatusResult(
        at=now,
        since=since,
        database=log.place,
        dids=_counts(log_status),
        last_capture=log_status.last_capture,
        changes=_grouped(log_status.revisions),
        unreadable=unreadable,
        open=log_status.open,
        notes=log_status.notes,
        watches=tuple(watch_lines(log.watches(), now)),
        schema_revision=log_status.schema_revision,
        journal=None if log_status.head is None else str(log_status.head),
        times_to_come=log_status.latest if to_come else None,
        conditions=() if log_status.last_capture else (exits.NOTHING_RECORDED,),
    )


def _is_forgotten(did: UnreadableDid, since: datetime) -> bool:
    """Return whether it was never there (404), and nobody asked for it of late: mostly a slip.

    It has no revision that could be marked as retired. It stays in the counts.
    """
    return not did.known and did.error.status == NOT_FOUND and did.last_at < since


def _counts(log_status: LogStatus) -> DidCounts:
    failing = [did for did in log_status.unreadable if did.did not in log_status.retired]
    known = sum(did.known for did in failing)
    return DidCounts(
        log_status.known, len(log_status.retired), known, len(failing) - known, log_status.new
    )


def _grouped(revisions: Iterable[RecentRevision]) -> tuple[RecentChange, ...]:
    """Group the revisions by what they changed: first what reaches nobody, then by size."""
    # A deploy moves thousands in the same way: each way is compared once.
    compared: dict[tuple[object, ...], tuple[Change, ...]] = {}
    groups: dict[tuple[Change, ...], list[RecentRevision]] = {}
    for revision in revisions:
        way = revision.before, revision.after, revision.moved
        if way not in compared:
            compared[way] = revision.before.changes_to(revision.after, moved=revision.moved)
        groups.setdefault(compared[way], []).append(revision)
    broken = {
        changes
        for changes, group in groups.items()
        if any(revision.moved and revision.after.routing.reaches_nobody for revision in group)
    }
    made = [
        RecentChange(
            changes,
            tuple(sorted({revision.did for revision in group})),
            min(revision.first_seen_at for revision in group),
            max(revision.first_seen_at for revision in group),
        )
        for changes, group in groups.items()
    ]
    return tuple(
        sorted(made, key=lambda each: (each.changes not in broken, -len(each.dids), each.dids))
    )


def watch_lines(watches: Iterable[WatchSummary], now: datetime) -> Iterator[WatchLine]:
    """Yield each watch with its last and its next round."""
    for watch in watches:
        last = watch.last_round_at
        due = None if last is None else last + timedelta(seconds=watch.interval_s)
        late, waiting = watch.is_late(now), len(watch.undelivered)
        yield WatchLine(watch.id, last, due, watch.interval_s, late, watch.open, waiting)


def with_changes(log: Log, result: AlertsResult, ignored: frozenset[str]) -> AlertsResult:
    """Return the alerts with what changed, where one DID did, and with the receivers that they wait
    for."""
    ends = {
        alert.id: ((alert.did, alert.revision - 1), (alert.did, alert.revision))
        for alert in result.alerts
        if alert.kind == "changed" and alert.did is not None and alert.revision is not None
    }
    revisions = log.pages.revisions(end for both in ends.values() for end in both)
    waiting = {
        number: names for watch in log.watches() for number, names in watch.undelivered.items()
    }
    alerts = []
    for alert in result.alerts:
        # A cut or changed log may lack them: `check` says so.
        old, new = map(revisions.get, ends.get(alert.id, (("", 0), ("", 0))))
        changes = diff_revisions(old, new, ALWAYS_VOLATILE | ignored) if old and new else ()
        names = waiting.get(alert.id, ())
        alerts.append(replace(alert, changes=changes, undelivered=names))
    return replace(result, alerts=tuple(alerts))
