"""What ``config`` answers: what holds for a run, and where each value came from."""

from dataclasses import dataclass
from typing import NamedTuple

from changelog.model.results.base import Result


class SettingShown(NamedTuple):
    """`source`: "flag", "environment", "file" or "default"; `from_`: which flag, variable or file.

    `problem`: why the value cannot be used. It is then not shown, since it may hold a secret.
    """

    name: str
    value: str | int | tuple[str, ...] | None
    source: str
    from_: str | None = None
    problem: str | None = None


class KeyShown(NamedTuple):
    """A key without the key. `source`: "environment" or "file"; `from_`: which variable or file.

    `name` is what the log calls it; `fingerprint` tells keys apart whatever their names; `same_as`
    is the variable or file, further up, that holds the same secret: it counts once.
    `readable_by_all`: every user of this machine can read the file. `line_end_removed`: of a
    webhook secret, that the line end behind it does not belong to it.
    """

    name: str | None
    source: str
    from_: str
    usable: bool
    fingerprint: str | None = None
    same_as: str | None = None
    problem: str | None = None
    readable_by_all: bool = False
    line_end_removed: bool = False


class SettingsFileShown(NamedTuple):
    """`source`: "flag", "environment" or "default", whichever named it."""

    path: str
    exists: bool
    source: str
    from_: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigResult(Result):
    """`keys` in the order in which they are tried; `webhook`: the secret of ``listen``, if any;
    `unknown`: settings that do nothing."""

    file: SettingsFileShown
    settings: tuple[SettingShown, ...]
    keys: tuple[KeyShown, ...]
    webhook: KeyShown | None = None
    unknown: tuple[str, ...]
