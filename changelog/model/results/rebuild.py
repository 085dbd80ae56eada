"""What ``db rebuild`` answers: what differed from the journal, and what it repaired."""

from dataclasses import dataclass

from changelog.model.results.base import Result
from changelog.model.results.check import Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult(Result):
    """`differing`: what was repaired, the first ones; `more`: that there are others.

    `rows`, `entries`, `objects`: how many rows of tables were repaired, entries of the journal were
    restored from rows, and tables, views, triggers and indexes were made again. `broken`: what does
    not hold of the log afterwards; if the journal cannot be proven, that, and nothing was changed.
    `head`: the log's afterwards.
    """

    database: str
    differing: tuple[Broken, ...] = ()
    more: bool = False
    rows: int = 0
    entries: int = 0
    objects: int = 0
    broken: tuple[Broken, ...] = ()
    head: str | None = None
    against: str | None = None
