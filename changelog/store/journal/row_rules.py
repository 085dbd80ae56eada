"""Whether rows hold together: a revision with its body, its entry and the revisions before it, and
each row with what it refers to.

An honest log cannot contradict itself; a forged export, right in all its digests, can. Pure
functions of values; each answers with what does not hold, in words without any stored value.
"""

import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from changelog.model.did_ref import LONGEST_ID
from changelog.model.routing import Routing, RoutingNumbers
from changelog.model.text.json_body import (
    NotJson,
    canonical_json,
    is_json_object,
    parse_json,
    storable_text,
)
from changelog.store.journal.entry import text_digest
from changelog.store.schema.rows import SHAPES, Shape, Values

FROM_BODY = (
    ("number", "number_e164"),
    ("application_id", "application_id"),
    ("route_mode", "route_mode"),
    ("status", "status"),
)
"""Each column of a revision that its body says, and the field that does."""
REVISION = SHAPES["revision"]
SNAPSHOT = SHAPES["snapshot"]
PROBLEM = SHAPES["problem"]
CAPTURE_END = SHAPES["capture_end"]
_LARGEST_SELECTION = 256 * 1024 * 1024
_FROM_BODY = [(REVISION.columns.index(column), column, field) for column, field in FROM_BODY]
_BODY, _DESTINATION, _SOURCE = map(
    REVISION.columns.index, ("body", "destination", "destination_source")
)
_REVISION, _PROBLEM = map(SNAPSHOT.columns.index, ("revision", "problem"))
_BEGINS = {
    shape.name: [shape.columns.index(name) for name in ("did", "revision", at, "capture")]
    for shape, at in ((REVISION, "first_seen_at"), (SNAPSHOT, "received_at"))
}


def body_mistakes(row: Values) -> Iterator[str]:
    """Yield what the columns of a revision say and its body does not."""
    try:
        fields = parse_json(row[_BODY])
    except NotJson:
        yield "its body is not JSON"
        return
    if not isinstance(fields, dict):
        yield "its body is no JSON object"
        return
    for place, column, field in _FROM_BODY:
        value = fields.get(field)
        if row[place] != value and row[place] != storable_text(value):
            yield f"its {column} is not what its body says"
    if fields.get("id") != row[0]:
        yield "its body is that of another DID"
    if (row[_DESTINATION] is None) != (row[_SOURCE] is None):
        yield "its destination and where that is from do not fit"


def is_carried(row: Values) -> bool:
    """Return whether a revision's destination, once learned from a body, is not in its own."""
    if row[_SOURCE] != "body" or not is_json_object(row[_BODY]):
        return False
    return row[_DESTINATION] not in map(storable_text, parse_json(row[_BODY]).values())


def beginnings(shape: Shape, rows: list[Values]) -> Iterator[Values]:
    """Yield what a revision and the snapshot that it begins with have in common: in the facts of
    an entry there is no one without the other, and all other snapshots are looks."""
    places = _BEGINS[shape.name]
    return (tuple([row[place] for place in places]) for row in rows)


def snapshot_mistakes(row: Values) -> Iterator[str]:
    """Yield what does not hold of a snapshot."""
    if (row[_REVISION] is None) == (row[_PROBLEM] is None):
        yield "it has both a revision and a problem, or neither"


def problem_mistakes(row: Values) -> Iterator[str]:
    """Yield what does not hold of a problem."""
    if row[0] != text_digest(PROBLEM.text((None, *row[1:])).encode()):
        yield "its key is not the digest of what it says"


def capture_end_mistakes(row: Values) -> Iterator[str]:
    """Yield what does not hold of a capture's end."""
    remarks = row[CAPTURE_END.columns.index("remarks")]
    if remarks is not None and not _are_texts(remarks):
        yield "its remarks are no list of texts"


def selection_mistakes(row: Values) -> Iterator[str]:
    """Yield what does not hold of a selection."""
    digest, every, packed = row
    names = _unpacked(packed) if packed is not None else "[]"
    if names is None or not _are_texts(names):
        yield "its names are no list of texts"
    elif text_digest(canonical_json([bool(every), parse_json(names)]).encode()) != digest:
        yield "its key is not the digest of what it says"


def _unpacked(packed: bytes) -> str | None:
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(packed, _LARGEST_SELECTION)
        return text.decode() if stream.eof and not stream.unused_data else None
    except (zlib.error, UnicodeDecodeError):
        return None


def _are_texts(spelled: str) -> bool:
    try:
        values = parse_json(spelled)
    except NotJson:
        return False
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


