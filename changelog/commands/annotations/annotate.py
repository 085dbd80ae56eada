"""``note``, ``mark`` and ``tag``: what people say of what was recorded. Nothing is ever edited."""

from datetime import datetime

from changelog.commands.did_lookup import selected
from changelog.commands.targets import require_some
from changelog.model import exits
from changelog.model.errors import UsageError
from changelog.model.history import VerdictKind
from changelog.model.ports import Log, Recorder
from changelog.model.results.annotations import MarkResult, NoteResult, TagResult
from changelog.model.selectors import (
    At,
    Latest,
    Selector,
    Tagged,
    full_moment,
    known_tag,
    parse_selector,
    tag_name,
)
from changelog.model.state import restores, state_of

MARKS: tuple[VerdictKind, ...] = ("good", "bad", "retired")


def note(
    log: Log, recorder: Recorder, name: str, text: str, author: str, now: datetime
) -> NoteResult:
    """Write a note on one revision."""
    history, choice = selected(log, name, now)
    revision = choice.revision
    at = recorder.add_note(revision, _said(text, "note"), author)
    return NoteResult(
        did=revision.did,
        number=revision.number,
        revision=revision.revision,
        routing=revision.routing,
        state=state_of(revision, history),
        restores=restores(revision, history),
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
    """Judge the routing of one revision, or retire its DID. The state is the one afterwards."""
    history, choice = selected(log, name, now)
    revision = choice.revision
    at = recorder.add_verdict(revision, verdict, _said(reason, "reason"), author)
    return MarkResult(
        did=revision.did,
        number=revision.number,
        revision=revision.revision,
        routing_number=revision.routing_number,
        routing=revision.routing,
        state=state_of(revision, log.history(revision.did)),
        restores=restores(revision, history),
        verdict=verdict,
        reason=reason,
        at=at,
        by=author,
    )


def tag(log: Log, recorder: Recorder, name: str, at: str, author: str, now: datetime) -> TagResult:
    """Name a moment, or once more what another tag names."""
    tag_name(name)
    if log.tag(name):
        raise UsageError(
            f"the tag {name!r} is taken: a tag names one capture or moment, once",
            "Choose another name.",
            exits.TAG_TAKEN,
        )
    require_some(log)
    selector = parse_selector(at, now)
    if isinstance(selector, At):
        selector = At(full_moment(at, now))
    moment, capture = _meant(log, selector, now)
    recorder.add_tag(name, moment, author, capture)
    return TagResult(tag=name, at=moment, capture=capture, by=author)


def _meant(log: Log, selector: Selector, now: datetime) -> tuple[datetime, int | None]:
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


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise UsageError(f"the {what} is empty", "Say in a few words why: -m TEXT.")
    return text
