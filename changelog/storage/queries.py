"""The fixed list of queries that reading commands ask of the views; the same text on both dialects.

Parameters are written ``:name``; a filter that is not wanted is None.
"""

HISTORY = """
    SELECT did, number, revision, routing, application_id, route_mode, destination,
           destination_source, status, body, first_seen_us, last_seen_us, snapshots,
           capture, command, started_us, recorded_by, changed_by, note, ticket, api_url
    FROM routing_history WHERE did = :did ORDER BY revision
"""

VERDICTS = """
    SELECT revision, routing, verdict, reason, author, at_us
    FROM verdict_log WHERE did = :did ORDER BY at_us
"""

CONFIRMATIONS = """
    SELECT revision, returned, routing, at_us
    FROM confirmation_log WHERE did = :did ORDER BY at_us
"""

EVIDENCE = """
    SELECT call, event, at_us, revision, routing, result, reason
    FROM evidence_log WHERE did = :did ORDER BY at_us, entry
"""

NOTES = """
    SELECT revision, at_us, author, text FROM note_log WHERE did = :did
    UNION
    SELECT revision, at_us, author, text FROM capture_note WHERE did = :did
    ORDER BY at_us
"""

TAGS_OF = "SELECT name, revision FROM tagged_revision WHERE did = :did ORDER BY name"

LATE = """
    SELECT received_us, body FROM snapshot_log
    WHERE did = :did AND code = 'late' AND status IS NULL ORDER BY received_us DESC LIMIT 20
"""

CURRENT = "SELECT did, number, revision, hidden_us FROM current_routing WHERE did = :did"

BY_NUMBER = """
    SELECT c.did, c.number, c.last_seen_us FROM number_log n
    JOIN current_routing c ON c.did = n.did WHERE n.number = :number
"""

FLEET = """
    SELECT did, number, revision, routing, application_id, route_mode, destination, status,
           since_us, last_seen_us, hidden_us, retired
    FROM current_routing
    WHERE (:application IS NULL OR application_id = :application)
      AND (:route_mode IS NULL OR route_mode = :route_mode)
      AND (:status IS NULL OR status = :status)
    ORDER BY did
"""

DIDS = """
    SELECT did, number, retired FROM current_routing
    WHERE (:with_retired = 1 OR retired = 0) ORDER BY did
"""

FLEET_AT = """
    SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode, r.destination,
           r.destination_source, r.status, r.body, r.first_seen_us
    FROM current_routing c
    JOIN routing_history r ON r.did = c.did AND r.revision =
      (SELECT max(m.revision) FROM routing_history m
       WHERE m.did = c.did AND m.first_seen_us <= :at)
"""

READ_IN_CAPTURE = """
    SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode, r.destination,
           r.destination_source, r.status, r.body, r.first_seen_us
    FROM capture_reading c
    JOIN routing_history r ON r.did = c.did AND r.revision = c.revision
    WHERE c.capture = :capture
"""

READ_ONE_IN_CAPTURE = """
    SELECT max(revision) AS revision FROM capture_reading WHERE capture = :capture AND did = :did
"""

TAG = "SELECT name, at_us, author, capture FROM tag_log WHERE name = :name"
TAG_NAMES = "SELECT name FROM tag_log ORDER BY at_us DESC LIMIT 50"

NEWEST = """
    SELECT did, revision FROM routing_history
    WHERE (:since IS NULL OR first_seen_us >= :since)
      AND (:until IS NULL OR first_seen_us <= :until)
      AND (:did IS NULL OR did = :did)
    ORDER BY first_seen_us DESC, did, revision DESC LIMIT :limit OFFSET :offset
"""

SNAPSHOTS = """
    SELECT did, received_us, capture, revision, status, code, message
    FROM snapshot_log
    WHERE did = :did
      AND (:since IS NULL OR received_us >= :since)
      AND (:until IS NULL OR received_us <= :until)
    ORDER BY received_us DESC LIMIT :limit
"""

ALL_SNAPSHOTS = """
    SELECT did, received_us, capture, revision, status, code, message
    FROM snapshot_log
    WHERE (:since IS NULL OR received_us >= :since)
      AND (:until IS NULL OR received_us <= :until)
    ORDER BY received_us DESC, did LIMIT :limit
"""

ANSWER_URL = """
    SELECT answer_url, seen_us FROM application_log
    WHERE application_id = :application ORDER BY seen_us DESC LIMIT 1
"""

KEY_HAD_READ = """
    SELECT did FROM snapshot_log
    WHERE did = :did AND key = :key AND revision IS NOT NULL LIMIT 1
"""
