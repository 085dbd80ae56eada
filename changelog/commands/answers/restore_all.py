"""``restore --to SEL``: the operator names what to put back, on some DIDs or on all that moved."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from changelog.commands.answers.list import (
    END_OF_TIME,
    dids_where,
    fleet_side,
    moment_of,
    revisions_on,
)
from changelog.commands.answers.restore import Choice, Circumstances, restore
from changelog.commands.targets import require_some
from changelog.model import exits
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History
from changelog.model.ports import Log
from changelog.model.restore_rule import restoration_to
from changelog.model.results.restore import RestoreResult
from changelog.model.routing import Where
from changelog.model.selectors import Latest, Live, Selector, parse_selector, resolve


def parse_to(log: Log, text: str, now: datetime) -> Selector:
    """``--to`` as a selector. Raises UsageError for ``live``: it is what has to be replaced."""
    selector = parse_selector(text, now, tags=log)
    if isinstance(selector, Live):
        raise UsageError("'live' is no routing to put back", "Use r3, previous, good or tag:NAME.")
    return selector


def restore_to(
    log: Log, targets: Sequence[Target], given: Circumstances, to: str, selector: Selector
) -> RestoreResult:
    """The card of each target, with the revision that `to` selects."""
    result = restore(log, targets, given, _selecting(log, selector))
    return replace(result, to=to, at=moment_of(selector, log))


def restore_all(
    log: Log, given: Circumstances, to: str, selector: Selector, where: Where
) -> RestoreResult:
    """The card of every DID whose routing differs from what it was then, or is not visible now.

    `where`: of those only that point there now, or did then. Retired DIDs are left out and named.
    """
    require_some(log)
    then = revisions_on(log, fleet_side(log, selector))
    if not then:
        raise NothingError(
            exits.UNKNOWN_REVISION,
            f"the log holds nothing from {to} or before",
            "changelog log shows what it holds.",
        )
    current = log.fleet_at(END_OF_TIME)
    # Where a DID that cannot be seen any more goes now is not known: it counts as moved.
    hidden = {row.did for row in log.fleet(None, None, None) if not (row.visible or row.retired)}
    moved = [
        did
        for did, revision in sorted(then.items())
        if current.get(did) != revision or did in hidden
    ]
    if not where.everywhere:
        there = dids_where(log, where, (selector, Latest()))
        moved = [did for did in moved if did in there]
    targets = [Target(did, did) for did in moved]
    result = restore_to(log, targets, given, to, selector)
    cards = [card for card in result.dids if not card.already_there]
    return replace(
        result,
        dids=tuple(card for card in cards if not card.is_retired),
        retired=tuple(card.name for card in cards if card.is_retired),
    )


def _selecting(log: Log, selector: Selector) -> Callable[[History], Choice]:
    def choose(history: History) -> Choice:
        selected = resolve(selector, history, log, other_than_current=True)
        return Choice(restoration_to(history, selected.revision), selected.not_read)

    return choose
