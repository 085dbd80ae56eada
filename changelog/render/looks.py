"""What the card says of the looks at a DID: what was seen, when, and since when it has been so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.routing import WEBHOOK, known_apart, unseen_returns
from changelog.model.text.times import format_duration
from changelog.render.style import NO_MORE, Sentence, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.history import Evidence, History, Verdict
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard

OLD_NEWS = timedelta(hours=24)
"""A routing that has not changed for longer is hardly what broke the line just now."""


def about(card: RestoreCard) -> Iterator[Sentence]:
    """Say since when the routing is so, then where the answer comes from."""
    yield from since_when(card)
    yield source(card)


def since_when(card: RestoreCard) -> Iterator[Sentence]:
    """Say between which looks the routing changed, and what else did; first, where it is old
    news."""
    window, age, history = card.since, card.unchanged_for_s, card.history
    if window is None or age is None or history is None:
        return
    if age > OLD_NEWS.total_seconds():
        yield _unchanged(card, age)
    returns_to = card.decision.returns_to if card.decision else None
    back = Sentence("", ", a return to r{}", (returns_to.revision,)) if returns_to else NO_MORE
    which = Sentence("", "Routing")
    if not card.visible:
        which = Sentence("", "NOT VISIBLE (404 at {}). Its last routing", (history.hidden_since,))
    if window.not_before is None:
        template = "{} first seen {}: when it began is not known{}."
        values: tuple[object, ...] = (which, window.not_after, back)
    else:
        template = "{} changed between {} (still the old routing) and {} (already this one){}."
        values = (which, window.not_before, window.not_after, back)
    yield Sentence("since", template, values)
    if window.has_update is not None:
        agrees = ", within that time." if window.has_update else ": this change did not change it."
        text = f"The API's updated_at says {{}}{agrees}"
        yield Sentence("api_updated_at", text, (window.api_updated_at,))
    for change in card.since_routing_change:
        if change.is_learned:
            text = "Since then only learned, not changed: {} {}"
            yield Sentence("learned_since", text, (change.field, Side(change, True)))
        else:
            yield Sentence("changed_since", "Changed since then: {}", (change,))


def _unchanged(card: RestoreCard, age: float) -> Sentence:
    """Say for how long nothing changed, of what was seen all that time."""
    seen = card.destination_seen
    if seen is None or card.start is None or seen != (card.start.first_seen_at, card.as_of):
        text = "UNCHANGED for at least {}: application and mode, so these may not be the cause. {}"
        return Sentence("unchanged", text, (format_duration(age), _destination_seen(card)))
    # Each revision of a stay after its first one is a change, even one that went back again.
    one = card.start is card.current
    others = Sentence("", ", and nothing else changed") if one else NO_MORE
    text = "UNCHANGED for at least {}: the routing may not be the cause{}."
    return Sentence("unchanged", text, (format_duration(age), others))


def _destination_seen(card: RestoreCard) -> Sentence:
    """Say of a destination that was not seen all the time when it was."""
    seen = card.destination_seen
    if seen is None:
        return Sentence("", "The {}: it may have changed.", (_never_seen(card),))
    first, last = seen
    if first == last:
        text = "The {} was read only at {}: it may have changed before or since."
        return Sentence("", text, (_destination(card), first))
    text = "The {} was read only from {} to {}: it may have changed before or since."
    if last == card.as_of:
        text = "The {} is known only from {} on: it may have changed before."
        return Sentence("", text, (_destination(card), first))
    return Sentence("", text, (_destination(card), first, last))


def _destination(card: RestoreCard) -> str:
    """Name what the destination is."""
    mode = card.current.routing.route_mode if card.current else None
    return "answer_url" if mode == WEBHOOK else "destination"


def _never_seen(card: RestoreCard) -> Sentence:
    if card.current is not None and card.current.destination_source == "stated":
        return Sentence("", "destination was stated, and no look shows it")
    return Sentence("", "{} was never read", (_destination(card),))


# What was looked at


def source(card: RestoreCard) -> Sentence:
    """Say where the answer comes from, and as of when; a destination that is older says so."""
    live, error, as_of = card.live, card.live.error, card.as_of
    older = _older_destination(card)
    if not live.looked:
        why = Sentence("", " (not looked live: {})", (error.message,)) if error else NO_MORE
        return Sentence("from_log", "From the log, as of {}{}{}.", (as_of, why, older))
    if not live.answered:
        why = Sentence("", " ({})", (error,)) if error else NO_MORE
        text = "Live look failed{}: from the log, as of {}{}."
        return Sentence("look_failed", text, (why, as_of, older))
    if card.is_blind or not card.visible:
        # A 404 is an answer, and yet it shows no routing.
        recorded = "recorded" if live.recorded else "NOT RECORDED"
        rest = "Last seen" if not card.visible else "From the log, as of"
        text = f"The API answered 404 at {{}}, {recorded}. {rest} {{}}{{}}."
        return Sentence("looked_in_vain", text, (card.newest_at, as_of, older))
    at = "read and recorded at {}" if live.recorded else "read at {}, but NOT RECORDED"
    looked = "Application and mode were" if card.is_destination_unread else "The live route was"
    return Sentence("looked", f"{looked} {at}{{}}.", (as_of, older))


def _older_destination(card: RestoreCard) -> Sentence:
    if not card.is_destination_unread:
        return NO_MORE
    if card.destination_seen is None:
        return Sentence("", "; the {}", (_never_seen(card),))
    values = (_destination(card), card.destination_seen[1])
    return Sentence("", "; {} as of {}, not read now", values)


def about_the_looks(card: RestoreCard, history: History, last: RoutingRecord) -> Iterator[Sentence]:
    """Warn of what the looks could not see; `last` is the routing that was seen last."""
    if not history.visible:
        yield from _about_the_missing(card, history, last)
    if card.other_key_404:
        yield Sentence(
            "key_cannot_see",
            "the newest look ({}) was a 404 from a key that did not read this DID last: that says"
            " nothing of its routing. The key {} read it last; this is from the log",
            (card.newest_at, card.read_last_with or "of that look"),
        )
    live, error = card.live, card.live.error
    if live.answered and live.looked and not live.recorded:
        why = live.store_error.message if live.store_error else ""
        yield Sentence("not_recorded", "the live look is NOT RECORDED: {}", (why,))
    elif live.looked and not live.answered and error is not None:
        yield Sentence(
            "live_look_failed",
            "the live route could not be read ({}): this is from the log",
            (error if error.status else error.message,),
        )


def _about_the_missing(
    card: RestoreCard, history: History, last: RoutingRecord
) -> Iterator[Sentence]:
    key = Sentence("", " {}", (card.read_last_with,)) if card.read_last_with else NO_MORE
    yield Sentence(
        "not_visible",
        "this DID is not visible (404 at {}) to the key{} that read it last: its live routing is"
        " unknown, and it may have moved to another application",
        (history.hidden_since, key),
    )
    verdict = last.verdict
    if verdict is not None and verdict.verdict == "bad":
        yield Sentence(
            "last_judged_bad",
            "r{}, the last routing seen, was judged bad by {}: {}",
            (history.latest.revision, verdict.by, verdict.reason),
        )


# Where a destination was not read, a routing counts as the newest one with the same two fields.


def there_already(card: RestoreCard) -> Sentence:
    """Say that there is nothing to put back, as far as was read."""
    if card.current is not None and card.current.routing.lacks_destination:
        text = "Already there by application and mode; its destination was not read"
        return Sentence("already_there", text)
    return Sentence("already_there", "Already there: nothing to put back")


def given_unread(record: RoutingRecord, said: Verdict | Evidence) -> Sentence:
    """Say of a verdict or a call where it was given, if the destination was not read there."""
    if known_apart(record, said) is None:
        return NO_MORE
    text = " (said of r{}, whose destination was not read: it may have been another one)"
    return Sentence("", text, (said.revision,))


def about_unread_destinations(card: RestoreCard, history: History) -> Iterator[Sentence]:
    """Warn where two routings count as one, and the destination of one of them was not read."""
    target, current = card.target, card.current
    if card.already_there and current is not None and current.routing.lacks_destination:
        yield Sentence(
            "already_there_as_far_as_read",
            "r{}: only application and mode are known to be as they were. Its destination was not"
            " read, and may differ",
            (current.revision,),
        )
    if target is not None and target.good and not card.already_there:
        yield from _about_the_good(target)
    for confirmation, after in unseen_returns(history):
        yield Sentence(
            "return_not_whole",
            "THE RETURN TO r{} WAS VERIFIED BY APPLICATION AND MODE ALONE (r{}), and r{}, which"
            " followed it, has another destination: the return may have been none, and what was"
            " left out as rolled back may be worth a look",
            (confirmation.revision, confirmation.returned, after.revision),
        )


def _about_the_good(target: RoutingRecord) -> Iterator[Sentence]:
    if target.newest.routing.lacks_destination:
        yield Sentence(
            "good_as_far_as_read",
            "the destination of r{} was not read: what was judged good may have had another one",
            (target.newest.revision,),
        )
    said = [said for said in (target.verdict, target.call) if said is not None]
    if said and all(known_apart(target, each) for each in said):
        yield Sentence(
            "good_as_far_as_read",
            "r{} is good by what was said of r{}, whose destination was not read: it may have had"
            " another one",
            (target.newest.revision, said[0].revision),
        )
