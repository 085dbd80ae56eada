"""What ``log``, ``show`` and ``list`` answer."""

from dataclasses import dataclass, field
from datetime import datetime

from changelog.model.answers import SnapshotSeen
from changelog.model.diff import Change
from changelog.model.history import Evidence, Note, Verdict
from changelog.model.results.base import DidError, Result
from changelog.model.results.fleet import FleetRow
from changelog.model.routing import Routing
from changelog.model.text.json_body import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One revision in the history. `restores`: the earlier one whose routing it went back to."""

    did: str
    number: str | None
    revision: int
    routing_number: int
    first_seen_at: datetime
    last_seen_at: datetime
    snapshots: int
    state: tuple[str, ...]
    restores: int | None
    changes: tuple[Change, ...]
    routing: Routing
    status: str | None
    recorded_by: str
    changed_by: str | None
    capture: int
    ticket: str | None
    tags: tuple[str, ...]
    verdict: Verdict | None
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """One fetch. `revision` is None where the answer could not be read."""

    did: str
    at: datetime
    capture: int
    revision: int | None
    error: DidError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogResult(Result):
    """`snapshots` is None unless they were asked for instead of revisions. `since`, `until`: the
    moments that the period's ends came to."""

    since: datetime | None = None
    until: datetime | None = None
    entries: tuple[LogEntry, ...] = ()
    snapshots: tuple[SnapshotRow, ...] | None = None
    more: bool = False
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowResult(Result):
    """One revision whole. With an `error` the rest is empty."""

    requested: str
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    routing_number: int | None = None
    routing: Routing = field(default_factory=lambda: Routing(None, None))
    destination_source: str | None = None
    status: str | None = None
    fields: Fields = field(default_factory=dict)
    body: str | None = None
    state: tuple[str, ...] = ()
    restores: int | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    changes: tuple[Change, ...] = ()
    capture: int | None = None
    recorded_by: str | None = None
    changed_by: str | None = None
    ticket: str | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    snapshots: int = 0
    recent_snapshots: tuple[SnapshotSeen, ...] = ()
    not_read: bool = False
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResult(Result):
    """`at` is None for now."""

    at: datetime | None
    dids: tuple[FleetRow, ...]
