"""What ``import`` answers where the file is an export."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from changelog.model.recording import Outcome
from changelog.model.results.base import Result
from changelog.model.results.capture import CaptureSummary, RecordCounts


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
    """`head`, `entries`: the export's, as far as it was proven. `damage`: what is wrong behind
    that, where only the proven part was wanted."""

    head: str | None
    entries: int
    damage: str | None = None


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
