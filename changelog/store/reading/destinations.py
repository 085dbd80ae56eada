"""What the log knows of a destination: whether a look read it, and which one a revision learned.

In these texts, `s` is a snapshot, and `b` or `r` a revision.
"""

from changelog.store.reading.drivers import PAIRS

# Of a revision `r` without its destination, the later one that learned it: the first that has it or
# another routing, unless it has another routing.
KNOWN_LATER = """
    LEFT JOIN revision_log k ON k.did = r.did AND r.destination IS NULL AND k.routing = r.routing
      AND k.revision = (SELECT l.revision FROM revision_log l
        WHERE l.did = r.did AND l.revision > r.revision
          AND (l.routing <> r.routing OR l.destination IS NOT NULL)
        ORDER BY l.revision LIMIT 1)
"""
KNOWN_TODAY = """
    coalesce(r.destination, k.destination) AS destination,
    coalesce(k.destination_source, r.destination_source) AS destination_source,
    k.first_seen_us AS known_us
"""


def _has_read(capture: str, application: str) -> str:
    """Return the condition on an alias of ``capture_log`` that it read the ``answer_url`` of an
    application.

    A capture that did not end, or was read from files, says nothing of the applications.
    """
    return f"""{capture}.command <> 'import' AND {capture}.finished_us IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM unread_application_log u WHERE u.capture = {capture}.id
          AND u.application_id IN ('', coalesce({application}, '')))"""


def reads_destination(capture: str, application: str) -> str:
    """Return the condition that a capture, by its id, read the ``answer_url`` of an application."""
    return f"""EXISTS (SELECT 1 FROM capture_log c
        WHERE c.id = {capture} AND {_has_read("c", application)})"""


_READS = reads_destination("s.capture", "b.application_id")


def _shows_destination(reads: str) -> str:
    """Return 1 where a snapshot `s` shows the destination of its revision `b`: as the one that
    brought it, or by the body, or as its capture `reads` it; else 0."""
    return f"""
    CASE WHEN b.destination IS NULL THEN 0
         WHEN s.received_us = b.first_seen_us AND NOT EXISTS
              (SELECT 1 FROM revision_log p WHERE p.did = b.did
               AND p.revision = b.revision - 1 AND p.destination = b.destination) THEN 1
         WHEN b.destination_source = 'body'
         THEN CASE WHEN instr(b.body, '"' || b.destination || '"') > 0 THEN 1 ELSE 0 END
         WHEN b.destination_source = 'fetched' THEN {reads}
         ELSE 0 END
"""


def destination_read(reads: str) -> str:
    """Return 1 or 0 for whether a snapshot `s` shows the destination of its revision `b`, NULL
    where a look can show none; or what `reads` is where its capture decides."""
    return f"""
    CASE WHEN b.destination_source IN ('fetched', 'body') THEN {_shows_destination(reads)}
         WHEN b.destination IS NULL AND b.route_mode = 'webhook' AND b.application_id IS NOT NULL
         THEN {reads} END AS destination_read
"""


_DECIDED = f"CASE WHEN {_READS} THEN 1 ELSE 0 END"
SHOWS_DESTINATION = f"{_shows_destination(_DECIDED)} = 1"
DESTINATION_READ = destination_read(_DECIDED)

# When the stay of `r` ends: the unbroken run of revisions with its routing.
_STAY_END = """
    coalesce((SELECT min(e.first_seen_us) FROM revision_log e
              WHERE e.did = r.did AND e.revision > r.revision AND e.routing <> r.routing),
             9223372036854775807)
"""
_STAY_START = """
    (SELECT f.first_seen_us FROM revision_log f
     WHERE f.did = r.did AND f.revision = 1 + coalesce(
       (SELECT max(p.revision) FROM revision_log p
        WHERE p.did = r.did AND p.revision < r.revision AND p.routing <> r.routing), 0))
"""
# Captures that may not have read each application. Few have not: so most looks ask no more.
_DOUBTFUL = """
    (SELECT c.id FROM capture_log c WHERE c.command = 'import' OR c.finished_us IS NULL
     UNION ALL SELECT u.capture FROM unread_application_log u)
"""
_UNREAD = "(SELECT u.capture FROM unread_application_log u WHERE u.application_id = '')"
_SHOWS = f"""
    ((b.destination_source = 'fetched' AND s.capture NOT IN {_DOUBTFUL}) OR {SHOWS_DESTINATION})
"""


