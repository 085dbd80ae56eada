"""The log at a glance, for ``status``, and its newest tags and alerts.

Each query steps through an index, or through few rows. So it takes as long on a large log as on a
small one, but for what really happened in the last day.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from changelog.model.journal_head import Head
from changelog.model.results.annotations import TagsResult
from changelog.model.results.base import DidError
from changelog.model.results.status import (
    CaptureSummary,
    LogStatus,
    OpenWork,
    RecentNote,
    RecentRevision,
    RevisionState,
    UnreadableDid,
)
from changelog.model.results.watch import AlertShown, AlertsResult
from changelog.model.routing import Routing
from changelog.model.selectors import Tag
from changelog.model.text.times import from_micros, parse_full_moment, to_micros

if TYPE_CHECKING:
    from datetime import datetime

    from changelog.store.reading.drivers import Query, Row

_MOST_REVISIONS = 3_000
"""The newest ones, among which a return that nobody verified is looked for."""


STATE = """
    SELECT (SELECT count(*) FROM did_log) AS known,
           (SELECT version_num FROM schema_version) AS schema_revision,
           (SELECT max(first_seen_us) FROM revision_log) AS newest_us,
           (SELECT first_seen_us FROM revision_log
            ORDER BY first_seen_us DESC LIMIT 1 OFFSET :most) AS beyond_us,
           head.n, head.at, head.digest
    FROM (SELECT 1 AS log) always LEFT JOIN journal_head head ON 1 = 1
"""
LAST_CAPTURE = """
    SELECT id, command, started_us, finished_us, unread, recorded_by, changed_by, note, ticket,
           remarks
    FROM capture_log ORDER BY id DESC LIMIT 1
"""
REVISIONS = """
    SELECT r.did, r.first_seen_us, r.routing, r.number, r.application_id, r.route_mode,
           r.destination, r.destination_source, r.status, b.routing AS routing_before,
           b.number AS number_before, b.application_id AS application_before,
           b.route_mode AS mode_before, b.destination AS destination_before,
           b.destination_source AS source_before, b.status AS status_before
    FROM revision_log r LEFT JOIN revision_log b ON b.did = r.did AND b.revision = r.revision - 1
    WHERE r.first_seen_us >= :since ORDER BY r.first_seen_us
"""
# A number that was asked for before any DID had it is kept by itself.
UNREADABLE = """
    SELECT u.did, u.number, u.known, u.since_us, u.last_us, u.status, u.code, u.message,
           CASE WHEN u.known = 1 AND u.status = 404 AND NOT EXISTS
                (SELECT 1 FROM hidden_look h WHERE h.did = u.did AND h.hidden_us = u.last_us)
                THEN 1 ELSE 0 END AS of_another_key
    FROM unreadable_did u
    WHERE u.known = 1 OR NOT EXISTS (SELECT 1 FROM number_log n WHERE n.number = u.did)
    ORDER BY u.since_us, u.did
"""
# Retired; with a current routing that is judged bad, or whose newest call failed and was not judged
# good after that; or returned: the first revision of the current stay, whose routing is that of a
# revision before it, and reaches somebody.
LISTED = """
    SELECT 'retired' AS kind, v.did FROM verdict_log v
    WHERE v.verdict = 'retired' AND NOT EXISTS
      (SELECT 1 FROM verdict_log l WHERE l.did = v.did AND l.at_us > v.at_us
       AND l.verdict IN ('retired', 'returned'))
    UNION
    SELECT 'bad', v.did FROM verdict_log v
    WHERE v.verdict = 'bad'
      AND v.routing = (SELECT r.routing FROM revision_log r WHERE r.did = v.did
                       ORDER BY r.revision DESC LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM verdict_log l WHERE l.did = v.did AND l.routing = v.routing
                      AND l.verdict IN ('good', 'bad') AND l.at_us > v.at_us)
    UNION
    SELECT 'failed', e.did FROM evidence_log e
    WHERE e.result = 'fail'
      AND e.routing = (SELECT r.routing FROM revision_log r WHERE r.did = e.did
                       ORDER BY r.revision DESC LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM evidence_log l WHERE l.did = e.did AND l.routing = e.routing
                      AND l.result = 'pass' AND l.at_us > e.at_us)
      AND NOT EXISTS (SELECT 1 FROM verdict_log l WHERE l.did = e.did AND l.routing = e.routing
                      AND l.verdict = 'good' AND l.at_us > e.at_us)
    UNION
    SELECT 'returned', n.did
    FROM (SELECT did, revision, routing, application_id, route_mode, destination FROM revision_log
          ORDER BY first_seen_us DESC LIMIT :most) n
    JOIN revision_log b ON b.did = n.did AND b.revision = n.revision - 1
    WHERE n.routing < n.revision AND b.routing <> n.routing
      AND coalesce(n.route_mode, '') <> 'reject'
      AND coalesce(n.application_id, n.destination) IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM revision_log l WHERE l.did = n.did
                      AND l.revision > n.revision AND l.routing <> n.routing)
      AND NOT EXISTS (SELECT 1 FROM confirmation_log k WHERE k.did = n.did
                      AND k.returned = n.revision AND k.routing = n.routing)
    ORDER BY did
