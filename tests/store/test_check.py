"""``check`` finds whatever was changed behind the program's back, and names the first of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, text, update
from sqlmodel import SQLModel

from changelog.model.journal_head import Head
from changelog.model.results.upkeep import Broken
from changelog.store.journal import check as checking
from changelog.store.journal import proof
from changelog.store.journal.check import check_log
from changelog.store.journal.schema_diff import SchemaDiff
from changelog.store.location import Location
from changelog.store.schema.tables import REBUILD
from tests.logbook import Logbook
from tests.moving import thin
from tests.store.test_schema import record
from tests.tampering import Unwatched, another, behind, broken, forge, head, key, kind_of, rows_of

TABLES = SQLModel.metadata.tables
RECORDED = sorted(TABLES.keys() - {"watch_state"})
JOURNAL = ("journal", "journal_looks")


@pytest.fixture(autouse=True)
def rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views and triggers have tests of their own, and would take most of the time here."""
    nothing = SchemaDiff()
    monkeypatch.setattr(checking, "compare_schema", lambda _: nothing)


@pytest.fixture
def log(logbook: Logbook) -> Logbook:
    """Something of everything, and several of most."""
    record(logbook)
    capture = logbook.capture(note="second", tag="t2")
    for did in ("did_2", "did_3"):
        logbook.see(did=did, capture=capture, number_e164=f"+1555{did[-1]}")
        logbook.miss("timeout", did=did, capture=capture)
        logbook.see("app_c", did=did, capture=capture, number_e164=f"+1555{did[-1]}")
    logbook.see("app_a", did="did_2", destination="sip:1@pbx.example")
    logbook.writer.add_note(logbook.revision(1), "more", "olga")
    logbook.writer.add_capture_note(2, "more", "olga")
    logbook.judge("bad", 2)
    assert broken(logbook.location) == []
    return logbook


@pytest.fixture
def every_table(log: Logbook) -> Logbook:
    prune_and_rebuild(log)
    assert broken(log.location) == []
    return log


def prune_and_rebuild(log: Logbook) -> None:
    """Add the facts of both."""
    thin(log, 2)
    fact = {"id": 1, "author": "olga", "rows": 1, "entries": 0, "objects": 0}
    log.transactions.run(lambda writing: writing.add(REBUILD, {**fact, "at": writing.at}))


def change(location: Location, table: Table, row: dict[str, Any], values: dict[str, Any]) -> None:
    with behind(location) as connection:
        found = connection.execute(update(table).where(key(table, row)).values(values))
        assert found.rowcount == 1, f"{table.name} was not changed"


def test_any_change_of_any_column_is_found(every_table: Logbook) -> None:
    log = every_table
    for name in RECORDED:
        table = TABLES[name]
        with log.engine.connect() as connection:
            row = rows_of(connection, table)[-1]
        for column in table.columns:
            values = {column.name: another(row[column.name], column)}
            change(log.location, table, row, values)
            named = {one.table for one in broken(log.location)}
            expected = "journal" if name in JOURNAL else name
            assert expected in named, f"{name}.{column.name} was changed, {named} named"
            back = {column.name: row[column.name]}
            change(log.location, table, {**row, **values}, back)
    assert broken(log.location) == []


def test_any_row_that_is_gone_or_was_added_is_found(every_table: Logbook) -> None:
    log = every_table
    for name in RECORDED:
        table = TABLES[name]
        with log.engine.connect() as connection:
            row = rows_of(connection, table)[-1]
        with behind(log.location) as connection:
            connection.execute(delete(table).where(key(table, row)))
        assert broken(log.location), f"a row of {name} went unnoticed"
        with behind(log.location) as connection:
            connection.execute(insert(table).values(row))
        if name in JOURNAL:
            continue
        added = dict(row)
        for column in table.primary_key:
            added[column.name] = another(row[column.name], column)
        with behind(log.location) as connection:
            connection.execute(insert(table).values(added))
        assert {one.table for one in broken(log.location)} == {name}
        with behind(log.location) as connection:
            connection.execute(delete(table).where(key(table, added)))
    assert broken(log.location) == []


