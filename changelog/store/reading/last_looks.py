"""The last look at each DID that read it, and what was seen of it since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.model.results.base import LastLook, Looks
from changelog.model.text.times import Window, from_micros, to_micros
from changelog.store.reading import values
from changelog.store.reading.destinations import (
    APPLICATIONS_READ,
    APPLICATIONS_READ_LAST,
    SHOWS_DESTINATION,
    destination_read,
)
from changelog.store.reading.drivers import PAIRS, pairs
from changelog.store.reading.history import late_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from changelog.model.history import LateAnswer, RevisionAt
    from changelog.model.results.history import FleetRow
    from changelog.store.reading.drivers import Query, Row

_BY_CAPTURE = 2
"""Instead of whether a look read the destination: its capture decides."""
_AT_ONCE = 1_000
"""Rows that are read with one query."""
_END = 9_223_372_036_854_775_807

# The newest readable snapshot: PostgreSQL would join all snapshots before it looked for it.
_NEWEST = """
    SELECT * FROM snapshot_log l WHERE l.did = w.did AND l.revision IS NOT NULL
    ORDER BY l.received_us DESC LIMIT 1
"""
_JOINED = {
    True: f"""CROSS JOIN snapshot_log s
              JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
              WHERE s.did = w.did
                AND s.received_us = ({_NEWEST.replace("*", "l.received_us")})""",
    False: f"""CROSS JOIN LATERAL ({_NEWEST}) s
               JOIN revision_log b ON b.did = s.did AND b.revision = s.revision""",
}
# An answer that came late says nothing of what can be read since.
_LAST_LOOKS = f"""
    WITH wanted (did, number) AS ({PAIRS})
    SELECT w.did, s.received_us, s.capture, b.application_id, {destination_read(str(_BY_CAPTURE))},
           CASE WHEN b.destination_source = 'fetched' THEN 1 ELSE 0 END AS is_fetched,
           CASE WHEN b.destination IS NULL THEN 0 ELSE 1 END AS is_known,
           (SELECT u.received_us FROM snapshot_log u
            WHERE u.did = w.did AND u.received_us > s.received_us
              AND NOT (u.code = 'late' AND u.status IS NULL)
            ORDER BY u.received_us LIMIT 1) AS unreadable_us
    FROM {{dids}} w {{joined}}
"""
_LATE = """
    SELECT s.did, s.received_us AS late_us, s.body AS late_body FROM snapshot_log s
    WHERE s.code = 'late' AND s.status IS NULL AND s.received_us <= :at
      AND NOT EXISTS (SELECT 1 FROM snapshot_log b
                      WHERE b.did = s.did AND b.revision IS NOT NULL
                        AND b.received_us > s.received_us AND b.received_us <= :at)
    ORDER BY s.received_us
"""
# The newest look of the current stay, by a moment, that shows the destination.
_LAST_SHOWN = f"""
    WITH wanted (did, number) AS ({PAIRS})
    SELECT w.did,
           (SELECT s.received_us
            FROM snapshot_log s JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
            WHERE s.did = w.did AND s.received_us >= c.since_us AND s.received_us <= w.number
              AND {SHOWS_DESTINATION}
            ORDER BY s.received_us DESC LIMIT 1) AS shown_us
    FROM wanted w CROSS JOIN current_routing c WHERE c.did = w.did
"""
# The newest readable look before the time in which a stay began that shows another routing. Without
# a destination it may have been the same. Where application and mode are those of `r`, only a look
# that shows the destination does.
WINDOWS = f"""
    WITH wanted (did, since_us) AS ({PAIRS})
    SELECT r.did, r.revision,
           (SELECT s.received_us
            FROM snapshot_log s JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
            WHERE s.did = r.did AND s.received_us < r.first_seen_us
              AND (b.routing = r.routing
                   OR coalesce(b.application_id, '') <> coalesce(r.application_id, '')
                   OR coalesce(b.route_mode, '') <> coalesce(r.route_mode, '')
                   OR {SHOWS_DESTINATION})
            ORDER BY s.received_us DESC LIMIT 1) AS before_us
    FROM wanted w CROSS JOIN revision_log r
    WHERE r.did = w.did AND r.first_seen_us = w.since_us
