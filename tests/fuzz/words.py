"""Words of a command line: selectors, times, rates, tags, places for the log, addresses."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from changelog.api.keys import check_api_url, check_key, path_of
from changelog.cli.options import moment
from changelog.cli.recording.channels import at_address
from changelog.cli.settings import parse_rate, seconds
from changelog.commands.targets import named_in
from changelog.model.did_ref import Target, as_e164
from changelog.model.errors import UsageError
from changelog.model.selectors import At, existing_tag_name, parse_selector, tag_name
from changelog.model.text.sanitize import MOST_MARKS, clip, escape, masked, masked_urls, width
from changelog.model.text.times import to_micros
from changelog.render.style import columns, value_text
from changelog.store.location import parse_location
from tests.fuzz.draw import Draw
from tests.program import invisible_in

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
PREFIXES = (
    "",
    "https://",
    "http://",
    "postgresql://",
    "sqlite:///",
    "tag:",
    "latest~",
    "http://127.0.0.1",
)


def run(data: bytes) -> None:
    draw = Draw(data)
    text = draw.one_of(PREFIXES) + draw.text() + draw.rest().decode("utf-8", "surrogateescape")
    for check in CHECKS:
        with suppress(UsageError):
            check(text)
    _shown(text)


def _selector(text: str) -> None:
    selected = parse_selector(text, NOW)
    if isinstance(selected, At):
        to_micros(selected.moment)


def _moment(text: str) -> None:
    found = moment(text, NOW)
    if found is not None:
        assert found.tzinfo is not None
        to_micros(found)


def _api_url(text: str) -> None:
    place = urlsplit(check_api_url(text))
    assert place.username is None
    assert not place.query
    assert place.hostname
    if place.scheme == "http":
        with suppress(ValueError):
            assert ip_address(place.hostname).is_loopback
            return
        assert place.hostname == "localhost"


def _notified(text: str) -> None:
    if not text.startswith("https://"):
        # Reading the certificates takes longer than all the rest.
        assert at_address(text).place


def _path(text: str) -> None:
    path = path_of(Target(text, text))
    assert path.count("/") == 2
    assert path.isascii()
    assert not {"?", "#", " ", "\n"} & set(path)
    assert path.rpartition("/")[2] not in (".", "..")


def _number(text: str) -> None:
    number = as_e164(text)
    assert number is None or (number[0] == "+" and number[1:].isdigit() and number.isascii())


def _key(text: str) -> None:
    assert check_key(text).secret.isascii()


def _shown(text: str) -> None:
    for shown in (
        escape(text),
        escape(masked(text)),
        value_text(text),
        escape(masked_urls(text)),
    ):
        assert invisible_in(shown, "") == []
        assert escape(shown) == shown
        shown.encode()
    shown = escape(text)
    assert width(clip(shown, 10)) <= 10
    marks = 0
    for one in shown:
        marks = marks + 1 if not width(one) else 0
        assert marks <= MOST_MARKS
    lines = columns([(shown, "1"), ("a", shown)])
    assert len(lines) == 2


CHECKS: tuple[Callable[[str], object], ...] = (
    _selector,
    _moment,
    seconds,
    parse_rate,
    tag_name,
    existing_tag_name,
    parse_location,
    _api_url,
    _notified,
    _path,
    _number,
    _key,
    lambda text: [name for _, name in named_in(text.splitlines())],
)
