"""Revisions by themselves, of any number of DIDs: those that a selector means, and their bodies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from changelog.model.results.pages import RevisionMeant
from changelog.model.selectors import Latest, Number, Word
from changelog.model.text.json_body import is_json_object
from changelog.store.reading import page_queries, values
from changelog.store.reading.drivers import PAIRS, pairs
from changelog.store.reading.page_queries import NEWEST, THEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from changelog.model.history import RevisionAt
    from changelog.model.selectors import Selector
    from changelog.store.reading.drivers import Query

    _Key = tuple[str, int]

_MOST_HELD = 16 * 1024 * 1024
"""Characters of bodies that are read with one query."""
# The newest revision before `{revision}` with another routing.
_BEFORE = """
    (SELECT b.revision FROM revision_log b JOIN revision_log a ON a.did = b.did
     WHERE b.did = d.did AND a.revision = {revision} AND b.revision < a.revision
       AND b.routing <> a.routing ORDER BY b.revision DESC LIMIT 1)
"""
# The newest revision of a routing judged good, as ``judged_good`` in ``model/restore_rule.py``
# finds it. One whose call goes on to where nobody read stands for the newest that was read, and so
# does one that only its destination tells apart from the latest: that counts for the order too.
_KNOWN = """
    coalesce((SELECT k.revision FROM revision_log k
              WHERE k.did = n.did AND k.routing = n.routing AND k.destination IS NOT NULL
              ORDER BY k.revision DESC LIMIT 1), n.revision)
"""
_MAY_BE_LATEST = """
    (n.routing <> l.routing AND coalesce(n.application_id, '') = coalesce(l.application_id, '')
     AND coalesce(n.route_mode, '') = coalesce(l.route_mode, ''))
"""
_GOES_ON = """
    (coalesce(n.route_mode, '') <> 'reject'
     AND (coalesce(n.application_id, '') <> ''
          OR coalesce(n.route_mode, '') NOT IN ('', 'webhook')))
"""
_GOOD = f"""
    CASE WHEN d.did IN (SELECT did FROM verdict_log WHERE verdict = 'good'
                        UNION SELECT did FROM evidence_log WHERE result = 'pass') THEN
      (SELECT CASE WHEN {_MAY_BE_LATEST} OR {_GOES_ON} THEN {_KNOWN} ELSE n.revision END
       FROM routing_standing t
       JOIN revision_log n ON n.did = t.did AND n.revision = t.revision
       JOIN revision_log l ON l.did = t.did AND l.revision = {NEWEST}
       WHERE t.did = d.did AND coalesce(t.verdict, '') <> 'bad'
         AND (t.rolled_back_at IS NULL OR t.good_at > t.rolled_back_at)
         AND CASE WHEN t.heard_last = 'fail' THEN 0
                  WHEN t.heard_last = 'pass' THEN 1 - coalesce(t.left_since_call, 0)
                  WHEN t.good_at > coalesce(t.left_at, t.good_at - 1) THEN 1 ELSE 0 END = 1
       ORDER BY CASE WHEN {_MAY_BE_LATEST} THEN {_KNOWN} ELSE n.revision END DESC LIMIT 1) END
"""
_MEANT = {
    "good": _GOOD,
    "back": f"{NEWEST} - :number",
    "number": ":number",
    "previous": _BEFORE.format(revision=NEWEST),
    "moment": THEN,
}
"""By the kind of a selector, which revision of `d.did` it means."""


# Between two revisions of the same routing, one of another.
_RETURNED = f"""
    WITH wanted (did, revision) AS ({PAIRS}),
    ends AS (SELECT did, min(revision) AS first, max(revision) AS last FROM wanted GROUP BY did)
    SELECT e.did FROM ends e CROSS JOIN revision_log r CROSS JOIN revision_log l
    WHERE r.did = e.did AND r.revision = e.first
      AND l.did = e.did AND l.revision = e.last AND l.routing = r.routing AND EXISTS
      (SELECT 1 FROM revision_log m WHERE m.did = e.did AND m.revision > e.first
       AND m.revision < e.last AND m.routing <> r.routing)
"""


def _meant(kind: str, *, previous: bool) -> str:
    """Return the query for the revision of each DID that a selector means; with the previous
    routing's newest one where `previous`."""
    before = _BEFORE.format(revision="r.revision") if previous else "NULL"
    return f"""
        SELECT d.did, r.number, r.revision, {before} AS previous
        FROM did_log d JOIN revision_log r ON r.did = d.did AND r.revision = {_MEANT[kind]}
    """


def read_meant(
    rows: Query, selector: Selector, at: Mapping[str, object], *, previous: bool
) -> dict[str, RevisionMeant]:
    """Return by DID the revision that a selector means: see ``Pages.meant``."""
    match selector:
        case Latest(number):
            kind = "back"
        case Number(number):
            kind = "number"
        case Word.PREVIOUS:
            kind, number = "previous", 0
        case Word.GOOD:
            kind, number = "good", 0
        case _:
            kind, number = "moment", 0
    read = rows(_meant(kind, previous=previous), **at, number=number)
    return {
        row["did"]: RevisionMeant(row["revision"], row["number"], row["previous"]) for row in read
    }


def read_returned(rows: Query, ends: Iterable[_Key]) -> frozenset[str]:
    """Return the DIDs that had another routing in between: see ``Pages.returned``."""
    keys = list(ends)
    read = rows(_RETURNED, pairs=pairs(keys)) if keys else []
    return frozenset(row["did"] for row in read)


def read_revisions(
    rows: Query, wanted: Iterable[_Key], read_body: Callable[[str, int], str]
) -> dict[_Key, RevisionAt]:
    """Return revisions by DID and number, in that order: see ``Pages.revisions``.

    `read_body` reads one body by itself: raises BodyBroken for one that was changed behind this
    program's back, which must not cost the others.
    """
    keys = list(wanted)
    read = rows(page_queries.REVISIONS, pairs=pairs(keys)) if keys else []
    by_key = {(row["did"], row["revision"]): row for row in read}
    sizes = {key: by_key[key]["size"] or 0 for key in keys if key in by_key}
    bodies = _Bodies(rows, sizes, read_body)
    return {key: values.revision_at(by_key[key], partial(bodies.read, *key)) for key in sizes}


class _Bodies:
    """Bodies, by the sizes that they have: with one that is asked for, those behind it are read, up
    to `_MOST_HELD`, and those before it are given up."""

    def __init__(
        self, rows: Query, sizes: Mapping[_Key, int], read_one: Callable[[str, int], str]
    ) -> None:
        self._rows = rows
        self._read_one = read_one
        self._bodies: Mapping[_Key, str] = {}
        self._together: dict[_Key, list[_Key]] = {}
        some: list[_Key] = []
        size = 0
        for key in sizes:
            size += sizes[key]
            if size > _MOST_HELD:
                some, size = [], sizes[key]
            some.append(key)
            self._together[key] = some

    def read(self, did: str, revision: int) -> str:
        key = did, revision
        if key not in self._bodies:
            some = self._together[key]
            self._bodies = dict.fromkeys(some, "") | dict(values.read_bodies(self._rows, some))
        body = self._bodies[key]
        return body if body and is_json_object(body) else self._read_one(did, revision)
