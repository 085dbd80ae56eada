"""HTML: each value is escaped once, where a template puts it in; nothing stored is ever markup.

Two nets, one behind the other: `put` makes control, bidirectional and invisible characters visible,
as on a terminal, and what it returns has every character of HTML escaped.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from changelog.model.diff import Change
from changelog.model.history import Confirmation, Evidence, Note, Verdict
from changelog.model.text.sanitize import Advice, Command, truncate
from changelog.model.text.times import format_duration, format_utc, rfc3339
from changelog.render.style import (
    Sentence,
    Shown,
    Side,
    Value,
    Words,
    how_many,
    sentence_of,
    show,
    times,
    value_text,
)
from changelog.render.text import advice

if TYPE_CHECKING:
    from datetime import tzinfo

FOLDER = Path(__file__).parent / "templates"
LONGEST_NOTE = 500
"""Characters of a note where a page shows many; the page of its revision has it whole."""
_MOST_PARTS = 100


@cache
def environment(zone: tzinfo | None = None) -> Environment:
    """Return the templates, compiled once. `zone`: a time zone that stands beside UTC."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=partial(put, zone=zone),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        ago=ago,
        field=Value,
        cell=cell,
        short=short,
        times=times,
        how_many=how_many,
        words=Words,
    )
    return made


def stylesheet() -> str:
    """Return the one stylesheet of files and pages."""
    return (FOLDER / "style.css").read_text(encoding="utf-8")


def put(value: object, zone: tzinfo | None = None) -> Markup:
    """Return `value` as HTML that shows just that."""
    if hasattr(value, "__html__"):
        # HTML already: a macro's, or an address that this program made.
        return Markup.escape(value)
    match value:
        case Command():
            return Markup("<code>{}</code>").format(_text(value))
        case Advice():
            return put(advice(value), zone)
        case Words():
            # What goes elsewhere may hold no secret that somebody pasted.
            return _text(str(value))
        case Change():
            return _change(value)
        case datetime():
            return _time(value, zone)
        case Sentence() | Note() | Verdict() | Evidence() | Confirmation():
            sentence = sentence_of(value)
            return Markup.escape(sentence.template).format(
                *(put(part, zone) for part in sentence.values)
            )
        case tuple() | list() if not hasattr(value, "_fields"):
            parts = [put(part, zone) for part in value[:_MOST_PARTS]]
            more = [Markup("… {} more").format(left)] if (left := len(value) - len(parts)) else []
            return Markup("; ").join([*parts, *more]) or Markup("-")
    return _text(value)


def _text(value: object) -> Markup:
    return Markup.escape(str(show(value)))


def _change(change: Change) -> Markup:
    """Return words for a listener, strike-through and weight for the eye: never a colour alone."""
    if change.is_learned:
        learned = Markup('<span class="field">{} learned:</span> {}')
        return learned.format(show(change.field), show(Side(change, True)))
    return Markup(
        '<span class="field">{}</span> <del><span class="hidden">from </span>{}</del>'
        ' → <ins><span class="hidden">to </span>{}</ins>'
    ).format(show(change.field), show(Side(change, False)), show(Side(change, True)))


def _time(moment: datetime, zone: tzinfo | None) -> Markup:
    text = Markup('<time datetime="{}">{}</time>').format(rfc3339(moment), format_utc(moment))
    if zone is None:
        return text
    local = moment.astimezone(zone)
    same_day = local.date() == moment.date()
    spelled = local.strftime("%H:%M %Z" if same_day else "%Y-%m-%d %H:%M %Z")
    return text + Markup(' <span class="dim">({})</span>').format(spelled)


def ago(moment: datetime, now: datetime | None) -> Markup:
    """Return how long before `now` that was; nothing in a file, which is read later."""
    if now is None:
        return Markup("")
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return Markup(", {} ahead").format(format_duration(-seconds))
    return Markup(", {} ago").format(format_duration(seconds))


def short(value: object, *, on_page: bool) -> object:
    """Return what somebody wrote; of a long text the beginning, where a page shows many."""
    match value:
        case _ if not on_page:
            return value
        case Note():
            return value._replace(text=truncate(value.text, LONGEST_NOTE))
        case Verdict():
            return value._replace(reason=truncate(value.reason, LONGEST_NOTE))
        case str():
            return truncate(value, LONGEST_NOTE)
    return value


def cell(value: object) -> object:
    """Return a table's cell: of a long text the beginning."""
    if isinstance(value, str) and not isinstance(value, Shown | Command):
        return value_text(value)
    return value
