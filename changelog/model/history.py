"""The values that a log is made of: captures, answers, revisions and what people said of them.

All are immutable. Times are aware datetimes in UTC. Values of which nobody asks whether they are
equal get no ``__eq__``: each method that a dataclass makes is compiled anew at every start.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from changelog.model.errors import BodyBroken
from changelog.model.routing import WEBHOOK, KnownRouting, Numbered, Routing, fields_of
from changelog.model.text.json_body import Fields, parse_json, storable_text
from changelog.model.text.times import Gap, Window, provider_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

NOT_FOUND = 404
"""The HTTP status that may mean that a DID cannot be seen by a key any more."""

VerdictKind = Literal["good", "bad", "retired", "returned"]
"""`retired` takes a DID out of ``--all``; `returned` is written when it is recorded by name."""
EvidenceResult = Literal["reached", "differs", "pass", "fail"]
DestinationSource = Literal["fetched", "stated", "body"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaptureInfo:
    """One run that fetched: when, who, why. `id` counts up from 1 in each log; 0 is not stored."""

    id: int
    started_at: datetime
    recorded_by: str
    changed_by: str | None = None
    note: str | None = None
    ticket: str | None = None
    tag: str | None = None
    api_url: str | None = None
    command: str = "record"


@dataclass(frozen=True, kw_only=True, eq=False)
class RevisionAt:
    """A revision of one DID by itself, as far as it takes to compare it. `body`: verbatim.
    `application_name`: what people call its application today; no part of the routing.
    `destination_known_from`: when its stay learned the destination, where it was not known before.

    A body is read when it is asked for: of a long history a restore needs few.
    """

    did: str
    revision: int
    routing: Routing
    routing_number: int
    number: str | None
    status: str | None
    read_body: Callable[[], str] = field(repr=False)
    first_seen_at: datetime
    destination_source: DestinationSource | None = None
    application_name: str | None = None
    destination_known_from: datetime | None = None

    @cached_property
    def body(self) -> str:
        return self.read_body()

    @cached_property
    def whole_body(self) -> str | None:
        """None for a body that was changed behind this program's back."""
        try:
            return self.body
        except BodyBroken:
            return None

    @cached_property
    def fields(self) -> Fields:
        """The body's fields, with the destination beside them."""
        return fields_of(parse_json(self.body), self.routing)

    @cached_property
    def api_updated_at(self) -> datetime | None:
        """When the DID was updated, by the body; nothing documents what moves that."""
        if self.whole_body is None:
            return None
        return provider_time(self.fields.get("updated_at"))

    @property
    def known_routing(self) -> KnownRouting:
        return KnownRouting(self.routing, self.destination_known_from)

    @property
    def recorded_routing(self) -> Routing:
        """The routing as it was known then, without a destination that was learned later."""
        is_later = self.destination_known_from is not None
        return self.routing._replace(destination=None) if is_later else self.routing

    @property
    def numbered(self) -> Numbered:
        return Numbered(self.routing, self.routing_number)


@dataclass(frozen=True, kw_only=True, eq=False)
class Revision(RevisionAt):
    """A run of equal snapshots of one DID; `body` is the first of them.

    The capture is read when it is asked for, as the body is.
    """

    last_seen_at: datetime
    snapshots: int
    capture_number: int
    find_capture: Callable[[int], CaptureInfo] = field(repr=False)

    @cached_property
    def capture(self) -> CaptureInfo:
        return self.find_capture(self.capture_number)

    @property
    def shows_destination(self) -> bool:
        """Whether a field of the body holds the destination: else it was carried on."""
        fields = parse_json(self.whole_body) if self.whole_body else {}
        return self.routing.destination in map(storable_text, fields.values())


class Note(NamedTuple):
    """Free text on one revision: written with ``note``, or the note of a capture that read it."""

    revision: int
    at: datetime
    by: str
    text: str


class Stored(NamedTuple):
    """The number of the journal's entry that holds something, and the time of that entry."""

    entry: int
    at: datetime


NOWHERE = Stored(0, datetime.max.replace(tzinfo=UTC))
"""What is in no journal: its own time counts."""


class Verdict(NamedTuple):
    revision: int
    routing_number: int
    verdict: VerdictKind
    reason: str
    by: str
    at: datetime
    stored: Stored = NOWHERE


class Confirmation(NamedTuple):
    """A ``verify --to`` that matched: the routing of `revision` came back with `returned`."""

    revision: int
    returned: int
    routing_number: int
    at: datetime
    stored: Stored = NOWHERE


class Evidence(NamedTuple):
    """A test call, tied to the revision that was current at the call's time."""

    call: str
    event: str
    at: datetime
    revision: int
    routing_number: int
    result: EvidenceResult
    reason: str = ""
    stored: Stored = NOWHERE


