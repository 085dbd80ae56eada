"""The bodies of some revisions at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.model.errors import DatabaseError
from changelog.store.db_errors import is_no_text
from changelog.store.reading import page_queries
from changelog.store.reading.drivers import pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from changelog.store.reading.drivers import Query


def read_bodies(rows: Query, wanted: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], str]:
    """Return bodies by DID and revision; none where one is no text: then each is read by itself."""
    marks, given = pairs(wanted)
    try:
        read = rows(page_queries.BODIES.replace(":pairs", marks), **given)
    except DatabaseError as error:
        if not is_no_text(error.__cause__):
            raise
        return {}
    return {(row["did"], row["revision"]): row["body"] for row in read}
