"""The restore card: what to put back, in the order in which a tired person needs it.

Its parts are sentences and rows, for each medium; the text is laid out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.model.diff import Change
from changelog.model.results.restore import reason_left_out
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.sanitize import command_line, list_line, width
from changelog.model.text.times import format_range
from changelog.render import advice, looks
from changelog.render.style import (
    BLANK,
    NOTHING,
    Command,
    Sentence,
    Shown,
    Side,
    Style,
    Value,
    Words,
    columns,
    joined,
    line,
    lines,
    note,
    show,
    some,
    test_calls,
    times,
    whole,
)
from changelog.render.style import about as fact_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from changelog.model.history import Revision
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard, RestoreResult
    from changelog.model.routing import Routing

_LONGEST_NOTE = 300
"""Characters of a note on the card: the steps must not drown; ``show`` has it whole."""


def cards(result: RestoreResult, style: Style) -> Shown:
    """Show every card, the reminder first."""
    return lines([*head(result, style), *each(result, style)])


def head(result: RestoreResult, style: Style) -> list[Shown]:
    """Show the reminder, and of when the answer is."""
    shown = [style.paint(advice.READ_ONLY, "dim")]
    if result.at is not None:
        shown.append(line("as it was at {} ({})", result.at, result.to))
    return shown


def each(result: RestoreResult, style: Style) -> Iterator[Shown]:
    """Yield the lines of every card."""
    for card in result.dids:
        if card.current is not None:
            yield BLANK
            yield from _text(card, card.current, style)


def plain(result: RestoreResult) -> Shown:
    """Show one line a DID that has a target."""
    return plain_lines(
        (card.did, card.number, card.target.newest.routing)
        for card in result.dids
        if card.target is not None
    )


def plain_lines(rows: Iterable[tuple[str | None, str | None, Routing]]) -> Shown:
    """Return a line a DID: did, number, application_id, route_mode, destination.

    Whole, not masked: it is what gets put back. Tabs and other control characters are escaped; of
    an id also what would mean something else in a list.
    """
    return lines(
        Shown("\t".join([list_line(did or ""), *map(whole, (number, *routing))]))
        for did, number, routing in rows
    )


def asides(result: RestoreResult) -> Iterator[Sentence]:
    """Say what ``plain`` has no room for and nobody may miss."""
    yield from apart(result)
    yield from asides_of_each(result)
    yield from _as_of(result.dids)


def asides_of_each(result: RestoreResult) -> Iterator[Sentence]:
    """Say what went wrong with each card, and its warnings."""
    for card in result.dids:
        if card.error is not None:
            yield Sentence(card.error.code, "{}: {}", (card.name, card.error.message))
        for warning in advice.warnings(card):
            if warning.code != card.apart or warning.code == "not_visible":
                yield Sentence(warning.code, "{}: {}", (card.name, warning))


def apart(result: RestoreResult) -> Iterator[Sentence]:
    """Count what may not be what is to be taken back."""
    for kind in ("changed_again", "judged_good", "not_visible"):
        cards = [card for card in result.dids if card.apart == kind]
        if cards:
            names = some([card.name for card in cards])
            values = (how_many(len(cards)), advice.why_apart(cards[0], kind), names)
            yield Sentence(kind, "{} {}, listed last: {}", values)


def how_many(count: int) -> str:
    """Spell a number of DIDs."""
    return "1 DID" if count == 1 else f"{count} DIDs"


def _as_of(cards: Sequence[RestoreCard]) -> Iterator[Sentence]:
    """Say of when the log alone answers: one line for all DIDs of which the same is to be said."""
    groups: dict[str | None, list[tuple[datetime, str]]] = {}
    for card in cards:
        if card.as_of is not None and (not card.live.answered or card.is_blind):
            error = None if card.live.looked else card.live.error
            groups.setdefault(error and error.message, []).append((card.as_of, card.name))
    for why, seen in groups.items():
        first, name = min(seen)
        which, later = (f"{len(seen)} DIDs", " or later") if len(seen) > 1 else (name, "")
        template = f"{{}}: as of {{}}{later}, from the log"
        if why:
            template += " (not looked live: {})"
        yield Sentence("as_of", template, (which, first, why))


def people(card: RestoreCard, longest: int | None = _LONGEST_NOTE) -> Iterator[list[Sentence]]:
    """Say of either side by whom and on which ticket, then why: verdicts, notes and calls."""
    if card.decision is None or card.current is None or card.start is None:
        return
    sides = [(card.decision.own, card.current.revision, card.start)]
    own = card.decision.own.newest.routing_number
    if card.target is not None and card.target.newest.routing_number != own:
        newest = card.target.newest
        sides.append((card.target, newest.revision, newest))
    for record, revision, brought_by in sides:
        capture = brought_by.capture
        recorded = Sentence("people", "On r{}: recorded by {}", (revision, capture.recorded_by))
        about = [
            recorded.extended(
                (", changed by {}", Words(capture.changed_by or "")),
                (", ticket {}", Words(capture.ticket or "")),
            )
        ]
        if record.verdict is not None:
            about.append(fact_sentence(record.verdict))
        about += [note(written, longest) for written in record.notes]
        yield [*about, *test_calls(record.evidence)]


def others(card: RestoreCard) -> Iterator[Sentence]:
    """Say which other routings there are: left out and why, or worth knowing beside the target."""
    decision = card.decision
    for record in decision.skipped if decision else ():
        reason = reason_left_out(record)
        left_out = (record.newest.revision, record.newest.routing, reason.text)
        yield Sentence(reason.code, "Left out r{} {}: {}", left_out)
    for place, record in enumerate(decision.alternatives if decision else ()):
        # Only what the table of the last routings does not say already, or what is judged good.
        is_good, before = record.standing == "good", place == 0 and not card.visible
        if is_good or before:
            what = "Before it, judged good" if is_good and before else "Judged good"
            what = what if is_good else "Before it"
            values = (record.newest.revision, record.newest.routing)
            yield Sentence(record.standing, f"{what}: r{{0}} {{1}} (--to r{{0}})", values)
    for answer in card.late:
        yield Sentence("late", "Seen {}, out of order: {}", (answer.at, answer.routing))
    for revision in card.other_dids:
        command = Command(command_line("restore", [revision.did]))
        yield Sentence(
            "other_did",
            "{} carried this number too, last to {} ({})",
            (revision.did, revision.routing, command),
        )


def recent(card: RestoreCard) -> list[tuple[object, ...]]:
    """Return a row a routing that the DID had last: its time in service, times seen and
    standing."""
    return [
        (
            f"r{record.newest.revision}",
            record.newest.routing,
            f"in service {format_range(*record.in_service_bounds_s)}",
            _times_seen(record),
            "not judged yet"
            if record.standing == "unconfirmed"
            else record.standing.replace("_", " "),
        )
        for record in card.recent
    ]


def _times_seen(record: RoutingRecord) -> Sentence:
    """Say how often a routing was seen; a destination was not, each time, if looks did not read
    it."""
    newest, often = record.newest, times(record.snapshots)
    seen = record.history.destination_seen(newest)
    if seen is not None and newest.routing.destination is not None:
        if seen[1] != newest.last_seen_at:
            return Sentence("", "seen {}, its destination last {}", (often, seen[1]))
        if any(revision.routing.destination is None for revision in record.revisions):
            return Sentence("", "seen {}, its destination not each time", (often,))
    return Sentence("", "seen {}", (often,))


def sides(card: RestoreCard, current: Revision) -> list[list[Shown]]:
    """Put current and target side by side: the heads, then a row a field that one of them has."""
    target = card.target
    heads = [line("{} r{}", "CURRENT" if card.visible else "LAST SEEN", current.revision)]
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
        return [show(name), show(Value(name, before))]
    change = Change(name, before, _field(target, name))
    return [show(name), show(Side(change, False)), show(Side(change, True))]


def _field(revision: Revision, name: str) -> str | None:
    value: str | None = revision.status if name == "status" else getattr(revision.routing, name)
    return value


def commands(card: RestoreCard) -> list[tuple[str, Command]]:
    """Return what to paste afterwards, with what it is for."""
    made = advice.commands(card)
    rows = (
        ("Prove it:", made["verify"]),
        ("If the current one is broken:", made["mark_bad"]),
        ("To undo:", made["undo"]),
    )
    return [(what, command) for what, command in rows if command]


# As text


def _text(card: RestoreCard, current: Revision, style: Style) -> list[Shown]:
    shown = [style.paint(joined([show(card.name), show(card.number)], "  "), "bold")]
    shown += [style.paint(line("  {}", text), "red") for text in advice.lead(card)]
    shown += [line("  {}", text) for text in looks.about(card)]
    shown += [BLANK, *_sides(card, current, style)]
    if card.error is not None:
        shown += [BLANK, style.paint(line("  NO TARGET: {}", card.error.message), "red")]
        shown.append(line("  {}", card.error.hint or BLANK))
    warnings = [style.paint(line("  ! {}", text), "red") for text in advice.further_warnings(card)]
    shown += [BLANK, *warnings] if warnings else []
    if rows := recent(card):
        shown += [BLANK, line("  Its last routings:"), *columns(rows, indent="    ")]
    for head, *rest in people(card):
        shown += [line("  {}", head), *(line("    {}", text) for text in rest)]
    shown += [line("  {}", text) for text in others(card)]
    return shown + _what_to_do(card, style)


def _sides(card: RestoreCard, current: Revision, style: Style) -> list[Shown]:
    """Put the sides beside each other, or one below the other where the terminal is narrow."""
    rows = sides(card, current)
    if card.target is not None:
        rows.append([BLANK, BLANK, show(advice.confidence(card, card.target))])
    table = columns(rows, indent="    ")
    if style.width is not None and max(map(width, table)) > style.width:
        return _stacked(rows, style)
    return [style.paint(table[0], "bold"), *table[1:]]


def _stacked(rows: list[list[Shown]], style: Style) -> list[Shown]:
    shown = []
    for side, head in enumerate(rows[0][1:], start=1):
        shown.append(style.paint(line("    {}", head), "bold"))
        shown += columns([(row[0], row[side]) for row in rows[1:] if row[side]], indent="      ")
    return shown


def _what_to_do(card: RestoreCard, style: Style) -> list[Shown]:
    if card.already_there:
        return [line("  {}.", looks.there_already(card))]
    if card.target is None:
        return []
    steps = [line("    {}. {}", number, step) for number, step in enumerate(advice.steps(card), 1)]
    rows = columns(commands(card), indent="  ")
    title = line("  {}:", advice.steps_title(card))
    return [BLANK, title, *steps, *(style.paint(row, "bold") for row in rows)]
