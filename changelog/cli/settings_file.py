"""The settings file: what may stand in it, and what is wrong with what does."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from changelog.cli.known_settings import SETTINGS, bad_settings, check_setting, is_text
from changelog.cli.secret_sources import KeySource, may_be_secret, shown_name
from changelog.cli.settings import SettingsFile
from changelog.model.text.redaction import looks_like_key, redact
from changelog.store.location import parse_location

RECEIVERS = ("slack", "teams", "pagerduty", "url")
"""The forms in which alerts are posted."""
_NAME_OF_A_KEY = r"(?!key-[0-9a-f]{8}$)[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
"""The log calls a key without a name ``key-`` and its fingerprint: no name looks like that."""
_NAMES_OF_KEYS = frozenset({"api_key", "apikey", "key", "secret", "token", "value"})
_NAMES_OF_SECRETS = (
    r"pass(?:word|wd|phrase)|secret|token|credential|(?:^|[_-])auth(?:$|[_-]|orization)"
)
# With a password or a token in it, or one to which anybody may post.
_PRIVATE_ADDRESS = (
    r"(?i)://(?:[^/?#\s]*:[^/?#\s]*@|hooks\.|[^/?#\s]*webhook|\S*/api/webhooks/"
    r"|\S*[?&](?:sig|key|token|secret|password)=)"
)
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
_CHECKED_ADDRESSES = frozenset({"database", "api_url", "mirror", "public_url"})
"""What is wrong with these is said without their secrets, and a database may have a password."""
_HOW_TO = {
    "keys": 'Write [keys.NAME] with env = "VARIABLE" or file = "PATH": the file never holds a key'
    " itself.",
    "notify": 'Write [notify.NAME] with kind = "slack", "teams", "pagerduty" or "url", and'
    ' env = "VARIABLE" or file = "PATH": the file never holds the address itself.',
}


_TAKE_OUT = (
    "Take it out: no setting holds a secret. [keys.NAME] and [notify.NAME] name the variable or the"
    " file that does."
)


def parse_settings_file(file: SettingsFile, content: bytes) -> SettingsFile:
    """Return `file` with what stands in it. Raises UsageError for what may not."""
    try:
        text = content.decode("utf-8-sig")
        tables = tomllib.loads(text)
        _refuse_secrets(text, tables)
    except (ValueError, RecursionError) as error:
        raise bad_settings(
            f"the settings file {file.path} cannot be understood: {redact(str(error))}",
            "It is written in TOML.",
        ) from error
    values = {name: tables[name] for name in SETTINGS if name in tables}
    for name, value in values.items():
        check_setting(name, value)
    _refuse_own_mirror(values.get("database"), values.get("mirror"))
    folder = file.path.parent
    keys, receivers = (_named(owner, tables, folder) for owner in ("keys", "notify"))
    for name, entry in receivers.items():
        if entry.get("kind") not in RECEIVERS:
            kinds = ", ".join(RECEIVERS)
            raise bad_settings(
                f"the setting notify.{name}.kind must be one of {kinds}", _HOW_TO["notify"]
            )
    unknown = [shown_name(name) for name in tables if name not in (*SETTINGS, *_HOW_TO)]
    for owner, entries in (("keys", keys), ("notify", receivers)):
        known = ("env", "file") if owner == "keys" else ("env", "file", "kind")
        for name, entry in entries.items():
            unknown += [f"{owner}.{name}.{shown_name(each)}" for each in entry if each not in known]
    return file._replace(
        values=values,
        keys=tuple(_source(name, entry, folder) for name, entry in keys.items()),
        notify={
            name: (entry["kind"], _source(name, entry, folder)) for name, entry in receivers.items()
        },
        unknown=tuple(unknown),
    )


def _refuse_own_mirror(database: str | None, mirror: str | None) -> None:
    if database and mirror and str(parse_location(database)) == str(parse_location(mirror)):
        raise bad_settings(
            "the setting mirror names the database itself, and a copy has to be another file",
            "Name another file, and let the command mirror keep it.",
        )


def _refuse_secrets(text: str, tables: dict[str, Any]) -> None:
    """Refuse a secret itself, by its look and by its name, wherever it stands, without repeating
    it."""
    for place, value in _texts(tables):
        if what := _secret_in(place, value):
            named = "" if may_be_secret(place) else f", in {place}"
            table = place.partition(".")[0]
            hint = _HOW_TO.get("keys" if what == "a key" else table, _TAKE_OUT)
            raise bad_settings(f"the settings file holds {what} itself{named}", hint)
    if looks_like_key(text):
        raise bad_settings("the settings file holds a key itself", _HOW_TO["keys"])


def _secret_in(place: str, value: str) -> str | None:
    """Return what kind of secret `value` is, where it looks like one or is named like one."""
    owner, _, name = place.lower().rpartition(".")
    if owner == "keys" or name in _NAMES_OF_KEYS or looks_like_key(value):
        return "a key"
    if place in _CHECKED_ADDRESSES:
        return None
    is_secret = re.search(_NAMES_OF_SECRETS, name) or re.search(_PRIVATE_ADDRESS, value)
    return "a secret" if is_secret else None


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in `value`, at any depth, with the dotted name of its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, place)
    elif isinstance(value, str):
        yield place, value


def _named(owner: str, tables: dict[str, Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Return the tables ``[owner.NAME]`` by name; each says where a secret is."""
    entries, hint = tables.get(owner, {}), _HOW_TO[owner]
    if not isinstance(entries, dict):
        raise bad_settings(f"the setting {owner} must be a table", hint)
    for name, entry in entries.items():
        if not re.fullmatch(_NAME_OF_A_KEY, name):
            raise bad_settings(
                f"{owner}.{shown_name(name)} cannot be the name of a key",
                "Letters, digits, dots, dashes and underscores, 64 at most; not like key-0123abcd.",
            )
        if not isinstance(entry, dict) or ("env" in entry) == ("file" in entry):
            raise bad_settings(
                f"the setting {owner}.{name} must have exactly one of env and file", hint
            )
        place = entry.get("env", entry.get("file"))
        if not place or not is_text(place):
            raise bad_settings(f"the setting {owner}.{name} must name a variable or a file", hint)
        source = _source(name, entry, folder)
        is_name = source.source == "file" or re.fullmatch(_VARIABLE, place)
        if not is_name or (may_be_secret(place) and not source.is_there):
            kind = "path of a file" if source.source == "file" else "name of a variable"
            raise bad_settings(
                f"the setting {owner}.{name} must hold the {kind}, and what it holds may be the"
                " secret itself",
                hint,
            )
    return entries


def _source(name: str, entry: Mapping[str, str], folder: Path) -> KeySource:
    if "env" in entry:
        return KeySource("environment", entry["env"], name)
    # Seen from the settings file: from which folder the program is started must not matter.
    return KeySource("file", str(folder / os.path.expanduser(entry["file"])), name)
