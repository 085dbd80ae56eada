"""What each command answers: the values behind its text and its JSON.

The JSON of a result has the names below, with these exceptions: a `routing` stands as its three
fields, and `routing_number` is called ``routing``. Fields are only ever added.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from changelog.core.body import Fields
from changelog.core.differ import Change, Group
from changelog.core.history import Evidence, Note, SnapshotSeen, Verdict
from changelog.core.routing import Routing


@dataclass(frozen=True, slots=True)
class DidError:
    """Why there is no answer for one DID. `status`: the HTTP status, where there was one."""

    code: str
    message: str
    status: int | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Base of all: `conditions` decide the exit code (``core/exits.py``)."""

    conditions: tuple[str, ...] = ()


# Rows of the fleet, as the reader hands them out


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """Where one DID points. `since`: when its routing came into service."""

    did: str
    number: str | None
    revision: int
    routing: Routing
    status: str | None
    since: datetime
    last_seen_at: datetime
    visible: bool = True
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionAt:
    """The revision of one DID at a moment or in a capture, as far as it takes to compare it."""

    did: str
    number: str | None
    revision: int
    routing: Routing
    routing_number: int
    destination_source: str | None
    status: str | None
    body: str
    first_seen_at: datetime


# record, import


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResult(Result):
    capture: CaptureSummary
    counts: RecordCounts
    dids: tuple[RecordedDid, ...]


# log, show, list


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
    """`snapshots` is None unless they were asked for instead of revisions."""

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


# diff


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffCounts:
    compared: int = 0
    changed: int = 0
    unchanged: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffedDid:
    """One DID on both sides. A revision is None where the DID was not known on that side."""

    did: str
    number: str | None = None
    requested: str | None = None
    from_revision: int | None = None
    to_revision: int | None = None
    changes: tuple[Change, ...] = ()
    first_revision: bool = False
    not_read: tuple[str, ...] = ()
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffResult(Result):
    """`from_` and `to` are the selectors; `from_at`, `to_at` the moments they name, if they do."""

    from_: str
    to: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    counts: DiffCounts
    dids: tuple[DiffedDid, ...]
    groups: tuple[Group, ...]
    capture: int | None = None


# restore


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLook:
    """Whether the live route was asked, whether the answer could be stored, and what went wrong."""

    looked: bool = False
    recorded: bool = False
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentRouting:
    revision: int
    routing: Routing
    status: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    routing_since: datetime
    returns_to: int | None
    since_routing_change: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRouting:
    revision: int
    routing: Routing
    confidence: str
    verdict: Verdict | None
    status: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    snapshots: int
    recorded_by: str
    changed_by: str | None
    ticket: str | None
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedRouting:
    revision: int
    routing: Routing
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeRouting:
    """Another routing that the DID had. `revision` is None for an answer that came too late to
    begin one; `in_service_s`: seconds, over all its times in service."""

    revision: int | None
    routing: Routing
    in_service_s: float
    snapshots: int
    standing: str
    last_seen_at: datetime
    did: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredDid:
    """The card of one DID."""

    requested: str
    did: str | None = None
    number: str | None = None
    error: DidError | None = None
    live: LiveLook = LiveLook()
    visible: bool = True
    already_there: bool = False
    as_of: datetime | None = None
    current: CurrentRouting | None = None
    target: TargetRouting | None = None
    changes: tuple[Change, ...] = ()
    skipped: tuple[SkippedRouting, ...] = ()
    alternatives: tuple[AlternativeRouting, ...] = ()
    recent: tuple[AlternativeRouting, ...] = ()
    other_dids: tuple[AlternativeRouting, ...] = ()
    warnings: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    verify: str | None = None
    mark_bad: str | None = None
    undo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreResult(Result):
    """`to`: the selector asked for; `at`: the moment it names, if it names one."""

    dids: tuple[RestoredDid, ...]
    to: str | None = None
    at: datetime | None = None


# verify


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedDid:
    """`expected` and `live`: field → value. `confirmed`: it was seen to be an older routing's
    return. `not_compared`: fields whose live value is unknown."""

    requested: str
    did: str | None = None
    number: str | None = None
    matches: bool = False
    expected: Fields = field(default_factory=dict)
    expected_revision: int | None = None
    live: dict[str, Any] | None = None
    live_revision: int | None = None
    changes: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    reads: int = 0
    confirmed: bool = False
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyResult(Result):
    dids: tuple[VerifiedDid, ...]
    capture: CaptureSummary | None = None


# note, mark, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteResult(Result):
    did: str
    number: str | None
    revision: int
    routing: Routing
    state: tuple[str, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult(Result):
    """`version` is None for a database without a log; `before` only after an upgrade."""

    database: str
    version: str | None = None
    head: str | None = None
    before: str | None = None
    upgraded: bool = False
