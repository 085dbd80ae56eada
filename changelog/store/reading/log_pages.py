"""The revisions of all DIDs, newest first, in pages by key; without those that cannot be meant.

What is left over has to be looked at closer: a page only spares reading a history for each.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from changelog.model.errors import DatabaseError
from changelog.model.results.pages import NewestPage, RevisionKey
from changelog.model.text.json_body import NotJson, parse_json
from changelog.model.text.times import from_micros, to_micros
from changelog.store.db_errors import is_no_json
from changelog.store.reading.values import ascii_part, read_bodies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.model.results.pages import RevisionsWanted
    from changelog.store.reading.drivers import Query, Row

_COLUMNS = ("application_id", "route_mode", "destination")
"""Fields whose change a column tells as well as the body does."""
_BODIES_AT_ONCE = 100
_LOOKED_AT = 5_000
"""Revisions a page where few of them can be meant."""
_END_OF_TIME = 9_223_372_036_854_775_807

# Of what has the same time, the order is by DID and number.
_PAGE = """
    SELECT r.did, r.revision, r.first_seen_us, CASE WHEN {may} THEN 1 ELSE 0 END AS may
    FROM (SELECT did, revision, first_seen_us, routing, application_id, route_mode, destination,
                 capture, body, document
          FROM revision_log
          WHERE first_seen_us >= :since AND first_seen_us <= :until
            AND (first_seen_us < :until OR did > :did OR (did = :did AND revision < :revision))
          ORDER BY first_seen_us DESC, did, revision DESC LIMIT :limit) r
    LEFT JOIN revision_log b ON b.did = r.did AND b.revision = r.revision - 1
"""
_TAGGED = """
    EXISTS (SELECT 1 FROM tagged_revision t
            WHERE t.name = :tag AND t.did = r.did AND t.revision = r.revision)
"""
# A name in a body may be spelled with a backslash.
_NAMED = " OR ".join(
    f"instr({body}, {part}) > 0"
    for body in ("r.body", "b.body")
    for part in (":name", ":backslash")
)
# A name that stands once in each body, and not by escapes, has the same value there: so the bodies
# of a field that did not change need not be read. The value as it is written: 1.0 is not 1.00.
# PostgreSQL refuses `->` on some escapes, so these come first.
_DIFFERS = """
    CASE WHEN instr(r.body, :backslash) > 0 OR instr(b.body, :backslash) > 0
           OR instr(substr(r.body, instr(r.body, :name) + 1), :name) > 0
           OR instr(substr(b.body, instr(b.body, :name) + 1), :name) > 0 THEN 1
         WHEN CAST(r.document -> :key AS TEXT) = CAST(b.document -> :key AS TEXT) THEN 0
         ELSE 1 END = 1
"""
_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
"""A field that `->` finds by its name on both dialects."""
# What can be told without reading a history. The notes of captures and the tags that hold the text
# are looked for once: see `_grep`.
_GREP = """
    (replace(lower(r.destination), lower(:grep), '') <> lower(r.destination)
     OR EXISTS (SELECT 1 FROM capture_log c WHERE c.id = r.capture AND ({people}))
     OR EXISTS (SELECT 1 FROM note_log x WHERE x.did = r.did AND x.revision = r.revision
                AND ({note}))
     OR EXISTS (SELECT 1 FROM verdict_log x WHERE x.did = r.did AND x.revision = r.revision
                AND ({verdict}))
     OR EXISTS (SELECT 1 FROM evidence_log x WHERE x.did = r.did AND x.revision = r.revision
                AND ({evidence}))
     {captures} {tags})
"""
_NOTED_CAPTURES = "SELECT DISTINCT capture FROM capture_note_log WHERE {holds}"
_NAMED_TAGS = "SELECT name FROM tag_log WHERE {holds}"
_READ_IN = """
    OR EXISTS (SELECT 1 FROM capture_reading k WHERE k.capture IN ({ids})
               AND k.did = r.did AND k.revision = r.revision)
"""
_TAGGED_SO = """
    OR EXISTS (SELECT 1 FROM tagged_revision t WHERE t.did = r.did AND t.revision = r.revision
               AND replace(lower(t.name), lower(:grep), '') <> lower(t.name))
"""
_ANNOTATED = """
    SELECT r.did, r.revision, r.first_seen_us FROM
      (SELECT did, revision, at_us FROM note_log
       UNION ALL SELECT did, revision, at_us FROM noted_revision
                 WHERE at_us >= :since AND at_us <= :until
       UNION ALL SELECT did, revision, at_us FROM verdict_log
       UNION ALL SELECT did, revision, at_us FROM confirmation_log
       UNION ALL SELECT did, revision, at_us FROM evidence_log
                 WHERE result IN ('pass', 'fail')) annotated
      JOIN revision_log r ON r.did = annotated.did AND r.revision = annotated.revision
    WHERE at_us >= :since AND at_us <= :until
    GROUP BY 1, 2, 3
