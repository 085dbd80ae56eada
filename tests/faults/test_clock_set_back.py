"""A machine's clock that is set back, or ahead and back, between runs.

No test may set the machine's own clock: the program's one place that reads it is moved instead.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from changelog.cli import context
from changelog.store.location import Location
from tests.journal_walk import assert_journal_is_whole
from tests.program import KEY, Program, Ran
from tests.sandbox_faults import Sandbox

FLEET = ("did_001", "did_002", "did_003")
HOUR, DAY = 3600.0, 86400.0
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for did in FLEET:
            running.add_did({"id": did, "application_id": "app_a", "route_mode": "webhook"})
        yield running


class Clock:
    """The clock of this process, some seconds from the true time."""

    def __init__(self) -> None:
        self._off = timedelta()

    def set(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + self._off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(context, "datetime", clock)
    return clock


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, location: Location, clock: Clock) -> Program:
    return Program(tmp_path / "home", api=sandbox, database=location)


def test_between_runs_no_change_is_lost_and_the_newest_is_the_newest(
    program: Program, sandbox: Sandbox, clock: Clock, location: Location
) -> None:
    program.record("did_001")
    clock.set(-DAY)
    sandbox.move("did_001", application_id="app_b")
    (told,) = program.record("did_001")["dids"]
    assert (told["outcome"], told["revision"]) == ("changed", 2)
    (entry, _) = program.json("log", "did_001")["entries"]
    assert (entry["revision"], entry["application_id"]) == (2, "app_b")
    (card,) = program.json("restore", "did_001", "--offline")["dids"]
    assert (card["current"]["revision"], card["target"]["revision"]) == (2, 1)
    # What is judged later counts, whatever the clock says.
    clock.set(0)
    program.run("mark", "did_001@r1", "bad", "-m", "no audio").ended(0)
    program.run("restore", "did_001", "--offline").ended(5)
    clock.set(-HOUR)
    program.run("mark", "did_001@r1", "good", "-m", "it was the phone").ended(0)
    (card,) = program.json("restore", "did_001", "--offline")["dids"]
    assert (card["target"]["revision"], card["target"]["confidence"]) == (1, "good")
    clock.set(0)
    assert program.record("did_001")["counts"]["unchanged"] == 1
    assert_journal_is_whole(location)


def about_clocks(capture: dict[str, Any]) -> list[str]:
    return [remark for remark in capture["remarks"] if "the API's" in remark]


@pytest.mark.parametrize("off", [365 * DAY, -DAY, 6 * 60.0], ids=["year", "day", "minutes"])
def test_the_api_says_what_time_it_is_where_the_clock_is_wrong_and_the_log_says_so(
    program: Program, sandbox: Sandbox, clock: Clock, location: Location, off: float
) -> None:
    clock.set(off)
    program.run("db", "upgrade").ended(0)
    before = datetime.now(UTC) - A_MINUTE
    ran = program.run("record", "did_001", "--json").ended(0)
    first = program.json("log", "did_001")["entries"][0]["first_seen_at"]
    capture = ran.json["capture"]
    times = [capture["started_at"], first, capture["finished_at"]]
    assert times == sorted(times)
    assert before < datetime.fromisoformat(times[0])
    assert datetime.fromisoformat(times[2]) < datetime.now(UTC) + A_MINUTE
    where = "ahead of" if off > 0 else "behind"
    assert len(about_clocks(capture)) == 1
    assert f"{where} the API's" in about_clocks(capture)[0]
    assert f"{where} the API's" in ran.stderr
    clock.set(0)
    sandbox.move("did_001", application_id="app_b")
    again = program.record("did_001")
    assert (again["dids"][0]["outcome"], about_clocks(again["capture"])) == ("changed", [])
    (now,) = program.json("list", "--at", "now")["dids"]
    assert now["application_id"] == "app_b"
    assert_journal_is_whole(location)


def test_a_clock_that_is_off_by_less_than_five_minutes_is_this_machines_own(
    program: Program, clock: Clock
) -> None:
    clock.set(4 * 60)
    assert about_clocks(program.record("did_001")["capture"]) == []


def written_at(ran: Ran) -> datetime:
    return datetime.fromisoformat(ran.json["at"])


def test_a_note_is_shifted_by_what_was_measured_within_the_hour(
    program: Program, clock: Clock
) -> None:
    clock.set(365 * DAY)
    program.run("db", "upgrade").ended(0)
    program.record("did_001")
    for words in (("note", "did_001", "-m", "calm"), ("mark", "did_001", "good", "-m", "heard")):
        ran = program.run(*words, "--json").ended(0)
        assert abs(written_at(ran) - datetime.now(UTC)) < A_MINUTE
        assert "ahead of the API's" in ran.stderr
    ran = program.run("tag", "calm", "--json").ended(0)
    assert abs(written_at(ran) - datetime.now(UTC)) < A_MINUTE
    # Somebody has set the clock: what was measured before says nothing of it.
    clock.set(0)
    ran = program.run("note", "did_001", "-m", "set right", "--json").ended(0)
    assert abs(written_at(ran) - datetime.now(UTC)) < A_MINUTE
    assert ran.stderr == ""


def test_what_asks_no_api_goes_by_what_was_measured_within_the_hour(
    program: Program, sandbox: Sandbox, clock: Clock, tmp_path: Path
) -> None:
    """What is of today is neither pruned as old nor left out of the last two hours."""
    clock.set(100 * DAY)
    for application in ("app_a", "app_a", "app_b"):
        sandbox.move("did_001", application_id=application)
        program.record("did_001")
    ran = program.run("prune", "--older-than", "90d", "--yes", "--json").ended(0)
    assert (ran.json["removed"], "as measured within the hour" in ran.stderr) == (0, True)
    assert len(program.json("log", "--since", "2h")["entries"]) == 2
    assert program.json("status")["changes"]
    clock.set(-DAY)
    program.record("did_001")
    body = '{"id": "did_001", "application_id": "app_c", "route_mode": "webhook"}'
    sent = format_datetime(datetime.now(UTC), usegmt=True)
    saved = tmp_path / "saved.http"
    saved.write_text(f"HTTP/1.1 200 OK\r\nDate: {sent}\r\n\r\n{body}")
    (imported,) = program.json("import", str(saved))["dids"]
    # The clock was measured by a Date of whole seconds, so the answer may seem to be ahead by one.
    received = datetime.fromisoformat(imported["received_at"])
    assert abs(received - parsedate_to_datetime(sent)) <= timedelta(seconds=1)


def test_a_clock_that_was_found_right_takes_away_what_was_measured(
    program: Program, sandbox: Sandbox, clock: Clock
) -> None:
    clock.set(10 * 60)
    program.record("did_001")
    state = program.home / ".local" / "state" / "changelog" / "clock.json"
    assert state.exists()
    clock.set(0)
    program.record("did_001")
    assert not state.exists()


def test_what_was_measured_is_left_aside_where_it_cannot_be_read(program: Program) -> None:
    program.record("did_001")
    state = program.home / ".local" / "state" / "changelog" / "clock.json"
    state.parent.mkdir(parents=True)
    for damaged in ("", "{}", "[]", '{"measured_us": 1e99}', "x" * 5000):
        state.write_text(damaged)
        assert program.run("note", "did_001", "-m", "calm").ended(0).stderr == "", damaged


def test_before_a_log_of_the_future_a_note_warns_and_is_not_shifted(
    program: Program, clock: Clock
) -> None:
    program.record("did_001", "did_002")
    clock.set(DAY)
    program.run("note", "did_001", "-m", "tomorrow").ended(0)
    clock.set(0)
    assert program.json("status")["times_to_come"] is not None
    ran = program.run("note", "did_002", "-m", "today", "--json").ended(0)
    assert abs(written_at(ran) - datetime.now(UTC)) < A_MINUTE
    assert "lies ahead of this machine's clock" in ran.stderr
    ran = program.run("note", "did_002", "-m", "again", "--json").ended(0)
    assert ran.stderr == ""


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A program that compares no clocks, as this one once did not."""
    with monkeypatch.context() as patched:
        patched.setattr(context, "_compare", lambda _: None)
        yield patched


