"""What vouches for the snapshots of an entry that ``prune`` has thinned."""

from sqlalchemy import select

from changelog.model.log_format.journal import rows_digest
from changelog.store.journal.ledger import Window
from changelog.store.journal.source import Source
from changelog.store.transaction import THINNED

NONE_LEFT = rows_digest([])
"""The digest over the snapshots of an entry that has none any more."""


def thinned_in(source: Source, window: Window) -> dict[int, bytes]:
    """By entry of the window that was thinned, the digest over the snapshots that stay."""
    return thinned_between(source, window.first, window.last)


def thinned_between(source: Source, first: int | None, last: int | None) -> dict[int, bytes]:
    """Of all entries from `first` to `last`; None: without an end. The newest prune counts."""
    query = select(THINNED.c.journal, THINNED.c.snapshots).order_by(
        THINNED.c.journal, THINNED.c.pruning
    )
    if first is not None:
        query = query.where(THINNED.c.journal >= first)
    if last is not None:
        query = query.where(THINNED.c.journal <= last)
    return {n: NONE_LEFT if kept is None else kept for n, kept in source.each(query)}
