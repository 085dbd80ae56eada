"""Times on the command line: ``--since``, ``--until``."""

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
