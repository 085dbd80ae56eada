"""The SQL around the rows: views, and the triggers that keep the tables append-only.

They hold no rows, so no migration carries them: they are made after each, from the text of today.
``prune`` and ``db rebuild``, which may change rows, take the triggers down meanwhile.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from changelog.model.errors import DatabaseReadOnly
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.views import view_texts

GUARDED = {
    "journal": ("n",),
    "journal_looks": ("n",),
    **{name: shape.key for name, shape in SHAPES.items()},
}
"""The tables that the database itself keeps append-only, each with its key."""
REFUSE = "changelog_refuse"
REFUSAL = "BEGIN RAISE EXCEPTION 'changelog: % is append-only', TG_TABLE_NAME; END"
"""The body of the function that refuses, on PostgreSQL."""
COMMENT = "made by changelog on PostgreSQL {major}: {digest}"


class Definition(NamedTuple):
    """A view, or a trigger of `table`. `sql`: the statement that makes it."""

    kind: str
    name: str
    table: str
    sql: str


def definitions(dialect: str) -> list[Definition]:
    """Return all of them, in the order in which they can be made."""
    views = [
        Definition("view", name, name, f"CREATE VIEW {name} AS {body}")
        for name, body in view_texts(dialect).items()
    ]
    guard = _sqlite_triggers if dialect == "sqlite" else _postgres_trigger
    triggers = [trigger for table, key in GUARDED.items() for trigger in guard(table, key)]
    return triggers + views


def _sqlite_triggers(table: str, key: tuple[str, ...]) -> list[Definition]:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    refuse = f"SELECT RAISE(ABORT, 'changelog: {table} is append-only')"
    # INSERT OR REPLACE removes the old row without asking the trigger on DELETE.
    replaces = f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
    return [
        Definition(
            "trigger",
            f"{table}_no_{what}",
            table,
            f"CREATE TRIGGER {table}_no_{what} BEFORE {event} ON {table}{when} BEGIN {refuse}; END",
        )
        for what, event, when in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", replaces),
        )
    ]


def _postgres_trigger(table: str, _: tuple[str, ...]) -> list[Definition]:
    name = f"{table}_append_only"
    return [
        Definition(
            "trigger",
            name,
            table,
            f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {REFUSE}()",
        )
    ]


def make_definitions(connection: Connection) -> None:
    """Make all that is missing, and all that differs; what is there keeps its rights."""
    if connection.dialect.name == "sqlite":
        _make_on_sqlite(connection)
    else:
        _make_on_postgres(connection)


def _make_on_sqlite(connection: Connection) -> None:
    stored = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master").all()
    there = {row.name: row.sql for row in stored}
    for kind, name, _, sql in definitions("sqlite"):
        if there.get(name) != sql:
            connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")
            connection.exec_driver_sql(sql)


def _make_on_postgres(connection: Connection) -> None:
    execute(
        connection,
        f"CREATE OR REPLACE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ {REFUSAL} $$",
    )
    states = {trigger.name: trigger.state for trigger in _postgres_triggers(connection)}
    for kind, name, table, sql in definitions("postgresql"):
        if kind == "view":
            _make_view(connection, name, sql)
        else:
            execute(connection, sql.replace("CREATE", "CREATE OR REPLACE", 1))
            _enable(connection, table, name, states.get(name))


def _postgres_triggers(connection: Connection) -> Sequence[Row[Any]]:
    """Return this program's triggers that are there. `state`: "O" or "A" where one is enabled."""
    return connection.exec_driver_sql(
        "SELECT c.relname AS table, t.tgname AS name, t.tgenabled::text AS state"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        " AND t.tgname = c.relname || '_append_only'"
    ).all()


def _enable(connection: Connection, table: str, trigger: str, state: str | None) -> None:
    # Somebody may want it on replicas too.
    how = "ENABLE ALWAYS" if state == "A" else "ENABLE"
    execute(connection, f"ALTER TABLE {table} {how} TRIGGER {trigger}")


def _make_view(connection: Connection, name: str, sql: str) -> None:
    """Make a view, with a digest of how this server spells it, so that a change is seen.

    It is made of the server's own spelling a second time, as a restored dump does: then some casts
    are spelled out that were implied.
    """
    execute(connection, sql.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    execute(connection, f"CREATE OR REPLACE VIEW {name} AS {_spelling(connection, name)}")
    comment = COMMENT.format(
        major=connection.exec_driver_sql(MAJOR).scalar_one(),
        digest=spelling_digest(_spelling(connection, name)),
    )
    execute(connection, f"COMMENT ON VIEW {name} IS '{comment}'")


MAJOR = "SELECT current_setting('server_version_num')::int / 10000"


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
    connection: Connection, tables: Collection[str] = tuple(GUARDED)
) -> Iterator[None]:
    """Let this transaction, and nobody else, change rows; afterwards all is as it was.

    On SQLite the triggers are dropped and made again. PostgreSQL switches them off and on, which
    locks out writers and no reader; a trigger dropped would lock out both.
    """
    if connection.dialect.name == "sqlite":
        yield from _on_sqlite(connection, tables)
    else:
        yield from _on_postgres(connection, tables)


def _on_sqlite(connection: Connection, tables: Collection[str]) -> Iterator[None]:
    rows = connection.exec_driver_sql(
        "SELECT name, tbl_name, sql FROM sqlite_master"
        " WHERE type = 'trigger' AND name GLOB tbl_name || '_no_*'"
    ).all()
    triggers = [row for row in rows if row.tbl_name in tables]
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


def _on_postgres(connection: Connection, tables: Collection[str]) -> Iterator[None]:
    rows = _postgres_triggers(connection)
    triggers = [row for row in rows if row.table in tables and row.state in ("O", "A")]
    for trigger in triggers:
        execute(connection, f"ALTER TABLE {trigger.table} DISABLE TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        _enable(connection, trigger.table, trigger.name, trigger.state)


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