NOT_OF_ITS_TYPE = {
    int: ("CAST(x'35' AS BLOB)", "5.5", "'five'"),
    str: ("CAST({0} AS BLOB)", "x'00'", "CAST(x'ff' AS TEXT)"),
    bytes: ("CAST({0} AS TEXT)", "5", "'text'"),
}


@pytest.mark.slow
def test_a_value_of_another_type_is_found(sqlite_log: Logbook) -> None:
    """SQLite takes any."""
    location = sqlite_log.location
    for name in RECORDED:
        table = TABLES[name]
        with sqlite_log.engine.connect() as connection:
            row = rows_of(connection, table)[-1]
        for column in table.columns:
            for spelled in NOT_OF_ITS_TYPE[kind_of(column)]:
                if name in JOURNAL and column.name == "n":
                    continue  # A row number: SQLite itself takes nothing else.
                if "{0}" in spelled and row[column.name] is None:
                    continue
                if column.primary_key and kind_of(column) is int and not clustered(table):
                    continue
                with behind(location) as connection:
                    connection.exec_driver_sql("CREATE TABLE kept AS SELECT * FROM " + name)
                    value = spelled.format(f'"{column.name}"')
                    where = " AND ".join(f'"{k.name}" = ?' for k in table.primary_key)
                    connection.exec_driver_sql(
                        f'UPDATE {name} SET "{column.name}" = {value} WHERE {where}',
                        tuple(row[k.name] for k in table.primary_key),
                    )
                assert broken(location), f"{name}.{column.name} = {value} went unnoticed"
                with behind(location) as connection:
                    connection.exec_driver_sql(f"DELETE FROM {name}")
                    connection.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM kept")
                    connection.exec_driver_sql("DROP TABLE kept")
    assert broken(location) == []


def clustered(table: Table) -> bool:
    return table.dialect_options["sqlite"]["with_rowid"] is False or len(table.primary_key) > 1


@pytest.fixture
def sqlite_log(sqlite_logbook: Logbook) -> Logbook:
    for _ in range(3):
        sqlite_logbook.see()
    record(sqlite_logbook)
    prune_and_rebuild(sqlite_logbook)
    assert broken(sqlite_logbook.location) == []
    return sqlite_logbook


# The first broken row is named


def first(log: Logbook, table: str, where: str, values: dict[str, Any]) -> Broken:
    with behind(log.location) as connection:
        connection.execute(update(TABLES[table]).where(text(where)).values(values))
    return broken(log.location)[0]


def test_a_revision_is_named_by_its_did_and_number(log: Logbook) -> None:
    found = first(log, "revision", "did = 'did_2' AND revision = 2", {"application_id": "app_z"})
    assert (found.table, found.did, found.revision) == ("revision", "did_2", 2)
    assert found.entry is not None


def test_what_was_written_alone_is_named_by_its_key(log: Logbook) -> None:
    found = first(log, "note", "text = 'more'", {"text": "less"})
    assert (found.table, found.did) == ("note", "did_1")
    assert found.key is not None
    assert found.key.startswith("did_1 17")


def test_a_row_moved_to_another_entry_is_named(log: Logbook) -> None:
    with log.engine.connect() as connection:
        (entry,) = connection.execute(text("SELECT entry FROM verdict WHERE verdict = 'bad'")).one()
    found = first(log, "note", "text = 'more'", {"entry": entry})
    assert (found.table, found.did) == ("note", "did_1")
    assert found.reason == f"its entry is not what entry {found.entry} says"


