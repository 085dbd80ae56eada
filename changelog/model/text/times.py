"""Moments, lengths of time and rates: parsing what an operator types, printing RFC 3339 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from changelog.model.routing import Routing

from changelog.model.errors import UsageError

_UNITS = {
    "weeks": r"w|weeks?",
    "days": r"d|days?",
    "hours": r"h|hrs?|hours?",
    "minutes": r"m|mins?|minutes?",
    "seconds": r"s|secs?|seconds?",
}
CLOCKS_DIFFER = timedelta(minutes=5)
"""By how much two clocks may differ, and neither is wrong."""
# Patterns are texts: few runs parse times, and `re` compiles one at its first use.
_DURATION = r"\s*".join(
    # "1d2h": a digit ends a unit as well as a space does.
    rf"(?:(?P<{unit}>\d{{1,6}}(?:\.\d{{1,6}})?)\s*(?:{words})(?![a-z]))?"
    for unit, words in _UNITS.items()
)
_RATE = r"(?P<count>\d+(?:\.\d+)?)(?:/(?P<unit>s|m|min))?"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMED_DAY = rf"today|yesterday|{'|'.join(_WEEKDAYS)}"
_DAY = rf"{_NAMED_DAY}|\d{{4}}-\d{{2}}-\d{{2}}"
_ZONE = r"(?:z|[+-]\d{2}:?\d{2})?"
_TWELVE_HOURS = rf"(?P<hour>\d{{1,2}})(?P<rest>(?::\d{{2}})?) ?(?P<half>[ap])m(?P<zone>{_ZONE})"
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,6}})?)?{_ZONE}"
_TAIL = (
    rf"ago|at|utc|\d{{1,2}}|[ap]m|{_NAMED_DAY}|{_CLOCK}|{_TWELVE_HOURS}"
    r"|weeks?|days?|hrs?|hours?|mins?|minutes?|secs?|seconds?"
)
_OPTIONS = ("--to", "--from", "--at", "--since", "--until")
"""Those that take a time."""
_ONE_DAY = timedelta(days=1)
_UNIX_SECONDS = r"\d{1,11}(?:\.\d+)?"
_UNIX_MILLISECONDS = r"\d{12,14}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ANY = datetime(2000, 1, 1, tzinfo=UTC)
"""A moment, to ask only whether a text names one."""


class Window(NamedTuple):
    """Between which two looks something changed.

    `not_before`: when it was last seen otherwise, None where nothing is known before. `not_after`:
    when it was first seen so. `api_updated_at`: what the API said then that it had been updated.
    """

    not_before: datetime | None
    not_after: datetime
    api_updated_at: datetime | None

    @property
    def has_update(self) -> bool | None:
        """Whether the API's time lies within; None where it says none."""
        updated = self.api_updated_at
        if updated is None:
            return None
        # It has whole seconds: it may mean any moment of that second.
        end = updated + (timedelta(0) if updated.microsecond else timedelta(seconds=1))
        return updated <= self.not_after and (self.not_before is None or end > self.not_before)


class Gap(NamedTuple):
    """A look `at` that time did not show what the looks around it did, `last_seen` before it and
    `seen_again` after it: a 404 hid the DID, or `other` is the routing that was seen."""

    last_seen: datetime
    at: datetime
    seen_again: datetime
    other: Routing | None = None


def gaps_within(gaps: Iterable[Gap], first: datetime, last: datetime) -> list[Gap]:
    """Return those that lie between two looks."""
    return [each for each in gaps if first <= each.last_seen and each.seen_again <= last]


def seconds_seen(gaps: Iterable[Gap], first: datetime, last: datetime) -> float:
    """Return how long it was from one look to another, without the gaps between them."""
    # Several may lie between the same two looks.
    gone = {(each.last_seen, each.seen_again) for each in gaps_within(gaps, first, last)}
    unseen = sum((end - start for start, end in gone), timedelta(0))
    return max(0.0, (last - first - unseen).total_seconds())


class Bounds(NamedTuple):
    """A length of time known within limits, in seconds; `at_most_s` None: without a limit."""

    at_least_s: float
    at_most_s: float | None


