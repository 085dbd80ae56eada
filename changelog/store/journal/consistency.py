"""Whether rows hold together: a revision with its body, its entry, the revisions before it.

An honest log cannot contradict itself; a forged export, right in all its digests, can. Pure
functions of values; each answers with what does not hold, in words without any stored value.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any

from changelog.model.routing import Routing, RoutingNumbers
from changelog.model.text.json_body import (
    NotJson,
    canonical_json,
    is_json_object,
    parse_json,
    storable_text,
)
from changelog.store.journal.entry import text_digest
from changelog.store.rows import SHAPES, Shape, Values

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
_SHARD = re.compile(r"[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", re.ASCII)
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
    if not _are_texts(row[CAPTURE_END.columns.index("remarks")]):
        yield "its remarks are no list of texts"


def selection_mistakes(row: Values) -> Iterator[str]:
    """Yield what does not hold of a selection."""
    digest, every, shard, packed = row
    names = _unpacked(packed) if packed is not None else "[]"
    if names is None or not _are_texts(names):
        yield "its names are no list of texts"
    elif shard is not None and not _SHARD.fullmatch(shard):
        yield "its shard is none"
    elif text_digest(canonical_json([bool(every), parse_json(names), shard]).encode()) != digest:
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
