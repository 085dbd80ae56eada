"""What the log knows of a DID at the moment that a tag or a time names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class SeenThen(NamedTuple):
    """Whether the revision that stands for a DID at a moment was seen then.

    `not_read`: it is a capture's tag, and that capture did not read the DID. `unseen_since`: when
    the revision was last seen, where that was before the moment. Then nobody saw whether it was
    still so at the moment. `destination_not_read`: the tag's capture read the DID, but not where
    its application sends calls: the destination is that of an earlier look.
    """

    not_read: bool = False
    unseen_since: datetime | None = None
    destination_not_read: bool = False

    @classmethod
    def at(
        cls,
        moment: datetime | None,
        last_seen_at: datetime,
        *,
        was_read: bool | None,
        destination_not_read: bool = False,
    ) -> SeenThen:
        """Return it for a revision that was `last_seen_at`; a `moment` of None is now.

        `was_read`: whether the tag's capture read the DID; None where no capture's tag is meant.
        """
        is_older = moment is not None and last_seen_at < moment
        unseen_since = last_seen_at if is_older else None
        return cls(was_read is False, unseen_since, bool(was_read) and destination_not_read)
