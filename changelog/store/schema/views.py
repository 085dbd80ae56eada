"""The SQL views: one text for both databases. The readers ask nothing else.

An older log is read by the views that it has. So a view never loses a column, and a query may ask
only for what the first version of its view had."""

SPELLINGS = {
    "sqlite": {
        "<utc>": "strftime('%Y-%m-%dT%H:%M:%SZ', (",
        "</utc>": ") / 1000000, 'unixepoch')",
    },
    "postgresql": {
        "<utc>": "to_char(to_timestamp((",
        "</utc>": """) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')""",
    },
}
"""<utc>…</utc>: microseconds as RFC 3339 text, to the second."""

# A revision's snapshots lie between its first one and the next revision's.
_ITS_SNAPSHOTS = """
    FROM snapshot s
    WHERE s.did = r.did AND s.revision = r.revision AND s.received_at >= r.first_seen_at
      AND s.received_at < coalesce(
        (SELECT n.first_seen_at FROM revision n
         WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
"""
_LAST_SEEN = f"(SELECT s.received_at {_ITS_SNAPSHOTS} ORDER BY s.received_at DESC LIMIT 1)"
_LATEST = """
    did d JOIN revision r ON r.did = d.did
      AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = d.did)
"""
# The newest snapshot that says whether the DID is visible: readable, or a 404 that counts.
_HIDDEN_SINCE = """
    (SELECT CASE WHEN s.hidden = 1 THEN s.received_at END FROM snapshot s
     WHERE s.did = d.did AND (s.revision IS NOT NULL OR s.hidden = 1)
     ORDER BY s.received_at DESC LIMIT 1)
"""
# The newest revision with another routing than the latest's: sought from the end.
_BEFORE_IT = """
    (SELECT y.revision FROM revision y WHERE y.did = d.did AND y.routing <> r.routing
     ORDER BY y.revision DESC LIMIT 1)
"""
# Revision `{0}` may have had the routing of the latest, `r`: only its destination is not known.
_MAY_BE_CURRENT = """
    ({0}.routing <> r.routing AND {0}.destination IS NULL
     AND coalesce({0}.application_id, '') = coalesce(r.application_id, '')
     AND coalesce({0}.route_mode, '') = coalesce(r.route_mode, ''))
"""
# The newest revision that is known to have another routing than the latest's.
_SEEN_OTHERWISE = f"""
    (SELECT y.revision FROM revision y WHERE y.did = d.did AND y.routing <> r.routing
       AND NOT {_MAY_BE_CURRENT.format("y")} ORDER BY y.revision DESC LIMIT 1)
"""
# A capture that was resumed has several ends; one that may still be resumed has none yet. Its
# snapshots lie between start and end, so each DID is one step into the primary key; CROSS JOIN
# keeps SQLite to it.
_IN_CAPTURE = """
    s.capture = c.id AND s.received_at >= coalesce(c.reads_from, c.started_at)
    AND s.received_at <= coalesce(
      (SELECT CASE WHEN e.unread IS NULL THEN e.finished_at END FROM capture_end e
       WHERE e.capture = c.id ORDER BY e.finished_at DESC LIMIT 1), 9223372036854775807)
"""

