"""What ``log``, ``show`` and ``list`` answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple

from changelog.model.answers import SnapshotSeen
from changelog.model.history import Evidence, Verdict, Window
from changelog.model.results.base import DidError, Result
from changelog.model.routing import Routing
from changelog.model.state import LogEntry


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One fetch of a DID."""

    MEMBERS: ClassVar[tuple[str, ...]] = ("did seen.at seen.capture seen.revision error",)

    did: str
    seen: SnapshotSeen

    @property
    def error(self) -> DidError | None:
        """Why the answer could not be read."""
        problem = self.seen.problem
        if problem is None:
            return None
        return DidError(problem.code, problem.message, problem.status)


class LoggedDid(NamedTuple):
    """A DID that was asked for by its name, or why there is no answer for it."""

    requested: str
    did: str | None = None
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogResult(Result):
    """`snapshots` is None unless they were asked for instead of revisions. `since`, `until`: the
    moments that the period's ends came to. `looked_to`: where it is incomplete, the moment back to
    which all of it was looked at. `dids`: those named."""

    since: datetime | None = None
    until: datetime | None = None
    entries: tuple[LogEntry, ...] = ()
    snapshots: tuple[SnapshotRow, ...] | None = None
    more: bool = False
    looked_to: datetime | None = None
    dids: tuple[LoggedDid, ...] = ()
    error: DidError | None = None


@dataclass(frozen=True, kw_only=True)
class ShowResult(Result):
    """One revision whole. With an `error` there is no `entry`."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "requested entry.revision.did entry.revision.number entry.revision.revision",
        "routing=entry.revision.routing_number *entry.revision.routing",
        "entry.revision.destination_source entry.revision.status entry.revision.fields{}",
        "entry.revision.body entry.state[] entry.restores entry.revision.first_seen_at",
        "entry.revision.last_seen_at entry.changes[] capture=entry.revision.capture_number",
        "entry.revision.capture.recorded_by entry.revision.capture.changed_by",
        "entry.revision.capture.ticket entry.tags[] entry.notes[] verdicts evidence",
        "entry.revision.snapshots recent_snapshots not_read error",
    )

    requested: str
    entry: LogEntry | None = None
    recent_snapshots: tuple[SnapshotSeen, ...] = ()
    not_read: bool = False
    error: DidError | None = None

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict on the routing that the revision has."""
        if self.entry is None:
            return ()
        number = self.entry.revision.routing_number
        return tuple(
            verdict
            for verdict in self.entry.history.verdicts
            if verdict.routing_number == number and verdict.verdict in ("good", "bad")
        )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every test call on the routing that the revision has."""
        return self.entry.record.evidence if self.entry else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """Where one DID points. `routing_number`: of a DID, equal for equal routings. `since`: when its
    routing was first seen in service. `window`: between which two looks it came there, where that
    was asked for."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "did number revision *routing status since",
        "window.not_before window.not_after window.api_updated_at last_seen_at visible retired",
    )

    did: str
    number: str | None
    revision: int
    routing: Routing
    routing_number: int
    status: str | None
    since: datetime
    last_seen_at: datetime
    visible: bool = True
    retired: bool = False
    window: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResult(Result):
    """`at` is None for now. `after`: where it is incomplete, the last DID that was looked at."""

    at: datetime | None
    dids: tuple[FleetRow, ...]
    after: str | None = None
