"""How a command ends: the base of every result, and the exit code of all the conditions it met.

The JSON of a result has the names of its fields, with these exceptions: a `routing` stands as its
three fields, `routing_number` is called ``routing``, and a class that holds whole values of the
model lists in ``MEMBERS`` which members of them its object has. Fields are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from changelog.model.answers import Problem


DIFFERENT = "different"
NO_TARGET = "no_target"
UNKNOWN_DID = "unknown_did"
UNKNOWN_REVISION = "unknown_revision"
UNKNOWN_TAG = "unknown_tag"
NOTHING_RECORDED = "nothing_recorded"
UNREADABLE = "unreadable"
NOT_COMPARED = "not_compared"
"""A DID was read, and its expected destination could not be compared."""
INCOMPLETE = "incomplete"
"""A deadline was over before all of the log was read that was asked about."""
NO_ANSWER = "no_answer"
UNAUTHORIZED = "unauthorized"
DATABASE_UNUSABLE = "database_unusable"
BROKEN_LOG = "broken_log"
INTERRUPTED = "interrupted"
TAG_TAKEN = "tag_taken"
BUG = "bug"
MIRROR = "mirror"
"""The answer is from the mirror: the run ends as it would have from the log itself."""

EXIT_CODES = {
    BUG: 1,
    INTERRUPTED: 130,
    TAG_TAKEN: 2,
    BROKEN_LOG: 7,
    DATABASE_UNUSABLE: 8,
    NO_ANSWER: 6,
    UNAUTHORIZED: 6,
    UNREADABLE: 3,
    NOT_COMPARED: 3,
    INCOMPLETE: 3,
    NO_TARGET: 5,
    UNKNOWN_DID: 5,
    UNKNOWN_REVISION: 5,
    UNKNOWN_TAG: 5,
    NOTHING_RECORDED: 5,
    DIFFERENT: 4,
    MIRROR: 0,
}
"""Every condition and its exit code; where several apply, the first in ``PRECEDENCE`` wins."""

PRECEDENCE = (1, 130, 2, 7, 8, 6, 3, 5, 4)


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
