"""What ``note``, ``mark`` and ``tag`` answer: what they hit."""

from dataclasses import dataclass
from datetime import datetime

from changelog.model.results.base import Result
from changelog.model.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResult(Result):
    did: str
    number: str | None
    revision: int
    routing: Routing
    state: tuple[str, ...]
    restores: int | None
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkResult(Result):
    did: str
    number: str | None
    revision: int
    routing_number: int
    routing: Routing
    state: tuple[str, ...]
    restores: int | None
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
