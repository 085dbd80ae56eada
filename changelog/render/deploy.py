"""What a deploy changed, as text for a person, escaped."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from changelog.model.exits import INTERRUPTED
from changelog.model.text.sanitize import Command
from changelog.render.style import (
    BLANK,
    Painted,
    Shown,
    change_of,
    joined,
    line,
    say,
    show,
    some,
)
from changelog.render.text import Part, advice, as_text, difference, fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from changelog.model.results.capture import CommandEnd, DeployCapture, DeployedDid, DeployResult


def captured(tag: str, report: DeployCapture) -> Shown:
    """Say what one of the two captures came to."""
    counts, capture = report.counts, report.capture
    parts = [f"{counts.requested - counts.unreadable - counts.not_read} read"]
    parts += [f"{counts.unreadable} unreadable"] if counts.unreadable else []
    parts += [f"{counts.not_read} not read"] if counts.not_read else []
    name = show(tag) if capture.tag else line("{} (the tag is not set)", tag)
    summary = line("{}: capture {}, {}", name, capture.id, joined(parts))
    return joined([summary, *capture.remarks], "; ")


def command_end(ended: CommandEnd) -> Shown:
    """Say how the command ended."""
    code = ended.exit_code
    if ended.error is not None:
        return line("could not be started: {} (exit code {})", ended.error, code)
    if ended.signal is not None:
        known = {each.value: each.name for each in signal.Signals}
        name = known.get(ended.signal, "unnamed")
        return line("was killed by signal {} ({}): exit code {}", ended.signal, name, code)
    return line("ended with exit code {}", code)


def _parts(result: DeployResult) -> Iterator[Part]:
    if result.before is not None and result.command is None:
        why = _why_not_run(result.before, result)
        yield Part("alarm", say("The command was NOT run{}", why))
    if result.before is not None and result.command is not None and result.command.exit_code:
        yield Part("alarm", say("the command {}", command_end(result.command)))
    was_run = result.restore is not None
    if was_run and result.error is not None:
        yield Part("alarm", say("the routing after it is not known: {}", result.error))
        if result.error.hint:
            yield Part("about", advice(result.error.hint))
    if was_run:
        yield from _sections(result)
    for title, was_asked in (("UNREADABLE", True), ("NOT READ", False)):
        if dids := [did for did in result.unreadable if did.was_asked == was_asked]:
            yield Part("alarm", say(f"{title}: neither changed nor unchanged ({{}})", len(dids)))
            yield from _grouped(dids, _why)
    if was_run:
        yield from _remarks(result)
        yield from _commands(result)


def _remarks(result: DeployResult) -> Iterator[Part]:
    for when, report in (("before", result.before), ("after", result.after)):
        for remark in report.capture.remarks if report else ():
            yield Part("alarm", say(f"in the capture {when} it: {{}}", remark))
    if result.returned:
        back = "another routing in between, and back again: {}"
        yield Part("alarm", say(back, some(result.returned)))
    if result.error is None or result.counts.compared:
        yield Part("line", _counts(result))


def _commands(result: DeployResult) -> Iterator[Part]:
    commands = (
        ("to go back:", result.restore),
        ("to prove it then:", result.verify),
        ("to compare later:", result.diff),
    )
    for what, command in commands:
        if command:
            yield Part("line", say("{} {}", Painted(what, "bold"), Command(command)))


deploy = as_text(_parts)


def _why_not_run(before: DeployCapture, result: DeployResult) -> Shown:
    counts = before.counts
    if before.capture.tag:
        is_whole = counts.unreadable + counts.not_read == 0
        why = "interrupted" if is_whole else "the capture before it is not whole"
        return line(f": {why}. The tag {{}} is used: choose another", before.capture.tag)
    if counts.unreadable + counts.not_read < counts.requested:
        return BLANK
    if INTERRUPTED in result.conditions:
        return line(": interrupted before anything was read. The tag is still free: run it again")
    errors = (did.error_before for did in result.unreadable if did.error_before is not None)
    why = line(" ({})", next(errors, None)) if result.unreadable else BLANK
    return line(
        ": nothing could be read before it{}. The tag is still free: run the same line again once"
        " the API answers.",
        why,
    )


def _sections(result: DeployResult) -> Iterator[Part]:
    if result.expected is None:
        yield from _grouped(result.dids, _changed)
        return
    sections = (
        ("expected", "green", result.expected, _expected),
        ("MISSING: not as the file says", "red", result.missing, _missing),
        ("NOT COMPARED whole", "red", result.not_compared, _missing),
        ("UNEXPECTED: the file does not say so", "red", result.unexpected, _changed),
    )
    for title, colour, dids, content in sections:
        if dids:
            yield Part("line", Painted(say("{} ({})", title, len(dids)), colour))
            yield from _grouped(dids, content)


def _grouped(
    dids: Iterable[DeployedDid], content: Callable[[DeployedDid], Iterator[object]]
) -> Iterator[Part]:
    """Put DIDs together of which the same is to be said, the largest group first."""
    groups: dict[tuple[Shown, ...], tuple[list[object], list[DeployedDid]]] = {}
    for did in dids:
        said = list(content(did))
        groups.setdefault(tuple(map(show, said)), (said, []))[1].append(did)
    for said, group in sorted(groups.values(), key=lambda group: -len(group[1])):
        yield Part("dids", _title(group))
        yield from (Part("detail", text) for text in said)


def _title(group: Sequence[DeployedDid]) -> Shown:
    if len(group) > 1:
        return line("{} DIDs: {}", len(group), some([did.did for did in group]))
    (did,) = group
    revisions = [f"r{number}" for number in (did.from_revision, did.to_revision) if number]
    return joined([did.did, show(did.number), " → ".join(dict.fromkeys(revisions))], "  ")


def _changed(did: DeployedDid) -> Iterator[object]:
    yield from map(change_of, did.changes)


def _expected(did: DeployedDid) -> Iterator[object]:
    if did.error_before is not None:
        yield "so now; the routing before could not be read"
    else:
        yield from _changed(did) if did.changes else ("so already",)
    yield from _not_compared(did)


def _missing(did: DeployedDid) -> Iterator[object]:
    yield from map(difference, did.differences)
    yield from _not_compared(did)


def _not_compared(did: DeployedDid) -> Iterator[object]:
    if did.not_compared:
        yield say("not compared, since the API did not say: {}", joined(did.not_compared))


def _why(did: DeployedDid) -> Iterator[object]:
    for when, error in (("before", did.error_before), ("after", did.error_after)):
        if error is not None:
            yield say("{}: {}", when, error)
    if did.expected is not None and did.error_after is not None:
        yield say("expected: {}", fields(did.expected))


def _counts(result: DeployResult) -> Shown:
    counts = result.counts
    parts = [f"{counts.changed} changed", f"{counts.unchanged} unchanged"]
    parts += [f"{counts.learned} of these learned a destination"] if counts.learned else []
    if result.expected is not None:
        parts += [
            f"{counts.expected} as expected",
            f"{counts.missing} missing",
            f"{counts.unexpected} unexpected",
        ]
        parts += [f"{counts.not_compared} not compared"] if counts.not_compared else []
    parts += [f"{counts.unreadable} unreadable"] if counts.unreadable else []
    parts += [f"{counts.not_read} not read"] if counts.not_read else []
    return line("{} of {} compared: {}", counts.compared, counts.requested, joined(parts))
