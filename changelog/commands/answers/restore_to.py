"""``restore --to SEL``: the operator names what to put back; what may need nothing stands apart."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from changelog.commands.answers.fleet_then import moved_number
from changelog.commands.answers.list import moment_of
from changelog.commands.answers.restore import RestoreInput, restore
from changelog.model.did_ref import Target
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History
from changelog.model.ports import Log
from changelog.model.restore_rule import RestoreDecision, restoration_to
from changelog.model.results.restore import Apart, RestoreCard, RestoreResult, UnknownDid
from changelog.model.selectors import (
    AFTER,
    BEFORE,
    FLEET_FORMS,
    FORMS,
    Selected,
    Selector,
    Tagged,
    Word,
    known_tag,
    parse_selector,
    resolve,
)


def parse_to(log: Log, text: str, now: datetime, *, every: bool = False) -> Selector:
    """Parse ``--to``; `every`: of a fleet. Raises UsageError for ``live``: it is what has
    to be replaced."""
    forms = FLEET_FORMS if every else FORMS
    selector = parse_selector(text, now, tags=log, forms=forms)
    if selector is Word.LIVE:
        raise UsageError("'live' is not a routing to put back", f"Use one of: {forms}.")
    return selector


def restore_to(
    log: Log,
    targets: Sequence[Target],
    given: RestoreInput,
    to: str,
    selector: Selector,
    *,
    every: bool = False,
) -> RestoreResult:
    """Return the card of each target, with the revision that `to` selects.

    What a deploy moved, and of a fleet what moved since, is told apart from what was moved later or
    is judged good. That comes last, as the cards are a list to work through.
    """

    def choose(history: History) -> RestoreDecision:
        selected = resolve(selector, history, log, other_than_current=True)
        decision = restoration_to(history, selected.revision)
        return decision._replace(seen_then=selected.seen_then)

    moved = (moved_number(log, target.number, target.did, selector) for target in targets)
    result = replace(
        restore(log, targets, given, choose),
        to=to,
        at=moment_of(selector, log),
        moved_numbers=tuple(one for one in moved if one is not None),
    )
    tag = _end_of_deploy(selector)
    if tag is None and not every:
        return result
    tag = tag if tag and log.tag(tag) else None
    after = tag and f"tag:{tag}"
    judged = (
        each if isinstance(each, UnknownDid) else _judged(log, replace(each, after=after), tag)
        for each in result.dids
    )
    ordered = sorted(judged, key=lambda each: isinstance(each, RestoreCard) and bool(each.apart))
    return replace(result, dids=tuple(ordered), after=after)


def _end_of_deploy(selector: Selector) -> str | None:
    """Return the name of the tag after a deploy whose tag before it is selected."""
    if not isinstance(selector, Tagged) or not selector.name.endswith(BEFORE):
        return None
    return selector.name.removesuffix(BEFORE) + AFTER


def _judged(log: Log, card: RestoreCard, tag: str | None) -> RestoreCard:
    """Return the card with why its routing may need nothing; `tag`: the one after the deploy."""
    if tag is None:
        return replace(card, apart=_apart(log, card, tag, None))
    try:
        end = resolve(Tagged(tag), card.history, log)
    except NothingError:
        # What the log did not know by then is no part of the deploy, and nothing to compare with.
        return replace(card, apart=_not_visible(card))
    unread = end.seen_then.was_never_seen
    return replace(card, apart=_apart(log, card, tag, end), unread_after=unread)


def _not_visible(card: RestoreCard) -> Apart | None:
    if card.already_there or card.visible:
        return None
    target = card.decision.target
    current_number = card.decision.current.routing_number
    is_same = target is not None and target.newest.routing_number == current_number
    return "not_visible" if is_same else None


def _apart(log: Log, card: RestoreCard, tag: str | None, end: Selected | None) -> Apart | None:
    """Return why the routing may need nothing: changed later, or judged good, or not visible.

    `end`: what the DID had at the `tag` after the deploy.
    """
    if card.already_there:
        return None
    if apart := _not_visible(card):
        return apart
    if tag is not None and end is not None:
        # One that the capture after the deploy could not read may have moved in the deploy. One
        # that neither of its captures was to read was no part of it.
        unknown = end.seen_then.not_read and (
            not card.seen_then.not_read or _was_asked_in_vain(log, tag, card.name)
        )
        current, then = card.decision.current, end.revision
        # The answer_url that was not read after the deploy may have moved in it.
        may_be_so = end.destination_not_read and then.routing.fields == current.routing.fields
        if not (unknown or may_be_so) and then.routing_number != current.routing_number:
            return "changed_again"
    return "judged_good" if card.decision.own.good else None


def _was_asked_in_vain(log: Log, tag: str, did: str) -> bool:
    capture = known_tag(tag, log).capture
    return capture is not None and bool(log.unread_by(capture, did))
