"""The tables of ``watch``: its rounds, its alerts, and where they were told."""

from typing import ClassVar

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel

from changelog.store.columns import CLUSTERED, micros, opaque_key


class WatchRound(SQLModel, table=True):
    """A round of ``watch`` that was judged: all that entered the log before its `entry` was.

    `watch` names what is watched. `read`: DIDs with a readable answer; `stopped`: why the API cut
    the round short. The first one says when the watch began.
    """

    __tablename__ = "watch_round"
    __table_args__: ClassVar = (CLUSTERED,)
    watch: str = opaque_key()
    at: int = Field(sa_column=micros(key=True))
    capture: int | None = Field(default=None, foreign_key="capture.id")
    requested: int
    read: int
    stopped: str | None = None
    entry: int


class Alert(SQLModel, table=True):
    """A message that ``watch`` has to tell. `channels`: where, with spaces between.

    `dids`: a JSON list of some of the `count` DIDs where it is about many.
    """

    __table_args__: ClassVar = (Index("alert_at", "watch", "at"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
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


class AlertDelivery(SQLModel, table=True):
    """That an alert was told on a channel, and how that went."""

    __tablename__ = "alert_delivery"
    __table_args__: ClassVar = (CLUSTERED,)
    alert: int = Field(primary_key=True, foreign_key="alert.id")
    channel: str = opaque_key()
    at: int = Field(sa_column=micros())
    outcome: str
    entry: int


class Trouble(SQLModel, table=True):
    """What was told of a DID's trouble by which alert: unreadable, silent, recovered.

    `did` is "" for the watch as a whole.
    """

    __table_args__: ClassVar = (CLUSTERED,)
    watch: str = opaque_key()
    did: str = opaque_key()
    alert: int = Field(
        primary_key=True, foreign_key="alert.id", sa_column_kwargs={"autoincrement": False}
    )
    kind: str
    entry: int
