"""What an answer becomes in the log: a new revision, or one more snapshot.

The writer stores what this says; ``restore`` uses it for a look that could not be stored. Only the
writer knows whether an answer is late (``store/answer_rows.py``): it asks the log for newer looks.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias, get_args

from changelog.model.answers import Answer, Applications, Problem
from changelog.model.diff import Change, has_only_learned
from changelog.model.errors import UsageError
from changelog.model.history import CaptureInfo, DestinationSource
from changelog.model.ports import Shutdown
from changelog.model.results.base import DidError
from changelog.model.routing import WEBHOOK, Numbered, Routing, routing_number
from changelog.model.text.json_body import (
    Fields,
    canonical_json,
    comparable,
    parse_json,
    storable_text,
)

OutcomeKind = Literal["new", "changed", "unchanged", "unreadable"]
OUTCOMES: tuple[OutcomeKind, ...] = get_args(OutcomeKind)


class Selection(NamedTuple):
    """Which DIDs a ``record`` was told to read: `every` one of the log, or `names` as given."""

    every: bool
    names: tuple[str, ...] = ()

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(canonical_json([self.every, self.names]).encode()).digest()


class Unfinished(NamedTuple):
    """A capture that was interrupted: some of its DIDs have no answer yet.

    `has_read`: at least one could be read; from then on it has its tag, or none for good.
    """

    info: CaptureInfo
    key: str | None
    selection: Selection
    has_read: bool

    def require_same(self, info: CaptureInfo) -> None:
        """Raise UsageError where `info` would make it another capture."""
        before = self.info
        if before.api_url != info.api_url:
            raise UsageError(
                f"capture {before.id} read {before.api_url}, and this run would read"
                f" {info.api_url}",
                "Set MINIVOICE_API_URL as it was then, or begin a new capture without --resume.",
            )
        for name in ("note", "ticket", "tag", "changed_by"):
            given, then = getattr(info, name), getattr(before, name)
            if given not in (None, then) and (name != "tag" or self.has_read):
                raise UsageError(
                    f"capture {before.id} has its {name.replace('_', ' ')} already:"
                    f" {then or 'none'}",
                    "Leave it out to go on with that capture, or begin a new one without --resume.",
                )


@dataclass(frozen=True, slots=True)
class OpenCapture:
    """A capture under way. Each transaction that stores some of it returns the next value.

    `info.id` is 0 until its first answers are stored. `baseline` is the journal's head when it
    began: what was written later may be newer than an answer that it has fetched and not stored
    yet. `by_name`: the DIDs were named one by one. `past`: its answers were received before it
    began. `stored_urls`: by application, its ``answer_url`` as far as that is in the log, None for
    one that is not listed; None before any was stored. `missed`: those of the log that are not
    listed, as another key's may be. `unread`: those that it could not read, as stored.
    """

    info: CaptureInfo
    baseline: int
    key: str | None = None
    by_name: bool = False
    past: bool = False
    selection: Selection | None = None
    remarks: tuple[str, ...] = ()
    stored_urls: Mapping[str, str | None] | None = None
    missed: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    last_received: datetime | None = None
    tagged: bool = False

    def remarked(self, text: str) -> "OpenCapture":
        """Return it with a remark, which is made once."""
        return self if text in self.remarks else replace(self, remarks=(*self.remarks, text))


UNREAD = Routing(None, None)
"""Stands for the routing of an answer that says none."""
NOT_IN_JSON = MappingProxyType({"json": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a DID that was asked for; its answer is in the database by then.

    `revision` is the one it was read as, or the latest one where it could not be read. `late`: it
    was received before something newer that another recorder had stored meanwhile, and begins no
    revision; `kept_aside`: nor is it a look at one. `answer`: None for a DID that was not asked
    for any more.
    """

    requested: str
    did: str | None = None
    number: str | None = None
    outcome: OutcomeKind = "unreadable"
    revision: int | None = None
    routing: Routing = UNREAD
    changes: tuple[Change, ...] = ()
    late: bool = False
    error: DidError | None = None
    kept_aside: bool = field(default=False, metadata=NOT_IN_JSON)
    answer: Answer | None = field(default=None, repr=False, metadata=NOT_IN_JSON)

    @classmethod
    def of(
        cls,
        answer: Answer,
        outcome: OutcomeKind,
        number: str | None,
        revision: int | None,
        routing: Routing = UNREAD,
        changes: tuple[Change, ...] = (),
        *,
        late: bool = False,
        kept_aside: bool = False,
    ) -> "Outcome":
        """Return what became of `answer`."""
        problem = answer.problem
        return cls(
            requested=answer.requested,
            did=answer.did,
            number=number,
            outcome=outcome,
            revision=revision,
            routing=routing,
            changes=changes,
            late=late,
            kept_aside=kept_aside,
            error=DidError.of(problem) if problem else None,
            answer=answer,
        )

    @property
    def has_only_learned(self) -> bool:
        """Return whether its revision knows a destination that the log did not, and that is all."""
        return self.outcome == "changed" and has_only_learned(self.changes)

    @property
    def problem(self) -> Problem | None:
        return self.answer.problem if self.answer else None


