"""What commands that write say, as text: ``record``, ``import``, ``verify`` and annotations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from changelog.model.history import NOT_FOUND
from changelog.model.recording import Outcome
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
from changelog.model.results.base import DidError
from changelog.model.results.capture import (
    ImportedDid,
    RecordResult,
    RecordSummary,
    VerifyCounts,
    VerifySummary,
)
from changelog.model.results.history import LogEntry
from changelog.model.routing import ROUTING_FIELDS, Routing
from changelog.model.test_calls import LinkResult
from changelog.model.text.sanitize import command_line
from changelog.model.verification import VerifiedDid
from changelog.render.answers import state
from changelog.render.restore.card_warnings import of_then
from changelog.render.style import (
    BLANK,
    NO_MORE,
    Shown,
    Style,
    columns,
    how_many,
    joined,
    line,
    lines,
    say,
    show,
    some,
)
from changelog.render.text import advice, difference, fields

_OUTCOME_COLOURS = {
    "new": "cyan",
    "changed": "yellow",
    "learned": "cyan",
    "unreadable": "red",
    "unchanged": "dim",
}


def recorded_line(did: Outcome, style: Style) -> Shown:
    """Show one DID, as soon as it is stored."""
    word = "learned" if did.has_only_learned else did.outcome
    outcome = style.paint(f"{word:<10}", _OUTCOME_COLOURS[word])
    name = joined([did.did or did.requested, show(did.number)], "  ")
    return line("{}  {}  {}", outcome, name, _what_was_read(did))


def not_read_line(dids: Sequence[str], style: Style) -> Shown:
    """Name those that the run stopped before."""
    return line("{}  {}", style.paint(f"{'not read':<10}", "red"), some(dids))


def _why(error: DidError) -> Shown:
    about = " (or this key cannot see it: a key belongs to one application)"
    hint = say(". {}", advice(error.hint)) if error.hint else NO_MORE
    return line("{}{}{}", error, line(about if error.status == NOT_FOUND else ""), hint)


def _what_was_read(did: Outcome) -> Shown:
    if did.error is not None:
        return _why(did.error)
    if did.kept_aside:
        text = "late: the log holds a newer answer (r{}), so it begins no revision"
        return line(text, did.revision)
    text = "r{}  {} (received before a newer answer)" if did.late else "r{}  {}"
    return line(text, did.revision, did.changes or did.routing)


def record_summary(result: RecordSummary, style: Style) -> Shown:
    counts, capture = result.counts, result.capture
    by_outcome = {
        "new": counts.new,
        "changed": counts.changed - counts.learned,
        "learned": counts.learned,
        "unchanged": counts.unchanged,
        "unreadable": counts.unreadable,
        "not read": counts.not_read,
    }
    counted = joined(f"{count} {name}" for name, count in by_outcome.items() if count)
    what = line("capture {}", capture.id) if capture.id else line("nothing stored")
    summary = line("{}: {} requested, {}", what, counts.requested, counted or "none read")
    if capture.tag:
        summary = line("{}, tagged {}", summary, capture.tag)
    shown = [summary, *_remarks(capture.remarks, style)]
    if counts.unreadable + counts.not_read == counts.requested > 1:
        none = "none was read" if counts.not_read else "none could be read"
        shown.append(style.paint(f"{none}, so the log has nothing new about them", "red"))
    return lines(shown)


def _remarks(remarks: Iterable[str], style: Style) -> list[Shown]:
    return [style.paint(line("remark: {}", remark), "yellow") for remark in remarks]


_VERIFIED = {
    "match": ("match", "green"),
    "mismatch": ("MISMATCH", "red"),
    "not_compared": ("not compared", "yellow"),
    "unreadable": ("unreadable", "red"),
    "not_read": ("not read", "red"),
    "not_expected": ("NOT EXPECTED", "red"),
    "no_expectation": ("nothing to expect", "red"),
}


def expected_of_all(stated: Mapping[str, str | None]) -> Shown:
    """Say what the live side is compared with, where options state it."""
    return line("expected of the live routing: {}", fields(stated))


def verified_line(did: VerifiedDid, style: Style) -> Shown:
    """Show one DID, whether live is what is expected, and field by field where it is not."""
    word, colour = _VERIFIED[did.outcome]
    what = joined([_why(did.error) if did.error else joined(_live(did)), *_of_expected(did)])
    if did.outcome == "not_expected" and did.state.live is not None:
        routing = Routing(*(getattr(did.state.live, field) for field in ROUTING_FIELDS))
        what = line("{}  {}", routing, what)
    name = line("{}  {}", did.did or did.to_fetch.requested, did.number)
    differences = (line("    {}", difference(change)) for change in did.changes)
    return lines([line("{}  {}  {}", style.paint(word, colour), name, what), *differences])


def _live(did: VerifiedDid) -> Iterable[str]:
    yield f"live is r{did.live_revision}"
    if did.matches and did.expectation.revision:
        owner, number = did.expectation.did, did.expectation.revision
        yield line("equal to {} r{}", owner, number) if owner else f"equal to r{number}"
    if known_from := did.expectation.destination_known_from:
        revision = did.expectation.revision
        yield line("the destination of r{} is known only from {} on", revision, known_from)
    if did.confirmed:
        yield "the return is verified: what was in service between is rolled back"
    if did.matches and did.state.reads > 1:
        yield f"{did.state.reads} times in a row"
    if did.is_destination_unknown:
        yield "its destination is known neither then nor now"
    if did.state.not_compared:
        is_stated = did.matches and did.expectation.states("destination")
        as_stated = ", which is as it was stated" if is_stated else ""
        yield f"not compared: {', '.join(did.state.not_compared)}{as_stated}"


def _of_expected(did: VerifiedDid) -> Iterator[Shown]:
    """Say what is not known of the revision that a tag or a time means, and the way on."""
    expected = did.expectation
    if expected.did is not None:
        yield line("{} was the number of {} then", did.number, expected.did)
    if about := of_then(expected.seen_then):
        yield line("r{} {}", expected.revision, about)
    if did.matches and expected.is_unfounded and expected.revision != did.live_revision:
        name = did.did or did.to_fetch.requested
        command = command_line("verify", [name], f" --to r{expected.revision}")
        yield line("so no return is proven; to prove one to r{}: {}", expected.revision, command)


def verify_summary(result: VerifySummary, style: Style) -> Shown:
    """Count the outcomes; for a single DID its own line says it all."""
    shown = []
    if result.counts.requested > 1:
        counts = result.counts
        verified = counts.requested - counts.unreadable - counts.not_read
        text = (
            "{0} verified: {2}" if verified == counts.requested else "{0} DIDs, {1} verified: {2}"
        )
        shown.append(line(text, counts.requested, verified or "none", _verified_counts(counts)))
        if partly := result.not_compared_whole:
            text = "the destination of {} of these was not compared: {}"
            shown.append(line(text, how_many(len(partly)), some(partly)))
        if result.not_read_by_tag:
            count, names = len(result.not_read_by_tag), some(result.not_read_by_tag)
            shown.append(line("{} not read by the tag's capture: {}", count, names))
    if result.retired:
        shown.append(line("{} retired, left out", result.retired))
    return lines([*shown, *_remarks(result.capture.remarks, style)])


def _verified_counts(counts: VerifyCounts) -> Shown:
    counted = ((getattr(counts, outcome), word) for outcome, (word, _) in _VERIFIED.items())
    return joined(f"{count} {word.lower()}" for count, word in counted if count)


_SOURCES = {
    "at": "as --at says",
    "date": "as its Date header says",
    "modified": "when its file was last written",
    "now": "now: nothing says when",
}


def imported_responses(result: RecordResult, style: Style) -> Shown:
    """Show a line a DID; when it was received, once where that is the same for all."""
    received = [_received(did) for did in result.dids]
    known = {text for text in received if text}
    shown = [recorded_line(did, style) for did in result.dids]
    if len(known) > 1:
        pairs = zip(shown, received, strict=True)
        shown = [joined([did, text]) for did, text in pairs]
    shown.append(record_summary(result, style))
    return lines([*shown, *(known if len(known) == 1 else ())])


def _received(did: Outcome) -> Shown:
    if not isinstance(did, ImportedDid) or did.received_at is None or did.received_from is None:
        return BLANK
    return line("received {} ({})", did.received_at, _SOURCES[did.received_from])


# Annotations

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
        command = command_line("record", behind)
        shown.append(line("the log was behind at the time of the call: {}", command))
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
            about = (result.capture, result.requested, how_many(result.dids_read))
            return line("noted on capture {} ({}): {}", *about)
        case MarkResult(verdict="retired"):
            did = result.entry.revision.did
            hit = line("retired {}: --all leaves it out until it is recorded by name", did)
        case MarkResult():
            hit = line("marked {}{}", _revision(result.entry, style), _of_current(result.entry))
        case _:
            hit = line("noted on {}", _revision(result.entry, style))
    said = [hit]
    if unseen := of_then(result.seen_then):
        said.append(line("  at that time: {}", unseen))
    if also := result.number_also_of:
        said.append(line("  the number belongs to {} too, of which this says nothing", some(also)))
    return lines(said)


def _of_current(entry: LogEntry) -> Shown:
    """Say of an older revision that its routing is the current one too: both were judged."""
    latest, revision = entry.history.latest, entry.revision
    if latest.revision == revision.revision or latest.routing_number != revision.routing_number:
        return BLANK
    which = "current routing" if entry.history.visible else "last routing seen"
    return line(f": the {which} too (r{{}})", latest.revision)


def _revision(entry: LogEntry, style: Style) -> Shown:
    revision = entry.revision
    name = line("{} r{}, {}", revision.did, revision.revision, revision.known_routing)
    return joined([name, style.painted(state(entry))], " ")


def tag(result: TagResult, _: Style) -> Shown:
    capture = line("capture {}, ", result.capture) if result.capture else BLANK
    return line("{} is {}{}", result.tag, capture, result.at)


def tags(result: TagsResult, _: Style) -> Shown:
    """Return a line a tag: its name, its time, and the capture or the moment that it names."""
    rows = [
        (tag.name, tag.at, line("capture {}", tag.capture) if tag.capture else "moment", tag.by)
        for tag in result.tags
    ]
    more = [line("older tags are left out")] if result.more else []
    return lines([*columns(rows), *more] if rows else [line("no tag is recorded yet")])
