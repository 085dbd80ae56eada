"""The log on three machines: a recorder outlives the loss of the leader, readers need no leader."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread
from typing import IO, Any

import psycopg
import pytest
from psycopg.rows import dict_row

from changelog.sandbox.account import seed_did
from changelog.sandbox.server import Sandbox
from changelog.store.location import parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.postgres_cluster import ClusterNotPossible, Node, PostgresCluster
from tests.program import KEY, Program

pytestmark = pytest.mark.slow

FLEET = 2000
A_SECOND = 100
"""Fetches: so slowly that the leader is lost in the middle of the run."""
REPORTED_BEFORE = 400
MOVED = [f"did_f{place}" for place in range(0, FLEET, 10)]
HUNG_AFTER_S = 170.0
"""Seconds after which a run counts as hung. No statement about speed."""


@pytest.fixture(scope="module")
def machines() -> Iterator[PostgresCluster]:
    try:
        cluster = PostgresCluster()
    except ClusterNotPossible as missing:
        if os.environ.get("CHANGELOG_TEST_REQUIRE_CLUSTER") == "1":
            raise
        pytest.skip(str(missing))
    with cluster:
        yield cluster


@pytest.fixture
def cluster(machines: PostgresCluster) -> PostgresCluster:
    """One of the machines leads, whatever became of them in an earlier test."""
    machines.leader()
    return machines


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for place in range(FLEET):
            running.add_did(seed_did(f"did_f{place}", "app_support", f"+1555{place:07}"))
        yield running


@pytest.fixture(scope="module")
def recorded(
    machines: PostgresCluster, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Program:
    """The whole fleet in the log, and did_101 with a history: two routings, a note, a verdict."""
    home = tmp_path_factory.mktemp("recorded")
    program = Program(home, api=sandbox, database=parse_location(machines.url()))
    (home / "fleet").write_text("\n".join(str(one["id"]) for one in sandbox.dids()))
    program.record("--file", "fleet")
    sandbox.move("did_101", application_id="app_maintenance")
    program.record("did_101", "--tag", "moved", "-m", "a deploy")
    program.run("mark", "did_101@r1", "good", "-m", "heard it").ended(0)
    program.run("note", "did_101", "-m", "callers hear silence").ended(0)
    return program


def test_a_recorder_outlives_the_loss_of_the_leader_and_nothing_reported_is_lost_or_twice(
    cluster: PostgresCluster, recorded: Program, sandbox: Sandbox
) -> None:
    for did in MOVED:
        sandbox.move(did, application_id="app_sales")
    leader = cluster.leader()
    with Run(recorded, "record", "--all", "--verbose", "--rate", f"{A_SECOND}/s") as run:
        run.wait_for_lines(REPORTED_BEFORE)
        cluster.lose(leader)
        before = list(run.lines)
        exit_code = run.wait()
    assert exit_code == 0, "".join(run.stderr)
    assert cluster.leader() != leader

    *dids, summary = map(reported, run.lines)
    assert len(before) >= REPORTED_BEFORE
    assert [reported(line) for line in before] == dids[: len(before)]
    expected = {
        str(one["id"]): "changed" if one["id"] in MOVED else "unchanged" for one in sandbox.dids()
    }
    assert {one.did: one.outcome for one in dids} == expected
    assert len(dids) == len(expected), "no DID is reported twice"
    counts = {"requested": len(expected), "changed": len(MOVED)}
    assert {name: summary.counts[name] for name in counts} == counts

    stored = rows(
        cluster.url(),
        f"SELECT did, count(*) AS times FROM snapshot WHERE capture = {summary.capture}"
        " GROUP BY did",
    )
    assert {row["did"]: row["times"] for row in stored} == dict.fromkeys(expected, 1)
    repeated = "SELECT did, capture FROM snapshot GROUP BY did, capture HAVING count(*) > 1"
    assert rows(cluster.url(), repeated) == []
    assert_journal_is_whole(parse_location(cluster.url()))

    cluster.bring_back(leader)
    wait_until_caught_up(cluster, leader)
    assert_journal_is_whole(parse_location(cluster.url_of(leader)))


READING = {
    "what to put back": ["restore", "did_101", "--offline"],
    "what to put back for each that differs": ["restore", "--all", "--to", "tag:moved"],
    "the history of one": ["log", "did_101", "--snapshots"],
    "the history of all": ["log", "-n", "50"],
    "the fleet": ["list"],
    "what changed": ["diff", "did_101"],
    "a revision whole": ["show", "did_101@r1"],
}


def test_reading_commands_answer_on_a_replica_as_on_the_leader(
    cluster: PostgresCluster, recorded: Program
) -> None:
    replica = cluster.replicas()[-1]
    wait_until_caught_up(cluster, replica)
    for why, line in READING.items():
        on_it, on_the_leader = recorded.run_each(
            [*line, "--json", "--db", url] for url in (cluster.url_of(replica), cluster.url())
        )
        assert (why, on_it.ended(0).json) == (why, on_the_leader.ended(0).json)


def test_8_for_what_must_write_and_meets_a_replica_with_what_to_do_instead(
    cluster: PostgresCluster, recorded: Program
) -> None:
    on_it = ["--db", cluster.url_of(cluster.replicas()[0])]
    lines = [["note", "did_101", "-m", "heard it", *on_it], ["record", "did_101", *on_it]]
    for ran in recorded.run_each(lines):
        assert "is a replica or read-only" in ran.ended(8).stderr
        assert "Name the server that takes writes." in ran.stderr
        assert ran.stdout == ""


def test_restore_on_a_replica_uses_its_look_and_says_that_it_is_not_recorded(
    cluster: PostgresCluster, recorded: Program, sandbox: Sandbox
) -> None:
    replica = cluster.replicas()[0]
    earlier = head(cluster.url())
    sandbox.move("did_102", application_id="app_maintenance")
    ran = recorded.run("restore", "did_102", "--json", "--db", cluster.url_of(replica)).ended(0)
    (card,) = ran.json["dids"]
    assert card["live"]["looked"]
    assert not card["live"]["recorded"]
    assert card["current"]["application_id"] == "app_maintenance"
    assert card["target"]["application_id"] == "app_support"
    assert head(cluster.url()) == earlier


class Run:
    """A run of the program that goes on, with what it has said until now."""

    def __init__(self, program: Program, *arguments: str) -> None:
        self._process = program.start(*arguments)
        self.lines: list[str] = []
        self.stderr: list[str] = []
        self._readers = [
            Thread(target=_gather, args=(self._process.stdout, self.lines), daemon=True),
            Thread(target=_gather, args=(self._process.stderr, self.stderr), daemon=True),
        ]
        self._deadline = time.monotonic() + HUNG_AFTER_S

    def __enter__(self) -> "Run":
        for reader in self._readers:
            reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        with self._process:
            self._join()

    def wait_for_lines(self, count: int) -> None:
        while len(self.lines) < count:
            assert self._process.poll() is None, self.stderr
            assert time.monotonic() < self._deadline, "hung"
            time.sleep(0.02)

    def wait(self) -> int:
        """The exit code, once all that was said is here."""
        exit_code = self._process.wait(self._deadline - time.monotonic())
        self._join()
        return exit_code

    def _join(self) -> None:
        for reader in self._readers:
            reader.join()


def _gather(stream: IO[str], lines: list[str]) -> None:
    lines.extend(stream)


@dataclass(frozen=True)
class Reported:
    """A line of ``record``: of one DID, or the summary."""

    outcome: str
    did: str
    capture: str
    counts: dict[str, int]


def reported(line: str) -> Reported:
    outcome, did, *_ = line.split()
    if outcome != "capture":
        return Reported(outcome, did, "", {})
    counts = {name: int(count) for count, name in re.findall(r"(\d+) (\w+)", line)}
    return Reported(outcome, "", did.rstrip(":"), counts)


def rows(url: str, query: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query).fetchall()


def head(url: str) -> tuple[int, bytes]:
    (row,) = rows(url, "SELECT n, digest FROM journal ORDER BY n DESC LIMIT 1")
    return row["n"], bytes(row["digest"])


def wait_until_caught_up(cluster: PostgresCluster, replica: Node) -> None:
    """A commit is confirmed when a replica has it on disk, which is before readers see it there."""
    wanted, deadline = head(cluster.url()), time.monotonic() + HUNG_AFTER_S
    while head(cluster.url_of(replica)) != wanted:
        assert time.monotonic() < deadline, f"{replica.name} does not follow"
        time.sleep(0.1)
