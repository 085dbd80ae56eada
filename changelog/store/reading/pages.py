"""Reads of the size of a page: by key and never by offset, with a fixed number of queries each.

A page has the key from which the next one goes on. What has to look at each DID once, such as a
search for a part of a text, takes as long as there are DIDs, however many snapshots there are.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from changelog.model.did_ref import as_e164, part_of_number
from changelog.model.results.pages import (
    EarlierNumber,
    FleetPage,
    FoundText,
    SearchResult,
    TextKind,
)
from changelog.model.routing import EVERYWHERE
from changelog.store.reading import page_queries, queries, values
from changelog.store.reading.changes import application_names, cursor_moment, read_changes
from changelog.store.reading.drivers import pairs
from changelog.store.reading.last_looks import (
    read_fleet_looks,
    read_last_looks,
    read_late,
    read_windows,
)
from changelog.store.reading.log_pages import read_annotated, read_newest
from changelog.store.reading.revisions import read_meant, read_returned, read_revisions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.model.diff import Change
    from changelog.model.history import LateAnswer, RevisionAt
    from changelog.model.results.base import LastLook, Looks
    from changelog.model.results.history import FleetRow
    from changelog.model.results.pages import (
        ChangesPage,
        NewestPage,
        RevisionKey,
        RevisionMeant,
        RevisionsWanted,
        Then,
    )
    from changelog.model.routing import Where
    from changelog.model.selectors import Selector
    from changelog.model.text.times import Window
    from changelog.store.reading.drivers import Query, Row

_NO_LIMIT = 9_223_372_036_854_775_807
_COLUMNS = ("application_id", "route_mode", "status")
"""What the members of ``Where`` are called in the log."""
_AT_ONCE = 1_000
"""Rows that are read with one query."""


class Pages:
    """Pages of the log that `rows` asks. `read_body`: one body by itself; raises BodyBroken.
    `by_country`: the number that a text says by its country's rules. `seeks`: a step into an index
    takes little time, as on SQLite."""

    def __init__(
        self,
        rows: Query,
        read_body: Callable[[str, int], str],
        by_country: Callable[[str], str | None],
        *,
        seeks: bool = True,
    ) -> None:
        self._rows = rows
        self._read_body = read_body
        self._by_country = by_country
        self._seeks = seeks

    def fleet(
        self,
        where: Where = EVERYWHERE,
        *,
        text: str | None = None,
        then: Then | None = None,
        after: str = "",
        limit: int = 100,
    ) -> FleetPage:
        """Return the DIDs by id from the one behind `after` on, and where each points.

        `text`: a part of number, id, application or destination; what is exactly that wins, over
        all pages. `then`: as they were then, None for now. One query; with a text up to three, on
        PostgreSQL twice as many.
        """
        parts = {} if text is None else self._parts(text)
        ask = partial(self._fleet, where, then=then, parts=parts)
        rows = ask("" if text is None else "part", after=after, limit=limit + 1)
        if text is not None and not after and len(rows) <= limit:
            # All that holds it is here.
            rows = [row for row in rows if row["is_exact"]] or rows
        elif text is not None:
            exact = ask("exact", after=after, limit=limit + 1)
            if exact or (after and ask("exact", after="", limit=1)):
                rows = exact
        page = tuple(map(values.fleet_row, rows[:limit]))
        return FleetPage(page, page[-1].did if len(rows) > limit else None)

    def _fleet(
        self,
        where: Where,
        kind: str,
        *,
        then: Then | None,
        parts: Mapping[str, str],
        after: str,
        limit: int,
    ) -> list[Row]:
        parameters = {**_parameters(where, then), **parts}
        parameters |= {"after": after, "limit": limit}
        rows: list[Row] = []
        for dids in self._dids_queries(where, kind, then):
            query = page_queries.fleet_query(dids, then=then is not None)
            rows = self._rows(query, **parameters)
            if len(rows) == limit:
                break
        return rows

    def _parts(self, text: str) -> dict[str, str]:
        number = None if as_e164(text) else self._by_country(text)
        if number is None or not self._rows(queries.CARRIERS, number=number):
            number = part_of_number(text)
        return {"text": text, "number": number or text}

    def _dids_queries(self, where: Where, kind: str, then: Then | None) -> list[str]:
        columns = _columns(where).items()
        equal = [page_queries.equal_to(name, empty=not value) for name, value in columns]
        return page_queries.dids_queries(
            seeks=self._seeks, then=then is not None, text=kind, equal=equal
        )

    def whole_fleet(self, then: Then | None = None) -> Iterator[FleetRow]:
        """Return the rows of all pages of the fleet."""
        after: str | None = ""
        while after is not None:
            page = self.fleet(then=then, after=after, limit=1000)
            yield from page.rows
            after = page.after

    def dids(self, where: Where, then: Then | None = None) -> frozenset[str]:
        """Return the DIDs that point there. One query."""
        query = self._dids_queries(where, "", then)[-1]
        rows = self._rows(query, **_parameters(where, then), after="", limit=_NO_LIMIT)
        return frozenset(row["did"] for row in rows)

    def late_at(self, moment: datetime) -> Mapping[str, LateAnswer]:
        """Return by DID the last look by then, where that came too late to begin a revision."""
        return read_late(self._rows, moment)

    def fleet_at(self, moment: datetime, changed_after: datetime | None = None) -> dict[str, int]:
        """Return by DID the highest revision first seen by `moment`.

        `changed_after`: only of DIDs with a revision that was first seen later than that.
        """
        after = values.micros(changed_after)
        rows = self._rows(queries.FLEET_AT, **values.as_of(moment), after=after)
        return {row["did"]: row["revision"] for row in rows}

    def unseen_at(self, moment: datetime, among: Collection[str] | None = None) -> frozenset[str]:
        """Return the DIDs, of all or `among` these, that were last seen before that `moment` as
        they stand for it."""
        given = None if among is None else pairs((did, 0) for did in among)
        rows = self._rows(queries.UNSEEN_AT, **values.as_of(moment), pairs=given)
        return frozenset(row["did"] for row in rows)

    def unchanged_since(self, moment: datetime) -> int:
        """Return how many DIDs have no revision that was first seen later than that."""
        rows = self._rows(queries.UNCHANGED_SINCE, after=values.micros(moment))
        return int(rows[0]["dids"]) if rows else 0

    def windows(self, rows: Sequence[FleetRow]) -> Mapping[str, Window]:
        """Return by DID the looks between which its `since` lies, and what the API said then of
        the last update; three queries for 1,000 of them."""
        return read_windows(self._rows, rows, self.revisions)

    def last_looks(self, dids: Iterable[str]) -> Mapping[str, LastLook]:
        """Return the last look at each DID that read it. Four queries at most."""
        return read_last_looks(self._rows, dids, seeks=self._seeks)

    def fleet_looks(self) -> Looks | None:
        """Return what the last looks at all DIDs were. Four queries at most."""
        return read_fleet_looks(self._rows, seeks=self._seeks)

    def search(self, text: str, limit: int = 20) -> SearchResult:
        """Return what holds `text`: DIDs as `fleet` finds them, numbers that a DID had once; and,
        upper and lower case alike, notes, reasons, people, tickets and tags. Eight queries,
        or more for a text beyond ASCII. What a page masks is not found by it, or it could be
        guessed letter by letter."""
        dids = self._shown_fleet(text, limit)
        numbers: list[Row] = []
        if part_of_number(text):
            numbers = self._rows(page_queries.NUMBERS, **self._parts(text), limit=limit + 1)
        texts: list[FoundText] = []
        more = [*["dids"] * (dids.after is not None), *["numbers"] * (len(numbers) > limit)]
        kind: TextKind
        for kind in ("note", "verdict", "evidence", "capture"):
            rows = self._texts(kind, text, limit + 1)
            texts += [values.found_text(kind, row) for row in rows[:limit]]
            more += [kind] * (len(rows) > limit)
        texts.sort(key=lambda found: found.at, reverse=True)
        return SearchResult(
            at=None,
            dids=dids.rows,
            after=dids.after,
            earlier=tuple(EarlierNumber(row["number"], row["did"]) for row in numbers[:limit]),
            texts=tuple(texts),
            more=tuple(more),
        )

    def _shown_fleet(self, text: str, limit: int) -> FleetPage:
        """Return the DIDs that hold `text` in what is shown of them."""
        number = self._parts(text)["number"]
        page = self.fleet(text=text, limit=limit)
        while True:
            rows = tuple(row for row in page.rows if values.shows(row, text, number))
            if rows or page.after is None:
                return page._replace(rows=rows)
            page = self.fleet(text=text, limit=limit, after=page.after)

    def _texts(self, kind: TextKind, text: str, limit: int) -> list[Row]:
        """Return the newest rows of that kind that hold `text`, upper and lower case alike.

        The databases agree on that for ASCII only: they choose by that part, and Python by all.
        """
        query = page_queries.TEXTS[kind]
        if text.isascii():
            rows = self._rows(query, text=text, limit=limit, offset=0)
            return [row for row in rows if not values.is_hidden(kind, row, text.casefold())]
        found: list[Row] = []
        for offset in count(0, _AT_ONCE):
            rows = self._rows(query, text=values.ascii_part(text), limit=_AT_ONCE, offset=offset)
            found += [row for row in rows if values.holds(kind, row, text.casefold())]
            if len(rows) < _AT_ONCE or len(found) >= limit:
                break
        return found[:limit]

    def changes_end(self, before: str) -> datetime:
        """Return from when on, backwards, the changes at `before` go on. Raises UsageError."""
        return cursor_moment(before)

    def application_names(self, changes: Iterable[Change]) -> dict[str, str]:
        """Return by id what people call the applications in `changes`. One query at most."""
        return application_names(self._rows, changes)

    def changes(
        self,
        *,
        before: str | None = None,
        limit: int = 20,
        most: int = 10_000,
        with_next: bool = True,
    ) -> ChangesPage:
        """Return the captures that found changes, newest change first, `limit` of them at most.

        `before`: the cursor of an earlier page. `most`: so many revisions are looked at; what of a
        single capture is more than that is not counted, and it says so. Three queries, and one for
        the cursor of the next page.
        """
        return read_changes(self._rows, before, limit, most, with_next=with_next)

    def newest(
        self, wanted: RevisionsWanted, *, before: RevisionKey | None = None, limit: int
    ) -> NewestPage:
        """Return the revisions of all DIDs that may be what is `wanted`, newest first.

        Each has still to be looked at: a page leaves out what cannot be meant. `before`: where an
        earlier page had looked to. One query.
        """
        return read_newest(self._rows, wanted, before, limit)

    def annotated(self, since: datetime | None, until: datetime | None) -> list[RevisionKey]:
        """Return the revisions noted, judged, heard or confirmed in that time. One query."""
        return read_annotated(self._rows, since, until)

    def revisions(self, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], RevisionAt]:
        """Return revisions by themselves by DID and number. Two queries, and one more for each
        16 MiB of bodies: whoever takes them one by one, in this order, holds no more."""
        return read_revisions(self._rows, wanted, self._read_body)

    def meant(
        self, selector: Selector, then: Then | None = None, *, previous: bool = False
    ) -> dict[str, RevisionMeant]:
        """Return by DID the revision that a selector means: as they were `then`. `previous`: see
        ``RevisionMeant``. One query."""
        at = _parameters(EVERYWHERE, then)
        return read_meant(self._rows, selector, at, previous=previous)

    def returned(self, ends: Iterable[tuple[str, int]]) -> frozenset[str]:
        """Return the DIDs with one routing at both revisions given of each, and another in
        between. One query."""
        return read_returned(self._rows, ends)


def _columns(where: Where) -> dict[str, object]:
    columns = zip(_COLUMNS, where, strict=True)
    return {name: value for name, value in columns if value is not None}


def _parameters(where: Where, then: Then | None) -> dict[str, object]:
    parameters = _columns(where)
    if then is not None:
        parameters |= {**values.as_of(then.moment), "capture": then.capture}
    return parameters
