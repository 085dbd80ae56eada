"""What stands around the rows, beside what the migrations make: tables, views, triggers, indexes.

This finds what a restored dump lacks, and what somebody changed by hand. Whatever can hide or
change a row is broken; what makes an answer slower, or refuses a row, is a remark. It proves
nothing against the owner of a database.

SQLite keeps a definition as it was written. PostgreSQL spells it anew: a view has a digest of that
in its comment (``triggers.py``), and the rest is described as the catalogue does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Column, Table, create_engine
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from changelog.model.results.upkeep import Broken
from changelog.store.journal.source import PostgresSource, Source
from changelog.store.schema.columns import ONLY_ON, WHERE
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS
from changelog.store.schema.triggers import (
    COMMENT,
    MAJOR,
    REFUSAL,
    REFUSE,
    definitions,
    make_definitions,
    spelling_digest,
)

_READ = ("alembic_version", JOURNAL.name, JOURNAL_LOOKS.name, *SHAPES)
_GONE = "is gone"
_STRANGE = "is none of this program's"
_OTHER = "is not the one that the migrations make"
_OFF = "is switched off"
_ELSEWHERE = "was made on another PostgreSQL, so it was not compared: db rebuild makes it anew"
_SERIOUS = ("table", "view", "trigger", "rule", "row-level security", "inheritance")
"""Kinds that can hide or change rows."""
_CONSEQUENCES = {
    "index": "answers take longer",
    "unique index": "it may refuse rows",
    "row-level security": "it hides rows",
    "inheritance": "it adds rows of another table",
    "storage": "a crash may empty the table",
}


class SchemaObject(NamedTuple):
    """`name`: its table's own for a table or a view, empty where a table can have only one."""

    kind: str
    table: str
    name: str


Definitions = dict[SchemaObject, str]
"""What each is, as its database describes it."""


@dataclass(slots=True)
class SchemaDiff:
    """`unusable`: the tables that lack a column, or are gone. `altered`: those that somebody gave
    something which only goes when the table is made anew. `views`, `triggers`: how many of each
    were compared."""

    broken: list[Broken] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    views: int = 0
    triggers: int = 0

    def add(self, differing: SchemaObject, mistake: str) -> None:
        kind, table, name = differing
        words = ["the", kind, name, "" if name == table else f"of {table}", mistake]
        reason = " ".join(filter(None, words))
        if kind in _CONSEQUENCES:
            reason += f": {_CONSEQUENCES[kind]}"
        # Nobody writes to a view, so a trigger of one changes no row.
        is_of_view = kind == "trigger" and table not in SQLModel.metadata.tables
        if kind in _SERIOUS and mistake != _ELSEWHERE and not is_of_view:
            self.broken.append(Broken(table, None, None, reason, name))
        else:
            self.remarks.append(reason)
        is_strange = mistake == _STRANGE and kind in ("trigger", "rule", "row-level security")
        if is_strange or kind == "table" or name == f"{table}_pkey":
            self.altered.add(table)


def compare_schema(source: Source) -> SchemaDiff:
    """Compare what stands around the rows. Raises DatabaseReadOnly where it may not be read."""
    if isinstance(source, PostgresSource):
        source.require_rights(_READ)
        made, there = _made_on_postgres(), _there_on_postgres(source)
    else:
        made, there = _made_on_sqlite(), _there_on_sqlite(source)
    kinds = [what.kind for what in made]
    diff = SchemaDiff(views=kinds.count("view"), triggers=kinds.count("trigger"))
    _find_unusable(made, there, diff)
    for what, definition in made.items():
        if what.table in diff.unusable:
            continue
        found = there.get(what, _GONE)
        if found != definition:
            diff.add(what, found if found in (_GONE, _OFF, _ELSEWHERE) else _OTHER)
    ours = {what.table for what in made} - diff.unusable
    for what in there:
        if what not in made and what.table in ours and what.kind != "index":
            diff.add(what, _STRANGE)
    versions = len(source.rows("SELECT version_num FROM alembic_version"))
    if versions != 1:
        reason = f"it has {versions} rows, where the schema has one version"
        diff.broken.append(Broken("alembic_version", None, None, reason))
    return diff


def _find_unusable(made: Definitions, there: Definitions, diff: SchemaDiff) -> None:
    usable = {what.table for what in there if what.kind == "column"}
    lacking: dict[str, list[str]] = {}
    for what in made:
        if what.kind == "column" and what not in there:
            lacking.setdefault(what.table, []).append(what.name)
    for table, columns in lacking.items():
        mistake = f"lacks {', '.join(columns)}" if table in usable else _GONE
        diff.add(SchemaObject("table", table, table), mistake)
        diff.unusable.add(table)


# SQLite


def _made_on_sqlite() -> Definitions:
    """Make the schema in memory, of the models: alembic costs more than all else here."""
    with create_engine("sqlite://").begin() as connection:
        SQLModel.metadata.create_all(connection, checkfirst=False)
        make_definitions(connection)
        driver: Any = connection.connection.driver_connection
        return dict(_master(driver.execute(_MASTER)))


def _there_on_sqlite(source: Source) -> Definitions:
    return dict(_master(source.rows(_MASTER)))


_MASTER = """
    SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL
    UNION ALL
    SELECT 'column', m.name, c.name, '' FROM sqlite_master m, pragma_table_info(m.name) c
    WHERE m.type = 'table'
"""


