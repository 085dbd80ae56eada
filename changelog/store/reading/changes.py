"""The latest changes of all DIDs, grouped by the capture that found them.

And what a single one falls into: that capture, and the deploy that was under way.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from changelog.model.errors import UsageError
from changelog.model.results.pages import CaptureChanges, ChangeCount, ChangesPage
from changelog.model.results.watch import ChangeContext
from changelog.model.selectors import AFTER, BEFORE
from changelog.model.text.times import from_micros, to_micros
from changelog.store.reading import page_queries
from changelog.store.reading.drivers import names
from changelog.store.reading.status import capture_summary, recent_note, revision_states

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from changelog.model.diff import Change
    from changelog.store.reading.drivers import Query, Row

_END_OF_TIME = 9_223_372_036_854_775_807
_MOMENTS = range(
    to_micros(datetime.min.replace(tzinfo=UTC)), to_micros(datetime.max.replace(tzinfo=UTC))
)
_NAMED = 10
"""Kinds of change of a capture whose applications are named."""
_CURSOR = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})*", re.ASCII)

_LONGEST = timedelta(days=1)
"""A deploy without an end that began longer ago was given up."""

# Deploys that had begun, that read the DID before, and that had not ended. The newest first.
_DEPLOYS = """
    SELECT t.name, c.note, c.ticket
    FROM tag_log t JOIN capture_log c ON c.id = t.capture
    LEFT JOIN tag_log u
      ON u.name = substr(t.name, 1, length(t.name) - length(:before)) || :after
    LEFT JOIN capture_log e ON e.id = u.capture
    WHERE t.name LIKE '%' || :before AND c.started_us <= :at AND c.started_us >= :earliest
      AND (e.finished_us IS NULL OR e.finished_us >= :at)
      AND EXISTS (SELECT 1 FROM capture_reading r WHERE r.capture = c.id AND r.did = :did)
    ORDER BY c.started_us DESC LIMIT 1
"""


class _Cursor(NamedTuple):
    """From when on, backwards, in microseconds; and which captures stand on an earlier page and
    had begun by then, so that more of theirs may follow."""

    until: int = _END_OF_TIME
    shown: frozenset[int] = frozenset()

    @classmethod
    def parsed(cls, text: str) -> _Cursor:
        until, *shown = map(int, text.split(".")) if _CURSOR.fullmatch(text) else (_END_OF_TIME,)
        if until not in _MOMENTS:
            raise UsageError(f"{text!r} is no place in the changes", "Leave out: before.")
        return cls(until, frozenset(shown))

    def __str__(self) -> str:
        return ".".join(map(str, (self.until, *sorted(self.shown))))


_CAPTURE = """
    SELECT id, command, started_us, recorded_by, changed_by, note, ticket, api_url
    FROM capture_log WHERE id = :capture