"""


def read_annotated(
    rows: Query, since: datetime | None, until: datetime | None
) -> list[RevisionKey]:
    """Return the revisions of which something was said then: see ``Pages.annotated``."""
    period = {
        "since": -_END_OF_TIME if since is None else to_micros(since),
        "until": _END_OF_TIME if until is None else to_micros(until),
    }
    return [_key(row) for row in rows(_ANNOTATED, **period)]


def read_newest(
    rows: Query, wanted: RevisionsWanted, before: RevisionKey | None, limit: int
) -> NewestPage:
    """Return a page of the revisions that may be what is `wanted`: see ``Pages.newest``."""
    try:
        return _read_page(rows, wanted, before, limit, compare=True)
    except DatabaseError as error:
        if not is_no_json(error.__cause__):
            raise
        return _read_page(rows, wanted, before, limit, compare=False)


def _read_page(
    rows: Query, wanted: RevisionsWanted, before: RevisionKey | None, limit: int, *, compare: bool
) -> NewestPage:
    """`compare`: let the database compare a field of two bodies, which it cannot if one is no JSON
    any more."""
    conditions = list(_conditions(rows, wanted, compare=compare))
    query = _PAGE.format(may=" AND ".join(conditions) or "1 = 1")
    size = max(limit, _LOOKED_AT) if conditions else limit
    read = rows(query, **_parameters(wanted, before), limit=size)
    read.sort(key=lambda row: (-row["first_seen_us"], row["did"], -row["revision"]))
    candidates = [row for row in read if row["may"]]
    if wanted.field is None or wanted.field in _COLUMNS:
        found, last = candidates, None
    else:
        found, last = _differing(rows, candidates, _member(wanted.field), limit)
    end = last or (read[-1] if read else None)
    return NewestPage(
        tuple(map(_key, found)),
        looked_to=_key(end) if end else before,
        more=last is not None or len(read) == size,
    )


def _differing(
    rows: Query, candidates: Sequence[Row], name: str, limit: int
) -> tuple[list[Row], Row | None]:
    """Return those whose bodies may differ in the member `name`; and the one that was looked at
    last, where that is not the last one because `limit` of them were found."""
    found: list[Row] = []
    for start in range(0, len(candidates), _BODIES_AT_ONCE):
        some = candidates[start : start + _BODIES_AT_ONCE]
        wanted = [(row["did"], row["revision"] - back) for row in some for back in (0, 1)]
        bodies = read_bodies(rows, wanted)
        found += [row for row in some if _may_differ(bodies, row, name)]
        if len(found) >= limit and start + len(some) < len(candidates):
            return found, some[-1]
    return found, None


def _conditions(rows: Query, wanted: RevisionsWanted, *, compare: bool) -> Iterator[str]:
    if wanted.routing:
        yield "(b.did IS NULL OR b.routing <> r.routing)"
    if wanted.tag is not None:
        yield _TAGGED
    # Upper and lower case are alike on both dialects for ASCII only.
    if wanted.grep is not None and (part := ascii_part(wanted.grep)):
        yield _grep(rows, part)
    if wanted.field is None:
        return
    yield "b.did IS NOT NULL"
    if wanted.field in _COLUMNS:
        yield f"coalesce(b.{wanted.field}, '') <> coalesce(r.{wanted.field}, '')"
    else:
        if compare and _PLAIN_NAME.fullmatch(_member(wanted.field)):
            yield _DIFFERS
        yield f"({_NAMED})"


def _holds(*columns: str) -> str:
    return " OR ".join(
        f"replace(lower({column}), lower(:grep), '') <> lower({column})" for column in columns
    )


def _grep(rows: Query, part: str) -> str:
    noted = rows(_NOTED_CAPTURES.format(holds=_holds("text", "author")), grep=part)
    ids = ", ".join(str(row["capture"]) for row in noted)
    return _GREP.format(
        people=_holds("c.recorded_by", "c.changed_by", "c.ticket"),
        note=_holds("x.text", "x.author"),
        verdict=_holds("x.reason", "x.author"),
        evidence=_holds("x.reason", "x.call"),
        captures=_READ_IN.format(ids=ids) if ids else "",
        tags=_TAGGED_SO if rows(_NAMED_TAGS.format(holds=_holds("name")), grep=part) else "",
    )


def _parameters(wanted: RevisionsWanted, before: RevisionKey | None) -> dict[str, object]:
    until = _END_OF_TIME if wanted.until is None else to_micros(wanted.until)
    name = _member(wanted.field)
    key = before or RevisionKey("", 2_147_483_647, from_micros(0))
    return {
        "since": -_END_OF_TIME if wanted.since is None else to_micros(wanted.since),
        "until": until if before is None else to_micros(before.first_seen_at),
        "did": key.did,
        "revision": key.revision,
        "tag": wanted.tag,
        "grep": ascii_part(wanted.grep or ""),
        "name": json.dumps(name, ensure_ascii=False),
        "key": name,
        "backslash": "\\",
    }


def _member(field: str | None) -> str:
    """The body's own destination is called so, to tell it from the routing's."""
    return "destination" if field == "body.destination" else field or ""


def _key(row: Row) -> RevisionKey:
    return RevisionKey(row["did"], row["revision"], from_micros(row["first_seen_us"]))


def _may_differ(bodies: Mapping[tuple[str, int], str], row: Row, name: str) -> bool:
    """Return whether the member may differ in the two bodies: of a broken one nobody knows."""
    try:
        before, after = (
            parse_json(bodies[row["did"], revision]).get(name)
            for revision in (row["revision"] - 1, row["revision"])
        )
    except (KeyError, NotJson, AttributeError):
        return True
    # 1 and True are equal in Python, and differ.
    return (
        bool(before != after) or type(before) is not type(after) or isinstance(after, dict | list)
    )
