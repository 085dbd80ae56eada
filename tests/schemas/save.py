"""Saves a log of the program's schema for the tests of upgrades: ``python -m tests.schemas.save``.

To be run once a schema is released, before the next one is begun. With ``--program FOLDER`` the
program of another checkout is used, as ``git worktree add --detach FOLDER COMMIT`` makes it.
"""

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from changelog.store.location import SqliteLocation
from tests.program import KEY, Program
from tests.sandbox_faults import Sandbox
from tests.schemas.saved import FOLDER, ROOT, ROWS_BELOW, schema_of, views_of
from tests.schemas.story import Story

HEADER = """\
-- A log of schema {version}, as the program of that time wrote it: python -m tests.schemas.save
-- Bytes are X'..', which PostgreSQL spells '\\x..'.
-- The schema, as SQLite keeps it. PostgreSQL's is made by the migrations up to this one.
"""
BESIDE = "alembic_version"
"""Its row comes with the schema."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.schemas.save", description=__doc__)
    parser.add_argument("--program", type=Path, default=ROOT, help="a checkout of the program")
    folder = parser.parse_args().program.resolve()
    with tempfile.TemporaryDirectory() as home, Sandbox(key=KEY) as sandbox:
        location = SqliteLocation(Path(home) / "log.db")
        program = Program(
            Path(home), api=sandbox, database=str(location), PYTHONPATH=str(folder), TZ="UTC"
        )
        story = Story(program, sandbox)
        story.play()
        sandbox.stop()
        # Asked as somebody without that settings file asks.
        del program.environment["CHANGELOG_CONFIG"]
        version = program.json("db", "current")["version"]
        answers = [
            {"arguments": list(words), "answer": program.json(*words)}
            for words in story.questions()
        ]
        sql = dump(location.path, version)
        said = {"answers": answers, "views": views_of(location)}
    (FOLDER / f"{version}.sql").write_text(sql, "utf-8")
    (FOLDER / f"{version}.answers.json").write_text(as_json(said), "utf-8")
    print(f"saved schema {version}: {len(answers)} answers")  # noqa: T201 -- what it is for


def dump(path: Path, version: str) -> str:
    """The whole log as text. Raises SystemExit for a table without rows."""
    with closing(sqlite3.connect(path)) as file:
        tables = in_order(file)
        rows = {table: list(inserts(file, table)) for table in tables}
    if empty := [table for table, found in rows.items() if not found]:
        raise SystemExit(f"nothing in {', '.join(empty)}: extend tests/schemas/story.py first")
    schema = [f"{sql};" for sql in schema_of(path)] + rows.pop(BESIDE)
    text = [line for found in rows.values() for line in found]
    return HEADER.format(version=version) + "\n".join([*schema, ROWS_BELOW.rstrip(), *text, ""])


def in_order(file: sqlite3.Connection) -> list[str]:
    """The tables, each after those that it refers to."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = sorted(name for (name,) in file.execute(query))
    refers = {
        name: sorted({row[2] for row in file.execute(f"PRAGMA foreign_key_list({name})")})
        for name in names
    }
    return [*TopologicalSorter(refers).static_order()]


def inserts(file: sqlite3.Connection, table: str) -> Iterator[str]:
    found = file.execute(f"SELECT * FROM {table}")
    columns = ", ".join(f'"{column[0]}"' for column in found.description)
    for row in found:
        yield f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(literal, row))});"


def literal(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bytes():
            return f"X'{value.hex()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)


def as_json(said: dict[str, Any]) -> str:
    """A line an answer, so that a diff of two saves can be read."""
    parts = [
        f'"{name}": [\n' + ",\n".join(json.dumps(one) for one in found) + "\n]"
        for name, found in (("answers", said["answers"]),)
    ]
    views = ",\n".join(
        f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]"
        for name, rows in said["views"].items()
    )
    return "{\n" + ",\n".join([*parts, f'"views": {{\n{views}\n}}']) + "\n}\n"


if __name__ == "__main__":
    main()
