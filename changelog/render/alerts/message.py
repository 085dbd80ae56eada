"""An alert of ``watch`` as text, as a message, as variables for a command; the metrics of a round.

A message says what happened, inside what, what to paste and where to look.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from changelog.model.did_ref import is_safe_in_path
from changelog.model.exits import UNAUTHORIZED
from changelog.model.text.sanitize import Command, command_line
from changelog.model.text.times import format_duration, rfc3339
from changelog.model.watching.alert import LISTED, RETIRED, ROUTED, UNUSED, WITHOUT_URL
from changelog.model.watching.watch_rules import SHOWN
from changelog.render import chat
from changelog.render.documents import flat
from changelog.render.style import (
    NO_MORE,
    Sentence,
    Shown,
    Style,
    Words,
    how_many,
    joined,
    line,
    lines,
    listing,
    say,
    show,
    some,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from changelog.model.results.watch import ChangeContext, WatchAlert, WatchRound

_COLOURS = {
    "changed": "yellow",
    "number_moved": "yellow",
    "unreadable": "red",
    "recovered": "green",
    "silent": "red",
    "application_gone": "red",
}
_LOST = {
    "nobody": "the calls reach nobody",
    "application_gone": "the application is not listed, or has no answer_url",
}
"""By the kind of an incident that a number opens, what is wrong with its new DID."""
GROUPS_SHOWN = 10
_LONGEST_VARIABLE = 100_000
"""Bytes: the kernel refuses a longer one, and the command would not run at all."""


def alert_line(alert: WatchAlert, style: Style) -> Shown:
    """Show ``2026-11-23 14:00:05Z  changed     did_1  +15551230001  r2  application_id a → b``."""
    subject = alert.subject
    word = style.paint(f"{subject.replace('_', ' '):<10}", _COLOURS[subject])
    first = line("{}  {}  {}", style.paint(show(alert.at), "dim"), word, sentence(alert))
    if alert.event != "many":
        return first
    more: list[object] = [*groups(alert)]
    if alert.restore is not None:
        more.append(what_to_paste(alert, alert.restore))
    return lines([first, *(line("    {}", part) for part in more)])


def sentence(alert: WatchAlert) -> Sentence:
    """Say what happened, without the time and the kind."""
    if alert.event == "many":
        return _many(alert)
    if alert.did is None:
        return _whole(alert)
    has_number = alert.number not in (None, alert.did)
    name = say("{}  {}" if has_number else "{}", alert.did, alert.number)
    match alert.event:
        case "changed":
            what = listing(alert.changes) if alert.changes else alert.routing
            back = say("  (a return to r{})", alert.returns_to)
            values = (name, alert.revision, what, back if alert.returns_to else NO_MORE)
            return say("{}  r{}  {}{}", *values)
        case "number_moved" if alert.opens:
            return say(f"{{}}  {{}}, and {_LOST[alert.opens.partition(':')[0]]}", name, _why(alert))
        case "number_moved":
            return say("{}  {}; its calls go to {}", name, _why(alert), alert.routing)
        case "unreadable":
            return say("{}  {} in a row: {}", name, alert.in_a_row, _why(alert))
        case "application_gone":
            return say("{}  {}", name, _why(alert))
        case "recovered" if _code(alert) in (LISTED, ROUTED, UNUSED):
            return say("{}  {}", name, _why(alert))
        case "recovered" if _code(alert) == RETIRED:
            return say("{}  is read no more: retired, or the watched number is not its own", name)
    return say("{}  readable again", name)


def groups(alert: WatchAlert) -> Iterator[Sentence]:
    """Yield equal changes of many DIDs, from → to, the largest group first."""
    for group in alert.groups[:GROUPS_SHOWN]:
        names = some(group.dids, count=group.count)
        yield say("{}: {} ({})", how_many(group.count), listing(group.changes), names)
    left = sum(group.count for group in alert.groups[GROUPS_SHOWN:]) + alert.not_grouped
    if left and alert.groups:
        yield say("… and {} in other ways", how_many(left))
    if _is_partly_back(alert):
        back, names = how_many(alert.returned), some(alert.gone_back)
        yield say("{} went back to an older routing ({})", back, names)
    if alert.changed_again:
        again = how_many(alert.changed_again)
        yield say("{} changed more than once, or again since", again)


def _is_partly_back(alert: WatchAlert) -> bool:
    """Return whether some of the rerouted DIDs went back to an older routing, maybe a repair."""
    return 0 < alert.returned < len(alert.rerouted) + alert.not_compared


def what_to_paste(alert: WatchAlert, command: str) -> Sentence:
    """Return the command, with what it is for.

    What went back to an older routing may just have been repaired: to put that back would break it.
    """
    if alert.subject == "application_gone":
        first = f" (the first {len(alert.dids)} of {alert.count})"
        which = first if alert.count > len(alert.dids) > 0 else ""
        text = f"If they pointed elsewhere before{which}: {{}}"
        return say(text, Command(command), code="restore")
    if alert.returned == 0 or (_is_partly_back(alert) and "--all" not in command.split()):
        return say("Put back: {}", Command(command), code="restore")
    which = "It" if alert.did else f"{alert.returned} of {alert.count}"
    text = f"{which} went back to an older routing. If nobody meant that: {{}}"
    return say(text, Command(command), code="restore")


def _many(alert: WatchAlert) -> Sentence:
    left_out = alert.count - len(alert.dids)
    more = say(" and {} more", left_out) if left_out > 0 else NO_MORE
    values = (how_many(alert.count), _reason(alert), joined(alert.dids), more)
    said = say("{} at once{}: {}{}", *values)
    if not alert.begun:
        return said
    count, names = len(alert.begun), some(alert.begun)
    if alert.subject == "number_moved":
        lost = _LOST[(alert.opens or "").partition(":")[0]]
        return say(f"{{}}; of {{}} of them {lost}: {{}}", said, count, names)
    return (
        say("{} ({}), of {}", how_many(count), names, said) if alert.subject == "changed" else said
    )


def _whole(alert: WatchAlert) -> Sentence:
    """Say what happened to the watch as a whole."""
    match alert.event:
        case "unreadable":
            rounds = how_many(alert.in_a_row or 0, "round")
            in_a_row = f"in {rounds}" if alert.in_a_row == 1 else f"{rounds} in a row"
            return say(f"no DID could be read, {in_a_row}: {{}}", _why(alert))
        case "silent" if alert.since:
            age = format_duration((alert.at - alert.since).total_seconds())
            values = (alert.since, age, _reason(alert))
            return say("nothing was read since {}, {}{}", *values)
        case "silent":
            return say("nothing was read{}", _reason(alert))
    text = "the API is read again; before, last at {}"
    return say(text, alert.since or alert.at)


def _reason(alert: WatchAlert) -> Sentence:
    return say(" ({})", _why(alert)) if alert.error else NO_MORE


def _code(alert: WatchAlert) -> str:
    return alert.error.code if alert.error else ""


def _why(alert: WatchAlert) -> Sentence:
    if alert.error is None:
        return say("for different reasons")
    if alert.error.code == UNAUTHORIZED:
        return say("the API refused the key (401)")
    return say("{}", alert.error if alert.error.message else alert.error.code)


_VARIABLES = (
    "event id at watch of did number revision *routing error=error.code since in_a_row count dids"
    " capture message restore link"
)


def variables(alert: WatchAlert) -> dict[str, str]:
    """Spell the alert for a command's environment; what is not known is empty."""
    values = flat(alert, _VARIABLES) | {"dids": " ".join(alert.dids)}
    return {f"CHANGELOG_{name.upper()}": _variable(value) for name, value in values.items()}