"""


def cursor_moment(before: str) -> datetime:
    """Return from when on, backwards, the page at `before` goes on. Raises UsageError."""
    return from_micros(_Cursor.parsed(before).until)


def read_changes(
    rows: Query, before: str | None, limit: int, most: int, *, with_next: bool
) -> ChangesPage:
    """Return a page of captures: see ``Pages.changes``."""
    cursor = _Cursor() if before is None else _Cursor.parsed(before)
    read = rows(page_queries.CHANGES, until=cursor.until, most=most)
    ways: dict[int, list[Row]] = defaultdict(list)
    for row in read:
        if row["capture"] not in cursor.shown:
            ways[row["capture"]].append(row)
    # A capture that had begun by the lowest moment may have begun revisions before that.
    is_cut = sum(row["count"] for row in read) == most
    lowest = min((row["first_us"] for row in read), default=0)
    order = sorted(ways, key=lambda capture: -_last(ways[capture]))
    captures = _captures(rows, cursor.shown.union(order))
    infos = {capture: noted[0] for capture, noted in captures.items()}
    page: list[CaptureChanges] = []
    for capture in order[:limit]:
        is_whole = not is_cut or not _may_go_on(infos[capture], lowest)
        # What was counted in part stands on a page of its own: on the next one it may be whole.
        if page and not is_whole:
            break
        page.append(_summed(captures[capture], ways[capture], is_whole=is_whole))
        if not is_whole:
            break
    until = lowest if is_cut else None
    if len(page) < len(order):
        until = _last(ways[order[len(page)]])
    behind = cursor.shown.union(order[: len(page)])
    shown = {capture: info for capture, info in infos.items() if capture in behind}
    following = None if until is None or not with_next else _next(rows, until, shown)
    listed = (change for each in page for group in each.groups[:_NAMED] for change in group.changes)
    return ChangesPage(tuple(page), following, application_names(rows, listed))


def application_names(rows: Query, changes: Iterable[Change]) -> dict[str, str]:
    """Return by id what people call the applications in `changes`; some have no name."""
    applications = {
        application
        for change in changes
        if change.field == "application_id"
        for application in (change.before, change.after)
        if application and isinstance(application, str)
    }
    if not applications:
        return {}
    marks, given = names(applications)
    read = rows(page_queries.APPLICATION_NAMES.replace(":names", marks), **given)
    return {row["application_id"]: row["name"] for row in read if row["name"]}


def _last(ways: Sequence[Row]) -> int:
    return max(int(row["last_us"]) for row in ways)


def _captures(rows: Query, captures: Collection[int]) -> dict[int, list[Row]]:
    """Return by number what is known of each capture: a row, or one for each later note."""
    # Numbers of the log's own: they can stand in the text.
    query = page_queries.CAPTURES.replace(":ids", ", ".join(map(str, captures)))
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows(query) if captures else ():
        found[row["id"]].append(row)
    return found


def _may_go_on(info: Row, before: int) -> bool:
    """Return whether the capture may have begun a revision before that moment: an import of saved
    answers began them when they were saved."""
    return bool(info["started_us"] <= before or info["command"] == "import")


def _next(rows: Query, until: int, shown: Mapping[int, Row]) -> str | None:
    ids = ", ".join(map(str, sorted(shown)))
    following = rows(page_queries.NEXT_CHANGE.replace(":ids", ids), until=until)
    if not following:
        return None
    until = following[0]["first_seen_us"]
    going_on = (capture for capture, info in shown.items() if _may_go_on(info, until))
    return str(_Cursor(until, frozenset(going_on)))


def _summed(noted: Sequence[Row], ways: Sequence[Row], *, is_whole: bool) -> CaptureChanges:
    groups: dict[tuple[Change, ...], ChangeCount] = {}
    for row in ways:
        if not row["is_new"]:
            before, after = revision_states(row)
            changes = before.changes_to(after, moved=bool(row["moved"]))
            seen = groups.get(changes, ChangeCount(changes, 0, row["did"]))
            first = min(seen.did, row["did"])
            groups[changes] = ChangeCount(changes, seen.size + row["count"], first)
    return CaptureChanges(
        capture=capture_summary(noted[0]),
        tag=noted[0]["tag"],
        new=sum(row["count"] for row in ways if row["is_new"]),
        changed=sum(row["count"] for row in ways if not row["is_new"]),
        groups=tuple(sorted(groups.values(), key=lambda group: (-group.size, group.did))),
        first_at=from_micros(min(row["first_us"] for row in ways)),
        last_at=from_micros(_last(ways)),
        is_whole=is_whole,
        notes=tuple(recent_note(row) for row in noted if row["at_us"] is not None),
    )


def read_context(rows: Query, did: str, capture: int, at: datetime) -> ChangeContext | None:
    """Return what a change of the DID falls into; None where the log knows no such capture."""
    found = rows(_CAPTURE, capture=capture)
    if not found:
        return None
    row = found[0]
    deploys = rows(
        _DEPLOYS,
        before=BEFORE,
        after=AFTER,
        at=to_micros(at),
        earliest=to_micros(at - _LONGEST),
        did=did,
    )
    deploy: Row = deploys[0] if deploys else {"name": None, "ticket": None, "note": None}
    return ChangeContext(
        command=row["command"],
        recorded_by=row["recorded_by"],
        changed_by=row["changed_by"],
        deploy=deploy["name"] and deploy["name"].removesuffix(BEFORE),
        ticket=row["ticket"] or deploy["ticket"],
        note=row["note"] or deploy["note"],
    )
