"""Results as Markdown, to paste into a ticket: tables that nothing stored can break out of.

As on a screen, user info and query of a URL are masked and invisible characters escaped. Beyond
that, no stored character has a meaning in Markdown or HTML, and no stored name or address becomes
a link or calls anybody: what would is set as code.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from changelog.model.text.sanitize import Command
from changelog.render import freshness
from changelog.render.restore import card, fleet
from changelog.render.style import NOTHING, Sentence, Value, Words, diff_side, show
from changelog.render.tables import Table, counted, fleet_to_read, groups, table
from changelog.render.text import Part, Sides, without_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from changelog.model.results.base import Result
    from changelog.model.results.diff import DiffResult
    from changelog.model.results.history import ListResult, LogResult
    from changelog.model.results.restore import RestoreResult
    from changelog.render.tables import Row
    from changelog.render.text import PartKind

MOST_CARDS = 10
"""Of more DIDs that were named, a table is all that anybody reads in a ticket."""
MOST_ROWS = 100
"""Rows of a diff's table: nobody reads more of them in a ticket, and CSV has them all."""

_IN_A_URL = r"A-Za-z0-9._~:/?#@!$%&'()*+,;=\u00a1-\U0010ffff-"
"""Letters of every script: an address may have them, and some readers of Markdown know that."""
_RUNS = re.compile(f"[{_IN_A_URL}]+|[^{_IN_A_URL}]+")
_LINKED = re.compile(r"//|@|www\.|\.[^\W\d_]{2}", re.IGNORECASE)
"""What some reader of Markdown takes for an address: a bare ``example.com`` too."""
_COMMAND = re.compile(rf"[ \\{_IN_A_URL}]+(?: > [a-z0-9.-]+)?")
_ORDINARY = re.compile(r"[A-Za-z0-9 +.,:;()/'-]*")
# A pipe ends a cell and a backtick begins code even where some readers of Markdown do not know that
# a backslash may stand before them; a reference is text for all of them.
_REFERENCES = {ord(character): f"&#{ord(character)};" for character in "|`[]"}
_BACKSLASHED = {ord(character): f"\\{character}" for character in "\\*~$"}
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_CHARACTERS = {**_REFERENCES, **_BACKSLASHED, **_ENTITIES}
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BLOCK = re.compile(r"\A(?P<digits>\d*)(?P<mark>[.)]|[-+=#](?=[-+=#\s]|$))")


def document(command: str, result: Result) -> Markdown:
    """Write the whole answer of `command`: paragraphs, tables and lists."""
    mirror = map(put, freshness.of_mirror(result))
    return Markdown("\n\n".join([*mirror, *_PAGES[command](result)]))


class Markdown(str):
    """Text of a page: what is put into a line is not escaped again."""

    __slots__ = ()


def put(value: object) -> Markdown:
    """Put `value` so that Markdown shows just that; what can be copied as it stands is code."""
    match value:
        case Markdown():
            return value
        case Command() if _COMMAND.fullmatch(show(value)):
            return Markdown(f"`{show(value)}`")
        case Sentence():
            return line(value.template, *value.values)
        case Words():
            # What goes elsewhere may hold no secret that somebody pasted.
            value = str(value)
    return Markdown(escaped(show(value).strip()))


def line(template: str, /, *values: object) -> Markdown:
    """Put each value into `template`, which has no meaning in Markdown."""
    return Markdown(template.format(*map(put, values)))


def escaped(text: str) -> str:
    """Escape `text` so that Markdown shows just that."""
    if _ORDINARY.fullmatch(text) and not _LINKED.search(text):
        return text
    return "".join(_code_or_text(run) for run in _RUNS.findall(text))


def _code_or_text(run: str) -> str:
    # Only code keeps an address from becoming a link and an @name from calling somebody.
    if not _LINKED.search(run):
        return _text(run)
    # What stands around an address in a sentence is none of it; but a bracket may be its own.
    begun = run.lstrip("('\"")
    code = begun.rstrip(".,:;!?'\"" if "(" in begun else ".,:;!?'\")")
    before, _, after = run.partition(code)
    return f"{_text(before)}`{code}`{_text(after)}" if _LINKED.search(code) else f"`{run}`"


def _text(run: str) -> str:
    return _UNDERSCORE.sub(r"\\_", run.translate(_CHARACTERS))


def item(text: Markdown) -> Markdown:
    """Put `text` where a block might begin: as a paragraph or an item, never as more."""
    return Markdown(_BLOCK.sub(r"\g<digits>\\\g<mark>", text))


# Tables


def markdown_table(content: Table) -> Markdown:
    """Make a table; leave out columns in which nothing stands."""
    shown = content.without_empty()
    rows = [shown.columns, ["---"] * len(shown.columns)]
    rows += [[_cell(cell) for cell in row] for row in shown.rows]
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


def _cell(cell: Any) -> Markdown:
    is_text = isinstance(cell, str) and not isinstance(cell, Command)
    return put(Value("", cell) if is_text else cell) or Markdown(NOTHING)


# Pages


