"""Answers from the log through the SQL views, over the bare database driver, never writing.

This is the path of the commands that must answer at 3 a.m.: it imports no library but the driver,
and it opens a SQLite file on a read-only or full disk too.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from changelog.model.did_ref import KnownDid, as_number
from changelog.model.errors import BodyBroken
from changelog.model.history import (
    CaptureInfo,
    Confirmation,
    Evidence,
    History,
    LateAnswer,
    Note,
    Revision,
    Tag,
    Verdict,
)
from changelog.model.routing import Routing
from changelog.model.text.json_body import parse_json, storable_text
from changelog.model.text.times import from_micros, to_micros
from changelog.store import queries
from changelog.store.db_errors import translated
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.packing import BrokenBody, PackedWith, unpack_body
from changelog.store.sqlite_file import open_read_only
from changelog.store.versions import (
    HEAD,
    SHARED_TABLES,
    judge_shared,
    not_upgraded,
    recognised,
    sqlite_version,
)

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Protocol

    from changelog.model.answers import SnapshotSeen
    from changelog.model.recording import Selection, Shard, Unfinished
    from changelog.model.results.base import DidError
    from changelog.model.results.fleet import FleetRow, RevisionAt


Row = Mapping[str, Any]
LOCK_PATIENCE_S = 5.0
"""How long a reader waits for whoever keeps everybody out; sqlite3's own default."""

if TYPE_CHECKING:

    class Driver(Protocol):
        """What is asked of sqlite3 and psycopg alike."""

        def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]: ...
        def close(self) -> None: ...


