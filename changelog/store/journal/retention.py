"""Which looks stay at a prune, whatever their age: all that any answer depends on.

These are the first and the last snapshot of a revision, and those of captures with a note or a tag.
Others say whether a DID is visible, with which key it was read and when its destination was read
last. Some count how often in a row it could not be read. A capture that can be resumed needs what
it has asked for, and a test call which DID had its number.
"""

from sqlalchemy import bindparam, text

from changelog.model.seen_then import LATE
from changelog.store.reading.destinations import reads_destination

_MOST_IN_A_ROW = 100
"""So many of the newest failures of a DID that cannot be read stay."""
_LAST_TIME = 2**63 - 1
_IS_LATER = "later.did = s.did AND later.received_at > s.received_at"


def _is_late(snapshot: str) -> str:
    """Return the condition that a snapshot keeps an answer which came late."""
    return (
        f"EXISTS (SELECT 1 FROM problem p WHERE p.digest = {snapshot}.problem"
        f" AND p.code = '{LATE}' AND p.status IS NULL)"
    )


_UNTIL = f"""coalesce((SELECT n.first_seen_at FROM revision n
                 WHERE n.did = s.did AND n.revision = s.revision + 1), {_LAST_TIME})"""
"""Until when a look at the revision of `s` counts as one."""


_READABLE = f"""
    -- It is the first one of its revision.
    EXISTS (SELECT 1 FROM revision r WHERE r.did = s.did AND r.revision = s.revision
            AND r.first_seen_at = s.received_at)
    -- It is the last one.
    OR NOT EXISTS (SELECT 1 FROM snapshot later WHERE {_IS_LATER} AND later.revision = s.revision
                   AND later.received_at < {_UNTIL})
    -- It is the last one that read the destination.
    OR EXISTS (SELECT 1 FROM revision r WHERE r.did = s.did AND r.revision = s.revision
               AND {reads_destination("s.capture", "r.application_id")} AND NOT EXISTS (
                 SELECT 1 FROM snapshot later WHERE {_IS_LATER} AND later.revision = s.revision
                 AND later.received_at < {_UNTIL}
                 AND {reads_destination("later.capture", "r.application_id")}))
    -- A 404 says that a DID is gone only if its key had read the DID, at the same address.
    OR NOT EXISTS (SELECT 1 FROM snapshot later, capture theirs, capture own
                   WHERE {_IS_LATER} AND later.revision IS NOT NULL
                   AND theirs.id = later.capture AND own.id = s.capture
                   AND coalesce(later.key, theirs.key, '') = coalesce(s.key, own.key, '')
                   AND coalesce(theirs.api_url, '') = coalesce(own.api_url, ''))
    -- It lies next to a 404 that hid the DID: from when to when that was is told by the two.
    OR EXISTS (SELECT 1 FROM snapshot h WHERE h.did = s.did AND h.problem IS NOT NULL
               AND h.hidden = 1)
       AND 1 IN (coalesce((SELECT later.hidden FROM snapshot later
                           WHERE {_IS_LATER} AND (later.hidden = 1 OR later.revision IS NOT NULL)
                           ORDER BY later.received_at LIMIT 1), 0),
                 coalesce((SELECT e.hidden FROM snapshot e
                           WHERE e.did = s.did AND e.received_at < s.received_at
                             AND (e.hidden = 1 OR e.revision IS NOT NULL)
                           ORDER BY e.received_at DESC LIMIT 1), 0))
    -- Of several DIDs the one that was seen last had a number at some moment.
    OR EXISTS (SELECT 1 FROM revision r JOIN did_number n ON n.number = r.number
               WHERE r.did = s.did AND r.revision = s.revision AND n.did <> r.did)
"""
_NEWER = f"""
    SELECT later.revision FROM snapshot later WHERE {_IS_LATER} AND NOT {_is_late("later")}
    ORDER BY later.received_at LIMIT {_MOST_IN_A_ROW}
"""
_UNREADABLE = f"""
    {_is_late("s")}
    -- It says that the DID is not visible, or was not between two looks: the last one that does.
    OR coalesce(s.hidden, 0) = 1 AND coalesce((
        SELECT later.hidden FROM snapshot later
        WHERE {_IS_LATER} AND (later.hidden = 1 OR later.revision IS NOT NULL)
        ORDER BY later.received_at LIMIT 1), 0) = 0
    -- It is among the newest failures in a row.
    OR (SELECT count(*) FROM ({_NEWER}) counted) < {_MOST_IN_A_ROW}
       AND NOT EXISTS (SELECT 1 FROM ({_NEWER}) newer WHERE newer.revision IS NOT NULL)
"""
STAYS = f"""
    NOT EXISTS (SELECT 1 FROM snapshot later WHERE {_IS_LATER})
    OR s.revision IS NOT NULL AND ({_READABLE})
    OR s.revision IS NULL AND ({_UNREADABLE})
"""
"""Whether a row `s` of ``snapshot`` stays whatever its capture. Steps into primary keys alone.

Never null: what is neither true nor false would stay too, and nobody would see why.
"""


def _is_whole(capture: str) -> str:
    """Return the condition that the newest end of a capture left nothing unread."""
    return (
        f"EXISTS (SELECT 1 FROM capture_end e WHERE e.capture = {capture}.id AND e.unread IS NULL"
        " AND e.finished_at ="
        f" (SELECT max(n.finished_at) FROM capture_end n WHERE n.capture = {capture}.id))"
    )


# Those that can be resumed as the query for ``--resume`` has it.
KEPT = text(f"""
    SELECT c.id FROM capture c WHERE c.id IN :captures AND (
      c.note IS NOT NULL
      OR EXISTS (SELECT 1 FROM capture_note n WHERE n.capture = c.id)
      OR EXISTS (SELECT 1 FROM tag t WHERE t.capture = c.id)
      OR c.command = 'record' AND c.selection IS NOT NULL AND NOT {_is_whole("c")}
        AND NOT EXISTS (SELECT 1 FROM capture f WHERE f.id > c.id AND f.command = 'record'
                        AND f.selection = c.selection AND {_is_whole("f")}))
""").bindparams(bindparam("captures", expanding=True))
