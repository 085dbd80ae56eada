"""The fixed list of queries that reading commands ask of the views; the same text on both dialects.

Parameters are written ``:name``; a filter that is not wanted is None. ``:dids`` stands for as
many parameters as there are DIDs.
"""

from changelog.store.reading.destinations import (
    DESTINATION_READ,
    KNOWN_LATER,
    KNOWN_TODAY,
    WHOLE_SEEN,
)
from changelog.store.reading.drivers import PAIRS

_REVISION = """
    r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode, r.destination,
    r.destination_source, r.status, r.first_seen_us, r.capture
"""

# Without the bodies and the captures: of a long history, few of them are ever looked at.
APPLICATION_NAME = """
    (SELECT a.name FROM application_log a WHERE a.application_id = r.application_id
     ORDER BY a.seen_us DESC LIMIT 1) AS application_name
"""
REVISIONS = f"""
    SELECT {_REVISION}, s.snapshots, s.last_seen_us, {APPLICATION_NAME}
    FROM revision_log r JOIN snapshot_seen s ON s.did = r.did AND s.revision = r.revision
    WHERE r.did IN :dids AND s.did IN :dids ORDER BY r.did, r.revision
"""

# The last revision of each DID that was seen with a number. `snapshot_seen` would count the
# snapshots of all DIDs.
CARRIERS = f"""
    SELECT {_REVISION}, {APPLICATION_NAME},
           (SELECT count(*) FROM snapshot_log s
            WHERE s.did = r.did AND s.revision = r.revision) AS snapshots,
           (SELECT max(s.received_us) FROM snapshot_log s
            WHERE s.did = r.did AND s.revision = r.revision) AS last_seen_us
    FROM number_log n JOIN revision_log r ON r.did = n.did AND r.revision =
      (SELECT max(m.revision) FROM revision_log m WHERE m.did = n.did)
    WHERE n.number = :number
"""

# A step in the key for each: CROSS JOIN keeps SQLite to it.
DETAILS = f"""
    WITH wanted (did, revision) AS ({PAIRS})
    SELECT r.did, r.revision, r.body, c.id, c.command, c.started_us, c.recorded_by, c.changed_by,
           c.note, c.ticket, c.api_url
    FROM wanted w CROSS JOIN revision_log r JOIN capture_log c ON c.id = r.capture
    WHERE r.did = w.did AND r.revision = w.revision
"""

# Where every call is listened to, there are many: the newest of each result say enough. A clock
# that was ahead wrote times that hide later calls: those are found by the order of entries.
_EVIDENCE = """
      (SELECT did, call, event, at_us, revision, routing, result, reason, entry,
              row_number() OVER (PARTITION BY did, revision, result
                                 ORDER BY at_us DESC, entry DESC) AS place,
              row_number() OVER (PARTITION BY did, revision, result
                                 ORDER BY entry DESC, at_us DESC) AS entry_place
       FROM evidence_log WHERE did IN :dids) newest
    WHERE place <= 20 OR entry_place <= 20
"""
_NOTES = """
      (SELECT did, revision, at_us, author, text FROM note_log WHERE did IN :dids
       UNION
       SELECT did, revision, at_us, author, text FROM noted_revision WHERE did IN :dids) notes
"""
# A time in which a DID was not visible: the newest 404 of it, and the looks around it.
_ABSENCES = """
      (SELECT h.did, h.hidden_us,
              (SELECT b.received_us FROM snapshot_log b WHERE b.did = h.did AND b.revision > 0
               AND b.received_us < h.hidden_us ORDER BY b.received_us DESC LIMIT 1) AS before_us,
              (SELECT n.received_us FROM snapshot_log n WHERE n.did = h.did AND n.revision > 0
               AND n.received_us > h.hidden_us ORDER BY n.received_us LIMIT 1) AS after_us
       FROM hidden_look h WHERE h.did IN :dids) absent
"""
ANNOTATIONS = f"""
    SELECT a.*, (SELECT j.at_us FROM journal_log j WHERE j.n = a.entry) AS stored_us FROM (
    SELECT did, 'note' AS kind, revision, at_us, author, text, CAST(NULL AS BIGINT) AS routing,
           CAST(NULL AS TEXT) AS result, CAST(NULL AS BIGINT) AS returned,
           CAST(NULL AS TEXT) AS name, CAST(NULL AS TEXT) AS event, CAST(NULL AS BIGINT) AS entry
    FROM {_NOTES}
    UNION ALL
    SELECT did, 'verdict', revision, at_us, author, reason, routing, verdict, NULL, NULL, NULL,
           entry
    FROM verdict_log WHERE did IN :dids
    UNION ALL
    SELECT did, 'confirmation', revision, at_us, NULL, NULL, routing, NULL, returned, NULL, NULL,
           entry
    FROM confirmation_log WHERE did IN :dids
    UNION ALL
    SELECT did, 'evidence', revision, at_us, NULL, reason, routing, result, NULL, call, event, entry
    FROM {_EVIDENCE}
    UNION ALL
    SELECT did, 'tag', revision, NULL, NULL, NULL, NULL, NULL, NULL, name, NULL, NULL
    FROM tagged_revision WHERE did IN :dids
    UNION ALL
    SELECT did, 'absence', 0, max(hidden_us), NULL, NULL, before_us, NULL, after_us, NULL, NULL,
           NULL
    FROM {_ABSENCES} WHERE before_us > 0 AND after_us > 0 GROUP BY did, before_us, after_us
    ) a
    ORDER BY at_us, entry, revision, text, name
"""

