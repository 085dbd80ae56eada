"""The settings file: what may stand in it, and what is wrong with what does."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from changelog.cli.secret_sources import KeySource
from changelog.cli.settings import SETTINGS, SettingsFile, bad_settings, check_setting, is_text
from changelog.model.text.redaction import looks_like_key, redact

RECEIVERS = ("slack", "teams", "pagerduty", "url")
"""The forms in which alerts are posted."""
_NAME_OF_A_KEY = r"(?!key-[0-9a-f]{8}$)[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
"""The log calls a key without a name ``key-`` and its fingerprint: no name looks like that."""
_NAMES_OF_KEYS = frozenset({"api_key", "apikey", "key", "secret", "token", "value"})
_HOW_TO = {
    "keys": 'Write [keys.NAME] with env = "VARIABLE" or file = "PATH": the file never holds a key'
    " itself.",
    "notify": 'Write [notify.NAME] with kind = "slack", "teams", "pagerduty" or "url", and'
    ' env = "VARIABLE" or file = "PATH": the file never holds the address itself.',
}


def parse_settings_file(file: SettingsFile, content: bytes) -> SettingsFile:
    """Return `file` with what stands in it. Raises UsageError for what may not."""
    try:
        text = content.decode("utf-8-sig")
        tables = tomllib.loads(text)
        _refuse_keys(text, tables)
    except (ValueError, RecursionError) as error:
        raise bad_settings(
            f"the settings file {file.path} cannot be understood: {redact(str(error))}",
            "It is written in TOML.",
        ) from error
    values = {name: tables[name] for name in SETTINGS if name in tables}
    for name, value in values.items():
        check_setting(name, value)
    keys, receivers = _named("keys", tables), _named("notify", tables)
    for name, entry in receivers.items():
        if entry.get("kind") not in RECEIVERS:
            kinds = ", ".join(RECEIVERS)
            raise bad_settings(
                f"the setting notify.{name}.kind must be one of {kinds}", _HOW_TO["notify"]
            )
    unknown = [name for name in tables if name not in (*SETTINGS, *_HOW_TO)]
    for owner, entries in (("keys", keys), ("notify", receivers)):
        known = ("env", "file") if owner == "keys" else ("env", "file", "kind")
        for name, entry in entries.items():
            unknown += [f"{owner}.{name}.{each}" for each in entry if each not in known]
    folder = file.path.parent
    return file._replace(
        values=values,
        keys=tuple(_source(name, entry, folder) for name, entry in keys.items()),
        notify={
            name: (entry["kind"], _source(name, entry, folder)) for name, entry in receivers.items()
        },
        unknown=tuple(unknown),
    )


def _refuse_keys(text: str, tables: dict[str, Any]) -> None:
    """Refuse a key itself, by its look and by its name, wherever it stands, without repeating
    it."""
    places = []
    for place, value in _texts(tables):
        owner, _, name = place.rpartition(".")
        if owner == "keys" or name.lower() in _NAMES_OF_KEYS or looks_like_key(value):
            places.append(place)
    if places or looks_like_key(text):
        named = f", in {places[0]}" if places and not looks_like_key(places[0]) else ""
        raise bad_settings(f"the settings file holds a key itself{named}", _HOW_TO["keys"])


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


def _named(owner: str, tables: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the tables ``[owner.NAME]`` by name; each says where a secret is."""
    entries, hint = tables.get(owner, {}), _HOW_TO[owner]
    if not isinstance(entries, dict):
        raise bad_settings(f"the setting {owner} must be a table", hint)
    for name, entry in entries.items():
        if not re.fullmatch(_NAME_OF_A_KEY, name):
            raise bad_settings(
                f"{owner}.{name} cannot be the name of a key",
                "Letters, digits, dots, dashes and underscores, 64 at most; not like key-0123abcd.",
            )
        if not isinstance(entry, dict) or ("env" in entry) == ("file" in entry):
            raise bad_settings(
                f"the setting {owner}.{name} must have exactly one of env and file", hint
            )
        place = entry.get("env", entry.get("file"))
        if not place or not is_text(place):
            raise bad_settings(f"the setting {owner}.{name} must name a variable or a file", hint)
    return entries


def _source(name: str, entry: Mapping[str, str], folder: Path) -> KeySource:
    if "env" in entry:
        return KeySource("environment", entry["env"], name)
    # Seen from the settings file: from which folder the program is started must not matter.
    return KeySource("file", str(folder / os.path.expanduser(entry["file"])), name)
