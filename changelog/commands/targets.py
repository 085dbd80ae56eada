"""Which DIDs to ask for, and what to say where the log knows none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from changelog.commands.nearest import ENOUGH_DIGITS, known_dids, number_meant, suggestion
from changelog.model import exits
from changelog.model.did_ref import (
    LONGEST_ID,
    Target,
    is_storable,
    looks_like_number,
    says_revision,
    split_numbers,
)
from changelog.model.errors import ChangelogError, NothingError, SplitNumber, UsageError
from changelog.model.results.base import DidError
from changelog.model.selectors import Latest, is_selector, parse_selector, resolve
from changelog.model.text.sanitize import Advice, command_line, listed_name, word
from changelog.model.text.times import format_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.model.history import History
    from changelog.model.ports import Log
    from changelog.model.selectors import Selected, Selector


class Subject(NamedTuple):
    """A DID of the log, with the selector that stood behind its name, if any."""

    did: str
    selector: Selector | None = None


def find_subject(log: Log, text: str, now: datetime) -> Subject:
    """Find `text` whole as a known id or number, else split it at its last ``@``.

    Raises NothingError if the log knows no such DID, UsageError for a selector that is none.
    """
    if did := log.find(text):
        return Subject(did)
    name, at, selector = text.rpartition("@")
    if at and (did := log.find(name)):
        return Subject(did, parse_selector(selector, now, tags=log))
    raise unknown_did(log, text)


def selected_of(log: Log, subject: Subject) -> tuple[History, Selected]:
    """Return the revision that is meant of a DID that was found, the latest one by default."""
    history = log.history(subject.did)
    return history, resolve(subject.selector or Latest(), history, log)


def every_did(log: Log, *, unanswered_in: int | None = None) -> list[Target]:
    """Return all DIDs of the log that are not retired. Raises NothingError where there is none.

    `unanswered_in`: only those that this capture has no answer for.
    """
    require_some(log)
    known = known_dids(log, with_retired=False, unanswered_in=unanswered_in)
    found = [Target(did.did, did.did, key=did.key) for did in known]
    if not found and unanswered_in is None:
        raise all_retired(log)
    return found


def all_retired(log: Log) -> NothingError:
    """Return the error for a log that has no DID left to read."""
    again = f"Name those to read again: {command_line('record', (), ' DID')}"
    return NothingError(exits.NOTHING_RECORDED, f"every DID in {log.place} is retired", again)


def count_retired(log: Log) -> int:
    """Return how many DIDs `every_did` leaves out."""
    return sum(1 for _ in known_dids(log)) - sum(1 for _ in known_dids(log, with_retired=False))


def unanswered(log: Log, named: Sequence[Target], capture: int) -> list[Target]:
    """Return those of the `named` targets that the capture has no answer for."""
    return [
        one
        for one in named
        if not any(
            log.answered_in(capture, name) for name in {one.requested, one.did or one.requested}
        )
    ]


def targets(log: Log, names: Sequence[str], *, every: bool) -> list[Target]:
    """Return what to fetch: each DID named, once; with `every` all that are not retired."""
    if every and names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    if every:
        return every_did(log)
    if not names:
        raise UsageError(
            "no DID is named", "Name one by id or number (did_123, +15551230001), or use --all."
        )
    refuse_revisions(log, names)
    # An empty shell variable beside good names must not lose them.
    given = [name for name in names if name.strip() or log.find(name)] or names
    found: dict[str | None, Target] = {}
    for target in (_target(log, name) for name in given):
        # A number that its DID gave away is asked for by itself.
        is_its_own = target.did is not None and not target.gave_away
        found.setdefault(target.did if is_its_own else target.number, target)
    return [one._replace(key=log.key_of(one.did)) if one.did else one for one in found.values()]


def refuse_split_numbers(log: Log, names: Sequence[str]) -> None:
    """Raise SplitNumber where a number stands among the names as several words."""
    for words in split_numbers(names):
        if not any(map(log.find, words)):
            raise SplitNumber(" ".join(words))


def refuse_revisions(log: Log, names: Sequence[str], now: datetime | None = None) -> None:
    """Raise UsageError where a revision stands beside a DID, or alone, as a name of its own.

    `now`: given where something is written, which stays. Any selector counts as a revision then,
    and the name of a tag; one that stands alone is left to the log, which knows no such DID.
    """
    revisions: dict[str, str] = {}
    for name in names:
        text = name.removeprefix("@")
        if says_revision(text) or (now and _reads_as_selector(log, text, now)):
            revisions[name] = text
        elif now and log.tag(text):
            revisions[name] = f"tag:{text}"
    revisions = {name: text for name, text in revisions.items() if not log.find(name)}
    if not revisions:
        return
    dids = [name for name in names if name not in revisions]
    known = [did for did in (log.find(name.rpartition("@")[0] or name) for name in dids) if did]
    if known or not (dids or now):
        name, text = next(iter(revisions.items()))
        whole = word(f"{[*known, 'DID'][0]}@{text}")
        raise UsageError(
            f"{name!r} names a revision, not a DID",
            "Nothing was done. Where a command takes a revision, it stands behind its DID:"
            f" {whole}",
        )


def _reads_as_selector(log: Log, name: str, now: datetime) -> bool:
    """Return whether the name says a revision or a moment, and no DID."""
    # So many digits are rather a part of a number.
    is_number = name.isdigit() and len(name) >= ENOUGH_DIGITS
    return not (log.find(name) or is_number) and is_selector(name, now)


def refuse_selectors(
    log: Log, names: Sequence[str], now: datetime, command: str, given: Mapping[str, str | None]
) -> None:
    """Raise UsageError for revisions among the DIDs, with the command that names them right.

    `given`: the options that take a revision, with what they were given.
    """
    selectors = [
        name
        for name in names
        if _reads_as_selector(log, name, now) and (name != "live" or "--from" in given)
    ]
    if not selectors:
        return
    chosen = {option: value for option, value in given.items() if value is not None}
    free = [option for option in given if option not in chosen]
    # Nothing starts from what is live.
    chosen |= zip(free[-1:] if selectors == ["live"] else free, selectors, strict=False)
    dids = [name for name in names if name not in selectors] or ["DID"]
    options = "".join(f" {option} {word(chosen[option])}" for option in given if option in chosen)
    too_many = selectors[len(free) :]
    what = "is one revision too many" if too_many else "names a revision, not a DID"
    raise UsageError(
        f"{[*too_many, *selectors][0]!r} {what}", f"Use: {command_line(command, dids, options)}"
    )


def _target(log: Log, name: str) -> Target:
    """Return what to fetch, as it was named: an id by id, a number by number, known or not."""
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


def require_there(log: Log) -> None:
    """Raise NothingError where there is no log: a mistyped --db must not leave an empty one."""
    if log.is_missing:
        raise _nothing_recorded(log)


def _nothing_recorded(log: Log) -> NothingError:
    record, load = command_line("record", ["DID"]), command_line("import", ["FILE"])
    if log.is_missing:
        message = f"nothing is recorded yet: there is no log at {log.place}"
        hint = f"Check the path. Or begin: {record}, or: {load}"
    elif log.snapshots(None, since=None, until=None, limit=1):
        message = f"nothing could be read yet in {log.place}: each look failed"
        hint = f"See which, and why: {command_line('status')}"
    else:
        message = f"nothing is recorded yet in {log.place}"
        hint = f"Run: {record}, or: {load}"
    return NothingError(exits.NOTHING_RECORDED, message, hint)


def require_begun(log: Log, moment: datetime) -> None:
    """Raise NothingError for a moment before the first look, of which the log says nothing."""
    first = log.first_seen()
    if first is None or moment >= first or log.pages.fleet_at(moment):
        return
    message = f"the log holds nothing from {format_utc(moment)} or before"
    hint = f"Its first look was at {format_utc(first)}."
    if log.snapshots(None, since=None, until=moment, limit=1):
        message = f"the log holds no revision from {format_utc(moment)} or before"
        hint = Advice.of(
            "What was received by then came late or could not be read: {}. The first revision was"
            " seen at {}.",
            command_line("log", (), " --snapshots"),
            format_utc(first),
        )
    raise NothingError(exits.UNKNOWN_REVISION, message, hint)


def unknown_did(log: Log, text: str) -> NothingError:
    known = [*known_dids(log)]
    if not known:
        return _nothing_recorded(log)
    failed = log.snapshots(text, since=None, until=None, limit=1)
    never_read = " (it was asked for, and never read)" if failed else ""
    more = ""
    if looks_like_number(text) and log.e164(text) is None:
        more = " Begin with +; a national number needs the setting region of its country."
    elif failed:
        more = " --all never asks for it; after a 404, status names it for one day."
    elif says_revision(text):
        more = f" A revision stands behind its DID: DID@{text}."
    elif log.tag(text):
        more = f" Did you mean the tag? Write: tag:{text}."
    hint = suggestion(known, text, more)
    if not more and is_storable(text):
        # A command ends where the next one is told.
        joined = ", or if" if isinstance(hint, Advice) else " If"
        template = f"{{}}{joined} it was never recorded: {{}}"
        hint = Advice.of(template, hint, command_line("record", [text]))
    return NothingError(exits.UNKNOWN_DID, f"the log knows no DID {text!r}{never_read}", hint)


def numbers_meant(log: Log, names: Sequence[str]) -> dict[str, str]:
    """Return what may have been meant by parts of a number, which the log does not know."""
    parts = [name for name in names if looks_like_number(name) and log.e164(name) is None]
    parts = [name for name in parts if not log.find(name)]
    known = [*known_dids(log)] if parts else []
    return {name: meant for name in parts if (meant := number_meant(known, name))}


def did_error(error: ChangelogError) -> DidError:
    """Return the error of a run as the error of one DID in it."""
    return DidError(error.code, error.message, hint=error.hint)
