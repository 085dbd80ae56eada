"""``--rate``: how many fetches a second."""

import re

from changelog.model.errors import UsageError

_RATE = re.compile(r"(?P<count>\d+(?:\.\d+)?)(?:/(?P<unit>s|m|min))?", re.ASCII)


def parse_rate(text: str | None) -> float | None:
    """Fetches a second from ``10``, ``10/s`` or ``90/min``. Raises UsageError."""
    if text is None:
        return None
    found = _RATE.fullmatch(text.strip())
    if found is None or float(found["count"]) == 0:
        raise UsageError(f"{text!r} is no rate", "Write --rate 10/s")
    return float(found["count"]) / (1 if found["unit"] in (None, "s") else 60)
