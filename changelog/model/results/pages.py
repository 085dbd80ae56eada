"""The log at a glance, as ``status`` and the pages show it; a page has the key of the next one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from changelog.model.diff import has_only_learned
from changelog.model.results.base import DidError, Result
from changelog.model.results.history import FleetRow, ListResult
from changelog.model.text.times import from_micros, to_micros

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


class WatchSummary(NamedTuple):
    """What a reader learns of a watch. `last_round_at`: None before its first round has ended."""

    id: str
    began_at: datetime
    last_round_at: datetime | None
    interval_s: float

    def is_late(self, now: datetime) -> bool:
        """Return whether more than two intervals have passed since its last round."""
        return (now - (self.last_round_at or self.began_at)).total_seconds() > 2 * self.interval_s


class CaptureSummary(NamedTuple):
    """`finished_at`: None for a capture under way, or one that was interrupted."""

    id: int
    command: str
    started_at: datetime
    finished_at: datetime | None
    recorded_by: str
    changed_by: str | None
    note: str | None
    ticket: str | None


class UnreadableDid(NamedTuple):
    """A DID whose last look failed. `since`: the first of the looks in a row that did."""

    did: str
    number: str | None
    since: datetime
    last_at: datetime
    known: bool
    error: DidError


class RevisionState(NamedTuple):
    """The columns of a revision that a change of the last day is told by."""

    number: str | None
    routing: Routing
    destination_source: DestinationSource | None
    status: str | None


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
    rolled_back_unverified: tuple[str, ...]
    returns_from: datetime | None


class Overview(NamedTuple):
    """What the log itself says. `retired`: DIDs. `latest`: the latest time in the log, None for an
    empty one."""

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

    @property
    def has_only_learned(self) -> bool:
        """Return whether a destination is known now that was not, and nothing moved."""
        return bool(self.changes) and has_only_learned(self.changes)


class WatchLine(NamedTuple):
    """A watch. `late`: more than two intervals have passed since its last round."""

    id: str
    last_round_at: datetime | None
    next_round_at: datetime | None
    interval_s: float
    late: bool


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


_SPELLED_KEY = re.compile(
    r"(?P<at>-?[0-9]{1,16})\.(?P<revision>[0-9]{1,9})\.(?P<did>.+)", re.ASCII | re.DOTALL
)


class FleetPage(NamedTuple):
    """DIDs by id. `after`: the id behind which the next page begins, None on the last one."""

    rows: tuple[FleetRow, ...]
    after: str | None = None


class RevisionMeant(NamedTuple):
    """The revision of a DID that a selector means, and the number that the DID has there.

    `previous`: the newest one before it with another routing, where that was asked for and is.
    """

    revision: int
    number: str | None
    previous: int | None = None


class ChangeCount(NamedTuple):
    """An equal change of `size` DIDs of one capture, `did` the first of them by id.

    Without `changes`, other fields of the body changed.
    """

    changes: tuple[Change, ...]
    size: int
    did: str


class CaptureChanges(NamedTuple):
    """What one capture found changed, the most frequent change first.

    `new`: how many DIDs it read for the first time. `changed`: of how many DIDs it began another
    revision. `first_at`, `last_at`: when the first and the last of these were seen. `is_whole`:
    False where it found so much that only the newest of it was counted: then all counts are lower
    limits. `notes`: those added later, oldest first.
    """

    capture: CaptureSummary
    tag: str | None
    new: int
    changed: int
    groups: tuple[ChangeCount, ...]
    first_at: datetime
    last_at: datetime
    is_whole: bool = True
    notes: tuple[RecentNote, ...] = ()


class ChangesPage(NamedTuple):
    """Captures that found changes, newest change first. `before`: a cursor, from which the next
    page goes on; None on the last one. `names`: what people call the applications, by their id, for
    the most frequent changes of each capture."""

    captures: tuple[CaptureChanges, ...]
    before: str | None = None
    names: Mapping[str, str] = MappingProxyType({})


TextKind = Literal["note", "verdict", "evidence", "capture"]


class FoundText(NamedTuple):
    """A text in which something was found: of a revision of a DID, or of a capture.

    `where`: the text itself, or of a capture all of note, ticket, tag and people.
    """

    kind: TextKind
    at: datetime
    by: str
    where: str
    did: str | None = None
    revision: int | None = None
    capture: int | None = None


class EarlierNumber(NamedTuple):
    """A number that the DID had once and has no longer."""

    number: str
    did: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult(ListResult):
    """What was found of a text: DIDs by id, texts and captures newest first, at most so many each.

    `more`: the kinds ("dids", "numbers", "note", "verdict", "evidence", "capture") of which there
    is more than that.
    """

    earlier: tuple[EarlierNumber, ...] = ()
    texts: tuple[FoundText, ...] = ()
    more: tuple[str, ...] = ()


class RevisionKey(NamedTuple):
    """A revision and its place in the order of time."""

    did: str
    revision: int
    first_seen_at: datetime

    @property
    def spelled(self) -> str:
        """Return it as an address has it."""
        return f"{to_micros(self.first_seen_at)}.{self.revision}.{self.did}"

    @classmethod
    def parsed(cls, text: str) -> RevisionKey:
        """Return what was `spelled`. Raises ValueError."""
        found = _SPELLED_KEY.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(found["did"], int(found["revision"]), from_micros(int(found["at"])))


class RevisionsWanted(NamedTuple):
    """Which revisions of all DIDs: first seen in that period; that changed that `field`, or the
    `routing`; that `tag` names; that hold the text `grep`. None: any."""

    since: datetime | None = None
    until: datetime | None = None
    field: str | None = None
    routing: bool = False
    tag: str | None = None
    grep: str | None = None


class NewestPage(NamedTuple):
    """Revisions that may be what is wanted, newest first. `looked_to`: the last one that was looked
    at, behind which the next page goes on where there is `more`."""

    keys: tuple[RevisionKey, ...]
    looked_to: RevisionKey | None
    more: bool
