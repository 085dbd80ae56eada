"""All that the log holds of one DID, with as many queries for a long history as for a short one.

Bodies and captures are read when one is asked for, together with those of the revisions before it.
A capture that was interrupted is read here too.
"""

from __future__ import annotations

import zlib
from functools import cache, partial
from typing import TYPE_CHECKING

from changelog.model.errors import DatabaseError
from changelog.model.history import (
    NOWHERE,
    CaptureInfo,
    Confirmation,
    Evidence,
    History,
    LateAnswer,
    Note,
    Revision,
    Stored,
    Verdict,
)
from changelog.model.routing import Routing
from changelog.model.text.json_body import is_json_object, parse_json, storable_text
from changelog.model.text.times import Gap, from_micros, to_micros
from changelog.store.db_errors import is_no_text
from changelog.store.reading import queries
from changelog.store.reading.destinations import DESTINATIONS_READ
from changelog.store.reading.drivers import names, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.model.recording import Selection, Unfinished
    from changelog.store.reading.drivers import Query, Row

_BEFORE, _AFTER = 15, 4
"""So many bodies and captures of one DID are read with one that is asked for: a page of the history
and some more, since a card tells of neighbours."""
_MOST_HELD = 64

_Key = tuple[str, int]
"""A DID and the number of one of its revisions."""


class Histories:
    """Reads histories through `rows`. `read_body`: one body by itself; raises BodyBroken."""

    def __init__(self, rows: Query, read_body: Callable[[str, int], str]) -> None:
        self._rows = rows
        self._read_body = read_body
        self._captures: dict[int, CaptureInfo] = {}
        self._details: dict[_Key, Row] = {}
        self._together: dict[_Key, Sequence[_Key]] = {}

    def history(self, did: str) -> History:
        """Return all that the log holds of one DID; without revisions if it holds none."""
        return self._histories([did])[did]

    def histories(self, revisions: Iterable[_Key]) -> dict[str, History]:
        """Return the history of each DID of these revisions, with three queries for all of them.

        The bodies and captures of the revisions, and of those before them, are read with the first
        that is asked for.
        """
        keys = list(revisions)
        together = [(did, n) for did, number in keys for n in (number - 1, number) if n]
        self._together.update(dict.fromkeys(together, together))
        return self._histories(dict.fromkeys(did for did, _ in keys))

    def _histories(self, dids: Iterable[str]) -> dict[str, History]:
        marks, given = names(dids)
        current = self._by_did(queries.CURRENT, marks, **given)
        annotations = self._by_did(queries.ANNOTATIONS, marks, **given) if current else {}
        revisions = self._by_did(queries.REVISIONS, marks, **given) if current else {}

        @cache
        def read_us() -> dict[_Key, int | None]:
            rows = self._rows(DESTINATIONS_READ.replace(":dids", marks), **given)
            return {(row["did"], row["revision"]): row["read_us"] for row in rows}

        return {
            did: self._history(
                current[did],
                annotations.get(did, ()),
                revisions.get(did, ()),
                partial(_destination_read, read_us),
            )
            if did in current
            else History(did=did)
            for did in given.values()
        }

    def _by_did(self, query: str, marks: str, **parameters: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._rows(query.replace(":dids", marks), **parameters):
            found.setdefault(row["did"], []).append(row)
        return found

    def _history(
        self,
        current: Sequence[Row],
        annotations: Iterable[Row],
        revisions: Iterable[Row],
        find_destination_read: Callable[[Revision, Revision], datetime | None],
    ) -> History:
        by_kind: dict[str, list[Row]] = {}
        for row in annotations:
            by_kind.setdefault(row["kind"], []).append(row)
        tags: dict[int, tuple[str, ...]] = {}
        for row in by_kind.get("tag", ()):
            tags[row["revision"]] = (*tags.get(row["revision"], ()), row["name"])
        hidden = current[0]["hidden_us"]
        own = tuple(map(self._revision, revisions))
        late = [row for row in current if row["late_us"] is not None]
        gaps = [*map(_absence, by_kind.get("absence", ())), *_seen_otherwise(own, late)]
        return History(
            did=current[0]["did"],
            revisions=own,
            verdicts=tuple(map(_verdict, by_kind.get("verdict", ()))),
            confirmations=tuple(map(_confirmation, by_kind.get("confirmation", ()))),
            evidence=tuple(map(_evidence, by_kind.get("evidence", ()))),
            notes=tuple(map(_note, by_kind.get("note", ()))),
            tags=tags,
            late=tuple(map(late_answer, late)),
            hidden_since=None if hidden is None else from_micros(hidden),
            key=current[0]["key"],
            newest_status=current[0]["newest_status"],
            newest_key=current[0]["newest_key"],
            newest_at=from_micros(current[0]["newest_us"]),
            find_destination_read=find_destination_read,
            gaps=tuple(sorted(gaps, key=lambda gap: gap.at)),
        )

    def carriers(self, number: str) -> list[Revision]:
        """Return the last revision of every DID that was seen with `number`: see ``LogReader``."""
        carriers = list(map(self._revision, self._rows(queries.CARRIERS, number=number)))
        carriers.sort(key=lambda last: last.did)
        carriers.sort(key=lambda last: last.last_seen_at, reverse=True)
        carriers.sort(key=lambda last: last.number != number)
        return carriers

    def _revision(self, row: Row) -> Revision:
        did, revision = row["did"], row["revision"]
        return Revision(
            did=did,
            revision=revision,
            routing=routing_of(row),
            routing_number=row["routing"],
            number=row["number"],
            status=row["status"],
            application_name=row["application_name"],
            read_body=partial(self._body, did, revision),
            first_seen_at=from_micros(row["first_seen_us"]),
            last_seen_at=from_micros(row["last_seen_us"]),
            snapshots=row["snapshots"],
            destination_source=row["destination_source"],
            capture_number=row["capture"],
            find_capture=partial(self._capture, did, revision),
        )

    def _body(self, did: str, revision: int) -> str:
        body = self._detail(did, revision)["body"]
        return body if body and is_json_object(body) else self._read_body(did, revision)

    def _capture(self, did: str, revision: int, number: int) -> CaptureInfo:
        if number not in self._captures:
            self._captures[number] = capture_info(self._detail(did, revision))
        return self._captures[number]

    def _detail(self, did: str, revision: int) -> Row:
        key = did, revision
        if key in self._details:
            return self._details[key]
        if len(self._details) >= _MOST_HELD:
            self._details.clear()
        near = range(max(1, revision - _BEFORE), revision + _AFTER + 1)
        wanted = self._together.get(key) or [(did, n) for n in near]
        given = pairs(wanted)
        try:
            rows = self._rows(queries.DETAILS, pairs=given)
        except DatabaseError as error:
            if not is_no_text(error.__cause__):
                raise
            # One of them is no text any more: then each is read by itself.
            rows = self._rows(queries.DETAILS.replace("r.body", "NULL AS body"), pairs=given)
        self._details.update(((row["did"], row["revision"]), row) for row in rows)
        return self._details[key]


def routing_of(row: Row) -> Routing:
    return Routing(row["application_id"], row["route_mode"], row["destination"])


def _destination_read(
    read_us: Callable[[], Mapping[_Key, int | None]], first: Revision, last: Revision
) -> datetime | None:
    until = to_micros(last.last_seen_at)
    numbers = range(first.revision, last.revision + 1)
    looks = [read_us().get((last.did, number)) for number in numbers]
    newest = max((look for look in looks if look is not None and look <= until), default=None)
    return None if newest is None else from_micros(newest)


def capture_info(row: Row, tag: str | None = None) -> CaptureInfo:
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
        row["result"],
        row["text"],
        row["author"],
        from_micros(row["at_us"]),
        _stored(row),
    )


