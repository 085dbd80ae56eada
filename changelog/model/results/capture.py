"""What ``record`` and ``import`` answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from changelog.model.diff import Change
from changelog.model.results.base import DidError, Result
from changelog.model.routing import Routing


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSummary:
    """`id` is None where nothing was stored."""

    id: int | None
    started_at: datetime
    finished_at: datetime | None
    recorded_by: str
    changed_by: str | None
    note: str | None
    ticket: str | None
    tag: str | None
    api_url: str | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounts:
    requested: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDid:
    """`late`: it was received before something newer, and begins no revision."""

    requested: str
    did: str | None
    number: str | None
    outcome: Literal["new", "changed", "unchanged", "unreadable"]
    revision: int | None
    routing: Routing = field(default_factory=lambda: Routing(None, None))
    changes: tuple[Change, ...] = ()
    late: bool = False
    error: DidError | None = None


ReceivedFrom = Literal["at", "date", "modified", "now"]
"""``--at``, the head of the saved answer, the time of its file, or nothing of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDid(RecordedDid):
    """One DID out of a saved `file`, which was received at `received_at`: how that is known says
    `received_from`. Both are None for what is no DID's body."""

    file: str
    received_at: datetime | None = None
    received_from: ReceivedFrom | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary(Result):
    """A capture as a whole. Of a large fleet, the DIDs are reported one by one as they come."""

    capture: CaptureSummary
    counts: RecordCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResult(RecordSummary):
    dids: tuple[RecordedDid, ...]
