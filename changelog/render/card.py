"""The restore card: what to put back, in the order in which a tired person needs it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from changelog.model.history import NOT_FOUND
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.sanitize import escape, masked_pair, width
from changelog.model.text.times import format_duration, format_utc
from changelog.render.style import (
    NOTHING,
    Style,
    change_text,
    columns,
    error_text,
    evidence_lines,
    note_lines,
    routing_text,
    times,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from changelog.model.results.restore import (
        AlternativeRouting,
        CurrentRouting,
        RestoredDid,
        RestoreResult,
        TargetRouting,
    )

READ_ONLY = "changelog changes no routing: it says what to put back, you do it."
_LONGEST_NOTE = 300
"""Characters of a note on the card: the steps must not drown; ``show`` has it whole."""
_SURE = {
    "good": "judged good",
    "unconfirmed": "unconfirmed: nobody has judged it",
    "left": "MAY BE THE BROKEN ROUTE: it is what was left last",
}


def cards(result: RestoreResult, style: Style) -> str:
    """Every card, the reminder first."""
    lines = [style.paint(READ_ONLY, "dim")]
    if result.at is not None:
        lines.append(f"as it was at {format_utc(result.at)} ({escape(result.to or '')})")
    for one in result.dids:
        if one.current is not None:
            lines += ["", *_card(one, one.current, style)]
    if not result.dids:
        lines.append("every DID has the routing that it had then: nothing to put back")
    return "\n".join(lines)


def plain(result: RestoreResult) -> str:
    """One line a DID that has a target: did, number, application_id, route_mode, destination.

    Whole, not masked: it is what gets put back. Tabs and other control characters are escaped.
    """
    lines = []
    for one in result.dids:
        if one.target is not None:
            routing = one.target.routing
            fields = (
                one.did,
                one.number,
                routing.application_id,
                routing.route_mode,
                routing.destination,
            )
            lines.append("\t".join(escape(field or "") for field in fields))
    return "\n".join(lines)


def asides(result: RestoreResult) -> Iterator[str]:
    """What ``plain`` has no room for and nobody may miss: it goes to stderr."""
    for one in result.dids:
        name = escape(one.did or one.requested)
        if one.error is not None:
            yield f"{name}: {escape(one.error.message)}"
        for warning in one.warnings:
            yield f"{name}: {warning}"
    yield from _as_of(result.dids)


def _as_of(dids: Sequence[RestoredDid]) -> Iterator[str]:
    """From when what the log alone says is: a line for all of which the same is to be said."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for one in dids:
        if one.as_of is not None and (not one.live.answered or _blind(one)):
            error = None if one.live.looked else one.live.error
            why = f" (not looked live: {escape(error.message)})" if error else ""
            found.setdefault(why, []).append((one.as_of, escape(one.did or one.requested)))
    for why, seen in found.items():
        first, name = min(seen)
        who, when = (f"{len(seen)} DIDs", " or later") if len(seen) > 1 else (name, "")
        yield f"{who}: as of {format_utc(first)}{when}, from the log{why}"


def _card(one: RestoredDid, current: CurrentRouting, style: Style) -> list[str]:
    name = f"{value_text(one.did or one.requested)}  {value_text(one.number)}"
    lines = [style.paint(name, "bold")]
    lines += [f"  {line}" for line in _when(one, current)]
    lines.append("")
    lines += _sides(one, current, style)
    if one.error is not None:
        lines += ["", style.paint(f"  NO TARGET: {escape(one.error.message)}", "red")]
        lines.append(f"  {escape(one.error.hint)}")
    if one.warnings:
        lines.append("")
    lines += [style.paint(f"  ! {warning}", "red") for warning in one.warnings]
    lines += _background(one)
    return lines + _what_to_do(one, style)


def _when(one: RestoredDid, current: CurrentRouting) -> Iterator[str]:
    back = f", a return to r{current.returns_to}" if current.returns_to else ""
    since = format_utc(current.routing_since)
    if one.visible:
        yield f"Current routing since {since}{back}. {_source(one)}"
    else:
        yield f"NOT VISIBLE (404). Its last routing was first seen {since}{back}. {_source(one)}"
    for change in current.since_routing_change:
        yield f"Changed since then: {change_text(change)}"


def _source(one: RestoredDid) -> str:
    as_of = format_utc(one.as_of) if one.as_of else NOTHING
    live = one.live
    if not live.looked:
        why = f" (not looked live: {escape(live.error.message)})" if live.error else ""
        return f"From the log, as of {as_of}{why}."
    if not live.answered or _blind(one):
        said = f" ({error_text(live.error)})" if live.error else ""
        return f"Live look failed{said}: from the log, as of {as_of}."
    if not one.visible:
        return f"Seen last {as_of}."
    return f"Looked live, {'recorded' if live.recorded else 'NOT RECORDED'}, as of {as_of}."


def _blind(one: RestoredDid) -> bool:
    """The key that looked cannot see the DID, and never could."""
    return one.visible and one.live.error is not None and one.live.error.status == NOT_FOUND


