"""The queries of ``pages.py``: each steps through a key and stops at the size of a page.

`instr` finds a part of a text; LIKE would not, nor escape alike on both dialects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.store.reading.destinations import (
    KNOWN_LATER,
    KNOWN_TODAY,
    WHOLE_SEEN,
)
from changelog.store.reading.drivers import PAIRS
from changelog.store.reading.queries import APPLICATION_NAME, AS_OF
from changelog.store.schema.targets import LONG_TARGET, SHORT_TARGET

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEAR = 4_000
"""DIDs that are looked at first: what many have is among them."""

# Of the revision {r} of a DID. SQLite finds what these ask of it in one index. So a number, which
# is not in there, is looked for among all that there were.
_NUMBERED = """
    ({{r}}.did IN (SELECT n.did FROM number_log n WHERE {condition})
     AND EXISTS (SELECT 1 FROM revision_log n
                 WHERE n.did = {{r}}.did AND n.revision = {{r}}.revision AND ({condition})))
"""
_OWN_NUMBER = "{r}.number IN (:text, :number, '+' || :number)"
_IN_NUMBER = """
    (instr({r}.number, :text) > 0 OR (:number <> :text AND instr({r}.number, :number) > 0))
"""
# What is exactly a DID's id, number, application or destination, and what is a part of one.
_EXACT = """
    ({{r}}.did IN (:text, :number) OR {{r}}.application_id = :text OR {destination} = :text
     OR {number})
"""
_PART = """
    (instr({{r}}.did, :text) > 0 OR instr({{r}}.application_id, :text) > 0
     OR instr({destination}, :text) > 0 OR {number})
"""
# By `then`: only an older revision has a destination that was learned after it.
_DESTINATIONS = {
    False: "{r}.destination",
    True: """coalesce({r}.destination,
      (SELECT CASE WHEN k.routing = {r}.routing THEN k.destination END FROM revision_log k
       WHERE k.did = {r}.did AND k.revision > {r}.revision
         AND (k.routing <> {r}.routing OR k.destination IS NOT NULL)
       ORDER BY k.revision LIMIT 1))""",
}


def _numbered(condition: str, *, seeks: bool) -> str:
    return _NUMBERED.format(condition=condition.format(r="n")) if seeks else condition


def _texts(*, seeks: bool, then: bool) -> dict[str, list[str]]:
    """Return by its name the condition that a text is sought with."""
    destination, kinds = _DESTINATIONS[then], {"exact": _EXACT, "part": _PART}
    numbers = {"exact": _OWN_NUMBER, "part": _IN_NUMBER}
    made = {
        kind: [text.format(number=_numbered(numbers[kind], seeks=seeks), destination=destination)]
        for kind, text in kinds.items()
    }
    return {**made, "": []}


# The latest revision, if it meets the condition. The condition stands in the query around it too:
# here it spares SQLite from reading more of a DID that does not meet it.
_LATEST = """
    (SELECT CASE WHEN {which} THEN m.revision END FROM revision_log m
     WHERE m.did = d.did ORDER BY m.revision DESC LIMIT 1)
"""
# At a moment; of a capture's tag, what the capture read goes before that. Sought from the newest
# revision on: what is asked about is mostly not long ago.
THEN = f"""
    coalesce(
       (SELECT max(k.revision) FROM capture_reading k
        WHERE k.capture = :capture AND k.did = d.did),
       (SELECT m.revision FROM revision_log m WHERE m.did = d.did AND {AS_OF}
        ORDER BY m.revision DESC LIMIT 1))
"""
_FLEET_NOW = """
    SELECT c.did, c.number, c.revision, c.routing, c.application_id, c.route_mode, c.destination,
           c.status, c.since_us, c.last_seen_us, c.hidden_us, c.retired, c.application_name,
           NULL AS known_us, NULL AS whole_seen_us, NULL AS destination_source, page.is_exact
    FROM ({page}) page JOIN current_routing c ON c.did = page.did ORDER BY c.did
