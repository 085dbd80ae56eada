"""Which key is asked with next, and whose answer counts where none can read a DID."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple

from changelog.api.exchange import Received
from changelog.api.key import ApiKey

PASSED_ON = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
"""What another key may know better. A DID belongs to one application, and so does a key."""


class Attempt(NamedTuple):
    """What one key got. A key that was refused before is not asked again: its refusal stands."""

    key: ApiKey
    received: Received

    @property
    def final(self) -> bool:
        return self.received.status not in PASSED_ON


class Keyring:
    """The keys of one run, in their order, and the refusals so far; safe in any thread."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._keys = keys
        # One assignment an entry, which is atomic; nothing is ever taken out.
        self._refusals: dict[str, Received] = {}

    def in_order(self, remembered: str | None) -> list[ApiKey]:
        """Return the keys, the one that goes by the name `remembered` first."""
        return sorted(self._keys, key=lambda key: not key.goes_by(remembered))

    def note(self, attempt: Attempt) -> None:
        """Note a refusal, so that the key is not asked with again."""
        if attempt.received.status == HTTPStatus.UNAUTHORIZED:
            self._refusals.setdefault(attempt.key.name, attempt.received)

    def refusal(self, key: ApiKey) -> Received | None:
        return self._refusals.get(key.name)

    @property
    def refused(self) -> tuple[str, ...]:
        """The names of the keys that the API refused."""
        return tuple(key.name for key in self._keys if key.name in self._refusals)

    def all_refused(self) -> bool:
        return len(self._refusals) == len(self._keys)


def deciding_attempt(attempts: Sequence[Attempt], remembered: str | None) -> Attempt:
    """Return the attempt whose answer counts.

    It is the last one if that is final, else that of the key that read the DID last, else a 404
    rather than a 401, else the first.
    """
    if attempts[-1].final:
        return attempts[-1]
    return min(
        attempts,
        key=lambda attempt: (
            not attempt.key.goes_by(remembered),
            attempt.received.status != HTTPStatus.NOT_FOUND,
        ),
    )


def name_of(key: ApiKey, remembered: str | None, *, readable: bool) -> str:
    """Return the name under which an answer is kept.

    A key that read the DID under its fingerprint, before it had a name, says that the DID is gone
    under the same one: only from the key that read it last does that count.
    """
    if not readable and remembered is not None and key.goes_by(remembered):
        return remembered
    return key.name