"""


def read_last_looks(rows: Query, dids: Iterable[str], *, seeks: bool) -> dict[str, LastLook]:
    """Return by DID its last look. Four queries at most. `seeks`: as in ``Pages``."""
    wanted = list(dids)
    if not wanted:
        return {}
    query = _LAST_LOOKS.format(dids="wanted", joined=_JOINED[seeks])
    given = pairs((did, 0) for did in wanted)
    found = {row["did"]: row for row in rows(query, pairs=given)}
    # In the order asked for: on PostgreSQL the rows have none.
    ordered = [found[did] for did in wanted if did in found]
    return _last_looks(rows, ordered, _applications_read(rows, ordered))


def read_fleet_looks(rows: Query, *, seeks: bool) -> Looks | None:
    """Return what the last looks at all DIDs of the log were; None for a log without any.

    Of most there is nothing to say but when they were. Four queries at most.
    """
    query = _LAST_LOOKS.format(dids="did_log", joined=_JOINED[seeks])
    found = rows(query, pairs=pairs(()))
    if not found:
        return None
    read = _applications_read(rows, found)
    notable = [
        row
        for row in found
        if row["unreadable_us"] or _shows(row, read) is False or _is_stated(row, read)
    ]
    moments = [row["received_us"] for row in found]
    notable.sort(key=lambda row: str(row["did"]))
    looks = Looks.of(_last_looks(rows, notable, read))
    first, last = from_micros(min(moments)), from_micros(max(moments))
    return looks._replace(first_at=first, last_at=last) if looks else Looks(first, last)


def _last_looks(
    rows: Query, found: Sequence[Row], read: set[tuple[str, int]]
) -> dict[str, LastLook]:
    """`read`: see ``_applications_read``."""
    shows = {row["did"]: _shows(row, read) for row in found}
    shown = _last_shown(rows, [row for row in found if shows[row["did"]] is False])
    return {
        row["did"]: LastLook(
            from_micros(row["received_us"]),
            shows[row["did"]],
            values.moment(shown.get(row["did"])),
            values.moment(row["unreadable_us"]),
            _is_stated(row, read),
        )
        for row in found
    }


def _applications_read(rows: Query, looks: Iterable[Row]) -> set[tuple[str, int]]:
    """Return the applications that the captures of these looks read, each with its capture."""
    asked = {_application(row) for row in looks if row["destination_read"] == _BY_CAPTURE}
    if not asked:
        return set()
    return {_application(row) for row in rows(APPLICATIONS_READ, pairs=pairs(asked))}


def _application(row: Row) -> tuple[str, int]:
    return row["application_id"] or "", row["capture"]


def _shows(row: Row, read: set[tuple[str, int]]) -> bool | None:
    if row["destination_read"] == _BY_CAPTURE:
        return _application(row) in read
    return values.flag(row["destination_read"])


def _is_stated(row: Row, read: set[tuple[str, int]]) -> bool:
    return bool(row["is_known"]) and _shows(row, read) is None


def _last_shown(rows: Query, looks: Sequence[Row]) -> dict[str, int | None]:
    """Return by DID when a look of its current stay showed the destination last.

    One that follows from the application was shown no later than that was read. So the looks of
    an outage are left out at once.
    """
    known = [row for row in looks if row["is_known"]]
    applications = {row["application_id"] or "" for row in known if row["is_fetched"]}
    if not known:
        return {}
    given = pairs((application, 0) for application in applications)
    ends = {
        row["application_id"]: row["read_us"] for row in rows(APPLICATIONS_READ_LAST, pairs=given)
    }
    until = (
        (row["did"], ends.get(row["application_id"] or "") or _END if row["is_fetched"] else _END)
        for row in known
    )
    return {row["did"]: row["shown_us"] for row in rows(_LAST_SHOWN, pairs=pairs(until))}


def read_late(rows: Query, moment: datetime) -> dict[str, LateAnswer]:
    """Return by DID its last look by then that came too late: see ``Pages.late_at``."""
    return {row["did"]: late_answer(row) for row in rows(_LATE, at=to_micros(moment))}


def read_windows(
    rows: Query,
    fleet: Sequence[FleetRow],
    read_revisions: Callable[[Iterable[tuple[str, int]]], Mapping[tuple[str, int], RevisionAt]],
) -> dict[str, Window]:
    """Return by DID the looks between which its `since` lies."""
    windows: dict[str, Window] = {}
    for start in range(0, len(fleet), _AT_ONCE):
        some = fleet[start : start + _AT_ONCE]
        given = pairs((row.did, to_micros(row.since)) for row in some)
        found = rows(WINDOWS, pairs=given)
        revisions = read_revisions((row["did"], row["revision"]) for row in found)
        for row in found:
            revision = revisions[row["did"], row["revision"]]
            windows[row["did"]] = Window(
                values.moment(row["before_us"]), revision.first_seen_at, revision.api_updated_at
            )
    return windows
