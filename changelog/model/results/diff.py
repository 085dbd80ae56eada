"""What ``diff`` answers."""

from dataclasses import dataclass, field
from datetime import datetime

from changelog.model.diff import Change, Group
from changelog.model.results.base import DidError, Looks, Result
from changelog.model.routing import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffCounts:
    """`unreadable`: nothing is known to have changed, and one side could not be read; `not_read`:
    one side was not asked for. `learned`: of those unchanged, how many have a destination now that
    was not known before. `retired`: left out of a look at all DIDs."""

    compared: int = 0
    changed: int = 0
    unchanged: int = 0
    absent: int = 0
    unreadable: int = 0
    not_read: int = 0
    learned: int = 0
    retired: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffedDid:
    """One DID on both sides. A revision is None where the DID was not known on that side.

    `not_read`: the sides ("from", "to") whose capture has not read it; `error`: why, if it tried.
    `from_destination_known_from`, `to_destination_known_from`: when the destination of that side
    became known, where it differs and was not known then. `destination_unread`: the look at the
    live route did not show the destination. `returned`: the routing is the same on both sides, and
    was another one in between.
    """

    did: str
    number: str | None = None
    requested: str | None = None
    from_revision: int | None = None
    to_revision: int | None = None
    changes: tuple[Change, ...] = ()
    first_revision: bool = False
    not_read: tuple[str, ...] = ()
    error: DidError | None = None
    from_destination_known_from: datetime | None = None
    to_destination_known_from: datetime | None = None
    destination_unread: bool = False
    returned: bool = False

    @property
    def is_unread(self) -> bool:
        """Nothing is known to have changed, and nothing is known not to have."""
        return self.error is not None and bool(self.not_read) and not self.changes

    @property
    def was_asked(self) -> bool:
        """The run did not stop before it."""
        return self.error is None or self.error.was_asked

    @property
    def is_known_on_both(self) -> bool:
        return bool(self.from_revision and self.to_revision)

    @property
    def is_absent(self) -> bool:
        """Not known on one side: there is nothing to compare."""
        return not (self.first_revision or self.is_known_on_both or self.is_unread)

    @property
    def is_notable(self) -> bool:
        """Whether there is more to say of it than that it did not change."""
        return bool(self.changes or self.error or self.first_revision) or self.is_absent


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffResult(Result):
    """`from_` and `to` are the selectors; `from_at`, `to_at` the moments they name, if they do.
    `after`: where it is incomplete, the last DID that was compared. `looks`: how old the latest
    revisions are, where `to` names these."""

    from_: str
    to: str
    from_at: datetime | None = None
    to_at: datetime | None = None
    counts: DiffCounts
    dids: tuple[DiffedDid, ...]
    groups: tuple[Group, ...]
    capture: int | None = None
    remarks: tuple[str, ...] = ()
    after: str | None = None
    looks: Looks | None = None
    where: Where = field(default=Where(), metadata={"json": False})
