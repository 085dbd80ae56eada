"""What the restore card says to do, and how sure it is: both sides, steps, commands to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.model.diff import Change
from changelog.model.routing import ROUTING_FIELDS, WEBHOOK
from changelog.model.text.sanitize import Command, command_line, masked, word
from changelog.model.text.times import format_utc
from changelog.render.restore.card_warnings import value
from changelog.render.style import (
    BLANK,
    NO_MORE,
    NOTHING,
    Sentence,
    Shown,
    Side,
    Value,
    line,
    say,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from changelog.model.history import Revision
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard
    from changelog.model.routing import Routing

NO_NAMES: Mapping[str, str] = {}
_SURE = {
    "good": "good: a test call passed on it",
    "unconfirmed": "not judged yet: nobody has marked it good",
    "left": "no advice: the number was moved away from it",
}


def confidence(card: RestoreCard, target: RoutingRecord) -> Sentence:
    """Say how sure it is that the target works."""
    word = card.decision.confidence or "unconfirmed"
    if word == "good" and target.verdict is not None:
        return say("good: {} ({})", target.verdict.reason, target.verdict.by, code=word)
    if word == "unconfirmed" and target.verdict is not None:
        verdict = target.verdict
        ended = verdict.verdict == "good" and not target.good
        later = ", before a failed call or a roll-back" if ended else ""
        values = (verdict.verdict, verdict.by, verdict.reason)
        return say(f"marked {{}} by {{}}{later}: {{}}", *values, code=word)
    return say(_SURE[word], code=word)


def steps_title(card: RestoreCard) -> Sentence:
    """Return what stands above the steps."""
    if card.is_left and card.target is not None:
        number = card.target.newest.revision
        return say("Only if you know that r{} was not the fault, put it back", number)
    return say("To put it back")


def steps(card: RestoreCard, names: Mapping[str, str] = NO_NAMES) -> Iterator[Sentence]:
    """Say what to do in the account setup, for what differs; all of it where live is unknown.

    `names`: what people call an application, to stand behind its id.
    """
    if card.target is None or card.already_there:
        return
    target = card.target.newest
    fields = {change.field for change in card.changes} if card.visible else set(ROUTING_FIELDS)
    before, after = card.history.latest.routing, target.routing
    # Of what is not visible, nobody knows what is set now.
    now = before if card.visible else after
    if "application_id" in fields:
        yield _assignment_step(card, now.application_id, target, names)
    if "route_mode" in fields and after.route_mode:
        yield say(
            "Set its route mode to {}{}.",
            value(after.route_mode),
            _instead_of(now.route_mode, after.route_mode),
        )
    if "route_mode" in fields and not after.route_mode and now.route_mode:
        text = "It had no route mode: take {} away, if the account setup allows that."
        yield say(text, value(now.route_mode))
    if after.destination and ("destination" in fields or card.answer_url_today):
        yield _destination_step(card, target.routing, names)
    # Before it is stated, verify has nothing that it could compare the destination with.
    source = card.history.latest.destination_source
    shown_now = before.fields == after.fields and source == "fetched"
    is_stated = target.destination_source == "stated" and not shown_now
    if is_stated and after.destination != before.destination:
        yield _state_destination(card, after.destination or "")
    # A call is compared with what was recorded by then.
    yield say("Verify (below), then place a test call from a known number and listen.")


def _state_destination(card: RestoreCard, destination: str) -> Sentence:
    about = "The API does not show this destination: state it, once it is back"
    if masked(destination) != destination:
        # A command with it masked would state another one.
        more = ", with record --destination; it is masked here, and --format plain gives it whole"
        return say(f"{about}{more}")
    stated = f" --destination {word(destination)}"
    command = command_line("record", [card.name], stated)
    return say(f"{about}: {{}}", command)


def _assignment_step(
    card: RestoreCard, before: str | None, target: Revision, names: Mapping[str, str]
) -> Sentence:
    # The target's own number may be another DID's by now.
    number = say(" ({})", card.number) if card.number else NO_MORE
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
        _application(after, names),
        _instead_of(before, after, names),
    )


def _instead_of(
    before: str | None, after: str | None, names: Mapping[str, str] = NO_NAMES
) -> Sentence:
    if not before or before == after:
        return NO_MORE
    return say(" (now {})", _application(before, names))


def _application(name: str | None, names: Mapping[str, str]) -> Value | Sentence:
    called = names.get(name or "")
    return say("{} ({})", value(name), Value("", called)) if called else value(name)


def _destination_step(card: RestoreCard, after: Routing, names: Mapping[str, str]) -> Sentence:
    destination = show(masked(after.destination or ""))
    note = ""
    if destination != after.destination:
        note = " (masked: --format plain gives it whole)"
    hidden = say(note)
    if after.route_mode != WEBHOOK:
        return say("Set its destination to {}{}.", destination, hidden)
    values = (_application(after.application_id, names), destination, hidden)
    lost = card.lost.get(after.application_id or "")
    if lost and not lost.is_listed:
        text = "Application {} is not listed: see that it exists and answers at {}{}."
        return say(text, *values)
    if card.sets_url_back:
        return say("Set the answer_url of application {} back to {}{}.", *values)
    return say("Check that application {} answers at {}{}.", *values)


# Commands


def commands(card: RestoreCard) -> dict[str, Command | None]:
    """Return each command that the card gives to paste, by the name of its field in JSON."""
    made: dict[str, Command | None] = dict.fromkeys(("verify", "mark_bad", "undo"))
    if card.target is None:
        return made
    current, target = card.decision.current, card.target.newest
    made["verify"] = command_line("verify", [card.name], f" --to r{target.revision}")
    # A mark or an undo names the current revision: it must be stored, and another than the target.
    if current.capture_number > 0 and current.routing_number != target.routing_number:
        verdict = card.decision.own.verdict
        if verdict is None or verdict.verdict != "bad":
            words = [f"{card.name}@r{current.revision}", "bad"]
            made["mark_bad"] = command_line("mark", words, " -m 'WHY'")
        made["undo"] = command_line("restore", [card.name], f" --to r{current.revision}")
    return made


def to_paste(card: RestoreCard) -> list[tuple[str, Command]]:
    """Return what to paste afterwards, with what it is for."""
    made = commands(card)
    rows = (
        ("Prove it:", made["verify"]),
        ("If the current one is broken:", made["mark_bad"]),
        ("To undo:", made["undo"]),
    )
    return [(what, command) for what, command in rows if command]


# Both sides


def sides(card: RestoreCard) -> list[list[Shown]]:
    """Put current and target side by side: the heads, then a row a field that one of them has."""
    current, target = card.current, card.target
    head = "CURRENT" if card.visible else "LAST SEEN"
    heads = [show(head) if card.log_unread else line("{} r{}", head, current.revision)]
    if target is not None:
        word = "ALREADY THERE" if card.already_there else "PUT BACK"
        word = "MAY BE BROKEN" if card.is_left else word
        heads.append(line("{} r{}", word, target.newest.revision))
    newest = target.newest if target else None
    rows = [_row(name, current, newest) for name in (*ROUTING_FIELDS, "status")]
    return [[BLANK, *heads], *(row for row in rows if set(row[1:]) != {NOTHING})]


def _row(name: str, current: Revision, target: Revision | None) -> list[Shown]:
    before = _field(current, name)
    if target is None:
        return [show(name), _called(name, show(Value(name, before)), current)]
    change = Change(name, before, _field(target, name))
    before_text, after_text = (show(Side(change, is_after)) for is_after in (False, True))
    return [show(name), _called(name, before_text, current), _called(name, after_text, target)]


def _called(field: str, text: Shown, revision: Revision) -> Shown:
    """Add to the id of an application what people call it."""
    if field != "application_id" or revision.application_name is None:
        return text
    return line("{} ({})", text, Value("", revision.application_name))


def _field(revision: Revision, name: str) -> str | None:
    value: str | None = revision.status if name == "status" else getattr(revision.routing, name)
    return value


def already_there(card: RestoreCard) -> str:
    """Say that it is there: as of when, whether all of it was seen, and what is not back."""
    there = f"Already there{_as_far_as_read(card)}"
    number = card.target.newest.number if card.target else None
    if None not in (card.number, number) and card.number != number:
        return f"{there}, but its number was another one then, which no routing brings back"
    if card.seen_then.read_late:
        return f"{there}, but the answer then was another one, which is named above"
    return f"{there}: nothing to put back"


def _as_far_as_read(card: RestoreCard) -> str:
    by_log = ""
    if not card.is_read_now:
        by_log = f" by the log, as of {format_utc(card.as_of)}"
    if card.seen_then.unseen_since is not None:
        return f"{by_log}, as far as was seen then"
    return by_log if card.is_known_whole else f"{by_log}, as far as was read"
