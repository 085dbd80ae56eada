"""The tables of ``watch``: its state from round to round, and its alerts."""

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from changelog.store.columns import BODY, micros, opaque_key


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
