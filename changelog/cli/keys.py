"""Reads the keys from where the settings say they are; one that cannot be read costs no other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from changelog.cli.settings_file import KeySource
from changelog.model.errors import UsageError
from changelog.system.reading import LARGEST_SECRET, read_limited

if TYPE_CHECKING:
    from changelog.api.key import ApiKey

HINT = "Set MINIVOICE_API_KEY, or MINIVOICE_API_KEY_FILE to a file that holds it."
VARIABLE = "MINIVOICE_API_KEY"
FILE_VARIABLE = "MINIVOICE_API_KEY_FILE"

secrets_read: list[str] = []
"""Every key that this process has read, so that a report of a bug can leave them out."""


class FoundKey(NamedTuple):
    """A key, or the `problem` why it cannot be used."""

    source: KeySource
    key: "ApiKey | None" = None
    problem: str = ""
    hint: str = HINT

    @property
    def label(self) -> str:
        """What to call it where it has no name of its own."""
        in_file = self.source.source == "file"
        return self.source.name or (FILE_VARIABLE if in_file else self.source.place)


def key_sources(named: Sequence[KeySource], environ: Mapping[str, str]) -> tuple[KeySource, ...]:
    """Where keys may be, in the order in which they are tried: the environment's before `named`."""
    if environ.get(VARIABLE):
        return (KeySource("environment", VARIABLE), *named)
    if path := environ.get(FILE_VARIABLE):
        return (KeySource("file", path), *named)
    return tuple(named)


def read_keys(sources: Sequence[KeySource], environ: Mapping[str, str]) -> list[FoundKey]:
    return [_found(source, environ) for source in sources]


def usable(found: Sequence[FoundKey]) -> "list[ApiKey]":
    """The keys to ask with. Raises UsageError where there is none, saying why."""
    keys = [one.key for one in found if one.key is not None]
    if keys:
        return keys
    if not found:
        raise UsageError("no API key is set", HINT, "no_key")
    if len(found) == 1 and found[0].source.name is None:
        raise UsageError(found[0].problem, found[0].hint, "no_key")
    why = "; ".join(f"{one.label}: {one.problem}" for one in found)
    raise UsageError(
        f"no API key can be used: {why}", "changelog config shows where each is named.", "no_key"
    )


def _found(source: KeySource, environ: Mapping[str, str]) -> FoundKey:
    from changelog.api.key import check_key

    try:
        text = _text_of(source, environ)
        key = check_key(text, source.name)
    except UsageError as error:
        return FoundKey(source, None, error.message, error.hint)
    secrets_read.append(text)
    return FoundKey(source, key)


def _text_of(source: KeySource, environ: Mapping[str, str]) -> str:
    if source.source == "environment":
        text = environ.get(source.place)
        if not text:
            raise UsageError(f"the variable {source.place} is not set", HINT)
        return text
    try:
        return read_limited(Path(source.place), LARGEST_SECRET).decode().strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"the key file {source.place} cannot be read: {reason}", HINT) from error
