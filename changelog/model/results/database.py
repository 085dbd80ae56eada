"""What ``db`` answers."""

from dataclasses import dataclass

from changelog.model.results.base import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult(Result):
    """`version` is None for a database without a log; `before` only after an upgrade.

    `backup` is the copy of the log as it was before the upgrade; in a dry run, which changes
    nothing, the one that would be made, `backup_size` its bytes and `room` those that are free.
    """

    database: str
    version: str | None = None
    head: str | None = None
    before: str | None = None
    upgraded: bool = False
    dry_run: bool = False
    backup: str | None = None
    backup_size: int | None = None
    room: int | None = None
