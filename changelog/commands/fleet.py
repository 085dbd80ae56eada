"""A moment for the whole fleet: what a selector means for all DIDs at once."""

from datetime import datetime

from changelog.core.errors import UsageError
from changelog.core.ports import Log
from changelog.core.results.fleet import RevisionAt
from changelog.core.selectors import At, Selector, Tagged, known_tag


def fleet_side(book: Log, selector: Selector) -> tuple[datetime | None, dict[str, RevisionAt]]:
    """The moment that a selector names for the whole fleet, and each DID's revision then.

    A capture's tag gives what the capture read, and for other DIDs the revision at its start.
    """
    match selector:
        case At(moment):
            return moment, book.fleet_at(moment)
        case Tagged(name):
            tag = known_tag(name, book)
            read = book.read_by(tag.capture) if tag.capture is not None else {}
            return tag.at, {**book.fleet_at(tag.at), **read}
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
