"""``db rebuild``: makes the tables again what the journal says."""

from collections.abc import Sequence
from typing import Protocol

from changelog.model import exits
from changelog.model.head import Head
from changelog.model.results.upkeep import Broken, RebuildResult

MOST_NAMED = 100


class Rebuilt(Protocol):
    """What a rebuild came to: see `RebuildResult`."""

    @property
    def differing(self) -> Sequence[Broken]: ...
    @property
    def left(self) -> Sequence[Broken]: ...
    @property
    def rows(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def objects(self) -> int: ...
    @property
    def head(self) -> Head | None: ...


class Rebuildable(Protocol):
    """A log whose tables can be made again."""

    @property
    def place(self) -> str: ...
    def run(self, against: Head | None, author: str) -> Rebuilt: ...


def rebuild(log: Rebuildable, against: Head | None, by: str) -> RebuildResult:
    """Prove the journal, with the state that `against` stands for, and repair what differs."""
    rebuilt = log.run(against, by)
    return RebuildResult(
        database=log.place,
        differing=tuple(rebuilt.differing[:MOST_NAMED]),
        more=len(rebuilt.differing) > MOST_NAMED,
        rows=rebuilt.rows,
        entries=rebuilt.entries,
        objects=rebuilt.objects,
        broken=tuple(rebuilt.left[:MOST_NAMED]),
        head=None if rebuilt.head is None else str(rebuilt.head),
        against=None if against is None else str(against),
        conditions=(exits.BROKEN_LOG,) if rebuilt.left else (),
    )