def _master(rows: Any) -> Iterator[tuple[SchemaObject, str]]:
    for kind, table, name, sql in rows:
        is_unique = kind == "index" and sql.upper().startswith("CREATE UNIQUE")
        yield SchemaObject("unique index" if is_unique else kind, table, name), sql


# PostgreSQL

# BEFORE, once a statement: bit 1, and not bit 0. DELETE, UPDATE, TRUNCATE: bits 3, 4 and 5
# (pg_trigger.h). Enabled: "O", or "A" where somebody wants it on replicas too.
_REFUSES = f"{(1 << 1) | (1 << 3) | (1 << 4) | (1 << 5)} {REFUSE} t {REFUSAL}"
_CATALOGUE = f"""
    WITH place AS (
        SELECT oid, relname::text AS name, relrowsecurity, relpersistence, relkind
        FROM pg_class WHERE relkind IN ('r', 'v')
        AND relnamespace = current_schema()::regnamespace
    )
    SELECT 'column', p.name, a.attname::text,
        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
        || CASE WHEN a.atthasdef THEN ' DEFAULT' ELSE '' END
    FROM place p JOIN pg_attribute a ON a.attrelid = p.oid
    WHERE p.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', p.name, k.conname::text, replace(pg_get_constraintdef(k.oid), '"', '')
    FROM place p JOIN pg_constraint k ON k.conrelid = p.oid
    WHERE k.contype IN ('p', 'f', 'c', 'u', 'x')
    UNION ALL
    SELECT CASE WHEN i.indisunique THEN 'unique index' ELSE 'index' END, p.name, x.relname::text,
        regexp_replace(split_part(pg_get_indexdef(x.oid), ' USING ', 2), ' WHERE .*', ' WHERE')
    FROM place p JOIN pg_index i ON i.indrelid = p.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE i.indisvalid AND NOT i.indisprimary
    UNION ALL
    SELECT 'trigger', p.name, t.tgname::text, CASE WHEN t.tgenabled IN ('O', 'A')
        THEN concat_ws(' ', t.tgtype, f.proname, t.tgqual IS NULL, btrim(f.prosrc))
        ELSE '{_OFF}' END
    FROM place p JOIN pg_trigger t ON t.tgrelid = p.oid JOIN pg_proc f ON f.oid = t.tgfoid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'rule', p.name, r.rulename::text, ''
    FROM place p JOIN pg_rewrite r ON r.ev_class = p.oid WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 'row-level security', name, '', '' FROM place WHERE relrowsecurity
    UNION ALL
    SELECT 'inheritance', name, '', '' FROM place
    WHERE EXISTS (SELECT 1 FROM pg_inherits WHERE oid IN (inhparent, inhrelid))
    UNION ALL
    SELECT 'storage', name, '', relpersistence::text FROM place WHERE relkind = 'r'
"""
_PG_VIEWS = """
    SELECT c.relname::text, pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class')
    FROM pg_class c WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace
"""


def _there_on_postgres(source: PostgresSource) -> Definitions:
    there = {SchemaObject(*rest): found for *rest, found in source.rows(_CATALOGUE)}
    (major,) = source.rows(MAJOR)[0]
    own, _, _ = COMMENT.partition(" {major}")
    for name, spelling, comment in source.rows(_PG_VIEWS):
        comment = comment or ""
        is_own = comment == COMMENT.format(major=major, digest=spelling_digest(spelling))
        is_foreign = comment.startswith(own) and not comment.startswith(f"{own} {major}:")
        found = "" if is_own else _ELSEWHERE if is_foreign else _OTHER
        there[SchemaObject("view", name, name)] = found
    return there


def _made_on_postgres() -> Definitions:
    made: Definitions = {}
    for table in SQLModel.metadata.tables.values():
        for kind, name, definition in _described(table):
            made[SchemaObject(kind, table.name, name)] = definition
    for kind, name, of, _ in definitions("postgresql"):
        made[SchemaObject(kind, of, name)] = _REFUSES if kind == "trigger" else ""
    return made


def _described(table: Table) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the name and the description of what PostgreSQL has of a table."""
    yield "storage", "", "p"
    for column in table.columns:
        yield "column", column.name, _type(column) + ("" if column.nullable else " NOT NULL")
    columns = ", ".join(table.primary_key.columns.keys())
    yield "constraint", f"{table.name}_pkey", f"PRIMARY KEY ({columns})"
    for key in table.foreign_key_constraints:
        columns = ", ".join(key.columns.keys())
        target = ", ".join(element.column.name for element in key.elements)
        name = f"{table.name}_{'_'.join(key.columns.keys())}_fkey"
        reference = f"FOREIGN KEY ({columns}) REFERENCES {key.referred_table.name}({target})"
        yield "constraint", name, reference
    for index in table.indexes:
        if index.info.get(ONLY_ON) != "sqlite":
            columns = ", ".join(getattr(key, "name", str(key)) for key in index.expressions)
            where = " WHERE" if index.info.get(WHERE) else ""
            yield "index", str(index.name), f"btree ({columns}){where}"


def _type(column: Column[Any]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    spelled = column.type.compile(dialect=dialect).partition(" COLLATE")[0].lower()
    return spelled.replace("varchar", "character varying")
