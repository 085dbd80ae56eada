"""The restore card: what to put back, in the order in which a tired person needs it.

Its parts are sentences and rows, for each medium; the text is laid out here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from changelog.model.results.restore import UnknownDid
from changelog.model.results.restore_fleet import reason_left_out
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_duration, format_range, format_utc
from changelog.render.restore import card_warnings, said, steps
from changelog.render.style import (
    BLANK,
    NO_MORE,
    Sentence,
    Shown,
    Side,
    Value,
    Words,
    note,
    say,
    test_calls,
    times,
)
from changelog.render.style import about as fact_sentence
from changelog.render.text import Part, Sides, advice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard, RestoreResult
    from changelog.model.text.times import Window

_LONGEST_NOTE = 300
"""Characters of a note on the card: the steps have to stay on the screen. ``show`` has it whole."""


def parts(result: RestoreResult) -> Iterator[Part]:
    """Yield the parts of every card, the reminder first."""
    yield from head(result)
    yield from each(result)


def head(result: RestoreResult) -> Iterator[Part]:
    """Yield the reminder, and of when the answer is."""
    yield Part("note", card_warnings.READ_ONLY)
    if result.at is not None:
        yield Part("line", say("as the log had it at {} ({})", result.at, result.to))


def each(result: RestoreResult) -> Iterator[Part]:
    """Yield the parts of every card; before them, which numbers have moved since."""
    moved = card_warnings.moved_numbers(result.moved_numbers) if result.counts is None else ()
    yield from (Part("lead", text) for text in moved)
    for one in result.dids:
        if isinstance(one, UnknownDid):
            yield Part("unknown", say("{}: {}", one.name, one.error.message))
        else:
            yield Part("blank")
            yield from of_one(one)


def of_one(card: RestoreCard) -> Iterator[Part]:
    """Yield the parts of one card."""
    yield Part("name", say("{}  {}", card.name, card.number))
    yield Part("headline", _headline(card))
    yield from (Part("lead", text) for text in card_warnings.lead(card))
    yield from (Part("about", text) for text in (*since_when(card), source(card)))
    yield Part("blank")
    sure = steps.confidence(card, card.target) if card.target else None
    yield Part("sides", Sides(steps.sides(card), sure))
    if card.error is not None:
        yield Part("blank")
        yield Part("lead", say("NO TARGET: {}", card.error.message))
        yield Part("about", advice(card.error.hint) or BLANK)
    warnings = [Part("warning", text) for text in card_warnings.further_warnings(card)]
    yield from (Part("blank"), *warnings) if warnings else ()
    if rows := recent(card):
        yield from (Part("blank"), Part("head", "Its last routings"), Part("recent", rows))
    for about, *rest in people(card):
        yield from (Part("known", about), *(Part("detail", text) for text in rest))
    yield from (Part("known", text) for text in others(card))
    if card.already_there:
        yield Part("about", f"{steps.already_there(card)}.")
    elif card.target is not None:
        yield from (Part("blank"), Part("head", steps.steps_title(card)))
        for number, step in enumerate(steps.steps(card), 1):
            yield Part("step", say("{}. {}", number, step))
        yield Part("commands", steps.to_paste(card))


def _headline(card: RestoreCard) -> Sentence:
    """Name the DID and what to do, where a card has a title."""
    name = say("{} ({})" if card.number else "{}", card.name, card.number)
    if card.target is None or card.already_there:
        what = steps.already_there(card) if card.already_there else "No target"
        return say(f"{{}}: {what[0].lower()}{what[1:]}", name)
    text = "{}: r{} may be the broken routing" if card.is_left else "{}: put back r{}"
    return say(text, name, card.target.newest.revision)


def people(card: RestoreCard, longest: int | None = _LONGEST_NOTE) -> Iterator[list[Sentence]]:
    """Say of either side by whom and on which ticket, then why: verdicts, notes and calls."""
    if card.start is None:
        return
    sides = [(card.decision.own, card.current.revision, card.start)]
    own = card.decision.own.newest.routing_number
    if card.target is not None and card.target.newest.routing_number != own:
        newest = card.target.newest
        sides.append((card.target, newest.revision, newest))
    for record, revision, brought_by in sides:
        capture = brought_by.capture
        recorded = say("On r{}: recorded by {}", revision, capture.recorded_by)
        if not capture.id:
            recorded = say("On r{}: not recorded", revision)
        about = [
            recorded.extended(
                (", changed by {}", Words(capture.changed_by or "")),
                (", ticket {}", Words(capture.ticket or "")),
            )
        ]
        if record.verdict is not None:
            given = said.given_unread(record, record.verdict)
            about.append(Sentence("", "{}{}", (fact_sentence(record.verdict), given)))
        for written in record.notes:
            other = written.revision if written.revision != revision else None
            about.append(note(written, longest).extended((" on r{}", other)))
        yield [*about, *test_calls(record.evidence)]


def others(card: RestoreCard) -> Iterator[Sentence]:
    """Say which other routings there are: left out and why, or worth knowing beside the target."""
    for record in card.decision.skipped:
        reason = reason_left_out(record)
        bad = record.verdict if reason.code == "bad" else None
        given = said.given_before_known(record, bad) if bad else NO_MORE
        left_out = (record.newest.revision, record.newest.routing, reason.text, given)
        yield say("Left out r{} {}: {}{}", *left_out)
    for place, record in enumerate(card.decision.alternatives):
        # Only what the table of the last routings does not say already, or what is judged good.
        is_good, before = record.standing == "good", place == 0 and not card.visible
        if is_good or before:
            what = "Before it, judged good" if is_good and before else "Judged good"
            what = what if is_good else "Before it"
            newest = record.newest_known
            values = (newest.revision, newest.routing)
            yield say(f"{what}: r{{0}} {{1}} (--to r{{0}})", *values)
    for answer in card.late:
        yield say("Seen {}, out of order: {}", answer.at, answer.routing)
    for other in card.other_dids:
        about = (other.did, other.number, other.routing, command_line("restore", [other.did]))
        yield say("{} carried {} too, last to {} ({})", *about)


def recent(card: RestoreCard) -> list[tuple[object, ...]]:
    """Return a row a routing that the DID had last: its time in service, times seen and
    standing."""
    return [
        (
            f"r{record.newest.revision}",
            record.newest.routing,
            _in_service(record),
            _times_seen(record),
            "not judged yet"
            if record.standing == "unconfirmed"
            else record.standing.replace("_", " "),
        )
        for record in card.recent
    ]


def _in_service(record: RoutingRecord) -> str:
    """Say how long it was in service, of several times the sum."""
    stays = record.history.stays[record.newest.routing_number]
    long = format_range(*record.in_service_bounds)
    return f"in service {long}" if len(stays) == 1 else f"in service {len(stays)} times, {long}"


def _times_seen(record: RoutingRecord) -> Sentence:
    """Say how often a routing was seen; a destination was not, each time, if looks did not read
    it."""
    newest, often = record.newest, times(record.snapshots)
    seen = record.history.destination_seen(newest)
    if seen is not None and newest.routing.destination is not None:
        if seen[1] != newest.last_seen_at:
            return say("seen {}, its destination last {}", often, seen[1])
        if any(revision.routing.destination is None for revision in record.revisions):
            return say("seen {}, its destination not each time", often)
    return say("seen {}", often)


# The looks: since when, and what was looked at

OLD_NEWS = timedelta(hours=24)
"""A routing that has not changed for longer is hardly what broke the line just now."""


def since_when(card: RestoreCard) -> Iterator[Sentence]:
    """Say between which looks the routing changed, and what else did; first, where it is old
    news."""
    window, age = card.since, card.unchanged_for_s
    if window is None:
        return
    if age is not None and age > OLD_NEWS.total_seconds():
        yield from _unchanged(card, age)
    returns_to = card.decision.returns_to
    what = say("went back to r{}", returns_to.revision) if returns_to else say("changed")
    which = say("Routing")
    if not card.visible:
        which = say("NOT VISIBLE (404 at {}). Its last routing", card.history.hidden_since)
    if window.not_before is None:
        text = "{} was first seen at {}: when it began is not known."
        yield say(text, which, window.not_after)
    elif format_utc(window.not_before) == format_utc(window.not_after):
        yield say("{} {} at {}.", which, what, window.not_after)
    else:
        yield say("{} {} between {} and {}.", which, what, window.not_before, window.not_after)
    if (gap := card.last_gap) is not None:
        otherwise = say("SEEN OTHERWISE in between: {}", gap.other) if gap.other else None
        what = otherwise or say("NOT VISIBLE in between: a 404")
        text = "{} at {}, seen last at {} and again at {}."
        yield say(text, what, gap.at, gap.last_seen, gap.seen_again)
    if window.has_update is not None:
        yield _updated(card, window)
    for change in card.since_routing_change:
        if change.is_learned:
            text = "Since then only learned, not changed: {} {}"
            yield say(text, change.field, Side(change, True))
        else:
            yield say("Changed since then: {}", change)


def _updated(card: RestoreCard, window: Window) -> Sentence:
    """Say what the API says of the last update: with the change, and where it differs now."""
    inside = "within" if window.has_update else "outside"
    agrees = f", {inside} that time" if window.not_before else ""
    if card.is_read_now and card.live.api_updated_at == window.api_updated_at:
        return say(f"The API's updated_at says {{}}{agrees}.", window.api_updated_at)
    said = say(
        f"As r{{}} was first read, updated_at said {{}}{agrees}",
        card.start and card.start.revision,
        window.api_updated_at,
    )
    return said.extended(("; now it says {}", card.touched_at)).extended(("{}", Shown(".")))


def _unchanged(card: RestoreCard, age: float) -> Iterator[Sentence]:
    """Say for how long nothing changed, of what was seen all that time; no longer than that."""
    seen = card.destination_seen
    text = "UNCHANGED for at least {}"
    text += "" if card.is_read_now else " until {}, when last seen"
    is_whole = card.start is not None and seen == (card.start.first_seen_at, card.as_of)
    text += "" if is_whole else ": application and mode"
    yield say(f"{text}.", format_duration(age), card.as_of)
    if not is_whole:
        yield _destination_seen(card)
    if not card.is_read_now:
        yield say("What came later is not known.")
        return
    # Each revision of a stay after its first one is a change, even one that went back again.
    others = say(" Nothing else changed.") if card.start is card.current else NO_MORE
    if card.touched_at is not None:
        others = say(" But something was touched at {}.", card.touched_at)
    which = "The routing" if is_whole else "Application and mode"
    yield say(f"{which} may not be the cause.{{}}", others if is_whole else NO_MORE)


def _destination_seen(card: RestoreCard) -> Sentence:
    """Say of a destination that was not seen all the time when it was."""
    seen = card.destination_seen
    if seen is None:
        return say("The {}: it may have changed.", _never_seen(card))
    first, last = seen
    if first == last:
        text = "The {} was read only at {}: it may have changed before or since."
        return say(text, _destination(card), first)
    text = "The {} was read only from {} to {}: it may have changed before or since."
    if last == card.as_of:
        text = "The {} is known only from {} on: it may have changed before."
        return say(text, _destination(card), first)
    return say(text, _destination(card), first, last)


def _destination(card: RestoreCard) -> str:
    """Name what the destination is."""
    return card.current.routing.destination_name


def _never_seen(card: RestoreCard) -> Sentence:
    if card.current.destination_source == "stated":
        return say("destination was stated, and no look shows it")
    known = card.decision.own.newest_known
    if known.routing.destination:
        # What the routing had when it was in service before.
        _, last = card.history.destination_seen(known) or (None, known.first_seen_at)
        values = (_destination(card), Value("destination", known.routing.destination), last)
        return say("{} was {} as of {} (r{}), not read since", *values, known.revision)
    return say("{} was never read", _destination(card))


# What was looked at


def source(card: RestoreCard) -> Sentence:
    """Say where the answer comes from, and as of when; a destination that is older says so."""
    live, error, as_of = card.live, card.live.error, card.as_of
    older = _older_destination(card)
    if not live.looked:
        why = say(" (not looked live: {})", error.message) if error else NO_MORE
        return say("From the log, as of {}{}{}{}.", as_of, why, older, _failed_since(card))
    if not live.answered:
        why = say(" ({})", error) if error else NO_MORE
        text = "Live look failed{}: from the log, as of {}{}."
        return say(text, why, as_of, older)
    if card.is_blind or not card.visible:
        # A 404 is an answer, and yet it shows no routing.
        recorded = "recorded" if live.recorded else "NOT RECORDED"
        rest = "Last seen" if not card.visible else "From the log, as of"
        text = f"The API answered 404 at {{}}, {recorded}. {rest} {{}}{{}}."
        return say(text, card.history.newest_at, as_of, older)
    at = "read and recorded at {}" if live.recorded else "read at {}, but NOT RECORDED"
    looked = "Application and mode were" if card.is_destination_unread else "The live route was"
    return say(f"{looked} {at}{{}}.", as_of, older)


def _failed_since(card: RestoreCard) -> Sentence:
    """Say that a later look could not read the DID; of a 404 the lead and the warnings tell."""
    newest_at = card.history.newest_at
    if newest_at is None or newest_at <= card.as_of:
        return NO_MORE
    if card.other_key_404 or not card.visible:
        return NO_MORE
    return say("; the look at {} could not read it", newest_at)


def _older_destination(card: RestoreCard) -> Sentence:
    if not card.is_destination_unread:
        return NO_MORE
    if card.destination_seen is None:
        return say("; the {}", _never_seen(card))
    values = (_destination(card), card.destination_seen[1])
    if any(lost.is_listed and not lost.at for lost in card.lost.values()):
        return say("; {} as of {}", *values)
    return say("; {} as of {}, not read now", *values)
