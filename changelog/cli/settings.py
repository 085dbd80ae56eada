"""What holds for this run: flag over environment over settings file over default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from changelog.core.errors import UsageError
from changelog.storage.location import (
    Location,
    PostgresLocation,
    default_location,
    parse_location,
)

DEFAULT_API_URL = "https://api.minivoice.eu/v1"
_NO_KEY = "Set MINIVOICE_API_KEY, or MINIVOICE_API_KEY_FILE to a file that holds it."


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen value. The key is read only when it is needed, and kept out of every text."""

    location: Location
    db_flag: str | None
    config_flag: str | None
    named_operator: str | None
    api_url: str
    volatile: frozenset[str] = frozenset()
    destination_fields: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def operator(self) -> str:
        """Who says what this run records; the login name unless one is set."""
        return self.named_operator or _login()

    @property
    def has_key(self) -> bool:
        return bool(
            self.environ.get("MINIVOICE_API_KEY") or self.environ.get("MINIVOICE_API_KEY_FILE")
        )

    def key(self) -> str:
        """The API key. Raises UsageError where none is set or its file cannot be read."""
        if key := self.environ.get("MINIVOICE_API_KEY"):
            return key
        path = self.environ.get("MINIVOICE_API_KEY_FILE")
        if not path:
            raise UsageError("no API key is set", _NO_KEY, "no_key")
        try:
            return Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise UsageError(
                f"the key file {path} cannot be read: {reason}", _NO_KEY, "no_key"
            ) from error

    @property
    def paste_options(self) -> str:
        """What a command to paste needs to meet the same log, where flags named it."""
        import shlex

        config = f" --config {shlex.quote(self.config_flag)}" if self.config_flag else ""
        if self.db_flag is None:
            return config
        location = self.location
        if isinstance(location, PostgresLocation) and str(location) != location.dsn:
            return f"{config} --db URL"
        return f"{config} --db {shlex.quote(self.db_flag)}"


def load_settings(db: str | None, config: str | None = None) -> Settings:
    """The settings of this process. Raises UsageError for what cannot be used."""
    environ = {
        name: value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        for name, value in os.environ.items()
        if value
    }
    file = _settings_file(config, environ)
    database = db or environ.get("CHANGELOG_DATABASE_URL") or _text(file, "database")
    return Settings(
        location=parse_location(database) if database else default_location(environ),
        db_flag=db,
        config_flag=config,
        named_operator=environ.get("CHANGELOG_OPERATOR") or _text(file, "operator"),
        api_url=environ.get("MINIVOICE_API_URL") or _text(file, "api_url") or DEFAULT_API_URL,
        volatile=frozenset(_texts(file, "volatile")),
        destination_fields=tuple(_texts(file, "destination_fields")),
        environ=environ,
    )


def _settings_file(named: str | None, environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings file as it stands; one that was named must be there."""
    name = named or environ.get("CHANGELOG_CONFIG")
    path = Path(name) if name else _default_file(environ)
    try:
        content = path.read_bytes()
    except OSError as error:
        if name is None:
            return {}
        raise UsageError(
            f"the settings file {path} cannot be read: {error.strerror}",
            "Correct --config or CHANGELOG_CONFIG.",
            "bad_settings",
        ) from error
    return _parsed(path, content)


def _parsed(path: Path, content: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except ValueError as error:
        raise UsageError(
            f"the settings file {path} cannot be understood: {error}",
            "It is written in TOML.",
            "bad_settings",
        ) from error


def _default_file(environ: Mapping[str, str]) -> Path:
    config = environ.get("XDG_CONFIG_HOME", "")
    base = Path(config) if os.path.isabs(config) else Path.home() / ".config"
    return base / "changelog" / "changelog.toml"


def _text(file: Mapping[str, Any], name: str) -> str | None:
    value = file.get(name)
    if value is not None and not isinstance(value, str):
        raise UsageError(f"the setting {name} must be a text", code="bad_settings")
    return value


def _texts(file: Mapping[str, Any], name: str) -> list[str]:
    value = file.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"the setting {name} must be a list of texts", code="bad_settings")
    return value


def _login() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
