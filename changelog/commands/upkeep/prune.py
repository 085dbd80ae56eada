"""``prune``: removes unchanged and unreadable snapshots, which no answer depends on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from changelog.model import exits
from changelog.model.results.upkeep import Broken, PruneResult, Removable
from changelog.model.text.times import to_micros

MOST_NAMED = 100


class Prunable(Protocol):
    """A log that can be thinned. `before` and `older_than` are in microseconds."""

    @property
    def place(self) -> str: ...
    def require_owner(self) -> None: ...
    def survey(self, before: int) -> tuple[Removable, list[Broken]]: ...
    def remove(self, before: int, older_than: int, author: str) -> tuple[int, list[Broken]]: ...
    def free_bytes(self) -> int | None: ...


def prune(
    log: Prunable,
    older_than: timedelta,
    now: datetime,
    by: str,
    *,
    dry_run: bool,
    agreed: Callable[[Removable], bool],
) -> PruneResult:
    """Count what may go, ask whether that is `agreed`, and remove it.

    An entry that its snapshots do not match is named, and then nothing at all is removed.
    """
    if not dry_run:
        log.require_owner()
    before = now - older_than
    removable, broken = log.survey(to_micros(before))
    result = PruneResult(
        database=log.place,
        before=before,
        dry_run=dry_run,
        removable=removable,
        removed=None,
        by=by,
        broken=tuple(broken[:MOST_NAMED]),
        conditions=(exits.BROKEN_LOG,) if broken else (),
    )
    if broken or dry_run or not removable.snapshots or not agreed(removable):
        return result if removable.snapshots or dry_run or broken else replace(result, removed=0)
    removed, broken = log.remove(to_micros(before), older_than // timedelta(microseconds=1), by)
    return replace(
        result,
        removed=removed,
        broken=tuple(broken),
        conditions=(exits.BROKEN_LOG,) if broken else (),
        free=log.free_bytes(),
    )
