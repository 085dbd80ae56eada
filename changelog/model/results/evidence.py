"""What ``evidence`` answers: what became of each webhook."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from changelog.model.diff import Change
from changelog.model.results.base import Result
from changelog.model.test_calls import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCounts:
    stored: int = 0
    duplicate: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceEvent:
    """One webhook. `call` and `event` are None where it could not be read. `aside`: why it was
    ignored, in a word."""

    call: str | None
    event: str | None
    did: str | None
    revision: int | None
    result: Literal["reached", "differs", "pass", "fail", "ignored"]
    differences: tuple[Change, ...] = ()
    reason: str = ""
    outcome: Outcome
    at: datetime | None = None
    aside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceReport(Result):
    counts: EvidenceCounts
    events: tuple[EvidenceEvent, ...]
