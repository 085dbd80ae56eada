"""What ``restore`` answers: the cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from changelog.model.results.base import DidError, Result

if TYPE_CHECKING:
    from datetime import datetime

    from changelog.model.diff import Change
    from changelog.model.history import Evidence, Note, Verdict
    from changelog.model.routing import Routing


class LiveLook(NamedTuple):
    """Whether the live route was asked and `answered` (a 404 is an answer), whether that could be
    stored, and what went wrong."""

    looked: bool = False
    recorded: bool = False
    error: DidError | None = None
    answered: bool = False


class CurrentRouting(NamedTuple):
    revision: int
    routing: Routing
    status: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    routing_since: datetime
    returns_to: int | None
    since_routing_change: tuple[Change, ...]
    recorded_by: str
    changed_by: str | None
    ticket: str | None
    verdict: Verdict | None
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, ...]


class TargetRouting(NamedTuple):
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


class Reason(NamedTuple):
    code: str
    text: str


class SkippedRouting(NamedTuple):
    revision: int
    routing: Routing
    reason: Reason


class AlternativeRouting(NamedTuple):
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
    live: LiveLook = LiveLook()  # noqa: RUF009 -- a frozen value
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
