"""Whoever stops a run that waits for a lost server waits no longer, and what was told is kept."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from changelog.store.location import Location, parse_location
from tests.journal_walk import assert_journal_is_whole
from tests.postgres_server import PostgresServer, postgres_or_skip
from tests.program import TIMEOUT_S, Program
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"did_{place}" for place in range(300)]
WAITING = "trying again for two minutes"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of its own, to be stopped."""
    with postgres_or_skip() as running:
        yield running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        for did in FLEET:
            running.add_did({"id": did, "application_id": "app_support", "route_mode": "webhook"})
        # Slow enough for the server to be killed in the middle of the fleet.
        running.fail(Fault("slow", seconds=0.05))
        yield running


@pytest.fixture
def location(server: PostgresServer) -> Location:
    return parse_location(server.create_database())


@pytest.fixture
def program(location: Location, sandbox: Sandbox, tmp_path: Path) -> Program:
    made = Program(tmp_path / "home", api=sandbox, key=sandbox.key, database=location)
    (made.home / "fleet").write_text("\n".join(FLEET))
    return made


class Run:
    """A run whose server is killed in the middle of it."""

    def __init__(self, program: Program, *line: str) -> None:
        self.process = program.start(*line, environment={"PYTHONUNBUFFERED": "1"})
        self.said: list[str] = []
        self._told = threading.Event()
        self.out: list[str] = []
        streams = ((self.process.stdout, self.out), (self.process.stderr, self.said))
        self._readers = [threading.Thread(target=self._read, args=both) for both in streams]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str], kept: list[str]) -> None:
        for line in stream:
            kept.append(line)
            self._told.set()

    def until(self, count: int, word: str) -> None:
        """Wait until so many lines hold the word."""
        while sum(word in line for line in [*self.out, *self.said]) < count:
            assert self.process.poll() is None, self.said
            self._told.wait(TIMEOUT_S)
            self._told.clear()

    def ended(self, number: signal.Signals) -> int:
        """Send one signal. The run must end long before the two minutes are over."""
        self.process.send_signal(number)
        try:
            return self.process.wait(TIMEOUT_S)
        finally:
            self.process.kill()
            for reader in self._readers:
                reader.join()
            for stream in (self.process.stdout, self.process.stderr):
                assert stream is not None
                stream.close()


def test_one_ctrl_c_ends_a_record_that_waits_and_resume_reads_the_rest(
    program: Program, server: PostgresServer, location: Location
) -> None:
    run = Run(program, "record", "--file", "fleet")
    run.until(40, "new ")
    server.kill()
    run.until(1, WAITING)
    assert run.ended(signal.SIGINT) == 130
    server.launch()
    reported = [line.split()[1] for line in run.out if line.startswith("new ")]
    assert any("interrupted: " in line and "are stored" in line for line in run.said), run.said
    assert "Traceback" not in "".join(run.said)
    answer = program.record("--resume")
    rest = {one["did"] for one in answer["dids"]}
    assert rest.isdisjoint(reported)
    assert len(rest) <= len(FLEET) - len(reported)
    assert {one["did"] for one in program.json("list")["dids"]} == set(FLEET)
    assert_journal_is_whole(location)


def test_as_json_the_document_of_an_interrupted_wait_is_whole(
    program: Program, server: PostgresServer, sandbox: Sandbox
) -> None:
    run = Run(program, "record", "--file", "fleet", "--json")
    begins_to_wait(sandbox, run, server)
    assert run.ended(signal.SIGINT) == 130
    server.launch()
    answer = json.loads("".join(run.out))
    assert "interrupted" in answer["conditions"]
    assert answer["counts"]["requested"] == len(FLEET) == len(answer["dids"])
    told = {one["did"] for one in answer["dids"] if one["error"] is None}
    assert told <= {one["did"] for one in program.json("list")["dids"]}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_watch_that_waits_ends_when_it_is_told_to(
    program: Program,
    server: PostgresServer,
    location: Location,
    sandbox: Sandbox,
    number: signal.Signals,
    code: int,
) -> None:
    run = Run(program, "watch", *FLEET, "--interval", "1s", "--json")
    begins_to_wait(sandbox, run, server)
    assert run.ended(number) == code, run.said
    server.launch()
    assert "Traceback" not in "".join(run.said)
    assert_journal_is_whole(location)


def test_ctrl_c_ends_a_verify_that_waits_with_what_it_had_found(
    program: Program, server: PostgresServer, sandbox: Sandbox
) -> None:
    line = ("verify", *FLEET, "--application", "app_support", "--wait", "1m", "--reads", "99")
    run = Run(program, *line)
    begins_to_wait(sandbox, run, server)
    assert run.ended(signal.SIGINT) == 130, run.said
    server.launch()
    assert "Traceback" not in "".join(run.said)


def begins_to_wait(sandbox: Sandbox, run: Run, server: PostgresServer) -> None:
    """Kill the server in the middle of the fleet."""
    while len(sandbox.requests) < 100:
        assert run.process.poll() is None, run.said
        time.sleep(0.01)
    server.kill()
    run.until(1, WAITING)