def where(program: Program, at: str) -> dict[str, str]:
    """By DID, to which application it pointed at that time."""
    rows = program.json("list", "--at", at)["dids"]
    return {row["did"]: row["application_id"] for row in rows}


def test_in_a_log_with_times_to_come_a_moment_goes_by_the_order_of_entries(
    program: Program, sandbox: Sandbox, clock: Clock, blind: pytest.MonkeyPatch
) -> None:
    """One capture was a year ahead; all later ones of its DIDs are moved behind it."""
    clock.set(-2 * HOUR)
    program.record("did_003")
    clock.set(365 * DAY)
    program.record("did_001", "did_002")
    clock.set(-HOUR)
    sandbox.move("did_001", application_id="app_b")
    program.record("did_001")
    clock.set(0)
    blind.undo()
    sandbox.move("did_001", application_id="app_c")
    program.record("did_001")
    assert where(program, "90m ago") == {"did_003": "app_a"}
    assert where(program, "30m ago") == {"did_001": "app_b", "did_002": "app_a", "did_003": "app_a"}
    assert where(program, "now") == {"did_001": "app_c", "did_002": "app_a", "did_003": "app_a"}
    assert program.json("show", "did_001@30m ago")["revision"] == 2
    assert program.json("show", "did_001@now")["revision"] == 3
    changes = program.json("diff", "--from", "30m ago", "--to", "now")["dids"]
    assert [(did["did"], did["to_revision"]) for did in changes if did["changes"]] == [
        ("did_001", 3)
    ]
    program.run("tag", "calm").ended(0)
    assert program.json("show", "did_001@tag:calm")["revision"] == 3


def test_a_clock_that_was_behind_once_changes_no_moment_of_the_past(
    program: Program, sandbox: Sandbox, clock: Clock
) -> None:
    clock.set(-3 * HOUR)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(context, "_compare", lambda _: None)
        program.record("did_001")
        clock.set(-HOUR)
        sandbox.move("did_001", application_id="app_b")
        program.record("did_001")
    clock.set(-365 * DAY)
    program.run("note", "did_001", "-m", "the clock of this machine is broken").ended(0)
    clock.set(0)
    assert where(program, "2h ago") == {"did_001": "app_a"}
    assert program.json("show", "did_001@2h ago")["revision"] == 1
