"""The tags and the alerts of a log."""

from dataclasses import dataclass
from datetime import datetime

from changelog.model.history import Tag
from changelog.model.results.base import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsResult(Result):
    """The newest tags, newest first. `more`: older entries are left out."""

    tags: tuple[Tag, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertShown:
    """One alert as the log has it."""

    id: int
    at: datetime
    watch: str
    kind: str
    what: str | None
    did: str | None
    number: str | None
    revision: int | None
    count: int
    code: str | None
    capture: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsResult(Result):
    """The newest alerts before an id, newest first. `more`: older entries are left out."""

    alerts: tuple[AlertShown, ...] = ()
    more: bool = False
