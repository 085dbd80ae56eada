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
