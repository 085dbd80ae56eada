"""What the restore card says in sentences: warnings, steps, reasons, and the commands to paste."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.routing import ROUTING_FIELDS, WEBHOOK, known_apart, unseen_returns
from changelog.model.text.sanitize import command_line, masked, masked_pair, word
from changelog.render.style import NO_MORE, Command, Sentence, Value, say, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.history import Evidence, History, Revision, Verdict
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard

READ_ONLY = "changelog changes no routing: it says what to put back, you do it."
LONG_AGO = timedelta(days=30)
_IN_ORDER = "active"
"""The status of a DID that takes calls (seen)."""
_SURE = {
    "good": "good: a test call passed on it",
    "unconfirmed": "not judged yet: nobody has marked it good",
    "left": "no advice: the number was moved away from it",
}


def confidence(card: RestoreCard, target: RoutingRecord) -> Sentence:
    """Say how sure it is that the target works."""
    word = card.decision.confidence if card.decision else None
    word = word or "unconfirmed"
    if word == "good" and target.verdict is not None:
        return say("good: {} ({})", target.verdict.reason, target.verdict.by, code=word)
    if word == "unconfirmed" and target.verdict is not None:
        verdict = target.verdict
        ended = verdict.verdict == "good" and not target.good
        later = ", before a failed call or a roll-back" if ended else ""
        values = (verdict.verdict, verdict.by, verdict.reason)
        return say(f"marked {{}} by {{}}{later}: {{}}", *values, code=word)
    return say(_SURE[word], code=word)


def lead(card: RestoreCard) -> Iterator[Sentence]:
    """Say first that the line is back on an older routing, where the target may be the fault.

    Somebody repaired the line already: to put the target back would break it again.
    """
    returned = card.decision.returns_to if card.decision else None
    if not card.is_left or returned is None or card.target is None or card.start is None:
        return
    back = "You are back on" if card.visible else "The last routing seen is a return to"
    prove = command_line("verify", [card.name], f" --to r{returned.revision}{card.options}")
    left = card.target.newest.revision
    yield say(
        f"{back} r{{}} (seen so since {{}}). The routing before that, r{{}}, may be the"
        " broken one. If calls arrive now, leave it so, and prove it: {}",
        returned.revision,
        card.start.first_seen_at,
        left,
        Command(prove),
        code="may_be_broken",
    )


def steps_title(card: RestoreCard) -> Sentence:
    """Return what stands above the steps."""
    if card.is_left and card.target is not None:
        number = card.target.newest.revision
        return say("Only if you know that r{} was not the fault, put it back", number)
    return say("To put it back")


# Warnings

_WARNINGS = {
    "changed_again": "{}: to put this back may undo what is wanted",
    "judged_good": "{}: to put this back may undo what is wanted",
    "retired": "this DID is RETIRED since {} by {}: {}",
    "not_visible": "this DID is not visible (404 at {}) to the key{} that read it last: its live"
    " routing is unknown, and it may have moved to another application",
    "last_judged_bad": "r{}, the last routing seen, was judged bad by {}: {}",
    "key_cannot_see": "the newest look ({}) was a 404 from a key that did not read this DID last:"
    " that says nothing of its routing. The key {} read it last; this is from the log",
    "not_recorded": "the live look is NOT RECORDED: {}",
    "live_look_failed": "the live route could not be read ({}): this is from the log",
    "times_to_come": "THE LOG HOLDS TIMES TO COME of this DID, up to {}: a clock is, or was, wrong,"
    " so times here may be false",
    "application_gone": "application {} is not among those that /applications lists{}",
    "not_known_to_differ": "r{} is not known to differ from the current routing: its destination"
    " was not read",
    "judged_bad": "r{} WAS JUDGED BAD by {}: {}{}",
    "rolled_back": "r{} WAS ROLLED BACK: a return to an older routing was verified after it",
    "call_failed": "THE LAST TEST CALL ON r{} FAILED (call {}){}",
    "reaches_nobody": "r{} REACHES NOBODY: callers will not get through",
    "long_ago": "r{} was last seen {} days before the last look, {} days before the current routing"
    " came",
    "application_moved": "application {} answers at {} today; it was {} when r{} was in service",
    "already_there_as_far_as_read": "r{}: only application and mode are known to be as they were."
    " Its destination was not read, and may differ",
    "good_as_far_as_read": "the destination of r{} was not read: what was judged good may have had"
    " another one",
    "good_of_unread": "r{} is good by what was said of r{}, whose destination was not read: it may"
    " have had another one",
    "return_not_whole": "THE RETURN TO r{} WAS VERIFIED BY APPLICATION AND MODE ALONE (r{}), and"
    " r{}, which followed it, has another destination: the return may have been none, and what was"
    " left out as rolled back may be worth a look",
    "also_moved": "the answer_url of application {} carries {} too: what is set back moves them"
    " with it",
    "not_read": "the tag's capture had not read this DID: this is what was current at its start",
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
    if history is None or decision is None:
        return
    if card.apart in ("changed_again", "judged_good"):
        yield _warning(card.apart, why_apart(card, card.apart))
    if (retired := history.retirement) is not None:
        yield _warning("retired", retired.at, retired.by, retired.reason)
    yield from _about_the_looks(card, history, decision.own)
    if card.times_to_come is not None:
        yield _warning("times_to_come", card.times_to_come)
    for application, at in card.gone.items():
        when = say(", as of {}", at) if at else say(" now")
        yield _warning("application_gone", _value(application), when)
    if card.target is not None:
        yield from _about_the_target(card, history, card.target)
    for confirmation, after in unseen_returns(history):
        numbers = confirmation.revision, confirmation.returned, after.revision
        yield _warning("return_not_whole", *numbers)
    if card.also_moved:
        others = "1 other DID" if card.also_moved == 1 else f"{card.also_moved} other DIDs"
        yield _warning("also_moved", _value(decision.current.routing.application_id), others)
    if card.not_read:
        yield _warning("not_read")
    carried = sorted({revision.number for revision in history.revisions if revision.number})
    if len(carried) > 1:
        yield _warning("several_numbers", ", ".join(carried), card.number)
    yield from _about_the_status(history)


def why_apart(card: RestoreCard, kind: str) -> Sentence:
    """Say why a routing may not be what is to be taken back."""
    if kind == "not_visible":
        return say("NOT VISIBLE (404), seen last as it was then")
    if kind == "judged_good":
        return say("JUDGED GOOD as routed now")
    return say("CHANGED AFTER {}", card.after)


def _about_the_looks(
    card: RestoreCard, history: History, last: RoutingRecord
) -> Iterator[Sentence]:
    """Warn of what the looks could not see; `last` is the routing that was seen last."""
    verdict, live, error = last.verdict, card.live, card.live.error
    if not history.visible:
        key = say(" {}", card.read_last_with) if card.read_last_with else NO_MORE
        yield _warning("not_visible", history.hidden_since, key)
        if verdict is not None and verdict.verdict == "bad":
            number = history.latest.revision
            yield _warning("last_judged_bad", number, verdict.by, verdict.reason)
    if card.other_key_404:
        yield _warning("key_cannot_see", card.newest_at, card.read_last_with or "of that look")
    if live.answered and live.looked and not live.recorded:
        yield _warning("not_recorded", live.store_error.message if live.store_error else "")
    elif live.looked and not live.answered and error is not None:
        yield _warning("live_look_failed", error if error.status else error.message)


def _about_the_target(
    card: RestoreCard, history: History, target: RoutingRecord
) -> Iterator[Sentence]:
    number, verdict, newest = target.newest.revision, target.verdict, target.newest
    if card.already_there:
        # Two routings count as one, and the destination of one of them was not read.
        if card.current is not None and card.current.routing.lacks_destination:
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
    if newest.routing.reaches_nobody:
        yield _warning("reaches_nobody", number)
    age = history.latest.last_seen_at - newest.last_seen_at
    if age > LONG_AGO:
        gap = history.stay_start(history.latest).first_seen_at - newest.last_seen_at
        yield _warning("long_ago", number, age.days, max(0, gap.days))
    has_moved = history.latest.routing.fields != newest.routing.fields
    if has_moved and card.answer_url_today is not None:
        then, now = masked_pair(newest.routing.destination or "", card.answer_url_today)
        yield _warning(
            "application_moved", _value(newest.routing.application_id), now, then, number
        )
    if target.good and newest.routing.lacks_destination:
        yield _warning("good_as_far_as_read", number)
    said = [said for said in (verdict, target.call) if said is not None]
    if target.good and said and all(known_apart(target, each) for each in said):
        yield _warning("good_of_unread", number, said[0].revision)


def given_unread(record: RoutingRecord, said: Verdict | Evidence) -> Sentence:
    """Say of a verdict or a call where it was given, if the destination was not read there."""
    if known_apart(record, said) is None:
        return NO_MORE
    text = " (said of r{}, whose destination was not read: it may have been another one)"
    return say(text, said.revision)


def as_far_as_read(card: RestoreCard) -> str:
    """Return what stands behind "already there", where the destination was not read."""
    is_unread = card.current is not None and card.current.routing.lacks_destination
    return ", as far as was read" if is_unread else ""


def _about_the_status(history: History) -> Iterator[Sentence]:
    start = history.stay_start(history.latest)
    before = history.revision(start.revision - 1) or start
    status = history.latest.status
    if status not in (before.status, _IN_ORDER):
        yield _warning("status_changed", _value(before.status), _value(status))


# Steps


def steps(card: RestoreCard) -> Iterator[Sentence]:
    """Say what to do in the account setup, for what differs; all of it where live is unknown."""
    if card.history is None or card.target is None or card.already_there:
        return
    target = card.target.newest
    fields = {change.field for change in card.changes} if card.visible else set(ROUTING_FIELDS)
    before, after = card.history.latest.routing, target.routing
    if "application_id" in fields:
        yield _assignment_step(card, before.application_id, target)
    if "route_mode" in fields and after.route_mode:
        yield say(
            "Set its route mode to {}{}.",
            _value(after.route_mode),
            _instead_of(before.route_mode, after.route_mode),
        )
    if after.destination and ("destination" in fields or card.answer_url_today):
        yield _destination_step(card, card.history.latest, target)
    # Before it is stated, verify has nothing that it could compare the destination with.
    if target.destination_source == "stated" and after.destination != before.destination:
        yield _state_destination(card, after.destination or "")
    yield say("Place a test call from a known number and listen, then verify (below).")


def _state_destination(card: RestoreCard, destination: str) -> Sentence:
    about = "The API does not show this destination: state it, once it is back"
    if masked(destination) != destination:
        # A command with it masked would state another one.
        more = ", with record --destination; it is masked here, and --format plain gives it whole"
        return say(f"{about}{more}")
    stated = f" --destination {word(destination)}{card.options}"
    command = Command(command_line("record", [card.name], stated))
    return say(f"{about}: {{}}", command)


def _assignment_step(card: RestoreCard, before: str | None, target: Revision) -> Sentence:
    number = say(" ({})", target.number) if target.number else NO_MORE
    after = target.routing.application_id
    if not after:
        return say(
            "In the MiniVoice account setup, take {}{} away from its application.",
            card.name,
            number,
        )
    return say(
        "In the MiniVoice account setup, assign {}{} to application {}{}.",
        card.name,
        number,
        _value(after),
        _instead_of(before, after),
    )


def _instead_of(before: str | None, after: str | None) -> Sentence:
    if not before or before == after:
        return NO_MORE
    return say(" (now {})", _value(before))


def _value(value: str | None) -> Value:
    """Show a value in a sentence, never longer than the sentence can bear."""
    return Value("", value or "none")


def _destination_step(card: RestoreCard, current: Revision, target: Revision) -> Sentence:
    before, after = current.routing, target.routing
    destination = show(masked(after.destination or ""))
    note = ""
    if destination != after.destination:
        note = " (masked: --format plain gives it whole)"
    hidden = say(note)
    if after.route_mode != WEBHOOK:
        return say("Set its destination to {}{}.", destination, hidden)
    moved = card.visible and before.fields == after.fields
    values = (_value(after.application_id), destination, hidden)
    if moved or card.answer_url_today is not None:
        return say("Set the answer_url of application {} back to {}{}.", *values)
    return say("Check that application {} answers at {}{}.", *values)


# Commands


def commands(card: RestoreCard) -> dict[str, Command | None]:
    """Return each command that the card gives to paste, by the name of its field in JSON."""
    made: dict[str, Command | None] = dict.fromkeys(("verify", "mark_bad", "undo"))
    if card.decision is None or card.target is None:
        return made
    current, target = card.decision.current, card.target.newest
    options = f" --to r{target.revision}{card.options}"
    made["verify"] = Command(command_line("verify", [card.name], options))
    # A mark or an undo names the current revision: it must be stored, and another than the target.
    if current.capture_number > 0 and current.routing_number != target.routing_number:
        verdict = card.decision.own.verdict
        if verdict is None or verdict.verdict != "bad":
            words = [f"{card.name}@r{current.revision}", "bad"]
            made["mark_bad"] = Command(command_line("mark", words, f" -m 'WHY'{card.options}"))
        options = f" --to r{current.revision}{card.options}"
        made["undo"] = Command(command_line("restore", [card.name], options))
    return made
