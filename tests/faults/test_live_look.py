"""The live look of ``restore`` where the API, the database or both let it down, and on Ctrl-C."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from changelog.cli.recording import live_check
from changelog.commands.recording.capture import Fetch
from changelog.model.answers import Applications
from changelog.store.location import Location, PostgresLocation
from tests.faults.test_locked_database import locked
from tests.postgres_server import PostgresServer
from tests.program import TIMEOUT_S, Json, Program
from tests.sandbox_faults import Fault, Sandbox
from tests.store.test_mirror import NOWHERE

pytestmark = pytest.mark.usefixtures("no_backoff")

ALL = ("restore", "--all", "--to", "tag:pre", "--json")
on_postgres = pytest.mark.parametrize("location", ["postgres"], indirect=True)


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, location: Location) -> Program:
    """Two DIDs with a tag, of which one moved since and nobody recorded it."""
    made = Program(tmp_path / "home", api=sandbox, database=location)
    made.record("did_101", "did_102", "--tag", "pre")
    sandbox.move("did_101", application_id="app_sales")
    return made


def stopped(program: Program, sandbox: Sandbox, *line: str, requests: int, times: int = 1) -> Json:
    """Run `line`, with Ctrl-C a moment after so many requests. Return the document it prints."""
    awaited, is_over = len(sandbox.requests) + requests, threading.Event()

    def interrupt() -> None:
        while len(sandbox.requests) < awaited and not is_over.wait(0.01):
            pass
        for _ in range(times):
            if not is_over.wait(0.7):
                os.kill(os.getpid(), signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    try:
        ran = program.run(*line)
    finally:
        is_over.set()
        interrupter.join()
    document = ran.ended(130).json
    assert "interrupted" in document["conditions"]
    return document


def test_ctrl_c_while_the_applications_hang_is_130_with_the_answer(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("slow", seconds=20.0), applications=True)
    (card,) = stopped(program, sandbox, "restore", "did_101", "--json", requests=2)["dids"]
    assert card["current"]["application_id"] == "app_sales"
    assert card["live"]["recorded"]


def test_ctrl_c_before_any_answer_is_130_also_where_the_log_cannot_be_reached(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    alone = Program(tmp_path / "home", api=sandbox, CHANGELOG_DATABASE_URL=NOWHERE)
    sandbox.fail(Fault("slow", seconds=20.0), did="did_101")
    document = stopped(alone, sandbox, "restore", "did_101", "--live", "--json", requests=2)
    (card,) = document["dids"]
    assert card["error"]["code"] == "database_unusable"
    assert card["live"]["error"]["code"] == "interrupted"
    # What was read is shown; of what was not, nothing is said to be known.
    both = ("restore", "did_102", "did_101", "--live", "--json")
    read, missing = stopped(alone, sandbox, *both, requests=3)["dids"]
    assert read["current"]["application_id"]
    assert "only the live route is known" in read["error"]["message"]
    assert "only the live route is known" not in missing["error"]["message"]
    assert "nothing is known of did_101: the live look failed" in missing["error"]["message"]


@pytest.mark.parametrize("to", ["r1", "previous", "2h", "tag:release"])
def test_a_revision_that_is_named_hides_no_live_look_where_the_log_cannot_be_reached(
    tmp_path: Path, sandbox: Sandbox, to: str
) -> None:
    alone = Program(tmp_path / "home", api=sandbox, CHANGELOG_DATABASE_URL=NOWHERE)
    (card,) = alone.run("restore", "did_101", "--to", to, "--json").ended(8).json["dids"]
    assert card["current"]["application_id"] == "app_support"
    assert "only the live route is known" in card["error"]["message"]
    assert "'soon'" in alone.run("restore", "did_101", "--to", "soon").ended(2).stderr


def test_ctrl_c_while_the_log_is_locked_is_130_with_what_came(
    program: Program, sandbox: Sandbox, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SQLite file is waited for before the capture begins, a server while it stores."""
    monkeypatch.setattr(live_check, "FLEET", live_check.FLEET._replace(lock_s=2.0))
    sandbox.fail(Fault("slow", seconds=30.0), did="did_102")
    with locked(location):
        document = stopped(program, sandbox, *ALL, "--live", requests=3)
    assert document["not_read"] == ["did_102"]
    (card,) = document["dids"]
    assert card["current"]["application_id"] == "app_sales"
    assert card["live"]["store_error"]