def parse_duration(text: str) -> timedelta | None:
    """Return the length of time that `text` names: ``90s``, ``1d2h``, ``1.5h``, ``2 hours``."""
    parsed = re.fullmatch(_DURATION, text.strip().lower(), re.ASCII)
    if parsed is None or not any(parsed.groups()):
        return None
    try:
        return timedelta(**{unit: float(count) for unit, count in parsed.groupdict("0").items()})
    except OverflowError:
        return None


def seconds(text: str | None) -> float:
    """Return a length of time: ``30s``, ``5m``, ``1d2h``; none is 0. Raises UsageError."""
    if text is None:
        return 0.0
    parsed = parse_duration(text)
    if parsed is None:
        raise UsageError(f"{text!r} is not a duration", "Write 30s, 5m, 1h30m, 36h, 90d or 3w.")
    return parsed.total_seconds()


def parse_rate(text: str | None) -> float | None:
    """Return fetches a second from ``10``, ``10/s`` or ``90/min``. Raises UsageError."""
    if text is None:
        return None
    parsed = re.fullmatch(_RATE, text.strip(), re.ASCII)
    if parsed is None or float(parsed["count"]) == 0:
        raise UsageError(f"{text!r} is no rate", "Write --rate 10/s")
    return float(parsed["count"]) / (1 if parsed["unit"] in (None, "s") else 60)


def parse_moment(text: str, now: datetime, *, day_ends: bool = True) -> datetime | None:
    """Return the moment that `text` names, or None if it names none.

    ``2026-11-23T14:00Z``, ``2026-11-23``, ``14:00`` or ``2pm`` (the last one that is past),
    ``today``, ``monday`` (the last one that has begun), ``yesterday 14:00``, ``2h ago``, ``1d2h``.
    A day is its end, at most now; its start where not `day_ends`. Without an offset a time is UTC:
    a server's zone must not decide which is meant.
    """
    words = " ".join(text.split()).lower().replace(" at ", " ")
    words = re.sub(" ?utc$", "z", words)
    words = re.sub(r"^an? (?=hour|minute|day|week)", "1 ", words)
    words = re.sub(rf"\b{_TWELVE_HOURS}(?= |$)", _in_24_hours, words, flags=re.ASCII)
    words = re.sub(rf"^({_CLOCK}) ({_NAMED_DAY})$", r"\2 \1", words, flags=re.ASCII)
    if words == "now":
        return now
    ago = parse_duration(words.removesuffix(" ago"))
    try:
        if ago is not None:
            return now - ago
        if re.fullmatch(_DAY, words, re.ASCII):
            start = _at_clock(words, "00:00", now)
            return min(start + _ONE_DAY - _MICROSECOND, max(now, start)) if day_ends else start
        if re.fullmatch(_CLOCK, words, re.ASCII):
            # Its day may be another one in UTC than where the offset holds.
            return now - (now - _at_clock("today", words, now)) % _ONE_DAY
        day, _, clock = words.partition(" ")
        if re.fullmatch(_NAMED_DAY, day) and re.fullmatch(_CLOCK, clock, re.ASCII):
            return _at_clock(day, clock, now)
        return _full(words)
    except (ValueError, OverflowError):
        return None


def join_times(words: Sequence[str]) -> list[str]:
    """Return the words of a command line with each time that nobody quoted, ``yesterday 14:00`` or
    ``did_1@2 hours ago``, as one word. What is joined is likely to be no DID."""
    joined: list[str] = []
    left = list(words)
    while left:
        count = _words_of_a_time(left)
        joined.append(" ".join(left[:count]))
        del left[:count]
    return joined


def _words_of_a_time(words: Sequence[str]) -> int:
    """Return how many of the first `words` are one time; 1 if they are none."""
    option, has_value, value = words[0].partition("=")
    beginning = value if has_value and option in _OPTIONS else words[0].rpartition("@")[2]
    for tail in (words[1:3], words[1:2]):
        goes_on = tail and all(re.fullmatch(_TAIL, word.lower(), re.ASCII) for word in tail)
        if goes_on and parse_moment(" ".join([beginning, *tail]), _ANY):
            return 1 + len(tail)
    return 1


