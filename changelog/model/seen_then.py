"""What the log knows of a DID at the moment that a tag or a time names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from changelog.model.history import History, Revision
    from changelog.model.results.base import DidError


LATE = "late"
"""The code of an answer that was readable and came too late to begin a revision."""


class SeenThen(NamedTuple):
    """Whether the revision that stands for a DID at a moment was seen then.

    `not_read`: it is a capture's tag, and that capture did not read the DID. `unseen_since`: when
    the revision was last seen, where that was before the moment. Then nobody saw whether it was
    still so at the moment. `destination_not_read`: the tag's capture read the DID, but not where
    its application sends calls: the destination is that of an earlier look. `read_late`: what the
    tag's capture, or the last look before a time, saw instead, in words. It began no revision.
    """

    not_read: bool = False
    unseen_since: datetime | None = None
    destination_not_read: bool = False
    read_late: str = ""

    @property
    def was_never_seen(self) -> bool:
        """Return whether neither the tag's capture nor a later look saw the revision then."""
        return self.not_read and self.unseen_since is not None

    @classmethod
    def at(
        cls,
        moment: datetime | None,
        last_seen_at: datetime,
        *,
        was_read: bool | None,
        destination_not_read: bool = False,
        read_late: str = "",
    ) -> SeenThen:
        """Return it for a revision that was `last_seen_at`; a `moment` of None is now.

        `was_read`: whether the tag's capture read the DID; None where no capture's tag is meant.
        """
        not_read = was_read is False
        is_older = moment is not None and last_seen_at < moment
        unseen_since = last_seen_at if is_older else None
        if read_late:
            # However often it was seen so before and after it, it was seen otherwise then.
            unseen_since = unseen_since or moment
        return cls(not_read, unseen_since, bool(was_read) and destination_not_read, read_late)


def read_late(unread: Mapping[str, DidError], did: str) -> str:
    """Return what a capture read of `did` too late, of what it could not read; else nothing."""
    error = unread.get(did)
    return error.message if error is not None and error.code == LATE else ""


def whole_seen_by(history: History, revision: Revision, moment: datetime) -> datetime | None:
    """Return the last look that shows the destination of `revision`, where none of its stay does
    from the `moment` on; None where one does, or where no look can show it."""
    if revision.routing.destination is None:
        return None
    stays = history.stays[revision.routing_number]
    end = next(last for _, last in stays if last.revision >= revision.revision)
    stay = history.revisions[revision.revision - 1 : end.revision]
    seen = history.destination_seen([one for one in stay if one.routing.destination][-1])
    if seen is None:
        after = history.revision(revision.revision + 1)
        return history.last_seen_before(revision, after) if after else None
    return seen[1] if seen[1] < moment else None
