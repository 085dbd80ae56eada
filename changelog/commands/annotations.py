"""What people say of what was recorded: ``note``, ``mark``, ``tag``, ``evidence`` and ``listen``.

Nothing is ever edited. A test call is linked to the revision that it reached; what is not for this
log, a call that went out or to a number that nobody recorded, is named and left aside.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from changelog.commands.recording.saved_responses import SavedFile
from changelog.commands.targets import (
    Subject,
    did_error,
    find_subject,
    refuse_revisions,
    refuse_split_numbers,
    require_begun,
    require_some,
    selected_of,
)
from changelog.model import exits
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History, Verdict, VerdictKind
from changelog.model.ports import Log, Recorder
from changelog.model.results.annotations import (
    AnnotatedDids,
    Annotation,
    CaptureNoteResult,
    EvidenceCounts,
    EvidenceReport,
    MarkResult,
    MissedDid,
    NoteResult,
    TagResult,
)
from changelog.model.results.history import LogEntry
from changelog.model.selectors import (
    MOMENT_FORMS,
    At,
    Latest,
    Selector,
    Tagged,
    existing_tag_name,
    full_moment,
    known_tag,
    parse_selector,
    tag_name,
)
from changelog.model.test_calls import Call, LinkResult, ListenerVerdict
from changelog.model.text.json_body import NotJson, parse_json
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import rfc3339
from changelog.model.text.webhook import NotAWebhook, parse_webhook

_TAG = "tag:"
MARKS: tuple[VerdictKind, ...] = ("good", "bad", "retired")
RESULTS: tuple[ListenerVerdict, ...] = ("pass", "fail")
_AT_ONCE = 1000
"""Test calls in one transaction."""
_WHY_NOTHING: dict[str, str] = {
    "unknown_number": exits.UNKNOWN_DID,
    "before_the_log": exits.UNKNOWN_REVISION,
    "no_time": exits.UNKNOWN_REVISION,
    "nothing_to_compare": exits.UNKNOWN_REVISION,
}
"""By the reason why a call to a DID was left aside, the condition that it is."""


def annotate_each(
    log: Log,
    names: Sequence[str],
    now: datetime,
    annotate: Callable[[str], Annotation],
    find: Callable[[Log, str, datetime], object],
) -> AnnotatedDids:
    """Annotate what each name means; a DID that the log does not know costs no other one.

    Raises UsageError for what `find` refuses, such as a bad selector, before anything is written.
    """
    refuse_split_numbers(log, names)
    # A tag by itself is noted on its capture.
    apart = [name for name in names if find is not find_noted or not name.startswith(_TAG)]
    refuse_revisions(log, apart, now)
    # A number and its DID mean the same.
    meant: dict[object, str] = {}
    for name in names:
        subject: object = name
        with suppress(NothingError):
            subject = find(log, name, now)
        meant.setdefault(subject, name)
    hits: list[Annotation | MissedDid] = []
    conditions = set()
    for name in meant.values():
        try:
            hits.append(annotate(name))
        except NothingError as error:
            conditions.add(error.code)
            hits.append(MissedDid(name, did_error(error)))
    return AnnotatedDids(dids=tuple(hits), conditions=tuple(sorted(conditions)))


def find_annotated(log: Log, name: str, now: datetime) -> Subject:
    """Return the DID that is meant, and the revision.

    Raises UsageError for a time to the second in which a revision began, as times are shown: what
    is said of the wrong revision stays there.
    """
    subject = find_subject(log, name, now)
    if isinstance(subject.selector, At) and not subject.selector.moment.microsecond:
        moment = subject.selector.moment
        for revision in log.history(subject.did).revisions:
            if moment < revision.first_seen_at < moment + timedelta(seconds=1):
                began, number = rfc3339(revision.first_seen_at), revision.revision
                raise UsageError(
                    f"{subject.did} changed within that second: r{number} began at {began}",
                    f"Name the revision: {subject.did}@r{number}, or the one before it.",
                    "bad_selector",
                )
    return subject


def find_noted(log: Log, name: str, now: datetime) -> int | Subject:
    """Return the number of the capture that ``tag:NAME`` names, or else the DID.

    Raises UsageError for a tag of a mere moment, and what ``find_annotated`` does.
    """
    if not name.startswith(_TAG) or log.find(name):
        return find_annotated(log, name, now)
    tag = known_tag(existing_tag_name(name.removeprefix(_TAG)), log)
    if tag.capture is None:
        raise UsageError(
            f"the tag {tag.name!r} names a moment, not a capture",
            f"Name the DIDs: {command_line('note', [f'DID@{name}'], ' -m TEXT')}",
        )
    return tag.capture


def note(
    log: Log, recorder: Recorder, name: str, text: str, author: str, now: datetime
) -> NoteResult | CaptureNoteResult:
    """Write a note on one revision, or on a tag's capture."""
    _require_text(text, "note")
    noted = find_noted(log, name, now)
    if isinstance(noted, int):
        return CaptureNoteResult(
            requested=name,
            capture=noted,
            dids_read=len(log.read_by(noted)),
            at=recorder.add_capture_note(noted, text, author),
            by=author,
            text=text,
        )
    history, choice = selected_of(log, noted)
    at = recorder.add_note(choice.revision, text, author)
    entry = LogEntry(choice.revision, history)
    return NoteResult(
        requested=name,
        entry=entry,
        at=at,
        by=author,
        text=text,
        seen_then=choice.seen_then,
        number_also_of=_number_also_of(log, name, history),
    )


