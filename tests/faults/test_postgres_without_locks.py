"""Recorders at once on an engine that speaks PostgreSQL's protocol and holds nobody back.

Such an engine takes the advisory lock for nothing. Here a function of that name, found first, does
the same on a real server: the recorders then collide at the journal's keys.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from changelog.store.location import Location, parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.postgres_server import PostgresServer
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"did_{place}" for place in range(40)]
AT_ONCE = 4
NO_LOCKS = """
CREATE SCHEMA lenient;
CREATE FUNCTION lenient.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION lenient.hesitate() RETURNS trigger LANGUAGE plpgsql
  AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
CREATE TRIGGER hesitate BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION lenient.hesitate();
"""
"""Without locks, and with a moment between the reading of a head and its extension."""


@pytest.fixture
def location(postgres: PostgresServer) -> Location:
    url = postgres.create_log()
    name = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(NO_LOCKS)
        # What stands before pg_catalog is found before it.
        connection.execute(f"ALTER DATABASE {name} SET search_path = public, lenient, pg_catalog")
    return parse_location(url)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        for did in FLEET:
            running.add_did({"id": did, "application_id": "app_support"})
        # Long enough for all of them to be at it, however late a busy machine starts the last one.
        running.fail(Fault("slow", seconds=0.2))
        yield running


def test_recorders_that_nothing_holds_back_lose_no_answer_and_keep_one_chain(
    tmp_path: Path, sandbox: Sandbox, location: Location, postgres: PostgresServer
) -> None:
    program = Program(tmp_path / "home", api=sandbox, key=sandbox.key, database=location)
    line = ("record", *FLEET, "--concurrency", "2")
    with ThreadPoolExecutor(AT_ONCE) as workers:
        runs = list(workers.map(lambda _: program.spawn(*line), range(AT_ONCE)))
    told = Counter(line.split()[0] for run in runs for line in run.ended(0).stdout.splitlines())
    assert told["new"] + told["unchanged"] == AT_ONCE * len(FLEET)
    with psycopg.connect(str(location)) as connection:
        rows = connection.execute("SELECT capture, count(*) FROM snapshot GROUP BY 1").fetchall()
        (revisions,) = connection.execute("SELECT count(*) FROM revision").fetchone() or (0,)
    assert dict(rows) == {number: len(FLEET) for number in range(1, AT_ONCE + 1)}
    assert revisions == told["new"] == len(FLEET)
    assert "duplicate key value" in postgres.log(), "nothing collided, so nothing was proven"
    assert_journal_is_whole(location)