EVIDENCE_OF_CALL = """
    SELECT event, did, at_us, revision, routing, result
    FROM evidence_log WHERE call = :call ORDER BY at_us
"""

# Which revisions `m` of a log had begun at a moment. A time that is yet to come was written by a
# clock that was ahead: such a row goes by the order of entries. Only it asks the journal.
AS_OF = """
    (m.first_seen_us <= :at OR (m.first_seen_us > :to_come AND m.entry <=
      (SELECT j.n FROM journal_log j WHERE j.at_us <= :at ORDER BY j.n DESC LIMIT 1)))
"""

REVISION_AS_OF = f"""
    SELECT m.revision FROM revision_log m WHERE m.did = :did AND {AS_OF}
    ORDER BY m.revision DESC LIMIT 1
"""

# Everybody who ever had the number, each as it was at a moment; by then it may have had none.
CARRIERS_AT = f"""
    SELECT n.did, r.revision, r.number, r.application_id, r.route_mode, r.destination, r.routing,
           (SELECT s.received_us FROM snapshot_log s
            WHERE s.did = n.did AND s.revision IS NOT NULL AND s.received_us <= :at
            ORDER BY s.received_us DESC LIMIT 1) AS seen_us
    FROM number_log n
    LEFT JOIN revision_log r ON r.did = n.did AND r.revision =
      (SELECT m.revision FROM revision_log m
       WHERE m.did = n.did AND {AS_OF}
       ORDER BY m.revision DESC LIMIT 1)
    WHERE n.number = :number ORDER BY n.did
"""

CHANGES_OF_NUMBER = """
    SELECT DISTINCT r.first_seen_us FROM number_log n JOIN revision_log r ON r.did = n.did
    WHERE n.number = :number AND r.first_seen_us > :first AND r.first_seen_us <= :last
    ORDER BY r.first_seen_us
"""

# What was seen of a DID last; a row for each of the newest answers that came late, with the looks
# around it.
_LATE = """
    (SELECT did, received_us, body,
            row_number() OVER (PARTITION BY did ORDER BY received_us DESC) AS place
     FROM snapshot_log WHERE did IN :dids AND code = 'late' AND status IS NULL)
"""
CURRENT = f"""
    SELECT c.did, c.hidden_us, c.key,
           (SELECT s.status FROM snapshot_log s
            WHERE s.did = c.did ORDER BY s.received_us DESC LIMIT 1) AS newest_status,
           (SELECT s.key FROM snapshot_log s
            WHERE s.did = c.did ORDER BY s.received_us DESC LIMIT 1) AS newest_key,
           (SELECT max(s.received_us) FROM snapshot_log s WHERE s.did = c.did) AS newest_us,
           late.received_us AS late_us, late.body AS late_body,
           (SELECT b.received_us FROM snapshot_log b
            WHERE b.did = late.did AND b.revision > 0 AND b.received_us < late.received_us
            ORDER BY b.received_us DESC LIMIT 1) AS late_before_us,
           (SELECT n.received_us FROM snapshot_log n
            WHERE n.did = late.did AND n.revision > 0 AND n.received_us > late.received_us
            ORDER BY n.received_us LIMIT 1) AS late_after_us
    FROM current_routing c
    LEFT JOIN {_LATE} late ON late.did = c.did AND late.place <= 20
    WHERE c.did IN :dids ORDER BY c.did, late.received_us DESC
"""

