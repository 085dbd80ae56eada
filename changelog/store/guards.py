"""The append-only triggers, taken down for the two commands that may change rows: ``prune`` and
``db rebuild``."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from changelog.model.errors import DatabaseReadOnly
from changelog.store.definitions import GUARDED, definitions


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
    there = set(
        connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).scalars()
    )
    guards = [
        guard
        for guard in definitions("sqlite")
        if guard.kind == "trigger" and guard.table in tables and guard.name in there
    ]
    for guard in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {guard.name}")
    yield
    for guard in guards:
        connection.exec_driver_sql(guard.sql)


def _on_postgres(connection: Connection, tables: Collection[str]) -> Iterator[None]:
    rows = connection.execute(
        text(
            "SELECT c.relname, t.tgname, t.tgenabled::text AS enabled"
            " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
            " AND t.tgname = c.relname || '_append_only'"
        )
    ).all()
    guards = [row for row in rows if row.relname in tables and row.enabled in ("O", "A")]
    for guard in guards:
        connection.execute(text(f"ALTER TABLE {guard.relname} DISABLE TRIGGER {guard.tgname}"))
    yield
    for guard in guards:
        how = "ENABLE ALWAYS" if guard.enabled == "A" else "ENABLE"
        connection.execute(text(f"ALTER TABLE {guard.relname} {how} TRIGGER {guard.tgname}"))


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
