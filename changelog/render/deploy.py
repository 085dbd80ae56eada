"""What a deploy changed, as text for a person, escaped."""

import signal
from collections.abc import Callable, Iterable, Sequence

from changelog.model.diff import Change
from changelog.model.results.deploy import (
    CommandEnd,
    DeployCapture,
    DeployedDid,
    DeployResult,
)
from changelog.model.text.sanitize import escape
from changelog.render.style import (
    Style,
    change_text,
    error_text,
    joined,
    shown_pair,
    value_text,
)

_DIDS_IN_A_GROUP = 6
_Lines = Callable[[DeployedDid], Sequence[str]]


def captured(tag: str, report: DeployCapture) -> str:
    """What one of the two captures came to."""
    counts, capture = report.counts, report.capture
    read = counts.requested - counts.unreadable
    said = joined([f"{read} read", f"{counts.unreadable} unreadable" if counts.unreadable else ""])
    name = escape(tag) if capture.tag else f"{escape(tag)} (the tag is not set)"
    return "; ".join(
        [f"{name}: capture {capture.id or '-'}, {said}", *map(escape, capture.remarks)]
    )


def command_end(ended: CommandEnd) -> str:
    """How the command ended, in words."""
    if ended.error is not None:
        return f"could not be started: {escape(ended.error)} (exit code {ended.exit_code})"
    if ended.signal is not None:
        return (
            f"was killed by signal {ended.signal} ({_signal_name(ended.signal)}):"
            f" exit code {ended.exit_code}"
        )
    return f"ended with exit code {ended.exit_code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unnamed"


def deploy(result: DeployResult, style: Style) -> str:
    lines = list[str]()
    if result.before is not None and result.command is None:
        lines.append(style.paint("the command was NOT run", "red"))
    if result.before is not None and result.command is not None and result.command.exit_code:
        lines.append(style.paint(f"the command {command_end(result.command)}", "red"))
    if result.restore is None:
        return "\n".join(lines + _unreadable(result.unreadable, style))
    if result.error is not None:
        lines.append(
            style.paint(f"what is so after it is not known: {error_text(result.error)}", "red")
        )
        if result.error.hint:
            lines.append(f"  {escape(result.error.hint)}")
    lines += _sections(result, style)
    lines += _unreadable(result.unreadable, style)
    if result.error is None or result.counts.compared:
        lines.append(_counts(result))
    return "\n".join([*lines, *_what_to_type(result, style)])


def _sections(result: DeployResult, style: Style) -> list[str]:
    if result.expected is None:
        return _grouped(result.dids, _changed(style), style)
    return [
        *_section("expected", result.expected, _expected(style), style, "green"),
        *_section("MISSING: not as the file says", result.missing or (), _missing, style, "red"),
        *_section(
            "UNEXPECTED: the file does not say so",
            result.unexpected or (),
            _changed(style),
            style,
            "red",
        ),
    ]


def _section(
    title: str, dids: Sequence[DeployedDid], lines: _Lines, style: Style, colour: str
) -> list[str]:
    if not dids:
        return []
    return [style.paint(f"{title} ({len(dids)})", colour), *_grouped(dids, lines, style)]


def _grouped(dids: Iterable[DeployedDid], lines: _Lines, style: Style) -> list[str]:
    """DIDs of which the same is to be said stand together, the most first."""
    groups: dict[tuple[str, ...], list[DeployedDid]] = {}
    for one in dids:
        groups.setdefault(tuple(lines(one)), []).append(one)
    found = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [
        line
        for said, group in found
        for line in (_title(group, style), *(f"    {each}" for each in said))
    ]


def _title(group: Sequence[DeployedDid], style: Style) -> str:
    if len(group) > 1:
        shown = ", ".join(escape(one.did) for one in group[:_DIDS_IN_A_GROUP])
        more = len(group) - _DIDS_IN_A_GROUP
        return style.paint(
            f"  {len(group)} DIDs: {shown}{f' … {more} more' if more > 0 else ''}", "bold"
        )
    (one,) = group
    revisions = [f"r{number}" for number in (one.from_revision, one.to_revision) if number]
    title = joined(
        [value_text(one.did), value_text(one.number), " → ".join(dict.fromkeys(revisions))], "  "
    )
    return style.paint(f"  {title}", "bold")


def _changed(style: Style) -> _Lines:
    return lambda one: [_change(change, style) for change in one.changes]


def _change(change: Change, style: Style) -> str:
    return style.paint(change_text(change), "yellow") if change.routing else change_text(change)


def _expected(style: Style) -> _Lines:
    def lines(one: DeployedDid) -> list[str]:
        said = [_change(change, style) for change in one.changes] or ["so already"]
        if one.error_before is not None:
            said = ["so now; what it was before could not be read"]
        return said + _not_compared(one)

    return lines


def _missing(one: DeployedDid) -> list[str]:
    said = []
    for change in one.differences:
        wanted, live = shown_pair(change.before, change.after, change.field)
        said.append(f"{escape(change.field)}: expected {wanted}, live {live}")
    return said + _not_compared(one)


def _not_compared(one: DeployedDid) -> list[str]:
    names = ", ".join(map(escape, one.not_compared))
    return [f"not compared, since the API did not say: {names}"] if names else []


def _unreadable(dids: Sequence[DeployedDid], style: Style) -> list[str]:
    if not dids:
        return []
    title = f"UNREADABLE: neither changed nor unchanged ({len(dids)})"
    return [style.paint(title, "red"), *_grouped(dids, _why, style)]


def _why(one: DeployedDid) -> list[str]:
    said = [
        f"{when}: {error_text(error)}"
        for when, error in (("before", one.error_before), ("after", one.error_after))
        if error is not None
    ]
    if one.expected is not None and one.error_after is not None:
        wanted = ", ".join(
            f"{escape(name)} {value_text(value, name)}" for name, value in one.expected.items()
        )
        said.append(f"expected: {wanted}")
    return said


def _counts(result: DeployResult) -> str:
    counts = result.counts
    said = [f"{counts.changed} changed", f"{counts.unchanged} unchanged"]
    if result.expected is not None:
        said += [
            f"{counts.expected} as expected",
            f"{counts.missing} missing",
            f"{counts.unexpected} unexpected",
        ]
    if counts.unreadable:
        said.append(f"{counts.unreadable} unreadable")
    return f"{counts.compared} of {counts.requested} compared: {', '.join(said)}"


def _what_to_type(result: DeployResult, style: Style) -> list[str]:
    rows = [
        ("to go back", result.restore),
        ("to prove it then", result.verify),
        ("to compare later", result.diff),
    ]
    return [
        f"{style.paint(f'{what}:', 'bold')} {escape(command)}" for what, command in rows if command
    ]