KNOWN = "SELECT did FROM did_log WHERE did = :did"

# By the order of the keys, so that an index serves them.
NAMES_FROM = """
    SELECT * FROM (SELECT did AS name FROM did_log
                   WHERE did >= :first AND did < :beyond ORDER BY did LIMIT :limit) ids
    UNION ALL
    SELECT * FROM (SELECT DISTINCT number AS name FROM number_log
                   WHERE number >= :first AND number < :beyond ORDER BY number LIMIT :limit) numbers
"""

NEWEST_ENTRY = "SELECT at FROM journal_head"

FIRST_SEEN = "SELECT min(first_seen_us) AS at_us FROM revision_log"

# A page of the fleet, by id. What the last key's name costs is paid only where it is asked for.
DIDS = """
    SELECT did, number, CASE WHEN :with_key = 1 THEN key END AS key FROM current_routing c
    WHERE did > :after AND (:with_retired = 1 OR retired = 0)
      AND (:unanswered_in IS NULL OR NOT EXISTS
        (SELECT 1 FROM capture_answer a WHERE a.capture = :unanswered_in AND a.did = c.did))
    ORDER BY did LIMIT :limit
"""

KEY_OF = "SELECT key FROM current_routing WHERE did = :did"

_CHANGED_AFTER = "(SELECT c.did FROM revision_log c WHERE c.first_seen_us > :after)"
# Sought from the newest revision on: what is asked about is mostly not long ago.
FLEET_AT = f"""
    SELECT did, revision FROM
      (SELECT d.did, (SELECT m.revision FROM revision_log m
                      WHERE m.did = d.did AND {AS_OF}
                      ORDER BY m.revision DESC LIMIT 1) AS revision
       FROM did_log d WHERE :after IS NULL OR d.did IN {_CHANGED_AFTER}) fleet
    WHERE revision IS NOT NULL
"""
# The DIDs that were not seen at a moment: the first answer from then on shows another revision than
# what stands for them, or there is none, or none from then on shows the destination.
UNSEEN_AT = f"""
    SELECT did FROM
      (SELECT d.did, (SELECT m.revision FROM revision_log m
                      WHERE m.did = d.did AND {AS_OF}
                      ORDER BY m.revision DESC LIMIT 1) AS revision,
              (SELECT s.revision FROM snapshot_log s
               WHERE s.did = d.did AND s.received_us >= :at AND s.revision IS NOT NULL
               ORDER BY s.received_us LIMIT 1) AS seen
       FROM did_log d
       WHERE :pairs IS NULL OR d.did IN (SELECT did FROM ({PAIRS}) given)) fleet
    WHERE revision IS NOT NULL AND (revision <> coalesce(seen, -1) OR
      (SELECT {WHOLE_SEEN} FROM revision_log r
       WHERE r.did = fleet.did AND r.revision = fleet.revision) < :at)
"""
UNCHANGED_SINCE = f"SELECT count(*) AS dids FROM did_log d WHERE d.did NOT IN {_CHANGED_AFTER}"

READ_IN_CAPTURE = "SELECT did, revision FROM capture_reading WHERE capture = :capture"

# What a capture asked for and has no revision of, oldest first. Its snapshots lie between its start
# and its end, but for an import's, so each DID is one step into the primary key; CROSS JOIN keeps
# SQLite to it.
UNREAD_IN_CAPTURE = """
    SELECT s.did, s.status, s.code, s.message
    FROM capture_log c CROSS JOIN did_log d CROSS JOIN snapshot_log s
    WHERE c.id = :capture AND (:did IS NULL OR d.did = :did)
      AND s.did = d.did AND s.capture = c.id
      AND s.received_us >= CASE WHEN c.command = 'import' THEN 0 ELSE c.started_us END
      AND s.received_us <= CASE WHEN c.unread IS NULL
                           THEN coalesce(c.finished_us, 9223372036854775807)
                           ELSE 9223372036854775807 END
      AND s.revision IS NULL
    ORDER BY s.received_us
"""

