"""What stands around the rows, beside what this program makes: tables, views, triggers, indexes.

This finds what a restored dump lacks, and what somebody changed by hand. It proves nothing against
the owner of a database. SQLite keeps a definition as it was written. PostgreSQL spells it anew: a
view has a digest of that in its comment (``definitions.py``).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from changelog.model.errors import DatabaseReadOnly
from changelog.model.results.upkeep import Broken
from changelog.store.journal.source import PostgresSource, Source
from changelog.store.schema.definitions import COMMENT, MAJOR, definitions, spelling_digest
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS, SQLITE_INDEXES

_TABLES = [JOURNAL, JOURNAL_LOOKS, *(shape.table for shape in SHAPES.values())]
_OTHER = "is not the one that the migrations make"
_NOT_COMPARED = "was made on another PostgreSQL, so it was not compared: db rebuild makes it anew"
_COLUMNS = {
    "sqlite": """
        SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c
        WHERE m.type = 'table'
    """,
    "postgresql": """
        SELECT table_name::text, column_name::text FROM information_schema.columns
        WHERE table_schema = current_schema()
    """,
}
_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname::text FROM pg_indexes WHERE schemaname = current_schema()",
}
_PG_TRIGGERS = """
    SELECT t.tgname::text, t.tgenabled IN ('O', 'A')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""
_PG_VIEWS = """
    SELECT c.relname::text, pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class')
    FROM pg_class c WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace
"""
_PG_RIGHTS = """
    SELECT name FROM unnest(?::text[]) AS name
    WHERE to_regclass(quote_ident(name)) IS NOT NULL
      AND NOT has_table_privilege(quote_ident(name), 'SELECT') ORDER BY name
"""


@dataclass(slots=True)
class Surroundings:
    """`unusable`: the tables that lack a column, or are gone."""

    broken: list[Broken] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)
    views: int = 0
    triggers: int = 0


def compare_surroundings(source: Source) -> Surroundings:
    """Compare what stands around the rows. Raises DatabaseReadOnly where it may not be read."""
    around = Surroundings()
    _compare_tables(source, around)
    if isinstance(source, PostgresSource):
        require_rights(source, [*(table.name for table in _TABLES), "alembic_version"])
        mistakes = dict(_mistakes_on_postgres(source))
    else:
        mistakes = dict(_mistakes_on_sqlite(source))
    _compare_definitions(source, around, mistakes)
    versions = source.rows("SELECT version_num FROM alembic_version")
    if len(versions) != 1:
        reason = f"it has {len(versions)} rows, where the schema has one version"
        around.broken.append(Broken("alembic_version", None, None, reason))
    return around


def _compare_tables(source: Source, around: Surroundings) -> None:
    there: dict[str, set[str]] = {}
    for name, column in source.rows(_COLUMNS[source.dialect]):
        there.setdefault(name, set()).add(column)
    indexes = {name for (name,) in source.rows(_INDEXES[source.dialect])}
    if source.dialect == "postgresql":
        indexes |= SQLITE_INDEXES
    for table in _TABLES:
        columns = there.get(table.name, set())
        lacking = [column.name for column in table.columns if column.name not in columns]
        if lacking:
            what = f"lacks {', '.join(lacking)}" if columns else "is gone"
            reason = f"the table {table.name} {what}"
            around.broken.append(Broken(table.name, None, None, reason, table.name))
            around.unusable.add(table.name)
            continue
        for name in sorted({str(index.name) for index in table.indexes} - indexes):
            around.remarks.append(f"the index {name} is gone: answers take longer")


def _compare_definitions(
    source: Source, around: Surroundings, mistakes: Mapping[str, str | None]
) -> None:
    """`mistakes`: of each view and trigger that is there, what is wrong with it."""
    for kind, name, table, _ in definitions(source.dialect):
        around.views += kind == "view"
        around.triggers += kind == "trigger"
        mistake = mistakes.get(name, "is gone")
        if mistake == _NOT_COMPARED:
            around.remarks.append(f"the {kind} {name} {mistake}")
        elif mistake and table not in around.unusable:
            reason = f"the {kind} {name} {mistake}"
            around.broken.append(Broken(table, None, None, reason, name))


def _mistakes_on_sqlite(source: Source) -> Iterator[tuple[str, str | None]]:
    made = {definition.name: definition.sql for definition in definitions("sqlite")}
    for name, sql in source.rows("SELECT name, sql FROM sqlite_master"):
        yield name, None if sql == made.get(name) else _OTHER


def _mistakes_on_postgres(source: PostgresSource) -> Iterator[tuple[str, str | None]]:
    for name, is_enabled in source.rows(_PG_TRIGGERS):
        yield name, None if is_enabled else "is switched off"
    (major,) = source.rows(MAJOR)[0]
    own, _, _ = COMMENT.partition(" {major}")
    for name, spelling, comment in source.rows(_PG_VIEWS):
        comment = comment or ""
        if comment == COMMENT.format(major=major, digest=spelling_digest(spelling)):
            yield name, None
        elif comment.startswith(own) and not comment.startswith(f"{own} {major}:"):
            yield name, _NOT_COMPARED
        else:
            yield name, _OTHER


def require_rights(source: PostgresSource, tables: list[str]) -> None:
    """Raise DatabaseReadOnly that names each of `tables` which this user may not read."""
    lacking = ", ".join(name for (name,) in source.rows(_PG_RIGHTS, (tables,)))
    if lacking:
        raise DatabaseReadOnly(
            f"the user {source.user} may not read every table: SELECT is missing on {lacking}",
            "Proving a log reads all of it. Use a user who records, or ask the owner to GRANT"
            f" SELECT ON {lacking} TO {source.user}.",
            "no_right",
        )
