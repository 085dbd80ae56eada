"""The SQL around the rows beside what the migrations make: tables, views, triggers, indexes.

Whatever can hide or change a row is broken; what only makes an answer slower, or refuses less, is a
remark. SQLite keeps each definition as it was written. PostgreSQL keeps what it understood and
spells that anew: a view has a digest of its spelling in its comment (``definitions.py``).
"""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from changelog.model.errors import DatabaseReadOnly
from changelog.model.results.upkeep import Broken
from changelog.store.journal.source import PostgresSource, Source
from changelog.store.schema.columns import WHERE
from changelog.store.schema.definitions import (
    COMMENT,
    GUARDED,
    MAJOR,
    REFUSAL,
    REFUSE,
    definitions,
    spelling_digest,
)
from changelog.store.schema.migration import empty_log
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import JOURNAL, JOURNAL_LOOKS, SQLITE_INDEXES

_OTHER_INDEX = "the index {} is not the one that the migrations make: answers may take longer"
_REFUSING_INDEX = "the index {} of {} is none of this program's: it may refuse rows"
_MASTER = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
_COLUMNS = {
    JOURNAL.name: tuple(JOURNAL.columns.keys()),
    JOURNAL_LOOKS.name: tuple(JOURNAL_LOOKS.columns.keys()),
    **{name: (*shape.columns, "entry") for name, shape in SHAPES.items()},
}
"""Of each table of the log, the columns."""


@dataclass(slots=True)
class Surroundings:
    """`unusable`: the tables that lack a column, or are gone. `altered`: those that somebody gave
    something that does not belong there; with these, what ``db rebuild`` makes anew."""

    broken: list[Broken] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unusable: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    views: int = 0
    triggers: int = 0

    def add_altered(self, kind: str, name: str, table: str, what: str) -> None:
        """Note what can be repaired only by making the table anew."""
        if table in SHAPES:
            self.altered.add(table)
        self.add_broken(kind, name, table, what)

    def add_broken(self, kind: str, name: str, table: str, what: str) -> None:
        broken = Broken(table, None, None, f"the {kind} {name} {what}", name)
        if broken not in self.broken:
            self.broken.append(broken)


def compare_surroundings(source: Source) -> Surroundings:
    """Compare what stands around the rows. Raises DatabaseReadOnly where it may not be read."""
    around = Surroundings()
    for table, columns in _missing(source).items():
        gone = f"lacks {', '.join(columns)}" if columns else "is gone"
        around.add_broken("table", table, table, gone)
        around.unusable.add(table)
    if isinstance(source, PostgresSource):
        _compare_postgres(source, around)
    else:
        _compare_sqlite(source, around)
    versions = source.rows("SELECT version_num FROM alembic_version")
    if len(versions) != 1:
        reason = f"it has {len(versions)} rows, where the schema has one version"
        around.broken.append(Broken("alembic_version", None, None, reason))
    kinds = [definition.kind for definition in definitions(source.dialect)]
    around.views, around.triggers = kinds.count("view"), kinds.count("trigger")
    return around


def _missing(source: Source) -> dict[str, list[str]]:
    """Return each table that is not as it should be, with the columns that it lacks: none for one
    that is gone."""
    if isinstance(source, PostgresSource):
        rows = source.rows(_PG_COLUMNS)
    else:
        rows = source.rows(
            "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
            " WHERE m.type = 'table'"
        )
    there: dict[str, set[str]] = {}
    for table, column in rows:
        there.setdefault(table, set()).add(column)
    missing: dict[str, list[str]] = {}
    for table, columns in _COLUMNS.items():
        if table not in there:
            missing[table] = []
        elif lacking := [name for name in columns if name not in there[table]]:
            missing[table] = lacking
    return missing


# SQLite


