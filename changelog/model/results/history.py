"""What ``log``, ``show`` and ``list`` answer, and how a revision stands in its DID's history."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from changelog.model.diff import diff_revisions
from changelog.model.restore_rule import standings, verdicts_on
from changelog.model.results.base import DidError, LastLook, Looks, Result
from changelog.model.seen_then import SeenThen
from changelog.model.text.json_body import ALWAYS_VOLATILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from changelog.model.answers import SnapshotSeen
    from changelog.model.did_ref import MovedNumber
    from changelog.model.diff import Change
    from changelog.model.history import (
        Confirmation,
        DestinationSource,
        Evidence,
        History,
        Note,
        Revision,
        Verdict,
    )
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.routing import Routing
    from changelog.model.text.times import Window


Fact = TypeVar("Fact", "Note", "Verdict", "Confirmation", "Evidence")


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One fetch of a DID."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "did seen.at seen.capture seen.revision error seen.destination_read",
    )

    did: str
    seen: SnapshotSeen

    @property
    def error(self) -> DidError | None:
        """Why the answer could not be read."""
        return DidError.of(self.seen.problem) if self.seen.problem else None


class LoggedDid(NamedTuple):
    """A DID that was asked for by its name, or why there is no answer for it. `number_also_of`:
    where that was a number, the other DIDs that had it."""

    requested: str
    did: str | None = None
    error: DidError | None = None
    number_also_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogResult(Result):
    """`snapshots` is None unless they were asked for instead of revisions. `since`, `until`: the
    moments that the period's ends came to. `looked_to`: where it is incomplete, the moment back to
    which all of it was looked at. `following`: where older entries of all DIDs go on; the page
    takes it as ``after``. `dids`: those named. `looks`: how old it is that nothing matches; of a
    period that has ended, `unseen`: what nobody saw at its end as it was before; `begins_at`: of
    one that ended before the log began, when that was."""

    since: datetime | None = None
    until: datetime | None = None
    entries: tuple[LogEntry, ...] = ()
    snapshots: tuple[SnapshotRow, ...] | None = None
    more: bool = False
    looked_to: datetime | None = None
    following: str | None = None
    dids: tuple[LoggedDid, ...] = ()
    error: DidError | None = None
    looks: Looks | None = None
    unseen: tuple[str, ...] = ()
    begins_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ShowResult(Result):
    """One revision whole. With an `error` there is no `entry`. `seen_then`: whether it was seen at
    the moment that was named; `moved_number`: of a number, which DID had it then."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "requested entry.revision.did entry.revision.number entry.revision.revision",
        "routing=entry.revision.routing_number *entry.revision.routing",
        "entry.revision.destination_source entry.revision.destination_known_from",
        "entry.revision.status entry.revision.fields{}",
        "entry.revision.body entry.state[] entry.restores entry.revision.first_seen_at",
        "entry.revision.last_seen_at entry.changes[] capture=entry.revision.capture_number",
        "entry.revision.capture.recorded_by entry.revision.capture.changed_by",
        "entry.revision.capture.ticket entry.tags[] entry.notes[] verdicts evidence",
        "entry.revision.snapshots recent_snapshots seen_then.not_read error",
        "entry.destination_seen_at",
        "seen_then.unseen_since seen_then.destination_not_read moved_number",
    )

    requested: str
    entry: LogEntry | None = None
    recent_snapshots: tuple[SnapshotSeen, ...] = ()
    seen_then: SeenThen = SeenThen()  # noqa: RUF009 -- a frozen value
    moved_number: MovedNumber | None = None
    error: DidError | None = None

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict on the routing that the revision has."""
        if self.entry is None:
            return ()
        return verdicts_on(self.entry.history, self.entry.revision.routing_number)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every test call on the routing that the revision has."""
        return self.entry.record.evidence if self.entry else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """Where one DID points. `routing_number`: of a DID, equal for equal routings. `since`: when its
    routing was first seen in service. `window`: between which two looks it came there, where that
    was asked for. `destination_known_from`: when its destination became known, if only later.
    `look`: the last look at it, where that was asked for. `seen_then`: whether it was seen at the
    moment that was named. `whole_seen_at`: the last look that showed its destination too, where
    none from that moment on did."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "did number revision *routing application_name status since",
        "window.not_before window.not_after window.api_updated_at last_seen_at visible retired",
        "destination_known_from destination_read seen_then.not_read seen_then.unseen_since",
        "destination_seen_at unreadable_since",
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
    application_name: str | None = None
    destination_known_from: datetime | None = None
    seen_then: SeenThen = SeenThen()  # noqa: RUF009 -- a frozen value
    look: LastLook | None = None
    whole_seen_at: datetime | None = None
    destination_source: DestinationSource | None = None

    @property
    def destination_read(self) -> bool | None:
        if self.seen_then.destination_not_read:
            return False
        return self.look.destination_read if self.look else None

    @property
    def destination_seen_at(self) -> datetime | None:
        return self.look.destination_seen_at if self.look else None

    @property
    def unreadable_since(self) -> datetime | None:
        return self.look.unreadable_since if self.look else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResult(Result):
    """`at` is None for now. `after`: where it is incomplete, the last DID that was looked at.
    `looks`: how old the answer is, where it is for now. `unseen`: where none matches at a moment,
    the DIDs of the log that were not seen then as they stand for it."""

    at: datetime | None
    dids: tuple[FleetRow, ...]
    after: str | None = None
    looks: Looks | None = None
    unseen: tuple[str, ...] = field(default=(), metadata={"json": False})


@dataclass(frozen=True)
class LogEntry:
    """A revision, as it is known today, in the history of its DID. `ignored`: fields whose changes
    are not shown; `show_derived`: a destination that follows from the application is a change of
    its own."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "revision.did revision.number revision.revision routing=revision.routing_number",
        "revision.first_seen_at revision.last_seen_at revision.snapshots state restores changes",
        "*revision.routing revision.application_name revision.status",
        "revision.capture.recorded_by",
        "revision.capture.changed_by capture=revision.capture_number revision.capture.ticket",
        "tags record.verdict verdicts notes evidence confirmations",
        "window.not_before window.not_after window.api_updated_at",
        "revision.destination_known_from destination_seen_at",
    )

    revision: Revision
    history: History
    ignored: frozenset[str] = ALWAYS_VOLATILE
    show_derived: bool = False

    @cached_property
    def record(self) -> RoutingRecord:
        """What the log says of the routing that the revision has."""
        number = self.revision.routing_number
        return next(
            record for record in standings(self.history) if record.newest.routing_number == number
        )

    @cached_property
    def destination_seen_at(self) -> datetime | None:
        """When the destination was last seen in the stay up to the revision; None for never."""
        if self.revision.destination_known_from is not None:
            return None
        seen = self.history.destination_seen(self.revision)
        return seen[1] if seen else None

    @cached_property
    def state(self) -> tuple[str, ...]:
        """All the words that hold of the revision."""
        record, history = self.record, self.history
        current = self.revision.revision == history.latest.revision
        words = {
            "current": current,
            "not_visible": current and not history.visible,
            "retired": current and history.retired,
            record.verdict.verdict if record.verdict else "": True,
            "rolled_back": record.rolled_back,
            "passed": record.call is not None and record.call.result == "pass",
            "failed": record.failed,
            "restores": self.restores is not None,
            "learned": self._is_learned,
        }
        return tuple(word for word, holds in words.items() if word and holds)

    @property
    def window(self) -> Window:
        """Between which two looks the revision came."""
        return self.history.window(self.revision)

    @cached_property
    def before(self) -> Revision | None:
        return self.history.revision(self.revision.revision - 1)

    @cached_property
    def restores(self) -> int | None:
        """The earlier revision whose routing the revision went back to, if it did."""
        number = self.revision.routing_number
        if self.before is None or self.before.routing_number == number:
            return None
        earlier = reversed(self.history.revisions[: self.before.revision])
        return next((old.revision for old in earlier if old.routing_number == number), None)

    @property
    def _is_learned(self) -> bool:
        return (
            self.before is not None
            and self.before.routing_number == self.revision.routing_number
            and self.before.routing.destination is None
            and self.revision.recorded_routing.destination is not None
        )

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the revision changed; nothing for the first one."""
        if self.before is None:
            return ()
        shown = self.show_derived
        return diff_revisions(self.before, self.revision, self.ignored, show_derived=shown)

    @property
    def tags(self) -> tuple[str, ...]:
        return self.history.tags.get(self.revision.revision, ())

    @property
    def notes(self) -> tuple[Note, ...]:
        return self._own(self.history.notes)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What was judged on the revision, oldest first; "retired" and "returned" too."""
        return self._own(self.history.verdicts)

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """The roll-backs to the revision that were confirmed."""
        return self._own(self.history.confirmations)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self._own(self.history.evidence)

    def _own(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        number = self.revision.revision
        return tuple(fact for fact in facts if fact.revision == number)

    @property
    def facts(self) -> tuple[Verdict | Evidence | Confirmation, ...]:
        """What was judged, heard and confirmed of the revision, oldest first."""
        every: tuple[Verdict | Evidence | Confirmation, ...]
        every = (*self.verdicts, *self.evidence, *self.confirmations)
        return tuple(sorted(every, key=lambda fact: fact.at))

    @property
    def texts(self) -> Iterator[str | None]:
        """What people wrote of the revision, who they are, and where it pointed."""
        capture = self.revision.capture
        yield from (self.revision.recorded_routing.destination, *self.tags)
        yield from (capture.recorded_by, capture.changed_by, capture.ticket)
        for note in self.notes:
            yield from (note.by, note.text)
        for verdict in self.verdicts:
            yield from (verdict.by, verdict.reason)
        for call in self.evidence:
            yield from (call.call, call.reason)
