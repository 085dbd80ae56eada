"""``log``: the history, newest first, without asking the API."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from changelog.commands.did_lookup import find_subject
from changelog.commands.targets import require_some
from changelog.model import exits
from changelog.model.errors import OutOfTime, UsageError
from changelog.model.history import History, Revision
from changelog.model.ports import Log
from changelog.model.results.history import LogResult, SnapshotRow
from changelog.model.results.pages import RevisionKey, RevisionsWanted
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

    @property
    def wanted(self) -> RevisionsWanted:
        """What the log itself can leave out."""
        return RevisionsWanted(self.since, self.until, self.field, self.routing, self.tag)

    def covers(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment <= self.until
        )

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
    limit = sys.maxsize - 1 if query.limit is None else query.limit
    walk = Walk(log, query)
    if name is not None:
        entries = walk.of_did(_whole_did(log, name, now))
    else:
        require_some(log)
        entries = walk.of_all()
    shown = tuple(islice(entries, limit + 1))
    return LogResult(
        since=query.since,
        until=query.until,
        entries=shown[:limit],
        more=len(shown) > limit,
        looked_to=walk.looked_to if walk.is_cut else None,
        conditions=(exits.INCOMPLETE,) if walk.is_cut else (),
    )


def history_page(
    log: Log, did: str, ignored: frozenset[str], before: int | None = None, limit: int = 10
) -> LogResult:
    """Return the revisions of one DID older than `before`, newest first, and whether there are
    more."""
    return page_of(log.history(did), ignored, before, limit)


def page_of(
    history: History, ignored: frozenset[str], before: int | None = None, limit: int = 10
) -> LogResult:
    """Return such a page of a history that was read already."""
    end = len(history.revisions) if before is None else min(before - 1, len(history.revisions))
    start = max(0, end - limit)
    page = reversed(history.revisions[start:end])
    entries = tuple(LogEntry(revision, history, ignored) for revision in page)
    return LogResult(entries=entries, more=start > 0)


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


class Walk:
    """Goes back through the log until its deadline. `looked_to`: so far, all was looked at."""

    def __init__(self, log: Log, query: LogQuery) -> None:
        self._log = log
        self._query = query
        self.is_cut = False
        self.looked_to: datetime | None = None

    def of_did(self, did: str) -> Iterator[LogEntry]:
        """Return the entries of one DID that match, newest first."""
        query, history = self._query, self._log.history(did)
        for revision in reversed(history.revisions):
            entry = query.entry(revision, history)
            if query.covers(revision.first_seen_at) and query.holds(entry):
                yield entry

    def of_all(self) -> Iterator[LogEntry]:
        """Return the entries of all DIDs that match, newest first; what was found until the
        deadline."""
        try:
            yield from self._pages()
        except OutOfTime:
            self._log.extend_deadline()
            self.is_cut = True

    def _pages(self) -> Iterator[LogEntry]:
        before: RevisionKey | None = None
        more = True
        while more:
            page = self._log.pages.newest(self._query.wanted, before=before, limit=_PAGE)
            yield from self._matching(page.keys)
            before, more = page.looked_to, page.more
            self._look_at(before)

    def _matching(self, keys: Iterable[RevisionKey]) -> Iterator[LogEntry]:
        # Of a page, many may be of the same DID; over pages, they would fill the memory.
        histories: dict[str, History] = {}
        for key in keys:
            if self._log.is_over:
                raise OutOfTime
            if key.did not in histories:
                histories[key.did] = self._log.history(key.did)
            history = histories[key.did]
            entry = self._query.entry(history.revisions[key.revision - 1], history)
            if self._query.holds(entry):
                yield entry
            self._look_at(key)

    def _look_at(self, key: RevisionKey | None) -> None:
        if key is not None:
            self.looked_to = key.first_seen_at