# For people, with ``sqlite3`` or ``psql``.
_FOR_PEOPLE = {
    "routing_history": f"""
        SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
               r.destination, r.status, <utc>r.first_seen_at</utc> AS first_seen_at,
               <utc>{_LAST_SEEN}</utc> AS last_seen_at,
               (SELECT count(*) {_ITS_SNAPSHOTS}) AS snapshots,
               c.recorded_by, c.changed_by, c.ticket, c.note, r.capture
        FROM revision r JOIN capture c ON c.id = r.capture
    """,
    "current_routing": f"""
        SELECT d.did, r.number, r.revision, r.routing, r.application_id, r.route_mode,
               r.destination, r.status,
               <utc>{_HIDDEN_SINCE}</utc> AS hidden_since,
               <utc>{_LAST_SEEN}</utc> AS last_seen_at,
               CASE WHEN (SELECT v.verdict FROM verdict v
                          WHERE v.did = d.did AND v.verdict IN ('retired', 'returned')
                          ORDER BY v.at DESC LIMIT 1) = 'retired' THEN 1 ELSE 0 END AS retired,
               {_HIDDEN_SINCE} AS hidden_us,
               {_LAST_SEEN} AS last_seen_us,
               (SELECT x.first_seen_at FROM revision x
                WHERE x.did = d.did AND x.revision = 1 + coalesce({_BEFORE_IT}, 0)) AS since_us,
               (SELECT coalesce(s.key, c.key) FROM snapshot s
                JOIN capture c ON c.id = s.capture
                WHERE s.did = d.did AND s.revision IS NOT NULL
                ORDER BY s.received_at DESC LIMIT 1) AS key,
               (SELECT a.name FROM application a WHERE a.application_id = r.application_id
                ORDER BY a.seen_at DESC LIMIT 1) AS application_name
        FROM {_LATEST}
    """,
    "alert_log": """
        SELECT a.id, <utc>a.at</utc> AS at, a.watch, a.kind, a.what, a.did, a.number, a.revision,
               a.count, a.dids, a.code, a.message, a.capture, a.channels AS due
        FROM alert a
    """,
}

# When the entry of a row was stored. One that is not there, behind this program's back, is no
# reason to doubt a time.
_STORED = "coalesce((SELECT j.at FROM journal j WHERE j.n = {0}.entry), 9223372036854775807)"


def _is_later(call: str, other: str) -> str:
    """Return a condition on two aliases: the call counts as later than the other row."""

    def time_before(first: str, then: str) -> str:
        stored, end = _STORED.format(first), _STORED.format(then)
        return f"""CASE WHEN {first}.at <= {end} THEN {first}.at
            WHEN {stored} <= {end} THEN {stored} ELSE {then}.at END"""

    return f"""CASE WHEN {call}.entry < {other}.entry
        THEN {time_before(call, other)} > {other}.at
        ELSE {call}.at >= {time_before(other, call)} END"""


# The newest call that passed or failed, but for times ahead of the entry of a later one.
_NEWEST_CALL = f"""
    (SELECT e.at, e.entry, e.result FROM evidence e
     WHERE e.did = r.did AND e.routing = r.routing AND e.result IN ('pass', 'fail')
       AND NOT EXISTS (SELECT 1 FROM evidence l
         WHERE l.did = e.did AND l.routing = e.routing AND l.result IN ('pass', 'fail')
           AND l.entry > e.entry AND {_STORED.format("l")} < e.at)
     ORDER BY e.at DESC, e.entry DESC LIMIT 1)
"""

# A look may not have shown the destination that the routing has.
_REACHES_NOBODY = """
    ({0}.route_mode = 'reject' OR ({0}.application_id IS NULL AND NOT EXISTS
      (SELECT 1 FROM revision w WHERE w.did = {0}.did AND w.routing = {0}.routing
       AND w.destination IS NOT NULL)))
"""

