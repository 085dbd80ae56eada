"""Moments in time: parsing what an operator types, printing RFC 3339 in UTC."""

import re
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"(?P<count>\d{1,6})\s*(?P<unit>[smhdw])(?:\s+ago)?", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse_moment(text: str, now: datetime) -> datetime | None:
    """The moment that `text` names, or None if it names none.

    ``2026-11-23T14:00Z``, ``2026-11-23`` (its first instant), ``2h ago``, ``2h``.
    Without an offset the time is UTC: a server's zone must not decide which revision is meant.
    """
    words = text.strip()
    if words == "now":
        return now
    if ago := _AGO.fullmatch(words):
        return _before(now, timedelta(**{_UNITS[ago["unit"]]: int(ago["count"])}))
    if not re.match(r"\d{4}-\d{2}-\d{2}", words, re.ASCII):
        return None
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _before(now: datetime, age: timedelta) -> datetime | None:
    try:
        return now - age
    except OverflowError:
        return None


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z: the form in which the database keeps a time."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def rfc3339(moment: datetime) -> str:
    """Whole precision, for JSON: ``2026-11-23T14:00:00.123456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def format_utc(moment: datetime) -> str:
    """To the second, for people: ``2026-11-23 14:00:05Z``."""
    return moment.astimezone(UTC).isoformat(" ", timespec="seconds").replace("+00:00", "Z")


def wrong_clock(offset: timedelta) -> str:
    """Say how far this machine's clock is off: it is behind the API's by `offset`."""
    where = "behind" if offset > timedelta() else "ahead of"
    length = format_duration(abs(offset).total_seconds())
    return f"this machine's clock is {length} {where} the API's"


def format_duration(seconds: float) -> str:
    """A length of time in its two largest units: ``3 d 4 h``, ``12 min``, ``8 s``."""
    left = int(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "under a second"
