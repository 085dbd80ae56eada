"""``log``, ``show`` and ``list``: what the log says, without asking the API."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from changelog.commands.answers.list import moment_of, rows_at
from changelog.commands.did_lookup import find_subject, selected
from changelog.commands.targets import did_error, require_some
from changelog.model.answers import Problem
from changelog.model.diff import Change, diff_revisions
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History, Revision
from changelog.model.ports import Log
from changelog.model.results.base import DidError
from changelog.model.results.history import ListResult, LogEntry, LogResult, ShowResult, SnapshotRow
from changelog.model.routing import Where
from changelog.model.selectors import Latest, known_tag, parse_selector
from changelog.model.state import notes_on, restores, standing_of, state_of

_PAGE = 200
_RECENT_SNAPSHOTS = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the history: the options of ``log``. `limit`: None for all of it."""

    limit: int | None = 20
    since: datetime | None = None
    until: datetime | None = None
    field: str | None = None
    routing: bool = False
    tag: str | None = None
    ignored: frozenset[str] = frozenset()


def log(log: Log, name: str | None, wanted: Wanted, now: datetime) -> LogResult:
    """The newest revisions, of one DID or of all. Raises NothingError if nothing is recorded."""
    if wanted.tag is not None:
        known_tag(wanted.tag, log)
    did = _whole_did(log, name, now) if name is not None else None
    if did is None:
        require_some(log)
    found: list[LogEntry] = []
    for entry in _entries(log, did, wanted):
        if len(found) == wanted.limit:
            return _answer(wanted, entries=tuple(found), more=True)
        found.append(entry)
    return _answer(wanted, entries=tuple(found))


def _answer(wanted: Wanted, **found: Any) -> LogResult:
    return LogResult(since=wanted.since, until=wanted.until, **found)


def log_snapshots(log: Log, name: str | None, wanted: Wanted, now: datetime) -> LogResult:
    """Every fetch instead of every revision, the unreadable ones too."""
    did = _recorded_name(log, name, now) if name is not None else None
    limit = sys.maxsize - 1 if wanted.limit is None else wanted.limit
    rows = log.snapshots(did, since=wanted.since, until=wanted.until, limit=limit + 1)
    if not rows and did is None:
        require_some(log)
    shown = tuple(
        SnapshotRow(
            did=owner,
            at=seen.at,
            capture=seen.capture,
            revision=seen.revision,
            error=problem_error(seen.problem),
        )
        for owner, seen in rows[:limit]
    )
    return _answer(wanted, snapshots=shown, more=len(rows) > limit)


def _whole_did(log: Log, name: str, now: datetime) -> str:
    subject = find_subject(log, name, now)
    if subject.selector is not None:
        raise UsageError(f"{name!r} names one revision", "Use: changelog show " + name)
    return subject.did


def _recorded_name(log: Log, name: str, now: datetime) -> str:
    """A DID that has never been readable has snapshots all the same."""
    if not log.find(name) and log.snapshots(name, since=None, until=None, limit=1):
        return name
    return find_subject(log, name, now).did


def _entries(log: Log, did: str | None, wanted: Wanted) -> Iterator[LogEntry]:
    """Matching entries, newest first, read page by page."""
    histories: dict[str, History] = {}
    offset = 0
    while True:
        page = log.newest(
            did=did, since=wanted.since, until=wanted.until, limit=_PAGE, offset=offset
        )
        for owner, number in page:
            if owner not in histories:
                histories[owner] = log.history(owner)
            entry = entry_of(histories[owner].revisions[number - 1], histories[owner], wanted)
            if _matches(entry, wanted):
                yield entry
        if len(page) < _PAGE:
            return
        offset += _PAGE


def _matches(entry: LogEntry, wanted: Wanted) -> bool:
    first = entry.revision == 1
    if wanted.routing and not (first or any(one.routing for one in entry.changes)):
        return False
    if wanted.field and wanted.field not in [one.field for one in entry.changes]:
        return False
    return wanted.tag is None or wanted.tag in entry.tags


def entry_of(revision: Revision, history: History, wanted: Wanted) -> LogEntry:
    """A revision as one entry of the log."""
    return LogEntry(
        did=revision.did,
        number=revision.number,
        revision=revision.revision,
        routing_number=revision.routing_number,
        first_seen_at=revision.first_seen_at,
        last_seen_at=revision.last_seen_at,
        snapshots=revision.snapshots,
        state=state_of(revision, history),
        restores=restores(revision, history),
        changes=changes_of(revision, history, wanted.ignored),
        routing=revision.routing,
        status=revision.status,
        recorded_by=revision.capture.recorded_by,
        changed_by=revision.capture.changed_by,
        capture=revision.capture_number,
        ticket=revision.capture.ticket,
        tags=history.tags.get(revision.revision, ()),
        verdict=standing_of(revision, history).verdict,
        notes=notes_on(revision, history),
        evidence=tuple(one for one in history.evidence if one.revision == revision.revision),
    )


def changes_of(revision: Revision, history: History, ignored: frozenset[str]) -> tuple[Change, ...]:
    """What `revision` changed; nothing for the first one."""
    before = history.revision(revision.revision - 1)
    return diff_revisions(before, revision, ignored) if before else ()


def show(log: Log, name: str, ignored: frozenset[str], now: datetime) -> ShowResult:
    """One revision whole, the latest unless a selector says otherwise."""
    try:
        history, choice = selected(log, name, now)
    except NothingError as error:
        return ShowResult(requested=name, error=did_error(error), conditions=(error.code,))
    revision = choice.revision
    entry = entry_of(revision, history, Wanted(ignored=ignored))
    recent = log.snapshots(history.did, since=None, until=None, limit=_RECENT_SNAPSHOTS)
    return ShowResult(
        requested=name,
        did=entry.did,
        number=entry.number,
        revision=entry.revision,
        routing_number=entry.routing_number,
        routing=entry.routing,
        destination_source=revision.destination_source,
        status=entry.status,
        fields=revision.fields,
        body=revision.body,
        state=entry.state,
        restores=entry.restores,
        first_seen_at=entry.first_seen_at,
        last_seen_at=entry.last_seen_at,
        changes=entry.changes,
        capture=entry.capture,
        recorded_by=entry.recorded_by,
        changed_by=entry.changed_by,
        ticket=entry.ticket,
        tags=entry.tags,
        notes=entry.notes,
        verdicts=tuple(
            one
            for one in history.verdicts
            if one.routing_number == revision.routing_number and one.verdict in ("good", "bad")
        ),
        evidence=tuple(
            one for one in history.evidence if one.routing_number == revision.routing_number
        ),
        snapshots=entry.snapshots,
        recent_snapshots=tuple(seen for _, seen in recent),
        not_read=choice.not_read,
    )


def list_fleet(log: Log, at: str | None, where: Where, now: datetime) -> ListResult:
    """Who points where, now or at the moment that `at` selects."""
    require_some(log)
    selector = parse_selector(at, now) if at is not None else Latest()
    if selector == Latest():
        return ListResult(at=None, dids=tuple(log.fleet(*where)))
    rows = rows_at(log, selector).values()
    return ListResult(
        at=moment_of(selector, log),
        dids=tuple(row for row in rows if where.holds(row.routing, row.status)),
    )


def problem_error(problem: Problem | None) -> DidError | None:
    return None if problem is None else DidError(problem.code, problem.message, problem.status)
