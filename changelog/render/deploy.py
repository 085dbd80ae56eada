"""What a deploy changed, as text for a person, escaped."""

import signal
from collections.abc import Callable, Iterable, Sequence

from changelog.model.results.capture import (
    CommandEnd,
    DeployCapture,
    DeployedDid,
    DeployResult,
)
from changelog.render.style import (
    BLANK,
    Command,
    Shown,
    Side,
    Style,
    Value,
    change_of,
    joined,
    line,
    lines,
    show,
    some,
)

_Lines = Callable[[DeployedDid], Sequence[Shown]]


def captured(tag: str, report: DeployCapture) -> Shown:
    """Say what one of the two captures came to."""
    counts, capture = report.counts, report.capture
    parts = [f"{counts.requested - counts.unreadable} read"]
    parts += [f"{counts.unreadable} unreadable"] if counts.unreadable else []
    name = show(tag) if capture.tag else line("{} (the tag is not set)", tag)
    summary = line("{}: capture {}, {}", name, capture.id, joined(parts))
    return joined([summary, *capture.remarks], "; ")


def command_end(ended: CommandEnd) -> Shown:
    """Say how the command ended."""
    code = ended.exit_code
    if ended.error is not None:
        return line("could not be started: {} (exit code {})", ended.error, code)
    if ended.signal is not None:
        name = _signal_name(ended.signal)
        return line("was killed by signal {} ({}): exit code {}", ended.signal, name, code)
    return line("ended with exit code {}", code)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unnamed"


def deploy(result: DeployResult, style: Style) -> Shown:
    shown = list(_command(result, style))
    if result.restore is None:
        return lines(shown + _unreadable(result.unreadable, style))
    if result.error is not None:
        text = line("the routing after it is not known: {}", result.error)
        shown.append(style.paint(text, "red"))
        if result.error.hint:
            shown.append(line("  {}", result.error.hint))
    shown += [*_sections(result, style), *_unreadable(result.unreadable, style)]
    if result.error is None or result.counts.compared:
        shown.append(_counts(result))
    return lines(shown + _what_to_type(result, style))


def _command(result: DeployResult, style: Style) -> Iterable[Shown]:
    if result.before is not None and result.command is None:
        yield style.paint(
            line("The command was NOT run{}", _why_not_run(result.before, result)), "red"
        )
    if result.before is not None and result.command is not None and result.command.exit_code:
        yield style.paint(line("the command {}", command_end(result.command)), "red")


def _why_not_run(before: DeployCapture, result: DeployResult) -> Shown:
    counts = before.counts
    if counts.unreadable < counts.requested or before.capture.tag:
        return BLANK
    errors = (did.error_before for did in result.unreadable if did.error_before is not None)
    why = line(" ({})", next(errors, None)) if result.unreadable else BLANK
    return line(
        ": nothing could be read before it{}. The tag is still free: run the same line again once"
        " the API answers.",
        why,
    )


def _sections(result: DeployResult, style: Style) -> list[Shown]:
    if result.expected is None:
        return _grouped(result.dids, _changed(style), style)
    missing, unexpected = result.missing or (), result.unexpected or ()
    return [
        *_section("expected", result.expected, _expected(style), style, "green"),
        *_section("MISSING: not as the file says", missing, _missing, style, "red"),
        *_section(
            "UNEXPECTED: the file does not say so", unexpected, _changed(style), style, "red"
        ),
    ]


def _section(
    title: str, dids: Sequence[DeployedDid], content: _Lines, style: Style, colour: str
) -> list[Shown]:
    if not dids:
        return []
    head = style.paint(line("{} ({})", title, len(dids)), colour)
    return [head, *_grouped(dids, content, style)]


def _grouped(dids: Iterable[DeployedDid], content: _Lines, style: Style) -> list[Shown]:
    """Put DIDs together of which the same is to be said, the largest group first."""
    groups: dict[tuple[Shown, ...], list[DeployedDid]] = {}
    for did in dids:
        groups.setdefault(tuple(content(did)), []).append(did)
    shown: list[Shown] = []
    for texts, group in sorted(groups.items(), key=lambda group: -len(group[1])):
        shown += [_title(group, style), *(line("    {}", text) for text in texts)]
    return shown


def _title(group: Sequence[DeployedDid], style: Style) -> Shown:
    if len(group) > 1:
        dids = some([did.did for did in group])
        return style.paint(line("  {} DIDs: {}", len(group), dids), "bold")
    (did,) = group
    revisions = [f"r{number}" for number in (did.from_revision, did.to_revision) if number]
    title = joined([did.did, show(did.number), " → ".join(dict.fromkeys(revisions))], "  ")
    return style.paint(line("  {}", title), "bold")


def _changed(style: Style) -> _Lines:
    return lambda did: [style.painted(change_of(change)) for change in did.changes]


def _expected(style: Style) -> _Lines:
    def content(did: DeployedDid) -> list[Shown]:
        shown = [style.painted(change_of(change)) for change in did.changes] or [line("so already")]
        if did.error_before is not None:
            shown = [line("so now; the routing before could not be read")]
        return shown + _not_compared(did)

    return content


def _missing(did: DeployedDid) -> list[Shown]:
    differences = [
        line("{}: expected {}, live {}", change.field, Side(change, False), Side(change, True))
        for change in did.differences
    ]
    return differences + _not_compared(did)


def _not_compared(did: DeployedDid) -> list[Shown]:
    if not did.not_compared:
        return []
    return [line("not compared, since the API did not say: {}", joined(did.not_compared))]


def _unreadable(dids: Sequence[DeployedDid], style: Style) -> list[Shown]:
    if not dids:
        return []
    title = line("UNREADABLE: neither changed nor unchanged ({})", len(dids))
    return [style.paint(title, "red"), *_grouped(dids, _why, style)]


def _why(did: DeployedDid) -> list[Shown]:
    shown = [
        line("{}: {}", when, error)
        for when, error in (("before", did.error_before), ("after", did.error_after))
        if error is not None
    ]
    if did.expected is not None and did.error_after is not None:
        values = (line("{} {}", name, Value(name, value)) for name, value in did.expected.items())
        shown.append(line("expected: {}", joined(values)))
    return shown


def _counts(result: DeployResult) -> Shown:
    counts = result.counts
    parts = [f"{counts.changed} changed", f"{counts.unchanged} unchanged"]
    if result.expected is not None:
        parts += [
            f"{counts.expected} as expected",
            f"{counts.missing} missing",
            f"{counts.unexpected} unexpected",
        ]
    if counts.unreadable:
        parts.append(f"{counts.unreadable} unreadable")
    return line("{} of {} compared: {}", counts.compared, counts.requested, joined(parts))


def _what_to_type(result: DeployResult, style: Style) -> list[Shown]:
    rows = [
        ("to go back:", result.restore),
        ("to prove it then:", result.verify),
        ("to compare later:", result.diff),
    ]
    return [
        line("{} {}", style.paint(what, "bold"), Command(command))
        for what, command in rows
        if command
    ]
