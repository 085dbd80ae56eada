"""Which DIDs of a fleet have another routing than at a moment, by the log alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from changelog.commands.answers.list import rows_at
from changelog.commands.targets import all_retired, require_some
from changelog.model import exits
from changelog.model.did_ref import MovedNumber, Target
from changelog.model.errors import NothingError
from changelog.model.ports import Log
from changelog.model.results.history import FleetRow
from changelog.model.routing import WEBHOOK, Where
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


class DidThenAndNow(NamedTuple):
    """A DID that was there then, with where it pointed then and where it points now."""

    then: FleetRow
    now: FleetRow

    @property
    def moved(self) -> bool:
        """Whether it has another routing now.

        A later revision may have the routing of then: it came back, or only its status changed.
        """
        return self.now.routing_number != self.then.routing_number

    @property
    def destination_known_only_later(self) -> bool:
        """Whether its destination was not read then."""
        return (
            self.then.destination_known_from is not None or self.then.seen_then.destination_not_read
        )

    @property
    def unseen_then(self) -> bool:
        """Whether nobody saw if it still had that routing then: the current stay began after that
        routing was seen last."""
        seen = self.then.seen_then.unseen_since
        return seen is not None and self.now.since > seen

    @property
    def goes_elsewhere(self) -> bool:
        """Whether its calls go on to something else than an application."""
        routing = self.now.routing
        return routing.may_have_destination and routing.route_mode != WEBHOOK


class FleetThen(NamedTuple):
    """A fleet as it was at a moment and as it is now, by the log alone.

    `pairs`: the DIDs that were there then and are not retired. `retired`: those retired that have
    another routing; `all_retired`: how many there are at all. `absent`: those that the log did not
    know then. `moved_numbers`: numbers that another DID has now.
    """

    pairs: tuple[DidThenAndNow, ...]
    retired: tuple[str, ...]
    all_retired: int
    absent: tuple[str, ...]
    moved_numbers: tuple[MovedNumber, ...]

    def dids(self, holds: Callable[[DidThenAndNow], object] | None = None) -> tuple[str, ...]:
        """Return the DIDs of which it `holds`; without that, all."""
        return tuple(pair.now.did for pair in self.pairs if holds is None or holds(pair))

    @property
    def moved(self) -> tuple[str, ...]:
        return self.dids(lambda did: did.moved)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Those that are not visible now."""
        return self.dids(lambda did: not did.now.visible)

    @property
    def not_visible(self) -> tuple[str, ...]:
        """Those of which nothing differs but that they are not visible now."""
        return self.dids(lambda did: not did.now.visible and not did.moved)

    def targets(self, log: Log) -> list[Target]:
        """Return every DID, those that differ by the log first."""
        first = [*self.moved, *self.not_visible]
        ordered = [*first, *sorted(set(self.dids()).difference(first))]
        return [Target(did, did, key=log.key_of(did)) for did in ordered]


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
    if all(row.retired for row in every):
        raise all_retired(log)
    pairs = [DidThenAndNow(then[row.did], row) for row in every if row.did in then]
    pairs = [pair for pair in pairs if any(where.holds(row.routing, row.status) for row in pair)]
    return FleetThen(
        pairs=tuple(pair for pair in pairs if not pair.now.retired),
        retired=tuple(pair.now.did for pair in pairs if pair.now.retired and pair.moved),
        all_retired=sum(row.retired for row in every),
        absent=tuple(row.did for row in every if row.did not in then and _counts(row, where)),
        moved_numbers=tuple(sorted(_moved_numbers(then, every, where))),
    )


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