REVISION_AT = f"""
    SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode, {KNOWN_TODAY},
           r.status, r.first_seen_us
    FROM revision_log r {KNOWN_LATER} WHERE r.did = :did AND r.revision = :revision
"""

# By itself: a body that is no text any more must not cost the columns beside it.
BODY = "SELECT body FROM revision_log WHERE did = :did AND revision = :revision"

BODIES = f"""
    WITH wanted (did, revision) AS ({PAIRS})
    SELECT r.did, r.revision, r.body
    FROM wanted w CROSS JOIN revision_log r WHERE r.did = w.did AND r.revision = w.revision
"""

READ_ONE_IN_CAPTURE = """
    SELECT max(revision) AS revision FROM capture_reading WHERE capture = :capture AND did = :did
"""

TAG = """
    SELECT t.name, t.at_us, t.author, t.capture, u.application_id AS unread
    FROM tag_log t LEFT JOIN unread_application_log u ON u.capture = t.capture
    WHERE t.name = :name
"""
TAG_NAMES = "SELECT name FROM tag_log ORDER BY at_us DESC LIMIT 50"

NEWEST_NUMBERS = """
    SELECT revision FROM revision_log WHERE did = :did ORDER BY revision DESC LIMIT :limit
"""

# Once a later capture of the same DIDs came to its end, nobody waits for the rest of this one.
UNFINISHED = """
    SELECT id, command, started_us, recorded_by, changed_by, note, ticket, api_url, key, selection
    FROM capture_log c
    WHERE command = 'record' AND selection IS NOT NULL
      AND (finished_us IS NULL OR unread IS NOT NULL)
      AND (:any_selection = 1 OR selection = :selection)
      AND NOT EXISTS (SELECT 1 FROM capture_log l WHERE l.id > c.id AND l.command = 'record'
                      AND l.selection = c.selection
                      AND l.finished_us IS NOT NULL AND l.unread IS NULL)
    ORDER BY id DESC LIMIT 1
"""

HAS_READ = "SELECT did FROM capture_reading WHERE capture = :capture LIMIT 1"

SELECTION = "SELECT every, names FROM selection_log WHERE digest = :digest"

ANSWERED_IN = """
    SELECT did FROM capture_answer WHERE capture = :capture AND did = :did LIMIT 1
"""

TAG_OF_CAPTURE = "SELECT name FROM tag_log WHERE capture = :capture LIMIT 1"


def _snapshots(which: str) -> str:
    """Return the query for snapshots, the newest first."""
    return f"""
    SELECT s.did, s.received_us, s.capture, s.revision, s.status, s.code, s.message,
           {DESTINATION_READ}
    FROM (SELECT did, received_us, capture, revision, status, code, message FROM snapshot_log
          WHERE (:since IS NULL OR received_us >= :since)
            AND (:until IS NULL OR received_us <= :until)
            AND capture = coalesce(:capture, capture) {which} LIMIT :limit) s
    LEFT JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
    ORDER BY s.received_us DESC, s.did
    """


SNAPSHOTS = _snapshots("AND did = :did ORDER BY received_us DESC")
ALL_SNAPSHOTS = _snapshots("ORDER BY received_us DESC, did")

ANSWER_URLS = """
    SELECT application_id, answer_url, seen_us FROM application_log a
    WHERE application_id IN :names AND seen_us =
      (SELECT max(m.seen_us) FROM application_log m WHERE m.application_id = a.application_id)
"""

READ_LAST = """
    SELECT s.key, c.api_url FROM snapshot_log s JOIN capture_log c ON c.id = s.capture
    WHERE s.did = :did AND s.revision IS NOT NULL ORDER BY s.received_us DESC LIMIT 1
"""

VERSION = "PRAGMA user_version"
"""What SQLite keeps of a file: whether it is a mirror."""
WATCHES = "SELECT watch, state FROM watch_log ORDER BY watch"
