"""Selectors: the words that name a revision of a DID, and which revision they mean."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol

from changelog.model import exits
from changelog.model.errors import NothingError, UsageError
from changelog.model.history import History, Revision
from changelog.model.restore_rule import judged_good, previous_routing
from changelog.model.seen_then import SeenThen, read_late, whole_seen_by
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_utc, is_ahead, parse_full_moment, parse_moment

if TYPE_CHECKING:
    from changelog.model.results.base import DidError

TAG_CHARACTERS = "A-Z a-z 0-9 . _ / -"
BEFORE, AFTER = ":before", ":after"
"""What ``deploy`` adds to its tag for its two captures."""
_TAG = re.compile(r"[A-Za-z0-9._/-]{1,200}")
_DEPLOY_TAG = re.compile(rf"{_TAG.pattern}(?:{BEFORE}|{AFTER})?")
_REVISION = re.compile(r"r?([0-9]{1,9})", re.ASCII)
_BACK = re.compile(r"latest~([0-9]{1,9})", re.ASCII)
_TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_TIMES = "a time (2026-11-23T14:00Z, 14:00, yesterday, 2h ago)"
FORMS = f"latest, previous, good, 3 or r3, latest~2, tag:NAME, {_TIMES}"
FLEET_FORMS = f"latest, tag:NAME, {_TIMES}"
"""Those that mean something for all DIDs at once."""
MOMENT_FORMS = "latest, tag:NAME, a whole time (2026-11-23T14:00Z)"
"""Those that a tag may be given to."""


class Word(Enum):
    """The selectors that are one word."""

    PREVIOUS = "previous"
    GOOD = "good"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Latest:
    # No NamedTuple: it would equal the `Number` that has the same one.
    back: int = 0


class Number(NamedTuple):
    revision: int


class Tagged(NamedTuple):
    name: str


class At(NamedTuple):
    moment: datetime


@dataclass(frozen=True, slots=True)
class Tag:
    """A name for a capture, or for a moment where `capture` is None.

    `unread`: the applications whose ``answer_url`` the capture could not read; "" stands for all.
    """

    MEMBERS: ClassVar[tuple[str, ...]] = ("name at by capture",)

    name: str
    at: datetime
    by: str
    capture: int | None = None
    unread: frozenset[str] = frozenset()


Selector = Word | Latest | Number | Tagged | At


_ONE_WORD = {word.value: word for word in Word}


class TagLog(Protocol):
    """What a log knows of tags."""

    def tag(self, name: str) -> Tag | None: ...
    def tag_names(self) -> list[str]: ...
    def read_in(self, capture: int, did: str) -> int | None:
        """Return the revision of `did` that `capture` read, or None if it read none."""

    def unread_by(self, capture: int, did: str) -> "dict[str, DidError]":
        """Return why `capture` could not read `did`, by its id; nothing where it did not try."""

    def as_of(self, did: str, moment: datetime) -> int | None:
        """Return the highest revision of `did` that had begun by `moment`, in a log with times to
        come."""


class Selected(NamedTuple):
    """A revision as it is known today (``History.known``).

    `moment`: what a time or a tag names, and `seen_then`: whether the revision was seen then.
    `destination_not_read`: neither the tag's capture nor a later look of its stay showed its
    destination, whether or not that capture read the DID.
    """

    revision: Revision
    moment: datetime | None = None
    seen_then: SeenThen = SeenThen()
    destination_not_read: bool = False


def parse_selector(
    text: str,
    now: datetime,
    *,
    day_ends: bool = True,
    tags: TagLog | None = None,
    forms: str = FORMS,
) -> Selector:
    """Parse a selector; a day is its end, or its start where not `day_ends`.

    Raises UsageError, naming the `forms` that the caller takes, or the one of the `tags` that has
    that name.
    """
    words = text.strip()
    if words == "latest":
        return Latest()
    if words in _ONE_WORD:
        return _ONE_WORD[words]
    if back := _BACK.fullmatch(words):
        return Latest(int(back[1]))
    if number := _REVISION.fullmatch(words):
        return Number(int(number[1]))
    if words.startswith("tag:"):
        return Tagged(existing_tag_name(words.removeprefix("tag:")))
    if moment := parse_moment(words, now, day_ends=day_ends):
        refuse_to_come(text, moment, now)
        return At(moment)
    hint = f"Use one of: {forms}. It is {format_utc(now)} now."
    if tags is not None and _DEPLOY_TAG.fullmatch(words):
        hint = _tag_meant(words, tags) or hint
    what = "no time of day" if _TIME_OF_DAY.fullmatch(words) else "neither a revision nor a time"
    raise UsageError(f"{text!r} is {what}", hint, "bad_selector")


def is_selector(text: str, now: datetime) -> bool:
    """Return whether `text` says a revision or a moment that is past."""
    try:
        return bool(parse_selector(text, now))
    except UsageError:
        return False


def refuse_to_come(text: str, moment: datetime, now: datetime) -> None:
    """Raise UsageError for a `moment` that is yet to come: `text` is how it was given."""
    if is_ahead(moment, now):
        raise UsageError(
            f"{text!r} is yet to come",
            f"Give a time that is past: it is {format_utc(now)} now.",
            "bad_selector",
        )


def _tag_meant(name: str, tags: TagLog) -> str:
    """Return a hint of the tag of that name, or of the one before the deploy of that name."""
    meant = {name: "the tag", f"{name}{BEFORE}": "before that deploy"}
    known = (
        f"Did you mean {what}? Write: tag:{tag}." for tag, what in meant.items() if tags.tag(tag)
    )
    return next(known, "")


def tag_name(text: str, pattern: re.Pattern[str] = _TAG) -> str:
    """Check `text` as a name for a new tag. Raises UsageError on other characters."""
    if not pattern.fullmatch(text):
        raise UsageError(
            f"{text!r} cannot be the name of a tag", f"Use only {TAG_CHARACTERS}.", "bad_tag"
        )
    return text


def existing_tag_name(text: str) -> str:
    """Check `text` as the name of a tag; ``deploy`` adds ``:before`` and ``:after``."""
    return tag_name(text, _DEPLOY_TAG)


def resolve(
    selector: Selector, history: History, tags: TagLog, *, other_than_current: bool = False
) -> Selected:
    """Return the revision of this DID that is meant; ``good`` may have to be `other_than_current`.

    Raises NothingError, naming what exists, and UsageError for ``live``, which names no revision.
    """
    revision: Revision | None
    match selector:
        case Latest(back):
            revision, wanted = history.revision(history.latest.revision - back), f"latest~{back}"
        case Number(number):
            revision, wanted = history.revision(number), f"r{number}"
        case Word.PREVIOUS:
            revision, wanted = previous_routing(history, history.latest), "previous"
        case Word.GOOD:
            revision, wanted = judged_good(history, other_than_current=other_than_current), "good"
        case At(moment):
            if revision := revision_at(history, moment, tags):
                otherwise = _seen_otherwise(history, moment)
                last = whole_seen_by(history, revision, moment)
                seen = SeenThen.at(
                    moment, last or revision.last_seen_at, was_read=None, read_late=otherwise
                )
                return Selected(history.known(revision), moment, seen)
            wanted = f"by {format_utc(moment)}"
        case Tagged(name):
            return _tagged(name, history, tags)
        case Word.LIVE:
            raise UsageError(
                "'live' works only with diff --to", f"Use: {command_line('diff', (), ' --to live')}"
            )
    if revision is None:
        raise _unknown(wanted, history)
    return Selected(history.known(revision))


def _seen_otherwise(history: History, moment: datetime) -> str:
    """Return what the last look before the moment saw, if it began no revision; else nothing."""
    for gap in reversed(history.gaps):
        if gap.at <= moment < gap.seen_again:
            return f"{format_utc(gap.at)}: {gap.other.in_words if gap.other else 'a 404'}"
    return ""


def full_moment(text: str, now: datetime) -> datetime:
    """Parse the time of what cannot be undone: a date with a time of day. Raises UsageError."""
    if moment := parse_full_moment(text):
        return moment
    meant = parse_moment(text, now)
    hint = f"Write it whole: {format_utc(meant or now).replace(' ', 'T')}."
    raise UsageError(
        f"{text!r} is not a date with a time of day; this cannot be undone later",
        f"{hint} It is {format_utc(now)} now.",
        "bad_time",
    )


def revision_at(history: History, moment: datetime, log: TagLog) -> Revision | None:
    """Return the highest revision first seen by `moment`; in a log with times to come, begun by
    then."""
    revisions = reversed(history.revisions)
    seen = next((revision for revision in revisions if revision.first_seen_at <= moment), None)
    if seen is history.latest:
        return seen
    number = log.as_of(history.did, moment) or 0
    return seen if seen and seen.revision >= number else history.revision(number)


def known_tag(name: str, tags: TagLog) -> Tag:
    """Return the tag of that name. Raises NothingError, naming the newest that exist."""
    if tag := tags.tag(name):
        return tag
    names = tags.tag_names()
    hint = "No tag is recorded yet."
    if names:
        listed = command_line("tag")
        hint = f"There are: {', '.join(names[:10])}. To list them with their times: {listed}"
    hint = _tag_meant(name, tags) or hint
    raise NothingError(exits.UNKNOWN_TAG, f"there is no tag {name!r}", hint)


def _tagged(name: str, history: History, tags: TagLog) -> Selected:
    tag = known_tag(name, tags)
    revision, was_read, late = None, None, ""
    if tag.capture is not None:
        revision = history.revision(tags.read_in(tag.capture, history.did) or 0)
        was_read = revision is not None
        late = "" if was_read else read_late(tags.unread_by(tag.capture, history.did), history.did)
    if revision := revision or revision_at(history, tag.at, tags):
        is_unread = revision.routing.is_of_any(tag.unread)
        # What the tag's capture read whole was seen then.
        is_whole = was_read and not is_unread
        last = None if is_whole else whole_seen_by(history, revision, tag.at)
        is_carried_on = is_unread and last is not None and revision.destination_source == "fetched"
        seen = SeenThen.at(
            tag.at,
            last or revision.last_seen_at,
            was_read=was_read,
            destination_not_read=is_carried_on,
            read_late=late,
        )
        return Selected(history.known(revision), tag.at, seen, is_carried_on)
    raise _unknown(f"by tag:{name} ({format_utc(tag.at)})", history)


def _unknown(wanted: str, history: History) -> NothingError:
    last = history.latest
    first = history.revisions[0]
    if wanted == "previous":
        message = f"the log has seen only one routing of {history.did}"
    elif wanted == "good":
        message = f"no routing of {history.did} to choose is judged good, and has stayed so"
    elif wanted.startswith("by "):
        # What was read by then, and came late, is no revision.
        verb = "has no revision" if history.late else "had not been read"
        message = f"{history.did} {verb} {wanted}"
    else:
        message = f"{history.did} has no revision {wanted}"
    known = "only r1" if last.revision == 1 else f"r1 to r{last.revision}"
    hint = f"It has {known}, first seen {format_utc(first.first_seen_at)}."
    if wanted == "good":
        command = command_line("mark", [f"{history.did}@rN", "good"], " -m WHY")
        hint += f" To judge one: {command}"
    return NothingError(exits.UNKNOWN_REVISION, message, hint)
