"""What ``db`` answers."""

from dataclasses import dataclass

from changelog.model.results.base import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult(Result):
    """`version` is None for a database without a log; `before` only after an upgrade."""

    database: str
    version: str | None = None
    head: str | None = None
    before: str | None = None
    upgraded: bool = False
    dry_run: bool = False