"""
# The last look at a revision lies before the next one.
_LAST_SEEN = """
    (SELECT s.received_us FROM snapshot_log s
     WHERE s.did = r.did AND s.revision = r.revision AND s.received_us <
       coalesce((SELECT n.first_seen_us FROM revision_log n
                 WHERE n.did = r.did AND n.revision = r.revision + 1), 9223372036854775807)
     ORDER BY s.received_us DESC LIMIT 1)
"""
# The last 404 that hid the DID, unless it was read between that and the moment.
_HIDDEN_THEN = """
    (SELECT CASE WHEN NOT EXISTS
       (SELECT 1 FROM snapshot_log s WHERE s.did = h.did AND s.revision IS NOT NULL
        AND s.received_us > h.hidden_us AND s.received_us <= :at) THEN h.hidden_us END
     FROM hidden_look h WHERE h.did = r.did AND h.hidden_us <= :at
     ORDER BY h.hidden_us DESC LIMIT 1)
"""
_FLEET_THEN = f"""
    SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode, {KNOWN_TODAY},
           r.status, r.first_seen_us AS since_us,
           coalesce({_LAST_SEEN}, r.first_seen_us) AS last_seen_us,
           {WHOLE_SEEN} AS whole_seen_us,
           {_HIDDEN_THEN} AS hidden_us, 0 AS retired, {APPLICATION_NAME}, page.is_exact
    FROM ({{page}}) page JOIN revision_log r ON r.did = page.did AND r.revision = page.revision
    {KNOWN_LATER} ORDER BY r.did
"""
NEWEST = "(SELECT max(m.revision) FROM revision_log m WHERE m.did = d.did)"
# From DID to DID.
_WALK = """
    SELECT d.did, r.revision, {exact} AS is_exact
    FROM did_log d JOIN revision_log r ON r.did = d.did AND r.revision = {revision}
    WHERE d.did > :after AND {which} ORDER BY d.did LIMIT :limit
"""
# The same. PostgreSQL expects too few DIDs of that, and would read all revisions for each page.
_WALK_ALL = """
    SELECT d.did, r.revision, 0 AS is_exact
    FROM did_log d CROSS JOIN LATERAL
      (SELECT n.revision FROM revision_log n
       WHERE n.did = d.did AND n.revision = {revision} LIMIT 1) r
    WHERE d.did > :after ORDER BY d.did LIMIT :limit
"""
# As a range, which PostgreSQL reads in the key.
_NEAR_END = f"""
    (SELECT max(n.did) FROM
      (SELECT did FROM did_log WHERE did > :after ORDER BY did LIMIT {_NEAR}) n)
"""
_IS_NEAR = f"r.did > :after AND d.did <= {_NEAR_END} AND r.did <= {_NEAR_END}"
# All that `revision_newest` holds, from DID to DID: on PostgreSQL a step into an index takes ten
# times as long as its next row, and a comparison with nothing a tenth of the time. A DID may have a
# later revision that is too long for it.
_READ_NEWEST = f"""
    SELECT * FROM (
      (SELECT d.did, d.revision, {{exact}} AS is_exact
       FROM (SELECT DISTINCT ON (did) did, revision, number, application_id, destination
             FROM revision_log WHERE (:after = '' OR did > :after) AND {SHORT_TARGET}
             ORDER BY did, revision DESC) d
       WHERE {{which}} AND NOT EXISTS
         (SELECT 1 FROM revision_log l
          WHERE l.did = d.did AND l.revision > d.revision AND {LONG_TARGET})
       ORDER BY d.did LIMIT :limit)
      UNION ALL
      (SELECT d.did, d.revision, {{exact}} AS is_exact
       FROM revision_log d
       WHERE d.did > :after AND {LONG_TARGET} AND {{which}} AND d.revision = {NEWEST}
       ORDER BY d.did LIMIT :limit)) found
    ORDER BY did LIMIT :limit