class Numbering:
    """The revisions of a log by DID and number: each DID's without a gap, each with its routing's
    number."""

    def __init__(self) -> None:
        self._did: Any = None
        self.revision = 0
        self._first_seen_at = -1
        self._numbers = RoutingNumbers()

    def mistakes(self, row: Values) -> Iterator[str]:
        """Yield what does not hold of the next one."""
        did, revision, routing_number, _, *routing_columns, _, _, first_seen_at = row[:10]
        if did != self._did:
            self._did, self.revision, self._first_seen_at = did, 0, -1
            self._numbers = RoutingNumbers()
        if revision != self.revision + 1:
            yield f"it follows r{self.revision}: r{self.revision + 1} is gone"
        if self._first_seen_at >= first_seen_at:
            yield "it was not seen after the revision before it"
        routing = Routing(*routing_columns)
        if routing_number != self._numbers.number(routing, revision):
            yield "its routing number is not that of the first revision with an equal routing"
        self._numbers.add(routing, routing_number)
        self.revision, self._first_seen_at = revision, first_seen_at


class Reference(NamedTuple):
    """`query` finds the rows of `table`, with their entry, of which `reason` is true."""

    table: str
    reason: str
    query: str


def _foreign_keys() -> Iterator[Reference]:
    for shape in SHAPES.values():
        for constraint in shape.table.foreign_key_constraints:
            target = constraint.referred_table.name
            if target in SHAPES:
                pairs = [(own.parent.name, own.column.name) for own in constraint.elements]
                yield _leads_nowhere(shape.name, target, pairs)


def _leads_nowhere(table: str, target: str, pairs: list[tuple[str, str]]) -> Reference:
    same = " AND ".join(f't."{theirs}" = x."{own}"' for own, theirs in pairs)
    return Reference(
        table,
        f"the {target} that it names is not in the log",
        f'SELECT x.* FROM "{table}" x WHERE x."{pairs[0][0]}" IS NOT NULL'
        f' AND NOT EXISTS (SELECT 1 FROM "{target}" t WHERE {same})',
    )


def _of_the_revision(table: str) -> Reference:
    return Reference(
        table,
        "its routing is not that of its revision",
        f'SELECT x.* FROM "{table}" x JOIN revision r'
        f" ON r.did = x.did AND r.revision = x.revision"
        f" WHERE r.routing <> x.routing",
    )


REFERENCES = (
    *_foreign_keys(),
    # What no foreign key says.
    _leads_nowhere("snapshot", "problem", [("problem", "digest")]),
    _leads_nowhere("capture", "selection", [("selection", "digest")]),
    _leads_nowhere("confirmation", "revision", [("did", "did"), ("returned", "revision")]),
    *map(_of_the_revision, ("verdict", "evidence", "confirmation")),
    Reference(
        "snapshot",
        "the revision that it names is not in the log",
        "SELECT x.* FROM snapshot x LEFT JOIN last_revision l ON l.did = x.did"
        " WHERE x.revision > coalesce(l.revision, 0) OR x.revision < 1",
    ),
    Reference(
        "revision",
        "its number cannot be looked up: the row of did_number is missing",
        "SELECT x.* FROM revision x WHERE x.number IS NOT NULL"
        f" AND length(x.number) <= {LONGEST_ID} AND NOT EXISTS (SELECT 1 FROM did_number n"
        f" WHERE n.number = x.number AND n.did = x.did)",
    ),
    Reference(
        "revision",
        "its destination was never fetched of its application",
        "SELECT x.* FROM revision x WHERE x.destination_source = 'fetched'"
        f" AND length(x.application_id) <= {LONGEST_ID} AND NOT EXISTS (SELECT 1 FROM application a"
        f" WHERE a.application_id = x.application_id AND a.answer_url = x.destination)",
    ),
    Reference(
        "revision",
        "its destination is neither in its body nor that of the revision before it",
        "SELECT x.* FROM carried c JOIN revision x ON x.did = c.did AND x.revision = c.revision"
        " WHERE NOT EXISTS (SELECT 1 FROM revision b WHERE b.did = c.did"
        " AND b.revision = c.revision - 1 AND b.destination = x.destination"
        " AND b.application_id IS x.application_id AND b.route_mode IS x.route_mode"
        " AND b.destination_source = 'body')",
    ),
    Reference(
        "did_number",
        "no revision of the DID has that number",
        "SELECT x.* FROM did_number x WHERE NOT EXISTS (SELECT 1 FROM revision r"
        " WHERE r.did = x.did AND r.number = x.number)",
    ),
    Reference(
        "did",
        "it has no revision",
        "SELECT x.* FROM did x WHERE NOT EXISTS (SELECT 1 FROM last_revision l"
        " WHERE l.did = x.did)",
    ),
)
