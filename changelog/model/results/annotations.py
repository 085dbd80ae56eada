"""What ``note``, ``mark``, ``tag`` and ``evidence`` answer: what they hit."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple

from changelog.model.results.base import DidError, Result
from changelog.model.results.history import LogEntry
from changelog.model.seen_then import SeenThen
from changelog.model.selectors import Tag
from changelog.model.test_calls import LinkResult

_REVISION = "entry.revision.did entry.revision.number entry.revision.revision"
_SEEN = "seen_then.not_read seen_then.unseen_since"
_STATE = "*entry.revision.routing entry.state entry.restores"


@dataclass(frozen=True, kw_only=True)
class NoteResult(Result):
    """`number_also_of`: other DIDs that have the number that was named."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "requested",
        _REVISION,
        _STATE,
        _SEEN,
        "at by text error number_also_of",
    )

    requested: str
    entry: LogEntry
    at: datetime
    by: str
    text: str
    seen_then: SeenThen = SeenThen()  # noqa: RUF009 -- a frozen value
    number_also_of: tuple[str, ...] = ()
    error: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureNoteResult(Result):
    """A note on a tag's capture, which read `dids_read` DIDs."""

    requested: str
    did: None = None
    capture: int
    dids_read: int
    at: datetime
    by: str
    text: str
    error: None = None


@dataclass(frozen=True, kw_only=True)
class MarkResult(Result):
    """`entry`: as it stands after the verdict. `seen_then`: whether it was seen at the moment that
    was named. `number_also_of`: other DIDs that have the number that was named."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "requested",
        _REVISION,
        "routing=entry.revision.routing_number",
        _STATE,
        _SEEN,
        "verdict reason at by error number_also_of",
    )

    requested: str
    entry: LogEntry
    verdict: str
    reason: str
    at: datetime
    by: str
    seen_then: SeenThen = SeenThen()  # noqa: RUF009 -- a frozen value
    number_also_of: tuple[str, ...] = ()
    error: None = None


Annotation = NoteResult | CaptureNoteResult | MarkResult


class MissedDid(NamedTuple):
    """A DID that was named and could not be annotated."""

    requested: str
    error: DidError
    did: None = None
    number: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedDids(Result):
    """Several at once: what was hit and what was missed, in the order of the names."""

    dids: tuple[Annotation | MissedDid, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagResult(Result):
    """`capture`: the capture that the tag names, None for a moment."""

    tag: str
    at: datetime
    capture: int | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCounts:
    stored: int = 0
    duplicate: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReport(Result):
    counts: EvidenceCounts
    events: tuple[LinkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsResult(Result):
    """The newest tags, newest first. `more`: older entries are left out."""

    tags: tuple[Tag, ...] = ()
    more: bool = False
