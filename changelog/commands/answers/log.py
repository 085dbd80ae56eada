"""``log``: the history, newest first, without asking the API."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from changelog.commands.targets import did_error, find_subject, refuse_split_numbers, require_some
from changelog.model import exits
from changelog.model.errors import NothingError, OutOfTime, UsageError
from changelog.model.results.base import Looks
from changelog.model.results.history import LogEntry, LoggedDid, LogResult, SnapshotRow
from changelog.model.results.pages import RevisionKey, RevisionsWanted
from changelog.model.selectors import known_tag
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import rfc3339, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.model.history import History, Revision
    from changelog.model.ports import Log

_PAGE = 200
_AT_ONCE = 25
"""Histories that are read together: a page of the web has 20 entries."""


@dataclass(frozen=True, slots=True)
class LogQuery(RevisionsWanted):
    """Which part of the history: the options of ``log``. `limit`: None for all of it. `before`: the
    last revision that an earlier page of all DIDs looked at."""

    limit: int | None = 20
    ignored: frozenset[str] = frozenset()
    before: RevisionKey | None = None

    def entry(self, revision: Revision, history: History) -> LogEntry:
        """Return the entry of a revision; a field that is asked for is never left out."""
        ignored = self.ignored - {self.field or ""}
        known = history.known(revision)
        return LogEntry(known, history, ignored, show_derived=self.field == "destination")

    def covers(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment <= self.until
        )

    @property
    def takes_annotations(self) -> bool:
        """Whether a revision is of the period that was noted, judged, heard or confirmed in it."""
        return self.since is not None and self.field is None and not self.routing

    def holds(self, entry: LogEntry) -> bool:
        is_first = entry.revision.revision == 1
        if self.routing and not (is_first or any(change.routing for change in entry.changes)):
            return False
        if self.field and self.field not in [change.field for change in entry.changes]:
            return False
        if self.grep is not None:
            part = self.grep.casefold()
            if not any(part in text.casefold() for text in entry.texts if text):
                return False
        return self.tag is None or self.tag in entry.tags


def log_revisions(
    log: Log, names: Sequence[str] | None, query: LogQuery, now: datetime
) -> LogResult:
    """Return the newest revisions, of the DIDs named or of all. Raises NothingError if nothing is
    recorded."""
    if query.tag is not None:
        known_tag(query.tag, log)
    limit = sys.maxsize - 1 if query.limit is None else query.limit
    walk = Walk(log, query)
    dids: tuple[LoggedDid, ...] = ()
    if names:
        refuse_split_numbers(log, names)
        dids = tuple(_named(log, name, now) for name in names)
        entries = walk.of_dids(did.did for did in dids if did.did is not None)
    else:
        require_some(log)
        entries = walk.of_all()
    shown = tuple(islice(entries, limit + 1))
    return LogResult(
        since=query.since,
        until=query.until,
        entries=shown[:limit],
        more=len(shown) > limit,
        looked_to=walk.looked_to.first_seen_at if walk.is_cut and walk.looked_to else None,
        following=None if names else _following(walk, shown, limit),
        dids=dids,
        error=dids[0].error if len(dids) == 1 else None,
        conditions=tuple(_conditions(walk, dids)),
    )


def log_with_looks(log: Log, result: LogResult) -> LogResult:
    """Return it, where no revision matches, with how old that is; of a period that has ended, with
    what nobody saw at its end."""
    if result.entries or result.snapshots or result.conditions:
        return result
    log.extend_deadline()
    named = {did.did for did in result.dids if did.did}
    if result.until is not None:
        begins_at = log.first_seen()
        if begins_at is not None and result.until < begins_at:
            return replace(result, begins_at=begins_at)
        unseen = log.pages.unseen_at(result.until)
        return replace(result, unseen=tuple(sorted(unseen & named if named else unseen)))
    looks = Looks.of(log.pages.last_looks(sorted(named))) if named else log.pages.fleet_looks()
    return replace(result, looks=looks)


def _following(walk: Walk, shown: Sequence[LogEntry], limit: int) -> str | None:
    """Return the key of the revision behind which the next page of all DIDs goes on."""
    if walk.is_cut:
        return walk.looked_to.spelled if walk.looked_to else None
    return _key(shown[limit - 1]).spelled if len(shown) > limit else None


def _key(entry: LogEntry) -> RevisionKey:
    revision = entry.revision
    return RevisionKey(revision.did, revision.revision, revision.first_seen_at)


def _conditions(walk: Walk, dids: Iterable[LoggedDid]) -> Iterator[str]:
    if walk.is_cut:
        yield exits.INCOMPLETE
    yield from sorted({did.error.code for did in dids if did.error is not None})


def _named(log: Log, name: str, now: datetime) -> LoggedDid:
    try:
        did = _whole_did(log, name, now)
        number = None if did == name else log.e164(name)
        others = [last.did for last in log.carriers(number) if last.did != did] if number else []
        return LoggedDid(name, did, number_also_of=tuple(others))
    except NothingError as error:
        return LoggedDid(name, error=did_error(error))


def history_page(
    history: History, ignored: frozenset[str], before: int | None = None, limit: int = 10
) -> LogResult:
    """Return the revisions of one DID older than `before`, newest first, and whether there are
    more."""
    end = len(history.revisions) if before is None else min(before - 1, len(history.revisions))
    start = max(0, end - limit)
    page = reversed(history.revisions[start:end])
    entries = tuple(LogEntry(history.known(revision), history, ignored) for revision in page)
    did = LoggedDid(history.did, history.did)
    return LogResult(entries=entries, more=start > 0, dids=(did,))


def log_snapshots(
    log: Log, names: Sequence[str] | None, query: LogQuery, now: datetime
) -> LogResult:
    """Return every fetch instead of every revision, unreadable ones too: of one DID or of all."""
    if names and len(names) > 1:
        raise UsageError("--snapshots takes one DID", "Name one, or none for all of them.")
    if query.field is not None or query.routing or query.grep is not None:
        raise UsageError(
            "--field, --routing and --grep choose revisions, and --snapshots shows looks",
            "Leave --snapshots out, or the other option.",
        )
    capture = None if query.tag is None else _capture_of(log, query.tag)
    did = _recorded_name(log, names[0], now) if names else None
    limit = sys.maxsize - 1 if query.limit is None else query.limit
    period = {"since": query.since, "until": query.until}
    rows = log.snapshots(did, **period, capture=capture, limit=limit + 1)
    if not rows and did is None:
        require_some(log)
    return LogResult(
        since=query.since,
        until=query.until,
        snapshots=tuple(SnapshotRow(owner, seen) for owner, seen in rows[:limit]),
        more=len(rows) > limit,
    )


def _capture_of(log: Log, name: str) -> int:
    tag = known_tag(name, log)
    if tag.capture is None:
        raise UsageError(
            f"the tag {name!r} names a moment, and no capture of which there are looks",
            f"Use: {command_line('log', (), f' --snapshots --until {rfc3339(tag.at)}')}",
        )
    return tag.capture


def _whole_did(log: Log, name: str, now: datetime) -> str:
    subject = find_subject(log, name, now)
    if subject.selector is not None:
        raise UsageError(f"{name!r} names one revision", f"Use: {command_line('show', [name])}")
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
        self.looked_to: RevisionKey | None = None

    def of_dids(self, dids: Iterable[str]) -> Iterator[LogEntry]:
        """Return the entries of these DIDs that match, newest first."""
        entries = [
            entry for did in dict.fromkeys(dids) for entry in self._of_did(self._log.history(did))
        ]
        entries.sort(key=lambda entry: entry.revision.first_seen_at, reverse=True)
        return iter(entries)

    def _of_did(self, history: History) -> Iterator[LogEntry]:
        query = self._query
        for revision in reversed(history.revisions):
            entry = query.entry(revision, history)
            moments = [revision.first_seen_at]
            if query.takes_annotations:
                moments += (note.at for note in entry.notes)
                moments += (verdict.at for verdict in entry.verdicts)
                moments += (confirmed.at for confirmed in entry.confirmations)
                moments += (call.at for call in entry.evidence if call.result in ("pass", "fail"))
            if any(map(query.covers, moments)) and query.holds(entry):
                yield entry

    def of_all(self) -> Iterator[LogEntry]:
        """Return the entries of all DIDs that match, newest first; what was found until the
        deadline."""
        histories: dict[str, History] = {}
        try:
            for keys in self._pages():
                for start in range(0, len(keys), _AT_ONCE):
                    some = keys[start : start + _AT_ONCE]
                    # Neighbours are often of the same DID; all of a fleet would fill the memory.
                    if len(histories) >= _PAGE:
                        histories.clear()
                    missing = [key[:2] for key in some if key.did not in histories]
                    if missing:
                        histories.update(self._log.histories(missing))
                    yield from self._of_keys(some, histories)
        except OutOfTime:
            self._log.extend_deadline()
            self.is_cut = True

    def _of_keys(
        self, keys: Iterable[RevisionKey], histories: Mapping[str, History]
    ) -> Iterator[LogEntry]:
        for key in keys:
            if self._log.is_over:
                raise OutOfTime
            history = histories[key.did]
            entry = self._query.entry(history.revisions[key.revision - 1], history)
            if self._query.holds(entry):
                yield entry
            self.looked_to = key

    def _pages(self) -> Iterator[Sequence[RevisionKey]]:
        """Return what may match, once each, newest first by the time that is printed."""
        pages, query = self._log.pages, self._query
        annotated: list[RevisionKey] = []
        if query.takes_annotations:
            annotated = pages.annotated(query.since, query.until)
        before, more = query.before, True
        while more:
            page = pages.newest(query, before=before, limit=_PAGE)
            end = page.looked_to if page.more else None
            told = [key for key in annotated if _lies_between(before, key, end)]
            yield sorted({*page.keys, *told}, key=_place)
            before, more = page.looked_to, page.more
            self.looked_to = before


def _lies_between(before: RevisionKey | None, key: RevisionKey, end: RevisionKey | None) -> bool:
    return (before is None or _place(before) < _place(key)) and (
        end is None or _place(key) <= _place(end)
    )


def _place(key: RevisionKey) -> tuple[int, str, int]:
    """Return the place in the order of pages: the newest come first."""
    return -to_micros(key.first_seen_at), key.did, -key.revision
