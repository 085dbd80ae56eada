"""Index tables made again as the migrations make them, with the rights that they had."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, ForeignKeyConstraint, inspect

from changelog.store.schema.definitions import execute
from changelog.store.schema.rows import SHAPES

_RELATIONS = """
    SELECT relname, oid FROM pg_class
    WHERE relkind IN ('r', 'v') AND relnamespace = current_schema()::regnamespace
"""
_RIGHTS = """
    SELECT c.relname, a.privilege_type,
           CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
    FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE c.relnamespace = current_schema()::regnamespace AND a.grantee <> c.relowner
"""
_AS_TABLE, _AS_VIEW = "journal", "schema_version"
"""What was gone before anybody could look has the rights that these have."""


def make_tables(connection: Connection, names: Collection[str]) -> None:
    """Make these index tables anew, empty; views and foreign keys that need them go."""
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for name in reversed(list(SHAPES)):
        if name in names:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}{cascade}")
    for name, shape in SHAPES.items():
        if name in names:
            shape.table.create(connection)


def make_indexes_and_keys(connection: Connection) -> None:
    """Make the indexes and the foreign keys that are gone."""
    inspector = inspect(connection)
    for name, shape in SHAPES.items():
        indexes = {index["name"] for index in inspector.get_indexes(name)}
        for index in shape.table.indexes:
            if index.name not in indexes:
                index.create(connection)
        # SQLite has them in the text of the table alone, and compares that.
        if connection.dialect.name == "postgresql":
            keys = {tuple(key["constrained_columns"]) for key in inspector.get_foreign_keys(name)}
            for constraint in shape.table.foreign_key_constraints:
                if tuple(constraint.columns.keys()) not in keys:
                    _add_foreign_key(connection, constraint)


def _add_foreign_key(connection: Connection, constraint: ForeignKeyConstraint) -> None:
    # Not by AddConstraint: that takes the constraint out of its table's own CREATE for good.
    names = ", ".join(constraint.columns.keys())
    targets = ", ".join(element.column.name for element in constraint.elements)
    execute(
        connection,
        f"ALTER TABLE {constraint.table.name} ADD FOREIGN KEY ({names})"
        f" REFERENCES {constraint.referred_table.name} ({targets})",
    )


@contextmanager
def kept_rights(connection: Connection) -> Iterator[None]:
    """Give what is made anew inside the rights that it had."""
    if connection.dialect.name != "postgresql":
        yield
        return
    before = _relations(connection)
    rights: dict[str, list[tuple[str, str]]] = {}
    for name, right, role in connection.exec_driver_sql(_RIGHTS):
        rights.setdefault(name, []).append((right, role))
    yield
    for name, oid in _relations(connection).items():
        if before.get(name) != oid:
            model = _AS_TABLE if name in SHAPES else _AS_VIEW
            for right, role in rights.get(name if name in before else model, []):
                execute(connection, f"GRANT {right} ON {name} TO {role}")


def _relations(connection: Connection) -> dict[str, int]:
    return {row.relname: row.oid for row in connection.exec_driver_sql(_RELATIONS)}
