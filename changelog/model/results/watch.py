"""What ``watch`` says, one document a line: an alert, or how a round went."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from changelog.model.diff import Change
from changelog.model.results.base import DidError, Result
from changelog.model.results.capture import EndedCapture, RecordCounts
from changelog.model.routing import Routing
from changelog.model.watching.alert import AlertKind


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """DIDs that changed in the same way: how many, and some of them."""

    changes: tuple[Change, ...]
    count: int
    dids: tuple[str, ...]


class ChangeContext(NamedTuple):
    """What a change falls into: the capture that found it, and the deploy around it, by its tag.

    `ticket`, `note`: the capture's, or else the deploy's.
    """

    command: str
    recorded_by: str
    changed_by: str | None = None
    deploy: str | None = None
    ticket: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAlert(Result):
    """An alert. `id` names it for good, so a receiver recognises a repetition.

    `of`: what happened to `count` DIDs at once, where `event` is "many"; `dids` are some of them.
    `did` is null where it is about the watch as a whole. `since`: of a DID, the first answer that
    could not be read; of the watch, when something was read last; of changes, the first one.
    `not_before`: of a change of one DID, the last look that saw it otherwise.
    `groups`: equal changes, the largest group first; `not_grouped`: DIDs that are in none of them:
    there were too many, or they are as they were before. `returns_to`: the first revision of the
    routing that a DID went back to; `returned`: how many of those compared went back to an older
    one, `gone_back`; `changed_again`: how many of them changed more than once, or again since.
    `rerouted`: those whose routing changed, all of them but for the `not_compared`. `of_all`: the
    watch reads every DID of the log. `restore`: a command to paste. `opens`, `resolves`: keys of
    incidents; `begun`: the DIDs for which it opens one; `is_over`: that one has ended since.
    `is_late`: it could not be delivered when it was due.
    """

    event: AlertKind
    id: int
    at: datetime
    watch: str
    of: AlertKind | None = None
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    routing: Routing
    changes: tuple[Change, ...] = ()
    error: DidError | None = None
    since: datetime | None = None
    not_before: datetime | None = None
    in_a_row: int | None = None
    count: int
    dids: tuple[str, ...] = ()
    capture: int | None = None
    groups: tuple[ChangeGroup, ...] = ()
    not_grouped: int = 0
    returns_to: int | None = None
    returned: int = 0
    gone_back: tuple[str, ...] = field(default=(), metadata={"json": False})
    changed_again: int = 0
    rerouted: tuple[str, ...] = field(default=(), metadata={"json": False})
    not_compared: int = field(default=0, metadata={"json": False})
    of_all: bool = field(default=True, metadata={"json": False})
    inside: ChangeContext | None = None
    opens: str | None = None
    resolves: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    is_over: bool = field(default=False, metadata={"json": False})
    is_late: bool = field(default=False, metadata={"json": False})
    restore: str | None = None
    link: str | None = None
    message: str = ""
    text: str = ""

    @property
    def subject(self) -> AlertKind:
        """What it is about, of one DID or of many."""
        return self.of or self.event

    @property
    def is_rerouted(self) -> bool:
        """Whether the routing of a DID changed, or may have: that of some is not compared."""
        return bool(self.rerouted) or self.not_compared > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRound(Result):
    """How a round went; `alerts`: how many it made due."""

    event: Literal["round"] = "round"
    at: datetime
    watch: str
    alerts: int
    capture: EndedCapture
    counts: RecordCounts

    @property
    def has_read(self) -> bool:
        return self.counts.requested > self.counts.unreadable + self.counts.not_read


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertShown:
    """One alert as the log has it. `dids`: some of those that it is about; `changes`: of one.
    `undelivered`: the receivers that have not taken it."""

    id: int
    at: datetime
    watch: str
    kind: str
    what: str | None
    did: str | None
    number: str | None
    revision: int | None
    count: int
    dids: tuple[str, ...]
    code: str | None
    message: str | None
    capture: int | None
    changes: tuple[Change, ...] = ()
    undelivered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsResult(Result):
    """The newest alerts before an id, newest first. `more`: older entries are left out."""

    alerts: tuple[AlertShown, ...] = ()
    more: bool = False
