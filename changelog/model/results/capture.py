"""What the commands that fetch answer: ``record``, ``import``, ``verify`` and ``deploy``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Self

from changelog.model import exits
from changelog.model.recording import NOT_IN_JSON, Outcome
from changelog.model.results.base import DidError, Result, exit_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from changelog.model.diff import Change, Group
    from changelog.model.history import CaptureInfo


_ROUTE = ("application_id", "route_mode")


@dataclass(frozen=True, slots=True)
class EndedCapture:
    """`id`: None where nothing was stored. `tag`: the one that names it; None if it is free."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "id info.started_at finished_at info.recorded_by info.changed_by info.note info.ticket tag"
        " info.api_url remarks",
    )

    info: CaptureInfo
    finished_at: datetime
    tag: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def id(self) -> int | None:
        return self.info.id or None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounts:
    requested: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    unreadable: int = 0
    not_read: int = 0
    """The run stopped before them: nobody asked."""
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

    capture: EndedCapture
    counts: Any

    @property
    def has_read(self) -> bool:
        counts = self.counts
        return bool(counts.requested > counts.unreadable + counts.not_read)

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

    capture: EndedCapture | None = None
    counts: RecordCounts = field(default_factory=RecordCounts)
    dids: tuple[Outcome, ...] = ()
    export: ExportRead
    head: str | None
    stored: int = 0
    present: int = 0
    rows: int = 0
    parted: Divergence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCounts:
    requested: int = 0
    match: int = 0
    mismatch: int = 0
    not_compared: int = 0
    unreadable: int = 0
    not_read: int = 0
    not_expected: int = 0
    no_expectation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySummary(CaptureResult):
    """A run as a whole; its DIDs are handed out beside it, one by one. `not_compared_whole`: those
    that match in what could be compared, and not all could. `not_read_by_tag`: those that the tag's
    capture had not read. `retired`: how many DIDs a look at all left out."""

    counts: VerifyCounts
    rounds: int
    not_compared_whole: tuple[str, ...] = ()
    not_read_by_tag: tuple[str, ...] = ()
    retired: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnd:
    """How the command of a deploy ended, in the numbers of a shell.

    `exit_code`: its own; 128 and the `signal` that killed it; 127 and 126 where it could not be
    started, `error` then says why. `interrupted`: by Ctrl-C, and it did not end with success.
    """

    exit_code: int
    signal: int | None = None
    error: str | None = None
    interrupted: bool = field(default=False, metadata=NOT_IN_JSON)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployCapture:
    """One of the two captures."""

    capture: EndedCapture
    counts: RecordCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployCounts:
    """`compared`: read before and after. The sections may share DIDs. `not_read`: not asked for
    before or after; `unreadable`: all others that were not read both times. `learned`: of those
    unchanged, which learned a destination."""

    requested: int = 0
    compared: int = 0
    changed: int = 0
    unchanged: int = 0
    expected: int = 0
    missing: int = 0
    not_compared: int = 0
    unexpected: int = 0
    unreadable: int = 0
    not_read: int = 0
    learned: int = 0

    def with_unread(self, dids: Sequence[DeployedDid]) -> DeployCounts:
        """Return the counts with these DIDs that were not read both times."""
        asked = sum(did.was_asked for did in dids)
        return replace(self, unreadable=asked, not_read=len(dids) - asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedDid:
    """One DID in one section, with the `changes` that belong there.

    `expected`: what the file says, `live`: what is so now, `differences`: where they differ, as
    expected → live. `error_before`, `error_after`: why it could not be read.
    """

    requested: str
    did: str
    number: str | None = None
    from_revision: int | None = None
    to_revision: int | None = None
    changes: tuple[Change, ...] = ()
    expected: Mapping[str, str | None] | None = None
    live: Mapping[str, Any] | None = None
    differences: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    error_before: DidError | None = None
    error_after: DidError | None = None

    @property
    def was_asked(self) -> bool:
        """Return whether one of the two captures asked for it in vain."""
        errors = (self.error_before, self.error_after)
        return any(error is not None and error.was_asked for error in errors)

    def changed(self, *, expected: bool) -> DeployedDid:
        """Return it with only the changes that the file says, or only those that it does not."""
        changes = (change for change in self.changes if self._expects(change) == expected)
        return replace(self, changes=tuple(changes))

    def _expects(self, change: Change) -> bool:
        """Return whether a change leads to what the file expects.

        A destination that was merely learned is no change of the route; one that moved with the
        application or the mode belongs to that.
        """
        if change.field == "destination" and not change.routing:
            return True
        if self.expected is None:
            return False
        if change.field == "destination" and "destination" not in self.expected:
            return any(each.field in _ROUTE and self._expects(each) for each in self.changes)
        wrong = {difference.field for difference in self.differences}
        return change.field in self.expected and change.field not in wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployResult(Result):
    """`dids`: those that changed. Without a file of expectations, four sections are None.

    `error`: why there is no (whole) capture after it. `returned`: those whose routing is as before,
    and was another one in between. `restore`, `verify` and `diff` are commands to paste.
    """

    tag: str
    before: DeployCapture | None = None
    command: CommandEnd | None = None
    after: DeployCapture | None = None
    error: DidError | None = None
    counts: DeployCounts = field(default_factory=DeployCounts)
    dids: tuple[DeployedDid, ...] = ()
    groups: tuple[Group, ...] = ()
    expected: tuple[DeployedDid, ...] | None = None
    missing: tuple[DeployedDid, ...] | None = None
    not_compared: tuple[DeployedDid, ...] | None = None
    unexpected: tuple[DeployedDid, ...] | None = None
    unreadable: tuple[DeployedDid, ...] = ()
    returned: tuple[str, ...] = ()
    restore: str | None = None
    verify: str | None = None
    diff: str | None = None

    @property
    def has_read(self) -> bool:
        # Else the command was not run.
        return self.command is not None

    @property
    def exit_code(self) -> int:
        """The command's own code if that is not 0."""
        own = self.command.exit_code if self.command else 0
        return own or exit_code(self.conditions)
