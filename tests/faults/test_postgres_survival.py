"""A recording outlives its server: it goes on, and nothing is lost or written twice.

A run that waits for a lost server ends when it is told to, and what was reported is kept.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import psycopg
import pytest

from changelog.sandbox.server import Sandbox
from changelog.store.location import parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.postgres_proxy import CommitProxy, Spoiling
from tests.postgres_server import PostgresReplica, PostgresServer, postgres_or_skip
from tests.program import TIMEOUT_S, Program
from tests.webhooks import webhook

FLEET = [f"did_{place}" for place in range(300)]
SPOILINGS: tuple[Spoiling, ...] = ("answer lost", "query lost", "query late")
RATE = "100/s"
"""Slow enough that what happens to the server happens in the middle of a run."""
WAITING = "trying again for two minutes"
OUTAGE_S = 9.0
"""Longer than the six seconds that a few quick attempts would bridge."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of its own: it is stopped and started, and others must not notice."""
    with postgres_or_skip() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        for did in FLEET:
            running.add_did({"id": did, "application_id": "app_support", "route_mode": "webhook"})
        yield running


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.create_log()


@pytest.fixture
def program(url: str, sandbox: Sandbox, tmp_path: Path) -> Program:
    return Program(tmp_path / "home", api=sandbox, key=sandbox.key, database=parse_location(url))


def name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def through_proxy(program: Program, proxy: CommitProxy, url: str) -> Program:
    return Program(
        program.home,
        api=program.environment["MINIVOICE_API_URL"],
        key=program.environment["MINIVOICE_API_KEY"],
        database=proxy.url("postgres", name_of(url)),
    )


class Run:
    """A run at work, with both ends of its streams."""

    def __init__(self, program: Program, *line: str) -> None:
        self._process = program.start(*line, environment={"PYTHONUNBUFFERED": "1"})
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._stdout, self._stderr = self._process.stdout, self._process.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._stdout.close()
        self._stderr.close()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def interrupted(self, number: signal.Signals) -> tuple[int, str]:
        """Wait until it waits for the server, and send a signal. It ends long before two minutes.

        Return the exit code, and what it said then.
        """
        while WAITING not in (line := self._stderr.readline()):
            assert line, "ended before"
        self._process.send_signal(number)
        return self._process.wait(TIMEOUT_S), self._stderr.read()


class Recording(Run):
    """``record`` over the fleet; `reported` is what stdout has said so far."""

    def __init__(self, program: Program, *options: str, fleet: Sequence[str] = FLEET) -> None:
        self._fleet = fleet
        (program.home / "fleet").write_text("\n".join(fleet))
        super().__init__(program, "record", "--file", "fleet", "--rate", RATE, *options)
        self.reported: list[str] = []

    def until(self, count: int) -> None:
        """Wait until so many DIDs are reported; fails if the run ends before."""
        while len(self.reported) < count:
            line = self._stdout.readline()
            assert line, f"ended after {len(self.reported)} DIDs: {self._stderr.read()}"
            self._take(line)

    def ended(self) -> None:
        """Wait for the end; it must be a good one, with each DID reported once."""
        self.take_rest()
        complained = self._stderr.read()
        assert self._process.wait() == 0, complained
        assert sorted(self.reported) == sorted(self._fleet)

    def take_rest(self) -> None:
        for line in self._stdout:
            self._take(line)

    def _take(self, line: str) -> None:
        if line.startswith("new "):
            self.reported.append(line.split()[1])


def assert_stored_once(url: str, reported: list[str]) -> None:
    """What was reported is stored, nothing is there twice, and the journal is whole."""
    with psycopg.connect(url) as connection:
        stored = connection.execute("SELECT did, capture, revision FROM snapshot").fetchall()
        captures = connection.execute("SELECT count(*) FROM capture").fetchone()
        ends = connection.execute("SELECT count(*) FROM capture_end").fetchone()
    assert sorted(did for did, _, _ in stored) == sorted(reported)
    assert {(capture, revision) for _, capture, revision in stored} == {(1, 1)}
    assert (captures, ends) == ((1,), (1,))
    assert_journal_is_whole(parse_location(url))


