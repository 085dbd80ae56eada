"""Times on the command line: ``--since``, ``--until``, ``--wait``, ``--interval``."""

import re
from datetime import datetime

from changelog.model.errors import UsageError
from changelog.model.text.times import parse_moment


def moment(text: str | None, now: datetime) -> datetime | None:
    """The moment that `text` names. Raises UsageError."""
    if text is None:
        return None
    found = parse_moment(text, now)
    if found is None:
        raise UsageError(f"{text!r} is no time", "Write 2026-11-23T14:00Z, 2026-11-23, or 2h ago.")
    return found


_LENGTH = re.compile(
    r"(?:(?P<d>\d{1,3})d)?(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,4})m(?:in)?)?(?:(?P<s>\d{1,6})s)?",
    re.ASCII,
)


def seconds(text: str | None) -> float:
    """A length of time: ``30s``, ``5m``, ``1h30m``, ``1d``; none is 0. Raises UsageError."""
    if text is None:
        return 0.0
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise UsageError(f"{text!r} is no length of time", "Write 30s, 5m or 1h30m.")
    days, hours, minutes, rest = (int(count or 0) for count in found.groups())
    return float(days * 86400 + hours * 3600 + minutes * 60 + rest)
