"""Whether what is stored holds together: a revision's columns and its body, its place and number.

Pure functions of rows; each answers with what does not hold, in words without any stored value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from changelog.model.routing import Routing, RoutingNumbers
from changelog.model.text.json_body import NotJson, parse_json, storable_text

FROM_BODY = (
    ("number", "number_e164"),
    ("application_id", "application_id"),
    ("route_mode", "route_mode"),
    ("status", "status"),
)
"""Each column of a revision that its body says, and the field that does."""
LONGEST_KEY = 500
"""Characters of a number or an application id that can be looked up: an index takes no more."""


class RevisionRow(NamedTuple):
    """A revision as it is stored, without its body."""

    did: str
    revision: int
    routing_number: int
    number: str | None
    routing: Routing
    destination_source: str | None
    status: str | None
    first_seen_at: int
    capture: int
    entry: int


class BodySays(NamedTuple):
    """`mistakes`: what the columns say and the body does not. `carried`: its destination, learned
    from a body once, is not in this one, so it must be the revision's before it."""

    mistakes: list[str]
    carried: bool = False


def compare_with_body(
    body: str,
    did: str,
    columns: Mapping[str, Any],
    destination: str | None,
    source: str | None,
) -> BodySays:
    """`columns`: by name, those in `FROM_BODY`."""
    try:
        fields = parse_json(body)
    except NotJson:
        return BodySays(["its body is not JSON"])
    if not isinstance(fields, dict):
        return BodySays(["its body is no JSON object"])
    mistakes = [
        f"its {name} is not what its body says"
        for name, field in FROM_BODY
        if columns[name] != storable_text(fields.get(field))
    ]
    if fields.get("id") != did:
        mistakes.append("its body is that of another DID")
    if (destination is None) != (source is None):
        mistakes.append("its destination and where that is from do not fit")
    carried = source == "body" and destination not in map(storable_text, fields.values())
    return BodySays(mistakes, carried)


class Numbering:
    """The revisions of one DID in order: numbered without a gap, each with its routing's number."""

    def __init__(self) -> None:
        self._numbers = RoutingNumbers()
        self._before: RevisionRow | None = None
        self._following = 1

    def mistakes(self, row: RevisionRow) -> Iterator[str]:
        """What does not hold of the next one."""
        if row.revision != self._following:
            gone = f"r{self._following}"
            yield (
                f"it follows r{self._following - 1}: {gone} is gone"
                if self._before
                else (f"it is the first one: {gone} is gone")
            )
        if self._before is not None and row.first_seen_at <= self._before.first_seen_at:
            yield "it was not seen after the revision before it"
        if row.routing_number != self._numbers.number(row.routing, row.revision):
            yield "its routing number is not that of the first revision with an equal routing"
        self._numbers.add(row.routing, row.routing_number)
        self._before, self._following = row, row.revision + 1

    def carries(self, row: RevisionRow) -> bool:
        """Whether `row`, the next one, may have its destination from the one before it."""
        before = self._before
        return before is not None and (before.routing, before.destination_source) == (
            row.routing,
            row.destination_source,
        )