def _variable(value: object) -> str:
    """Harmless: neither a control character nor a lone surrogate may get there."""
    text = "" if value is None else str(value)
    return whole(text).encode()[:_LONGEST_VARIABLE].decode(errors="ignore")


def metrics(
    ended: WatchRound, last_success: datetime | None, duration_s: float, undelivered: int
) -> str:
    """Spell the last round in the text format of Prometheus.

    `last_success`: when a round read something last. `undelivered`: alerts that are still due.
    """
    read_at = last_success.timestamp() if last_success else 0
    counts, ended_at = ended.counts, ended.at.timestamp()
    gauges = {
        "last_success_timestamp_seconds": (
            read_at,
            "When a round read something last, 0 for never.",
        ),
        "last_round_timestamp_seconds": (ended_at, "When the last round ended."),
        "dids": (counts.requested, "DIDs that the last round was to read."),
        "new": (counts.new, "DIDs that the last round read for the first time."),
        "changed": (counts.changed, "DIDs that the last round found changed."),
        "unreadable": (counts.unreadable, "DIDs that the last round could not read."),
        "not_read": (counts.not_read, "DIDs that the last round stopped before."),
        "round_duration_seconds": (round(duration_s, 3), "How long the last round took."),
        "alerts_undelivered": (undelivered, "Alerts that are still to be told."),
    }
    label = f'{{watch="{ended.watch}"}}'
    lines = []
    for name, (value, what) in gauges.items():
        full = f"changelog_watch_{name}"
        lines += [f"# HELP {full} {what}", f"# TYPE {full} gauge", f"{full}{label} {value}"]
    return "\n".join(lines) + "\n"


