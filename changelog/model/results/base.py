"""What every answer of a command has, and why there is none for one DID.

The JSON of a result has the names of its fields, with these exceptions: a `routing` stands as its
three fields, `routing_number` is called ``routing``, and a class that holds whole values of the
model lists in ``MEMBERS`` which members of them its object has. Fields are only ever added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from changelog.model import exits

if TYPE_CHECKING:
    from datetime import datetime

    from changelog.model.answers import Problem


class DidError(NamedTuple):
    """Why there is no answer for one DID. `status`: the HTTP status, where there was one."""

    code: str
    message: str
    status: int | None = None
    hint: str = ""

    @classmethod
    def of(cls, problem: Problem) -> DidError:
        """Return why an answer that met `problem` could not be read."""
        return cls(problem.code, problem.message, problem.status)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """Base of all: `conditions` decide the exit code (``model/exits.py``).

    `mirror_as_of`: when the newest entry of the mirror was written, where the answer is from that.
    """

    conditions: tuple[str, ...] = ()
    mirror_as_of: datetime | None = field(default=None, metadata={"json": False})

    @property
    def exit_code(self) -> int:
        return exits.exit_code(self.conditions)