class ConfirmedReturn(NamedTuple):
    """The routing of `revision` was seen to be live again, since the revision `returned`."""

    did: str
    revision: int
    returned: int
    routing_number: int


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where this capture learns destinations from, the first that knows one wins.

    `body_fields`: fields of the DID's body that hold it (settings). `applications`: as fetched;
    None where the answers come from files. `stated`: by an operator.
    """

    body_fields: tuple[str, ...] = ()
    applications: Applications | None = None
    stated: str | None = None

    def find(self, fields: Fields) -> tuple[str | None, DestinationSource | None]:
        for name in self.body_fields:
            if value := storable_text(fields.get(name)):
                return value, "body"
        application = storable_text(fields.get("application_id"))
        if fields.get("route_mode") == WEBHOOK and self.applications and application:
            url = self.applications.answer_urls.get(application)
            if url:
                return storable_text(url), "fetched"
        return (storable_text(self.stated), "stated") if self.stated else (None, None)


@dataclass(frozen=True, slots=True)
class LatestRevision:
    """The latest revision of a DID, as far as it takes to compare an answer with it.

    `body`: None for one that is broken; whatever is read next is not the same as that.
    """

    revision: int
    body: str | None
    routing: Routing
    destination_source: DestinationSource | None
    first_seen_at: datetime


KeyAt: TypeAlias = tuple[str, str]
"""The name of a key, and the address of the API that it was sent to; "" where it is not known."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A readable answer with its routing, the destination carried on where it stayed unknown."""

    routing: Routing
    destination_source: DestinationSource | None
    same_as_latest: bool


def read_answer(
    answer: Answer,
    latest: LatestRevision | None,
    destinations: Destinations,
    volatile: frozenset[str],
) -> Comparison:
    """Compare a readable `answer` with the `latest` revision of its DID."""
    destination, source = destinations.find(answer.fields)
    routing = Routing(
        storable_text(answer.fields.get("application_id")),
        storable_text(answer.fields.get("route_mode")),
        destination,
    )
    if latest is None:
        return Comparison(routing, source, same_as_latest=False)
    carried = routing.carried_from(latest.routing)
    if carried is not routing:
        source = latest.destination_source
    same = carried == latest.routing and _says_the_same(answer, latest.body, volatile)
    return Comparison(carried, source, same_as_latest=same)


def hides_did(answer: Answer, asked_by: KeyAt, read_by: KeyAt | None) -> bool:
    """Return whether `answer` hides its DID: a 404 from the key that read it last, at the same
    address.

    `read_by`: of its newest readable snapshot; None for a DID that was never read. A key sees the
    DIDs of its own application only, so a 404 from any other key says nothing about the DID.
    """
    return answer.not_found and asked_by == read_by


def _says_the_same(answer: Answer, body: str | None, volatile: frozenset[str]) -> bool:
    if body is None:
        return False
    return answer.body == body or (
        _spelled(answer.fields, volatile) == _spelled(parse_json(body), volatile)
    )


def _spelled(fields: Fields, volatile: frozenset[str]) -> str:
    # As text: to Python 1, 1.0 and True are equal, and in JSON they are three values.
    return canonical_json(comparable(fields, volatile))


def next_number(reading: Comparison, earlier: Sequence[Numbered]) -> tuple[int, int]:
    """Return the (revision, routing number) of a revision that follows the `earlier` ones."""
    revision = len(earlier) + 1
    return revision, routing_number(reading.routing, earlier, revision)


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """What shapes every capture of a run: the settings, and a destination that was stated.

    `shutdown`: it defers a Ctrl-C while answers are stored, and is told of one. `clock_offset`: by
    how much the time of the answers is ahead of this machine's, whose clock is wrong then.
    """

    body_fields: tuple[str, ...] = ()
    volatile: frozenset[str] = frozenset()
    stated: str | None = None
    shutdown: Shutdown = field(kw_only=True, compare=False, repr=False)
    clock_offset: Callable[[], timedelta] = field(default=timedelta, compare=False, repr=False)