@pytest.mark.slow
def test_a_recording_goes_on_while_its_server_is_away_is_restarted_and_crashes(
    program: Program, server: PostgresServer, url: str
) -> None:
    def be_away() -> None:
        server.shut_down()
        time.sleep(OUTAGE_S)
        server.launch()

    # What crashes is a session: later, while the server was away, all may have been fetched.
    happenings: list[Callable[[], None]] = [
        lambda: server.crash(name_of(url)),
        server.restart,
        be_away,
    ]
    with Recording(program) as recording:
        for place, happens in enumerate(happenings, start=1):
            recording.until(60 * place)
            happens()
        recording.until(240)
        recording.ended()
    assert_stored_once(url, recording.reported)


def test_one_ctrl_c_ends_a_record_that_waits_and_resume_reads_the_rest(
    program: Program, server: PostgresServer, url: str
) -> None:
    with Recording(program) as recording:
        recording.until(40)
        server.kill()
        code, said = recording.interrupted(signal.SIGINT)
        server.launch()
        recording.take_rest()
    assert code == 130
    assert "interrupted: " in said
    assert "Traceback" not in said
    answer = program.record("--resume")
    rest = {one["did"] for one in answer["dids"]}
    assert rest.isdisjoint(recording.reported)
    assert {one["did"] for one in program.json("list")["dids"]} == set(FLEET)
    assert_journal_is_whole(parse_location(url))


def test_a_watch_that_waits_ends_when_it_is_told_to(
    program: Program, server: PostgresServer, sandbox: Sandbox, url: str
) -> None:
    program.record("did_1")
    with Run(program, "watch", "did_1", "--interval", "1s") as run:
        asked = len(sandbox.requests)
        while len(sandbox.requests) < asked + 4:
            assert run.is_running
            time.sleep(0.01)
        server.kill()
        code, said = run.interrupted(signal.SIGTERM)
        server.launch()
    assert code == 0
    assert "Traceback" not in said
    assert_journal_is_whole(parse_location(url))


READING = {
    "what to put back": ["restore", "did_1", "--offline"],
    "what to put back for each that differs": [
        "restore",
        "--all",
        "--offline",
        "--to",
        "tag:first",
    ],
    "the history of one": ["log", "did_1", "--snapshots"],
    "the history of all": ["log", "-n", "50"],
    "the fleet": ["list"],
    "what changed": ["diff", "did_1"],
    "a revision whole": ["show", "did_1@r1"],
}


