"""The API keys: checked, named, never shown; and which one is asked with next.

Where none can read a DID, `deciding_attempt` says whose answer counts.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from changelog.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from changelog.api.exchange import Received

_FIT_FOR_A_HEADER = re.compile(r"[\x21-\x7e]+")
_DIGITS_OF_THE_NAME = 8


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that can stand in a header. `secret` is in no representation of this value.

    `given`: the names that the settings have for it, the one that counts first.
    """

    secret: str = field(repr=False)
    given: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Tell keys apart in the log. Eight digits of a digest give no key away."""
        return f"key-{hashlib.sha256(self.secret.encode()).hexdigest()[:_DIGITS_OF_THE_NAME]}"

    @property
    def name(self) -> str:
        return self.given[0] if self.given else self.fingerprint

    def goes_by(self, name: str | None) -> bool:
        """Return whether `name` is one of its names: it may have had none when it was recorded."""
        return name is not None and (name in self.given or name == self.fingerprint)


def check_key(text: str, name: str | None = None) -> ApiKey:
    """Return `text` as a key. Raises UsageError, which does not repeat it, if it fits no header."""
    if not text:
        raise UsageError("the API key is empty", "Set MINIVOICE_API_KEY or MINIVOICE_API_KEY_FILE")
    if not _FIT_FOR_A_HEADER.fullmatch(text):
        raise UsageError(
            "the API key has characters that no key has: white space, control characters or "
            "letters beyond ASCII",
            "Copy it again, without quotes, line breaks and other characters around it",
        )
    return ApiKey(text, () if name is None else (name,))


def each_once(keys: Iterable[ApiKey]) -> tuple[ApiKey, ...]:
    """Return `keys` in their order, one secret once, with all the names that it was given."""
    names: dict[str, list[str]] = {}
    for key in keys:
        known = names.setdefault(key.secret, [])
        known.extend(name for name in key.given if name not in known)
    return tuple(ApiKey(secret, tuple(given)) for secret, given in names.items())


def secrets_of(keys: Sequence[ApiKey]) -> list[str]:
    """Return all secrets, longest first: one that begins with another must not be halved."""
    return sorted((key.secret for key in keys), key=len, reverse=True)


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
