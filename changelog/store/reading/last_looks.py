"""The last look at each DID that read it, and what was seen of it since."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from changelog.model.results.base import LastLook
from changelog.model.text.times import from_micros
from changelog.store.reading import values
from changelog.store.reading.drivers import PAIRS, pairs
from changelog.store.reading.queries import DESTINATION_READ, SHOWS_DESTINATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from changelog.store.reading.drivers import Query, Row

_AT_ONCE = 1_000

# An answer that came late says nothing of what can be read since.
LAST_LOOKS = f"""
    WITH wanted (did, number) AS ({PAIRS})
    SELECT w.did, s.received_us, {DESTINATION_READ},
           (SELECT u.received_us FROM snapshot_log u
            WHERE u.did = w.did AND u.received_us > s.received_us
              AND NOT (u.code = 'late' AND u.status IS NULL)
            ORDER BY u.received_us LIMIT 1) AS unreadable_us
    FROM wanted w CROSS JOIN snapshot_log s
    JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
    WHERE s.did = w.did AND s.received_us =
      (SELECT l.received_us FROM snapshot_log l WHERE l.did = w.did AND l.revision IS NOT NULL
       ORDER BY l.received_us DESC LIMIT 1)
"""
# The newest look of the current stay that shows the destination.
LAST_SHOWN = f"""
    WITH wanted (did, number) AS ({PAIRS})
    SELECT w.did,
           (SELECT s.received_us
            FROM snapshot_log s JOIN revision_log b ON b.did = s.did AND b.revision = s.revision
            WHERE s.did = w.did AND s.received_us >= c.since_us AND {SHOWS_DESTINATION}
            ORDER BY s.received_us DESC LIMIT 1) AS shown_us
    FROM wanted w CROSS JOIN current_routing c WHERE c.did = w.did
"""


def read_last_looks(rows: Query, dids: Iterable[str]) -> dict[str, LastLook]:
    """Return by DID its last look; a query for 1,000 of them, and one for those of which it did not
    show the destination."""
    looks: dict[str, LastLook] = {}
    left = iter(dids)
    while some := list(islice(left, _AT_ONCE)):
        found = {row["did"]: row for row in rows(LAST_LOOKS, pairs=pairs((d, 0) for d in some))}
        unread = [(did, 0) for did, row in found.items() if row["destination_read"] == 0]
        shown = {}
        if unread:
            shown = {row["did"]: row["shown_us"] for row in rows(LAST_SHOWN, pairs=pairs(unread))}
        # In the order asked for: on PostgreSQL the rows have none.
        looks |= {did: _look(found[did], shown.get(did)) for did in some if did in found}
    return looks


def _look(row: Row, shown_us: int | None) -> LastLook:
    return LastLook(
        from_micros(row["received_us"]),
        values.flag(row["destination_read"]),
        values.moment(shown_us),
        values.moment(row["unreadable_us"]),
    )