class LateAnswer(NamedTuple):
    """A readable answer received before the latest revision's first one, equal to none in force."""

    at: datetime
    routing: Routing


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """All that the log holds of one DID, oldest first."""

    did: str
    revisions: tuple[Revision, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    tags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    late: tuple[LateAnswer, ...] = ()
    hidden_since: datetime | None = None
    """When the newest 404 of the key that read the DID last came, with nothing read after it."""
    key: str | None = None
    """The name of the key that read it last."""
    newest_status: int | None = None
    newest_key: str | None = None
    """The HTTP status of the newest look, where that failed, and the name of its key."""
    newest_at: datetime | None = None
    """When the newest look was, a failed one too."""
    find_destination_read: Callable[[Revision, Revision], datetime | None] = field(
        default=lambda _first, _last: None, repr=False
    )
    """When the ``answer_url`` was read last, of the looks from one revision to another."""
    gaps: tuple[Gap, ...] = ()
    """When a look between two others showed something else and began no revision, oldest first."""

    @property
    def latest(self) -> Revision:
        return self.revisions[-1]

    @property
    def visible(self) -> bool:
        return self.hidden_since is None

    @property
    def retirement(self) -> Verdict | None:
        """The verdict by which the DID is retired, if it is."""
        ends = ("retired", "returned")
        last = next((v for v in reversed(self.verdicts) if v.verdict in ends), None)
        return last if last is not None and last.verdict == "retired" else None

    @property
    def retired(self) -> bool:
        return self.retirement is not None

    @cached_property
    def by_routing(self) -> Mapping[int, tuple[Revision, ...]]:
        """The revisions that share a routing, oldest first, by its number."""
        groups: dict[int, list[Revision]] = {}
        for revision in self.revisions:
            groups.setdefault(revision.routing_number, []).append(revision)
        return {number: tuple(same) for number, same in groups.items()}

    def revision(self, number: int) -> Revision | None:
        return self.revisions[number - 1] if 0 < number <= len(self.revisions) else None

    def known(self, revision: Revision) -> Revision:
        """Return `revision` as it is known today: with the destination that its stay learned later.

        Nobody moved the routing in between, as far as anybody saw.
        """
        if revision.routing.destination is not None:
            return revision
        for later in self.revisions[revision.revision :]:
            if later.routing_number != revision.routing_number:
                break
            if later.routing.destination is not None:
                return replace(
                    revision,
                    routing=later.routing,
                    destination_source=later.destination_source,
                    destination_known_from=later.first_seen_at,
                )
        return revision

    @cached_property
    def stays(self) -> Mapping[int, Sequence[tuple[Revision, Revision]]]:
        """The first and the last revision of each unbroken run with a routing, by its number."""
        stays: dict[int, list[tuple[Revision, Revision]]] = {}
        for number, run in groupby(self.revisions, lambda revision: revision.routing_number):
            stay = list(run)
            stays.setdefault(number, []).append((stay[0], stay[-1]))
        return stays

    def window(self, revision: Revision) -> Window:
        """Return between which two looks `revision` came."""
        before = self.seen_otherwise(revision)
        last_seen = self.last_seen_before(before, revision) if before else None
        return Window(last_seen, revision.first_seen_at, revision.api_updated_at)

    def last_seen_before(self, before: Revision, revision: Revision) -> datetime:
        """Return the last look that shows the routing of `before`, not that of `revision`."""
        last = before.last_seen_at
        is_same = before.routing_number == revision.routing_number
        if not is_same and before.routing.fields == revision.routing.fields:
            # Only the destination tells them apart. One that no look showed was stated then.
            seen = self.destination_seen(before)
            last = seen[1] if seen else self._same_destination(before)[0].first_seen_at
        return min(last, revision.first_seen_at)

    def _same_destination(self, revision: Revision) -> list[Revision]:
        """Return the revisions of the stay up to `revision` that have its destination."""
        stay = self.revisions[self.stay_start(revision).revision - 1 : revision.revision]
        known = revision.routing.destination
        return [same for same in stay if same.routing.destination == known]

    def destination_seen(self, revision: Revision) -> tuple[datetime, datetime] | None:
        """Return from which look to which the destination of `revision` was seen, all of it in its
        stay; None where no look showed it: it was stated, or is not known."""
        same = self._same_destination(revision)
        routing, began = revision.routing, same[0].first_seen_at
        if not routing.may_have_destination:
            return began, revision.last_seen_at
        if revision.destination_source == "body":
            shown = (other.last_seen_at for other in reversed(same) if other.shows_destination)
            return began, next(shown, began)
        read_at = self.destination_read_at(revision)
        if revision.destination_source == "fetched":
            return began, max(began, read_at or began)
        # The applications may have been read, and this one has no ``answer_url``.
        return (began, read_at) if routing.destination is None and read_at else None

    @property
    def seen_whole_at(self) -> datetime:
        """When the current routing was seen last, with its destination if a look can show it."""
        seen = self.destination_seen(self.latest)
        return seen[1] if seen else self.latest.last_seen_at

    def destination_read_at(self, revision: Revision) -> datetime | None:
        """Return when the applications were read last in the stay up to `revision`, where one of
        them has its destination; None where nothing says so."""
        routing = revision.routing
        if routing.route_mode != WEBHOOK or not routing.application_id:
            return None
        if revision.destination_source not in (None, "fetched"):
            return None
        return self.find_destination_read(self.stay_start(revision), revision)

    def seen_otherwise(self, revision: Revision) -> Revision | None:
        """Return the newest revision before `revision` that is known to differ from it."""
        for before in reversed(self.revisions[: revision.revision - 1]):
            # Without a destination it has another number and may have been the same all the same.
            same = before.routing.destination is None and before.routing.fields == (
                revision.routing.fields
            )
            if not same or before.routing_number == revision.routing_number:
                return before
        return None

    def stay_start(self, revision: Revision) -> Revision:
        """Return the first revision of the unbroken run with the routing of `revision` that it lies
        in."""
        first = revision.revision
        while first > 1 and self.revisions[first - 2].routing_number == revision.routing_number:
            first -= 1
        return self.revisions[first - 1]
