"""A moment for the whole fleet: what a selector means for all DIDs at once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from changelog.core.errors import UsageError
from changelog.core.ports import Log
from changelog.core.selectors import At, Selector, Tagged, known_tag

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Later than anything recorded: what the fleet is like now."""


class FleetSide(NamedTuple):
    """Each DID's revision at a moment. `read`: of a capture's tag, those that the capture read."""

    moment: datetime
    revisions: Mapping[str, int]
    read: Mapping[str, int] | None = None


def fleet_side(book: Log, selector: Selector) -> FleetSide:
    """The moment that a selector names for the whole fleet, and each DID's revision then.

    A capture's tag gives what the capture read, and for other DIDs the revision at its start.
    """
    moment, read = moment_and_read(book, selector)
    of_capture = isinstance(selector, Tagged) and known_tag(selector.name, book).capture is not None
    return FleetSide(moment, {**book.fleet_at(moment), **read}, read if of_capture else None)


def moment_and_read(book: Log, selector: Selector) -> tuple[datetime, Mapping[str, int]]:
    """The moment that a selector names and, where it is a capture's tag, what that read.

    Raises UsageError for a selector that means something for one DID only.
    """
    match selector:
        case At(moment):
            return moment, {}
        case Tagged(name):
            tag = known_tag(name, book)
            return tag.at, {} if tag.capture is None else book.read_by(tag.capture)
    raise UsageError(
        "that names a revision of one DID, not a moment",
        "Use a time (2026-11-23T14:00Z, 2h ago) or tag:NAME.",
    )


def moment_of(selector: Selector | None, book: Log) -> datetime | None:
    """The moment that a time or a tag names; None for the others."""
    match selector:
        case At(moment):
            return moment
        case Tagged(name):
            tag = book.tag(name)
            return tag.at if tag else None
    return None