"""
# All revisions, for what no index has. PostgreSQL expects few of an equation, and many of a
# comparison. OFFSET keeps it from doing anything else first.
_SCAN = """
    SELECT d.did, d.revision, {exact} AS is_exact
    FROM (SELECT r.did, r.revision, r.number, r.application_id, r.destination, r.routing
          FROM revision_log r
          WHERE r.did > :after AND CASE WHEN {which} THEN 1 ELSE 0 END = 1 OFFSET 0) d
    WHERE d.revision = {revision} ORDER BY d.did LIMIT :limit
"""


def fleet_query(page: str, *, then: bool) -> str:
    """Return the query for the rows of a page."""
    return (_FLEET_THEN if then else _FLEET_NOW).format(page=page)


def dids_queries(*, seeks: bool, then: bool, text: str, equal: Sequence[str]) -> list[str]:
    """Return the queries for a page of the DIDs of a fleet: the next one is asked if the page is
    not full. `seeks`: a step into an index takes little time, as on SQLite; `text`: "", "exact" or
    "part"; `equal`: conditions of ``equal_to``."""
    texts = _texts(seeks=seeks, then=then)
    asked = [*equal, *texts[text]]
    exact = f"CASE WHEN {texts['exact'][0]} THEN 1 ELSE 0 END" if text else "0"
    walked = exact.format(r="r")
    revision = THEN if then else _latest(asked)
    if not (seeks or asked):
        return [_WALK_ALL.format(revision=revision)]
    if seeks:
        return [_WALK.format(exact=walked, revision=revision, which=_all(asked, "r"))]
    exact = exact.format(r="d")
    if not then and not set(asked) & set(_NOT_INDEXED):
        return [_READ_NEWEST.format(exact=exact, which=_all(asked, "d"))]
    return [
        _WALK.format(exact=walked, revision=revision, which=_all([*asked, _IS_NEAR], "r")),
        _SCAN.format(exact=exact, revision=THEN if then else NEWEST, which=_all(asked, "r")),
    ]


def _all(asked: Sequence[str], r: str) -> str:
    return " AND ".join(condition.format(r=r) for condition in asked) or "1 = 1"


def _latest(asked: Sequence[str]) -> str:
    """What the index has not is asked of what is left."""
    indexed = [condition for condition in asked if condition not in _NOT_INDEXED]
    return _LATEST.format(which=_all(indexed or asked, "m"))


def equal_to(column: str, *, empty: bool = False) -> str:
    """Return the condition that a column is what is asked for; an `empty` one has no value."""
    return f"coalesce({{r}}.{column}, '') = :{column}" if empty else f"{{r}}.{column} = :{column}"


_NOT_INDEXED = [equal_to(name, empty=e) for name in ("route_mode", "status") for e in (False, True)]


# Each way in which a capture's revisions differ from those before, of the newest ones by time.
CHANGES = """
    WITH newest AS
      (SELECT did, revision, routing, number, application_id, route_mode, destination,
              destination_source, status, first_seen_us, capture
       FROM revision_log WHERE first_seen_us <= :until
       ORDER BY first_seen_us DESC LIMIT :most),
    ways AS
      (SELECT r.capture, count(*) AS count, min(r.did) AS did, min(r.first_seen_us) AS first_us,
              max(r.first_seen_us) AS last_us,
              CASE WHEN r.routing <> b.routing THEN 1 ELSE 0 END AS moved,
              CASE WHEN b.did IS NULL THEN 1 ELSE 0 END AS is_new,
              CASE WHEN b.number = r.number THEN NULL ELSE r.number END AS number,
              CASE WHEN b.number = r.number THEN NULL ELSE b.number END AS number_before,
              CASE WHEN b.did IS NOT NULL THEN r.application_id END AS application_id,
              CASE WHEN b.did IS NOT NULL THEN r.route_mode END AS route_mode,
              CASE WHEN b.did IS NOT NULL THEN r.destination END AS destination,
              CASE WHEN b.did IS NOT NULL THEN r.destination_source END AS destination_source,
              CASE WHEN b.did IS NOT NULL THEN r.status END AS status,
              b.application_id AS application_before, b.route_mode AS mode_before,
              b.destination AS destination_before, b.destination_source AS source_before,
              b.status AS status_before
       FROM newest r LEFT JOIN revision_log b ON b.did = r.did AND b.revision = r.revision - 1
       GROUP BY 1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
    SELECT * FROM ways
"""

# The newest that any other capture began by then.
NEXT_CHANGE = """
    SELECT first_seen_us FROM revision_log
    WHERE first_seen_us <= :until AND capture NOT IN (:ids)
    ORDER BY first_seen_us DESC LIMIT 1
"""

APPLICATION_NAMES = """
    SELECT application_id, name FROM application_log a
    WHERE application_id IN :names AND seen_us =
      (SELECT max(m.seen_us) FROM application_log m WHERE m.application_id = a.application_id)
"""

# A row for each note that was added later.
CAPTURES = """
    SELECT c.id, c.command, c.started_us, c.finished_us, c.unread, c.recorded_by, c.changed_by,
           c.note, c.ticket, c.remarks, t.tag, n.at_us, n.author, n.text, NULL AS did,
           NULL AS revision, n.capture
    FROM capture_log c
    LEFT JOIN capture_note_log n ON n.capture = c.id AND n.later = 1
    LEFT JOIN (SELECT capture, min(name) AS tag FROM tag_log GROUP BY capture) t ON t.capture = c.id
    WHERE c.id IN (:ids) ORDER BY c.id, n.at_us
"""

# A step in the key for each: CROSS JOIN keeps SQLite to it.
REVISIONS = f"""
    WITH wanted (did, revision) AS ({PAIRS})
    SELECT r.did, r.number, r.revision, r.routing, r.application_id, r.route_mode, {KNOWN_TODAY},
           r.status, r.first_seen_us, length(r.body) AS size
    FROM wanted w CROSS JOIN revision_log r {KNOWN_LATER}
    WHERE r.did = w.did AND r.revision = w.revision
"""

_HOLDS = "(:text = '' OR replace(lower({0}), lower(:text), '') <> lower({0}))"
_SOME_HOLD = " OR ".join(map(_HOLDS.format, ("note", "ticket", "recorded_by", "changed_by")))

NUMBERS = f"""
    SELECT n.number, n.did FROM number_log n
    WHERE {_IN_NUMBER.format(r="n")}
      AND coalesce((SELECT r.number FROM revision_log r WHERE r.did = n.did
                    ORDER BY r.revision DESC LIMIT 1), '') <> n.number
    ORDER BY n.number, n.did LIMIT :limit
"""
_FOUND_TEXTS = {
    "note": f"""
        SELECT at_us, author, text, did, revision, capture FROM
          (SELECT at_us, author, text, did, revision, CAST(NULL AS BIGINT) AS capture FROM note_log
           UNION ALL
           SELECT at_us, author, text, NULL, NULL, capture FROM capture_note_log
           WHERE later = 1) notes
        WHERE {_HOLDS.format("text")} OR {_HOLDS.format("author")}
    """,
    "verdict": f"""
        SELECT at_us, author, reason AS text, did, revision, NULL AS capture FROM verdict_log
        WHERE {_HOLDS.format("reason")} OR {_HOLDS.format("author")}
    """,
    "evidence": f"""
        SELECT at_us, call AS author, reason AS text, did, revision, NULL AS capture
        FROM evidence_log WHERE {_HOLDS.format("reason")} OR {_HOLDS.format("call")}
    """,
    "capture": f"""
        SELECT c.started_us AS at_us, c.recorded_by AS author, c.note AS text, NULL AS did,
               NULL AS revision, c.id AS capture, c.ticket, c.changed_by,
               (SELECT min(t.name) FROM tag_log t WHERE t.capture = c.id) AS tag
        FROM capture_log c
        WHERE {_SOME_HOLD} OR c.id IN (SELECT t.capture FROM tag_log t
                                       WHERE t.capture IS NOT NULL AND {_HOLDS.format("t.name")})
    """,
}
# Of what has the same time, the order is the same on each page.
TEXTS = {
    kind: f"{query} ORDER BY at_us DESC, capture, did, author, text LIMIT :limit OFFSET :offset"
    for kind, query in _FOUND_TEXTS.items()
}
