"""Whether a webhook was signed with the secret, and lately.

Documented: ``X-MiniVoice-Signature: v1=<hex HMAC-SHA256 over timestamp + "." + raw body>`` beside
``X-MiniVoice-Timestamp``. Not documented: how the timestamp is spelled and the skew allowed. Unix
time, in seconds or milliseconds, and RFC 3339 are understood.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Literal

from changelog.model.text.times import provider_time

TIMESTAMP_HEADER = "X-MiniVoice-Timestamp"
SIGNATURE_HEADER = "X-MiniVoice-Signature"
DEFAULT_SKEW = timedelta(minutes=5)
_VERSION = b"v1="

Refusal = Literal[
    "unsigned", "repeated_header", "bad_signature", "bad_timestamp", "stale_timestamp"
]


def sign(secret: bytes, timestamp: bytes, body: bytes) -> bytes:
    """Return the signature of one delivery as its header has it."""
    return _VERSION + hmac.new(secret, timestamp + b"." + body, hashlib.sha256).hexdigest().encode()


def refusal(
    secret: bytes,
    timestamp: bytes | None,
    signature: bytes | None,
    body: bytes,
    *,
    now: datetime,
    skew: timedelta = DEFAULT_SKEW,
) -> Refusal | None:
    """Return why a delivery with these headers, as they came, is not to be trusted; None if it is.

    The time is looked at last: until the signature is right, it is anybody's word.
    """
    if not timestamp or not signature:
        return "unsigned"
    if b"," in timestamp or b"," in signature:
        # A server joins repeated headers by commas: which of them would count is anybody's guess.
        return "repeated_header"
    # In the same time wherever it differs.
    if not hmac.compare_digest(sign(secret, timestamp, body), signature.strip()):
        return "bad_signature"
    at = provider_time(timestamp.decode("latin-1"))
    if at is None:
        return "bad_timestamp"
    return "stale_timestamp" if abs(now - at) > skew else None
