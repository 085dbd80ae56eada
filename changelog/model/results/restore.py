"""What ``restore`` answers: a card a DID, made of its history and of what the rule decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from changelog.model.diff import Change, changes_within, newest_change
from changelog.model.history import NOT_FOUND
from changelog.model.restore_rule import standings
from changelog.model.results.base import DidError, LiveLook, Looks, LostApplication, Result
from changelog.model.routing import ROUTING_FIELDS, Where
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.text.times import gaps_within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from changelog.model.did_ref import MovedNumber
    from changelog.model.history import CaptureInfo, History, LateAnswer, Revision
    from changelog.model.restore_rule import RestoreDecision, RoutingRecord
    from changelog.model.results.restore_fleet import FleetCounts, FleetGroup, NotReadReason
    from changelog.model.seen_then import SeenThen
    from changelog.model.text.times import Gap, Window

Apart = Literal["changed_again", "judged_good", "not_visible"]
"""Why a DID stands apart: its current routing may be intended, or it is not visible (404)."""

_RECENT = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class RestoreCard:
    """The answer for one DID. An `error` says why there is no target.

    `other_dids`: what carried the number too, each as it was with it. `answer_url_today`: where the
    target's application answered when it was read last, and when it was first read so, if that
    is elsewhere. `apart`: why its routing may not be what is to be taken back; `after`: the tag
    that ends the deploy that is taken back, and `unread_after`: its capture did not read the
    DID, nor did another look then. `lost`: of the applications of both sides, those that are
    listed no more, or without the ``answer_url`` that they had. `sets_url_back`: whether to put
    the target back means to set its application's ``answer_url`` back; `also_moved`: how many
    other DIDs that carries.
    `log_unread`: the live look is all that is known. `ignored`: fields whose changes are not
    said.
    """

    MEMBERS: ClassVar[tuple[str | tuple[str, str], ...]] = (
        "requested did number error live visible already_there as_of",
        (
            "current",
            "numbered.revision *current.routing current.application_name current.status"
            " numbered.first_seen_at current.last_seen_at routing_since=start.first_seen_at"
            " returns_to=decision.returns_to.revision since_routing_change brought_by.recorded_by"
            " brought_by.changed_by brought_by.ticket decision.own.verdict decision.own.notes"
            " decision.own.evidence",
        ),
        (
            "target",
            "target.newest.revision *target.newest.routing target.newest.application_name"
            " decision.confidence target.verdict target.newest.status target.newest.first_seen_at"
            " target.newest.last_seen_at target.newest.snapshots target.newest.capture.recorded_by"
            " target.newest.capture.changed_by target.newest.capture.ticket target.notes"
            " target.evidence target.newest.destination_known_from",
        ),
        "changes since unchanged_for_s read_last_with=history.key apart destination_as_of"
        " gone_applications also_moved newest_look_at=history.newest_at"
        " not_visible_at=history.hidden_since history.retirement"
        " destination_unread=is_destination_unread seen_then.not_read seen_then.unseen_since"
        " seen_then.destination_not_read",
    )

    requested: str
    did: str
    error: DidError | None = None
    live: LiveLook = LiveLook()  # noqa: RUF009 -- a frozen value
    history: History
    decision: RestoreDecision
    other_dids: tuple[Revision, ...] = ()
    answer_url_today: tuple[str, datetime] | None = None
    apart: Apart | None = None
    after: str | None = None
    unread_after: bool = False
    lost: Mapping[str, LostApplication] = field(default_factory=dict)
    sets_url_back: bool = False
    also_moved: int = 0
    times_to_come: datetime | None = None
    log_unread: bool = False
    ignored: frozenset[str] = ALWAYS_VOLATILE

    @property
    def name(self) -> str:
        return self.did

    @property
    def seen_then(self) -> SeenThen:
        """Whether the target was seen at the moment that was named."""
        return self.decision.seen_then

    @property
    def other_key_404(self) -> bool:
        """Whether the newest look is a 404 from another key."""
        return self.history.visible and self.history.newest_status == NOT_FOUND

    @property
    def current(self) -> Revision:
        return self.decision.current

    @property
    def start(self) -> Revision | None:
        """The revision that brought the current routing into service."""
        return self.history.stay_start(self.numbered) if self.numbered else None

    @property
    def brought_by(self) -> CaptureInfo | None:
        """The capture that recorded `start`; None for a live look that could not be recorded."""
        return self.start.capture if self.start and self.start.capture_number else None

    @property
    def numbered(self) -> Revision | None:
        """The current revision, unless nothing but the look is known: that has no number."""
        return None if self.log_unread else self.current

    @property
    def target(self) -> RoutingRecord | None:
        return self.decision.target

    @property
    def is_left(self) -> bool:
        """Whether the target is what was left for the current routing: it may be the fault."""
        return self.decision.confidence == "left"

    @property
    def number(self) -> str | None:
        return self.current.number

    @property
    def visible(self) -> bool:
        return self.history.visible

    @property
    def already_there(self) -> bool:
        return self.decision.already_there

    @property
    def as_of(self) -> datetime:
        return self.current.last_seen_at

    @property
    def gone_applications(self) -> tuple[str, ...]:
        return tuple(name for name, lost in self.lost.items() if not lost.is_listed)

    @cached_property
    def destination_as_of(self) -> datetime | None:
        """When the current destination was read last, where a look can miss it."""
        return self.history.destination_read_at(self.current)

    @cached_property
    def destination_seen(self) -> tuple[datetime, datetime] | None:
        """From which look to which the current destination was seen: see ``History``."""
        return self.history.destination_seen(self.current)

    @property
    def is_destination_unread(self) -> bool:
        """Whether the last look at the DID did not show its destination."""
        return self.destination_seen is None or self.destination_seen[1] != self.as_of

    @property
    def is_known_whole(self) -> bool:
        """Whether the destinations of both sides were read, as far as there are any."""
        if self.is_destination_unread or self.seen_then.destination_not_read:
            return False
        if self.target is None:
            return True
        current, then = self.current.routing, self.target.newest
        is_missing = current.destination is None and then.routing.destination is not None
        return not (is_missing or current.lacks_destination or then.destination_known_from)

    @property
    def since(self) -> Window | None:
        """Between which two looks the current routing came into service."""
        return self.history.window(self.start) if self.start else None

    @property
    def unchanged_for_s(self) -> float | None:
        """For how many seconds, at least, the routing had not changed when it was last seen; None
        where it cannot be seen now. In a gap it was not seen."""
        if self.start is None or not self.visible:
            return None
        gap = self.last_gap
        began = gap.seen_again if gap else self.start.first_seen_at
        return max(0.0, (self.as_of - began).total_seconds())

    @cached_property
    def last_gap(self) -> Gap | None:
        """The last time in which it was not seen since the routing before this one was."""
        if self.start is None:
            return None
        since = self.since.not_before if self.since else None
        began = since or self.start.first_seen_at
        return next(reversed(gaps_within(self.history.gaps, began, self.as_of)), None)

    @property
    def is_read_now(self) -> bool:
        """Whether the look showed the routing: a 404 shows none."""
        return self.live.answered and self.visible and not self.is_blind

    @property
    def touched_at(self) -> datetime | None:
        """When the API says now that the DID was updated, where no field shows what."""
        if not self.is_read_now:
            return None
        now, known = self.live.api_updated_at, newest_change(self.history, self.current)
        return now if now != known.api_updated_at else None

    @property
    def is_blind(self) -> bool:
        """The key that looked cannot see the DID, and is not the one that read it last."""
        return self.live.answered and self.other_key_404

    @property
    def since_routing_change(self) -> tuple[Change, ...]:
        """What changed beside the routing since it came into service: see `changes_within`."""
        start, current = self.start, self.current
        if start is None or start is current:
            return ()
        return changes_within(self.history, start, current, self.ignored)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What has to change to put the target back; an unknown destination is none."""
        if self.target is None:
            return ()
        before, after = self.current.routing, self.target.newest.routing
        return tuple(
            Change(name, getattr(before, name), getattr(after, name), routing=True)
            for name in ROUTING_FIELDS
            if getattr(before, name) != getattr(after, name)
            and not (name == "destination" and after.destination is None)
        )

    @property
    def recent(self) -> list[RoutingRecord]:
        """The last routings of all, the current one among them."""
        return standings(self.history)[:_RECENT] if self.numbered else []

    @property
    def late(self) -> tuple[LateAnswer, ...]:
        """Answers that came too late to begin a revision, where there is nothing else."""
        return self.history.late if self.target is None else ()

    @property
    def seen_between(self) -> list[LateAnswer]:
        """Answers of another routing between the target and the current one, which came too late to
        begin a revision."""
        if self.target is None or self.start is None:
            return []
        first, last = self.target.newest, self.start
        known = first.routing.fields, last.routing.fields
        late = (
            one for one in self.history.late if first.last_seen_at <= one.at < last.first_seen_at
        )
        return [one for one in late if one.routing.fields not in known]


