"""Kinds of columns, and how the two databases spell them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Column, Index, String, Text, cast, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field

from changelog.store.schema.targets import LONG_TARGET, SHORT_TARGET

CLUSTERED = {"sqlite_with_rowid": False}
"""On SQLite the primary key is the table: no second copy of it, no hidden row number."""


WHERE = "where"


@compiles(CreateIndex)
def _create_index(create: CreateIndex, compiler: Any, **options: Any) -> str:
    """Spell a partial index. Said to each dialect by its name, it would import them both."""
    made: str = compiler.visit_create_index(create, **options)
    where = create.element.info.get(WHERE)
    return f"{made} WHERE {where}" if where else made


ONLY_ON = "only_on"


def search_indexes() -> Iterator[Index]:
    """Yield what a search looks at of a revision, so that it reads no body: by DID, newest first.

    PostgreSQL has an index of its own for the revisions that are too long for the other.
    """
    target = ("number", "application_id", "destination")
    for dialect, name, columns, where in (
        ("sqlite", "revision_target", ("did", "revision", *target[1:]), None),
        ("postgresql", "revision_newest", ("did", text("revision DESC"), *target), SHORT_TARGET),
        ("postgresql", "revision_long", ("did", text("revision DESC")), LONG_TARGET),
    ):
        info = {ONLY_ON: dialect, WHERE: where}
        yield Index(name, *columns, info=info).ddl_if(dialect=dialect)


class VerbatimJson(UserDefinedType[str]):
    """PostgreSQL's ``json``, which keeps a text as it is; read and written as that text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"

    def column_expression(self, column: Any) -> Any:
        return cast(column, Text)


BODY = Text().with_variant(VerbatimJson(), "postgresql")
OPAQUE = String().with_variant(String(collation="C"), "postgresql")
"""An id has no language: it is sorted by its bytes, as SQLite does, whatever the database's is."""


def micros(*, key: bool = False, null: bool = False) -> Column[int]:
    return Column(BigInteger, nullable=null, primary_key=key, autoincrement=False)


def number_key(**options: Any) -> Any:
    """Return a column of a primary key that is a number, which this program gives itself."""
    return Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, **options)


def opaque_key() -> Any:
    """Return a column of a primary key that is text."""
    return Field(primary_key=True, sa_type=OPAQUE)
