"""The newest ``record`` that was interrupted, so that another can go on with it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from changelog.model.recording import Selection, Unfinished
from changelog.model.text.json_body import parse_json
from changelog.store.reading import queries
from changelog.store.reading.history import capture_info

if TYPE_CHECKING:
    from changelog.store.reading.drivers import Query


def read_unfinished(rows: Query, selection: bytes | None) -> Unfinished | None:
    """Return it, of that selection's digest or of any."""
    unfinished = rows(
        queries.UNFINISHED,
        any_selection=int(selection is None),
        selection=selection or b"",
    )
    if not unfinished:
        return None
    row = unfinished[0]
    tagged = rows(queries.TAG_OF_CAPTURE, capture=row["id"])
    info = capture_info(row, tag=tagged[0]["name"] if tagged else None)
    has_read = bool(tagged or rows(queries.HAS_READ, capture=row["id"]))
    return Unfinished(info, row["key"], _selection(rows, row["selection"]), has_read)


def _selection(rows: Query, digest: bytes) -> Selection:
    row = rows(queries.SELECTION, digest=bytes(digest))[0]
    names = parse_json(zlib.decompress(bytes(row["names"])).decode()) if row["names"] else ()
    return Selection(bool(row["every"]), tuple(names))
