"""What the commands of upkeep answer: ``check``, ``config``, ``prune``, ``db``, ``mirror``."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from changelog.model.results.base import Result


class Broken(NamedTuple):
    """A row that is not what the log vouches for, or what a row should be and is not.

    `table`: also the name of a view or of a trigger's table. `key`: the row's key where it is not
    `did` and `revision` alone. `entry`: the journal's number, None where no entry is to blame.
    """

    table: str
    did: str | None
    revision: int | None
    reason: str
    key: str | None = None
    entry: int | None = None


class Checked(NamedTuple):
    """How many of each were looked at. `rows`: of all tables but the journal."""

    entries: int = 0
    rows: int = 0
    revisions: int = 0
    snapshots: int = 0
    dids: int = 0
    pruned: int = 0
    views: int = 0
    triggers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult(Result):
    """`broken`: in the journal's order, the first ones; `more`: that there are others.

    `head`: ``n:digest`` of the newest entry, None where nothing was recorded. `against`: the head
    that the log was to contain. `database`: its address without a password. `remarks`: what differs
    around the rows and neither hides nor changes one.
    """

    database: str
    ok: bool
    checked: Checked
    broken: tuple[Broken, ...] = ()
    more: bool = False
    head: str | None = None
    against: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadResult(Result):
    """The newest entry alone; nothing was proven."""

    database: str
    head: str


class Removable(NamedTuple):
    """What a prune can remove. `entries`: of the journal, that lose some. `bytes`: about what that
    frees."""

    snapshots: int = 0
    entries: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult(Result):
    """`before`: only snapshots received before that moment were looked at. `removed`: None where
    nothing was to be: with ``--dry-run`` or a no.

    `broken`: an entry that the snapshots do not match; found while counting, nothing was removed.
    """

    database: str
    before: datetime
    dry_run: bool
    removable: Removable
    removed: int | None
    by: str
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult(Result):
    """`differing`: what was repaired, the first ones; `more`: that there are others.

    `rows`, `entries`, `objects`: how many rows of tables were repaired, entries of the journal were
    restored from rows, and tables, views, triggers and indexes were made again. `broken`: what does
    not hold of the log afterwards; if the journal cannot be proven, that, and nothing was changed.
    `head`: the log's afterwards.
    """

    database: str
    differing: tuple[Broken, ...] = ()
    more: bool = False
    rows: int = 0
    entries: int = 0
    objects: int = 0
    broken: tuple[Broken, ...] = ()
    head: str | None = None
    against: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorResult(Result):
    """`from_`, `to`: the heads of the copy before and after, None for an empty one.

    `as_of`: when the shared log was read.
    """

    file: str
    from_: str | None
    to: str | None
    entries: int
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult(Result):
    """`version` is None for a database without a log; `before` only after an upgrade."""

    database: str
    version: str | None = None
    head: str | None = None
    before: str | None = None
    upgraded: bool = False
    dry_run: bool = False


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