def _sides(one: RestoredDid, current: CurrentRouting, style: Style) -> list[str]:
    """Current and target side by side, or one below the other where the terminal is narrow."""
    heads = [f"{'CURRENT' if one.visible else 'LAST SEEN'} r{current.revision}"]
    if one.target is not None:
        heads.append(
            f"{'ALREADY THERE' if one.already_there else 'PUT BACK'} r{one.target.revision}"
        )
    rows = [row for row in map(list, _rows(current, one.target)) if set(row[1:]) != {NOTHING}]
    if one.target is not None:
        rows.append(["", "", _confidence(one.target)])
    table = columns([["", *heads], *rows], indent="    ")
    if style.width is not None and max(map(width, table)) > style.width:
        return _stacked(heads, rows, style)
    return [style.paint(table[0], "bold"), *table[1:]]


def _rows(current: CurrentRouting, target: TargetRouting | None) -> Iterator[tuple[str, ...]]:
    for field in (*ROUTING_FIELDS, "status"):
        before = _field(current, field)
        if target is None:
            yield field, value_text(before, field)
            continue
        after = _field(target, field)
        if field == "destination" and before and after:
            before, after = masked_pair(before, after)
            yield field, escape(before), escape(after)
        else:
            yield field, value_text(before, field), value_text(after, field)


def _field(side: CurrentRouting | TargetRouting, name: str) -> str | None:
    value: str | None = side.status if name == "status" else getattr(side.routing, name)
    return value


def _stacked(heads: list[str], rows: list[list[str]], style: Style) -> list[str]:
    lines = []
    for side, head in enumerate(heads, start=1):
        lines.append(style.paint(f"    {head}", "bold"))
        shown = [(row[0], row[side]) for row in rows if row[side]]
        lines += columns(shown, indent="      ")
    return lines


def _confidence(target: TargetRouting) -> str:
    if target.confidence == "good" and target.verdict is None:
        return "good: a test call passed on it"
    if target.confidence == "good" and target.verdict is not None:
        return f"good: {escape(target.verdict.reason)} ({escape(target.verdict.by)})"
    return _SURE[target.confidence]


def _background(one: RestoredDid) -> list[str]:
    lines: list[str] = []
    if one.recent:
        rows = [_recent_row(row) for row in one.recent]
        lines += ["", "  Its last routings:", *columns(rows, indent="    ")]
    sides = (one.current, None if one.already_there else one.target)
    lines += [line for side in sides if side is not None for line in _people(side)]
    for skipped in one.skipped:
        reason = escape(skipped.reason.text)
        lines.append(f"  Left out r{skipped.revision} {routing_text(skipped.routing)}: {reason}")
    for other in (*one.alternatives, *one.other_dids):
        lines += _alternative(other, one)
    return lines


def _people(side: CurrentRouting | TargetRouting) -> list[str]:
    """By whom, why, on which ticket, with which verdict."""
    said = [f"recorded by {escape(side.recorded_by)}"]
    said += [f"changed by {escape(side.changed_by)}"] if side.changed_by else []
    said += [f"ticket {escape(side.ticket)}"] if side.ticket else []
    lines = [f"  On r{side.revision}: {', '.join(said)}"]
    if side.verdict is not None:
        verdict = side.verdict
        judged = f"judged {verdict.verdict}: {escape(verdict.reason)}"
        lines.append(f"    {judged} ({escape(verdict.by)}, {format_utc(verdict.at)})")
    return (
        lines
        + note_lines(side.notes, "    ", longest=_LONGEST_NOTE)
        + evidence_lines(side.evidence, "    ")
    )


def _recent_row(row: AlternativeRouting) -> tuple[str, str, str, str, str]:
    return (
        f"r{row.revision}",
        routing_text(row.routing),
        f"in service {format_duration(row.in_service_s)}",
        f"seen {times(row.snapshots)}",
        row.standing,
    )


def _alternative(other: AlternativeRouting, one: RestoredDid) -> list[str]:
    """Only what the table of the last routings does not say already, or what is judged good."""
    routing = routing_text(other.routing)
    if other.standing == "late":
        return [f"  Seen {format_utc(other.last_seen_at)}, out of order: {routing}"]
    if other.standing == "other_did":
        did = shlex.quote(other.did or "")
        return [
            f"  {escape(other.did or '')} carried this number too, last to {routing}"
            f" (changelog restore {escape(did)})"
        ]
    if other.standing == "good":
        return [f"  Judged good: r{other.revision} {routing} (--to r{other.revision})"]
    if not one.visible:
        return [f"  Before it: r{other.revision} {routing} (--to r{other.revision})"]
    return []


def _what_to_do(one: RestoredDid, style: Style) -> list[str]:
    if one.target is None or one.already_there:
        return ["  Already there: nothing to put back."] if one.already_there else []
    lines = ["", "  To put it back:"]
    lines += [f"    {number}. {step}" for number, step in enumerate(one.steps, start=1)]
    commands = (
        ("Prove it:", one.verify),
        ("If the current one is broken:", one.mark_bad),
        ("To undo:", one.undo),
    )
    rows = [(what, command) for what, command in commands if command]
    return lines + [style.paint(row, "bold") for row in columns(rows, indent="  ")]