def mark(
    log: Log,
    recorder: Recorder,
    name: str,
    verdict: VerdictKind,
    reason: str,
    author: str,
    now: datetime,
) -> MarkResult:
    """Judge the routing of one revision, or retire its DID."""
    _require_text(reason, "reason")
    history, choice = selected_of(log, find_annotated(log, name, now))
    revision = choice.revision
    at = recorder.add_verdict(revision, verdict, reason, author)
    # Not read again: a server that is lost by now must not make this look undone.
    own = Verdict(revision.revision, revision.routing_number, verdict, reason, author, at)
    entry = LogEntry(revision, replace(history, verdicts=(*history.verdicts, own)))
    return MarkResult(
        requested=name,
        entry=entry,
        verdict=verdict,
        reason=reason,
        at=at,
        by=author,
        seen_then=choice.seen_then,
        number_also_of=_number_also_of(log, name, history),
    )


def _number_also_of(log: Log, name: str, history: History) -> tuple[str, ...]:
    """Return the other DIDs that have the number that was named now: another one may be meant."""
    number = history.latest.number
    if name.startswith(history.did) or number is None:
        return ()
    carriers = log.carriers(number)
    return tuple(last.did for last in carriers if last.number == number and last.did != history.did)


def tag(log: Log, recorder: Recorder, name: str, at: str, author: str, now: datetime) -> TagResult:
    """Name a moment, or once more what another tag names."""
    tag_name(name)
    if log.tag(name):
        raise UsageError(
            f"the tag {name!r} exists already, and a tag never moves",
            "Choose another name.",
            exits.TAG_TAKEN,
        )
    require_some(log)
    selector = parse_selector(at, now, tags=log, forms=MOMENT_FORMS)
    if isinstance(selector, At):
        require_begun(log, selector.moment)
        selector = At(full_moment(at, now))
    moment, capture = _moment_named(log, selector, now)
    recorder.add_tag(name, moment, author, capture)
    return TagResult(tag=name, at=moment, capture=capture, by=author)


def _moment_named(log: Log, selector: Selector, now: datetime) -> tuple[datetime, int | None]:
    match selector:
        case Latest(0):
            return now, None
        case At(moment):
            return moment, None
        case Tagged(name):
            known = known_tag(name, log)
            return known.at, known.capture
    raise UsageError(
        "a tag names a moment of the whole log", "Use --at latest, a time, or tag:NAME."
    )


def _require_text(text: str, what: str) -> None:
    if not text.strip():
        raise UsageError(f"the {what} is empty", "Say in a few words why: -m TEXT.")


# Test calls


def evidence(
    recorder: Recorder,
    files: Sequence[SavedFile],
    *,
    verdict: ListenerVerdict | None,
    text: str,
    author: str,
    now: datetime,
    secrets: Sequence[str],
) -> EvidenceReport:
    """Store each webhook's body in `files`: one in a file, or one a line.

    `verdict`: what somebody who listened to these calls says of them; `text`: in words.
    """
    events: list[LinkResult | None] = []
    waiting: list[Call] = []
    for file in files:
        for place, content in _bodies(file):
            try:
                webhook = parse_webhook(content, secrets)
            except NotAWebhook as error:
                events.append(LinkResult.unreadable(f"{place}: {error}"))
                continue
            events.append(None)
            waiting.append(Call(webhook, now, verdict=verdict, text=text))
    linked: list[LinkResult] = []
    for start in range(0, len(waiting), _AT_ONCE):
        linked += recorder.link_calls(waiting[start : start + _AT_ONCE], author)
    # In the order given, whatever could not be read among them.
    stored = iter(linked)
    return _report([event or next(stored) for event in events])


def _bodies(file: SavedFile) -> Iterator[tuple[str, bytes]]:
    """(where it stands, body) of each webhook in a file."""
    lines = [line for line in file.content.splitlines() if line.strip()]
    if len(lines) < 2 or _is_one(file.content):
        yield file.name, file.content
        return
    for number, line in enumerate(lines, start=1):
        yield f"{file.name}, line {number}", line


def _is_one(content: bytes) -> bool:
    try:
        parse_json(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, NotJson):
        return False
    return True


def _report(events: Sequence[LinkResult]) -> EvidenceReport:
    counts = Counter(event.outcome for event in events)
    asides = {event.aside for event in events if event.aside}
    conditions = {exits.UNREADABLE} if "not_a_webhook" in asides else set()
    if counts["ignored"] == len(events):
        # Nothing of all this is in the log: a script must not take that for stored.
        conditions |= {_WHY_NOTHING[aside] for aside in asides if aside in _WHY_NOTHING}
    return EvidenceReport(
        counts=EvidenceCounts(
            stored=counts["stored"], duplicate=counts["duplicate"], ignored=counts["ignored"]
        ),
        events=tuple(events),
        conditions=tuple(sorted(conditions)),
    )
