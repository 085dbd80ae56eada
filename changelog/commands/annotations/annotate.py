"""``note``, ``mark`` and ``tag``: what people say of what was recorded. Nothing is ever edited."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from changelog.commands.targets import (
    Subject,
    did_error,
    find_subject,
    refuse_split_numbers,
    require_begun,
    require_some,
    selected,
)
from changelog.model import exits
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import Verdict, VerdictKind
from changelog.model.ports import Log, Recorder
from changelog.model.results.annotations import (
    AnnotatedDids,
    Annotation,
    CaptureNoteResult,
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

_TAG = "tag:"
MARKS: tuple[VerdictKind, ...] = ("good", "bad", "retired")


def annotate_each(
    log: Log,
    names: Sequence[str],
    now: datetime,
    annotate: Callable[[str], Annotation],
    find: Callable[[Log, str, datetime], object] = find_subject,
) -> AnnotatedDids:
    """Annotate what each name means; a DID that the log does not know costs no other one.

    Raises UsageError for what `find` refuses, such as a bad selector, before anything is written.
    """
    refuse_split_numbers(log, names)
    for name in names:
        with suppress(NothingError):
            find(log, name, now)
    hits: list[Annotation | MissedDid] = []
    conditions = set()
    for name in dict.fromkeys(names):
        try:
            hits.append(annotate(name))
        except NothingError as error:
            conditions.add(error.code)
            hits.append(MissedDid(name, did_error(error)))
    return AnnotatedDids(dids=tuple(hits), conditions=tuple(sorted(conditions)))


def find_noted(log: Log, name: str, now: datetime) -> int | Subject:
    """Return the number of the capture that ``tag:NAME`` names, or else the DID.

    Raises UsageError for a tag of a mere moment.
    """
    if not name.startswith(_TAG) or log.find(name):
        return find_subject(log, name, now)
    tag = known_tag(existing_tag_name(name.removeprefix(_TAG)), log)
    if tag.capture is None:
        raise UsageError(
            f"the tag {tag.name!r} names a moment, not a capture",
            f"Name the DIDs: changelog note DID@{name} -m TEXT",
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
    history, choice = selected(log, name, now)
    at = recorder.add_note(choice.revision, text, author)
    entry = LogEntry(choice.revision, history)
    return NoteResult(requested=name, entry=entry, at=at, by=author, text=text)


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
    history, choice = selected(log, name, now)
    revision = choice.revision
    at = recorder.add_verdict(revision, verdict, reason, author)
    # Not read again: a server that is lost by now must not make this look undone.
    own = Verdict(revision.revision, revision.routing_number, verdict, reason, author, at)
    entry = LogEntry(revision, replace(history, verdicts=(*history.verdicts, own)))
    return MarkResult(requested=name, entry=entry, verdict=verdict, reason=reason, at=at, by=author)


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