class LogReader:
    """Reads the log at `location`; where there is none yet, it holds nothing.

    `connection`: an open copy of it. Raises SchemaMismatch for a schema that is not this program's.
    """

    def __init__(self, location: Location, connection: sqlite3.Connection | None = None) -> None:
        self._location = location
        self._captures: dict[int, CaptureInfo] = {}
        self.broken: dict[tuple[str, int], BodyBroken] = {}
        """By DID and revision, each broken body that was met; what could do without it went on."""
        with translated(location):
            self._driver = _driver(location, connection)

    @property
    def place(self) -> str:
        return str(self._location)

    def close(self) -> None:
        self._driver.close()

    # One DID

    def find(self, name: str) -> str | None:
        """The id of the DID that `name`, an id or a number, means; None if the log knows none.

        A number means the DID that has it, else the one that had it last.
        """
        if self._rows(queries.KNOWN, did=name):
            return name
        number = as_number(name)
        if number is None:
            return None
        for spelling in dict.fromkeys((number, f"+{number.removeprefix('+')}")):
            if carriers := self.carriers(spelling):
                return carriers[0]
        return None

    def carriers(self, number: str) -> list[str]:
        """Every DID that was seen with `number`: who has it first, then who had it last."""
        found = self._rows(queries.BY_NUMBER, number=number)
        found.sort(key=lambda row: (row["number"] != number, -row["last_seen_us"], row["did"]))
        return [row["did"] for row in found]

    def history(self, did: str) -> History:
        """All that the log holds of one DID; without revisions if it holds none."""
        current = self._rows(queries.CURRENT, did=did)
        tags: dict[int, tuple[str, ...]] = {}
        for row in self._rows(queries.TAGS_OF, did=did):
            tags[row["revision"]] = (*tags.get(row["revision"], ()), row["name"])
        hidden = current[0]["hidden_us"] if current else None
        return History(
            did=did,
            revisions=self._revisions(did),
            verdicts=tuple(map(_verdict, self._rows(queries.VERDICTS, did=did))),
            confirmations=tuple(map(_confirmation, self._rows(queries.CONFIRMATIONS, did=did))),
            evidence=tuple(map(_evidence, self._rows(queries.EVIDENCE, did=did))),
            notes=tuple(map(_note, self._rows(queries.NOTES, did=did))),
            tags=tags,
            late=tuple(map(_late, self._rows(queries.LATE, did=did))),
            hidden_since=None if hidden is None else from_micros(hidden),
        )

    def _revisions(self, did: str) -> tuple[Revision, ...]:
        seen = {row["revision"]: row for row in self._rows(queries.SEEN, did=did)}
        return tuple(
            _revision(row, seen[row["revision"]], partial(self._read_body, row), self._capture)
            for row in self._rows(queries.REVISIONS, did=did)
        )

    def _read_body(self, row: Row) -> str:
        found = self._rows(queries.REVISION_AT, did=row["did"], revision=row["revision"])
        return self._unpacked(found[0])

    def _capture(self, number: int) -> CaptureInfo:
        if number not in self._captures:
            self._captures[number] = _capture(self._rows(queries.CAPTURE, capture=number)[0])
        return self._captures[number]

    def key_had_read(self, did: str, key: str) -> bool:
        """Whether the key of that name has read the DID: then a 404 of its says something."""
        return bool(self._rows(queries.KEY_HAD_READ, did=did, key=key))

    def snapshots(
        self,
        did: str | None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> list[tuple[str, SnapshotSeen]]:
        """(did, snapshot), newest first; of all DIDs where `did` is None."""
        period = {"since": _micros(since), "until": _micros(until), "limit": limit}
        rows = (
            self._rows(queries.ALL_SNAPSHOTS, **period)
            if did is None
            else self._rows(queries.SNAPSHOTS, did=did, **period)
        )
        return [(row["did"], _snapshot(row)) for row in rows]

    def answer_url(self, application_id: str) -> tuple[str | None, datetime] | None:
        """The application's ``answer_url`` as seen last, and since when."""
        found = self._rows(queries.ANSWER_URL, application=application_id)
        return (found[0]["answer_url"], from_micros(found[0]["seen_us"])) if found else None

    # The fleet

    def dids(
        self,
        *,
        after: str = "",
        limit: int,
        with_retired: bool = True,
        with_key: bool = False,
        unanswered_in: int | None = None,
    ) -> list[KnownDid]:
        """A page of the DIDs in the log, by id, from the one behind `after` on.

        `with_key`: with the name of the key that read each last. `unanswered_in`: only those that
        this capture has no answer for.
        """
        rows = self._rows(
            queries.DIDS,
            after=after,
            limit=limit,
            with_retired=int(with_retired),
            with_key=int(with_key),
            unanswered_in=unanswered_in,
        )
        return [KnownDid(row["did"], row["number"], row["key"]) for row in rows]

    def key_of(self, did: str) -> str | None:
        """The name of the key that read the DID last."""
        found = self._rows(queries.KEY_OF, did=did)
        return found[0]["key"] if found else None

    def fleet(
        self, application: str | None, route_mode: str | None, status: str | None
    ) -> list[FleetRow]:
        """Who points where now."""
        rows = self._rows(
            queries.FLEET, application=application, route_mode=route_mode, status=status
        )
        return [_fleet_row(row) for row in rows]

    def fleet_then(self, moment: datetime) -> list[FleetRow]:
        """Who pointed where at `moment`; since when is the revision's own first time."""
        rows = self._rows(queries.FLEET_THEN, at=to_micros(moment))
        return [_fleet_row(row) for row in rows]

    def fleet_at(self, moment: datetime) -> dict[str, int]:
        """By DID, the highest revision first seen by `moment`."""
        rows = self._rows(queries.FLEET_AT, at=to_micros(moment))
        return {row["did"]: row["revision"] for row in rows}

    def read_by(self, capture: int) -> dict[str, int]:
        """By DID, the revision that `capture` read, the highest where it read several."""
        found: dict[str, int] = {}
        for row in self._rows(queries.READ_IN_CAPTURE, capture=capture):
            found[row["did"]] = max(row["revision"], found.get(row["did"], 0))
        return found

    def unread_by(self, capture: int, did: str | None = None) -> dict[str, DidError]:
        """By DID, why `capture` could not read it, the last reason where it tried again; what it
        read at another time too. Of one DID or of all."""
        from changelog.model.results.base import DidError

        return {
            row["did"]: DidError(row["code"], row["message"], row["status"])
            for row in self._rows(queries.UNREAD_IN_CAPTURE, capture=capture, did=did)
        }

    def revision_at(self, did: str, revision: int) -> RevisionAt:
        """One revision by itself."""
        row = self._rows(queries.REVISION_AT, did=did, revision=revision)[0]
        try:
            return _revision_at(row, self._unpacked(row))
        except BodyBroken:
            return _revision_at(row, None)

    def newest(
        self,
        *,
        did: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
        offset: int = 0,
    ) -> list[tuple[str, int]]:
        """(did, revision), newest first."""
        page = {
            "since": _micros(since),
            "until": _micros(until),
            "limit": limit,
            "offset": offset,
        }
        rows = (
            self._rows(queries.NEWEST, **page)
            if did is None
            else self._rows(queries.NEWEST_OF, did=did, **page)
        )
        return [(row["did"], row["revision"]) for row in rows]

    # Captures

    def unfinished(self, selection: bytes | None, shard: Shard | None = None) -> Unfinished | None:
        """The newest ``record`` that was interrupted, of that selection's digest or of any; then
        of that `shard`, where one is named."""
        from changelog.model.recording import Unfinished

        found = self._rows(
            queries.UNFINISHED,
            any_selection=int(selection is None),
            selection=selection or b"",
            shard=str(shard) if shard else None,
        )
        if not found:
            return None
        row = found[0]
        tagged = self._rows(queries.TAG_OF_CAPTURE, capture=row["id"])
        info = _capture(row, tag=tagged[0]["name"] if tagged else None)
        has_read = bool(tagged or self._rows(queries.HAS_READ, capture=row["id"]))
        return Unfinished(info, row["key"], self._selection(row["selection"]), has_read)

    def _selection(self, digest: bytes) -> Selection:
        from changelog.model.recording import Selection, Shard

        row = self._rows(queries.SELECTION, digest=bytes(digest))[0]
        names = parse_json(zlib.decompress(bytes(row["names"])).decode()) if row["names"] else ()
        shard = Shard(*map(int, row["shard"].split("/"))) if row["shard"] else None
        return Selection(bool(row["every"]), tuple(names), shard)

    def answered_in(self, capture: int, did: str) -> bool:
        """Whether the capture has an answer for the DID: a body or a 404."""
        return bool(self._rows(queries.ANSWERED_IN, capture=capture, did=did))

    # Tags

    def tag(self, name: str) -> Tag | None:
        found = self._rows(queries.TAG, name=name)
        if not found:
            return None
        row = found[0]
        return Tag(row["name"], from_micros(row["at_us"]), row["author"], row["capture"])

    def tag_names(self) -> list[str]:
        return [row["name"] for row in self._rows(queries.TAG_NAMES)]

    def read_in(self, capture: int, did: str) -> int | None:
        rows = self._rows(queries.READ_ONE_IN_CAPTURE, capture=capture, did=did)
        return rows[0]["revision"] if rows else None

    def _unpacked(self, row: Row) -> str:
        """The body of a revision, unpacked. Raises BodyBroken."""
        packed_with = PackedWith(
            row["did"],
            row["number"],
            row["application_id"],
            row["route_mode"],
            row["destination"],
            row["status"],
        )
        try:
            return unpack_body(bytes(row["body"]), packed_with)
        except BrokenBody as error:
            broken = BodyBroken(
                f"the body of {row['did']} r{row['revision']} was changed behind this program's"
                f" back: {error}",
                "The other columns still say what it routed to: changelog restore, log and list.",
                "broken_body",
            )
            self.broken[row["did"], row["revision"]] = broken
            raise broken from error

    def _rows(self, query: str, **parameters: Any) -> list[Row]:
        with translated(self._location):
            return self._driver.rows(query, parameters)


def _driver(location: Location, connection: sqlite3.Connection | None) -> Driver:
    if isinstance(location, PostgresLocation):
        return _PostgresDriver(location)
    if connection is None and not location.exists:
        return _NoDriver()
    return _SqliteDriver(location, connection)


class _NoDriver:
    """A database that is not there yet: it answers everything with nothing."""

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:  # noqa: ARG002 -- the interface
        return []

    def close(self) -> None:
        pass


class _SqliteDriver:
    def __init__(self, location: SqliteLocation, connection: sqlite3.Connection | None) -> None:
        self._connection = connection or open_read_only(location)
        self._connection.row_factory = sqlite3.Row
        try:
            found = sqlite_version(self._connection, location)
            if found not in (None, HEAD):
                raise not_upgraded(location, found)
        except Exception:
            self.close()
            raise
        self._is_empty = found is None

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        if self._is_empty:
            return []
        return cast("list[Row]", self._connection.execute(query, parameters).fetchall())

    def close(self) -> None:
        self._connection.close()


class _PostgresDriver:
    def __init__(self, location: PostgresLocation) -> None:
        from changelog.store.postgres import connect_for_queries

        self._connection = connect_for_queries(location)
        try:
            judge_shared(location, self._version(location))
        except Exception:
            self.close()
            raise

    def _version(self, location: PostgresLocation) -> str | None:
        """Read from a view, since a reader may have no right to any table."""
        from psycopg import errors

        try:
            found = self._execute("SELECT version_num FROM schema_version")
        except (errors.UndefinedTable, errors.UndefinedColumn):
            tables = self._execute(SHARED_TABLES)
            return recognised(location, [row["relname"] for row in tables], None)
        return found[0]["version_num"] if found else None

    def rows(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        text = re.sub(r":(\w+)", r"%(\1)s", query.replace("%", "%%"))
        return self._execute(text, parameters)

    def _execute(self, text: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Run `text` in a transaction of its own: what one message holds is one."""
        timeout = f"SET LOCAL lock_timeout = {int(LOCK_PATIENCE_S * 1000)}"
        before = f"SET TRANSACTION READ ONLY; {timeout}; "
        cursor = self._connection.execute(cast("Any", before + text), parameters)
        while cursor.nextset():
            pass
        return cast("list[Row]", cursor.fetchall())

    def close(self) -> None:
        self._connection.close()


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _routing(row: Row) -> Routing:
    return Routing(row["application_id"], row["route_mode"], row["destination"])


def _revision(
    row: Row, seen: Row, read_body: Callable[[], str], find_capture: Callable[[int], CaptureInfo]
) -> Revision:
    return Revision(
        did=row["did"],
        revision=row["revision"],
        routing=_routing(row),
        routing_number=row["routing"],
        number=row["number"],
        status=row["status"],
        read_body=read_body,
        first_seen_at=from_micros(row["first_seen_us"]),
        last_seen_at=from_micros(seen["last_seen_us"]),
        snapshots=seen["snapshots"],
        destination_source=row["destination_source"],
        capture_number=row["capture"],
        find_capture=find_capture,
    )


def _capture(row: Row, tag: str | None = None) -> CaptureInfo:
    return CaptureInfo(
        id=row["id"],
        command=row["command"],
        started_at=from_micros(row["started_us"]),
        recorded_by=row["recorded_by"],
        changed_by=row["changed_by"],
        note=row["note"],
        ticket=row["ticket"],
        tag=tag,
        api_url=row["api_url"],
    )


def _verdict(row: Row) -> Verdict:
    return Verdict(
        row["revision"],
        row["routing"],
        row["verdict"],
        row["reason"],
        row["author"],
        from_micros(row["at_us"]),
    )


def _confirmation(row: Row) -> Confirmation:
    return Confirmation(row["revision"], row["returned"], row["routing"], from_micros(row["at_us"]))


def _evidence(row: Row) -> Evidence:
    return Evidence(
        row["call"],
        row["event"],
        from_micros(row["at_us"]),
        row["revision"],
        row["routing"],
        row["result"],
        row["reason"],
    )


def _note(row: Row) -> Note:
    return Note(row["revision"], from_micros(row["at_us"]), row["author"], row["text"])


def _late(row: Row) -> LateAnswer:
    fields = parse_json(bytes(row["body"]).decode())
    return LateAnswer(
        from_micros(row["received_us"]),
        Routing(
            storable_text(fields.get("application_id")), storable_text(fields.get("route_mode"))
        ),
    )


# Values of which a restore has no need are imported where they are made: each costs its time.


def _snapshot(row: Row) -> SnapshotSeen:
    from changelog.model.answers import Problem, SnapshotSeen

    problem = None
    if row["code"] is not None:
        problem = Problem(row["code"], row["message"], row["status"])
    return SnapshotSeen(from_micros(row["received_us"]), row["capture"], row["revision"], problem)


def _fleet_row(row: Row) -> FleetRow:
    from changelog.model.results.fleet import FleetRow

    return FleetRow(
        did=row["did"],
        number=row["number"],
        revision=row["revision"],
        routing=_routing(row),
        status=row["status"],
        since=from_micros(row["since_us"]),
        last_seen_at=from_micros(row["last_seen_us"]),
        visible=row["hidden_us"] is None,
        retired=bool(row["retired"]),
    )


def _revision_at(row: Row, body: str | None) -> RevisionAt:
    from changelog.model.results.fleet import RevisionAt

    return RevisionAt(
        did=row["did"],
        number=row["number"],
        revision=row["revision"],
        routing=_routing(row),
        routing_number=row["routing"],
        destination_source=row["destination_source"],
        status=row["status"],
        body=body,
        first_seen_at=from_micros(row["first_seen_us"]),
    )
