"""What is read a page at a time, and what only the pages show; a page has the next one's key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from changelog.model.diff import has_only_learned
from changelog.model.results.history import FleetRow, ListResult
from changelog.model.text.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from changelog.model.diff import Change
    from changelog.model.results.status import CaptureSummary, RecentNote


_SPELLED_KEY = re.compile(
    r"(?P<at>-?[0-9]{1,16})\.(?P<revision>[0-9]{1,9})\.(?P<did>.+)", re.ASCII | re.DOTALL
)


class Then(NamedTuple):
    """A moment. Of a capture's tag, what the `capture` read goes before that."""

    moment: datetime
    capture: int | None = None


class FleetPage(NamedTuple):
    """DIDs by id. `after`: the id behind which the next page begins, None on the last one."""

    rows: tuple[FleetRow, ...]
    after: str | None = None


class RevisionMeant(NamedTuple):
    """The revision of a DID that a selector means, and the number that the DID has there.

    `previous`: the newest one before it with another routing, where that was asked for and is.
    """

    revision: int
    number: str | None
    previous: int | None = None


class ChangeCount(NamedTuple):
    """An equal change of `size` DIDs of one capture, `did` the first of them by id.

    Without `changes`, other fields of the body changed.
    """

    changes: tuple[Change, ...]
    size: int
    did: str

    @property
    def has_only_learned(self) -> bool:
        """Whether it is a destination that was learned, and nothing moved."""
        return has_only_learned(self.changes)


class CaptureChanges(NamedTuple):
    """What one capture found changed, the most frequent change first.

    `new`: how many DIDs it read for the first time. `changed`: of how many DIDs it began another
    revision. `first_at`, `last_at`: when the first and the last of these were seen. `is_whole`:
    False where it found so much that only the newest of it was counted: then all counts are lower
    limits. `notes`: those added later, oldest first.
    """

    capture: CaptureSummary
    tag: str | None
    new: int
    changed: int
    groups: tuple[ChangeCount, ...]
    first_at: datetime
    last_at: datetime
    is_whole: bool = True
    notes: tuple[RecentNote, ...] = ()


class ChangesPage(NamedTuple):
    """Captures that found changes, newest change first. `before`: a cursor, from which the next
    page goes on; None on the last one. `names`: what people call the applications, by their id, for
    the most frequent changes of each capture."""

    captures: tuple[CaptureChanges, ...]
    before: str | None = None
    names: Mapping[str, str] = MappingProxyType({})


TextKind = Literal["note", "verdict", "evidence", "capture"]


class FoundText(NamedTuple):
    """A text in which something was found: of a revision of a DID, or of a capture.

    `where`: the text itself, or of a capture all of note, ticket, tag and people.
    """

    kind: TextKind
    at: datetime
    by: str
    where: str
    did: str | None = None
    revision: int | None = None
    capture: int | None = None


class EarlierNumber(NamedTuple):
    """A number that the DID had once and has no longer."""

    number: str
    did: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult(ListResult):
    """What was found of a text: DIDs by id, texts and captures newest first, at most so many each.

    `more`: the kinds ("dids", "numbers", "note", "verdict", "evidence", "capture") of which there
    is more than that.
    """

    earlier: tuple[EarlierNumber, ...] = ()
    texts: tuple[FoundText, ...] = ()
    more: tuple[str, ...] = ()


class RevisionKey(NamedTuple):
    """A revision and its place in the order of time."""

    did: str
    revision: int
    first_seen_at: datetime

    @property
    def spelled(self) -> str:
        """Return it as an address has it."""
        return f"{to_micros(self.first_seen_at)}.{self.revision}.{self.did}"

    @classmethod
    def parsed(cls, text: str) -> RevisionKey:
        """Return what was `spelled`. Raises ValueError."""
        found = _SPELLED_KEY.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(found["did"], int(found["revision"]), from_micros(int(found["at"])))


@dataclass(frozen=True, slots=True)
class RevisionsWanted:
    """Which revisions of all DIDs: first seen in that period; that changed that `field`, or the
    `routing`; that `tag` names; that hold the text `grep`. None: any."""

    since: datetime | None = None
    until: datetime | None = None
    field: str | None = None
    routing: bool = False
    tag: str | None = None
    grep: str | None = None


class NewestPage(NamedTuple):
    """Revisions that may be what is wanted, newest first. `looked_to`: the last one that was looked
    at, behind which the next page goes on where there is `more`."""

    keys: tuple[RevisionKey, ...]
    looked_to: RevisionKey | None
    more: bool
