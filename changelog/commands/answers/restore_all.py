"""``restore --to SEL``: the operator names what to put back, on some DIDs or on all that moved."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from changelog.commands.answers.list import (
    dids_where,
    fleet_side,
    moment_of,
    revisions_on,
)
from changelog.commands.answers.restore import Choice, Circumstances, restore
from changelog.commands.targets import require_some
from changelog.model import exits
from changelog.model.answers import Applications
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History
from changelog.model.ports import Log
from changelog.model.restore_rule import restoration_to
from changelog.model.results.restore import (
    Apart,
    FleetCounts,
    FleetGroup,
    RestoreCard,
    RestoreResult,
)
from changelog.model.routing import WEBHOOK, Where, gone_remark
from changelog.model.selectors import (
    FLEET_FORMS,
    FORMS,
    Latest,
    Live,
    Selector,
    Tagged,
    parse_selector,
    resolve,
)
from changelog.model.text.times import rfc3339

if TYPE_CHECKING:
    from changelog.commands.recording.live_check import LiveCheck

_BEFORE = ":before"


def parse_to(log: Log, text: str, now: datetime, *, every: bool = False) -> Selector:
    """``--to`` as a selector; `every`: of a fleet. Raises UsageError for ``live``: it is what has
    to be replaced."""
    forms = FLEET_FORMS if every else FORMS
    selector = parse_selector(text, now, tags=log, forms=forms)
    if isinstance(selector, Live):
        raise UsageError("'live' is no routing to put back", f"Use one of: {forms}.")
    return selector


def restore_to(
    log: Log, targets: Sequence[Target], given: Circumstances, to: str, selector: Selector
) -> RestoreResult:
    """The card of each target, with the revision that `to` selects."""
    result = restore(log, targets, given, _selecting(log, selector))
    return replace(result, to=to, at=moment_of(selector, log))


class FleetThen(NamedTuple):
    """By DID its revision then, and which of them differ now, retired ones in neither.

    `retired`: those that differ and are left out. `hidden`: those that are not visible now.
    `as_of`: when each was read last.
    """

    then: Mapping[str, int]
    moved: tuple[str, ...]
    retired: tuple[str, ...]
    hidden: frozenset[str]
    as_of: Mapping[str, datetime]

    @property
    def moved_first(self) -> list[str]:
        """Every DID, those that differ by the log first."""
        moved = set(self.moved)
        return [*self.moved, *(did for did in sorted(self.then) if did not in moved)]


def compare_fleet(log: Log, to: str, selector: Selector, where: Where) -> FleetThen:
    """Compare the fleet with what it was then, by the log alone.

    `where`: of those only that point there now, or did then.
    """
    require_some(log)
    then = revisions_on(log, fleet_side(log, selector))
    if not then:
        raise NothingError(
            exits.UNKNOWN_REVISION,
            f"the log holds nothing from {to} or before",
            "changelog log shows what it holds.",
        )
    if not where.everywhere:
        there = dids_where(log, where, (selector, Latest()))
        then = {did: revision for did, revision in then.items() if did in there}
    rows = {row.did: row for row in log.pages.whole_fleet()}
    # Where a DID that cannot be seen any more goes now is not known: it counts as moved.
    differ = [
        did
        for did, revision in sorted(then.items())
        if rows[did].revision != revision or not rows[did].visible
    ]
    return FleetThen(
        {did: revision for did, revision in then.items() if not rows[did].retired},
        tuple(did for did in differ if not rows[did].retired),
        tuple(did for did in differ if rows[did].retired),
        frozenset(did for did in then if not rows[did].visible),
        {did: rows[did].last_seen_at for did in then},
    )


def restore_all(
    log: Log, given: Circumstances, to: str, selector: Selector, where: Where
) -> RestoreResult:
    """The card of every DID whose routing differs from what it was then, or is not visible now.

    `where`: of those only that point there now, or did then. Retired DIDs are left out and named.
    """
    fleet = compare_fleet(log, to, selector, where)
    not_stored = [did for did in fleet.then if _is_lost(given.looks.get(did))]
    names = sorted({*fleet.moved, *fleet.retired, *not_stored})
    result = restore_to(log, [Target(did, did) for did in names], given, to, selector)
    applications = _applications(given)
    # A time such as 2h is another one later.
    select = to if result.at is None or isinstance(selector, Tagged) else rfc3339(result.at)
    after = _end_of_deploy(log, selector)
    cards = [
        replace(card, apart=_apart(log, card, after))
        for card in result.dids
        if not card.already_there
    ]
    shown = tuple(card for card in cards if not card.is_retired)
    # In a list to work through, what may not be meant comes last.
    shown = tuple(sorted(shown, key=lambda card: card.apart is not None))
    hidden = fleet.hidden.union(card.name for card in result.dids if not card.visible)
    not_read = tuple(
        did for did in sorted(fleet.then) if not _is_read(given.looks.get(did), did in hidden)
    )
    return replace(
        result,
        dids=shown,
        retired=tuple(card.name for card in cards if card.is_retired),
        counts=FleetCounts(
            compared=len(fleet.then),
            differ=len(shown),
            read_now=len(fleet.then) - len(not_read),
            not_read=len(not_read),
            not_recorded=len(not_stored),
        ),
        not_read=not_read,
        as_of=min((fleet.as_of[did] for did in not_read or fleet.then), default=None),
        groups=_groups(shown),
        remarks=tuple(_about_applications(log, fleet, applications)),
        destinations_unread=applications.remark is not None,
        where=where,
        again=_again(select, where),
        select=select,
        after=after and f"tag:{after}",
    )


def _applications(given: Circumstances) -> Applications:
    """Return what a look read of the applications, or why it could not."""
    looked = (look.applications for look in given.looks.values())
    return next((seen for seen in looked if seen.remark or seen.listed is not None), Applications())


def _about_applications(log: Log, fleet: FleetThen, applications: Applications) -> Iterator[str]:
    """What a look found of the applications as a whole."""
    if applications.remark is not None:
        yield f"{applications.remark}; answer_urls are those of the log"
    rows = (
        log.pages.whole_fleet(Where(route_mode=WEBHOOK)) if applications.listed is not None else []
    )
    gone = Counter(
        row.routing.application_id or ""
        for row in rows
        if row.did in fleet.then and applications.is_gone(row.routing.application_id)
    )
    for application, count in gone.items():
        yield f"{gone_remark(application)}: DIDs {count}"


def _again(select: str, where: Where) -> str:
    """Spell the command of this answer."""
    options = {"--to": select, "--application": where.application, "--route-mode": where.route_mode}
    given = (f" {name} {shlex.quote(value)}" for name, value in options.items() if value)
    return f"changelog restore --all{''.join(given)}"


def _end_of_deploy(log: Log, selector: Selector) -> str | None:
    """The tag after a deploy whose tag before it is selected."""
    if not isinstance(selector, Tagged) or not selector.name.endswith(_BEFORE):
        return None
    after = selector.name.removesuffix(_BEFORE) + ":after"
    return after if log.tag(after) else None


def _apart(log: Log, card: RestoreCard, after: str | None) -> Apart | None:
    """Why the current routing may be wanted: it came after the deploy, or is judged good."""
    if card.history is None or card.decision is None:
        return None
    if after is not None:
        try:
            at_the_end = resolve(Tagged(after), card.history, log)
        except NothingError:
            return None
        # One that only the capture after the deploy could not read may have moved in the deploy.
        unknown = at_the_end.not_read and not card.not_read
        number = card.decision.current.routing_number
        if not unknown and at_the_end.revision.routing_number != number:
            return "changed_again"
    own = card.decision.own
    return "judged_good" if own.good and own.verdict and own.verdict.verdict == "good" else None


def _groups(cards: Sequence[RestoreCard]) -> tuple[FleetGroup, ...]:
    """The cards by what to put back, the largest group first and what stands apart last."""
    groups: dict[object, list[RestoreCard]] = {}
    for card in cards:
        brought_by = card.start and card.start.capture_number
        own = (brought_by, card.decision and card.decision.own.verdict) if card.apart else None
        # One answer_url is set back for all that it moved, and for no others.
        moved_by = card.current.routing.application_id if card.also_moved and card.current else None
        key = (card.apart, card.visible, card.changes, own, moved_by)
        groups.setdefault(key, []).append(card)
    ordered = sorted(
        groups.values(), key=lambda group: (group[0].apart or "", -len(group), group[0].name)
    )
    return tuple(
        FleetGroup(
            number,
            tuple(card.name for card in group),
            group[0].changes,
            group[0].visible,
            group[0].apart,
        )
        for number, group in enumerate(ordered, start=1)
    )


def only_group(result: RestoreResult, number: int) -> RestoreResult:
    """Return what `result` says of one group. Raises UsageError where there is no such group."""
    groups = [group for group in result.groups or () if group.number == number]
    if not groups:
        count = len(result.groups or ())
        raise UsageError(f"there is no group {number}", f"There are {count}, numbered from 1.")
    names = set(groups[0].dids)
    cards = tuple(card for card in result.dids if card.name in names)
    return replace(result, dids=cards, groups=tuple(groups))


def _is_lost(look: "LiveCheck | None") -> bool:
    """Whether there was an answer that could not be stored."""
    return look is not None and look.answer is not None


def _is_read(look: "LiveCheck | None", hidden: bool) -> bool:
    """Whether a look says where the DID goes, or that it is gone: a 404 from another key does not.

    `hidden`: whether the DID is not visible by what counts.
    """
    return look is not None and look.live.answered and (hidden or not look.is_404)


def _selecting(log: Log, selector: Selector) -> Callable[[History], Choice]:
    def choose(history: History) -> Choice:
        selected = resolve(selector, history, log, other_than_current=True)
        return Choice(restoration_to(history, selected.revision), selected.not_read)

    return choose