@on_postgres
def test_a_second_ctrl_c_denies_no_answer_that_came(
    program: Program, sandbox: Sandbox, location: PostgresLocation
) -> None:
    sandbox.fail(Fault("slow", seconds=30.0), did="did_102")
    with locked(location):
        document = stopped(program, sandbox, *ALL, requests=3, times=2)
    (card,) = document["dids"]
    live = card["live"]
    assert (live["answered"], live["recorded"], live["error"]) == (True, False, None)
    assert live["store_error"]["message"] == "interrupted before it was known to be stored"
    assert card["current"]["application_id"] == "app_sales"


def test_a_404_is_one_where_it_cannot_be_stored(
    program: Program, sandbox: Sandbox, location: Location
) -> None:
    sandbox.remove("did_101")
    with locked(location):
        (card,) = program.json("restore", "did_101")["dids"]
        said = program.run("restore", "did_101").ended(0).stdout
    assert card["live"]["error"]["status"] == 404
    assert "is locked" in card["live"]["store_error"]["message"]
    assert not card["visible"]
    assert "NOT VISIBLE (404" in said
    assert "NOT RECORDED: the database" in said


def test_a_failed_look_says_so_whatever_is_wrong_with_the_log(
    program: Program, sandbox: Sandbox, location: Location
) -> None:
    sandbox.fail(Fault("status", status=403), did="did_101")
    with locked(location):
        said = program.run("restore", "did_101").stdout
        document = program.json(*ALL[:-1])
    assert "Live look failed (403 forbidden" in said
    assert "NOT RECORDED" not in said
    assert document["not_read"] == ["did_101"]
    assert document["not_read_reason"]["error"]["status"] == 403
    assert document["counts"]["read_now"] == document["counts"]["not_recorded"] == 1


@contextmanager
def without_its_standby(server: PostgresServer) -> Iterator[None]:
    """As where each commit waits for a standby that is gone."""
    server.configure("synchronous_standby_names", "gone")
    try:
        yield
    finally:
        server.configure("synchronous_standby_names", None)


@on_postgres
@pytest.mark.parametrize("line", [("restore", "did_101"), ALL[:-1]])
def test_a_commit_that_does_not_return_is_not_waited_for(
    program: Program, postgres: PostgresServer, line: tuple[str, ...]
) -> None:
    with without_its_standby(postgres):
        (card,) = program.json(*line)["dids"]
    assert card["current"]["application_id"] == "app_sales"
    assert not card["live"]["recorded"]
    assert "no answer from the database in time" in card["live"]["store_error"]["message"]


def test_applications_that_raise_are_raised_where_they_are_waited_for() -> None:
    class Broken:
        def applications(self) -> Applications:
            raise ValueError("broken")

        def fetch(self, _: object) -> Iterator[list[object]]:
            yield []

    fetch = Fetch.begin(Broken(), [])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="broken"):
        fetch.applications.result(timeout=TIMEOUT_S)


def test_without_a_log_the_live_route_has_no_number_and_no_history(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    alone = Program(tmp_path / "home", api=sandbox, CHANGELOG_DATABASE_URL=NOWHERE)
    said = alone.run("restore", "did_101").ended(8).stdout
    assert "read at " in said
    assert "NOT RECORDED" in said
    for claim in ("CURRENT r", "Routing first seen", "On r", "recorded by", "Its last routings"):
        assert claim not in said
    (card,) = alone.json("restore", "did_101")["dids"]
    now = card["current"]
    assert now["application_id"]
    unknown = ("revision", "first_seen_at", "routing_since", "recorded_by")
    assert [now[name] for name in unknown] == [None] * 4
    assert card["since"] is None
    assert card["unchanged_for_s"] is None


def test_a_look_that_cannot_be_stored_is_recorded_by_nobody(
    program: Program, location: Location
) -> None:
    with locked(location):
        (card,) = program.json("restore", "did_101")["dids"]
        said = program.run("restore", "did_101").ended(0).stdout
    assert (card["current"]["revision"], card["current"]["recorded_by"]) == (2, None)
    assert "On r2: not recorded" in said
    assert "On r1: recorded by olga" in said


def test_of_a_did_that_the_log_has_never_seen_only_the_live_route_is_known(
    program: Program, location: Location
) -> None:
    with locked(location):
        (card,) = program.json("restore", "did_105")["dids"]
        said = program.run("restore", "did_105").ended(5).stdout
    assert card["current"]["revision"] is None
    assert "only the live route of did_105 is known" in card["error"]["message"]
    assert "has never seen it" in said
    for claim in ("has seen only one routing", "CURRENT r1", "Its last routings"):
        assert claim not in said
