"""The tables of ``prune`` and ``db rebuild``: who did what to the log itself."""

from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from changelog.store.columns import CLUSTERED, micros


class Pruning(SQLModel, table=True):
    """A transaction of ``prune``: who removed how many snapshots, and how old those were at least.

    `older_than`: in microseconds, back from `at`.
    """

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
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
    journal: int = Field(
        primary_key=True, foreign_key="journal.n", sa_column_kwargs={"autoincrement": False}
    )
    pruning: int = Field(
        primary_key=True, foreign_key="pruning.id", sa_column_kwargs={"autoincrement": False}
    )
    removed: int
    looks_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    entry: int


class Rebuild(SQLModel, table=True):
    """That ``db rebuild`` repaired `rows` rows from the journal, and `entries` entries from rows.

    `objects`: tables, views, triggers and indexes that it made again.
    """

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(sa_column=micros())
    author: str
    rows: int
    entries: int
    objects: int
    entry: int