# The message

_AN_INSTANT = timedelta(microseconds=1)
_EVENTS = {
    "changed": "Routing changed",
    "number_moved": "The number is another DID's now",
    "unreadable": "Cannot be read",
    "recovered": "Readable again",
    "silent": "The API is silent",
    "application_gone": "Application gone",
}
_ENDS = {
    RETIRED: "Watched no more",
    LISTED: "The application is listed again",
    UNUSED: "The application is used no more",
    ROUTED: "Routed again",
}


def worded(alert: WatchAlert, public_url: str | None = None) -> WatchAlert:
    """Return the alert with what it says in words, with the command to paste and the link.

    `public_url`: where the pages are.
    """
    alert = replace(
        alert,
        message=str(show(sentence(alert))),
        restore=_restore(alert),
        link=None if public_url is None else f"{public_url.rstrip('/')}/{_page(alert)}",
    )
    lines = [*map(chat.put, message(alert)), *([alert.link] if alert.link else [])]
    return replace(alert, text="\n".join(lines))


def title(alert: WatchAlert) -> str:
    """Say what kind of alert it is."""
    subject = alert.subject
    if subject == "recovered" and (end := _ENDS.get(_code(alert))):
        return end
    if _code(alert) == WITHOUT_URL:
        return "Application without an answer_url"
    if subject == "changed" and alert.opens is not None:
        return "Routing changed, calls reach nobody"
    return "Changed" if subject == "changed" and not alert.is_rerouted else _EVENTS[subject]


def message(alert: WatchAlert) -> Iterator[Sentence]:
    """Yield the message, a sentence a line; the link is apart, each medium has its own kind."""
    yield say(f"{title(alert)}: {{}}", sentence(alert), code="what")
    if alert.is_late:
        yield say("This was at {}: it could not be delivered before.", alert.at)
    if alert.event == "many":
        yield from groups(alert)
    if alert.not_before is not None:
        yield say("between {} and {}", alert.not_before, alert.since)
    if alert.inside is not None:
        yield from _context(alert.inside)
    if alert.restore is not None:
        yield what_to_paste(alert, alert.restore)


def _context(inside: ChangeContext) -> Iterator[Sentence]:
    """Say ``inside deploy ivr-7, INC-12: "winter menu"``, or else who recorded it."""
    by_watch = inside.command == "watch"
    if inside.deploy is not None:
        about = say("inside deploy {}", inside.deploy)
    elif by_watch and not (inside.ticket or inside.note):
        return
    else:
        about = say("recorded by {}", inside.recorded_by)
    yield about.extended(
        (", changed by {}", inside.changed_by),
        (", {}", inside.ticket),
        (': "{}"', Words(inside.note or "")),
    )


def _restore(alert: WatchAlert) -> str | None:
    """Return the command that says what to put back; None where no routing changed or is broken."""
    if alert.subject == "application_gone":
        return command_line("restore", alert.dids)
    if alert.subject != "changed" or not alert.is_rerouted:
        return None
    # To put back what did not move, or what is not watched, would undo another move.
    is_cut = alert.not_compared > 0 or (alert.of_all and len(alert.rerouted) > SHOWN)
    if is_cut and not alert.of_all:
        return None
    dids = alert.rerouted
    if not is_cut and _is_partly_back(alert):
        dids = tuple(did for did in dids if did not in alert.gone_back)
    if alert.since is None or not (is_cut or alert.changed_again):
        return command_line("restore", dids)
    # Of several changes, the last one alone is not what the alert tells.
    before = f" --to {rfc3339(alert.since - _AN_INSTANT)}"
    return command_line("restore", () if is_cut else dids, f" --all{before}" if is_cut else before)


def _page(alert: WatchAlert) -> str:
    """Return the address of the page below the public one."""
    if alert.did is not None:
        if is_safe_in_path(alert.did):
            return f"dids/{alert.did}"
        return f"did?id={quote(alert.did, safe='', errors='surrogatepass')}"
    if alert.of == "changed" and alert.since is not None:
        return f"changes?since={rfc3339(alert.since)}"
    return "alerts"
