"""What came back from the API: the final answer for one DID, readable or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from changelog.model.history import NOT_FOUND
from changelog.model.text.json_body import Fields


def is_of_server(status: int) -> bool:
    """Return whether an HTTP status says nothing of what was asked for: the server is at fault, or
    wants to be asked less often."""
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer could not be read: the HTTP status if there was one, the provider's error code
    or one of this program's, and the body as it came (redacted, at most 64 KiB)."""

    code: str
    message: str
    status: int | None = None
    body: bytes = b""
    no_answer: bool = False
    """There was no HTTP response at all: refused, unresolved, reset, timed out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The final answer, after retries, for one DID that was asked for.

    Readable: `did`, `body` (verbatim, redacted) and `fields` (parsed) are there, `problem` is None.
    Unreadable: the other way about. `did` is then the known id of what was asked for, if any.
    """

    requested: str
    received_at: datetime
    did: str | None = None
    body: str = ""
    fields: Fields = field(default_factory=dict)
    problem: Problem | None = None
    key: str | None = None

    @property
    def not_found(self) -> bool:
        """A 404 in the API's own words. A page of HTML is a proxy's, or a wrong address's."""
        if self.problem is None or self.problem.status != NOT_FOUND:
            return False
        return not self.problem.body.lstrip().startswith(b"<")


@dataclass(frozen=True, slots=True)
class SnapshotSeen:
    """One snapshot as ``log --snapshots`` and ``show`` list it. `destination_read`: whether it is
    known to have shown the destination; None where a look shows none."""

    at: datetime
    capture: int
    revision: int | None
    problem: Problem | None = None
    destination_read: bool | None = None


@dataclass(frozen=True, slots=True)
class Applications:
    """The ``answer_url`` of each application, or the `remark` why they could not be read.

    `listed`: the ids of all that there are; None where they were not read whole. `names`: by id,
    what people call those that have one.
    """

    answer_urls: Mapping[str, str] = field(default_factory=dict)
    remark: str | None = None
    listed: frozenset[str] | None = field(default=None, compare=False)
    names: Mapping[str, str] = field(default_factory=dict, compare=False)

    def misses(self, application_id: str) -> bool:
        """Return whether no key shows its ``answer_url``: it may be listed without one."""
        return application_id not in self.answer_urls

    def lacks_url(self, application_id: str | None) -> bool:
        """Return whether it is listed, and without an ``answer_url``."""
        is_listed = self.listed is not None and application_id in self.listed
        return is_listed and application_id not in self.answer_urls

    def is_gone(self, application_id: str | None) -> bool:
        """Return whether the whole list has no such application."""
        return (
            bool(application_id) and self.listed is not None and application_id not in self.listed
        )