def _nearest(when: str, order: str) -> str:
    """Return the time of the nearest readable look, if that is of the stay of `r` and shows its
    destination. With one bound, so that PostgreSQL steps there."""
    return f"""
        (SELECT s.received_us
         FROM (SELECT s.did, s.received_us, s.revision, s.capture FROM snapshot_log s
               WHERE s.did = r.did AND s.revision IS NOT NULL AND {when}
               ORDER BY s.received_us {order} LIMIT 1) s
         JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
         WHERE b.routing = r.routing AND s.received_us < {_STAY_END} AND {_SHOWS})
    """


def _newest(when: str) -> str:
    """Return the time of the newest of the looks that show the destination of `r`."""
    return f"""
        (SELECT s.received_us
         FROM snapshot_log s JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
         WHERE s.did = r.did AND b.routing = r.routing AND {when}
           AND (b.destination_source = 'body' OR s.capture NOT IN {_UNREAD})
           AND {SHOWS_DESTINATION}
         ORDER BY s.received_us DESC LIMIT 1)
    """


_AFTER, _BEFORE = "s.received_us >= :at", "s.received_us < :at"
_ANY_AFTER = _newest(f"{_AFTER} AND s.received_us < {_STAY_END}")
_ANY_BEFORE = _newest(f"{_BEFORE} AND s.received_us >= {_STAY_START}")
# The last look that shows the destination of `r`, where none of its stay does from the moment on.
# One that no look can show counts as seen at first, if the next revision has another one alone.
WHOLE_SEEN = f"""
    CASE WHEN r.destination_source IN ('fetched', 'body')
         THEN CASE WHEN coalesce({_nearest(_AFTER, "ASC")}, {_ANY_AFTER}) IS NULL
              THEN coalesce({_nearest(_BEFORE, "DESC")}, {_ANY_BEFORE}, r.first_seen_us) END
         WHEN r.destination_source = 'stated' AND EXISTS
           (SELECT 1 FROM revision_log n
            WHERE n.did = r.did AND n.revision = r.revision + 1 AND n.routing <> r.routing
            AND coalesce(n.application_id, '') = coalesce(r.application_id, '')
            AND coalesce(n.route_mode, '') = coalesce(r.route_mode, ''))
         THEN r.first_seen_us END
"""

# Of applications with a capture each, those that it read.
APPLICATIONS_READ = f"""
    WITH wanted (did, number) AS ({PAIRS})
    SELECT w.did AS application_id, w.number AS capture FROM wanted w
    WHERE {reads_destination("w.number", "w.did")}
"""
# When the newest capture that read each of some applications had ended.
APPLICATIONS_READ_LAST = f"""
    WITH wanted (did, number) AS ({PAIRS})
    SELECT w.did AS application_id,
           (SELECT c.finished_us FROM capture_log c WHERE {_has_read("c", "w.did")}
            ORDER BY c.id DESC LIMIT 1) AS read_us
    FROM wanted w
"""

# Those with an ``answer_url`` that a capture with a key stored. It stores of a list only what
# differs from before: so of the others, whether a look at a DID with that key read it.
LISTED_TO = """
    SELECT DISTINCT a.application_id FROM application a JOIN capture c ON c.id = a.capture
    WHERE c.key = :key AND coalesce(a.answer_url, '') <> ''
"""
READ_WITH = f"""
    SELECT r.application_id FROM snapshot_log s
    JOIN revision_log r ON r.did = s.did AND r.revision = s.revision
    JOIN capture_log k ON k.id = s.capture
    WHERE s.did = :did AND r.application_id = :application AND k.key = :key
      AND {reads_destination("s.capture", "r.application_id")}
    LIMIT 1
"""

# The newest look at each revision that read it. A revision's looks lie between its first one and
# that of the next revision.
DESTINATIONS_READ = f"""
    SELECT r.did, r.revision,
           (SELECT s.received_us FROM snapshot_log s
            WHERE s.did = r.did AND s.revision = r.revision AND s.received_us >= r.first_seen_us
              AND s.received_us < coalesce(
                (SELECT n.first_seen_us FROM revision_log n
                 WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
              AND {reads_destination("s.capture", "r.application_id")}
            ORDER BY s.received_us DESC LIMIT 1) AS read_us
    FROM revision_log r WHERE r.did IN :dids
"""
