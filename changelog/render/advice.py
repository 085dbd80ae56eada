"""What the restore card says in sentences: warnings, steps, reasons, and the commands to paste."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.routing import ROUTING_FIELDS, WEBHOOK
from changelog.model.text.sanitize import command_line, masked, masked_pair, word
from changelog.render.looks import about_the_looks, about_unread_destinations, given_unread
from changelog.render.style import NO_MORE, Command, Sentence, Value, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.history import History, Revision
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
        return Sentence(word, "good: {} ({})", (target.verdict.reason, target.verdict.by))
    if word == "unconfirmed" and target.verdict is not None:
        verdict = target.verdict
        ended = verdict.verdict == "good" and not target.good
        later = ", before a failed call or a roll-back" if ended else ""
        values = (verdict.verdict, verdict.by, verdict.reason)
        return Sentence(word, f"marked {{}} by {{}}{later}: {{}}", values)
    return Sentence(word, _SURE[word])


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
    yield Sentence(
        "may_be_broken",
        f"{back} r{{}} (seen so since {{}}). The routing before that, r{{}}, may be the"
        " broken one. If calls arrive now, leave it so, and prove it: {}",
        (returned.revision, card.start.first_seen_at, left, Command(prove)),
    )


def steps_title(card: RestoreCard) -> Sentence:
    """Return what stands above the steps."""
    if card.is_left and card.target is not None:
        number = card.target.newest.revision
        return Sentence(
            "only_if", "Only if you know that r{} was not the fault, put it back", (number,)
        )
    return Sentence("put_back", "To put it back")


# Warnings


def warnings(card: RestoreCard) -> Iterator[Sentence]:
    """Say what a tired person must be told before anything else."""
    yield from lead(card)
    yield from further_warnings(card)


def further_warnings(card: RestoreCard) -> Iterator[Sentence]:
    """Return the warnings of a card that begins with its lead."""
    history = card.history
    if history is None or card.decision is None:
        return
    if card.apart in ("changed_again", "judged_good"):
        yield Sentence(
            card.apart,
            "{}: to put this back may undo what is wanted",
            (why_apart(card, card.apart),),
        )
    yield from _about_the_retired(history)
    yield from about_the_looks(card, history, card.decision.own)
    if card.times_to_come is not None:
        yield Sentence(
            "times_to_come",
            "THE LOG HOLDS TIMES TO COME of this DID, up to {}: a clock is, or was, wrong, so times"
            " here may be false",
            (card.times_to_come,),
        )
    for application, at in card.gone.items():
        when = Sentence("", ", as of {}", (at,)) if at else Sentence("", " now")
        yield Sentence(
            "application_gone",
            "application {} is not among those that /applications lists{}",
            (_value(application), when),
        )
    if card.target is not None and not card.already_there:
        yield from _about_the_target(card, history, card.target)
    yield from about_unread_destinations(card, history)
    if card.also_moved:
        yield Sentence(
            "also_moved",
            "the answer_url of application {} carries {} too: what is set back moves them with it",
            (
                _value(card.decision.current.routing.application_id),
                "1 other DID" if card.also_moved == 1 else f"{card.also_moved} other DIDs",
            ),
        )
    if card.not_read:
        yield Sentence(
            "not_read",
            "the tag's capture had not read this DID: this is what was current at its start",
        )
    numbers = sorted({revision.number for revision in history.revisions if revision.number})
    if len(numbers) > 1:
        text = ", ".join(numbers)
        yield Sentence("several_numbers", "this DID has carried several numbers: {}", (text,))
    yield from _about_the_status(history)


def why_apart(card: RestoreCard, kind: str) -> Sentence:
    """Say why a routing may not be what is to be taken back."""
    if kind == "not_visible":
        return Sentence(kind, "NOT VISIBLE (404), seen last as it was then")
    if kind == "judged_good":
        return Sentence(kind, "JUDGED GOOD as routed now")
    return Sentence(kind, "CHANGED AFTER {}", (card.after,))


def _about_the_retired(history: History) -> Iterator[Sentence]:
    if history.retirement is not None:
        verdict = history.retirement
        yield Sentence(
            "retired",
            "this DID is RETIRED since {} by {}: {}",
            (verdict.at, verdict.by, verdict.reason),
        )


def _about_the_target(
    card: RestoreCard, history: History, target: RoutingRecord
) -> Iterator[Sentence]:
    number = target.newest.revision
    verdict = target.verdict
    if not card.changes and card.visible:
        yield Sentence(
            "not_known_to_differ",
            "r{} is not known to differ from the current routing: its destination was not read",
            (number,),
        )
    if target.left_out == "bad" and verdict is not None:
        yield Sentence(
            "judged_bad",
            "r{} WAS JUDGED BAD by {}: {}{}",
            (number, verdict.by, verdict.reason, given_unread(target, verdict)),
        )
    if target.rolled_back:
        yield Sentence(
            "rolled_back",
            "r{} WAS ROLLED BACK: a return to an older routing was verified after it",
            (number,),
        )
    if target.failed and target.call is not None:
        yield Sentence(
            "call_failed",
            "THE LAST TEST CALL ON r{} FAILED (call {}){}",
            (number, target.call.call, given_unread(target, target.call)),
        )
    if target.newest.routing.reaches_nobody:
        yield Sentence(
            "reaches_nobody", "r{} REACHES NOBODY: callers will not get through", (number,)
        )
    age = history.latest.last_seen_at - target.newest.last_seen_at
    if age > LONG_AGO:
        gap = history.stay_start(history.latest).first_seen_at - target.newest.last_seen_at
        yield Sentence(
            "long_ago",
            "r{} was last seen {} days before the last look, {} days before the current routing"
            " came",
            (number, age.days, max(0, gap.days)),
        )
    if history.latest.routing.fields != target.newest.routing.fields:
        yield from _about_the_application(card, target.newest)


def _about_the_application(card: RestoreCard, revision: Revision) -> Iterator[Sentence]:
    if card.answer_url_today is not None:
        then, now = masked_pair(revision.routing.destination or "", card.answer_url_today)
        yield Sentence(
            "application_moved",
            "application {} answers at {} today; it was {} when r{} was in service",
            (_value(revision.routing.application_id), now, then, revision.revision),
        )


def _about_the_status(history: History) -> Iterator[Sentence]:
    start = history.stay_start(history.latest)
    before = history.revision(start.revision - 1) or start
    status = history.latest.status
    if status not in (before.status, _IN_ORDER):
        yield Sentence(
            "status_changed",
            "the status went from {} to {}: that may be the cause, and no routing will fix it",
            (_value(before.status), _value(status)),
        )


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
        yield Sentence(
            "set_route_mode",
            "Set its route mode to {}{}.",
            (_value(after.route_mode), _instead_of(before.route_mode, after.route_mode)),
        )
    if after.destination and ("destination" in fields or card.answer_url_today):
        yield _destination_step(card, card.history.latest, target)
    # Before it is stated, verify has nothing that it could compare the destination with.
    if target.destination_source == "stated" and after.destination != before.destination:
        yield _state_destination(card, after.destination or "")
    yield Sentence(
        "test_call", "Place a test call from a known number and listen, then verify (below)."
    )


def _state_destination(card: RestoreCard, destination: str) -> Sentence:
    about = "The API does not show this destination: state it, once it is back"
    if masked(destination) != destination:
        # A command with it masked would state another one.
        more = ", with record --destination; it is masked here, and --format plain gives it whole"
        return Sentence("state_destination", f"{about}{more}")
    stated = f" --destination {word(destination)}{card.options}"
    command = Command(command_line("record", [card.name], stated))
    return Sentence("state_destination", f"{about}: {{}}", (command,))


def _assignment_step(card: RestoreCard, before: str | None, target: Revision) -> Sentence:
    number = Sentence("", " ({})", (target.number,)) if target.number else NO_MORE
    after = target.routing.application_id
    if not after:
        return Sentence(
            "unassign",
            "In the MiniVoice account setup, take {}{} away from its application.",
            (card.name, number),
        )
    return Sentence(
        "assign",
        "In the MiniVoice account setup, assign {}{} to application {}{}.",
        (card.name, number, _value(after), _instead_of(before, after)),
    )


def _instead_of(before: str | None, after: str | None) -> Sentence:
    if not before or before == after:
        return NO_MORE
    return Sentence("", " (now {})", (_value(before),))


def _value(value: str | None) -> Value:
    """Show a value in a sentence, never longer than the sentence can bear."""
    return Value("", value or "none")


def _destination_step(card: RestoreCard, current: Revision, target: Revision) -> Sentence:
    before, after = current.routing, target.routing
    destination = show(masked(after.destination or ""))
    note = ""
    if destination != after.destination:
        note = " (masked: --format plain gives it whole)"
    hidden = Sentence("", note)
    if after.route_mode != WEBHOOK:
        return Sentence("set_destination", "Set its destination to {}{}.", (destination, hidden))
    moved = card.visible and before.fields == after.fields
    values = (_value(after.application_id), destination, hidden)
    if moved or card.answer_url_today is not None:
        return Sentence(
            "set_answer_url", "Set the answer_url of application {} back to {}{}.", values
        )
    return Sentence("check_answer_url", "Check that application {} answers at {}{}.", values)


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
