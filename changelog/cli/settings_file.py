"""The settings file: what may stand in it, and what is wrong with what does."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from changelog.cli.output import warn
from changelog.model.errors import UsageError
from changelog.system.files import read_limited

LARGEST_FILE = 1024 * 1024
RECEIVERS = ("slack", "teams", "pagerduty", "url")
"""The forms in which alerts are posted."""
MOST_AT_ONCE = 256
"""Fetches at once that can be asked for."""

_DEEPEST = 16
_NAME_OF_A_KEY = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_NAME_IN_THE_LOG = r"key-[0-9a-f]{8}"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_NAMES_OF_KEYS = frozenset({"api_key", "apikey", "key", "secret", "token", "value"})
_HOW_TO_NAME = (
    'Write [keys.NAME] with env = "VARIABLE" or file = "PATH": the file never holds a key itself.'
)


_HOW_TO_NOTIFY = (
    'Write [notify.NAME] with kind = "slack", "teams", "pagerduty" or "url", and env = "VARIABLE"'
    ' or file = "PATH": the file never holds the address itself.'
)


class KeySource(NamedTuple):
    """Where a key is: in the environment variable or in the file `place`.

    `name`: what the settings file calls it; None for the key of the environment.
    """

    source: str
    place: str
    name: str | None = None


class SettingsFile(NamedTuple):
    """What stands in the file at `path`; `named_by`: the flag or variable that names it.

    `notify`: by name, the kind of a receiver of alerts, and where its address is.
    """

    path: Path
    named_by: str | None = None
    exists: bool = False
    values: Mapping[str, Any] = {}
    keys: tuple[KeySource, ...] = ()
    notify: Mapping[str, tuple[str, KeySource]] = {}
    unknown: tuple[str, ...] = ()


def read_settings_file(flag: str | None, environ: Mapping[str, str]) -> SettingsFile:
    """Read the settings file; one that was named must be there. Raises UsageError."""
    name = flag or environ.get("CHANGELOG_CONFIG")
    named_by = "--config" if flag else "CHANGELOG_CONFIG" if name else None
    path = settings_path(flag, environ)
    try:
        content = read_limited(path, LARGEST_FILE)
        _warn_of_writers(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"the settings file {path} cannot be read: {reason}"
        if name is not None:
            raise _bad(message, "Correct --config or CHANGELOG_CONFIG.") from error
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            # Nobody named it, and a restore must not wait until somebody may read it.
            warn(message)
        return SettingsFile(path)
    try:
        return _checked(path, named_by, _parsed(path, content))
    except UsageError as error:
        raise UsageError(
            error.message, f"{error.hint.rstrip('.')}. The file is {path}.", error.code
        ) from error


def settings_path(flag: str | None, environ: Mapping[str, str]) -> Path:
    """Return where the settings file is, or would be."""
    if name := flag or environ.get("CHANGELOG_CONFIG"):
        return Path(name)
    config = environ.get("XDG_CONFIG_HOME", "")
    home = Path(os.path.expanduser("~"))
    # A user without a home is told so when a place for the log is needed.
    base = Path(config) if os.path.isabs(config) else home / ".config"
    return base / "changelog" / "changelog.toml"


def _warn_of_writers(path: Path) -> None:
    """Warn where everybody may write to the file: it decides which server the keys are sent to."""
    mode = path.stat().st_mode
    # Into /dev/null everybody may write, and nobody leaves anything in it.
    if stat.S_ISREG(mode) and mode & stat.S_IWOTH:
        warn(f"everybody may write to the settings file {path}, and so send the keys elsewhere")


def _parsed(path: Path, content: bytes) -> dict[str, Any]:
    import tomllib

    from changelog.model.text.json_body import redact

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _bad(
            f"the settings file {path} cannot be understood: {redact(str(error))}",
            "It is written in TOML.",
        ) from error


def _checked(path: Path, named_by: str | None, content: dict[str, Any]) -> SettingsFile:
    _refuse_keys(content)
    unknown = [name for name in content if name not in (*CHECKS, "keys", "notify")]
    values = {name: content[name] for name in CHECKS if name in content}
    for name, value in values.items():
        CHECKS[name](name, value)
    keys = _tables("keys", content, _HOW_TO_NAME)
    sources = tuple(_key_source("keys", name, entry, path.parent) for name, entry in keys.items())
    receivers = _tables("notify", content, _HOW_TO_NOTIFY)
    notify = {name: _receiver(name, entry, path.parent) for name, entry in receivers.items()}
    for table, known in ((keys, ("env", "file")), (receivers, ("env", "file", "kind"))):
        owner = "keys" if table is keys else "notify"
        for name, entry in table.items():
            unknown += [f"{owner}.{name}.{each}" for each in entry if each not in known]
    return SettingsFile(path, named_by, True, values, sources, notify, tuple(unknown))


def _tables(name: str, content: dict[str, Any], hint: str) -> dict[str, Any]:
    tables = content.get(name, {})
    if not isinstance(tables, dict):
        raise _bad(f"the setting {name} must be a table", hint)
    return tables


def _receiver(name: str, entry: Any, folder: Path) -> tuple[str, KeySource]:
    source = _key_source("notify", name, entry, folder)
    kind = entry.get("kind")
    if kind not in RECEIVERS:
        raise _bad(
            f"the setting notify.{name}.kind must be one of {', '.join(RECEIVERS)}", _HOW_TO_NOTIFY
        )
    return kind, source


def _refuse_keys(content: dict[str, Any]) -> None:
    """Refuse a key itself, wherever it stands, and what looks like one, without repeating it."""
    from changelog.model.text.json_body import looks_like_key

    for name, value in _entries(content):
        owner, _, last = name.rpartition(".")
        itself = last.lower() in _NAMES_OF_KEYS and isinstance(value, str)
        bare = owner == "keys" and isinstance(value, str)
        in_name = looks_like_key(name)
        if itself or bare or in_name or (isinstance(value, str) and looks_like_key(value)):
            place = "one of its names" if in_name else name
            raise _bad(f"the settings file holds a key itself, in {place}", _HOW_TO_NAME)


def _entries(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Everything in a table at any depth, with its dotted name."""
    if depth > _DEEPEST:
        raise _bad(f"the settings file is nested deeper than {_DEEPEST} levels")
    if isinstance(value, dict):
        for each, inner in value.items():
            dotted = f"{name}.{each}" if name else each
            yield dotted, inner
            yield from _entries(inner, dotted, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield name, inner
            yield from _entries(inner, name, depth + 1)


def _key_source(owner: str, name: str, entry: Any, folder: Path) -> KeySource:
    setting = f"{owner}.{name}"
    if not re.fullmatch(_NAME_OF_A_KEY, name) or re.fullmatch(_NAME_IN_THE_LOG, name):
        raise _bad(
            f"{setting} cannot be the name of a key",
            "Letters, digits, dots, dashes and underscores, 64 at most; not like key-0123abcd.",
        )
    if not isinstance(entry, dict):
        raise _bad(f"the setting {setting} must be a table", _HOW_TO_NAME)
    if ("env" in entry) == ("file" in entry):
        raise _bad(f"the setting {setting} must have exactly one of env and file", _HOW_TO_NAME)
    if "env" in entry:
        variable = entry["env"]
        if not isinstance(variable, str) or not re.fullmatch(_VARIABLE, variable):
            raise _bad(f"the setting {setting}.env must name a variable", _HOW_TO_NAME)
        return KeySource("environment", variable, name)
    file = entry["file"]
    if not isinstance(file, str) or not file or "\0" in file:
        raise _bad(f"the setting {setting}.file must be a path", _HOW_TO_NAME)
    # Seen from the settings file: from which folder the program is started must not matter.
    return KeySource("file", str(folder / os.path.expanduser(file)), name)


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise _bad(f"the setting {name} must be a text")
    if "\0" in value:
        raise _bad(f"the setting {name} holds a NUL, which no database can keep")


def _texts(name: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _bad(f"the setting {name} must be a list of texts")


def _count(name: str, value: Any) -> None:
    # bool is an int to Python, not to TOML.
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_AT_ONCE:
        raise _bad(
            f"the setting {name} must be a number from 1 to {MOST_AT_ONCE}",
            f"Write {name} = 8, for instance.",
        )


def _region(name: str, value: Any) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{2}", value):
        raise _bad(f"the setting {name} must be a country", 'Write two capitals: region = "US"')


def _timezone(name: str, value: Any) -> None:
    from zoneinfo import ZoneInfo

    try:
        if not isinstance(value, str) or not value:
            raise ValueError
        ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise _bad(
            f"the setting {name} must be a time zone", f'Write {name} = "Europe/Berlin"'
        ) from error


def check_web_address(name: str, value: Any) -> None:
    """Raise UsageError for what is no address of pages."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        known = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
        extra = parts is not None and (parts.query or parts.fragment or parts.username)
    except ValueError:
        known, extra = False, ""
    if not known or extra:
        raise _bad(
            f"the setting {name} must be an address without user and query",
            f'Write {name} = "https://noc.example/changelog/"',
        )


def _rate(name: str, value: Any) -> None:
    from changelog.cli.options import parse_rate

    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UsageError("")
        parse_rate(str(value))
    except UsageError as error:
        raise _bad(f"the setting {name} must be a rate", 'Write rate = "10/s"') from error


def _length(name: str, value: Any) -> None:
    from changelog.cli.options import seconds

    try:
        if not isinstance(value, str) or not seconds(value):
            raise UsageError("")
    except UsageError as error:
        raise _bad(f"the setting {name} must be a duration", f'Write {name} = "45s"') from error


CHECKS = {
    "database": _text,
    "operator": _text,
    "api_url": _text,
    "concurrency": _count,
    "rate": _rate,
    "answer_limit": _length,
    "volatile": _texts,
    "destination_fields": _texts,
    "region": _region,
    "mirror": _text,
    "contact": _text,
    "timezone": _timezone,
    "public_url": check_web_address,
}
"""Every setting beside the keys, and what it may be."""


def _bad(message: str, hint: str = "Correct the settings file.") -> UsageError:
    return UsageError(message, hint, "bad_settings")
