"""What ``record`` and ``import`` answer."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple, Self

from changelog.model import exits
from changelog.model.recording import NOT_IN_JSON, Outcome
from changelog.model.results.base import Result


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
    learned: int = field(default=0, metadata=NOT_IN_JSON)
    """Of those changed: a destination was learned, and nothing else is different."""


ReceivedFrom = Literal["at", "date", "modified", "now"]
"""``--at``, the head of the saved answer, the time of its file, or nothing of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDid(Outcome):
    """One DID out of a saved `file`, which was received at `received_at`: how that is known says
    `received_from`. Both are None for what is no DID's body."""

    file: str
    received_at: datetime | None = None
    received_from: ReceivedFrom | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureResult(Result):
    """What a capture came to. `counts`: at least ``requested`` and ``unreadable``."""

    capture: CaptureSummary
    counts: Any

    def with_refused(self, count: int) -> Self:
        """Return it with `count` more that were named and could not be asked for."""
        if not count:
            return self
        counts = replace(
            self.counts,
            requested=self.counts.requested + count,
            unreadable=self.counts.unreadable + count,
        )
        conditions = tuple(sorted({*self.conditions, exits.UNREADABLE}))
        return replace(self, counts=counts, conditions=conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSummary(CaptureResult):
    """A capture as a whole. Of a large fleet, the DIDs are reported one by one as they come."""

    counts: RecordCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResult(RecordSummary):
    dids: tuple[Outcome, ...]


class Divergence(NamedTuple):
    """Where the log and the export part. `because`: "journal", their entries `entry` differ;
    "thinning", the export's log was thinned there and this one was not.

    `dids`, `dids_in_export`: the DIDs that either one's entry speaks of.
    """

    entry: int
    because: Literal["journal", "thinning"]
    dids: tuple[str, ...]
    dids_in_export: tuple[str, ...] = ()


class ExportRead(NamedTuple):
    head: str | None
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogImported(Result):
    """`stored`: entries stored now, with `rows` rows; `present`: those that the log had already.

    `head`: the log's afterwards. `parted`: why nothing was stored. There is no capture.
    """

    capture: CaptureSummary | None = None
    counts: RecordCounts = field(default_factory=RecordCounts)
    dids: tuple[Outcome, ...] = ()
    export: ExportRead
    head: str | None
    stored: int = 0
    present: int = 0
    rows: int = 0
    parted: Divergence | None = None
