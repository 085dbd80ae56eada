"""Which DIDs of a fleet have another routing than at a moment, by the log alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from changelog.commands.answers.list import rows_at
from changelog.commands.targets import require_some
from changelog.model import exits
from changelog.model.did_ref import MovedNumber, Target
from changelog.model.errors import NothingError
from changelog.model.ports import Log
from changelog.model.results.history import FleetRow
from changelog.model.routing import WEBHOOK, Routing, Where
from changelog.model.selectors import At, Selector, Tagged, resolve
from changelog.model.text.sanitize import command_line


def moved_number(
    log: Log, number: str | None, did: str | None, selector: Selector | None
) -> MovedNumber | None:
    """Return the `number` of a `did` with the other one that had it at the moment selected.

    Its callers reach the DID that has the number now.
    """
    if number is None or did is None or not isinstance(selector, At | Tagged):
        return None
    carriers = log.carriers(number)
    held = []
    for carrier in carriers if len(carriers) > 1 else ():
        with suppress(NothingError):
            revision = resolve(selector, log.history(carrier.did), log).revision
            if revision.number == number:
                held.append((revision.last_seen_at, carrier.did))
    then = max(held)[1] if held else did
    return MovedNumber(number, then, did) if then != did else None


def moved_remarks(
    log: Log, named: Iterable[tuple[str | None, str | None]], selector: Selector | None
) -> Iterator[str]:
    """Yield a remark on each number, with its DID, that another DID had at the start."""
    for number, did in named:
        if moved := moved_number(log, number, did, selector):
            yield f"{number} was the number of {moved.then} then, and is compared as {did}"


class FleetThen(NamedTuple):
    """Of the DIDs that were there then and are not retired, which have another routing now.

    `retired`: retired DIDs that have another one. `absent`: those that the log did not know then.
    `moved_numbers`: which another DID has now. `hidden`: those that are not visible now. `as_of`:
    when each was read last. `known_only_later`: those whose destination was not read then.
    `unseen_then`: those of which nobody saw whether they still had that routing then.
    `not_read_then`: those that the tag's capture did not read. `not_webhook`: those
    whose calls go on to something else than an application. `hidden_then`: those that were not
    visible then. `read_late`: those of which the tag's capture read another answer, too late.
    """

    dids: tuple[str, ...]
    moved: tuple[str, ...]
    retired: tuple[str, ...]
    absent: tuple[str, ...]
    moved_numbers: tuple[MovedNumber, ...]
    hidden: frozenset[str]
    as_of: Mapping[str, datetime]
    known_only_later: tuple[str, ...]
    unseen_then: tuple[str, ...]
    not_read_then: tuple[str, ...]
    not_webhook: tuple[str, ...]
    hidden_then: tuple[str, ...]
    read_late: tuple[str, ...]

    @property
    def not_visible(self) -> list[str]:
        """Those of which nothing differs but that they are not visible."""
        return sorted(self.hidden.difference(self.moved))

    def targets(self, log: Log, *, with_key: bool) -> list[Target]:
        """Return every DID, those that differ by the log first."""
        first = [*self.moved, *self.not_visible]
        ordered = [*first, *sorted(set(self.dids).difference(first))]
        return [Target(did, did, key=log.key_of(did) if with_key else None) for did in ordered]


def compare_fleet(log: Log, to: str, selector: Selector, where: Where) -> FleetThen:
    """Compare the fleet with what it was then, by the log alone.

    `where`: of those only that point there now, or did then.
    """
    require_some(log)
    then = rows_at(log, selector)
    if not then:
        raise NothingError(
            exits.UNKNOWN_REVISION,
            f"the log holds nothing from {to} or before",
            f"To see what it holds: {command_line('log')}",
        )
    every = list(log.pages.whole_fleet())
    pairs = [(then[row.did], row) for row in every if row.did in then]
    pairs = [pair for pair in pairs if any(where.holds(row.routing, row.status) for row in pair)]
    # A later revision may have the routing of then: it came back, or only its status changed.
    differ = [now for before, now in pairs if now.routing_number != before.routing_number]
    rows = [now for _, now in pairs if not now.retired]
    return FleetThen(
        tuple(row.did for row in rows),
        tuple(row.did for row in differ if not row.retired),
        tuple(row.did for row in differ if row.retired),
        tuple(row.did for row in every if row.did not in then and _counts(row, where)),
        tuple(sorted(_moved_numbers(then, every, where))),
        frozenset(row.did for row in rows if not row.visible),
        {row.did: row.last_seen_at for row in rows},
        tuple(row.did for row in rows if _has_unread_destination(then[row.did])),
        tuple(row.did for row in rows if _went_and_came_back(then[row.did], row)),
        tuple(row.did for row in rows if then[row.did].seen_then.not_read),
        tuple(row.did for row in rows if _goes_elsewhere(row.routing)),
        tuple(row.did for row in rows if not then[row.did].visible),
        tuple(row.did for row in rows if then[row.did].seen_then.read_late),
    )


def _goes_elsewhere(routing: Routing) -> bool:
    return routing.may_have_destination and routing.route_mode != WEBHOOK


def _has_unread_destination(then: FleetRow) -> bool:
    return then.destination_known_from is not None or then.seen_then.destination_not_read


def _went_and_came_back(then: FleetRow, now: FleetRow) -> bool:
    """Return whether the current stay began after the routing of then was seen last."""
    seen = then.seen_then.unseen_since
    return seen is not None and now.since > seen


def _counts(row: FleetRow, where: Where) -> bool:
    return not row.retired and where.holds(row.routing, row.status)


def _moved_numbers(
    then: Mapping[str, FleetRow], now: Sequence[FleetRow], where: Where
) -> Iterator[MovedNumber]:
    """Yield each number that was another DID's then: its calls go where no routing of that shows.

    Of several DIDs, the one that was seen with it last has it.
    """
    before, after = _owners(then.values()), _owners(now)
    for number in before.keys() & after.keys():
        pair = before[number], after[number]
        is_chosen = any(where.holds(owner.routing, owner.status) for owner in pair)
        if pair[0].did != pair[1].did and not pair[1].retired and is_chosen:
            yield MovedNumber(number, pair[0].did, pair[1].did)


def _owners(rows: Iterable[FleetRow]) -> dict[str, FleetRow]:
    """Return by number the DID that was seen with it last."""
    ordered = sorted(rows, key=lambda row: row.last_seen_at)
    return {row.number: row for row in ordered if row.number}
