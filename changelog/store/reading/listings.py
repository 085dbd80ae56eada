"""Tags and alerts, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.model.history import Tag
from changelog.model.results.annotations import TagsResult
from changelog.model.results.watch import AlertShown, AlertsResult
from changelog.model.text.times import from_micros, parse_full_moment

if TYPE_CHECKING:
    from changelog.store.reading.drivers import Query

_SHOWN = 100
TAGS = "SELECT name, at_us, author, capture FROM tag_log ORDER BY at_us DESC, name LIMIT :limit"
ALERTS = """
    SELECT id, at, watch, kind, what, did, number, revision, count, code, capture FROM alert_log
    WHERE id < coalesce(:before, 9223372036854775807) ORDER BY id DESC LIMIT :limit
"""


def read_tags(rows: Query) -> TagsResult:
    """Return the newest tags."""
    found = [
        Tag(row["name"], from_micros(row["at_us"]), row["author"], row["capture"])
        for row in rows(TAGS, limit=_SHOWN + 1)
    ]
    return TagsResult(tags=tuple(found[:_SHOWN]), more=len(found) > _SHOWN)


def read_alerts(rows: Query, before: int | None) -> AlertsResult:
    """Return the newest alerts whose id is lower than `before`."""
    # The view spells times for people.
    found = [
        AlertShown(**{**row, "at": parse_full_moment(row["at"])})
        for row in map(dict, rows(ALERTS, before=before, limit=_SHOWN + 1))
    ]
    return AlertsResult(alerts=tuple(found[:_SHOWN]), more=len(found) > _SHOWN)