def _fleet(result: ListResult) -> Iterator[str]:
    if result.at is not None:
        yield line("As the log had it at {}:", result.at)
    yield markdown_table(fleet_to_read(result)) if result.dids else "No DID matches."
    yield from map(put, (*freshness.as_of(result.looks), *freshness.of_fleet_then(result)))


def _log(result: LogResult) -> Iterator[str]:
    if result.error is not None:
        return
    content = table("log", result)
    if result.since is not None or result.until is not None:
        yield _period(result, content)
    yield markdown_table(content) if content.rows else "No revision matches."
    if result.more:
        yield "Older entries are left out: `-n N` shows more."
    yield from map(put, freshness.of_log(result))


def _period(result: LogResult, content: Table) -> Markdown:
    """Say what a report is about, for a reader of the ticket a year later."""
    what = "revisions" if result.snapshots is None else "snapshots"
    counts = (what, len(content.rows), len({row[0] for row in content.only("did").rows}))
    if result.since is None:
        return line("Until {}: {} {}, DIDs {}.", result.until, *counts)
    until = line(" until {}", result.until) if result.until else Markdown("")
    return line("From {}{}: {} {}, DIDs {}.", result.since, until, *counts)


def _diff(result: DiffResult) -> Iterator[str]:
    yield _summary(result)
    yield from (put(text) for text in fleet.chosen(result.where))
    yield from (line("Remark: {}.", text) for text in result.remarks)
    yield from (put(text) for text in freshness.as_of(result.looks))
    content = table("diff", result)
    is_long = len(content.rows) > MOST_ROWS
    if is_long or any(len(group.dids) > 1 for group in result.groups):
        yield from _capped(groups(result.groups), "rows of groups")
    if is_long:
        yield f"{len(content.rows)} rows, one a DID and field: `--format csv` has them all."
        content = content._replace(rows=[row for row in content.rows if _is_notable(content, row)])
    yield from _capped(content, "rows")


def _is_notable(content: Table, row: Row) -> bool:
    """Return whether no group says it: nothing was compared, or a capture had not read it."""
    values = dict(zip(content.columns, row, strict=True))
    return values["outcome"] not in ("changed", "learned", "unchanged") or bool(values["not_read"])


def _summary(result: DiffResult) -> Markdown:
    sides = [diff_side(result.from_, result.from_at), diff_side(result.to, result.to_at)]
    counts = result.counts
    return line("From {} to {}: {} compared, {}.", *sides, counts.compared, counted(counts))


def _capped(content: Table, what: str) -> Iterator[str]:
    if content.rows:
        yield markdown_table(content._replace(rows=content.rows[:MOST_ROWS]))
    if (more := len(content.rows) - MOST_ROWS) > 0:
        yield f"… {more} more {what}: `--format csv` has them all."


def _restore(result: RestoreResult) -> Iterator[str]:
    is_table = result.groups is None and (len(result.dids) > MOST_CARDS or not result.cards)
    if not is_table or not result.dids:
        yield from _laid_out(fleet.parts(result))
        if result.groups is None:
            yield from _laid_out(Part("known", text) for text in fleet.apart(result))
        return
    yield from _laid_out(card.head(result))
    # Beneath the table each has a line of its own.
    yield markdown_table(table("restore", result).without("warnings", "error_message"))
    yield from _laid_out(Part("known", aside) for aside in fleet.asides(result))


_PARAGRAPHS: Mapping[PartKind, str] = {
    "note": "{}",
    "line": "{}",
    "about": "{}",
    "headline": "### {}",
    "title": "**{}**",
    "lead": "**{}**",
    "unknown": "**{}**",
    "head": "**{}**",
}
_ITEMS: Mapping[PartKind, str] = {
    "warning": "- **Mind:** {}",
    "known": "- {}",
    "detail": "  - {}",
    "of_group": "- {}",
    "paste": "- {}",
    "step": "",
    "command": "- {}",
}
"""How a paragraph is set off, and an item of a list."""


def _laid_out(parts: Iterable[Part]) -> Iterator[str]:
    """Yield paragraphs and tables; of items one below the other a list."""
    for in_list, group in groupby(without_columns(parts), key=_list_of):
        if in_list:
            yield "\n".join(_item(*part) for part in group)
            continue
        for kind, content in group:
            if kind == "sides":
                yield from _sides(content)
            elif kind in _PARAGRAPHS:
                yield line(_PARAGRAPHS[kind], item(put(content)))


def _list_of(part: Part) -> str:
    """Name the list that a part stands in; empty for none."""
    if part.kind in ("step", "command"):
        return part.kind
    return "items" if part.kind in _ITEMS else ""


def _item(kind: PartKind, content: object) -> Markdown:
    # A step has its number before it.
    return put(content) if kind == "step" else line(_ITEMS[kind], item(put(content)))


def _sides(content: Sides) -> Iterator[str]:
    head, *rows = content.rows
    yield markdown_table(Table(("", *head[1:]), [tuple(row) for row in rows]))
    if content.sure:
        yield line("**How sure**: {}.", content.sure)


_PAGES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "list": _fleet,
    "log": _log,
    "diff": _diff,
    "restore": _restore,
}