def _confirmation(row: Row) -> Confirmation:
    return Confirmation(
        row["revision"],
        row["returned"],
        row["routing"],
        from_micros(row["at_us"]),
        _stored(row),
    )


def _evidence(row: Row) -> Evidence:
    return Evidence(
        row["name"],
        row["event"],
        from_micros(row["at_us"]),
        row["revision"],
        row["routing"],
        row["result"],
        row["text"],
        _stored(row),
    )


def _stored(row: Row) -> Stored:
    # A row that was changed behind this program's back may name an entry that is not there.
    if row["stored_us"] is None:
        return NOWHERE
    return Stored(row["entry"], from_micros(row["stored_us"]))


def _absence(row: Row) -> Gap:
    before, at, after = map(from_micros, (row["routing"], row["at_us"], row["returned"]))
    return Gap(before, at, after)


def _seen_otherwise(revisions: Sequence[Revision], late: Iterable[Row]) -> Iterator[Gap]:
    """Yield the times in which a late answer had another routing than what was in force.

    Its body does not show the destination of an application.
    """
    for row in late:
        answer = late_answer(row)
        before = [other for other in revisions if other.first_seen_at <= answer.at]
        is_other = bool(before) and before[-1].routing.fields != answer.routing.fields
        if is_other and row["late_after_us"] is not None:
            around = from_micros(row["late_before_us"]), from_micros(row["late_after_us"])
            yield Gap(around[0], answer.at, around[1], answer.routing)


def _note(row: Row) -> Note:
    return Note(row["revision"], from_micros(row["at_us"]), row["author"], row["text"])


def late_answer(row: Row) -> LateAnswer:
    """Return a readable answer that came too late, from its time and its body."""
    fields = parse_json(bytes(row["late_body"]).decode())
    return LateAnswer(
        from_micros(row["late_us"]),
        Routing(
            storable_text(fields.get("application_id")), storable_text(fields.get("route_mode"))
        ),
    )


def read_unfinished(rows: Query, selection: bytes | None) -> Unfinished | None:
    """Return the newest ``record`` that was interrupted, of that selection's digest or of any."""
    from changelog.model.recording import Unfinished

    unfinished = rows(
        queries.UNFINISHED,
        any_selection=int(selection is None),
        selection=selection or b"",
    )
    if not unfinished:
        return None
    row = unfinished[0]
    tagged = rows(queries.TAG_OF_CAPTURE, capture=row["id"])
    info = capture_info(row, tag=tagged[0]["name"] if tagged else None)
    has_read = bool(tagged or rows(queries.HAS_READ, capture=row["id"]))
    return Unfinished(info, row["key"], _selection(rows, row["selection"]), has_read)


def _selection(rows: Query, digest: bytes) -> Selection:
    from changelog.model.recording import Selection

    row = rows(queries.SELECTION, digest=bytes(digest))[0]
    names = parse_json(zlib.decompress(bytes(row["names"])).decode()) if row["names"] else ()
    return Selection(bool(row["every"]), tuple(names))
