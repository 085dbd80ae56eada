"""Which DIDs to ask for, and what to say where the log knows none."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from changelog.model import exits
from changelog.model.did_ref import (
    LONGEST_ID,
    KnownDid,
    Target,
    is_storable,
    looks_like_number,
    split_numbers,
)
from changelog.model.errors import (
    ChangelogError,
    NothingError,
    SplitNumber,
    UsageError,
)
from changelog.model.results.base import DidError
from changelog.model.selectors import Latest, parse_selector, resolve
from changelog.model.text.sanitize import command_line, listed_name
from changelog.model.text.times import format_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from changelog.model.history import History
    from changelog.model.ports import Log
    from changelog.model.selectors import Selected, Selector

_SHOWN = 8
_ENOUGH_DIGITS = 4
_PAGE = 1000


class Subject(NamedTuple):
    """A DID of the log as it was named, with the selector that stood behind it, if any."""

    requested: str
    did: str
    selector: Selector | None = None


def find_subject(log: Log, text: str, now: datetime) -> Subject:
    """`text` tried whole as a known id or number, else split at its last ``@``.

    Raises NothingError if the log knows no such DID, UsageError for a selector that is none.
    """
    if did := log.find(text):
        return Subject(text, did)
    name, at, selector = text.rpartition("@")
    if at and (did := log.find(name)):
        return Subject(name, did, parse_selector(selector, now, tags=log))
    raise unknown_did(log, text)


def selected(log: Log, text: str, now: datetime) -> tuple[History, Selected]:
    """The revision that ``DID[@SEL]`` means, the latest one without a selector."""
    subject = find_subject(log, text, now)
    history = log.history(subject.did)
    return history, resolve(subject.selector or Latest(), history, log)


def every_did(
    log: Log, *, unanswered_in: int | None = None, with_key: bool = False
) -> list[Target]:
    """Return all DIDs of the log that are not retired. Raises NothingError for an empty log.

    `unanswered_in`: only those that this capture has no answer for; `with_key`: with the key that
    read each last.
    """
    require_some(log)
    known = _known(log, with_retired=False, with_key=with_key, unanswered_in=unanswered_in)
    return [Target(did.did, did.did, key=did.key) for did in known]


def _known(
    log: Log,
    *,
    with_retired: bool = True,
    with_key: bool = False,
    unanswered_in: int | None = None,
) -> Iterator[KnownDid]:
    """Yield the DIDs of the log, read a page at a time."""
    after = ""
    while page := log.dids(
        after=after,
        limit=_PAGE,
        with_retired=with_retired,
        with_key=with_key,
        unanswered_in=unanswered_in,
    ):
        yield from page
        after = page[-1].did


def unanswered(log: Log, named: Sequence[Target], capture: int) -> list[Target]:
    """Those of the `named` targets that the capture has no answer for."""
    return [
        one
        for one in named
        if not any(
            log.answered_in(capture, name) for name in {one.requested, one.did or one.requested}
        )
    ]


def targets(
    log: Log,
    names: Sequence[str],
    *,
    every: bool,
    with_key: bool = False,
) -> list[Target]:
    """What to fetch: each DID named, once; with `every` those of the log that are not retired."""
    if every and names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    if every:
        return every_did(log, with_key=with_key)
    if not names:
        raise UsageError(
            "no DID is named",
            "Name one by id or number (did_123, +15551230001), or use --all.",
        )
    # An empty shell variable beside good names must not lose them.
    given = [name for name in names if name.strip() or log.find(name)] or names
    found: dict[str | None, Target] = {}
    for target in (_target(log, name) for name in given):
        found.setdefault(target.did or target.number, target)
    return [
        one._replace(key=log.key_of(one.did)) if with_key and one.did else one
        for one in found.values()
    ]


def refuse_split_numbers(log: Log, names: Sequence[str]) -> None:
    """Raise SplitNumber where a number stands among the names as several words."""
    for words in split_numbers(names):
        if not any(map(log.find, words)):
            raise SplitNumber(" ".join(words))


def _target(log: Log, name: str) -> Target:
    """Fetched as it was named: an id by id, a number by number, known or not."""
    check_name(log, name)
    did = log.find(name)
    number = None if did == name else log.e164(name)
    if number is None:
        return Target(name, did or name)
    gave_away = any(last.did == did and last.number != number for last in log.carriers(number))
    return Target(number, did, number, gave_away=gave_away)


def check_name(log: Log, name: str) -> None:
    """Raise UsageError for a name that no DID can have."""
    if "\0" in name:
        raise _no_name(name)
    if log.e164(name) is not None:
        return
    # What nobody sees was copied by mistake, unless a server did name a DID so.
    odd = not name.isprintable() or name.isspace()
    if not name or (odd and not (is_storable(name) and log.find(name))):
        raise _no_name(name)
    owner, at, selector = name.rpartition("@")
    if at and log.find(name) is None and log.find(owner):
        raise UsageError(
            f"{name!r} names a revision, but this command is about the DID as it is now",
            f"Name {owner} alone. Options such as --to and --from take the revision: {selector}.",
        )
    if not is_storable(name) and log.find(name) is None:
        raise UsageError(
            f"{name[:20]!r}… names no DID: it has {len(name)} characters, and an id at most"
            f" {LONGEST_ID}",
            "Give an id (did_123) or a number (+1555…).",
        )


def check_new_name(log: Log, name: str) -> None:
    """Raise UsageError for a name that no DID can have, and for words that name none yet."""
    check_name(log, name)
    if len(name.split()) > 1 and log.e164(name) is None and log.find(name) is None:
        raise UsageError(
            f"{name!r} is neither an id nor a number",
            "Give an id (did_123) or a number with its country's code (+1555…).",
        )


def _no_name(name: str) -> UsageError:
    return UsageError(f"{name!r} names no DID", "Give an id (did_123) or a number (+1555…).")


def named_in(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each DID of a list with its line; ``#`` begins a comment.

    A tab ends a DID, and ``\\x23`` is a character: what ``--format plain`` of ``restore`` and
    ``list`` prints can be fed back.
    """
    for number, line in enumerate(lines, 1):
        if name := listed_name(line):
            yield number, name


