"""What ``mirror`` answers."""

from dataclasses import dataclass
from datetime import datetime

from changelog.model.results.base import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorResult(Result):
    """`from_`, `to`: the heads of the copy before and after, None for an empty one.

    `as_of`: when the shared log was read.
    """

    file: str
    from_: str | None
    to: str | None
    entries: int
    as_of: datetime
