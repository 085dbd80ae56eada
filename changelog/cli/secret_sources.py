"""The secrets of this run: in which variables and files they stand, and what those hold."""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from changelog.model.errors import UsageError
from changelog.model.text.redaction import REDACTED, looks_like_key
from changelog.model.text.sanitize import command_line
from changelog.system.files import LARGEST_SECRET, read_limited, text_of

if TYPE_CHECKING:
    from changelog.api.keys import ApiKey

HINT = "Set MINIVOICE_API_KEY, or MINIVOICE_API_KEY_FILE to a file that holds it."
KEY, KEY_FILE = "MINIVOICE_API_KEY", "MINIVOICE_API_KEY_FILE"
WEBHOOK, WEBHOOK_FILE = "MINIVOICE_WEBHOOK_SECRET", "MINIVOICE_WEBHOOK_SECRET_FILE"

# An address or a login, a long run of letters and digits, a UUID.
_ADDRESS = r"://|:[^/]*@"
_RANDOM = (
    r"(?=[A-Za-z+=]*\d)(?=[\d+=]*[A-Za-z])[A-Za-z0-9+=]{16}"
    r"|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)

secrets_read: list[str] = []
"""Every secret that this process has read, so that a report of a bug can leave them out."""


def may_be_secret(text: str) -> bool:
    """Return whether a secret may stand where the name of a variable or a file belongs."""
    if looks_like_key(text) or not text.isprintable() or re.search(_ADDRESS, text):
        return True
    return not text.startswith(("/", "~", ".")) and re.search(_RANDOM, text) is not None


def shown_name(text: str) -> str:
    """Return a name, fit to be shown: somebody may have set a secret in its place."""
    return REDACTED if may_be_secret(text) else text


class KeySource(NamedTuple):
    """Where a key is: in the environment variable or in the file `place`.

    `name`: what the settings file calls it; None for the key of the environment.
    """

    source: str
    place: str
    name: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether there is such a variable or file."""
        if self.source == "environment":
            return self.place in os.environ
        return os.path.exists(self.place)


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
        return self.source.name or (KEY_FILE if in_file else self.source.place)


class Secret(NamedTuple):
    """A secret, and whether the one line end behind it was taken away."""

    text: str
    line_end_removed: bool

    @property
    def lines(self) -> list[str]:
        """Return what is not empty of its lines, without blanks around."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]


def environment() -> dict[str, str]:
    """Return what is set, as text that a database and JSON can hold."""
    return {
        name: value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        for name, value in os.environ.items()
        if value
    }


def key_sources(named: Sequence[KeySource], environ: Mapping[str, str]) -> tuple[KeySource, ...]:
    """Return where keys may be, in the order in which they are tried: the environment's before
    `named`."""
    return (*_given(KEY, KEY_FILE, environ)[:1], *named)


def webhook_source(environ: Mapping[str, str]) -> KeySource | None:
    """Return where the secret is that webhooks are signed with."""
    return next(iter(_given(WEBHOOK, WEBHOOK_FILE, environ)), None)


def sources_of_environment(environ: Mapping[str, str]) -> list[KeySource]:
    """Return where any secret is that the environment names."""
    return _given(KEY, KEY_FILE, environ) + _given(WEBHOOK, WEBHOOK_FILE, environ)


def _given(variable: str, file_variable: str, environ: Mapping[str, str]) -> list[KeySource]:
    """Return the places that are given, the one that counts first."""
    given = [KeySource("environment", variable)] if environ.get(variable) else []
    if path := environ.get(file_variable):
        given.append(KeySource("file", path))
    return given


def usable(found: Sequence[FoundKey]) -> "list[ApiKey]":
    """Return the keys to ask with. Raises UsageError where there is none, saying why."""
    keys = [each.key for each in found if each.key is not None]
    if keys:
        return keys
    if not found:
        raise UsageError("no API key is set", HINT, "no_key")
    if len(found) == 1 and found[0].source.name is None:
        raise UsageError(found[0].problem, found[0].hint, "no_key")
    why = "; ".join(f"{each.label}: {each.problem}" for each in found)
    raise UsageError(
        f"no API key can be used: {why}",
        f"To see where each is named: {command_line('config')}",
        "no_key",
    )


def read_key(source: KeySource, environ: Mapping[str, str]) -> FoundKey:
    from changelog.api.keys import check_key

    try:
        text = read_secret(source, environ, "key", HINT).text
        key = check_key(text.strip() if source.source == "file" else text, source.name)
    except UsageError as error:
        return FoundKey(source, None, error.message, error.hint)
    return FoundKey(source, key)


def read_secret(source: KeySource, environ: Mapping[str, str], what: str, hint: str = "") -> Secret:
    """Return the secret without the line end that an editor or ``echo`` put behind it, nor the mark
    of its encoding that an editor put before it.

    `what`: what a message calls it. Raises UsageError, which does not repeat it.
    """
    if source.source == "environment":
        text = environ.get(source.place, "")
        if not text:
            raise UsageError(f"the variable {shown_name(source.place)} is not set", hint)
    else:
        try:
            text = text_of(read_limited(Path(source.place), LARGEST_SECRET))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise UsageError(
                f"the {what} file {shown_name(source.place)} cannot be read: {reason}", hint
            ) from error
    stripped = re.sub(r"\r?\n\Z", "", text).removeprefix("\ufeff")
    secret = Secret(stripped, text.endswith("\n"))
    secrets_read.extend((stripped, *secret.lines))
    return secret


def readable_secrets(sources: Sequence[KeySource], environ: Mapping[str, str]) -> list[str]:
    secrets: list[str] = []
    for source in sources:
        if source.source == "environment" or Path(source.place).is_file():
            with suppress(UsageError):
                secrets += read_secret(source, environ, "key").lines
    return secrets