def _compare_sqlite(source: Source, around: Surroundings) -> None:
    with closing(empty_log()) as made:
        wanted = {(kind, name): rest for kind, name, *rest in made.execute(_MASTER)}
    there = {(kind, name): rest for kind, name, *rest in source.rows(_MASTER)}
    for (kind, name), (table, sql) in wanted.items():
        if kind == "index":
            if (kind, name) not in there:
                around.remarks.append(f"the index {name} is gone: answers take longer")
            elif there[kind, name] != [table, sql]:
                around.remarks.append(_OTHER_INDEX.format(name))
        elif (kind, name) not in there:
            around.add_broken(kind, name, table, "is gone")
        elif there[kind, name] != [table, sql] and name not in around.unusable:
            note = around.add_altered if kind == "table" else around.add_broken
            note(kind, name, table, "is not the one that the migrations make")
    for (kind, name), (table, sql) in there.items():
        if (kind, name) in wanted:
            continue
        if kind == "trigger":
            _add_stranger(around, name, table)
        elif kind == "index" and table in _COLUMNS and sql.upper().startswith("CREATE UNIQUE"):
            around.remarks.append(_REFUSING_INDEX.format(name, table))


def _add_stranger(around: Surroundings, trigger: str, table: str) -> None:
    """Note a trigger. On a table it may hide or change rows; nobody writes to a view."""
    if table in GUARDED:
        around.add_altered("trigger", trigger, table, "is none of this program's")
    elif table in _VIEWS:
        around.remarks.append(f"the trigger {trigger} of {table} is none of this program's")


# PostgreSQL

_OURS = "c.relnamespace = current_schema()::regnamespace"
_PG_COLUMNS = f"""
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE {_OURS} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
# BEFORE, once a statement: bit 1, and not bit 0. DELETE, UPDATE, TRUNCATE: bits 3, 4 and 5
# (pg_trigger.h). Enabled: "O", or "A" where somebody wants it on replicas too.
_REFUSES = (1 << 1) | (1 << 3) | (1 << 4) | (1 << 5)
_PG_TRIGGERS = f"""
    SELECT c.relname, t.tgname, t.tgtype, t.tgenabled::text, p.proname, p.prosrc, t.tgqual IS NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND {_OURS}
"""
_PG_VIEWS = f"""
    SELECT c.relname, pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class')
    FROM pg_class c WHERE c.relkind = 'v' AND {_OURS}
"""
_PG_RULES = f"""
    SELECT c.relname, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE {_OURS} AND r.rulename <> '_RETURN'
"""
_PG_SECURITY = f"""
    SELECT c.relname, c.relrowsecurity, c.relispartition OR EXISTS
      (SELECT 1 FROM pg_inherits i WHERE i.inhparent = c.oid OR i.inhrelid = c.oid),
      c.relpersistence <> 'p'
    FROM pg_class c WHERE c.relkind = 'r' AND {_OURS}
"""
_PG_KEYS = f"""
    SELECT c.relname, k.contype::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE {_OURS} AND k.contype IN ('p', 'f')
"""
_PG_INDEXES = f"""
    SELECT c.relname, t.relname, i.indisunique, i.indpred IS NOT NULL,
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, true)
                 FROM generate_series(1, i.indnkeyatts) AS place)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE i.indisvalid AND NOT i.indisprimary AND {_OURS}
"""
_PG_COLUMNS_AS_MADE = f"""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.atthasdef
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE {_OURS} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
_PG_REFUSALS = f"""
    SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE {_OURS} AND k.contype IN ('c', 'u', 'x')
"""
_PG_RIGHTS = """
    SELECT name FROM unnest(?::text[]) AS name
    WHERE to_regclass(quote_ident(name)) IS NOT NULL
      AND NOT has_table_privilege(quote_ident(name), 'SELECT') ORDER BY name
"""


def _compare_postgres(source: PostgresSource, around: Surroundings) -> None:
    require_rights(source, [*_COLUMNS, "alembic_version"])
    _compare_triggers(source, around)
    _compare_views(source, around)
    _compare_what_hides_rows(source, around)
    _compare_columns(source, around)
    _compare_indexes(source, around)


def _compare_triggers(source: PostgresSource, around: Surroundings) -> None:
    there = {(table, name): rest for table, name, *rest in source.rows(_PG_TRIGGERS)}
    for definition in definitions("postgresql"):
        if definition.kind == "trigger" and definition.table not in around.unusable:
            row = there.pop((definition.table, definition.name), None)
            what = "is gone" if row is None else _trigger_mistake(*row)
            if what:
                around.add_broken("trigger", definition.name, definition.table, what)
    for table, name in there:
        _add_stranger(around, name, table)


