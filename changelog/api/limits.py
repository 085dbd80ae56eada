"""How long and how often the API is asked, and how much of an answer is read."""

from dataclasses import dataclass, replace
from typing import Self

APPLICATIONS_S = 3.0
_TO_STORE_S = 0.15
"""Left for handing over that there was no answer, so that this too is stored."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. `connect_s` is for resolving the name and connecting, and once more for
    TLS; `read_s` for the next byte; `answer_s` for all of one answer, from connecting to the last
    byte, however steadily it drips; `target_s` for one DID over all attempts and keys, the waits
    between them included. `attempts` counts the first one too, for each key. `silence_counts`:
    whether a DID that is not answered in time counts as a failed connection: many end the run.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    answer_s: float = 30.0
    target_s: float = 45.0
    attempts: int = 4
    body_bytes: int = 1024 * 1024
    longest_retry_after_s: float = 30.0
    backoff_s: float = 0.5
    longest_backoff_s: float = 8.0
    silence_counts: bool = True

    @classmethod
    def quick(cls, within_s: float = 2.0) -> Self:
        """Try once a key, with the outcome a little before `within_s`: somebody waits for it."""
        whole = max(0.1, within_s - _TO_STORE_S)
        return cls(connect_s=whole, read_s=whole, answer_s=whole, target_s=whole, attempts=1)

    def for_applications(self) -> Self:
        """Try once: without it a capture lacks some destinations and nothing else."""
        return replace(self, answer_s=min(self.answer_s, APPLICATIONS_S), attempts=1)
