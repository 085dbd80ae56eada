"""``list``, and what a selector means for all DIDs at once: where the fleet pointed then."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import NamedTuple

from changelog.commands.targets import require_begun, require_some
from changelog.model import exits
from changelog.model.errors import OutOfTime, UsageError
from changelog.model.history import LateAnswer
from changelog.model.ports import Log
from changelog.model.results.base import DidError, Looks
from changelog.model.results.history import FleetRow, ListResult
from changelog.model.results.pages import FleetPage, Then
from changelog.model.routing import EVERYWHERE, Where
from changelog.model.seen_then import SeenThen, read_late
from changelog.model.selectors import (
    FLEET_FORMS,
    At,
    Latest,
    Selector,
    Tagged,
    known_tag,
    parse_selector,
)
from changelog.model.text.sanitize import command_line, word
from changelog.model.text.times import format_utc, parse_moment

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""Later than anything recorded: what the fleet is like now."""
_NAMED = 8
_PAGE = 1000
"""DIDs that are read at once where all of them are wanted."""


def list_fleet(
    log: Log,
    text: str | None,
    at: str | None,
    where: Where,
    now: datetime,
    *,
    with_window: bool = False,
) -> ListResult:
    """Return which DID points where, now or at the moment that `at` selects.

    `text`: part of a number, an id, an application or a destination; what is exactly that wins.
    `with_window`: with the looks between which each came to point there. Raises UsageError for a
    text that reads as a time.
    """
    if text is not None:
        _refuse_time(text, now)
    require_some(log)
    selector = parse_fleet_selector(log, at, now)
    side = None if selector == Latest() else fleet_side(log, selector)
    rows: list[FleetRow] = []
    after: str | None = ""
    conditions: tuple[str, ...] = ()
    try:
        while after is not None:
            page = fleet_page(log, side, where, text, after=after, limit=_PAGE)
            rows += with_windows(log, page.rows) if with_window else page.rows
            after = page.after
    except OutOfTime:
        conditions = (exits.INCOMPLETE,)
    # What was found is shown, and with it what its last look was.
    log.extend_deadline()
    result = ListResult(
        at=moment_of(selector, log),
        dids=tuple(rows),
        after=rows[-1].did if rows and conditions else None,
        conditions=conditions,
    )
    return with_unseen(log, result, side) if side else list_with_looks(log, result)


def parse_fleet_selector(log: Log, text: str | None, now: datetime) -> Selector:
    """Return what `text` spells for the whole fleet; None is now. Raises UsageError."""
    if text is None:
        return Latest()
    return parse_selector(text, now, tags=log, forms=FLEET_FORMS)


def with_windows(log: Log, rows: Sequence[FleetRow]) -> list[FleetRow]:
    """Return the rows with the looks between which each DID came to point there."""
    windows = log.pages.windows(rows)
    return [replace(row, window=windows.get(row.did)) for row in rows]


def with_unseen(log: Log, result: ListResult, side: "FleetSide") -> ListResult:
    """Return it, where nothing matches, with the DIDs that were not seen then."""
    if result.dids:
        return result
    unseen = log.pages.unseen_at(side.moment).difference(side.read or ())
    return replace(result, unseen=tuple(sorted(unseen)))


def list_with_looks(log: Log, result: ListResult) -> ListResult:
    """Return it with what the last looks were: what it says is as old as these."""
    if not result.dids:
        # That none matches is as old as the looks at all of them.
        return result if result.conditions else replace(result, looks=log.pages.fleet_looks())
    looks = log.pages.last_looks(row.did for row in result.dids)
    rows = tuple(replace(row, look=looks.get(row.did)) for row in result.dids)
    return replace(result, dids=rows, looks=Looks.of(looks))


def _refuse_time(text: str, now: datetime) -> None:
    if not text.strip():
        raise UsageError("the text to look for is empty", "Leave it out to list every DID.")
    if parse_moment(text, now) is not None or text.startswith("tag:"):
        what = "a tag" if text.startswith("tag:") else "a time"
        raise UsageError(
            f"{text!r} looks like {what}, but list searches for a text",
            f"For the fleet as it was then: {command_line('list', (), f' --at {word(text)}')}",
        )


