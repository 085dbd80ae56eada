"""The fleet as the reader hands it out: where each DID points, now or at a moment."""

from dataclasses import dataclass
from datetime import datetime

from changelog.model.routing import Routing


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
    """The revision of one DID at a moment or in a capture, as far as it takes to compare it.

    `body`: None for one that is broken.
    """

    did: str
    number: str | None
    revision: int
    routing: Routing
    routing_number: int
    destination_source: str | None
    status: str | None
    body: str | None
    first_seen_at: datetime
