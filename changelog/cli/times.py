"""Times on the command line: ``--since``, ``--until``, ``--interval``."""

import re
from datetime import datetime

from changelog.core.errors import UsageError
from changelog.core.moments import parse_moment


def moment(text: str | None, now: datetime) -> datetime | None:
    """The moment that `text` names. Raises UsageError."""
    if text is None:
        return None
    found = parse_moment(text, now)
    if found is None:
        raise UsageError(f"{text!r} is no time", "Write 2026-11-23T14:00Z, 2026-11-23, or 2h ago.")
    return found


_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST_S = 366 * 86400


def seconds(text: str) -> float:
    """Seconds from ``90``, ``30s``, ``5m``, ``1h``, ``1d``. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*(s|min|m|h|d|)", text.strip(), re.ASCII)
    length = float(found[1]) * _UNITS_S[found[2]] if found else 0.0
    if not 0 < length <= _LONGEST_S:
        raise UsageError(f"{text!r} is no length of time", "Write 30s, 5m, 1h or 1d.")
    return length
