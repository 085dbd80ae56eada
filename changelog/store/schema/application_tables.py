"""The tables of what captures saw of applications."""

from typing import ClassVar

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from changelog.store.schema.columns import CLUSTERED, micros, opaque_key


class Application(SQLModel, table=True):
    """The ``answer_url`` of an application and what people call it, each time that one of them was
    seen to differ from before. NULL: it was not listed any more; "": listed, and without one."""

    __table_args__: ClassVar = (CLUSTERED,)
    application_id: str = opaque_key()
    seen_at: int = Field(sa_column=micros(key=True))
    answer_url: str | None = Field(default=None, sa_column=Column(Text))
    name: str | None = Field(default=None, sa_column=Column(Text))
    capture: int = Field(foreign_key="capture.id")
    entry: int


class UnreadApplication(SQLModel, table=True):
    """That a capture could not read the ``answer_url`` of an application that one of its DIDs has:
    it was not listed, or `application_id` is "" and no application could be read."""

    __tablename__ = "unread_application"
    __table_args__: ClassVar = (CLUSTERED,)
    capture: int = Field(primary_key=True, foreign_key="capture.id")
    application_id: str = opaque_key()
    entry: int
