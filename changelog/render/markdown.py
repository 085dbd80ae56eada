"""Results as Markdown, to paste into a ticket: tables that nothing stored can break out of.

As on a screen, user info and query of a URL are masked and invisible characters escaped. Beyond
that, no stored character has a meaning in Markdown or HTML, and no stored name or address becomes
a link or calls anybody: what would is set as code.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from changelog.model.diff import Change
from changelog.model.text.sanitize import escape, masked_urls
from changelog.model.text.times import format_utc
from changelog.render.card import READ_ONLY, asides
from changelog.render.style import NOTHING, change_text, shown_pair, value_text
from changelog.render.tables import Table, groups, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from changelog.model.history import Note
    from changelog.model.results.base import Result
    from changelog.model.results.diff import DiffResult
    from changelog.model.results.history import ListResult, LogResult
    from changelog.model.results.restore import RestoredDid, RestoreResult
    from changelog.render.tables import Row

MOST_ROWS = 100
"""Rows of a diff's table: nobody reads more of them in a ticket, and CSV has them all."""

_IN_A_URL = r"A-Za-z0-9._~:/?#@!$%&'()*+,;=\u00a1-\U0010ffff-"
"""Letters of every script: an address may have them, and some readers of Markdown know that."""
_RUNS = re.compile(f"[{_IN_A_URL}]+|[^{_IN_A_URL}]+")
_LINKED = re.compile(r"//|@|www\.|\.[^\W\d_]{2}", re.IGNORECASE)
"""What some reader of Markdown takes for an address: a bare ``example.com`` too."""
_COMMAND = re.compile(f"[ {_IN_A_URL}]+")
_ORDINARY = re.compile(r"[A-Za-z0-9 +.,:;()/'-]*")
# A pipe ends a cell and a backtick begins code even where some readers of Markdown do not know that
# a backslash may stand before them; a reference is text for all of them.
_REFERENCES = {ord(one): f"&#{ord(one)};" for one in "|`[]"}
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", **{one: f"\\{one}" for one in "\\*~$"}}
)
_CHARACTERS = {**_REFERENCES, **_ESCAPES}
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BLOCK = re.compile(r"\A(?P<digits>\d*)(?P<mark>[.)]|[-+=#](?=[-+=#\s]|$))")


def document(command: str, result: Result) -> str:
    """The whole answer of `command`: paragraphs, tables and lists."""
    return "\n\n".join(_PAGES[command](result))


def escaped(text: str) -> str:
    """`text` as Markdown that shows just that."""
    if _ORDINARY.fullmatch(text) and not _LINKED.search(text):
        return text
    return "".join(_code_or_text(run) for run in _RUNS.findall(text))


def _code_or_text(run: str) -> str:
    # Only code keeps an address from becoming a link and an @name from calling somebody.
    return (
        f"`{run}`" if _LINKED.search(run) else _UNDERSCORE.sub(r"\\_", run.translate(_CHARACTERS))
    )


def _line(text: str) -> str:
    """`text` where a block might begin: as a paragraph or an item, never as more."""
    return _BLOCK.sub(r"\g<digits>\\\g<mark>", escaped(text.strip()))


# Tables


def markdown_table(content: Table) -> str:
    """Columns in which nothing stands are left out, but for the other side of one that is shown."""
    filled = {
        name
        for index, name in enumerate(content.columns)
        if any(row[index] not in (None, "", ()) for row in content.rows)
    }
    if content.sides is not None and not filled.isdisjoint(content.sides):
        filled.update(content.sides)
    shown = content.without(*(name for name in content.columns if name not in filled))
    lines = [_row(shown.columns), _row(["---"] * len(shown.columns))]
    lines += [_row(_cells(shown, row)) for row in shown.rows]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(content: Table, row: Row) -> Iterator[str]:
    values = dict(zip(content.columns, row, strict=True))
    pair = _pair(content, values)
    for name, value in values.items():
        yield pair[name] if name in pair else _cell(name, value)


def _pair(content: Table, values: Mapping[str, Any]) -> Mapping[str, str]:
    """Before and after are masked together: a difference in what is hidden is still told."""
    if content.sides is None or content.sides[0] not in values:
        return {}
    before, after = content.sides
    shown = shown_pair(values[before], values[after], values.get("field", "destination"))
    return dict(zip(content.sides, map(_text, shown), strict=True))


