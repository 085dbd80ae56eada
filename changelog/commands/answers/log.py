"""``log``: the history, newest first, without asking the API."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from changelog.commands.did_lookup import find_subject
from changelog.commands.targets import require_some
from changelog.model.errors import UsageError
from changelog.model.history import History, Revision
from changelog.model.ports import Log
from changelog.model.results.history import LogResult, SnapshotRow
from changelog.model.selectors import known_tag
from changelog.model.state import LogEntry

_PAGE = 200


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which part of the history: the options of ``log``. `limit`: None for all of it."""

    limit: int | None = 20
    since: datetime | None = None
    until: datetime | None = None
    field: str | None = None
    routing: bool = False
    tag: str | None = None
    ignored: frozenset[str] = frozenset()

    def entry(self, revision: Revision, history: History) -> LogEntry:
        """The entry of a revision; a field that is asked for by its name is never left out."""
        ignored = self.ignored - {self.field or ""}
        return LogEntry(revision, history, ignored, show_derived=self.field == "destination")

    def holds(self, entry: LogEntry) -> bool:
        is_first = entry.revision.revision == 1
        if self.routing and not (is_first or any(change.routing for change in entry.changes)):
            return False
        if self.field and self.field not in [change.field for change in entry.changes]:
            return False
        return self.tag is None or self.tag in entry.tags


def log(log: Log, name: str | None, query: LogQuery, now: datetime) -> LogResult:
    """The newest revisions, of one DID or of all. Raises NothingError if nothing is recorded."""
    if query.tag is not None:
        known_tag(query.tag, log)
    did = _whole_did(log, name, now) if name is not None else None
    if did is None:
        require_some(log)
    limit = sys.maxsize - 1 if query.limit is None else query.limit
    entries = tuple(islice(_entries(log, did, query), limit + 1))
    return LogResult(
        since=query.since, until=query.until, entries=entries[:limit], more=len(entries) > limit
    )


def log_snapshots(log: Log, name: str | None, query: LogQuery, now: datetime) -> LogResult:
    """Every fetch instead of every revision, the unreadable ones too."""
    did = _recorded_name(log, name, now) if name is not None else None
    limit = sys.maxsize - 1 if query.limit is None else query.limit
    rows = log.snapshots(did, since=query.since, until=query.until, limit=limit + 1)
    if not rows and did is None:
        require_some(log)
    return LogResult(
        since=query.since,
        until=query.until,
        snapshots=tuple(SnapshotRow(owner, seen) for owner, seen in rows[:limit]),
        more=len(rows) > limit,
    )


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


def _entries(log: Log, did: str | None, query: LogQuery) -> Iterator[LogEntry]:
    """Matching entries, newest first, read page by page."""
    histories = dict[str, History]()
    offset = 0
    while True:
        page = log.newest(did=did, since=query.since, until=query.until, limit=_PAGE, offset=offset)
        for owner, number in page:
            if owner not in histories:
                histories[owner] = log.history(owner)
            history = histories[owner]
            entry = query.entry(history.revisions[number - 1], history)
            if query.holds(entry):
                yield entry
        if len(page) < _PAGE:
            return
        offset += _PAGE
