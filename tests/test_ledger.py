"""The walk over the journal gives every row once, with the entry that it names, whatever it is."""

import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from changelog.model.errors import DatabaseError, DatabaseReadOnly, NothingError
from changelog.model.log_format.journal import GENESIS, Entry, row_digest, rows_digest
from changelog.store.journal.ledger import LedgerEntry, entries, entries_in, head_of, windows
from changelog.store.journal.source import open_source
from changelog.store.location import Location, PostgresLocation, SqliteLocation, parse_location
from changelog.store.packing import BrokenBody
from changelog.store.transaction import INSERT_ORDER
from tests.logbook import Logbook
from tests.postgres_server import PostgresServer
from tests.test_schema import fill
from tests.test_sqlite_file import refuse_the_ordinary_way


def walked(location: Location) -> list[LedgerEntry]:
    with open_source(location) as source:
        return list(entries(source))


def test_every_table_is_walked() -> None:
    assert {table.name for table in INSERT_ORDER} == set(SQLModel.metadata.tables) - {"journal"}


def test_each_entry_comes_with_the_rows_that_its_digests_cover(logbook: Logbook) -> None:
    fill(logbook)
    previous = GENESIS
    found = walked(logbook.location)
    for n, one in enumerate(found, start=1):
        assert one.journal is not None
        digests = {True: [], False: []}  # type: dict[bool, list[bytes]]
        for written in one.rows:
            assert written.stored["entry"] == n
            digest = row_digest(written.table, written.vouched())
            digests[written.table == "snapshot"].append(digest)
        entry = Entry(
            n, one.journal["at"], previous, rows_digest(digests[False]), rows_digest(digests[True])
        )
        assert bytes(one.journal["digest"]) == entry.digest
        previous = entry.digest
    with logbook.engine.connect() as connection:
        for table in INSERT_ORDER:
            rows = [written for one in found for written in one.rows if written.table == table.name]
            assert len(rows) == connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_rows_come_in_the_order_of_tables_and_keys(logbook: Logbook) -> None:
    capture = logbook.capture()
    for did in ("did_Z", "did_a", "did_10", "did_9", "did_ä"):
        logbook.see(did=did, capture=capture)
    # One transaction for all of them.
    (entry,) = (one for one in walked(logbook.location) if one.n == 1)
    assert [one.table for one in entry.rows][:2] == ["capture", "did"]

    from changelog.store.transaction import NOTE, Transaction

    def write(transaction: Transaction) -> None:
        for did in ("did_ä", "did_9", "did_Z", "did_10", "did_a"):
            row = {"did": did, "at": transaction.at, "revision": 1, "author": "o", "text": "t"}
            transaction.add(NOTE, row)

    logbook.writer._transactions.run(write)
    last = walked(logbook.location)[-1]
    dids = [one.stored["did"] for one in last.rows]
    assert dids == ["did_10", "did_9", "did_Z", "did_a", "did_ä"]


@pytest.mark.parametrize("window_bytes", [1, 1500, 5000])
def test_a_window_of_any_size_gives_the_same(logbook: Logbook, window_bytes: int) -> None:
    fill(logbook)
    with open_source(logbook.location) as source:
        whole = list(entries(source))
        found = list(windows(source, window_bytes=window_bytes))
        assert len(found) > 1
        assert [one for window in found for one in entries_in(window)] == whole
        for window, following in pairwise(found):
            assert window.last is not None
            assert window.last + 1 == following.first


def test_what_is_written_meanwhile_is_not_seen(logbook: Logbook) -> None:
    logbook.see()
    with open_source(logbook.location) as source:
        head = head_of(source)
        walk = iter(windows(source, window_bytes=1))
        found = [next(walk)]
        logbook.see("app_b")
        found.extend(walk)
        assert head_of(source) == head
    assert [one.n for window in found for one in entries_in(window)] == [1, 2]
    assert len(walked(logbook.location)) == 4


