"""``restore --all --to SEL``: what has another routing than at a moment, after a look at each."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from changelog.commands.answers.fleet_then import (
    DidThenAndNow,
    FleetThen,
    compare_fleet,
)
from changelog.commands.answers.list import remark_on
from changelog.commands.answers.restore import RestoreInput
from changelog.commands.answers.restore_groups import groups_of, only_group
from changelog.commands.answers.restore_to import parse_to, restore_to
from changelog.model.answers import Applications
from changelog.model.did_ref import Target
from changelog.model.ports import Log
from changelog.model.results.base import Looks
from changelog.model.results.restore import RestoreResult
from changelog.model.results.restore_fleet import FleetCounts, NotReadReason
from changelog.model.routing import EVERYWHERE, WEBHOOK, Where, gone_remark, without_url_remark
from changelog.model.selectors import (
    Selector,
    Tagged,
)
from changelog.model.text.sanitize import command_line, word
from changelog.model.text.times import format_utc, rfc3339

if TYPE_CHECKING:
    from changelog.commands.recording.live_check import LiveCheck


def restore_all(
    log: Log, given: RestoreInput, to: str, now: datetime, where: Where, group: str | None = None
) -> RestoreResult:
    """Return the card of each DID that is not visible, or whose routing is not that of then.

    `where`: of those only that point there now, or did then. `group`: only the one of that name.
    Retired DIDs, and those that were not known then, are left out and named.
    """
    selector = parse_to(log, to, now, every=True)
    fleet = compare_fleet(log, to, selector, where)
    not_stored = tuple(
        did for did in fleet.dids() if did in given.checks and given.checks[did].answer is not None
    )
    names = sorted({*fleet.moved, *fleet.hidden, *fleet.retired, *not_stored})
    targets = [Target(did, did) for did in names]
    result = restore_to(log, targets, given, to, selector, every=True)
    # A time such as 2h is another one later.
    select = to if result.at is None or isinstance(selector, Tagged) else rfc3339(result.at)
    cards = [card for card in result.cards if not card.already_there]
    shown = tuple(card for card in cards if not card.history.retired)
    differing = {card.name for card in shown}

    def alike(holds: Callable[[DidThenAndNow], object]) -> tuple[str, ...]:
        return fleet.dids(lambda did: did.now.did not in differing and holds(did))

    whole = replace(
        _with_looks(log, result, fleet, given, not_stored),
        dids=shown,
        retired=tuple(card.name for card in cards if card.history.retired),
        absent=fleet.absent,
        moved_numbers=fleet.moved_numbers,
        groups=groups_of(shown),
        known_only_later=alike(lambda did: did.destination_known_only_later),
        unseen_then=alike(lambda did: did.unseen_then),
        not_read_by_tag=alike(lambda did: did.then.seen_then.not_read),
        where=where,
        again=_again(select, where),
        select=select,
    )
    whole = _with_remarks(log, whole, fleet, given, not_stored, selector)
    return whole if group is None else only_group(whole, group)


def _with_looks(
    log: Log,
    result: RestoreResult,
    fleet: FleetThen,
    given: RestoreInput,
    not_stored: Collection[str],
) -> RestoreResult:
    """Return the cards with counts, and with which DIDs were not read now and how old they are."""
    every, checks = fleet.dids(), given.checks
    hidden = {*fleet.hidden, *(card.name for card in result.cards if not card.visible)}
    not_read = tuple(did for did in every if not _is_read(checks.get(did), hidden=did in hidden))
    looks = Looks.of(log.pages.last_looks(not_read))
    shown = [card for card in result.cards if not card.already_there and not card.history.retired]
    not_visible = sum(card.apart == "not_visible" for card in shown)
    last_seen = {did.now.did: did.now.last_seen_at for did in fleet.pairs}
    return replace(
        result,
        counts=FleetCounts(
            compared=len(every),
            differ=len(shown) - not_visible,
            read_now=len(every) - len(not_read),
            not_read=len(not_read),
            not_recorded=len(set(not_stored).difference(not_read)),
            not_visible=not_visible,
        ),
        not_read=not_read,
        store_error=next((checks[did].live.store_error for did in not_stored), None),
        not_read_reason=_reason(not_read, given),
        as_of=min((last_seen[did] for did in not_read or every), default=None),
        destination_unread=looks.destination_unread if looks else (),
        destinations_as_of=looks.destinations_as_of if looks else None,
        unreadable=looks if looks and looks.unreadable and not checks else None,
    )


def _with_remarks(
    log: Log,
    result: RestoreResult,
    fleet: FleetThen,
    given: RestoreInput,
    not_stored: Collection[str],
    selector: Selector,
) -> RestoreResult:
    """Return it with what keeps it from saying that all the rest is as it was then."""
    applications, carried = _applications(given), _carried(fleet, given)
    # The answer_url of a DID that was read now could not be read.
    missed = [did for one, dids in carried.items() if applications.misses(one) for did in dids]
    looks = log.pages.last_looks(missed).values()
    # Of a look that was not recorded the log knows nothing.
    is_lost = not set(missed).isdisjoint(not_stored)
    without = is_lost or any(look.destination_read is False for look in looks)
    known = (look.at if look.destination_read else look.destination_seen_at for look in looks)
    as_of = min((at for at in known if at), default=None) if without else None
    differing = {card.name for card in result.dids}
    elsewhere = set(fleet.dids(lambda did: did.goes_elsewhere)) - differing
    last_looks = log.pages.last_looks(sorted(elsewhere)).items()
    never_shown = [did for did, look in last_looks if look.destination_read is None]
    is_captured = isinstance(selector, Tagged) and any(
        did.then.seen_then.not_read for did in fleet.pairs
    )
    looked = "the tag's capture read" if is_captured else "the last look before then saw"
    read_late = fleet.dids(lambda did: did.then.seen_then.read_late)
    retired = fleet.all_retired if result.where.everywhere else 0
    return replace(
        result,
        remarks=(
            *_about_applications(applications, carried, as_of, some_failed=without),
            *remark_on(fleet.dids(lambda did: not did.then.visible), "not visible then (404): {}"),
            *remark_on(read_late, f"{looked} another answer, too late to begin a revision: {{}}"),
            *_about_retired(retired, len(fleet.retired)),
            *_about_others(log, result, fleet, given, selector),
            *remark_on(never_shown, "no look shows the destination of {}: it may have changed"),
        ),
        destinations_unread=without or bool(result.destination_unread or never_shown),
        looked_without_destinations=without,
    )


def _applications(given: RestoreInput) -> Applications:
    """Return what a look read of the applications, or why it could not."""
    each = (check.applications for check in given.checks.values())
    known = (read for read in each if read.remark or read.listed is not None or read.answer_urls)
    return next(known, Applications())


def _carried(fleet: FleetThen, given: RestoreInput) -> dict[str, list[str]]:
    """Return by application those DIDs that were read now and that it has."""
    carried: dict[str, list[str]] = {}
    for _, now in fleet.pairs:
        is_read = now.did in given.checks and given.checks[now.did].has_read
        if is_read and now.routing.route_mode == WEBHOOK:
            carried.setdefault(now.routing.application_id or "", []).append(now.did)
    return carried


def _about_applications(
    applications: Applications,
    carried: Mapping[str, Sequence[str]],
    as_of: datetime | None,
    *,
    some_failed: bool,
) -> Iterator[str]:
    """Yield what a look found of the applications as a whole; `as_of`: when the oldest of the
    destinations that it did not show was seen."""
    if applications.remark is not None:
        kept = "; answer_urls are those of the log" if some_failed else ""
        kept += f", as of {format_utc(as_of)} or later" if as_of else ""
        yield f"{applications.remark}{kept}"
    for application, dids in carried.items():
        which = f"{len(dids)} DID{'' if len(dids) == 1 else 's'}"
        if applications.is_gone(application):
            yield f"{gone_remark(application)}: {which}"
        elif some_failed and applications.lacks_url(application):
            yield f"{without_url_remark(application)}: {which}"


def _about_retired(count: int, differing: int) -> Iterator[str]:
    """Yield how many DIDs nobody looked at since they are retired; those that differ are named."""
    if count > differing:
        yield f"{count - differing} retired, left out and not looked at"


def _about_others(
    log: Log, result: RestoreResult, fleet: FleetThen, given: RestoreInput, selector: Selector
) -> Iterator[str]:
    """Yield how many DIDs that were not chosen were not read either: each may point there now."""
    if result.where.everywhere or not given.checks:
        return
    every = compare_fleet(log, result.to or "", selector, EVERYWHERE).dids()
    others = set(every).difference(fleet.dids())
    unread = [did for did in others if not _is_read(given.checks.get(did), hidden=False)]
    if unread:
        names = f"{len(unread)} other DID{'' if len(unread) == 1 else 's'}"
        yield f"{names} not read now, which may point there too"


def _again(select: str, where: Where) -> str:
    """Spell the command of this answer."""
    options = {"--to": select, "--application": where.application, "--route-mode": where.route_mode}
    given = (f" {name} {word(value)}" for name, value in options.items() if value is not None)
    return command_line("restore", (), f" --all{''.join(given)}")


def _is_read(check: "LiveCheck | None", *, hidden: bool) -> bool:
    """Return whether a look says where the DID goes, or that it is gone: no other key's 404 does.

    `hidden`: whether the DID is not visible by what counts.
    """
    return check is not None and check.live.answered and (hidden or not check.is_404)


def _reason(not_read: Sequence[str], given: RestoreInput) -> NotReadReason | None:
    """Return the commonest reason, None where nobody wanted to look."""
    checks = (given.checks.get(did) for did in not_read)
    errors = [check.live.error for check in checks if check and check.live.error]
    # A message may name a time or an address of its own.
    counted = Counter((error.code, error.status) for error in errors)
    if not counted:
        return None
    ((kind, count),) = counted.most_common(1)
    first = next(error for error in errors if (error.code, error.status) == kind)
    return NotReadReason(first, count)
