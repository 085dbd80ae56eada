"""The API key: checked, named without being told, and never shown."""

import hashlib
import re
from dataclasses import dataclass, field

from changelog.core.errors import UsageError

_FIT_FOR_A_HEADER = re.compile(r"[\x21-\x7e]+")
_DIGITS_OF_THE_NAME = 8


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that can stand in a header. `secret` is in no representation of this value."""

    secret: str = field(repr=False)

    @property
    def name(self) -> str:
        """Tells keys apart in the log. Eight digits of a digest give no key away."""
        return f"key-{hashlib.sha256(self.secret.encode()).hexdigest()[:_DIGITS_OF_THE_NAME]}"


def check_key(text: str) -> ApiKey:
    """Raises UsageError, which does not repeat the key, for what cannot stand in a header."""
    if not text:
        raise UsageError("the API key is empty", "Set MINIVOICE_API_KEY or MINIVOICE_API_KEY_FILE")
    if not _FIT_FOR_A_HEADER.fullmatch(text):
        raise UsageError(
            "the API key has characters that no key has: white space, control characters or "
            "letters beyond ASCII",
            "Copy it again, without quotes, line breaks and other characters around it",
        )
    return ApiKey(text)
