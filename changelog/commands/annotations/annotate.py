"""``note``, ``mark`` and ``tag``: what people say of what was recorded. Nothing is ever edited."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from changelog.commands.did_lookup import find_subject, selected
from changelog.commands.targets import did_error, require_begun, require_some
from changelog.model import exits
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import VerdictKind
from changelog.model.ports import Log, Recorder
from changelog.model.results.annotations import (
    AnnotatedDids,
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

MARKS: tuple[VerdictKind, ...] = ("good", "bad", "retired")


def annotate_each(
    log: Log,
    names: Sequence[str],
    now: datetime,
    annotate: Callable[[str], NoteResult | MarkResult],
) -> AnnotatedDids:
    """Annotate what each name means; a DID that the log does not know costs no other one.

    Raises UsageError for a selector that is none, before anything is written.
    """
    for name in names:
        with suppress(NothingError):
            find_subject(log, name, now)
    hits: list[NoteResult | MarkResult | MissedDid] = []
    conditions = set()
    for name in dict.fromkeys(names):
        try:
            hits.append(annotate(name))
        except NothingError as error:
            conditions.add(error.code)
            hits.append(MissedDid(name, did_error(error)))
    return AnnotatedDids(dids=tuple(hits), conditions=tuple(sorted(conditions)))


def revisions_tagged(log: Log, name: str) -> list[str]:
    """Return ``DID@rN`` for each revision that the tag's capture read.

    Raises UsageError for a tag of a mere moment, and NothingError for none.
    """
    tag = known_tag(existing_tag_name(name), log)
    if tag.capture is None:
        raise UsageError(
            f"the tag {name!r} names a moment, not a capture",
            "Name the DIDs: changelog note DID@tag:NAME -m TEXT",
        )
    return [f"{did}@r{revision}" for did, revision in sorted(log.read_by(tag.capture).items())]


def note(
    log: Log, recorder: Recorder, name: str, text: str, author: str, now: datetime
) -> NoteResult:
    """Write a note on one revision."""
    history, choice = selected(log, name, now)
    at = recorder.add_note(choice.revision, _not_empty(text, "note"), author)
    return NoteResult(
        requested=name,
        entry=LogEntry(choice.revision, history),
        at=at,
        by=author,
        text=text,
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
    _, choice = selected(log, name, now)
    at = recorder.add_verdict(choice.revision, verdict, _not_empty(reason, "reason"), author)
    entry = LogEntry(choice.revision, log.history(choice.revision.did))
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


def _not_empty(text: str, what: str) -> str:
    if not text.strip():
        raise UsageError(f"the {what} is empty", "Say in a few words why: -m TEXT.")
    return text