class UnknownDid(NamedTuple):
    """What was named and cannot be answered, and why: the log knows no revision of it."""

    requested: str
    error: DidError
    did: str | None = None
    live: LiveLook = LiveLook()

    @property
    def name(self) -> str:
        return self.did or self.requested


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RestoreResult(Result):
    """`to`: the selector asked for; `at`: the moment it names, if it names one. `retired`: of the
    whole fleet, what differs and is left out because it is retired; `absent`: what the log did not
    know then, and `moved_numbers`: what another DID has now; `counts` and `not_read`: of which DIDs
    the log alone answers, with the `not_read_reason`; `as_of`: the oldest of their last looks, else
    of all. `remarks`: what is known of the applications now. `destinations_unread`: not every
    destination was shown; `looked_without_destinations`: not by the looks made now.
    `destination_unread`: of which in `not_read` the last look did not show it; the oldest of these
    is as of `destinations_as_of`. `groups`: what differs; with `with_cards` each DID is shown as
    well. `again`: this command, and `select` its `to`, to be pasted later; `after`: the tag that
    ends a deploy to take back. `store_error`: why looks were not stored. `known_only_later`: those
    that do not differ, but had an unread destination then; `unseen_then`: those that have changed
    since they were seen last before then, and back. `not_read_by_tag`: of
    those that do not differ, what its capture had not read. `unreadable`: looks with what failed
    later."""

    dids: tuple[RestoreCard | UnknownDid, ...]
    to: str | None = None
    at: datetime | None = None
    retired: tuple[str, ...] = ()
    counts: FleetCounts | None = None
    absent: tuple[str, ...] = ()
    moved_numbers: tuple[MovedNumber, ...] = ()
    not_read: tuple[str, ...] = ()
    not_read_reason: NotReadReason | None = None
    as_of: datetime | None = None
    groups: tuple[FleetGroup, ...] | None = None
    remarks: tuple[str, ...] = ()
    destinations_unread: bool = False
    destination_unread: tuple[str, ...] = ()
    destinations_as_of: datetime | None = None
    known_only_later: tuple[str, ...] = ()
    unseen_then: tuple[str, ...] = ()
    not_read_by_tag: tuple[str, ...] = ()
    unreadable: Looks | None = field(default=None, metadata={"json": False})
    looked_without_destinations: bool = field(default=False, metadata={"json": False})
    with_cards: bool = field(default=True, metadata={"json": False})
    where: Where = field(default=Where(), metadata={"json": False})
    again: str | None = field(default=None, metadata={"json": False})
    select: str | None = field(default=None, metadata={"json": False})
    after: str | None = field(default=None, metadata={"json": False})
    store_error: DidError | None = field(default=None, metadata={"json": False})

    @property
    def cards(self) -> tuple[RestoreCard, ...]:
        return tuple(each for each in self.dids if isinstance(each, RestoreCard))

    @property
    def unknown(self) -> tuple[UnknownDid, ...]:
        return tuple(each for each in self.dids if isinstance(each, UnknownDid))
