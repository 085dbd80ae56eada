"""Which settings there are, and what each must be."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from changelog.model.errors import UsageError
from changelog.model.routing import ROUTING_FIELDS
from changelog.model.text.times import parse_rate, seconds
from changelog.store.location import SqliteLocation, parse_location

MOST_AT_ONCE = 256
"""Fetches at once that can be asked for."""
_NEVER_VOLATILE = (*ROUTING_FIELDS, "id", "number", "number_e164")
_NO_DESTINATION = (
    *("application_id", "route_mode", "id", "number", "number_e164", "status"),
    *("created_at", "updated_at"),
)
# Those that phonenumberslite knows. To import it takes longer than a restore may wait.
_REGIONS = """
    AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC
    EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB
    LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY
    MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS
    RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL
    TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""


def bad_settings(message: str, hint: str = "Correct the settings file.") -> UsageError:
    return UsageError(message, hint, "bad_settings")


class Setting(NamedTuple):
    """What a setting must be, in words, as an example and as a check, which may raise."""

    must_be: str
    example: str
    check: Callable[[Any], object]
    default: Any = None
    variable: str | None = None


def is_text(value: Any) -> bool:
    # No database can keep a NUL.
    return isinstance(value, str) and "\0" not in value


def _is_name(value: Any) -> bool:
    # An empty one is as good as none.
    return is_text(value) and (value == "" or bool(value.strip()))


def _is_path(value: Any) -> bool:
    return value == "" or isinstance(parse_location(value), SqliteLocation)


def _are_fields(value: Any, refused: Sequence[str]) -> bool:
    fields = isinstance(value, list) and all(is_text(name) and name.strip() for name in value)
    return fields and not set(value).intersection(refused)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _is_count(value: Any) -> bool:
    # A bool is an int to Python, not to TOML.
    return type(value) is int and 1 <= value <= MOST_AT_ONCE


def _is_rate(value: Any) -> bool:
    return not isinstance(value, bool) and parse_rate(str(value)) is not None


def _is_timezone(value: str) -> object:
    from zoneinfo import ZoneInfo

    return value and ZoneInfo(value)


def _is_web_address(value: str) -> bool:
    from urllib.parse import urlsplit

    parts = urlsplit(value)
    extra = parts.query or parts.fragment or parts.username
    is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_address and not extra and not re.search(r"\s", value)


_DEFAULT_API_URL = "https://api.minivoice.eu/v1"
SETTINGS = {
    "database": Setting("a text", '"log.db"', is_text, variable="CHANGELOG_DATABASE_URL"),
    "operator": Setting("a text", '"noc"', _is_name, variable="CHANGELOG_OPERATOR"),
    "api_url": Setting(
        "a text", f'"{_DEFAULT_API_URL}"', is_text, _DEFAULT_API_URL, "MINIVOICE_API_URL"
    ),
    "concurrency": Setting(f"a number from 1 to {MOST_AT_ONCE}", "8", _is_count, 8),
    "rate": Setting("a rate", '"10/s"', _is_rate),
    "answer_limit": Setting("a duration", '"45s"', seconds, "45s"),
    "volatile": Setting(
        f"a list of texts without {_listed(_NEVER_VOLATILE)}: changes in them must be seen",
        '["calls_today"]',
        partial(_are_fields, refused=_NEVER_VOLATILE),
        (),
    ),
    "destination_fields": Setting(
        f"a list of texts without {_listed(_NO_DESTINATION)}: they hold no destination",
        '["sip_uri"]',
        partial(_are_fields, refused=_NO_DESTINATION),
        (),
    ),
    "region": Setting("a country, in two capital letters", '"US"', _REGIONS.split().__contains__),
    "mirror": Setting("a path", '"/var/lib/changelog/mirror.db"', _is_path),
    "contact": Setting("a text", '"NOC, +1 555 000 0100"', _is_name),
    "timezone": Setting("a time zone", '"Europe/Berlin"', _is_timezone),
    "public_url": Setting(
        "an address without user and query", '"https://noc.example/changelog/"', _is_web_address
    ),
}
"""Every setting beside the tables of keys and receivers."""


def check_setting(name: str, value: Any) -> None:
    """Raise UsageError where a setting may not be `value`."""
    setting = SETTINGS[name]
    is_fit: object = False
    with suppress(UsageError, ValueError, TypeError, AttributeError, OSError, KeyError):
        is_fit = setting.check(value)
    if not is_fit:
        raise bad_settings(
            f"the setting {name} must be {setting.must_be}", f"Write {name} = {setting.example}"
        )
