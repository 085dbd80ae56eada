"""What ``watch`` tells, as text for a person, as lines of JSON and as variables for a command."""

from collections.abc import Iterator

from changelog.model.results.watch import WatchAlert, WatchMetrics
from changelog.model.text.times import format_duration, rfc3339
from changelog.model.watch_rules import RETIRED
from changelog.render.style import (
    NO_MORE,
    Command,
    Sentence,
    Shown,
    Style,
    joined,
    line,
    lines,
    listing,
    show,
    some,
    whole,
)

_COLOURS = {"changed": "yellow", "unreadable": "red", "recovered": "green", "silent": "red"}
GROUPS_SHOWN = 10
_LONGEST_VARIABLE = 100_000
"""Bytes: the kernel refuses a longer one, and the command would not run at all."""


def alert_line(alert: WatchAlert, style: Style) -> Shown:
    """Show ``2026-11-23 14:00:05Z  changed     did_1  +15551230001  r2  application_id a → b``."""
    subject = alert.of or alert.event
    word = style.paint(f"{subject:<10}", _COLOURS[subject])
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
    name = Sentence("", "{}  {}" if alert.number else "{}", (alert.did, alert.number))
    match alert.event:
        case "changed":
            what = listing(alert.changes) if alert.changes else alert.routing
            back = Sentence("", "  (a return to r{})", (alert.returns_to,))
            values = (name, alert.revision, what, back if alert.returns_to else NO_MORE)
            return Sentence("changed", "{}  r{}  {}{}", values)
        case "unreadable":
            return Sentence(
                "unreadable", "{}  {} in a row: {}", (name, alert.in_a_row, _why(alert))
            )
    if alert.error is not None and alert.error.code == RETIRED:
        return Sentence("recovered", "{}  retired: it is read no more", (name,))
    return Sentence("recovered", "{}  readable again", (name,))


def groups(alert: WatchAlert) -> Iterator[Sentence]:
    """Yield equal changes of many DIDs, from → to, the largest group first."""
    for group in alert.groups[:GROUPS_SHOWN]:
        what = "{} DID: {} ({})" if group.count == 1 else "{} DIDs: {} ({})"
        names = some(group.dids, count=group.count)
        yield Sentence("group", what, (group.count, listing(group.changes), names))
    left = sum(group.count for group in alert.groups[GROUPS_SHOWN:]) + alert.not_grouped
    if left and alert.groups:
        yield Sentence("more", "… and {} DIDs in other ways", (left,))


def what_to_paste(alert: WatchAlert, command: str) -> Sentence:
    """Return the command, with what it is for.

    What went back to an older routing may just have been repaired: to put that back would break it.
    """
    if alert.returned == 0:
        return Sentence("restore", "Put back: {}", (Command(command),))
    which = "It" if alert.did else f"{alert.returned} of {alert.count}"
    text = f"{which} went back to an older routing. If nobody meant that: {{}}"
    return Sentence("restore", text, (Command(command),))


def _many(alert: WatchAlert) -> Sentence:
    left_out = alert.count - len(alert.dids)
    more = Sentence("", " and {} more", (left_out,)) if left_out > 0 else NO_MORE
    values = (alert.count, _reason(alert), joined(alert.dids), more)
    return Sentence("many", "{} DIDs at once{}: {}{}", values)


def _whole(alert: WatchAlert) -> Sentence:
    """Say what happened to the watch as a whole."""
    match alert.event:
        case "unreadable":
            text = "no DID could be read, {} rounds in a row: {}"
            return Sentence("unreadable", text, (alert.in_a_row, _why(alert)))
        case "silent" if alert.since:
            age = format_duration((alert.at - alert.since).total_seconds())
            values = (alert.since, age, _reason(alert))
            return Sentence("silent", "nothing was read since {}, {}{}", values)
        case "silent":
            return Sentence("silent", "nothing was read{}", (_reason(alert),))
    text = "the API is read again; before, last at {}"
    return Sentence("recovered", text, (alert.since or alert.at,))


def _reason(alert: WatchAlert) -> Sentence:
    return Sentence("", " ({})", (_why(alert),)) if alert.error else NO_MORE


def _why(alert: WatchAlert) -> Sentence:
    if alert.error is None:
        return Sentence("", "for different reasons")
    return Sentence("", "{}", (alert.error if alert.error.message else alert.error.code,))


def variables(alert: WatchAlert) -> dict[str, str]:
    """Spell the alert for a command's environment; what is not known is empty."""
    values = {
        "event": alert.event,
        "id": alert.id,
        "at": rfc3339(alert.at),
        "watch": alert.watch,
        "of": alert.of,
        "did": alert.did,
        "number": alert.number,
        "revision": alert.revision,
        "application_id": alert.routing.application_id,
        "route_mode": alert.routing.route_mode,
        "destination": alert.routing.destination,
        "error": alert.error.code if alert.error else None,
        "since": rfc3339(alert.since) if alert.since else None,
        "in_a_row": alert.in_a_row,
        "count": alert.count,
        "dids": " ".join(alert.dids),
        "capture": alert.capture,
        "message": alert.message,
        "restore": alert.restore,
        "link": alert.link,
    }
    return {f"CHANGELOG_{name.upper()}": _variable(value) for name, value in values.items()}


def _variable(value: object) -> str:
    """Harmless: neither a control character nor a lone surrogate may get there."""
    if value is None:
        return ""
    return whole(str(value)).encode()[:_LONGEST_VARIABLE].decode(errors="ignore")


def metrics(ended: WatchMetrics) -> str:
    """Spell the last round in the text format of Prometheus."""
    success = ended.last_success.timestamp() if ended.last_success else 0
    counts = ended.counts
    gauges = (
        (
            "last_success_timestamp_seconds",
            "When a round read something last, 0 for never.",
            success,
        ),
        ("last_round_timestamp_seconds", "When the last round ended.", ended.ended_at.timestamp()),
        ("dids", "DIDs that the last round was to read.", counts.requested),
        ("new", "DIDs that the last round read for the first time.", counts.new),
        ("changed", "DIDs that the last round found changed.", counts.changed),
        ("unreadable", "DIDs that the last round could not read.", counts.unreadable),
        ("round_duration_seconds", "How long the last round took.", round(ended.duration_s, 3)),
        ("alerts_undelivered", "Alerts of the last day still to be told.", ended.undelivered),
    )
    label = f'{{watch="{ended.watch}"}}'
    lines = []
    for name, what, value in gauges:
        full = f"changelog_watch_{name}"
        lines += [f"# HELP {full} {what}", f"# TYPE {full} gauge", f"{full}{label} {value}"]
    return "\n".join(lines) + "\n"
