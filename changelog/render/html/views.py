"""What a template needs of a result: sentences, rows and commands, not yet HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from changelog.render import freshness
from changelog.render.restore import card, card_warnings, steps
from changelog.render.restore import fleet as fleet_parts
from changelog.render.style import Sentence, Value, line, say
from changelog.render.tables import Table, fleet_to_read, groups, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from changelog.model.history import Revision
    from changelog.model.results.diff import DiffResult
    from changelog.model.results.history import LogResult
    from changelog.model.results.restore import RestoreCard, RestoreResult
    from changelog.model.routing import Routing
    from changelog.render.style import Shown

MOST_CARDS = 20
"""Cards of one file; more DIDs are a table."""
MOST_ROWS = 500
"""Rows of a table of changes: CSV has them all."""


class SideRow(NamedTuple):
    """A field on both sides; `after` is None where there is nothing to put back."""

    field: str
    before: Shown
    after: Shown | None
    differs: bool


def card_view(restored: RestoreCard, longest: int | None = None) -> dict[str, Any]:
    """Return the `view` of ``card.html``; None for a DID that the log does not know.

    `longest`: characters of a note, None for all. `request`: what to ask somebody for who has a
    shell and an account.
    """
    heads, *rows = steps.sides(restored)
    target = restored.target
    ends = (restored.current, *([target.newest] if target else []))
    names = {
        end.routing.application_id: end.application_name
        for end in ends
        if end.routing.application_id and end.application_name
    }
    recent = zip(card.recent(restored), restored.recent, strict=True)
    return {
        "card": restored,
        "lead": list(card_warnings.lead(restored)),
        "heads": heads[1:],
        "rows": [_side_row(row) for row in rows],
        "since": list(card.since_when(restored)),
        "source": card.source(restored),
        "confidence": steps.confidence(restored, target) if target else None,
        "warnings": list(card_warnings.further_warnings(restored)),
        "steps_title": steps.steps_title(restored),
        "steps": list(steps.steps(restored, names)),
        "commands": steps.to_paste(restored),
        "recent": [(row[0], _routing(record.newest), *row[2:]) for row, record in recent],
        "people": list(card.people(restored, longest)),
        "others": list(card.others(restored)),
        "request": _request(restored),
        "already_there": steps.already_there(restored),
    }


def _side_row(row: Sequence[Shown]) -> SideRow:
    field, before, *after = row
    differs = bool(after) and after[0] != before
    return SideRow(field, before, after[0] if after else None, differs)


def _routing(revision: Revision) -> Sentence | Routing:
    """Return the routing, with what people call its application behind it."""
    if revision.application_name is None:
        return revision.routing
    return say("{} ({})", revision.routing, Value("", revision.application_name))


def _request(restored: RestoreCard) -> Sentence | None:
    """Return number, from, to and since when, as one text to send."""
    target = restored.target
    if target is None or restored.already_there or restored.since is None:
        return None
    if restored.history.retired:
        return None
    named = (restored.number or restored.name, restored.name)
    to = (_routing(target.newest), target.newest.revision)
    if not restored.visible:
        text = "Please look at {} ({}): the API does not show it. It was seen last at {}, and went"
        return say(f"{text} to {{}} (r{{}}).", *named, restored.as_of, *to)
    now = _routing(restored.current)
    values = (*named, restored.as_of, now, restored.since.not_after, *to)
    went = "{} ({}): at {} it went to {}, since {}, and before to {} (r{})."
    if restored.is_left:
        return say(f"Please look at {went} That may be the broken route.", *values)
    return say(f"Please put back {went}", *values)


def restore(result: RestoreResult) -> dict[str, Any]:
    """Return the variables of ``restore.html``."""
    few = result.with_cards and len(result.dids) <= MOST_CARDS
    content = table("restore", result).without("warnings", "error_message")
    return {
        "result": result,
        "cards": list(map(card_view, result.cards)) if few else [],
        "unknown": result.unknown if few else (),
        "table": None if few or not result.dids else _most(content.without_empty()),
        "left_out": list(fleet_parts.left_out(result)),
        # The groups say what the asides say of each DID.
        "asides": [] if few or result.groups else list(fleet_parts.asides(result)),
        "counts": fleet_parts.counts(result) if result.groups else None,
        "groups": list(fleet_parts.groups(result)),
        "how_to_see": fleet_parts.how_to_see(result)
        if result.groups and not result.with_cards
        else None,
        "read_only": card_warnings.READ_ONLY,
        "nothing_moved": fleet_parts.nothing_moved(result),
    }


def log(result: LogResult) -> dict[str, Any]:
    """Return the variables of ``log.html``; snapshots are a table, revisions are entries."""
    snapshots = result.snapshots is not None
    return {
        "result": result,
        "table": _most(table("log", result).without_empty()) if snapshots else None,
    }


def fleet(result: Any) -> dict[str, Any]:
    """Return the variables of ``list.html``."""
    return {
        "result": result,
        "table": fleet_to_read(result),
        "as_of": list(freshness.as_of(result.looks)),
        "of_then": list(freshness.of_fleet_then(result)),
    }


def diff(
    result: DiffResult, most: int = MOST_ROWS, names: Mapping[str, str] = steps.NO_NAMES
) -> dict[str, Any]:
    """Return the variables of ``diff.html``: kinds of change first, then each DID.

    `most`: rows of each table. `names`: of applications, by id.
    """
    shared = [group for group in result.groups if len(group.dids) > 1]
    content = _with_names(table("diff", result), names)
    kinds = _with_names(groups(result.groups), names)
    return {
        "result": result,
        "as_of": list(freshness.as_of(result.looks)),
        "groups": _most(kinds, most) if shared else None,
        "table": _most(content.without_empty(), most) if content.rows else None,
    }


def _with_names(content: Table, names: Mapping[str, str]) -> Table:
    """Put what people call an application behind each id of one that changed."""
    field, *sides = (content.columns.index(name) for name in ("field", "before", "after"))

    def named(row: tuple[Any, ...]) -> tuple[Any, ...]:
        cells = list(row)
        for side in sides:
            name = names.get(cells[side].value) if isinstance(cells[side].value, str) else None
            if name is not None:
                cells[side] = line("{} ({})", cells[side], Value("", name))
        return tuple(cells)

    rows = [named(row) if row[field] == "application_id" else row for row in content.rows]
    return Table(content.columns, rows)


class Capped(NamedTuple):
    """The first rows of a table, and how many more it has."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    more: int


def _most(content: Table, most: int = MOST_ROWS) -> Capped:
    rows = content.rows[:most]
    return Capped(content.columns, rows, len(content.rows) - len(rows))