def listed(log: Log, lines: Iterable[str], file: str) -> tuple[list[str], dict[str, DidError]]:
    """Return the names in the list `file`, and what is wrong with a line that names no DID.

    Raises UsageError where no line does.
    """
    names: list[str] = []
    refused: dict[str, DidError] = {}
    for number, name in named_in(lines):
        try:
            check_new_name(log, name)
            names.append(name)
        except UsageError as error:
            message = f"{file}, line {number}: {error.message}"
            refused.setdefault(name, DidError(error.code, message, hint=error.hint))
    if refused and not names:
        first = next(iter(refused.values()))
        raise UsageError(first.message, first.hint)
    return names, refused


def require_some(log: Log) -> None:
    """Raise NothingError for a log that holds nothing."""
    if log.first_seen() is None:
        raise _nothing_recorded(log)


def _nothing_recorded(log: Log) -> NothingError:
    if log.is_missing:
        message = f"nothing is recorded yet: there is no log at {log.place}"
        hint = "Check the path. Or begin: changelog record DID, or: changelog import FILE"
    elif log.snapshots(None, since=None, until=None, limit=1):
        message = f"nothing could be read yet in {log.place}: each look failed"
        hint = "See which, and why: changelog status"
    else:
        message = f"nothing is recorded yet in {log.place}"
        hint = "Run: changelog record DID, or: changelog import FILE"
    return NothingError(exits.NOTHING_RECORDED, message, hint)


def require_begun(log: Log, moment: datetime) -> None:
    """Raise NothingError for a moment before the first look, of which the log says nothing."""
    first = log.first_seen()
    if first is not None and moment < first and not log.fleet_at(moment):
        raise NothingError(
            exits.UNKNOWN_REVISION,
            f"the log holds nothing from {format_utc(moment)} or before",
            f"Its first look was at {format_utc(first)}.",
        )


def unknown_did(log: Log, text: str) -> NothingError:
    known = [*_known(log)]
    if not known:
        return _nothing_recorded(log)
    failed = log.snapshots(text, since=None, until=None, limit=1)
    never_read = " (it was asked for, and never read)" if failed else ""
    hint = _suggestion(known, text)
    if looks_like_number(text) and log.e164(text) is None:
        hint += " A national number needs the setting region; else begin with +."
    elif failed:
        hint += " --all never asks for it; after a 404, status names it for one day."
    elif is_storable(text):
        hint += f" If it was never recorded: {command_line('record', [text])}"
    return NothingError(exits.UNKNOWN_DID, f"the log knows no DID {text!r}{never_read}", hint)


def _suggestion(known: Sequence[KnownDid], text: str) -> str:
    """What may have been meant. Never taken: the wrong line is worse than none."""
    digits = re.sub(r"\D", "", text)
    if len(digits) >= _ENOUGH_DIGITS:
        fitting = [each for each in known if digits in re.sub(r"\D", "", each.number or "")]
        if len(fitting) == 1:
            return f"Did you mean {fitting[0].did} ({fitting[0].number})?"
    near = sorted(known, key=lambda each: -_likeness(each, text))[:_SHOWN]
    names = ", ".join(
        f"{each.did} ({each.number})" if len(digits) >= _ENOUGH_DIGITS and each.number else each.did
        for each in near
    )
    if len(known) <= _SHOWN:
        return f"It knows {names}."
    return f"The nearest are {names}; changelog list has all {len(known)}."


def _likeness(known: KnownDid, text: str) -> int:
    """Characters that a name has in common with `text` at its two ends; cheap for a whole fleet."""
    typed = text.lower()
    names = [known.did.lower(), *([known.number] if known.number else [])]
    return max(_common(name, typed) + _common(reversed(name), reversed(typed)) for name in names)


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters are equal from the beginning on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def did_error(error: ChangelogError) -> DidError:
    """The error of a run as the error of one DID in it."""
    return DidError(error.code, error.message, hint=error.hint)
