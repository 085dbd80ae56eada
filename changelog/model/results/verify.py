"""What ``verify`` answers."""

from dataclasses import dataclass, field
from typing import Any, Literal

from changelog.model.diff import Change
from changelog.model.results.base import DidError
from changelog.model.results.capture import CaptureResult
from changelog.model.text.json_body import Fields

Verified = Literal[
    "match", "mismatch", "not_compared", "unreadable", "not_expected", "no_expectation"
]
"""`not_compared`: the live destination is not known, and nothing else differs. `not_expected`: the
file of expectations leaves this DID of the log out. `no_expectation`: it has no such revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedDid:
    """`expected` and `live`: field → value. `confirmed`: it was seen to be an older routing's
    return. `not_compared`: fields whose live value is unknown. `reads`: equal answers in a row."""

    requested: str
    did: str | None = None
    number: str | None = None
    outcome: Verified = "unreadable"
    matches: bool = False
    expected: Fields = field(default_factory=dict)
    expected_revision: int | None = None
    live: dict[str, Any] | None = None
    live_revision: int | None = None
    changes: tuple[Change, ...] = ()
    not_compared: tuple[str, ...] = ()
    reads: int = 0
    confirmed: bool = False
    error: DidError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCounts:
    requested: int = 0
    match: int = 0
    mismatch: int = 0
    not_compared: int = 0
    unreadable: int = 0
    not_expected: int = 0
    no_expectation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifySummary(CaptureResult):
    """A run as a whole; its DIDs are handed out beside it, one by one."""

    counts: VerifyCounts
    rounds: int
