"""What holds for this run: flag over environment over settings file over default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from changelog.cli.options import parse_rate, seconds
from changelog.cli.output import warn
from changelog.cli.secret_sources import (
    FoundKey,
    environment,
    key_sources,
    longest_first,
    read_key,
    readable_secrets,
    webhook_source,
)
from changelog.cli.settings_file import CHECKS, KeySource, SettingsFile, read_settings_file
from changelog.model.errors import UsageError
from changelog.store.location import (
    Location,
    PostgresLocation,
    SqliteLocation,
    default_location,
    parse_location,
)

DEFAULT_API_URL = "https://api.minivoice.eu/v1"
DEFAULT_CONCURRENCY = 8
DEFAULT_ANSWER_LIMIT = "45s"
_LOWEST_RATE = 1 / 86400
VARIABLES = {
    "database": "CHANGELOG_DATABASE_URL",
    "operator": "CHANGELOG_OPERATOR",
    "api_url": "MINIVOICE_API_URL",
}
FLAGS = {"database": "--db", "concurrency": "--concurrency", "rate": "--rate"}


class Origin(NamedTuple):
    """Where a value comes from: "flag", "environment", "file" or "default"; `place`: which one."""

    source: str
    place: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
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
    _pipes: "dict[KeySource, FoundKey]" = field(default_factory=dict, repr=False)

    @property
    def operator(self) -> str:
        """The name of the operator; the login name unless one is set."""
        from changelog.model.text.json_body import redact

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

    def read_keys(self) -> "list[FoundKey]":
        """Return what became of each key source, as it is now; a pipe can be read only once."""
        return [self._pipes.get(source) or self._read_key(source) for source in self.key_sources]

    def _read_key(self, source: KeySource) -> "FoundKey":
        is_pipe = source.source == "file" and Path(source.place).is_fifo()
        found = read_key(source, self.environ)
        if is_pipe:
            self._pipes[source] = found
        return found

    def secrets(self) -> list[str]:
        """Return all secrets that can be read, the longest first: nothing that is kept has one."""
        keys = [found.key.secret for found in self.read_keys() if found.key is not None]
        webhook = webhook_source(self.environ)
        return longest_first([*keys, *readable_secrets([webhook] if webhook else [], self.environ)])

    @property
    def paste_options(self) -> str:
        """What a command to paste needs to meet the same log, where flags named it."""
        from changelog.model.text.sanitize import word

        config = f" --config {word(self.config_flag)}" if self.config_flag else ""
        if self.db_flag is None:
            return config
        location = self.location
        if isinstance(location, PostgresLocation) and str(location) != location.dsn:
            return f"{config} --db URL"
        return f"{config} --db {word(self.db_flag)}"


def load_settings(
    db: str | None,
    config: str | None = None,
    *,
    concurrency: int | None = None,
    rate: str | None = None,
) -> Settings:
    """Load the settings of this process. Raises UsageError for what cannot be used."""
    environ = environment()
    file = read_settings_file(config, environ)
    if file.unknown:
        names = ", ".join(file.unknown)
        warn(f"unknown settings in {file.path}: {names}")
    flags = {"database": db, "concurrency": concurrency, "rate": rate}
    chosen = {name: _chosen(name, flags.get(name), environ, file) for name in CHECKS}
    values = {name: value for name, (value, _) in chosen.items()}
    database, rate_text = values["database"], values["rate"]
    parse_rate(rate)
    return Settings(
        location=parse_location(database) if database else default_location(environ),
        db_flag=db,
        config_flag=config,
        named_operator=values["operator"],
        api_url=values["api_url"] or DEFAULT_API_URL,
        concurrency=values["concurrency"] or DEFAULT_CONCURRENCY,
        rate=None if rate_text is None else str(rate_text),
        answer_limit=values["answer_limit"] or DEFAULT_ANSWER_LIMIT,
        volatile=frozenset(values["volatile"] or ()),
        destination_fields=tuple(values["destination_fields"] or ()),
        region=values["region"],
        mirror=_mirror(values["mirror"], file),
        contact=values["contact"],
        timezone=values["timezone"],
        public_url=values["public_url"],
        file=file,
        origins={name: origin for name, (_, origin) in chosen.items()},
        environ=environ,
    )


def _chosen(
    name: str, flag: Any, environ: Mapping[str, str], file: SettingsFile
) -> tuple[Any, Origin]:
    """Return the value of a setting and where it stands; None where nobody gives one."""
    if flag or (flag is not None and name != "database"):
        return flag, Origin("flag", FLAGS[name])
    variable = VARIABLES.get(name)
    if variable is not None and environ.get(variable):
        return environ[variable], Origin("environment", variable)
    value = file.values.get(name)
    if value is not None and value != "":
        return value, Origin("file", str(file.path))
    return None, Origin("default")


def _mirror(path: str | None, file: SettingsFile) -> SqliteLocation | None:
    """Return where the mirror is, seen from the settings file. Raises UsageError for what is no
    path."""
    if path is None:
        return None
    location = parse_location(path)
    if not isinstance(location, SqliteLocation):
        raise UsageError("the setting mirror must be a path", "Correct the settings file.")
    return SqliteLocation(file.path.parent / location.path)


def _login() -> str:
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
    # Like every other text of the environment: neither a database nor JSON could hold the bytes.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
