"""What ``prune`` answers: what it removed, or would remove."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from changelog.model.results.base import Result
from changelog.model.results.check import Broken


class Removable(NamedTuple):
    """What a prune can remove. `entries`: of the journal, that lose some. `bytes`: about what that
    frees, what vouches for the rest taken off."""

    snapshots: int = 0
    entries: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult(Result):
    """`before`: only snapshots received before that moment were looked at. `removable`: counted
    first; `removed`, None where nothing was to be: with ``--dry-run`` or a no.

    `broken`: entries that the snapshots do not match; then nothing was removed. `free`: bytes in a
    SQLite file that new rows will take; the file does not shrink.
    """

    database: str
    before: datetime
    dry_run: bool
    removable: Removable
    removed: int | None
    by: str
    broken: tuple[Broken, ...] = ()
    free: int | None = None