def unguarded(location: SqliteLocation) -> sqlite3.Connection:
    """The file as somebody with another tool has it."""
    connection = sqlite3.connect(location.path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = OFF")
    for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    return connection


@pytest.mark.parametrize("window_bytes", [1, 1_000_000])
def test_a_row_comes_out_whatever_entry_it_names(
    sqlite_logbook: Logbook, window_bytes: int
) -> None:
    fill(sqlite_logbook)
    location = sqlite_logbook.location
    assert isinstance(location, SqliteLocation)
    forged = (-3, 0, 10**9, 2**62, "text", b"bytes", 2.5)
    with closing(unguarded(location)) as connection:
        for at, entry in enumerate(forged):
            connection.execute(
                "INSERT INTO snapshot (did, received_at, capture, revision, entry)"
                " VALUES ('did_x', ?, 1, 1, ?)",
                (at, entry),
            )
    with open_source(location) as source:
        found = [
            one
            for window in windows(source, window_bytes=window_bytes)
            for one in entries_in(window)
        ]
    assert {one.n for one in found if one.journal is None} == set(forged)
    rows = [written.stored for one in found for written in one.rows]
    assert [row["entry"] for row in rows if row.get("did") == "did_x"] == [
        *(-3, 0, 2.5, 10**9, 2**62),
        *(b"bytes", "text"),
    ]


def test_an_entry_without_any_row_comes_out_and_one_that_is_gone_leaves_its_rows(
    sqlite_logbook: Logbook,
) -> None:
    sqlite_logbook.see()
    sqlite_logbook.see("app_b")
    location = sqlite_logbook.location
    assert isinstance(location, SqliteLocation)
    with closing(unguarded(location)) as connection:
        connection.execute("DELETE FROM journal WHERE n = 1")
        connection.execute("DELETE FROM capture_end WHERE entry = 2")
    found = {one.n: one for one in walked(location)}
    assert found[1].journal is None
    assert found[1].rows
    assert found[2].journal is not None
    assert found[2].rows == []


def test_text_that_is_no_text_and_a_body_that_is_no_body_come_out(sqlite_logbook: Logbook) -> None:
    sqlite_logbook.see()
    sqlite_logbook.see("app_b")
    location = sqlite_logbook.location
    assert isinstance(location, SqliteLocation)
    with closing(unguarded(location)) as connection:
        connection.execute("UPDATE capture SET recorded_by = CAST(x'ff41' AS TEXT) WHERE id = 1")
        connection.execute("UPDATE revision SET body = 'text' WHERE revision = 1")
        connection.execute("UPDATE revision SET status = CAST(x'ff' AS TEXT) WHERE revision = 2")
    rows = [written for one in walked(location) for written in one.rows]
    assert [one.stored["recorded_by"] for one in rows if one.table == "capture"] == [
        "\udcffA",
        "olga",
    ]
    revisions = [one for one in rows if one.table == "revision"]
    assert len(revisions) == 2
    for one in revisions:
        with pytest.raises(BrokenBody):
            one.vouched()


def test_it_reads_where_nothing_may_be_written(
    sqlite_logbook: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_logbook)
    location = sqlite_logbook.location
    before = walked(location)
    refuse_the_ordinary_way(monkeypatch)
    assert walked(location) == before


def test_a_database_without_a_log_is_refused(location: Location) -> None:
    if isinstance(location, PostgresLocation):
        with pytest.raises(DatabaseError, match="holds no log yet"), open_source(location):
            pass
        return
    for there in (False, True):
        if there:
            location.prepare()
        with pytest.raises(NothingError, match="nothing is recorded"), open_source(location):
            pass


def test_a_user_who_may_not_read_a_table_hears_which(postgres: PostgresServer) -> None:
    location = parse_location(postgres.create_database())
    assert isinstance(location, PostgresLocation)
    with Logbook(location) as book:
        book.see()
        with book.engine.begin() as connection:
            for statement in (
                "DROP ROLE IF EXISTS half",
                "CREATE ROLE half LOGIN",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO half",
                "REVOKE SELECT ON journal, snapshot FROM half",
            ):
                connection.execute(text(statement))
    theirs = PostgresLocation(location.dsn.replace("postgres@", "half@"))
    with (
        pytest.raises(DatabaseReadOnly, match="SELECT is missing on journal, snapshot") as caught,
        open_source(theirs),
    ):
        pass
    assert "GRANT SELECT ON journal, snapshot TO half" in caught.value.hint