@pytest.mark.slow
def test_a_replica_takes_the_place_of_a_leader_that_is_lost_in_the_middle_of_a_recording(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with postgres_or_skip() as leader, PostgresReplica(leader) as replica:
        at_leader = leader.create_database()
        at_replica = replica.url(name_of(at_leader))
        hosts = f"127.0.0.1:{leader.port},127.0.0.1:{replica.port}"
        url = f"postgresql://postgres@{hosts}/{name_of(at_leader)}?target_session_attrs=read-write"
        program = Program(
            tmp_path / "home", api=sandbox, key=sandbox.key, database=parse_location(url)
        )
        with Recording(program, "--tag", "first") as recording:
            recording.until(60)
            leader.kill()
            replica.promote()
            recording.ended()
        assert_stored_once(at_replica, recording.reported)


def test_a_replica_answers_what_is_read_as_the_leader_does(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with postgres_or_skip() as leader, PostgresReplica(leader) as replica:
        url = leader.create_database()
        leader.configure("synchronous_commit", "remote_apply")
        program = Program(
            tmp_path / "home", api=sandbox, key=sandbox.key, database=parse_location(url)
        )
        program.record("did_1", "did_2", "--tag", "first")
        sandbox.move("did_1", application_id="app_sales")
        program.record("did_1", "-m", "a deploy")
        sandbox.move("did_1", application_id="app_support")
        for why, line in READING.items():
            answers = [
                program.run(*line, "--json", "--db", place).ended(0).stdout.replace(place, "DB")
                for place in (replica.url(name_of(url)), url)
            ]
            assert answers[0] == answers[1], why


@pytest.mark.parametrize("spoiling", SPOILINGS)
def test_a_commit_in_doubt_is_written_once(
    program: Program, server: PostgresServer, url: str, spoiling: Spoiling
) -> None:
    with CommitProxy(server.port) as proxy:
        # The first transaction begins the capture, the second one continues it.
        proxy.spoil(spoiling, times=2)
        through = through_proxy(program, proxy, url)
        with Recording(through, "--tag", "pre", fleet=FLEET[:100]) as recording:
            recording.ended()
        assert proxy.spoilt.count(spoiling) == 2
    assert_stored_once(url, recording.reported)


@pytest.mark.slow
def test_a_commit_in_doubt_is_written_once_though_nobody_can_be_asked_for_a_while(
    program: Program, server: PostgresServer, url: str
) -> None:
    with CommitProxy(server.port) as proxy:
        proxy.spoil("answer lost", seconds_down=OUTAGE_S)
        with Recording(through_proxy(program, proxy, url), fleet=FLEET[:100]) as recording:
            recording.ended()
    assert_stored_once(url, recording.reported)


@pytest.mark.parametrize("spoiling", SPOILINGS)
def test_what_people_say_is_kept_once_where_the_commit_is_in_doubt(
    program: Program, server: PostgresServer, url: str, spoiling: Spoiling
) -> None:
    program.record("did_1")
    with CommitProxy(server.port) as proxy:
        through = through_proxy(program, proxy, url)
        for line in (
            ("note", "did_1", "-m", "called the carrier"),
            ("mark", "did_1", "good", "-m", "heard it ring"),
            ("tag", "after-the-call"),
        ):
            proxy.spoil(spoiling)
            through.run(*line).ended(0)
        assert proxy.spoilt.count(spoiling) == 3
    with psycopg.connect(url) as connection:
        for table in ("note", "verdict", "tag"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
    assert_journal_is_whole(parse_location(url))


@pytest.mark.slow
@pytest.mark.parametrize("spoiling", SPOILINGS)
def test_whatever_else_writes_is_kept_once_where_the_commit_is_in_doubt(
    program: Program, server: PostgresServer, sandbox: Sandbox, url: str, spoiling: Spoiling
) -> None:
    number = "+15550009999"
    sandbox.add_did({"id": "did_called", "number_e164": number, "application_id": "app_support"})
    program.record("did_called")
    (program.home / "saved.json").write_text('{"id": "did_saved", "application_id": "app_old"}')
    call = webhook("call_1", number, "app_support", datetime.now(UTC))
    (program.home / "call.json").write_text(call)
    lines = (
        ("import", "saved.json"),
        ("evidence", "call.json"),
        ("verify", "did_called", "--application", "app_support"),
        ("watch", "did_called", "--once"),
        ("deploy", "did_called", "--tag", "d", "--", "true"),
    )
    with CommitProxy(server.port) as proxy:
        through = through_proxy(program, proxy, url)
        for line in lines:
            proxy.spoil(spoiling)
            through.run(*line).ended(0)
        assert proxy.spoilt.count(spoiling) == len(lines)
    with psycopg.connect(url) as connection:
        stored = connection.execute("SELECT did, capture FROM snapshot ORDER BY capture").fetchall()
        events = connection.execute("SELECT call FROM evidence").fetchall()
        ends = connection.execute("SELECT capture FROM capture_end ORDER BY 1").fetchall()
    # Recorded, imported, verified, watched, and before and after the deploy.
    dids = ["did_called", "did_saved", *["did_called"] * 4]
    assert stored == list(zip(dids, range(1, 7), strict=True))
    assert ends == [(number,) for number in range(1, 7)]
    assert events == [("call_1",)]
    assert_journal_is_whole(parse_location(url))


def test_a_restore_answers_where_no_commit_gets_through(
    program: Program, server: PostgresServer, sandbox: Sandbox, url: str
) -> None:
    program.record("did_1")
    sandbox.move("did_1", application_id="app_sales")
    with CommitProxy(server.port) as proxy:
        proxy.spoil("query lost", times=1000)
        through = through_proxy(program, proxy, url)
        (card,) = through.run("restore", "did_1", "--json").ended(0).json["dids"]
    sandbox.move("did_1", application_id="app_support")
    assert (card["live"]["looked"], card["live"]["recorded"]) == (True, False)
    assert card["current"]["application_id"] == "app_sales"
    assert card["target"]["application_id"] == "app_support"
