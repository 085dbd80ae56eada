"""Answers from the log through the SQL views, over the bare database driver, never writing.

This is the path of the commands that must answer at 3 a.m.: it imports no library but the driver,
and it opens a SQLite file on a read-only or full disk too.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from changelog.model.did_ref import KnownDid, as_e164, as_number
from changelog.model.errors import BodyBroken, DatabaseError, OutOfTime
from changelog.model.selectors import Tag
from changelog.model.text.json_body import is_json_object
from changelog.model.text.times import from_micros
from changelog.store.db_errors import is_no_text
from changelog.store.location import MIRROR, SqliteLocation, translated
from changelog.store.reading import queries, values
from changelog.store.reading.drivers import ReadDeadline, names, open_driver
from changelog.store.reading.history import Histories, read_unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from changelog.model.answers import SnapshotSeen
    from changelog.model.history import History, Revision, RevisionAt
    from changelog.model.recording import KeyAt, Unfinished
    from changelog.model.results.annotations import TagsResult
    from changelog.model.results.base import DidError
    from changelog.model.results.status import LogStatus, WatchSummary
    from changelog.model.results.watch import AlertsResult, ChangeContext
    from changelog.store.location import Location
    from changelog.store.reading.drivers import Driver, Row
    from changelog.store.reading.pages import Pages


class LogReader:
    """Reads the log at `location`; where there is none yet, it holds nothing.

    A log of an older schema is read by its own views. `on_stale` hears of one that can be read only
    as of an earlier moment. Raises SchemaMismatch for a newer one. `deadline_s`: the reads that end
    later than that raise OutOfTime. `several_keys`: whether it matters which key read a DID last.
    """

    def __init__(
        self,
        location: Location,
        on_stale: Callable[[datetime], None] = lambda _: None,
        *,
        by_country: Callable[[str], str | None] = lambda _: None,
        driver: Driver | None = None,
        deadline_s: float | None = None,
        place: str | None = None,
        several_keys: bool = True,
    ) -> None:
        self._location = location
        self._place = place
        self._several_keys = several_keys
        self._by_country = by_country
        self._deadline = ReadDeadline(deadline_s)
        self._tags: dict[str, Tag] = {}
        self._first_seen: datetime | None = None
        self.broken: dict[tuple[str, int], BodyBroken] = {}
        """By DID and revision, each broken body that was met; what could do without it went on."""
        with translated(location):
            self._driver = driver or open_driver(location, on_stale, self._deadline)
            self.is_missing = location.is_missing

    @property
    def place(self) -> str:
        return self._place or str(self._location)

    @property
    def is_mirror(self) -> bool:
        """Return whether this is the copy that ``mirror`` keeps of another log."""
        is_file = isinstance(self._location, SqliteLocation)
        return is_file and any(row["user_version"] == MIRROR for row in self._rows(queries.VERSION))

    def close(self) -> None:
        self._driver.close()

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let all that is read inside be of one state of the log: for one answer, not for long."""
        with translated(self._location):
            self._driver.begin()
        try:
            yield
        finally:
            self._driver.end()

    @property
    def is_over(self) -> bool:
        """Return whether the deadline is over, for readers in a loop."""
        return self._deadline.is_over

    def extend_deadline(self) -> None:
        """Let what was found until then be shown."""
        self._deadline.extend()

    @property
    def pages(self) -> Pages:
        """Reads of the size of a page."""
        from changelog.store.reading.pages import Pages

        seeks = isinstance(self._location, SqliteLocation)
        return Pages(self._rows, self._read_body, self._by_country, seeks=seeks)

    # One DID

    @cached_property
    def _histories(self) -> Histories:
        return Histories(self._rows, self._read_body)

    def find(self, name: str) -> str | None:
        """Return the id of the DID that `name`, an id or a number, means; None if there is none.

        A number means the DID that has it, else the one that had it last.
        """
        if self._rows(queries.KNOWN, did=name):
            return name
        number = self._known_number(name)
        return self.carriers(number)[0].did if number else None

    def e164(self, name: str) -> str | None:
        """Return the E.164 number that `name` says, as the log has it or by its country's rules."""
        if number := self._known_number(name):
            return as_e164(number)
        return as_e164(name) or self._by_country(name)

    def _known_number(self, name: str) -> str | None:
        """Return the number of the log that `name` says, with or without its plus."""
        number = as_number(name)
        spellings = (number, f"+{number.removeprefix('+')}") if number else ()
        written = next(filter(self.carriers, dict.fromkeys(spellings)), None)
        by_country = None if written else self._by_country(name)
        return by_country if by_country and self.carriers(by_country) else written

    def names_from(self, beginning: str, limit: int) -> list[str]:
        """Return ids and numbers that begin so, in their order."""
        beyond = beginning[:-1] + chr(ord(beginning[-1]) + 1) if beginning else "\U0010ffff"
        rows = self._rows(queries.NAMES_FROM, first=beginning, beyond=beyond, limit=limit)
        return [row["name"] for row in rows]

    def first_seen(self) -> datetime | None:
        """Return when the first revision of the log was first seen."""
        if self._first_seen is None:
            # Where there is no log yet, a query has no row at all.
            micros = [row["at_us"] for row in self._rows(queries.FIRST_SEEN)]
            self._first_seen = from_micros(micros[0]) if micros and micros[0] is not None else None
        return self._first_seen

    def carriers(self, number: str) -> list[Revision]:
        """Return the last revision of every DID that had `number`; its owner's comes first."""
        return self._histories.carriers(number)

    def history(self, did: str) -> History:
        """Return all that the log holds of one DID; without revisions if it holds none."""
        return self._histories.history(did)

    def histories(self, revisions: Iterable[tuple[str, int]]) -> dict[str, History]:
        """Return the history of each DID of these revisions, with as many queries as for one."""
        return self._histories.histories(revisions)

    def _read_body(self, did: str, revision: int) -> str:
        """Return the verbatim body of a revision. Raises BodyBroken."""
        try:
            body = self._rows(queries.BODY, did=did, revision=revision)[0]["body"]
        except DatabaseError as error:
            if not is_no_text(error.__cause__):
                raise
            raise self._broken(did, revision) from error
        if not is_json_object(body):
            raise self._broken(did, revision)
        return str(body)

    def _broken(self, did: str, revision: int) -> BodyBroken:
        broken = BodyBroken(
            f"the body of {did} r{revision} was changed behind this program's back: it is no"
            " JSON object",
            "The other columns still say what it routed to: restore, log and list show that.",
            "broken_body",
        )
        self.broken[did, revision] = broken
        return broken

    def key_that_read(self, did: str) -> KeyAt | None:
        """Return the key that read the DID last, and where; None for one that was never read."""
        rows = self._rows(queries.READ_LAST, did=did)
        return (rows[0]["key"] or "", rows[0]["api_url"] or "") if rows else None

    def snapshots(
        self,
        did: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        capture: int | None = None,
        limit: int,
    ) -> list[tuple[str, SnapshotSeen]]:
        """Return (did, snapshot), newest first: of one DID or all, of one capture or all."""
        period = {"since": values.micros(since), "until": values.micros(until), "limit": limit}
        query = queries.ALL_SNAPSHOTS if did is None else queries.SNAPSHOTS
        rows = self._rows(query, did=did, capture=capture, **period)
        return [(row["did"], values.snapshot(row)) for row in rows]

    def answer_urls(self, applications: Iterable[str]) -> dict[str, tuple[str | None, datetime]]:
        """Return the ``answer_url`` of each as seen last, None where it was not listed any more,
        and the time of the look that found it so."""
        marks, given = names(applications)
        rows = self._rows(queries.ANSWER_URLS.replace(":names", marks), **given) if given else []
        return {
            row["application_id"]: (row["answer_url"], from_micros(row["seen_us"])) for row in rows
        }

    # The fleet

    def dids(
        self,
        *,
        after: str = "",
        limit: int,
        with_retired: bool = True,
        unanswered_in: int | None = None,
    ) -> list[KnownDid]:
        """Return a page of the DIDs in the log, by id, from the one behind `after` on.

        `unanswered_in`: only those that this capture has no answer for.
        """
        rows = self._rows(
            queries.DIDS,
            after=after,
            limit=limit,
            with_retired=int(with_retired),
            with_key=int(self._several_keys),
            unanswered_in=unanswered_in,
        )
        return [KnownDid(row["did"], row["number"], row["key"]) for row in rows]

    def key_of(self, did: str) -> str | None:
        """Return the name of the key that read the DID last, where that matters."""
        found = self._rows(queries.KEY_OF, did=did) if self._several_keys else []
        return found[0]["key"] if found else None

    def as_of(self, did: str, moment: datetime) -> int | None:
        """Return the DID's highest revision that had begun by `moment`."""
        rows = self._rows(queries.REVISION_AS_OF, did=did, **values.as_of(moment))
        return rows[0]["revision"] if rows else None

    def read_by(self, capture: int) -> dict[str, int]:
        """Return by DID the revision that `capture` read, the highest where it read several."""
        found: dict[str, int] = {}
        for row in self._rows(queries.READ_IN_CAPTURE, capture=capture):
            found[row["did"]] = max(row["revision"], found.get(row["did"], 0))
        return found

    def unread_by(self, capture: int, did: str | None = None) -> dict[str, DidError]:
        """Return by DID why `capture` could not read it, of one DID or of all.

        The last reason counts where it tried again, also if it read the DID at another time.
        """
        from changelog.model.results.base import DidError

        return {
            row["did"]: DidError(row["code"], row["message"], row["status"])
            for row in self._rows(queries.UNREAD_IN_CAPTURE, capture=capture, did=did)
        }

    def revision_at(self, did: str, revision: int) -> RevisionAt:
        """Return one revision by itself."""
        row = self._rows(queries.REVISION_AT, did=did, revision=revision)[0]
        return values.revision_at(row, partial(self._read_body, did, revision))

    def newest_numbers(self, did: str, limit: int) -> list[int]:
        """Return the numbers of the newest revisions of one DID."""
        rows = self._rows(queries.NEWEST_NUMBERS, did=did, limit=limit)
        return [row["revision"] for row in rows]

    # Captures

    def unfinished(self, selection: bytes | None) -> Unfinished | None:
        """Return the newest ``record`` that was interrupted, of that selection or of any."""
        return read_unfinished(self._rows, selection)

    def answered_in(self, capture: int, did: str) -> bool:
        """Return whether the capture has an answer for the DID: a body or a 404."""
        return bool(self._rows(queries.ANSWERED_IN, capture=capture, did=did))

    # Tags

    def tag(self, name: str) -> Tag | None:
        # A tag never moves: it is read once.
        if name not in self._tags:
            rows = self._rows(queries.TAG, name=name)
            unread = frozenset(row["unread"] for row in rows if row["unread"] is not None)
            for row in rows[:1]:
                at = from_micros(row["at_us"])
                self._tags[name] = Tag(row["name"], at, row["author"], row["capture"], unread)
        return self._tags.get(name)

    def tag_names(self) -> list[str]:
        return [row["name"] for row in self._rows(queries.TAG_NAMES)]

    def read_in(self, capture: int, did: str) -> int | None:
        rows = self._rows(queries.READ_ONE_IN_CAPTURE, capture=capture, did=did)
        return rows[0]["revision"] if rows else None

    def watches(self) -> list[WatchSummary]:
        """Return every watch that has begun, by its id."""
        return [values.watch_summary(row) for row in self._rows(queries.WATCHES)]

    def change_context(self, did: str, capture: int, at: datetime) -> ChangeContext | None:
        """Return what a change of the DID falls into that `capture` found, first seen `at`."""
        from changelog.store.reading.changes import read_context

        return read_context(self._rows, did, capture, at)

    def newest_entry_at(self) -> datetime | None:
        """Return when the newest entry was written: what the log says is no older than that."""
        rows = self._rows(queries.NEWEST_ENTRY)
        return from_micros(rows[0]["at"]) if rows else None

    def tag_list(self) -> TagsResult:
        """Return the newest tags."""
        from changelog.store.reading.status import read_tags

        return read_tags(self._rows)

    def alert_list(self, before: int | None) -> AlertsResult:
        """Return the newest alerts whose id is lower than `before`."""
        from changelog.store.reading.status import read_alerts

        return read_alerts(self._rows, before)

    def status(self, since: datetime) -> LogStatus:
        """Return the log at a glance, with what happened from `since` on."""
        from changelog.store.reading.status import read_status

        return read_status(self._rows, since)

    def _rows(self, query: str, **parameters: Any) -> list[Row]:
        if self._deadline.is_over:
            raise OutOfTime
        with translated(self._location):
            return self._driver.rows(query, parameters, self._deadline)