"""
NOTES = """
    SELECT at_us, author, text, did, revision, NULL AS capture
    FROM note_log WHERE at_us >= :since
    UNION ALL
    SELECT at_us, author, text, NULL, NULL, capture
    FROM capture_note_log WHERE at_us >= :since
    ORDER BY at_us DESC
"""
_SHOWN = 100
TAGS = "SELECT name, at_us, author, capture FROM tag_log ORDER BY at_us DESC, name LIMIT :limit"
ALERTS = """
    SELECT id, at, watch, kind, what, did, number, revision, count, dids, code, message, capture
    FROM alert_log
    WHERE id < coalesce(:before, 9223372036854775807) ORDER BY id DESC LIMIT :limit
"""


def read_status(rows: Query, since: datetime) -> LogStatus:
    """Return what the log says of itself; an empty log says nothing."""
    day = to_micros(since)
    state = next(iter(rows(STATE, most=_MOST_REVISIONS)), None)
    captures = rows(LAST_CAPTURE)
    recent = rows(REVISIONS, since=day)
    listed = rows(LISTED, most=_MOST_REVISIONS)
    retired = frozenset(row["did"] for row in listed if row["kind"] == "retired")
    beyond = state["beyond_us"] if state else None
    moments = [
        *([state["newest_us"], state["at"]] if state else []),
        *(row["started_us"] for row in captures),
    ]
    latest = max((micros for micros in moments if micros is not None), default=None)
    return LogStatus(
        known=state["known"] if state else 0,
        new=sum(row["routing_before"] is None for row in recent),
        retired=retired,
        last_capture=capture_summary(captures[0]) if captures else None,
        revisions=tuple(_revision(row) for row in recent if row["routing_before"] is not None),
        unreadable=tuple(map(_unreadable, rows(UNREADABLE))),
        open=OpenWork(
            _dids(listed, "bad", retired),
            _dids(listed, "failed", retired),
            _dids(listed, "returned", retired),
            None if beyond is None else from_micros(beyond),
        ),
        notes=tuple(map(recent_note, rows(NOTES, since=day))),
        latest=None if latest is None else from_micros(latest),
        schema_revision=state["schema_revision"] if state else None,
        head=_head(state),
    )


def _head(state: Row | None) -> Head | None:
    return None if not state or state["n"] is None else Head(state["n"], bytes(state["digest"]))


def _dids(listed: list[Row], kind: str, retired: frozenset[str]) -> tuple[str, ...]:
    return tuple(row["did"] for row in listed if row["kind"] == kind and row["did"] not in retired)


def capture_summary(row: Row) -> CaptureSummary:
    """Return a row of ``capture_log`` as what is said of a capture."""
    # One that was interrupted and may be resumed has an end, and is not finished.
    ended = row["finished_us"] is not None and row["unread"] is None
    return CaptureSummary(
        row["id"],
        row["command"],
        from_micros(row["started_us"]),
        from_micros(row["finished_us"]) if ended else None,
        row["recorded_by"],
        row["changed_by"],
        row["note"],
        row["ticket"],
        tuple(json.loads(row["remarks"] or "[]")),
        row["unread"] is not None,
    )


def _revision(row: Row) -> RecentRevision:
    moved = row["routing"] != row["routing_before"]
    at = from_micros(row["first_seen_us"])
    return RecentRevision(row["did"], at, moved, *revision_states(row))


def revision_states(row: Row) -> tuple[RevisionState, RevisionState]:
    """Return the columns of the revision before that of a row, and its own."""
    before = Routing(row["application_before"], row["mode_before"], row["destination_before"])
    after = Routing(row["application_id"], row["route_mode"], row["destination"])
    return (
        RevisionState(row["number_before"], before, row["source_before"], row["status_before"]),
        RevisionState(row["number"], after, row["destination_source"], row["status"]),
    )


def _unreadable(row: Row) -> UnreadableDid:
    return UnreadableDid(
        row["did"],
        row["number"],
        from_micros(row["since_us"]),
        from_micros(row["last_us"]),
        bool(row["known"]),
        DidError(row["code"], row["message"], row["status"]),
        bool(row["of_another_key"]),
    )


def recent_note(row: Row) -> RecentNote:
    """Return a row of a list of notes."""
    return RecentNote(
        from_micros(row["at_us"]),
        row["author"],
        row["text"],
        row["did"],
        row["revision"],
        row["capture"],
    )


def read_tags(rows: Query) -> TagsResult:
    """Return the newest tags."""
    found = [
        Tag(row["name"], from_micros(row["at_us"]), row["author"], row["capture"])
        for row in rows(TAGS, limit=_SHOWN + 1)
    ]
    return TagsResult(tags=tuple(found[:_SHOWN]), more=len(found) > _SHOWN)


def read_alerts(rows: Query, before: int | None) -> AlertsResult:
    """Return the newest alerts whose id is lower than `before`."""
    # The view spells times for people.
    found = [
        AlertShown(
            **{
                **row,
                "at": parse_full_moment(row["at"]),
                "dids": tuple(json.loads(row["dids"] or "[]")),
            }
        )
        for row in map(dict, rows(ALERTS, before=before, limit=_SHOWN + 1))
    ]
    return AlertsResult(alerts=tuple(found[:_SHOWN]), more=len(found) > _SHOWN)
