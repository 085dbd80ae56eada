"""The API keys: checked, named without being told, and never shown."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from changelog.model.errors import UsageError

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
