"""What ``check`` answers: what was looked at, and what does not hold."""

from __future__ import annotations

from dataclasses import dataclass
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
