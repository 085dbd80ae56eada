"""What ``note``, ``mark`` and ``tag`` answer: what they hit."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from changelog.model.results.base import DidError, Result
from changelog.model.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResult(Result):
    requested: str
    did: str
    number: str | None
    revision: int
    routing: Routing
    state: tuple[str, ...]
    restores: int | None
    at: datetime
    by: str
    text: str
    error: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkResult(Result):
    requested: str
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
    error: None = None


class MissedDid(NamedTuple):
    """A DID that was named and could not be annotated."""

    requested: str
    error: DidError
    did: None = None
    number: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedDids(Result):
    """Several at once: what was hit and what was missed, in the order of the names."""

    dids: tuple[NoteResult | MarkResult | MissedDid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagResult(Result):
    """`capture`: the capture that the tag names, None for a moment."""

    tag: str
    at: datetime
    capture: int | None
    by: str
