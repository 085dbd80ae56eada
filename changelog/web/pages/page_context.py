"""What the pages are made with, and what one request has: a reader of its own, its query."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from changelog.model.ports import Log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from changelog.model.results.annotations import TagsResult
    from changelog.model.results.base import Result
    from changelog.model.results.watch import AlertsResult
    from changelog.web.pages.addresses import Address, Addresses
    from changelog.web.pages.query_fields import QueryFields


class PageLog(Log, Protocol):
    """The log, with what only pages ask of it."""

    def newest_entry_at(self) -> datetime | None: ...
    def tag_list(self) -> TagsResult: ...
    def alert_list(self, before: int | None) -> AlertsResult: ...


class OpenedLog(NamedTuple):
    """`from_mirror`: the database cannot be reached, and this is its copy."""

    log: PageLog
    from_mirror: bool = False


@dataclass(frozen=True, slots=True)
class PageSettings:
    """`zone`: shown beside UTC; `contact`: whom people without a shell ask; `ignored`: fields whose
    changes are not shown."""

    version: str
    prefix: str = ""
    zone: tzinfo | None = None
    contact: str | None = None
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request."""

    log: PageLog
    query: QueryFields
    to: Addresses
    settings: PageSettings
    wants_json: bool = False

    @property
    def now(self) -> datetime:
        return self.query.now

    def next_page(self, path: str, after: str) -> Address:
        """Return the address of the same question, behind `after`."""
        return self.to.at(path, **{**self.query.given, "after": after})


@dataclass(frozen=True, slots=True)
class Page:
    """The answer of a command as `template` shows it, with its `variables`.

    `link`: the address under which this state is found again.
    """

    command: str
    result: Result
    template: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    link: Address | None = None
