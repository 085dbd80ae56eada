"""A log's table beside the rows that its journal has: what differs, by key."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from changelog.store.journal.source import Stored
from changelog.store.rows import Shape


class Difference(NamedTuple):
    """`written`: the row as the journal has it, None for one that it has not. `stored`: the table's
    row of that key, None for one that is gone. Both with their entry, bodies as digests."""

    shape: Shape
    written: Stored | None
    stored: Stored | None

    @property
    def row(self) -> Stored:
        return self.written or self.stored or ()

    @property
    def reason(self) -> str:
        if self.stored is None:
            return "it is gone"
        if self.written is None:
            return "no entry of the journal has it"
        names = (*self.shape.columns, "entry")
        pairs = zip(names, self.written, self.stored, strict=True)
        changed = [name for name, written, stored in pairs if written != stored]
        return f"its {', '.join(changed)} is not what entry {self.written[-1]} says"


def differences(
    shape: Shape, written: Iterator[Stored], stored: Iterator[Stored], unproven: Collection[int]
) -> Iterator[Difference]:
    """Yield what differs of two streams of rows, both ordered by key.

    `unproven`: entries whose rows nobody knows; what says that it is of one of them is left alone.
    """
    ours, theirs = next(written, None), next(stored, None)
    while ours is not None or theirs is not None:
        if ours == theirs:
            ours, theirs = next(written, None), next(stored, None)
            continue
        place = _compare(shape, ours, theirs)
        if place == 0:
            yield Difference(shape, ours, theirs)
        elif place < 0:
            yield Difference(shape, ours, None)
        elif theirs is not None and theirs[-1] not in unproven:
            yield Difference(shape, None, theirs)
        ours = next(written, None) if place <= 0 else ours
        theirs = next(stored, None) if place >= 0 else theirs


def _compare(shape: Shape, ours: Stored | None, theirs: Stored | None) -> int:
    """Return which of the rows comes first: below 0 ours, above 0 theirs, 0 for the same key."""
    if ours is None or theirs is None:
        return 1 if ours is None else -1
    one, other = ([_order(row[place]) for place in shape.places_of_key] for row in (ours, theirs))
    return (one > other) - (one < other)


def _order(value: Any) -> tuple[int, Any]:
    """As both databases order a key: on SQLite numbers, texts by their bytes, bytes."""
    if value is None:
        return 0, 0
    if isinstance(value, str):
        return 2, value.encode("utf-8", "surrogateescape")
    return (3, value) if isinstance(value, bytes) else (1, value)
