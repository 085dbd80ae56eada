"""The restore card: what to put back, in the order in which a tired person needs it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from changelog.model.diff import Change
from changelog.model.results.restore import reason_left_out
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.sanitize import width
from changelog.model.text.times import format_range
from changelog.render import advice
from changelog.render.style import (
    BLANK,
    NOTHING,
    Command,
    Sentence,
    Shown,
    Side,
    Style,
    Value,
    columns,
    evidence_lines,
    joined,
    line,
    lines,
    note_lines,
    show,
    times,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from changelog.model.history import History, Revision
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard, RestoreResult

_LONGEST_NOTE = 300
"""Characters of a note on the card: the steps must not drown; ``show`` has it whole."""


def cards(result: RestoreResult, style: Style) -> Shown:
    """Every card, the reminder first."""
    shown = [style.paint(advice.READ_ONLY, "dim")]
    if result.at is not None:
        shown.append(line("as it was at {} ({})", result.at, result.to))
    for card in result.dids:
        if card.history is not None and card.current is not None:
            shown += [BLANK, *_card(card, card.history, card.current, style)]
    if not result.dids:
        shown.append(line(advice.NOTHING_MOVED))
    return lines(shown)


def plain(result: RestoreResult) -> Shown:
    """One line a DID that has a target: did, number, application_id, route_mode, destination.

    Whole, not masked: it is what gets put back. Tabs and other control characters are escaped.
    """
    rows = (
        (card.did, card.number, *card.target.newest.routing)
        for card in result.dids
        if card.target is not None
    )
    return lines(Shown("\t".join(map(whole, row))) for row in rows)


def asides(result: RestoreResult) -> Iterator[Sentence]:
    """What ``plain`` has no room for and nobody may miss."""
    for card in result.dids:
        if card.error is not None:
            yield Sentence(card.error.code, "{}: {}", (card.name, card.error.message))
        for warning in advice.warnings(card):
            yield Sentence(warning.code, "{}: {}", (card.name, warning))
    yield from _as_of(result.dids)


def _as_of(cards: Sequence[RestoreCard]) -> Iterator[Sentence]:
    """From when what the log alone says is: a line for all of which the same is to be said."""
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


def _card(card: RestoreCard, history: History, current: Revision, style: Style) -> list[Shown]:
    shown = [style.paint(joined([show(card.name), show(card.number)], "  "), "bold")]
    shown += [line("  {}", text) for text in advice.since_when(card)]
    shown.append(line("  {}", _source(card)))
    shown += [BLANK, *_sides(card, current, style)]
    if card.error is not None:
        shown += [BLANK, style.paint(line("  NO TARGET: {}", card.error.message), "red")]
        shown.append(line("  {}", card.error.hint or BLANK))
    warnings = [style.paint(line("  ! {}", text), "red") for text in advice.warnings(card)]
    shown += [BLANK, *warnings] if warnings else []
    return shown + _background(card, history) + _what_to_do(card, style)


def _source(card: RestoreCard) -> Shown:
    live, error, as_of = card.live, card.live.error, card.as_of
    if not live.looked:
        why = line(" (not looked live: {})", error.message) if error else BLANK
        return line("From the log, as of {}{}.", as_of, why)
    if not live.answered or card.is_blind:
        why = line(" ({})", error) if error else BLANK
        return line("Live look failed{}: from the log, as of {}.", why, as_of)
    if not card.visible:
        return line("Seen last {}.", as_of)
    recorded = "recorded" if live.recorded else "NOT RECORDED"
    return line("Looked live, {}, as of {}.", recorded, as_of)


def _sides(card: RestoreCard, current: Revision, style: Style) -> list[Shown]:
    """Current and target side by side, or one below the other where the terminal is narrow."""
    heads = [line("{} r{}", "CURRENT" if card.visible else "LAST SEEN", current.revision)]
    target = card.target
    if target is not None:
        word = "ALREADY THERE" if card.already_there else "PUT BACK"
        heads.append(line("{} r{}", word, target.newest.revision))
    rows = [row for row in _rows(card, current) if set(row[1:]) != {NOTHING}]
    if target is not None:
        rows.append([BLANK, BLANK, show(advice.confidence(card, target))])
    table = columns([[BLANK, *heads], *rows], indent="    ")
    if style.width is not None and max(map(width, table)) > style.width:
        return _stacked(heads, rows, style)
    return [style.paint(table[0], "bold"), *table[1:]]


def _rows(card: RestoreCard, current: Revision) -> Iterator[list[Shown]]:
    for field in (*ROUTING_FIELDS, "status"):
        before = _field(current, field)
        if card.target is None:
            yield [show(field), show(Value(field, before))]
            continue
        after = _field(card.target.newest, field)
        change = Change(field, before, after)
        yield [show(field), show(Side(change, False)), show(Side(change, True))]


def _field(revision: Revision, name: str) -> str | None:
    value: str | None = revision.status if name == "status" else getattr(revision.routing, name)
    return value


def _stacked(heads: list[Shown], rows: list[list[Shown]], style: Style) -> list[Shown]:
    shown = []
    for side, head in enumerate(heads, start=1):
        shown.append(style.paint(line("    {}", head), "bold"))
        shown += columns([(row[0], row[side]) for row in rows if row[side]], indent="      ")
    return shown


def _background(card: RestoreCard, history: History) -> list[Shown]:
    shown: list[Shown] = []
    if card.recent:
        rows = [_recent_row(record) for record in card.recent]
        shown += [BLANK, line("  Its last routings:"), *columns(rows, indent="    ")]
    if card.decision is not None and card.start is not None:
        own = card.decision.own
        shown += _people(own, history.latest.revision, card.start)
    if card.target is not None and not card.already_there:
        newest = card.target.newest
        shown += _people(card.target, newest.revision, newest)
    if card.decision is not None:
        for record in card.decision.skipped:
            reason = reason_left_out(record).text
            newest = record.newest
            shown.append(line("  Left out r{} {}: {}", newest.revision, newest.routing, reason))
    return shown + list(_alternatives(card))


def _people(record: RoutingRecord, revision: int, brought_by: Revision) -> list[Shown]:
    """By whom, why, on which ticket, with which verdict."""
    capture = brought_by.capture
    people = [
        line("recorded by {}", capture.recorded_by),
        line("changed by {}", whole(capture.changed_by)) if capture.changed_by else BLANK,
        line("ticket {}", whole(capture.ticket)) if capture.ticket else BLANK,
    ]
    shown = [line("  On r{}: {}", revision, joined(people))]
    verdict = record.verdict
    if verdict is not None:
        template = "    judged {}: {} ({}, {})"
        shown.append(line(template, verdict.verdict, verdict.reason, verdict.by, verdict.at))
    shown += note_lines(record.notes, "    ", longest=_LONGEST_NOTE)
    return shown + evidence_lines(record.evidence, "    ")


def _recent_row(record: RoutingRecord) -> tuple[object, ...]:
    return (
        f"r{record.newest.revision}",
        record.newest.routing,
        f"in service {format_range(*record.in_service_bounds_s)}",
        f"seen {times(record.snapshots)}",
        record.standing,
    )


def _alternatives(card: RestoreCard) -> Iterator[Shown]:
    """Only what the table of the last routings does not say already, or what is judged good."""
    for record in card.decision.alternatives if card.decision else ():
        what = "Judged good" if record.standing == "good" else "Before it"
        if what == "Judged good" or not card.visible:
            number = record.newest.revision
            yield line("  {}: r{} {} (--to r{})", what, number, record.newest.routing, number)
    for answer in card.late:
        yield line("  Seen {}, out of order: {}", answer.at, answer.routing)
    for revision in card.other_dids:
        yield line(
            "  {} carried this number too, last to {} ({})",
            revision.did,
            revision.routing,
            Command(f"changelog restore {shlex.quote(revision.did)}"),
        )


def _what_to_do(card: RestoreCard, style: Style) -> list[Shown]:
    if card.target is None or card.already_there:
        there = line("  Already there: nothing to put back.")
        return [there] if card.already_there else []
    shown = [BLANK, line("  To put it back:")]
    shown += [line("    {}. {}", number, step) for number, step in enumerate(advice.steps(card), 1)]
    commands = advice.commands(card)
    rows = [
        ("Prove it:", commands["verify"]),
        ("If the current one is broken:", commands["mark_bad"]),
        ("To undo:", commands["undo"]),
    ]
    known = [row for row in rows if row[1]]
    return shown + [style.paint(row, "bold") for row in columns(known, indent="  ")]
