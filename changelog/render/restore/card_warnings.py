"""What the restore card says in sentences: its lead, reasons and warnings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.text.sanitize import command_line, masked_pair
from changelog.render.restore.said import given_unread, judged_bad_now, of_the_current
from changelog.render.style import NO_MORE, Sentence, Value, how_many, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from changelog.model.did_ref import MovedNumber
    from changelog.model.history import Confirmation, History, Revision
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard
    from changelog.model.seen_then import SeenThen

READ_ONLY = "changelog changes no routing: it says what to put back, you do it."
LONG_AGO = timedelta(days=30)
_IN_ORDER = "active"
"""The status of a DID that takes calls (seen)."""


def lead(card: RestoreCard) -> Iterator[Sentence]:
    """Say first that the line is back on an older routing, where the target may be the fault.

    Somebody repaired the line already: to put the target back would break it again. But if the
    routing that it is back on was judged bad, neither is advised.
    """
    returned = card.decision.returns_to
    if not card.is_left or returned is None or card.target is None or card.start is None:
        return
    yield from _overtaken(card.history, card.start)
    back = "You are back on" if card.visible else "The last routing seen is a return to"
    prove = command_line("verify", [card.name], f" --to r{returned.revision}")
    left = card.target.newest.revision
    values = returned.revision, card.start.first_seen_at, left
    seen = "seen so since {}"
    if card.is_destination_unread:
        seen = "by application and mode, since {}: the destination was not read"
    if judged_bad_now(card) is not None:
        text = (
            f"{back} r{{}} ({seen}), and that routing was judged bad. The routing"
            " before that, r{}, may be broken too: place a test call before you rely on either."
        )
        yield say(text, *values, code="may_be_broken")
        return
    text = (
        f"{back} r{{}} ({seen}). The routing before that, r{{}}, may be the"
        " broken one. If calls arrive now, leave it so, and prove it: {}"
    )
    yield say(text, *values, prove, code="may_be_broken")


def _overtaken(history: History, start: Revision) -> Iterator[Sentence]:
    """Say where a return may be an answer that was on its way while a newer one came."""
    before = history.revisions[start.revision - 2]
    now, then = start.api_updated_at, before.api_updated_at
    if now and then and now < then:
        yield _warning("may_be_older", start.revision, before.revision, now, then)


# Warnings

_WARNINGS = {
    "may_be_older": "r{} MAY BE OLDER than r{}: updated_at says {} in it, and {} there. Look again"
    " before you rely on it",
    "changed_again": "{}: to put this back may undo what is wanted",
    "judged_good": "{}: to put this back may undo what is wanted",
    "retired": "this DID is RETIRED since {} by {}: {}",
    "not_visible": "this DID is not visible (404 at {}) to the key{} that read it last: its live"
    " routing is unknown, and it may have moved to another application",
    "last_judged_bad": "r{}, the last routing seen, was judged bad by {}: {}",
    "current_judged_bad": "THE CURRENT ROUTING, r{}, WAS JUDGED BAD by {} at {}: {}{}",
    "current_judged_good": "the current routing, r{}, was judged GOOD by {} at {}: {}",
    "current_call_passed": "A TEST CALL PASSED on the current routing, r{} (call {}, {})",
    "current_call_failed": "THE LAST TEST CALL ON THE CURRENT ROUTING, r{}, FAILED (call {}, {})",
    "call_went_elsewhere": "a test call at {}, after the last look, went elsewhere ({}): what is"
    " current here may not be so any more",
    "key_cannot_see": "the newest look ({}) was a 404 from a key that did not read this DID last:"
    " that says nothing of its routing. The key {} read it last; this is from the log",
    "no_key_read_it": "the newest look ({}) was a 404, and the answer before it was imported: no"
    " key is known to have read this DID. So it says nothing of its routing; this is from the log",
    "other_address": "the newest look ({}) was a 404 of another API address than that where the"
    " key {} read this DID last, or a proxy's: that says nothing of its routing. This is from the"
    " log",
    "not_recorded": "the live look is NOT RECORDED: {}",
    "live_look_failed": "the live route could not be read ({}): this is from the log",
    "times_to_come": "THE LOG HOLDS TIMES TO COME of this DID, up to {}: a clock is, or was, wrong,"
    " so times here may be false",
    "application_gone": "application {} is not among those that /applications lists{}",
    "application_without_url": "application {} is listed without an answer_url{}: it had {}",
    "not_known_to_differ": "r{} is not known to differ from the current routing: its destination"
    " was not read",
    "judged_bad": "r{} WAS JUDGED BAD by {}: {}{}",
    "rolled_back": "r{} WAS ROLLED BACK: a return to an older routing was verified after it",
    "call_failed": "THE LAST TEST CALL ON r{} FAILED (call {}){}",
    "reaches_nobody": "r{} REACHES NOBODY: callers will not get through",
    "long_ago": "r{} was last seen {} before the last look, {} before the current routing"
    " was first seen",
    "application_moved": "application {} answered at {} when it was read last, first so at {};"
    " it was {} {}",
    "already_there_as_far_as_read": "r{}: only application and mode are known to be as they were."
    " Its destination was not read, and may differ",
    "destination_known_later": "the {} of r{} was not read then: it is known only from {} on, and"
    " may have been another one before",
    "destination_of_before": "the destination of r{} was not read: as r{} it was {}",
    "good_as_far_as_read": "the destination of r{} was not read: what was judged good may have had"
    " another one",
    "good_of_unread": "r{} is good by what was said of r{}, whose destination was not read: it may"
    " have had another one",
    "return_not_whole": "THE RETURN TO r{} WAS VERIFIED BY APPLICATION AND MODE ALONE (r{}), and"
    " r{}, which followed it, has another destination: the return may have been none, and what was"
    " left out as rolled back may be worth a look",
    "also_moved": "the answer_url of application {} carries {} too: what is set back moves them"
    " with it",
    "not_read": "{}",
    "unseen_then": "{}",
    "seen_between": "between r{} and r{} a look at {} showed {}. It came too late to begin a"
    " revision, and no --to names it",
    "number_gone": "{} is the number of {} now: no routing of {} brings it back",
    "number_came": "{} was the number of {} until {} at least: that may be the cause, and no"
    " routing of {} brings it back",
    "several_numbers": "this DID has carried several numbers: {}. The last one is {}",
    "status_changed": "the status went from {} to {}: that may be the cause, and no routing will"
    " fix it",
}
"""What a tired person must be told before anything else, by its code."""


def _warning(code: str, *values: object) -> Sentence:
    return say(_WARNINGS[code], *values, code=code)


def warnings(card: RestoreCard) -> Iterator[Sentence]:
    """Yield every warning of a card."""
    yield from lead(card)
    yield from further_warnings(card)


def further_warnings(card: RestoreCard) -> Iterator[Sentence]:
    """Yield the warnings of a card that begins with its lead."""
    history, decision = card.history, card.decision
    if card.apart in ("changed_again", "judged_good"):
        yield _warning(card.apart, why_apart(card, card.apart))
    if (retired := history.retirement) is not None:
        yield _warning("retired", retired.at, retired.by, retired.reason)
    yield from (_warning(*warning) for warning in of_the_current(card, decision.own))
    yield from _about_the_looks(card, history, decision.own)
    if card.times_to_come is not None:
        yield _warning("times_to_come", card.times_to_come)
    for application, lost in card.lost.items():
        when = say(", as of {}", lost.at) if lost.at else say(" now")
        code = "application_without_url" if lost.is_listed else "application_gone"
        had = Value("destination", lost.had or "one")
        yield _warning(code, value(application), when, *([had] if lost.is_listed else []))
    if card.target is not None:
        yield from _about_the_target(card, history, card.target)
    for confirmation, after in _unseen_returns(history):
        numbers = confirmation.revision, confirmation.returned, after.revision
        yield _warning("return_not_whole", *numbers)
    if card.also_moved and card.target is not None:
        others = how_many(card.also_moved, "other DID")
        yield _warning("also_moved", value(card.target.newest.routing.application_id), others)
    if about_then := of_then(card.seen_then):
        yield _warning("not_read" if card.seen_then.not_read else "unseen_then", about_then)
    for answer in card.seen_between:
        sides = decision.target and decision.target.newest.revision, decision.current.revision
        yield _warning("seen_between", *sides, answer.at, answer.routing)
    yield from _about_the_number(card, history)
    carried = sorted({revision.number for revision in history.revisions if revision.number})
    if len(carried) > 1:
        yield _warning("several_numbers", ", ".join(carried), card.number)
    yield from _about_the_status(history)


def of_then(seen: SeenThen, *, many: bool = False) -> Sentence | None:
    """Say what is not known of a DID at the moment that a tag or a time names; None for nothing.

    Of `many` DIDs, `seen` has the earliest time.
    """
    later = " or later" if many else ""
    if seen.read_late:
        looked = "the tag's capture read" if seen.not_read else "the last look before then saw"
        return say(f"{'are' if many else 'is'} not what {looked} ({{}})", seen.read_late)
    if seen.destination_not_read:
        text = "destination NOT READ by the tag's capture: any shown was known before, or stated"
        return say(text)
    if seen.unseen_since is None:
        text = "not read by the tag's capture, but seen so before and after it"
        return say(text) if seen.not_read else None
    text = f"last seen so {{}}{later}, and not known to be still so at that time"
    if seen.not_read:
        text = f"NOT READ by the tag's capture: last seen so {{}}{later}, before it"
    return say(text, seen.unseen_since)


def moved_numbers(numbers: Sequence[MovedNumber]) -> Iterator[Sentence]:
    """Say of numbers which DID had them then."""
    for number, then, now in numbers:
        text = "{} was the number of {} then and is that of {} now: that may be the cause, and no"
        yield say(f"{text} routing of {{}} brings it back", number, then, now, then)


def why_apart(card: RestoreCard, kind: str) -> Sentence:
    """Say why a routing may not be what is to be taken back."""
    if kind == "not_visible":
        return say("NOT VISIBLE (404), seen last as it was then")
    if kind == "judged_good":
        verdict = card.decision.own.verdict
        judged = verdict is not None and verdict.verdict == "good"
        return say("JUDGED GOOD as routed now" if judged else "HEARD TO WORK as routed now")
    if card.unread_after:
        return say("NOT READ at {}: changed in that deploy or after it", card.after)
    return say("CHANGED AFTER {}", card.after)


def _about_the_looks(
    card: RestoreCard, history: History, last: RoutingRecord
) -> Iterator[Sentence]:
    """Warn of what the looks could not see; `last` is the routing that was seen last."""
    verdict, live, error = last.verdict, card.live, card.live.error
    if not history.visible:
        key = say(" {}", history.key) if history.key else NO_MORE
        yield _warning("not_visible", history.hidden_since, key)
        if verdict is not None and verdict.verdict == "bad":
            number = history.latest.revision
            yield _warning("last_judged_bad", number, verdict.by, verdict.reason)
    if card.other_key_404:
        values = (history.newest_at, history.key)
        if history.key is None:
            yield _warning("no_key_read_it", history.newest_at)
        elif history.newest_key == history.key:
            yield _warning("other_address", *values)
        else:
            yield _warning("key_cannot_see", *values)
    if live.answered and live.looked and not live.recorded:
        yield _warning("not_recorded", live.store_error.message if live.store_error else "")
    elif live.looked and not live.answered and error is not None:
        yield _warning("live_look_failed", error if error.status else error.message)


def _about_the_target(
    card: RestoreCard, history: History, target: RoutingRecord
) -> Iterator[Sentence]:
    number, verdict, newest = target.newest.revision, target.verdict, target.newest
    if newest.destination_known_from is not None:
        name = newest.routing.destination_name
        yield _warning("destination_known_later", name, number, newest.destination_known_from)
    if card.already_there:
        # Two routings count as one, and the destination of one of them was not read.
        if card.current.routing.lacks_destination:
            yield _warning("already_there_as_far_as_read", card.current.revision)
        return
    if not card.changes and card.visible:
        yield _warning("not_known_to_differ", number)
    if target.left_out == "bad" and verdict is not None:
        given = given_unread(target, verdict)
        yield _warning("judged_bad", number, verdict.by, verdict.reason, given)
    if target.rolled_back:
        yield _warning("rolled_back", number)
    if target.failed and target.call is not None:
        yield _warning("call_failed", number, target.call.call, given_unread(target, target.call))
    if target.reaches_nobody:
        yield _warning("reaches_nobody", number)
    age = history.latest.last_seen_at - newest.last_seen_at
    if age > LONG_AGO:
        gap = history.stay_start(history.latest).first_seen_at - newest.last_seen_at
        before = how_many(max(0, gap.days), "day")
        yield _warning("long_ago", number, how_many(age.days, "day"), before)
    yield from _about_its_destination(card, history, target)


def _about_its_destination(
    card: RestoreCard, history: History, target: RoutingRecord
) -> Iterator[Sentence]:
    newest = target.newest
    number, known_from = newest.revision, newest.destination_known_from
    has_moved = history.latest.routing.fields != newest.routing.fields
    if has_moved and card.answer_url_today is not None:
        url, read_at = card.answer_url_today
        then, now = masked_pair(newest.routing.destination or "", url)
        when = say("when r{} was in service", number)
        if known_from is not None:
            when = say("at {}, after r{} was seen without it", known_from, number)
        application = value(newest.routing.application_id)
        yield _warning("application_moved", application, now, read_at, then, when)
    if card.changes and newest is not (known := target.newest_known):
        destination = Value("destination", known.routing.destination)
        yield _warning("destination_of_before", number, known.revision, destination)
    if target.good and newest.routing.lacks_destination:
        yield _warning("good_as_far_as_read", number)
    said = [said for said in (target.verdict, target.call) if said is not None]
    if target.good and said and all(map(target.known_apart, said)):
        yield _warning("good_of_unread", number, said[0].revision)


def _unseen_returns(history: History) -> Iterator[tuple[Confirmation, Revision]]:
    """Yield each confirmed return whose destination was not read, with the revision after it that
    tells that it was another one, or became another."""
    for confirmation in history.confirmations:
        later = history.revisions[confirmation.returned :]
        number = confirmation.routing_number
        after = next((other for other in later if other.routing_number != number), None)
        if after is not None:
            last = history.revisions[after.revision - 2]
            if last.routing.lacks_destination and last.routing.fields == after.routing.fields:
                yield confirmation, after


def _about_the_number(card: RestoreCard, history: History) -> Iterator[Sentence]:
    """Say which other DID has the number now, or had it when the target was in service."""
    with_it = [each for each in history.revisions if each.number == card.number]
    if not card.other_dids or not with_it:
        return
    other, came = card.other_dids[0], with_it[0].first_seen_at
    if not card.visible and other.last_seen_at > history.latest.last_seen_at:
        yield _warning("number_gone", card.number, other.did, card.name)
    is_older = card.target is None or card.target.newest.last_seen_at < came
    if card.visible and other.last_seen_at < came and is_older:
        yield _warning("number_came", card.number, other.did, other.last_seen_at, other.did)


def _about_the_status(history: History) -> Iterator[Sentence]:
    start = history.stay_start(history.latest)
    before = history.revision(start.revision - 1) or start
    status = history.latest.status
    if status not in (before.status, _IN_ORDER):
        yield _warning("status_changed", value(before.status), value(status))


def value(value: str | None) -> Value:
    """Show a value in a sentence, never longer than the sentence can bear."""
    return Value("", value or "none")