def _compare_views(source: PostgresSource, around: Surroundings) -> None:
    (major,) = source.rows(MAJOR)[0]
    there = {name: rest for name, *rest in source.rows(_PG_VIEWS)}
    for definition in definitions("postgresql"):
        if definition.kind != "view":
            continue
        name = definition.name
        if name not in there:
            around.add_broken("view", name, name, "is gone")
            continue
        spelling, comment = there[name]
        if comment == COMMENT.format(major=major, digest=spelling_digest(spelling)):
            continue
        if comment and _is_of_another_server(comment, major):
            around.remarks.append(
                f"the view {name} was made on another PostgreSQL, so it was not compared:"
                " db rebuild makes it anew"
            )
        else:
            around.add_broken("view", name, name, "is not the one that the migrations make")


def _compare_what_hides_rows(source: PostgresSource, around: Surroundings) -> None:
    for table, rule in source.rows(_PG_RULES):
        if table in _COLUMNS or table in _VIEWS:
            around.add_altered("rule", rule, table, "is none of this program's")
    for table, security, inherits, loses in source.rows(_PG_SECURITY):
        if table in _COLUMNS and loses:
            around.remarks.append(f"the table {table} is unlogged: a crash empties it")
        if table in _COLUMNS and security:
            around.add_altered("row-level security", f"of {table}", table, "hides rows")
        if table in _COLUMNS and inherits:
            around.add_broken("inheritance", f"of {table}", table, "adds rows of another table")


def _compare_columns(source: PostgresSource, around: Surroundings) -> None:
    tables = [name for name in _COLUMNS if name not in around.unusable]
    wanted = {
        (name, column.name): [_pg_type(column), bool(column.nullable), False]
        for name in tables
        for column in SQLModel.metadata.tables[name].columns
    }
    for table, column, *made in source.rows(_PG_COLUMNS_AS_MADE):
        if table not in tables:
            continue
        what = f"the column {column} of {table}"
        if (table, column) not in wanted:
            around.remarks.append(f"{what} is none of this program's")
        elif wanted[table, column] != made:
            around.remarks.append(f"{what} is not the one that the migrations make")
    for table, name in source.rows(_PG_REFUSALS):
        if table in tables:
            around.remarks.append(f"the constraint {name} of {table} is none of this program's")


def _pg_type(column: Column[Any]) -> str:
    """Return a column's type as PostgreSQL spells it."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    spelled = column.type.compile(dialect=dialect).partition(" COLLATE")[0].lower()
    return spelled.replace("varchar", "character varying")


def _compare_indexes(source: PostgresSource, around: Surroundings) -> None:
    there = {name: made for name, *made in source.rows(_PG_INDEXES)}
    keys = Counter(map(tuple, source.rows(_PG_KEYS)))
    tables = [name for name in _COLUMNS if name not in around.unusable]
    for name in tables:
        table = SQLModel.metadata.tables[name]
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            made = there.pop(str(index.name), None)
            columns = [column.name for column in index.columns]
            if made is None and index.name not in SQLITE_INDEXES:
                around.remarks.append(f"the index {index.name} is gone: answers take longer")
            elif made not in (None, [name, False, WHERE in index.info, columns]):
                around.remarks.append(_OTHER_INDEX.format(index.name))
        if not keys[name, "p"]:
            around.altered.update({name} & SHAPES.keys())
            around.remarks.append(f"the primary key of {name} is gone")
        if keys[name, "f"] < len(table.foreign_key_constraints):
            around.remarks.append(f"a foreign key of {name} is gone")
    for index_name, (table_name, is_unique, *_) in there.items():
        if is_unique and table_name in tables:
            around.remarks.append(_REFUSING_INDEX.format(index_name, table_name))


_MADE = COMMENT.partition(" {major}")[0]
_VIEWS = frozenset(made.name for made in definitions("postgresql") if made.kind == "view")


def _is_of_another_server(comment: str, major: int) -> bool:
    return comment.startswith(_MADE) and not comment.startswith(f"{_MADE} {major}:")


def _trigger_mistake(kind: int, enabled: str, function: str, body: str, always: bool) -> str | None:
    if enabled not in ("O", "A"):
        return "is switched off"
    same = (kind, function, always) == (_REFUSES, REFUSE, True)
    if not same or " ".join(body.split()) != REFUSAL:
        return "is not the one that the migrations make"
    return None


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
