"""Results as lines for Slack, Teams and a phone: no tables, nothing that must line up.

A value that such a program would read as more than text (a link, a mention, an emphasis) is set as
code, which all of them show as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from changelog.model.diff import Change
from changelog.model.history import Note
from changelog.model.routing import Routing
from changelog.render import advice, card, fleet, looks, status
from changelog.render.style import (
    BLANK,
    Command,
    Sentence,
    Shown,
    Words,
    diff_side,
    facts,
    listing,
    sentence_of,
    show,
    some,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from changelog.model.exits import Result
    from changelog.model.results.diff import DiffedDid, DiffResult
    from changelog.model.results.history import LogEntry, LogResult
    from changelog.model.results.pages import StatusResult
    from changelog.model.results.restore import RestoreCard, RestoreResult

_HAS_A_MEANING = re.compile(
    r"[*~`<>@|#&\[\]]|//|(?<!\w)_|_(?!\w)|\w\.[^\W\d_]{2}|(?<!\w):\w|^[->=]|^\d+\."
)
"""Emphasis, code, a mention, a channel, a link, an emoji, a list or a quotation."""


class Chat(str):
    """A part of a message: what is put into a line is not set as code again."""

    __slots__ = ()


def document(command: str, result: Result) -> Chat:
    """Write the whole answer of `command`, as lines."""
    return Chat("\n".join(_MESSAGES[command](result)))


def put(value: object) -> Chat:
    """Put `value` as text, or as code where a reader would make more of it."""
    match value:
        case Chat():
            return value
        case Sentence() | Change() | Routing() | Note():
            sentence = sentence_of(value)
            return line(sentence.template, *sentence.values)
        case Words():
            value = str(value)
    text = show(value)
    if isinstance(value, Command) or _HAS_A_MEANING.search(text):
        # No backtick is left that would end the code, and nothing that a shell would run.
        return Chat("`{}`".format(text.replace("`", "\\x60")))
    return Chat(text)


def line(template: str, /, *values: object) -> Chat:
    """Put each value into `template`."""
    return Chat(template.format(*map(put, values)))


def _name(did: str, number: str | None) -> Chat:
    return line("{} ({})", did, number) if number else put(did)


# restore


def _restore(result: RestoreResult) -> Iterator[str]:
    if result.at is not None:
        yield line("As it was at {} ({}):", result.at, result.to)
    yield from (line("{}", text) for text in fleet.chosen(result.where))
    if not result.dids:
        yield line("{}", fleet.nothing_moved(result))
    if result.groups:
        yield line("{}", fleet.counts(result))
        for part in fleet.parts(result):
            yield line("• {}", part.title)
            yield from (line("   {}", text) for text in part.content)
            yield from (line("   {}: {}", *command) for command in part.commands)
    for restored in result.dids if result.with_cards else ():
        yield from _card(restored)
        yield ""
    yield from (put(text) for text in fleet.left_out(result))
    yield advice.READ_ONLY


def _card(restored: RestoreCard) -> Iterator[str]:
    name = _name(restored.name, restored.number)
    current, target = restored.current, restored.target
    if current is None:
        if restored.error is not None:
            yield line("{}: {}", name, restored.error.message)
        return
    if restored.already_there:
        yield line("{}: already there, nothing to put back", name)
    elif restored.is_left and target is not None:
        yield from (line("{}: {}", name, text) for text in advice.lead(restored))
    elif target is not None:
        sure = advice.confidence(restored, target)
        yield line("{}: put back r{} ({})", name, target.newest.revision, sure)
    elif restored.error is not None:
        yield line("{}: NO TARGET: {}. {}", name, restored.error.message, restored.error.hint)
    word = "Now" if restored.visible else "Last seen"
    yield line(word + ": {} (r{})", current.routing, current.revision)
    if target is not None and not restored.already_there:
        word = "May be broken" if restored.is_left else "Put back"
        yield line(word + ": {} (r{})", target.newest.routing, target.newest.revision)
    for sentence in looks.about(restored):
        yield line("{}", sentence)
    for warning in advice.further_warnings(restored):
        yield line("⚠ {}", warning)
    for about in card.people(restored):
        yield put(listing(about))
    for other in card.others(restored):
        yield line("{}", other)
    if target is not None and not restored.already_there:
        yield line("{}:", advice.steps_title(restored))
        for number, step in enumerate(advice.steps(restored), 1):
            yield line("{}. {}", number, step)
        for what, command in card.commands(restored):
            yield line("{} {}", what, command)


# diff


def _diff(result: DiffResult) -> Iterator[str]:
    sides = diff_side(result.from_, result.from_at), diff_side(result.to, result.to_at)
    yield line("From {} to {}:", *sides)
    yield from (line("{}", text) for text in fleet.chosen(result.where))
    dids = {did.did: did for did in result.dids}
    for group in result.groups:
        changes = listing(group.changes)
        if len(group.dids) == 1:
            did = dids[group.dids[0]]
            yield line("• {}: {}", _name(did.did, did.number), changes)
        else:
            yield line("• {} DIDs ({}): {}", len(group.dids), some(group.dids), changes)
    for did in result.dids:
        if not did.changes:
            yield line("• {}: {}", _name(did.did, did.number), _unchanged(did))
    yield from (line("⚠ {}", remark) for remark in result.remarks)
    counts = result.counts
    numbers = ((getattr(counts, name), name) for name in _COUNTS)
    words = ", ".join(f"{count} {name}" for count, name in numbers if count)
    yield line("{} compared: {}", counts.compared, words or "nothing changed")


_COUNTS = ("changed", "unchanged", "absent", "unreadable")


def _unchanged(did: DiffedDid) -> Chat:
    if did.error is not None:
        return line("{}", did.error)
    if did.first_revision:
        return Chat("first revision, there is nothing before it")
    if did.is_known_on_both:
        return Chat("unchanged")
    return Chat("not known then" if did.to_revision else "nothing to compare")


# log


def _log(result: LogResult) -> Iterator[str]:
    for entry in result.entries:
        yield from _entry(entry)
    for row in result.snapshots or ():
        what = row.error or f"r{row.seen.revision}"
        yield line("• {} {}: {}, capture {}", row.seen.at, row.did, what, row.seen.capture)
    if not (result.entries or result.snapshots or result.error):
        yield "No revision matches."
    if result.more:
        yield "… older entries are left out: `-n N` shows more"


def _entry(entry: LogEntry) -> Iterator[str]:
    revision, capture = entry.revision, entry.revision.capture
    words = [f"restores r{entry.restores}" if word == "restores" else word for word in entry.state]
    state = Shown(f", {', '.join(words).replace('_', ' ')}") if words else BLANK
    name = _name(revision.did, revision.number)
    yield line("• {} {} r{}{}", revision.first_seen_at, name, revision.revision, state)
    yield line("   {}", listing(entry.changes) if entry.changes else revision.routing)
    people = Sentence("people", "   by {}", (capture.recorded_by,))
    yield put(
        people.extended(
            (", changed by {}", capture.changed_by),
            (", ticket {}", capture.ticket),
            (", tags {}", ", ".join(entry.tags)),
            (", seen {}", times(revision.snapshots)),
        )
    )
    for about in (*entry.notes, *facts(entry)):
        yield line("   {}", about)


def _status(result: StatusResult) -> Iterator[str]:
    for title, content in status.sections(result):
        yield line("{}:", title)
        yield from (line("• {}", sentence) for sentence in content)


_MESSAGES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "restore": _restore,
    "diff": _diff,
    "log": _log,
    "status": _status,
}
