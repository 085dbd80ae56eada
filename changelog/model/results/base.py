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
    from collections.abc import Iterable
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
