"""Moments in time: parsing what an operator types, printing RFC 3339 in UTC."""

import re
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"(?P<count>\d{1,6})\s*(?P<unit>[smhdw])(?:\s+ago)?", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_UNIX_SECONDS = re.compile(r"\d{1,11}(?:\.\d+)?", re.ASCII)
_UNIX_MILLISECONDS = re.compile(r"\d{12,14}", re.ASCII)
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


def provider_time(value: object) -> datetime | None:
    """A time as the provider may spell it; None for what is none.

    RFC 3339 (seen in bodies) and Unix time, in seconds or milliseconds: how the signature's
    timestamp is spelled is not documented.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    try:
        if _UNIX_SECONDS.fullmatch(text):
            return from_micros(round(float(text) * 1_000_000))
        if _UNIX_MILLISECONDS.fullmatch(text):
            return from_micros(int(text) * 1_000)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
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


def format_range(at_least: float, at_most: float | None) -> str:
    """A length of time that is known within limits: ``46 s to 3 min``; None: without a limit."""
    low = format_duration(at_least)
    if at_most is None:
        return f"at least {low}" if at_least >= 1 else "for an unknown time"
    high = format_duration(at_most)
    if low == high:
        return low
    return f"{low} to {high}" if at_least >= 1 else f"at most {high}"


def format_duration(seconds: float) -> str:
    """A length of time in its two largest units: ``3 d 4 h``, ``12 min``, ``8 s``."""
    left = int(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "under a second"