# The restore rule in SQL: ``model/restore_rule.py`` decides the same.
_RESTORE_RULE = {
    # The routings that a confirmed return left behind.
    "rolled_back_routing": """
        SELECT k.did, x.routing, k.at, k.returned, k.entry
        FROM confirmation k
        JOIN revision x ON x.did = k.did AND x.revision > k.revision
          AND x.revision < k.returned AND x.routing <> k.routing
    """,
    # One row a DID and routing, at its newest revision, with what the restore rule asks of it. An
    # index holds the revisions that are not the first of their routing, which has their number.
    # `heard_last`: the newest call's result, where no good verdict came later.
    "routing_standing": f"""
        SELECT r.did, r.routing, r.revision,
               (SELECT v.verdict FROM verdict v WHERE v.did = r.did AND v.routing = r.routing
                 AND v.verdict IN ('good', 'bad') ORDER BY v.at DESC LIMIT 1) AS verdict,
               (SELECT max(v.at) FROM verdict v WHERE v.did = r.did AND v.routing = r.routing
                 AND v.verdict = 'good') AS good_at,
               (SELECT c.result FROM {_NEWEST_CALL} c WHERE NOT EXISTS
                 (SELECT 1 FROM verdict v WHERE v.did = r.did AND v.routing = r.routing
                   AND v.verdict = 'good' AND NOT {_is_later("c", "v")})) AS heard_last,
               (SELECT max(b.at) FROM rolled_back_routing b
                 WHERE b.did = r.did AND b.routing = r.routing) AS left_at,
               (SELECT 1 FROM {_NEWEST_CALL} c WHERE EXISTS
                 (SELECT 1 FROM rolled_back_routing b WHERE b.did = r.did
                   AND b.routing = r.routing AND NOT {_is_later("c", "b")})) AS left_since_call,
               (SELECT max(b.at) FROM rolled_back_routing b
                 WHERE b.did = r.did AND b.routing = r.routing
                   AND b.returned >= r.revision) AS rolled_back_at,
               CASE WHEN {_REACHES_NOBODY.format("r")} THEN 1 ELSE 0 END AS reaches_nobody
        FROM revision r
        WHERE NOT EXISTS (SELECT 1 FROM revision n WHERE n.did = r.did
                          AND n.routing = r.routing AND n.revision > r.revision
                          AND n.routing < n.revision)
    """,
    # Every routing that the rule may offer, with its place in the order: -1 the current one,
    # where it is not visible; 1 its last call failed; 2 it reaches nobody. `good`: judged so,
    # or heard to work, whichever of these and a failed call came last, and not left since. If
    # application and mode are those of the current one, only a known destination tells them apart.
    "restore_candidate": f"""
        SELECT d.did, o.revision, t.routing,
               CASE WHEN t.routing = r.routing THEN -1
                    WHEN {_REACHES_NOBODY.format("o")} THEN 2
                    WHEN t.heard_last = 'fail' THEN 1 ELSE 0 END AS last_resort,
               CASE WHEN t.heard_last = 'fail' THEN 0
                    WHEN t.heard_last = 'pass' THEN 1 - coalesce(t.left_since_call, 0)
                    WHEN t.good_at > coalesce(t.left_at, t.good_at - 1) THEN 1
                    ELSE 0 END AS good
        FROM {_LATEST}
        JOIN routing_standing t ON t.did = d.did
        JOIN revision n ON n.did = d.did AND n.revision = t.revision
        JOIN revision o ON o.did = d.did AND o.revision = CASE
          WHEN {_MAY_BE_CURRENT.format("n")} THEN coalesce(
            (SELECT k.revision FROM revision k WHERE k.did = d.did AND k.routing = t.routing
               AND k.destination IS NOT NULL ORDER BY k.revision DESC LIMIT 1), t.revision)
          ELSE t.revision END
        WHERE coalesce(t.verdict, '') <> 'bad'
          AND (t.rolled_back_at IS NULL OR t.good_at > t.rolled_back_at)
          AND (t.routing <> r.routing
               OR (t.reaches_nobody = 0 AND {_HIDDEN_SINCE} IS NOT NULL))
    """,
    # What was left for the current routing, where that is an older one's unconfirmed return.
    "routing_left": f"""
        SELECT d.did, o.routing
        FROM {_LATEST}
        JOIN revision b ON b.did = d.did AND b.revision = {_BEFORE_IT}
        JOIN revision o ON o.did = d.did AND o.revision = {_SEEN_OTHERWISE}
        WHERE r.routing < b.revision
          AND NOT EXISTS (SELECT 1 FROM confirmation k WHERE k.did = d.did
                          AND k.routing = r.routing AND k.returned = b.revision + 1)
    """,
    "restore_target": f"""
        SELECT d.did, r.number, r.revision AS current_revision,
               CASE WHEN {_HIDDEN_SINCE} IS NULL THEN 1 ELSE 0 END AS visible,
               t.revision AS target_revision, t.application_id, t.route_mode, t.destination,
               CASE WHEN t.revision IS NULL THEN NULL
                    WHEN t.routing = r.routing THEN 'unconfirmed'
                    WHEN EXISTS (SELECT 1 FROM restore_candidate c
                                 WHERE c.did = d.did AND c.revision = t.revision
                                   AND c.good = 1) THEN 'good'
                    WHEN EXISTS (SELECT 1 FROM routing_left l
                                 WHERE l.did = d.did AND l.routing = t.routing) THEN 'left'
                    ELSE 'unconfirmed' END AS confidence,
               <utc>t.first_seen_at</utc> AS first_seen_at
        FROM {_LATEST}
        LEFT JOIN revision t ON t.did = d.did AND t.revision =
          (SELECT c.revision FROM restore_candidate c WHERE c.did = d.did
           ORDER BY c.last_resort, c.revision DESC LIMIT 1)
    """,
}

