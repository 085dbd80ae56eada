"""What ``watch`` tells: an alert, and what one watch carries from round to round."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

AlertKind = Literal[
    "changed", "number_moved", "unreadable", "recovered", "silent", "application_gone", "many"
]

NUMBER_MOVED = "number_moved"
RETIRED = "retired"
"""The code of an alert that ends what was open of a DID that is not read any more: it was retired
meanwhile, or the number that was named has another DID."""
WITHOUT_URL = "application_without_url"
"""The code of an ``application_gone`` about an application that is listed without an
``answer_url``."""
LISTED = "application_listed"
"""The code of an alert that ends an ``application_gone``: the DID has an application again."""
UNUSED = "application_unused"
"""The code of an alert that ends an ``application_gone``: the calls go to no application now."""
ROUTED = "routed"
"""The code of an alert that ends what was open of a route that reached nobody, where no change that
is news ended it."""
STILL_NEWS = timedelta(days=1)
"""How long an alert that could not be delivered is tried again."""
STILL_OPEN = timedelta(days=30)
"""How long one that ends an incident is: else a receiver would hold that open for good."""


class Move(NamedTuple):
    """A DID of many that changed, with the revisions before and after all that it did."""

    did: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message. Without a `did` it is about the watch as a whole or, if `kind` is "many", about
    the `count` DIDs of which `dids` are named. `channels`: where it is still to be delivered.

    `moves`: of many that changed, each one. `is_broken`: whether a call or a read fails from now
    on; None where it says nothing of that. `opens`, `resolves`: keys (see ``incidents.py``).
    `begun`: the DIDs for which it opens one."""

    kind: AlertKind
    at: datetime
    what: AlertKind | None = None
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    capture: int | None = None
    count: int = 1
    dids: tuple[str, ...] = ()
    since: datetime | None = None
    in_a_row: int | None = None
    status: int | None = None
    code: str | None = None
    message: str | None = None
    id: int = 0
    channels: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    is_broken: bool | None = False
    opens: str | None = None
    resolves: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()

    @property
    def subject(self) -> AlertKind:
        """What it is about, of one DID or of many."""
        return self.what or self.kind


@dataclass(frozen=True, slots=True)
class Trouble:
    """A DID that cannot be read: `in_a_row` rounds by now, the first time at `since`."""

    in_a_row: int
    since: datetime
    reported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """All that one watch carries from round to round. `began_entry`: the last one of the journal
    when it began.

    `reported`: "unreadable" or "silent", where reported of the watch as a whole. `outages`: rounds
    in a row that were one. `pending`: the alerts that are not delivered everywhere yet.
    `incidents`: see ``incidents.py``. `parked`: DIDs whose route reached nobody before the watch
    began, or from their first revision on: no news. `owners`: of each number that is named, the
    DID that had it last.
    """

    began_at: datetime
    began_entry: int = 0
    interval_s: float
    last_round_at: datetime | None = None
    last_read_at: datetime | None = None
    outages: int = 0
    reported: frozenset[AlertKind] = frozenset()
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    pending: tuple[Alert, ...] = ()
    incidents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parked: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def quiet_since(self) -> datetime:
        """When something was read last, or else when the watch began."""
        return self.last_read_at or self.began_at

    def undelivered(self, now: datetime) -> tuple[Alert, ...]:
        """Return the alerts that are still to be delivered, oldest first."""
        return tuple(
            alert
            for alert in self.pending
            if now - alert.at <= (STILL_OPEN if alert.resolves else STILL_NEWS)
        )

    def delivered(self, number: int, channel: str) -> "AlertState":
        """Return the state once an alert was delivered on a channel. Twice changes nothing."""
        left = (
            replace(alert, channels=tuple(name for name in alert.channels if name != channel))
            if alert.id == number
            else alert
            for alert in self.pending
        )
        return replace(self, pending=tuple(alert for alert in left if alert.channels))