def parse_full_moment(text: str) -> datetime | None:
    """Return the moment of a date with a time, or None for anything shorter."""
    try:
        return _full(text.strip())
    except (ValueError, OverflowError):
        return None


def _full(words: str) -> datetime | None:
    # Python reads "20261123" and "2026-W48-1" too, which nobody means as times here.
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:", words, re.ASCII | re.IGNORECASE):
        return None
    return _utc(datetime.fromisoformat(words.upper()))


def _in_24_hours(clock: re.Match[str]) -> str:
    """Spell ``2:30pm`` as ``14:30``; what no clock shows stays what it is."""
    hour = int(clock["hour"])
    if not 1 <= hour <= 12:
        return clock[0]
    hour = hour % 12 + (12 if clock["half"] == "p" else 0)
    return f"{hour}{clock['rest'] or ':00'}{clock['zone']}"


def _at_clock(day: str, clock: str, now: datetime) -> datetime:
    """Return the time `clock` of a day. Raises ValueError for one that no calendar or clock has."""
    hour, colon, rest = clock.upper().partition(":")
    return _utc(datetime.fromisoformat(f"{_date(day, now)}T{hour:0>2}{colon}{rest}"))


def _date(day: str, now: datetime) -> str:
    """Return the date of a day; of one that has a name, the last one that has begun."""
    today = now.astimezone(UTC).date()
    if day in _WEEKDAYS:
        today -= timedelta(days=(today.weekday() - _WEEKDAYS.index(day)) % 7)
    elif day == "yesterday":
        today -= _ONE_DAY
    elif day != "today":
        return day
    return today.isoformat()


def _utc(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def provider_time(value: object) -> datetime | None:
    """Read a time as the provider may spell it; None for what is none.

    RFC 3339 (seen in bodies) and Unix time, in seconds or milliseconds: how the signature's
    timestamp is spelled is not documented.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    try:
        if re.fullmatch(_UNIX_SECONDS, text, re.ASCII):
            return from_micros(round(float(text) * 1_000_000))
        if re.fullmatch(_UNIX_MILLISECONDS, text, re.ASCII):
            return from_micros(int(text) * 1_000)
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def http_date(text: str | None) -> datetime | None:
    """Return the moment that a header names as HTTP spells dates; None if it names none."""
    # Few runs meet one.
    from email.utils import parsedate_to_datetime

    try:
        return _utc(parsedate_to_datetime(text or ""))
    except (ValueError, OverflowError):
        return None


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970-01-01T00:00Z: the form in which the database keeps a time."""
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def rfc3339(moment: datetime) -> str:
    """Spell a time in whole precision, for JSON: ``2026-11-23T14:00:00.123456Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def format_utc(moment: datetime) -> str:
    """Spell a time to the second, for people: ``2026-11-23 14:00:05Z``."""
    return moment.astimezone(UTC).isoformat(" ", timespec="seconds").replace("+00:00", "Z")


def is_ahead(moment: datetime, later: datetime) -> bool:
    """Return whether a time lies ahead of what was written later: then a clock was wrong."""
    return moment - later > CLOCKS_DIFFER


def wrong_clock(offset: timedelta) -> str:
    """Say how far this machine's clock is off: it is behind the API's by `offset`."""
    where = "behind" if offset > timedelta() else "ahead of"
    length = format_duration(abs(offset).total_seconds())
    return f"this machine's clock is {length} {where} the API's"


def format_range(at_least: float, at_most: float | None) -> str:
    """Spell a length of time known within limits: ``46 s to 3 min``; None: without a limit."""
    low = format_duration(at_least)
    if at_most is None:
        return f"at least {low}" if at_least >= 1 else "for an unknown time"
    high = format_duration(at_most)
    if low == high:
        return low
    return f"{low} to {high}" if at_least >= 1 else f"at most {high}"


def format_duration(seconds: float) -> str:
    """Spell a length of time in its two largest units: ``3 d 4 h``, ``12 min``, ``8 s``."""
    left = int(seconds)
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "under a second"