class FleetSide(NamedTuple):
    """A moment or, where it is a capture's tag, that `capture` and what it `read`: by DID, which
    revision. `unread`: the applications that it could not read; "" stands for all. `unread_dids`
    says why it could not read others. `late`: of a time, the last looks by then that came late."""

    moment: datetime
    capture: int | None = None
    read: Mapping[str, int] | None = None
    unread: frozenset[str] = frozenset()
    unread_dids: Callable[[], Mapping[str, DidError]] = dict
    late: Callable[[], Mapping[str, LateAnswer]] = dict

    @property
    def then(self) -> Then:
        return Then(self.moment, self.capture)

    def was_read(self, did: str) -> bool | None:
        """Return whether the tag's capture read the DID; None where no capture's tag is meant."""
        return None if self.read is None else did in self.read

    def with_seen_then(self, row: FleetRow) -> FleetRow:
        """Return the `row` with whether it was seen at that moment."""
        moment = None if self.moment == END_OF_TIME else self.moment
        was_read = self.was_read(row.did)
        seen = SeenThen.at(
            moment,
            row.whole_seen_at or row.last_seen_at,
            was_read=was_read,
            destination_not_read=self._is_carried_on(row),
            read_late=self._read_late(row, was_read=was_read),
        )
        return row if seen == row.seen_then else replace(row, seen_then=seen)

    def _is_carried_on(self, row: FleetRow) -> bool:
        """Return whether neither the tag's capture nor a later look of its stay showed it."""
        # One that a later look learned is told by the time from which it is known.
        if row.destination_known_from is not None or not row.routing.is_of_any(self.unread):
            return False
        is_fetched = row.destination_source == "fetched"
        return row.destination_source != "body" and not (is_fetched and row.whole_seen_at is None)

    def _read_late(self, row: FleetRow, *, was_read: bool | None) -> str:
        """Return what was seen otherwise then, by the tag's capture or by the last look."""
        if was_read is not None:
            return "" if was_read else read_late(self.unread_dids(), row.did)
        late = self.late().get(row.did)
        if late is None or late.routing.fields == row.routing.fields:
            return ""
        return f"{format_utc(late.at)}: {late.routing.in_words}"


def fleet_side(log: Log, selector: Selector) -> FleetSide:
    """Return what `selector` means for the whole fleet.

    Raises UsageError for a selector that means something for one DID only.
    """
    match selector:
        case Latest(0):
            return FleetSide(END_OF_TIME)
        case At(moment):
            require_begun(log, moment)
            return FleetSide(moment, late=cache(partial(log.pages.late_at, moment)))
        case Tagged(name):
            tag = known_tag(name, log)
            if tag.capture is None:
                require_begun(log, tag.at)
                return FleetSide(tag.at, late=cache(partial(log.pages.late_at, tag.at)))
            unread_dids = cache(partial(log.unread_by, tag.capture))
            read = log.read_by(tag.capture)
            return FleetSide(tag.at, tag.capture, read, tag.unread, unread_dids)
    raise UsageError(
        "that selector names a revision of one DID, not a moment",
        "Use a time (2026-11-23T14:00Z, 2h ago) or tag:NAME.",
    )


def fleet_page(
    log: Log,
    side: FleetSide | None,
    where: Where = EVERYWHERE,
    text: str | None = None,
    *,
    after: str = "",
    limit: int = 100,
) -> FleetPage:
    """Return a page of the fleet, now or on that `side` of the log."""
    page = log.pages.fleet(
        where,
        text=text if text is None else text.strip(),
        then=side.then if side else None,
        after=after,
        limit=limit,
    )
    return page._replace(rows=tuple(map(side.with_seen_then, page.rows))) if side else page


def revisions_on(
    log: Log,
    side: FleetSide,
    needed: Set[str] | None = None,
    changed_after: datetime | None = None,
) -> Mapping[str, int]:
    """Return by DID its revision: the one that the capture read, else the one at that moment.

    `needed`: the DIDs that it is asked for. If the capture read them all, no other is looked up.
    `changed_after`: of the others, only those with a later revision than that are looked up.
    """
    read = side.read or {}
    if needed is not None and needed <= read.keys():
        return read
    return {**log.pages.fleet_at(side.moment, changed_after), **read}


def rows_at(log: Log, selector: Selector) -> dict[str, FleetRow]:
    """Return by DID, in the order of their ids, where each pointed when `selector` says."""
    side = fleet_side(log, selector)
    rows = log.pages.whole_fleet(side.then)
    return {row.did: side.with_seen_then(row) for row in rows}


def dids_where(log: Log, where: Where, sides: Iterable[FleetSide]) -> set[str]:
    """Return the DIDs that pointed there on one of the `sides`, so that no move is missed."""
    return {did for side in sides for did in log.pages.dids(where, side.then)}


def remark_on(dids: Sequence[str], text: str) -> Iterator[str]:
    """Yield the `text` about some DIDs, the first of them by name; nothing about none."""
    if dids:
        names = ", ".join(dids[:_NAMED])
        yield text.format(names if len(dids) <= _NAMED else f"{len(dids)} DIDs ({names} …)")


def moment_of(selector: Selector | None, log: Log) -> datetime | None:
    """Return the moment that a time or a tag names; None for the others."""
    match selector:
        case At(moment):
            return moment
        case Tagged(name):
            tag = log.tag(name)
            return tag.at if tag else None
    return None
