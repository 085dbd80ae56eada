"""What ``note``, ``mark``, ``tag`` and ``evidence`` say, as text."""

from collections.abc import Iterator

from changelog.model.results.annotations import (
    AnnotatedDids,
    Annotation,
    CaptureNoteResult,
    EvidenceReport,
    MarkResult,
    MissedDid,
    TagResult,
    TagsResult,
)
from changelog.model.results.history import LogEntry
from changelog.model.test_calls import LinkResult
from changelog.model.text.sanitize import command_line
from changelog.render.answers import state
from changelog.render.style import BLANK, Command, Shown, Style, columns, joined, line, lines, show

_COLOURS = {"pass": "green", "fail": "red", "differs": "yellow", "ignored": "dim"}
_NEW_DIFFERENCE = ("stored", "differs")
_LINES_OF_NO_WEBHOOK = 5
_OUTCOMES = ("stored", "duplicate", "ignored")


def evidence(result: EvidenceReport, style: Style) -> Shown:
    shown = [_painted(event, style) for event in _events_shown(result)]
    counted = ((name, getattr(result.counts, name)) for name in _OUTCOMES)
    counts = joined(f"{count} {name}" for name, count in counted if count)
    shown.append(counts or line("no webhook"))
    differing = [
        event for event in result.events if (event.outcome, event.result) == _NEW_DIFFERENCE
    ]
    behind = sorted({event.did for event in differing if event.did})
    if behind:
        # To be pasted, and the ids come from a server.
        command = Command(command_line("record", behind))
        shown.append(line("the log is behind: {}", command))
    return lines(shown)


def _events_shown(result: EvidenceReport) -> Iterator[LinkResult]:
    """Yield the events; of what is no webhook, such as lines of another file, only the first."""
    left = _LINES_OF_NO_WEBHOOK
    for event in result.events:
        left -= event.aside == "not_a_webhook"
        if left >= 0 or event.aside != "not_a_webhook":
            yield event


def event_line(event: LinkResult) -> Shown:
    """Show ``reached  call_1 call.completed  did_101 r2``, and why where there is more to say."""
    name = joined([show(event.call), event.event], " ") if event.event else None
    linked = line("{} r{}", event.did, event.revision) if event.revision else None
    what = joined([f"{event.result:<8}" if name or linked else event.result, name, linked], "  ")
    return line("{}: {}", what, event.reason) if event.reason else what


def _painted(event: LinkResult, style: Style) -> Shown:
    colour = _COLOURS.get(event.result)
    return style.paint(event_line(event), colour) if colour else event_line(event)


def annotated(result: AnnotatedDids | Annotation, style: Style) -> Shown:
    """Show what was annotated, a line each; what was missed stands on stderr."""
    match result:
        case AnnotatedDids():
            hits = (hit for hit in result.dids if not isinstance(hit, MissedDid))
            return lines(annotated(hit, style) for hit in hits)
        case CaptureNoteResult():
            about = (result.capture, result.requested, result.dids_read)
            return line("noted on capture {} ({}): DIDs {}", *about)
        case MarkResult(verdict="retired"):
            did = result.entry.revision.did
            return line("retired {}: --all leaves it out until it is recorded by name", did)
    verb = "marked" if isinstance(result, MarkResult) else "noted on"
    return line("{} {}", verb, _revision(result.entry, style))


def _revision(entry: LogEntry, style: Style) -> Shown:
    revision = entry.revision
    name = line("{} r{}, {}", revision.did, revision.revision, revision.routing)
    return joined([name, style.painted(state(entry))], " ")


def tag(result: TagResult, _: Style) -> Shown:
    capture = line("capture {}, ", result.capture) if result.capture else BLANK
    return line("{} is {}{}", result.tag, capture, result.at)


def tags(result: TagsResult, _: Style) -> Shown:
    """A line a tag: its name, its time, and the capture or the moment that it names."""
    rows = [
        (tag.name, tag.at, line("capture {}", tag.capture) if tag.capture else "moment", tag.by)
        for tag in result.tags
    ]
    more = [line("older tags are left out")] if result.more else []
    return lines([*columns(rows), *more] if rows else [line("no tag is recorded yet")])