def test_the_first_one_comes_first_and_none_is_named_twice(log: Logbook) -> None:
    first(log, "verdict", "verdict = 'bad'", {"reason": "changed"})
    first(log, "revision", "did = 'did_1' AND revision = 1", {"status": "changed"})
    found = broken(log.location)
    assert (found[0].table, found[0].did, found[0].revision) == ("revision", "did_1", 1)
    named = [(one.table, one.did, one.revision, one.key) for one in found]
    assert len(named) == len(set(named))
    entries = [one.entry for one in found if one.entry is not None]
    assert entries == sorted(entries)


def test_a_proof_that_ends_early_names_no_head(
    log: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "MOST_BROKEN", 0)
    with behind(log.location) as connection:
        connection.execute(update(TABLES["journal"]).where(TABLES["journal"].c.n == 2).values(at=1))
    result = check_log(log.location, Unwatched())
    assert (result.ok, result.head) == (False, None)


def test_a_time_that_lies_ahead_of_a_later_entry_is_a_remark(logbook: Logbook) -> None:
    logbook.see()
    logbook.now += timedelta(days=1)
    logbook.see("app_b")
    logbook.now -= timedelta(days=1)
    assert check_log(logbook.location, Unwatched()).remarks == ()
    logbook.writer.add_note(logbook.revision(1), "later", "olga")
    checked = check_log(logbook.location, Unwatched())
    assert checked.ok
    (remark,) = checked.remarks
    assert "lie ahead of entry " in remark


# Somebody who knows how the digests are made


def test_a_journal_written_anew_is_found_by_a_head_kept_elsewhere(log: Logbook) -> None:
    kept = head(log.location)
    log.writer.add_note(log.revision(1), "after", "olga")
    assert broken(log.location, kept) == []

    def alter(connection: Connection) -> None:
        connection.execute(update(TABLES["note"]).values(text="forged"))

    forge(log.location, alter)
    assert broken(log.location) == [], "the forgery is not consistent, so it proves nothing"
    (found,) = broken(log.location, kept)
    assert (found.table, found.entry) == ("journal", kept.n)
    assert "rewritten" in found.reason


def test_a_log_whose_last_entries_were_cut_off_is_found_by_a_head(log: Logbook) -> None:
    kept = head(log.location)
    forge(log.location, lambda _: None, until=kept.n - 2)
    assert broken(log.location) == [], "the forgery is not consistent, so it proves nothing"
    (found,) = broken(log.location, kept)
    assert found.table == "journal"
    assert f"entries {kept.n - 1} to {kept.n} are gone" in found.reason


def test_the_head_of_another_log_is_not_contained(log: Logbook) -> None:
    kept = head(log.location)
    other = Head(kept.n, bytes(32))
    assert broken(log.location, other)
    assert broken(log.location, Head(kept.n + 1, kept.digest))


FORGED: dict[str, dict[str, Any]] = {
    "a column that its body contradicts": {"application_id": "app_z"},
    "a number that its body contradicts": {"number": "+15551230009"},
    "a status that its body contradicts": {"status": "suspended"},
    "a routing number": {"routing": 2},
    "a destination that was never fetched": {
        "destination": "sip:x",
        "destination_source": "fetched",
    },
    "a destination that no body gave": {"destination": "sip:x", "destination_source": "body"},
    "a destination from nowhere": {"destination": "sip:x"},
    "an entry in the past": {"first_seen_at": 1},
}


def test_a_forged_revision_whose_digests_are_right_is_found(log: Logbook) -> None:
    table = TABLES["revision"]
    with log.engine.connect() as connection:
        row = next(one for one in rows_of(connection, table) if one["revision"] == 3)

    def give(values: dict[str, Any]) -> None:
        def alter(connection: Connection) -> None:
            connection.execute(update(table).where(key(table, row)).values(values))

        forge(log.location, alter)

    for what, values in FORGED.items():
        give(values)
        found = [(one.table, one.did, one.revision) for one in broken(log.location)]
        assert ("revision", "did_1", 3) in found, what
        give({name: row[name] for name in values})
        assert broken(log.location) == [], what
