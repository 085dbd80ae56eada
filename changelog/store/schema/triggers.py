"""The SQL around the rows: views, and the triggers that keep the tables append-only.

They hold no rows, so no migration carries them: they are made after each, from the text of today.
``prune`` and ``db rebuild``, which may change rows, take the triggers down meanwhile. ``db
rebuild`` makes tables again here too, with the rights that they had.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, ForeignKeyConstraint, inspect, text

from changelog.model.errors import DatabaseReadOnly
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.views import view_texts

_GUARDED = {
    "journal": ("n",),
    "journal_looks": ("n",),
    **{name: shape.key for name, shape in SHAPES.items()},
}
"""The tables that the database itself keeps append-only, each with its key."""
_ABORT = "BEGIN SELECT RAISE(ABORT, 'changelog: {table} is append-only'); END"
# INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
_REPLACES = "WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
_GUARDS = {
    "sqlite": {
        "no_update": f"BEFORE UPDATE ON {{table}} {_ABORT}",
        "no_delete": f"BEFORE DELETE ON {{table}} {_ABORT}",
        "no_replace": f"BEFORE INSERT ON {{table}} {_REPLACES} {_ABORT}",
    },
    "postgresql": {
        "append_only": "BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION changelog_refuse()",
    },
}
"""The triggers of each table."""
REFUSE = "changelog_refuse"
REFUSAL = "BEGIN RAISE EXCEPTION 'changelog: % is append-only', TG_TABLE_NAME; END"
"""The body of the function that refuses, on PostgreSQL."""
COMMENT = "made by changelog on PostgreSQL {major}: {digest}"
MAJOR = "SELECT current_setting('server_version_num')::int / 10000"


class Definition(NamedTuple):
    """A view, or a trigger of `table`. `sql`: the statement that makes it."""

    kind: str
    name: str
    table: str
    sql: str


def definitions(dialect: str) -> list[Definition]:
    """Return all of them, in the order in which they can be made."""
    found = []
    for table, key in _GUARDED.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        for what, template in _GUARDS[dialect].items():
            sql = f"CREATE TRIGGER {table}_{what} {template.format(table=table, same=same)}"
            found.append(Definition("trigger", f"{table}_{what}", table, sql))
    for name, body in view_texts(dialect).items():
        found.append(Definition("view", name, name, f"CREATE VIEW {name} AS {body.rstrip()}"))
    return found


def make_definitions(connection: Connection) -> None:
    """Make all that is missing, and all that differs; what is there keeps its rights."""
    if connection.dialect.name == "sqlite":
        stored = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
        there = {row.name: row.sql for row in stored}
        for kind, name, _, sql in definitions("sqlite"):
            if there.get(name) != sql:
                connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")
                connection.exec_driver_sql(sql)
        return
    execute(
        connection,
        f"CREATE OR REPLACE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ {REFUSAL} $$",
    )
    for kind, name, table, sql in definitions("postgresql"):
        execute(connection, sql.replace("CREATE", "CREATE OR REPLACE", 1))
        if kind == "view":
            _mark_view(connection, name)
        else:
            execute(connection, f"ALTER TABLE {table} ENABLE TRIGGER {name}")


def _mark_view(connection: Connection, name: str) -> None:
    """Comment a view with a digest of how this server spells it, so that a change is seen.

    It is made of the server's own spelling a second time, as a restored dump does: then some casts
    are spelled out that were implied.
    """
    execute(connection, f"CREATE OR REPLACE VIEW {name} AS {_spelling(connection, name)}")
    comment = COMMENT.format(
        major=connection.exec_driver_sql(MAJOR).scalar_one(),
        digest=spelling_digest(_spelling(connection, name)),
    )
    execute(connection, f"COMMENT ON VIEW {name} IS '{comment}'")


def _spelling(connection: Connection, name: str) -> str:
    query = text("SELECT pg_get_viewdef(to_regclass(:name))")
    return str(connection.execute(query, {"name": name}).scalar_one())


def spelling_digest(spelling: str) -> str:
    """Return what the comment of a view says of PostgreSQL's spelling of it."""
    return sha256(spelling.encode()).hexdigest()


def execute(connection: Connection, statement: str) -> None:
    """Run a statement that has no parameters."""
    connection.execute(text(statement.replace(":", r"\:")))


@contextmanager
def without_guards(
    connection: Connection, tables: Collection[str] = tuple(_GUARDED)
) -> Iterator[None]:
    """Let this transaction, and nobody else, change rows; afterwards it is refused again.

    On SQLite the triggers are dropped and made again. PostgreSQL switches them off and on, which
    locks out writers and no reader; a trigger dropped would lock out both.
    """
    if connection.dialect.name == "sqlite":
        triggers = [
            made
            for made in definitions("sqlite")
            if made.kind == "trigger" and made.table in tables
        ]
        off = [f"DROP TRIGGER IF EXISTS {trigger.name}" for trigger in triggers]
        on = [trigger.sql for trigger in triggers]
    else:
        off, on = (
            [f"ALTER TABLE {table} {switch} TRIGGER USER" for table in tables]
            for switch in ("DISABLE", "ENABLE")
        )
    for statement in off:
        connection.exec_driver_sql(statement)
    yield
    for statement in on:
        connection.exec_driver_sql(statement)


def require_owner(connection: Connection) -> None:
    """Raise DatabaseReadOnly on PostgreSQL for anybody but the owner of the tables."""
    if connection.dialect.name != "postgresql":
        return
    owner, user, owns = connection.execute(
        text(
            "SELECT pg_get_userbyid(relowner), current_user,"
            " pg_has_role(current_user, relowner, 'USAGE')"
            " FROM pg_class WHERE oid = 'journal'::regclass"
        )
    ).one()
    if not owns:
        raise DatabaseReadOnly(
            f"only the owner of the tables, {owner}, may do that; this is {user}",
            f"Run it as {owner}. With prune --dry-run anybody who records may see what would go.",
            "not_owner",
        )


# Tables that are made again

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
        # SQLite has them in the text of the table alone.
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
