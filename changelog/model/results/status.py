"""The log at a glance, as ``status`` and the pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from changelog.model.diff import diff_states, is_derived
from changelog.model.results.base import DidError, Result

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from changelog.model.diff import Change
    from changelog.model.history import DestinationSource
    from changelog.model.journal_head import Head
    from changelog.model.routing import Routing


class DidCounts(NamedTuple):
    """`known`: read at least once; `unreadable` of these, at the last look; `new`: within the day.

    `never_read`: asked for, and never answered readably. Retired DIDs count as neither of these.
    """

    known: int
    retired: int
    unreadable: int
    never_read: int
    new: int


_INCIDENTS = {
    "nobody": "Reaches nobody",
    "unreadable": "Watched, and cannot be read",
    "application_gone": "Its application is not listed, or has no answer_url",
    "watch": "No DID could be read",
}


class OpenIncident(NamedTuple):
    """What a watch found and has not seen to end. `kind`: a key of `_INCIDENTS`. `dids`: none where
    it is about all of them."""

    kind: str
    dids: tuple[str, ...]

    @property
    def about(self) -> str:
        """Return what it is, in words."""
        return _INCIDENTS.get(self.kind, self.kind)


class WatchSummary(NamedTuple):
    """What a reader learns of a watch. `last_round_at`: None before its first round has ended.
    `undelivered`: of each alert that waits for them, the receivers, by its id."""

    id: str
    began_at: datetime
    last_round_at: datetime | None
    interval_s: float
    open: tuple[OpenIncident, ...]
    undelivered: Mapping[int, tuple[str, ...]]

    def is_late(self, now: datetime) -> bool:
        """Return whether more than two intervals have passed since its last round."""
        return (now - (self.last_round_at or self.began_at)).total_seconds() > 2 * self.interval_s


class CaptureSummary(NamedTuple):
    """`finished_at`: None for a capture under way, or one that was `stopped` before its end.
    `remarks`: what it could not read of the applications, and more."""

    id: int
    command: str
    started_at: datetime
    finished_at: datetime | None
    recorded_by: str
    changed_by: str | None
    note: str | None
    ticket: str | None
    remarks: tuple[str, ...]
    stopped: bool = False


class UnreadableDid(NamedTuple):
    """A DID whose last look failed. `since`: the first of the looks in a row that did.

    `of_another_key`: that look was a 404 from a key or an address that did not read the DID last.
    """

    did: str
    number: str | None
    since: datetime
    last_at: datetime
    known: bool
    error: DidError
    of_another_key: bool = False


class RevisionState(NamedTuple):
    """The columns of a revision that a change of the last day is told by."""

    number: str | None
    routing: Routing
    destination_source: DestinationSource | None
    status: str | None

    @property
    def fields(self) -> dict[str, str | None]:
        return {**self.routing._asdict(), "status": self.status, "number_e164": self.number}

    def changes_to(self, after: RevisionState, *, moved: bool) -> tuple[Change, ...]:
        """Return what changed from this to the revision after it. `moved`: the routings differ."""
        derived = is_derived(self.destination_source, after.destination_source)
        return diff_states(self.fields, after.fields, moved=moved, derived=derived)


class RecentRevision(NamedTuple):
    """A revision that began within the day, and the one before. `moved`: the routings differ."""

    did: str
    first_seen_at: datetime
    moved: bool
    before: RevisionState
    after: RevisionState


class RecentNote(NamedTuple):
    """A note on a revision, or on a capture and so on all that it read."""

    at: datetime
    by: str
    text: str
    did: str | None = None
    revision: int | None = None
    capture: int | None = None


class OpenWork(NamedTuple):
    """DIDs that wait for somebody.

    `returns_from`: returns before that moment were not looked for, None where all of them were.
    """

    current_bad: tuple[str, ...]
    current_failed: tuple[str, ...]
    rolled_back_unverified: tuple[str, ...]
    returns_from: datetime | None


class LogStatus(NamedTuple):
    """What the log itself says for ``status``.

    `retired`: DIDs. `latest`: the latest time in the log, None for an empty one.
    """

    known: int
    new: int
    retired: frozenset[str]
    last_capture: CaptureSummary | None
    revisions: tuple[RecentRevision, ...]
    unreadable: tuple[UnreadableDid, ...]
    open: OpenWork
    notes: tuple[RecentNote, ...]
    latest: datetime | None
    schema_revision: str | None
    head: Head | None


class RecentChange(NamedTuple):
    """An equal change of several DIDs. Without `changes`, other fields of the body changed."""

    changes: tuple[Change, ...]
    dids: tuple[str, ...]
    first_at: datetime
    last_at: datetime


class WatchLine(NamedTuple):
    """A watch. `late`: more than two intervals have passed since its last round. `undelivered`: how
    many alerts a receiver has not taken."""

    id: str
    last_round_at: datetime | None
    next_round_at: datetime | None
    interval_s: float
    late: bool
    open: tuple[OpenIncident, ...] = ()
    undelivered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusResult(Result):
    """`since`: where the last day begins. `journal`: ``n:digest``, None where nothing is recorded.

    `times_to_come`: the latest time in the log, if it lies ahead of `at`.
    """

    at: datetime
    since: datetime
    database: str
    dids: DidCounts
    last_capture: CaptureSummary | None = None
    changes: tuple[RecentChange, ...] = ()
    unreadable: tuple[UnreadableDid, ...] = ()
    open: OpenWork
    notes: tuple[RecentNote, ...] = ()
    watches: tuple[WatchLine, ...] = ()
    schema_revision: str | None = None
    journal: str | None = None
    times_to_come: datetime | None = None

    @property
    def has_trouble(self) -> bool:
        """Return whether the log knows of something that waits for somebody."""
        work, capture = self.open, self.last_capture
        waiting = work.current_bad or work.current_failed or work.rolled_back_unverified
        held = any(watch.open for watch in self.watches)
        return bool(self.unreadable or waiting or held or (capture and capture.remarks))
