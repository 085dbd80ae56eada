"""What ``note``, ``mark``, ``tag`` and ``evidence`` say, as text."""

from changelog.model.results.annotations import (
    AnnotatedDids,
    EvidenceEvent,
    EvidenceReport,
    MarkResult,
    MissedDid,
    NoteResult,
    TagResult,
)
from changelog.model.results.history import LogEntry
from changelog.model.text.sanitize import command_line
from changelog.render.answers import state
from changelog.render.style import BLANK, Command, Shown, Style, joined, line, lines, show

_COLOURS = {"pass": "green", "fail": "red", "differs": "yellow", "ignored": "dim"}
_NEWS_OF_DRIFT = ("stored", "differs")
_OUTCOMES = ("stored", "duplicate", "ignored")


def evidence(result: EvidenceReport, style: Style) -> Shown:
    shown = [_painted(event, style) for event in result.events]
    counted = ((name, getattr(result.counts, name)) for name in _OUTCOMES)
    counts = joined(f"{count} {name}" for name, count in counted if count)
    shown.append(counts or line("no webhook"))
    differing = [
        event for event in result.events if (event.outcome, event.result) == _NEWS_OF_DRIFT
    ]
    behind = sorted({event.did for event in differing if event.did})
    if behind:
        # To be pasted, and the ids come from a server.
        command = Command(command_line("record", behind))
        shown.append(line("the log is behind: {}", command))
    return lines(shown)


def event_line(event: EvidenceEvent) -> Shown:
    """Show ``reached  call_1 call.completed  did_101 r2``, and why where there is more to say."""
    name = joined([show(event.call), event.event], " ") if event.event else None
    linked = line("{} r{}", event.did, event.revision) if event.revision else None
    what = joined([f"{event.result:<8}", name, linked], "  ")
    return line("{}: {}", what, event.reason) if event.reason else what


def _painted(event: EvidenceEvent, style: Style) -> Shown:
    colour = _COLOURS.get(event.result)
    return style.paint(event_line(event), colour) if colour else event_line(event)


def note(result: NoteResult, style: Style) -> Shown:
    return line("noted on {}", _hit(result.entry, style))


def mark(result: MarkResult, style: Style) -> Shown:
    if result.verdict == "retired":
        did = result.entry.revision.did
        return line("retired {}: --all leaves it out until it is recorded by name", did)
    return line("marked {}", _hit(result.entry, style))


def annotated(result: AnnotatedDids, style: Style) -> Shown:
    """Show what was annotated, a line each; what was missed stands on stderr."""
    return lines(
        note(hit, style) if isinstance(hit, NoteResult) else mark(hit, style)
        for hit in result.dids
        if not isinstance(hit, MissedDid)
    )


def _hit(entry: LogEntry, style: Style) -> Shown:
    revision = entry.revision
    hit = line("{} r{}, {}", revision.did, revision.revision, revision.routing)
    return joined([hit, state(entry, style)], " ")


def tag(result: TagResult, _: Style) -> Shown:
    capture = line("capture {}, ", result.capture) if result.capture else BLANK
    return line("{} is {}{}", result.tag, capture, result.at)