# What the reading commands ask for besides, so that a reader needs no table at all.
_FOR_READERS = {
    "schema_version": "SELECT version_num FROM alembic_version",
    "journal_head": "SELECT n, at, digest FROM journal ORDER BY n DESC LIMIT 1",
    "journal_log": "SELECT n, at AS at_us FROM journal",
    "did_log": "SELECT did FROM did",
    "number_log": "SELECT number, did FROM did_number",
    "verdict_log": """
        SELECT did, revision, routing, verdict, reason, author, at AS at_us, entry FROM verdict
    """,
    "confirmation_log": """
        SELECT did, revision, returned, routing, at AS at_us, entry FROM confirmation
    """,
    "watch_log": "SELECT watch, CAST(state AS TEXT) AS state FROM watch_state",
    "evidence_log": """
        SELECT did, call, event, at AS at_us, revision, routing, result, reason, entry
        FROM evidence
    """,
    "note_log": "SELECT did, revision, at AS at_us, author, text FROM note",
    # What a capture was given when it was made, and what was added later.
    "capture_note_log": """
        SELECT id AS capture, started_at AS at_us, recorded_by AS author, note AS text, 0 AS later
        FROM capture WHERE note IS NOT NULL
        UNION ALL
        SELECT capture, at, author, text, 1 FROM capture_note
    """,
    "tag_log": "SELECT name, at AS at_us, author, capture FROM tag",
    "application_log": """
        SELECT application_id, answer_url, seen_at AS seen_us, name FROM application
    """,
    "unread_application_log": "SELECT capture, application_id FROM unread_application",
    # A revision by itself: without its snapshots and its capture it is one step into the key.
    # The driver would parse a body that is typed as JSON; `->` wants it so on PostgreSQL.
    "revision_log": """
        SELECT did, revision, routing, number, application_id, route_mode, destination,
               destination_source, status, first_seen_at AS first_seen_us, capture,
               CAST(body AS TEXT) AS body, entry, body AS document
        FROM revision
    """,
    "snapshot_log": """
        SELECT s.did, s.received_at AS received_us, s.capture, s.revision,
               coalesce(s.key, c.key) AS key, p.status, p.code, p.message, p.body
        FROM snapshot s JOIN capture c ON c.id = s.capture
        LEFT JOIN problem p ON p.digest = s.problem
    """,
    # Each 404 that hid a DID: an index holds the few looks with a problem.
    "hidden_look": """
        SELECT did, received_at AS hidden_us FROM snapshot WHERE problem IS NOT NULL AND hidden = 1
    """,
    # The DIDs whose newest snapshot is unreadable: few of them have an unreadable one at all, and
    # the index of these says which. `since_us`: the first such one after the last readable one.
    "unreadable_did": """
        SELECT x.did, r.number, CASE WHEN r.did IS NULL THEN 0 ELSE 1 END AS known,
               (SELECT min(f.received_at) FROM snapshot f
                WHERE f.did = x.did AND f.problem IS NOT NULL AND f.received_at > coalesce(
                  (SELECT g.received_at FROM snapshot g
                   WHERE g.did = x.did AND g.revision IS NOT NULL
                   ORDER BY g.received_at DESC LIMIT 1), 0)) AS since_us,
               x.last_us, p.status, p.code, p.message
        FROM (SELECT did, max(received_at) AS last_us FROM snapshot
              WHERE problem IS NOT NULL GROUP BY did) x
        JOIN snapshot s ON s.did = x.did AND s.received_at = x.last_us
        JOIN problem p ON p.digest = s.problem AND NOT (p.code = 'late' AND p.status IS NULL)
        LEFT JOIN revision r ON r.did = x.did
          AND r.revision = (SELECT max(m.revision) FROM revision m WHERE m.did = x.did)
        WHERE NOT EXISTS (SELECT 1 FROM snapshot n WHERE n.did = x.did
                          AND n.received_at > x.last_us)
    """,
    # One walk over a DID's snapshots, however many revisions it has.
    "snapshot_seen": """
        SELECT did, revision, count(*) AS snapshots, max(received_at) AS last_seen_us
        FROM snapshot WHERE revision IS NOT NULL GROUP BY did, revision
    """,
    "selection_log": "SELECT digest, every, names FROM selection",
    "capture_log": """
        SELECT c.id, c.command, c.started_at AS started_us, c.recorded_by, c.changed_by,
               c.note, c.ticket, c.api_url, c.key, c.selection,
               e.finished_at AS finished_us, e.unread,
               CASE WHEN e.capture IS NOT NULL THEN coalesce(e.remarks, '[]') END AS remarks
        FROM capture c LEFT JOIN capture_end e ON e.capture = c.id AND e.finished_at =
          (SELECT max(m.finished_at) FROM capture_end m WHERE m.capture = c.id)
    """,
    # Which revision of a DID a capture read.
    "capture_reading": f"""
        SELECT c.id AS capture, d.did, s.revision
        FROM capture c CROSS JOIN did d CROSS JOIN snapshot s
        WHERE {_IN_CAPTURE} AND s.did = d.did AND s.revision IS NOT NULL
    """,
    # What a capture has an answer to: a body, a 404, or one that came late.
    "capture_answer": f"""
        SELECT c.id AS capture, s.did
        FROM capture c CROSS JOIN snapshot s
        WHERE {_IN_CAPTURE} AND (s.revision IS NOT NULL OR s.problem IN
          (SELECT p.digest FROM problem p
           WHERE p.status = 404 OR (p.code = 'late' AND p.status IS NULL)))
    """,
    # A capture's note speaks for every revision that it read.
    "noted_revision": f"""
        SELECT s.did, s.revision, n.at_us, n.author, n.text
        FROM capture_note_log n CROSS JOIN capture c CROSS JOIN did d CROSS JOIN snapshot s
        WHERE c.id = n.capture AND {_IN_CAPTURE} AND s.did = d.did AND s.revision IS NOT NULL
    """,
    # A tag on a capture is one of the revisions read; on a moment, of those current then.
    "tagged_revision": f"""
        SELECT s.did, t.name, s.revision
        FROM tag t CROSS JOIN capture c CROSS JOIN snapshot s
        WHERE c.id = t.capture AND {_IN_CAPTURE} AND s.revision IS NOT NULL
        UNION ALL
        SELECT d.did, t.name,
               (SELECT r.revision FROM revision r
                WHERE r.did = d.did AND r.first_seen_at <= t.at
                ORDER BY r.revision DESC LIMIT 1)
        FROM tag t CROSS JOIN did d
        WHERE t.capture IS NULL AND EXISTS (SELECT 1 FROM revision r
          WHERE r.did = d.did AND r.first_seen_at <= t.at)
    """,
}


def view_texts(dialect: str) -> dict[str, str]:
    """Return the definition of each view by name, in the order in which they refer to another."""
    texts = _FOR_PEOPLE | _RESTORE_RULE | _FOR_READERS
    for sign, spelling in SPELLINGS[dialect].items():
        texts = {name: text.replace(sign, spelling) for name, text in texts.items()}
    return texts
