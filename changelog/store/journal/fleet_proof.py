"""Proves DIDs one after the other: numbers and routings by computing them again, and the views.

What a view answers is compared with what ``model/`` makes of the rows that it is made from, so an
index that somebody damaged is found too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from changelog.model.log_format.proof import LONGEST_KEY, Numbering, RevisionRow
from changelog.model.results.check import Broken
from changelog.model.routing import Routing
from changelog.store.journal.proving import UNUSABLE, as_text
from changelog.store.journal.recomputed import VIEWS, Seen, recomputed
from changelog.store.journal.source import Source, Stored
from changelog.store.transaction import (
    APPLICATION,
    CAPTURE,
    CONFIRMATION,
    DID,
    EVIDENCE,
    REVISION,
    SNAPSHOT,
    VERDICT,
)

_MOST_DIDS = 500
_MOST_REVISIONS = 4_000
"""On a page, unless a single DID has more."""

_REVISIONS = select(
    *(REVISION.c.did, REVISION.c.revision, REVISION.c.routing, REVISION.c.number),
    *(REVISION.c.application_id, REVISION.c.route_mode, REVISION.c.destination),
    *(REVISION.c.destination_source, REVISION.c.status, REVISION.c.first_seen_at),
    *(REVISION.c.capture, REVISION.c.entry),
).order_by(REVISION.c.did, REVISION.c.revision)
_SNAPSHOTS = select(
    *(SNAPSHOT.c.did, SNAPSHOT.c.received_at, SNAPSHOT.c.capture, SNAPSHOT.c.revision),
    *(SNAPSHOT.c.problem.is_(None), SNAPSHOT.c.hidden, SNAPSHOT.c.key, SNAPSHOT.c.entry),
).order_by(SNAPSHOT.c.did, SNAPSHOT.c.received_at)
_SAID: Mapping[str, Select[Any]] = {
    "did": select(DID.c.did),
    "verdict": select(VERDICT.c.did, VERDICT.c.at, VERDICT.c.routing, VERDICT.c.verdict).order_by(
        VERDICT.c.did, VERDICT.c.at
    ),
    "confirmation": select(
        *(CONFIRMATION.c.did, CONFIRMATION.c.at, CONFIRMATION.c.routing),
        *(CONFIRMATION.c.revision, CONFIRMATION.c.returned),
    ).order_by(CONFIRMATION.c.did, CONFIRMATION.c.at),
    "evidence": select(
        EVIDENCE.c.did, EVIDENCE.c.at, EVIDENCE.c.routing, EVIDENCE.c.result
    ).order_by(EVIDENCE.c.did, EVIDENCE.c.at, EVIDENCE.c.entry),
    **{name: select(view) for name, view in VIEWS.items()},
}
_CAPTURE = select(
    *(CAPTURE.c.recorded_by, CAPTURE.c.changed_by, CAPTURE.c.ticket, CAPTURE.c.note),
    CAPTURE.c.key,
).where(CAPTURE.c.id == bindparam("number"))


class Page(NamedTuple):
    """DIDs from `first` to before `end`; None: from the beginning, to the end."""

    first: str | None
    end: str | None
    dids: int


def pages(source: Source) -> Iterator[Page]:
    """All DIDs, in pages of which each fits into memory; at least one."""
    query = (
        select(REVISION.c.did, func.max(REVISION.c.revision))
        .group_by(REVISION.c.did)
        .order_by(REVISION.c.did)
    )
    first: str | None = None
    dids = revisions = 0
    for did, newest in source.each(query):
        more = newest if isinstance(newest, int) and newest > 0 else 1
        full = dids >= _MOST_DIDS or revisions + more > _MOST_REVISIONS
        if dids and full and _can_be_asked_for(did):
            yield Page(first, did, dids)
            first, dids, revisions = did, 0, 0
        dids, revisions = dids + 1, revisions + more
    yield Page(first, None, dids)


def _can_be_asked_for(did: object) -> bool:
    """Not so where somebody put bytes there, or what is no UTF-8."""
    return isinstance(did, str) and did.isprintable()


class FleetProof:
    """Proves pages of DIDs of one state of a log."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._capture = lru_cache(maxsize=10_000)(self._read_capture)
        self._fetched: set[tuple[str, str]] | None = None
        self._newest_capture: int = source.all(select(func.max(CAPTURE.c.id)))[0][0] or 0

    def prove(self, page: Page) -> list[Broken]:
        try:
            return self._prove(page)
        except UNUSABLE as error:
            # Somebody put a value of another type there; which row that was, its digest says.
            reason = f"the DIDs from it on cannot be computed again: {error}"[:200]
            return [Broken("snapshot", page.first, None, reason)]

    def _prove(self, page: Page) -> list[Broken]:
        revisions = {
            did: list(map(_revision, rows))
            for did, rows in groupby(self._rows(_REVISIONS, page), key=itemgetter(0))
        }
        snapshots = self._rows(_SNAPSHOTS, page)
        seen = {
            did: Seen.of(rows, revisions.get(did, ()))
            for did, rows in groupby(snapshots, key=itemgetter(0))
        }
        said = {name: self._by_did(query, page) for name, query in _SAID.items()}
        found: list[Broken] = []
        for did, own in revisions.items():
            about = {name: dids.pop(did, []) for name, dids in said.items()}
            found.extend(self._did(did, own, seen.pop(did, Seen()), about))
        for did, one in seen.items():
            found.extend(self._snapshots(did, one))
        for name, dids in said.items():
            found.extend(
                Broken(name, as_text(did), None, "the DID has no revision") for did in dids
            )
        return found

    def _rows(self, query: Select[Any], page: Page) -> Iterator[Stored]:
        did, parameters = query.selected_columns[0], {}
        if page.first is not None:
            query = query.where(did >= bindparam("first"))
            parameters["first"] = page.first
        if page.end is not None:
            query = query.where(did < bindparam("end"))
            parameters["end"] = page.end
        return self._source.each(query, **parameters)

    def _by_did(self, query: Select[Any], page: Page) -> dict[Any, list[Stored]]:
        found: dict[Any, list[Stored]] = {}
        for row in self._rows(query, page):
            found.setdefault(row[0], []).append(row)
        return found

    def _did(
        self, did: Any, rows: list[RevisionRow], seen: Seen, said: Mapping[str, list[Stored]]
    ) -> Iterable[Broken]:
        found = list(self._snapshots(did, seen))
        if not said["did"]:
            found.append(Broken("did", as_text(did), None, "it is gone; the DID has revisions"))
        try:
            found.extend(self._revisions(rows, seen))
            if not found:
                found.extend(self._views(did, rows, seen, said))
        except UNUSABLE as error:
            reason = f"it cannot be computed again: {error}"[:200]
            found.append(Broken("revision", as_text(did), None, reason))
        return found

    def _snapshots(self, did: Any, seen: Seen) -> Iterator[Broken]:
        for at, entry in seen.odd:
            reason = "it is both read and unreadable, or neither"
            yield Broken("snapshot", as_text(did), None, reason, f"{as_text(did)} {at}", entry)
        for revision, (at, entry) in seen.unknown.items():
            number = revision if isinstance(revision, int) else None
            reason = "its revision is not in the log"
            yield Broken("snapshot", as_text(did), number, reason, f"{as_text(did)} {at}", entry)
        if any(not 1 <= number <= self._newest_capture for number in seen.captures):
            yield Broken("snapshot", as_text(did), None, "its capture is not in the log")

    def _revisions(self, rows: Sequence[RevisionRow], seen: Seen) -> Iterator[Broken]:
        numbering = Numbering()
        for row in rows:
            carries = numbering.carries(row)
            mistakes = list(numbering.mistakes(row))
            if seen.began.get(row.first_seen_at) != (row.revision, row.capture):
                mistakes.append("the snapshot that it began with is gone, or another's")
            if row.destination_source == "fetched" and not carries and not self._was_fetched(row):
                mistakes.append("its destination was never fetched of its application")
            for mistake in mistakes:
                yield Broken("revision", row.did, row.revision, mistake, None, row.entry)

    def _was_fetched(self, row: RevisionRow) -> bool:
        if self._fetched is None:
            query = select(APPLICATION.c.application_id, APPLICATION.c.answer_url).distinct()
            self._fetched = {(name, url) for name, url in self._source.each(query)}
        name, _, destination = row.routing
        known = (name, destination) in self._fetched
        return known or (name is not None and len(name) > LONGEST_KEY)

    def _views(
        self,
        did: str,
        rows: Sequence[RevisionRow],
        seen: Seen,
        said: Mapping[str, list[Stored]],
    ) -> Iterator[Broken]:
        for view, wanted in recomputed(did, rows, seen, said, self._capture).items():
            found = said[view]
            if len(rows) > 1:
                # By revision; the others have one row.
                found = sorted(found, key=itemgetter(2))
            if found != wanted:
                yield Broken(view, did, None, _difference(view, found, wanted))

    def _read_capture(self, number: int) -> Stored:
        """(recorded_by, changed_by, ticket, note, key)"""
        return self._source.all(_CAPTURE, number=number)[0]


def _revision(row: Stored) -> RevisionRow:
    did, revision, routing, number, *rest = row
    return RevisionRow(did, revision, routing, number, Routing(*rest[:3]), *rest[3:])


def _difference(view: str, found: list[Stored], wanted: list[Stored]) -> str:
    if len(found) != len(wanted):
        return f"the view answers {len(found)} rows where the log has {len(wanted)}"
    names = [column.name for column in VIEWS[view].columns]
    differing = {
        name
        for its, ours in zip(found, wanted, strict=True)
        for name, one, other in zip(names, its, ours, strict=True)
        if one != other
    }
    return f"the view answers another {', '.join(sorted(differing))} than the log's rows make"
