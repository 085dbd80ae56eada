"""The tables of the log's own work: ``watch``, ``prune`` and ``db rebuild``."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from changelog.store.schema.columns import BODY, CLUSTERED, micros, number_key, opaque_key


class Pruning(SQLModel, table=True):
    """A transaction of ``prune``: its operator, the snapshots removed, and their least age.

    `older_than`: in microseconds, back from `at`.
    """

    id: int = number_key()
    at: int = Field(sa_column=micros())
    older_than: int = Field(sa_column=micros())
    author: str
    removed: int
    entry: int


class Pruned(SQLModel, table=True):
    """That `pruning` removed looks which were written with the entry `journal`.

    `looks_digest`: over those of the entry that stay. It takes the place of the journal's own,
    which can no longer be computed; the newest one counts.
    """

    __table_args__: ClassVar = (CLUSTERED,)
    journal: int = number_key(foreign_key="journal.n")
    pruning: int = number_key(foreign_key="pruning.id")
    removed: int
    looks_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    entry: int


class Rebuild(SQLModel, table=True):
    """That ``db rebuild`` repaired `rows` rows from the journal, and `entries` entries from rows.

    `objects`: tables, views, triggers and indexes that it made again.
    """

    id: int = number_key()
    at: int = Field(sa_column=micros())
    author: str
    rows: int
    entries: int
    objects: int
    entry: int


class WatchState(SQLModel, table=True):
    """What one watch carries from round to round, replaced in place: no record, so it stands
    outside the journal. `watch` names what is watched.

    `entry`: the journal is judged up to there, as of `at`. `state`: ``AlertState`` as JSON.
    """

    __tablename__ = "watch_state"
    watch: str = opaque_key()
    at: int = Field(sa_column=micros())
    entry: int
    state: str = Field(sa_column=Column(BODY, nullable=False))


class Alert(SQLModel, table=True):
    """A message of ``watch``. `channels`: where it was due, with spaces between.

    `dids`: a JSON list of some of the `count` DIDs where it is about many.
    """

    id: int = number_key()
    at: int = Field(sa_column=micros())
    watch: str
    kind: str
    what: str | None = None
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    capture: int | None = Field(default=None, foreign_key="capture.id")
    count: int
    dids: str | None = Field(default=None, sa_column=Column(Text))
    since: int | None = Field(default=None, sa_column=Column(BigInteger))
    in_a_row: int | None = None
    status: int | None = None
    code: str | None = None
    message: str | None = Field(default=None, sa_column=Column(Text))
    channels: str
    entry: int
