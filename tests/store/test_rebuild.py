"""``db rebuild``: the tables are again what the journal says, and the journal says who did it."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg
import pytest
from sqlalchemy import text, update

from changelog.model.results.upkeep import RebuildResult
from changelog.store.engine import make_engine
from changelog.store.journal.check import check_log
from changelog.store.journal.rebuild import rebuild_log
from changelog.store.location import Location, PostgresLocation, SqliteLocation
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import JOURNAL
from changelog.store.transaction import Transactions
from tests.logbook import Logbook
from tests.program import Program
from tests.store.test_schema import record
from tests.tampering import Unwatched, another, behind, broken, head, key, rows_of


def rebuilt(book: Logbook) -> RebuildResult:
    engine = make_engine(book.location, foreign_keys=False)
    try:
        transactions = Transactions(engine, book.location, book.clock)
        return rebuild_log(transactions, Unwatched(), None, "kim")
    finally:
        engine.dispose()


def everything(book: Logbook) -> dict[str, list[dict[str, Any]]]:
    with book.engine.connect() as connection:
        return {name: rows_of(connection, shape.table) for name, shape in SHAPES.items()}


def dsn_of(location: Location) -> str:
    assert isinstance(location, PostgresLocation)
    return location.dsn


def program_for(location: Location, home: Any) -> Program:
    """Without `database`, which would be migrated on the way."""
    shared = isinstance(location, PostgresLocation)
    return Program(home, database=dsn_of(location) if shared else str(location))


def execute(location: Location, statements: str) -> None:
    """As somebody does who has the database and not this program."""
    if isinstance(location, SqliteLocation):
        with closing(sqlite3.connect(location.path)) as connection:
            connection.executescript(statements)
    else:
        with psycopg.connect(location.dsn) as server:
            server.execute(statements.encode())


@pytest.fixture
def log(logbook: Logbook) -> Logbook:
    record(logbook)
    return logbook


def test_a_sound_log_is_left_as_it_is(log: Logbook) -> None:
    before = head(log.location)
    assert rebuilt(log) == RebuildResult(database=str(log.location), head=str(before))
    assert head(log.location) == before


def test_rows_changed_removed_and_added_in_every_table_are_repaired(log: Logbook) -> None:
    before = everything(log)
    with behind(log.location) as connection:
        for name, shape in reversed(SHAPES.items()):
            rows = before[name]
            if not rows:
                continue
            column = next(c for c in shape.table.columns if not c.primary_key)
            values = {column.name: another(rows[-1][column.name], column)}
            where = key(shape.table, rows[-1])
            connection.execute(update(shape.table).where(where).values(values))
            if len(rows) > 1:
                connection.execute(shape.table.delete().where(key(shape.table, rows[0])))
            added = {c.name: another(rows[-1][c.name], c) for c in shape.table.primary_key}
            connection.execute(shape.table.insert().values({**rows[-1], **added}))
    kept = head(log.location)
    result = rebuilt(log)
    assert result.broken == ()
    assert result.rows >= 2 * sum(1 for rows in before.values() if rows)
    after = everything(log)
    (fact,) = after.pop("rebuild")
    before.pop("rebuild")
    assert after == before
    assert (fact["author"], fact["rows"], fact["entry"]) == ("kim", result.rows, kept.n + 1)
    assert broken(log.location, kept) == []


def test_a_table_that_was_dropped_is_made_again(log: Logbook) -> None:
    before = everything(log)
    before.pop("rebuild")
    cascade = " CASCADE" if isinstance(log.location, PostgresLocation) else ""
    for table in ("snapshot", "revision", "capture", "note", "alert", "rebuild"):
        execute(log.location, f"DROP TABLE {table}{cascade}")
        assert table in {one.table for one in broken(log.location)}
        assert rebuilt(log).broken == (), table
        after = everything(log)
        after.pop("rebuild")
        assert after == before, table


def test_a_column_that_was_dropped_is_there_again(log: Logbook) -> None:
    before = everything(log)
    if isinstance(log.location, PostgresLocation):
        execute(log.location, "ALTER TABLE note DROP COLUMN text CASCADE")
    else:
        execute(log.location, "DROP VIEW note_log; ALTER TABLE note DROP COLUMN text")
    assert rebuilt(log).broken == ()
    assert everything(log)["note"] == before["note"]


def test_an_entry_that_was_damaged_is_restored_from_its_rows(log: Logbook) -> None:
    with behind(log.location) as connection:
        connection.execute(update(JOURNAL).where(JOURNAL.c.n == 2).values(facts=b"\0damaged"))
        connection.execute(text("DELETE FROM journal_looks"))
    assert {one.entry for one in broken(log.location)} > {2}
    result = rebuilt(log)
    assert result.broken == ()
    assert result.entries >= 2
    assert broken(log.location) == []


def test_where_the_chain_is_broken_nothing_is_changed(log: Logbook) -> None:
    with behind(log.location) as connection:
        connection.execute(update(JOURNAL).where(JOURNAL.c.n == 2).values(at=JOURNAL.c.at + 1))
        connection.execute(text("UPDATE note SET text = 'x'"))
    before = everything(log)
    result = rebuilt(log)
    assert [(one.table, one.key) for one in result.broken] == [("journal", "2")]
    assert result.differing == ()
    assert everything(log) == before


def test_triggers_views_and_indexes_are_made_again(log: Logbook) -> None:
    execute(log.location, "DROP VIEW restore_target; DROP INDEX revision_first_seen")
    if isinstance(log.location, PostgresLocation):
        execute(log.location, "ALTER TABLE tag DISABLE TRIGGER USER")
        execute(log.location, "DROP TRIGGER note_append_only ON note")
    else:
        execute(log.location, "DROP TRIGGER tag_no_update")
    assert broken(log.location)
    result = rebuilt(log)
    assert (result.broken, result.objects) == ((), 4 - isinstance(log.location, SqliteLocation))
    assert check_log(log.location, Unwatched()).remarks == ()


def test_what_strangers_added_goes(log: Logbook) -> None:
    if isinstance(log.location, PostgresLocation):
        execute(log.location, "CREATE RULE hush AS ON INSERT TO note DO INSTEAD NOTHING")
        execute(log.location, "ALTER TABLE verdict ENABLE ROW LEVEL SECURITY")
        execute(log.location, "ALTER TABLE tag DROP CONSTRAINT tag_pkey")
    else:
        hush = "CREATE TRIGGER hush BEFORE INSERT ON note BEGIN SELECT RAISE(IGNORE); END"
        execute(log.location, hush)
        execute(log.location, "ALTER TABLE tag ADD mine TEXT")
    assert broken(log.location)
    assert rebuilt(log).broken == ()
    assert check_log(log.location, Unwatched()).remarks == ()
    log.writer.add_note(log.revision(1), "kept", "olga")
    assert log.history().notes[-1].text == "kept"


def test_rights_on_what_is_made_again_stay(log: Logbook, tmp_path: Any) -> None:
    if not isinstance(log.location, PostgresLocation):
        pytest.skip("SQLite has no rights")
    with psycopg.connect(log.location.dsn, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS views_too")
        owner.execute("CREATE ROLE views_too LOGIN")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO views_too")
        owner.execute("GRANT INSERT ON note TO views_too")
        owner.execute("ALTER TABLE note DROP COLUMN author CASCADE")
        owner.execute("DROP TABLE tag CASCADE")
        program_for(log.location, tmp_path).run("db", "rebuild").ended(0)
        rights = owner.execute(
            "SELECT has_table_privilege('views_too', name, 'SELECT') FROM"
            " unnest(ARRAY['note', 'note_log', 'tag', 'tag_log', 'tagged_revision']) AS name"
        ).fetchall()
        assert {right for (right,) in rights} == {True}
        (insert,) = owner.execute(
            "SELECT has_table_privilege('views_too', 'note', 'INSERT')"
        ).fetchone() or (False,)
        assert insert
        owner.execute("DROP OWNED BY views_too")
        owner.execute("DROP ROLE views_too")


def test_the_program_says_what_it_repaired(log: Logbook, tmp_path: Any) -> None:
    program = program_for(log.location, tmp_path)
    assert "nothing to repair" in program.run("db", "rebuild").ended(0).stdout
    kept = program.run("check", "--head").ended(0).stdout.strip()
    with behind(log.location) as connection:
        connection.execute(text("UPDATE note SET text = 'x'"))
    found = program.run("db", "rebuild", "--against", kept, "--by", "kim", "--json").ended(0).json
    assert found["rows"] == 1
    assert [one["table"] for one in found["differing"]] == ["note"]
    program.run("check", "--against", kept).ended(0)
    other = f"{kept.split(':')[0]}:{'0' * 64}"
    ran = program.run("db", "rebuild", "--against", other).ended(7)
    assert "nothing was changed" in ran.stdout
    program.run("db", "current", "--against", kept).ended(2)


def test_nothing_recorded_is_nothing_to_rebuild(tmp_path: Any) -> None:
    program_for(SqliteLocation(tmp_path / "none.db"), tmp_path / "home").run("db", "rebuild").ended(
        5
    )
