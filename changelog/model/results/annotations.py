"""What ``note``, ``mark`` and ``tag`` answer: what they hit."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from changelog.model.results.base import Result
from changelog.model.state import LogEntry

_HIT = "entry.revision.did entry.revision.number entry.revision.revision"
_STANDING = "*entry.revision.routing entry.state entry.restores"


@dataclass(frozen=True, kw_only=True)
class NoteResult(Result):
    MEMBERS: ClassVar[tuple[str, ...]] = (_HIT, _STANDING, "at by text")

    entry: LogEntry
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MarkResult(Result):
    """`entry`: as it stands after the verdict."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        _HIT,
        "routing=entry.revision.routing_number",
        _STANDING,
        "verdict reason at by",
    )

    entry: LogEntry
    verdict: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagResult(Result):
    """`capture`: the capture that the tag names, None for a moment."""

    tag: str
    at: datetime
    capture: int | None
    by: str