def _cell(name: str, value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case datetime():
            return format_utc(value)
        case tuple():
            return _text("; ".join(map(_part, value)))
        case str() if name == "verify":
            return _command(escape(value))
    return _text(value_text(value, "destination" if name.endswith("destination") else name))


def _part(value: Change | Note) -> str:
    if isinstance(value, Change):
        return change_text(value)
    said = f'"{masked_urls(value.text)}" ({value.by}, {format_utc(value.at)})'
    return escape(said)


def _text(text: str) -> str:
    return escaped(text.strip()) or NOTHING


def _command(command: str) -> str:
    """To copy as it stands, wherever nothing in it could end the code."""
    return f"`{command}`" if _COMMAND.fullmatch(command) else _text(command)


# Pages


def _fleet(result: ListResult) -> Iterator[str]:
    if result.at is not None:
        yield f"At {format_utc(result.at)}:"
    yield markdown_table(table("list", result)) if result.dids else "No DID matches."


def _log(result: LogResult) -> Iterator[str]:
    if result.error is not None:
        return
    content = table("log", result)
    if result.since is not None or result.until is not None:
        yield _period(result, content)
    yield markdown_table(content) if content.rows else "No revision matches."
    if result.more:
        yield "Older ones are left out: `-n N` shows more."


def _period(result: LogResult, content: Table) -> str:
    """What a report is about, for whoever reads it in a ticket a year later."""
    ends = (("From", result.since), ("until", result.until))
    period = " ".join(f"{word} {format_utc(at)}" for word, at in ends if at is not None)
    what = "revisions" if result.snapshots is None else "snapshots"
    dids = {row[content.columns.index("did")] for row in content.rows}
    return f"{period[0].upper()}{period[1:]}: {what} {len(content.rows)}, DIDs {len(dids)}."


def _diff(result: DiffResult) -> Iterator[str]:
    yield _summary(result)
    content = table("diff", result)
    few = len(content.rows) <= MOST_ROWS
    if not few or any(len(group.dids) > 1 for group in result.groups):
        yield from _capped(groups(result.groups[:MOST_ROWS]), len(result.groups), "groups")
    if not few:
        yield f"{len(content.rows)} rows, one a DID and field: `--format csv` has them all."
        content = content._replace(rows=[row for row in content.rows if _is_notable(content, row)])
    yield from _capped(content, len(content.rows), "rows")


def _summary(result: DiffResult) -> str:
    sides = [
        _line(escape(selector)) + (f" ({format_utc(at)})" if at else "")
        for selector, at in ((result.from_, result.from_at), (result.to, result.to_at))
    ]
    counts = result.counts
    said = [f"{getattr(counts, name)} {name}" for name in ("changed", "unchanged")]
    few = ("absent", "unreadable")
    said += [f"{getattr(counts, name)} {name}" for name in few if getattr(counts, name)]
    return f"From {sides[0]} to {sides[1]}: {counts.compared} compared, {', '.join(said)}."


def _is_notable(content: Table, row: Row) -> bool:
    """What no group says: nothing was compared, or a capture had not read it."""
    values = dict(zip(content.columns, row, strict=True))
    return values["outcome"] != "changed" or bool(values["not_read"])


def _capped(content: Table, in_all: int, what: str) -> Iterator[str]:
    if content.rows:
        yield markdown_table(content._replace(rows=content.rows[:MOST_ROWS]))
    if in_all > MOST_ROWS:
        yield f"… {in_all - MOST_ROWS} more {what}"


def _restore(result: RestoreResult) -> Iterator[str]:
    yield READ_ONLY
    if result.at is not None:
        yield f"As it was at {format_utc(result.at)} ({_line(escape(result.to or ''))})."
    if not result.dids:
        yield "Every DID has the routing that it had then: nothing to put back."
        return
    # Beneath the table each has a line of its own.
    yield markdown_table(table("restore", result).without("warnings", "error_message"))
    if said := [f"- {_line(masked_urls(escape(line)))}" for line in asides(result)]:
        yield "\n".join(said)
    if len(result.dids) == 1:
        yield from _steps(result.dids[0])


def _steps(one: RestoredDid) -> Iterator[str]:
    if one.already_there:
        yield "Already there: nothing to put back."
    elif one.steps:
        yield "To put it back:"
        yield "\n".join(f"{number}. {_line(step)}" for number, step in enumerate(one.steps, 1))
        yield f"Prove it: {_command(escape(one.verify or NOTHING))}"


_PAGES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "list": _fleet,
    "log": _log,
    "diff": _diff,
    "restore": _restore,
}
