"""What ``verify`` answers."""

from dataclasses import dataclass, field
from typing import Any

from changelog.core.body import Fields
from changelog.core.differ import Change
from changelog.core.results.base import DidError, Result
from changelog.core.results.capture import CaptureSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedDid:
    """`expected` and `live`: field → value. `confirmed`: it was seen to be an older routing's
    return. `not_compared`: fields whose live value is unknown."""

    requested: str
    did: str | None = None
    number: str | None = None
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
class VerifyResult(Result):
    dids: tuple[VerifiedDid, ...]
    capture: CaptureSummary | None = None
