"""Whether the triggers and views of a log are those that the migrations make.

SQLite keeps each definition as it was written, so a database that the migrations make in memory is
compared with. PostgreSQL keeps what it understood, and spells that anew in each of its versions: a
trigger is looked up in its catalogs, and a view and the migrations' text for it must be planned
alike.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import column, select, table, text

from changelog.model.results.check import Broken
from changelog.store.journal.ledger import SHAPES
from changelog.store.journal.source import PostgresSource, Source
from changelog.store.schema import empty_log, migration_modules
from changelog.store.transaction import JOURNAL

GUARDED = (JOURNAL.name, *(shape.name for shape in SHAPES))
"""The tables that the database itself keeps append-only."""
_MASTER = table("sqlite_master", *map(column, ("type", "name", "tbl_name", "sql")))
_DEFINED = select(_MASTER.c.type, _MASTER.c.name, _MASTER.c.tbl_name, _MASTER.c.sql)

# BEFORE, once a statement: bit 1, and not bit 0. DELETE, UPDATE, TRUNCATE: bits 3, 4 and 5
# (pg_trigger.h). Enabled: "O", or "A" where somebody wants it on replicas too.
_REFUSES = (1 << 1) | (1 << 3) | (1 << 4) | (1 << 5)
_TRIGGERS = text("""
    SELECT c.relname, t.tgname, t.tgtype, t.tgenabled, p.proname, p.prosrc, t.tgqual IS NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
""")
_PG_VIEWS = text("SELECT viewname FROM pg_views WHERE schemaname = current_schema()")


class Found(NamedTuple):
    broken: list[Broken]
    views: int
    triggers: int


def check_definitions(source: Source) -> Found:
    found = list(_on_postgres(source) if isinstance(source, PostgresSource) else _on_sqlite(source))
    found.extend(_version(source))
    a_table = 1 if isinstance(source, PostgresSource) else 3
    return Found(found, len(migrated_views(source.dialect.name)), a_table * len(GUARDED))


def _version(source: Source) -> Iterator[Broken]:
    versions = source.all(select(column("version_num")).select_from(table("alembic_version")))
    if len(versions) != 1:
        reason = f"it has {len(versions)} rows, where the schema has one version"
        yield Broken("alembic_version", None, None, reason)


def migrated_views(dialect: str) -> dict[str, str]:
    """By name, the text of each view as the newest migration that has one makes it."""
    found: dict[str, str] = {}
    for module in migration_modules():
        for name in ("views", "changed_views"):
            make = getattr(module, name, None)
            found.update(make(dialect) if make else {})
    return found


# SQLite


@cache
def _made_on_sqlite() -> Mapping[tuple[str, str], tuple[str, str]]:
    with closing(empty_log()) as made:
        return _by_name(made.execute(str(_DEFINED.compile())).fetchall())


def _on_sqlite(source: Source) -> Iterator[Broken]:
    wanted = _made_on_sqlite()
    found = _by_name(source.all(_DEFINED))
    for (kind, name), (its_table, sql) in wanted.items():
        if (kind, name) not in found:
            yield _named(kind, name, its_table, "is gone")
        elif found[kind, name] != (its_table, sql):
            yield _named(kind, name, its_table, "is not the one that the migrations make")
    for (kind, name), (its_table, _) in found.items():
        if kind == "trigger" and (kind, name) not in wanted and its_table in GUARDED:
            yield _named(kind, name, its_table, "is none of this program's")


def _by_name(rows: list[Any]) -> Mapping[tuple[str, str], tuple[str, str]]:
    """By (type, name), (table, text). Statistics and what SQLite makes by itself are left out."""
    return {
        (kind, name): (its_table, sql)
        for kind, name, its_table, sql in rows
        if not str(name).startswith("sqlite_")
    }


def _named(kind: str, name: str, its_table: str, what: str) -> Broken:
    return Broken(its_table, None, None, f"the {kind} {name} {what}", name)


# PostgreSQL


def _on_postgres(source: PostgresSource) -> Iterator[Broken]:
    yield from _triggers(source)
    there = {name for (name,) in source.all(_PG_VIEWS)}
    for name, sql in migrated_views("postgresql").items():
        if name not in there:
            yield _named("view", name, name, "is gone")
        elif _plan(source, f"{name}") != _plan(source, f"({sql}) AS {name}"):
            yield _named("view", name, name, "is not the one that the migrations make")


def _triggers(source: PostgresSource) -> Iterator[Broken]:
    source_text = _refusal()
    found = {(its_table, name): rest for its_table, name, *rest in source.all(_TRIGGERS)}
    for its_table in GUARDED:
        name = f"{its_table}_append_only"
        rest = found.pop((its_table, name), None)
        if rest is None:
            yield _named("trigger", name, its_table, "is gone")
            continue
        kind, enabled, function, body, always = rest
        if _letter(enabled) not in ("O", "A"):
            yield _named("trigger", name, its_table, "is switched off")
        elif (kind, function, always) != (_REFUSES, "changelog_refuse", True):
            yield _named("trigger", name, its_table, "is not the one that the migrations make")
        elif " ".join(body.split()) != source_text:
            yield _named("function", function, its_table, "is not the one that the migrations make")
    for its_table, name in found:
        if its_table in GUARDED:
            yield _named("trigger", name, its_table, "is none of this program's")


def _letter(char: Any) -> str:
    """PostgreSQL's "char", which the driver may hand over as a byte."""
    return char.decode() if isinstance(char, bytes) else str(char)


def _refusal() -> str:
    """The body of the function that refuses, as the first migration makes it."""
    (made, *_) = migration_modules()[0].append_only("postgresql")
    return " ".join(made.replace("\\:", ":").split("$$")[1].split())


def _plan(source: PostgresSource, relation: str) -> list[str]:
    """How the server would read it: of the same definition it makes the same plan.

    A definition that was spelled out and read again (0002 does so) says a cast that was implied.
    """
    return [_IMPLIED.sub(r"\1", line) for (line,) in source.explain(relation)]


_IMPLIED = re.compile(r"\(([\w.]+)\)::text")
