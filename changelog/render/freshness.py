"""How old an answer from the log is, and what the last looks did not read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.exits import MIRROR
from changelog.model.text.sanitize import command_line
from changelog.render.restore.card_warnings import of_then
from changelog.render.style import NO_MORE, Sentence, how_many, say, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from changelog.model.results.base import Looks, Result
    from changelog.model.results.history import FleetRow, ListResult, LogResult

_AT_ONCE = timedelta(minutes=1)
"""Looks that lie within it are said to be one: the first of them."""


def as_of(looks: Looks | None) -> Iterator[Sentence]:
    """Say when the last looks were, and of what they or later ones could not read."""
    if looks is None:
        return
    when = say("from the log: last looks from {} to {}", looks.first_at, looks.last_at)
    if looks.last_at - looks.first_at < _AT_ONCE:
        when = say("from the log: last look at {}", looks.first_at)
    if looks.unreadable:
        when = when.extended(("; {}", unreadable(looks)))
    yield when
    if looks.destination_unread:
        yield destinations_unread(looks.destination_unread, looks.destinations_as_of)
    if looks.stated:
        text = "{}: the destination was stated, and no look shows it: {}"
        yield say(text, how_many(len(looks.stated)), some(looks.stated))


def unreadable(looks: Looks) -> Sentence:
    """Say which DIDs could not be read since their last look, and since when."""
    count = len(looks.unreadable)
    which = f"{how_many(count)} cannot be read{', the first' if count > 1 else ''}"
    return say(f"{which} since {{}}: {{}}", looks.unreadable_since, some(looks.unreadable))


def of_mirror(result: Result) -> Iterator[Sentence]:
    """Say that the answer is from the mirror."""
    if MIRROR in result.conditions:
        when = say(" as of {}", result.mirror_as_of) if result.mirror_as_of else NO_MORE
        text = "FROM THE MIRROR of the log{}: the database could not be reached"
        yield say(text, when)


def destinations_unread(dids: Sequence[str], as_of: datetime | None) -> Sentence:
    """Say of which DIDs the last look did not show the destination, and how old the oldest is."""
    later = " or later" if len(dids) > 1 else ""
    seen = say(f", which is as of {{}}{later}", as_of) if as_of else NO_MORE
    text = f"{how_many(len(dids))}: the last look did not read the destination{{}}: {{}}"
    return say(text, seen, some(dids))


def fleet_as_of(result: ListResult) -> Iterator[Sentence]:
    """Say how old the rows are, and which destinations were not read by the moment listed."""
    yield from as_of(result.looks)
    yield from not_read_then(
        [(row.did, row.destination_known_from) for row in result.dids if row.destination_known_from]
    )


def of_fleet_then(result: ListResult) -> Iterator[Sentence]:
    """Say what is not known of the fleet at the moment that was asked for."""
    if result.unseen:
        text = "{} of the log last seen before then, and not known to be still so at that time: {}"
        yield say(text, how_many(len(result.unseen)), some(result.unseen))
    kinds: dict[tuple[bool, bool, bool, str], list[FleetRow]] = {}
    for row in result.dids:
        seen = row.seen_then
        is_unseen = seen.unseen_since is not None
        kind = seen.not_read, is_unseen, seen.destination_not_read, seen.read_late
        kinds.setdefault(kind, []).append(row)
    kinds.pop((False, False, False, ""), None)
    for _, rows in sorted(kinds.items(), reverse=True):
        first = min(row.seen_then for row in rows)
        about = of_then(first, many=len(rows) > 1)
        names = some([row.did for row in rows])
        yield say("{} of {} {}: {}", len(rows), how_many(len(result.dids)), about, names)


def of_log(result: LogResult) -> Iterator[Sentence]:
    """Say how old it is that no revision matches, and which other DIDs had a number."""
    yield from as_of(result.looks)
    if result.unseen:
        text = "{} last seen before {}: whether still so then is not known: {}"
        yield say(text, how_many(len(result.unseen)), result.until, some(result.unseen))
    if result.begins_at is not None:
        yield say("the log begins only at {}", result.begins_at)
    for named in result.dids:
        if named.number_also_of:
            values = (named.requested, some(named.number_also_of))
            command = command_line("log", named.number_also_of)
            yield say("{} was the number of {} too: {}", *values, command)


def not_read_then(known_from: Sequence[tuple[str, datetime]]) -> Iterator[Sentence]:
    """Say which destinations became known only later than what is shown, and when."""
    if len(known_from) == 1:
        text = "{}: its destination was not read then, and is known only from {} on"
        yield say(text, *known_from[0])
    elif known_from:
        names = some([name for name, _ in known_from])
        text = "{} destinations were not read then, and are known only from later on: {}"
        yield say(text, len(known_from), names)
