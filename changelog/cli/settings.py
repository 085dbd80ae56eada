"""What holds for this run: flag over environment over settings file over default."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from changelog.cli.known_settings import SETTINGS, bad_settings
from changelog.cli.output import warn
from changelog.cli.secret_sources import (
    FoundKey,
    KeySource,
    environment,
    key_sources,
    read_key,
    readable_secrets,
    webhook_source,
)
from changelog.model.errors import UsageError
from changelog.model.text.sanitize import name_log, word
from changelog.model.text.times import parse_rate, seconds
from changelog.store.location import (
    Location,
    PostgresLocation,
    SqliteLocation,
    default_location,
    parse_location,
)

_LOWEST_RATE = 1 / 86400
_LARGEST_FILE = 1024 * 1024


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

    @property
    def sources(self) -> tuple[KeySource, ...]:
        """Where the secrets are that the file names."""
        return (*self.keys, *(source for _, source in self.notify.values()))


def settings_path(flag: str | None, environ: Mapping[str, str]) -> Path:
    """Return where the settings file is, or would be."""
    if name := flag or environ.get("CHANGELOG_CONFIG"):
        return Path(name)
    config = environ.get("XDG_CONFIG_HOME", "")
    # A user without a home is told so when a place for the log is needed.
    folder = config if os.path.isabs(config) else os.path.expanduser("~/.config")
    return Path(folder) / "changelog" / "changelog.toml"


def read_settings_file(flag: str | None, environ: Mapping[str, str]) -> SettingsFile:
    """Read the settings file; one that was named must be there. Raises UsageError."""
    named_by = "--config" if flag else "CHANGELOG_CONFIG" if "CHANGELOG_CONFIG" in environ else None
    path = settings_path(flag, environ)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"the settings file {path} cannot be read: {reason}"
        if named_by is not None:
            raise bad_settings(message, "Correct --config or CHANGELOG_CONFIG.") from error
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            # Nobody named it, and a restore must not wait until somebody may read it.
            warn(message)
        return SettingsFile(path)
    if len(content) > _LARGEST_FILE:
        raise bad_settings(f"the settings file {path} is larger than 1 MiB", "Name another file.")
    # It decides which server the keys are sent to. Nobody leaves anything in /dev/null.
    if stat.S_ISREG(mode) and mode & stat.S_IWOTH:
        warn(f"everybody may write to the settings file {path}, and so send the keys elsewhere")
    from changelog.cli.settings_file import parse_settings_file

    try:
        return parse_settings_file(SettingsFile(path, named_by, True), content)
    except UsageError as error:
        end = "" if error.hint.endswith("?") else "."
        error.hint = f"{error.hint.rstrip('.')}{end} The file is {path}."
        raise


class Origin(NamedTuple):
    """Where a value comes from: "flag", "environment", "file" or "default"; `place`: which one."""

    source: str
    place: str | None = None


@dataclass(frozen=True, eq=False)
class Settings:
    """One frozen value. The keys are read only when they are needed, and kept out of every text.

    `rate`, `answer_limit`: as they were written, None for no rate. `origins`: by setting.
    """

    location: Location
    db_flag: str | None
    config_flag: str | None
    named_operator: str | None
    api_url: str
    concurrency: int
    rate: str | None
    answer_limit: str
    volatile: frozenset[str]
    destination_fields: tuple[str, ...]
    region: str | None
    mirror: SqliteLocation | None
    contact: str | None
    timezone: str | None
    public_url: str | None
    file: SettingsFile
    origins: Mapping[str, Origin]
    environ: Mapping[str, str] = field(repr=False)

    @property
    def operator(self) -> str:
        """The name of the operator; the login name unless one is set."""
        from changelog.model.text.redaction import redact

        # It is kept for good: not where somebody set a key in its place.
        return redact(self.named_operator or _login(), self.secrets())

    @property
    def requests_a_second(self) -> float | None:
        """Return the rate. Raises UsageError for one that no clock can wait for."""
        rate = parse_rate(self.rate)
        if rate is not None and rate < _LOWEST_RATE:
            raise UsageError("the rate must be at least one fetch a day", "Try --rate 10/s")
        return rate

    @property
    def answer_limit_s(self) -> float:
        """How long the answer for one DID may take, all attempts included."""
        return seconds(self.answer_limit)

    @property
    def key_sources(self) -> tuple[KeySource, ...]:
        """Where keys may be, in the order in which they are tried."""
        return key_sources(self.file.keys, self.environ)

    @property
    def has_key(self) -> bool:
        """Whether any key is named, by the environment or by the settings file."""
        return bool(self.key_sources)

    @property
    def several_keys(self) -> bool:
        """Whether it matters which key read a DID last."""
        return len(self.key_sources) > 1

    @cached_property
    def found_keys(self) -> list[FoundKey]:
        """What became of each key source. It is read once, since it may be a pipe."""
        return [read_key(source, self.environ) for source in self.key_sources]

    def secrets(self) -> list[str]:
        """Return all secrets that can be read: nothing that is kept has one."""
        keys = [found.key.secret for found in self.found_keys if found.key is not None]
        webhook = webhook_source(self.environ)
        return [*keys, *readable_secrets([webhook] if webhook else [], self.environ)]

    def name_log(self, *, is_mirror: bool = False) -> None:
        """Let the commands to paste name the same log, where flags named it.

        Those that write never name a mirror, which would refuse them.
        """
        config = f" --config {word(self.config_flag)}" if self.config_flag else ""
        if self.db_flag is None:
            name_log(config)
            return
        location = self.location
        has_secret = isinstance(location, PostgresLocation) and str(location) != location.dsn
        readers = f"{config} --db {'URL' if has_secret else word(self.db_flag)}"
        name_log(readers, config if is_mirror else readers)


def load_settings(db: str | None, config: str | None = None) -> Settings:
    """Load the settings of this process. Raises UsageError for what cannot be used."""
    environ = environment()
    file = read_settings_file(config, environ)
    if file.unknown:
        warn(f"unknown settings in {file.path}: {', '.join(file.unknown)}")
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for name, setting in SETTINGS.items():
        values[name], origins[name] = file.values.get(name), Origin("file", str(file.path))
        if db and name == "database":
            values[name], origins[name] = db, Origin("flag", "--db")
        elif setting.variable in environ:
            values[name] = environ[setting.variable]
            origins[name] = Origin("environment", setting.variable)
        elif values[name] in (None, ""):
            values[name], origins[name] = setting.default, Origin("default")
    database, mirror, rate = (values.pop(name) for name in ("database", "mirror", "rate"))
    settings = Settings(
        location=parse_location(database) if database else default_location(environ),
        db_flag=db,
        config_flag=config,
        named_operator=values.pop("operator"),
        # It may be written as a number.
        rate=None if rate is None else str(rate),
        volatile=frozenset(values.pop("volatile")),
        destination_fields=tuple(values.pop("destination_fields")),
        # Seen from the settings file: where the program is started must not matter.
        mirror=SqliteLocation(file.path.parent / str(parse_location(mirror))) if mirror else None,
        file=file,
        origins=origins,
        environ=environ,
        **values,
    )
    settings.name_log()
    return settings


def _login() -> str:
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
    # Like every other text of the environment: neither a database nor JSON could hold the bytes.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
