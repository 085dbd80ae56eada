"""What every result has: its conditions, the exit code that follows, and an error for each DID.

The JSON of a result has the names of its fields, with these exceptions: a `routing` stands as its
three fields, `routing_number` is called ``routing``, and a class that holds whole values of the
model lists in ``MEMBERS`` which members of them its object has. Fields are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from changelog.model.exits import EXIT_CODES, PRECEDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from changelog.model.answers import Problem


def exit_code(conditions: Iterable[str]) -> int:
    """Return the exit code of a run that met `conditions`; 0 where there are none."""
    met = {EXIT_CODES[condition] for condition in conditions}
    return next((code for code in PRECEDENCE if code in met), 0)


class DidError(NamedTuple):
    """Why there is no answer for one DID. `status`: the HTTP status, where there was one."""

    code: str
    message: str
    status: int | None = None
    hint: str = ""

    @property
    def was_asked(self) -> bool:
        """Return whether the DID was asked for: the run did not stop before it."""
        return self.code != NOT_ATTEMPTED.code

    @classmethod
    def of(cls, problem: Problem) -> DidError:
        """Return why an answer that met `problem` could not be read."""
        return cls(problem.code, problem.message, problem.status)


NOT_ATTEMPTED = DidError("not_attempted", "the run stopped before this DID was read")


class LastLook(NamedTuple):
    """The last look that read a DID. `destination_read`: whether it showed the destination, None
    where a look shows none; `destination_seen_at`: if not, when a look of the current stay last
    did. `unreadable_since`: the first look that failed after it. `stated`: an operator stated the
    destination, and no look shows it."""

    at: datetime
    destination_read: bool | None = None
    destination_seen_at: datetime | None = None
    unreadable_since: datetime | None = None
    stated: bool = False


class LostApplication(NamedTuple):
    """An application that is listed no more or, where it `is_listed`, has no ``answer_url``.

    `had`: the one before. `at`: when a look found it so, None for now.
    """

    is_listed: bool
    had: str | None
    at: datetime | None = None


class LiveLook(NamedTuple):
    """Whether the live route was asked and `answered` (a 404 is an answer), and whether that was
    stored. `error`, `store_error`: why not. `api_updated_at`: when it was updated, it says."""

    looked: bool = False
    recorded: bool = False
    error: DidError | None = None
    answered: bool = False
    store_error: DidError | None = None
    api_updated_at: datetime | None = None


class Looks(NamedTuple):
    """From when to when the last looks at some DIDs were; which DIDs could not be read since, and
    since when; of which the last look did not show the destination, and of when the oldest is; and
    of which it was stated."""

    first_at: datetime
    last_at: datetime
    unreadable: tuple[str, ...] = ()
    unreadable_since: datetime | None = None
    destination_unread: tuple[str, ...] = ()
    destinations_as_of: datetime | None = None
    stated: tuple[str, ...] = ()

    @classmethod
    def of(cls, looks: Mapping[str, LastLook]) -> Looks | None:
        """Sum up the last looks by DID; None where there are none."""
        if not looks:
            return None
        moments = [look.at for look in looks.values()]
        since = {did: look.unreadable_since for did, look in looks.items()}
        unreadable = {did: at for did, at in since.items() if at is not None}
        unread = [(did, look) for did, look in looks.items() if look.destination_read is False]
        seen = [look.destination_seen_at for _, look in unread if look.destination_seen_at]
        return cls(
            min(moments),
            max(moments),
            tuple(unreadable),
            min(unreadable.values(), default=None),
            tuple(did for did, _ in unread),
            min(seen, default=None),
            tuple(did for did, look in looks.items() if look.stated),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """Base of all: `conditions` decide the exit code.

    `mirror_as_of`: when the newest entry of the mirror was written, where the answer is from that.
    """

    conditions: tuple[str, ...] = ()
    mirror_as_of: datetime | None = field(default=None, metadata={"json": False})

    @property
    def exit_code(self) -> int:
        return exit_code(self.conditions)

    @property
    def has_read(self) -> bool:
        """Return whether the run read any DID, as far as it asked the API at all."""
        return False
