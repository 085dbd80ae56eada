"""``watch`` as a process: restarts, outages, mass changes, and where it tells of them."""

import json
import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

import pytest

from changelog.store.location import Location
from changelog.system.shutdown import Shutdown
from tests.program import KEY, TIMEOUT_S, Json, Program
from tests.receiver import Receiver
from tests.sandbox_faults import Fault, Sandbox

if TYPE_CHECKING:
    import subprocess

FLEET = 500


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log in which did_101 is recorded, to be copied."""
    with Sandbox(KEY) as running:
        made = Program(tmp_path_factory.mktemp("log"), api=running, database="log.db")
        made.record("did_101")
    return made.home / "log.db"


@pytest.fixture
def program(tmp_path: Path, sandbox: Sandbox, log: Path) -> Program:
    shutil.copy(log, tmp_path)
    return Program(tmp_path, api=sandbox, database=str(tmp_path / "log.db"))


@pytest.fixture
def watching(program: Program) -> Iterator[Callable[..., "Watching"]]:
    """Starts watches, and ends what is left of them."""
    started: list[Watching] = []

    def start(*arguments: str, run_by: Program = program) -> Watching:
        one = Watching(run_by.start("watch", *arguments, "--json", "--interval", "1s"))
        started.append(one)
        return one

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


class Watching:
    """A watch that goes on, and its lines as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._lines: Queue[Json] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))

    def until(self, event: str) -> list[Json]:
        """All lines up to the first of that event."""
        seen: list[Json] = []
        while not seen or seen[-1]["event"] != event:
            seen.append(self._lines.get(timeout=TIMEOUT_S))
        return seen

    def alert(self) -> Json:
        """The next line that is an alert."""
        while (line := self._lines.get(timeout=TIMEOUT_S))["event"] == "round":
            pass
        return line

    def end(self, number: int = signal.SIGTERM) -> tuple[int, list[Json]]:
        """Send a signal. Returns the exit code and the lines that were left."""
        self.process.send_signal(number)
        code = self.process.wait(TIMEOUT_S)
        self.process.wait()
        left = []
        while not self._lines.empty():
            left.append(self._lines.get())
        return code, left


def once(program: Program, *arguments: str, exit_code: int = 0) -> list[Json]:
    """The alerts of one round."""
    ran = program.run("watch", *arguments, "--once", "--json").ended(exit_code)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {line["schema"] for line in lines} == {"changelog/watch/1"}
    assert lines[-1]["event"] == "round"
    assert lines[-1]["exit_code"] == exit_code
    return lines[:-1]


def test_a_round_begins_an_interval_after_the_last_one_plus_up_to_a_tenth(
    watching: Callable[..., Watching],
) -> None:
    watch = watching("did_101")
    began = [datetime.fromisoformat(watch.until("round")[-1]["at"]) for _ in range(4)]
    for before, after in pairwise(began):
        # The time of a round is that of its end.
        assert 0.5 < (after - before).total_seconds() < 10


def test_a_sleep_ends_by_a_clock_that_goes_on_while_the_machine_is_suspended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, slept = 100.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        # The machine is suspended in the second sleep, for an hour.
        now += seconds if len(slept) != 2 else 3600

    monkeypatch.setattr("changelog.system.shutdown.running_s", lambda: now)
    monkeypatch.setattr("changelog.system.shutdown.time.sleep", sleep)
    Shutdown().sleep_until(108.0)
    assert slept == [5.0, 3.0]
    slept.clear()
    Shutdown().sleep_until(now + 300)
    assert slept == [5.0, 5.0]


def test_once_tells_a_change_once_and_ends_with_4(program: Program, sandbox: Sandbox) -> None:
    program.record("did_102")
    assert once(program, "--all") == []
    sandbox.move("did_101", application_id="app_sales")
    (alert,) = once(program, "--all", exit_code=4)
    assert (alert["event"], alert["did"], alert["revision"], alert["exit_code"]) == (
        "changed",
        "did_101",
        2,
        4,
    )
    assert alert["number"] == "+15551230001"
    assert alert["application_id"] == "app_sales"
    assert {"field": "application_id", "before": "app_support", "after": "app_sales"}.items() <= (
        alert["changes"][0].items()
    )
    assert once(program, "--all") == []


def test_as_text_a_quiet_round_says_nothing(program: Program, sandbox: Sandbox) -> None:
    """So that cron sends no mail."""
    quiet = program.run("watch", "--all", "--once").ended(0)
    assert (quiet.stdout, quiet.stderr) == ("", "")
    sandbox.move("did_101", application_id="app_sales")
    said = program.run("watch", "--all", "--once").ended(4).stdout
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  changed     did_101  \+15551230001  r2"
        r"  application_id app_support → app_sales.*\n",
        said,
    ), said


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_restart_neither_repeats_nor_forgets(
    number: int, program: Program, sandbox: Sandbox, watching: Callable[..., "Watching"]
) -> None:
    program.record("did_102")
    first = watching("--all")
    first.until("round")
    sandbox.move("did_101", application_id="app_sales")
    assert first.alert()["did"] == "did_101"
    first.until("round")
    code, _ = first.end(number)
    assert code == (0 if number == signal.SIGTERM else -signal.SIGKILL)
    sandbox.move("did_102", application_id="app_sales")
    second = watching("--all")
    found = second.until("round") + second.until("round")
    assert [one["did"] for one in found if one["event"] == "changed"] == ["did_102"]


@pytest.mark.slow
def test_two_processes_of_one_watch_tell_each_alert_once(
    tmp_path: Path, sandbox: Sandbox, location: Location, watching: Callable[..., "Watching"]
) -> None:
    """Each finds what the other one is just telling."""
    names = ["did_101", "did_102", "did_103"]
    program = Program(tmp_path / "home", api=sandbox, database=location)
    program.record(*names)
    heard = program.home / "heard"
    command = f'sleep 0.3; echo "$CHANGELOG_ID" >> {heard}'
    once(program, "--all")
    running = [watching("--all", "--on-change", command, run_by=program) for _ in range(2)]
    for one in running:
        one.until("round")
    for did in names:
        sandbox.move(did, route_mode="reject")
        running[0].until("round")
    for one in (*running, *running):
        one.until("round")
    codes = [one.end()[0] for one in running]
    assert codes == [0, 0]
    ids = heard.read_text().split()
    assert len(ids) == len(set(ids)) == len(names)


def test_a_post_is_tried_again_and_carries_no_key(program: Program, sandbox: Sandbox) -> None:
    with Receiver(fails=2) as receiver:
        address = receiver.url.replace("http://", "http://olga:hunter2@") + "?token=hunter3"
        once(program, "--all", "--notify", address)
        sandbox.move("did_101", application_id="app_sales")
        ran = program.run("watch", "--all", "--once", "--json", "--notify", address).ended(4)
        (taken,) = receiver.taken
        assert taken == json.loads(ran.stdout.splitlines()[0])
        assert receiver.asked == 3
        assert KEY not in str(receiver.heads)
        assert "/hook?token=hunter3" in receiver.heads[0]
        assert "hunter" not in ran.stdout + ran.stderr


def test_a_redirect_is_no_receipt_and_is_not_followed(program: Program, sandbox: Sandbox) -> None:
    with Receiver(fails=1000, status=307) as receiver:
        once(program, "--all", "--notify", receiver.url)
        sandbox.move("did_101", application_id="app_sales")
        ran = program.run("watch", "--all", "--once", "--notify", f"{receiver.url}?t=hunter2")
        assert ran.exit_code == 4
        assert receiver.asked == 3
        assert "status 307" in ran.stderr
        assert "hunter2" not in ran.stderr


@pytest.mark.parametrize(
    "url", ["http://alerts.example/hunter2", "ftp://127.0.0.1/hunter2", "hunter2", "https://"]
)
def test_an_address_that_alerts_must_not_go_to_is_refused(url: str, program: Program) -> None:
    """Before anything is fetched, and without repeating it."""
    ran = program.run("watch", "--all", "--once", "--notify", url).ended(2)
    assert "hunter2" not in ran.stderr


def test_a_command_gets_the_alert_and_no_secret(program: Program, sandbox: Sandbox) -> None:
    once(program, "--all")
    sandbox.move("did_101", application_id="app_sales")
    heard, seen = program.home / "heard", program.home / "environment"
    alerts = once(
        program,
        "--all",
        "--on-change",
        f"cat > {heard}; env > {seen}; echo noise",
        exit_code=4,
    )
    assert [json.loads(heard.read_text())] == alerts
    variables = dict(line.split("=", 1) for line in seen.read_text().splitlines())
    assert variables["CHANGELOG_EVENT"] == "changed"
    assert variables["CHANGELOG_DID"] == "did_101"
    assert variables["CHANGELOG_NUMBER"] == "+15551230001"
    assert variables["CHANGELOG_REVISION"] == "2"
    assert variables["CHANGELOG_APPLICATION_ID"] == "app_sales"
    assert KEY not in seen.read_text()
    assert not [name for name in variables if name.startswith("MINIVOICE_")]


def test_what_the_api_says_cannot_run_in_the_command(program: Program, sandbox: Sandbox) -> None:
    once(program, "--all")
    nasty = "$(touch pwned)`touch pwned`;\n\x1b[31m'\"\x00"
    sandbox.move("did_101", application_id=nasty)
    heard = program.home / "heard"
    once(program, "--all", "--on-change", f'echo "$CHANGELOG_MESSAGE" > {heard}', exit_code=4)
    assert not (program.home / "pwned").exists()
    assert "\x1b" not in heard.read_text()


def test_a_command_that_fails_is_warned_of_and_not_run_again(
    program: Program, sandbox: Sandbox
) -> None:
    once(program, "--all")
    sandbox.move("did_101", application_id="app_sales")
    heard = program.home / "heard"
    command = ("--on-change", f"echo ran >> {heard}; exit 7")
    assert "exit 7" in program.run("watch", "--all", "--once", *command).ended(4).stderr
    once(program, "--all", *command)
    assert heard.read_text() == "ran\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_in_the_middle_of_a_round_keeps_what_was_fetched(
    number: int,
    code: int,
    program: Program,
    sandbox: Sandbox,
    watching: Callable[..., "Watching"],
) -> None:
    """The round waits for a DID that hangs; what the other answered is stored and told."""
    program.record("did_102")
    watch = watching("did_101", "did_102")
    watch.until("round")
    sandbox.fail(Fault("slow", seconds=600), did="did_102")
    sandbox.move("did_101", application_id="app_sales")
    asked = len(sandbox.requests)
    deadline = threading.Event()
    while not any("did_102" in path for _, path in sandbox.requests[asked:]):
        deadline.wait(0.05)
    while program.json("log", "did_101")["entries"][0]["revision"] == 1:
        deadline.wait(0.05)
    ended, left = watch.end(number)
    assert ended == code
    assert [one["did"] for one in left if one["event"] == "changed"] == ["did_101"]


def test_metrics_are_in_the_text_format_and_whole(program: Program, sandbox: Sandbox) -> None:
    program.record("did_102", "did_103")
    path = program.home / "changelog.prom"
    once(program, "--all", "--metrics", str(path))
    sandbox.move("did_101", application_id="app_sales")
    sandbox.remove("did_102")
    once(program, "--all", "--metrics", str(path), exit_code=3)
    found = parsed(path.read_text())
    assert {
        name: found[f"changelog_watch_{name}"]
        for name in ("dids", "changed", "unreadable", "not_read")
    } == {
        "dids": 3,
        "changed": 1,
        "unreadable": 1,
        "not_read": 0,
    }
    assert found["changelog_watch_alerts_undelivered"] == 0
    assert found["changelog_watch_round_duration_seconds"] > 0
    success = found["changelog_watch_last_success_timestamp_seconds"]
    assert success == found["changelog_watch_last_round_timestamp_seconds"]
    assert path.stat().st_mode & 0o777 == 0o644
    sandbox.stop()
    once(program, "--all", "--metrics", str(path), exit_code=6)
    assert parsed(path.read_text())["changelog_watch_last_success_timestamp_seconds"] == success
    assert [one.name for one in program.home.iterdir() if "prom" in one.name] == [path.name]


def test_metrics_that_cannot_be_written_end_no_round(program: Program) -> None:
    ran = program.run("watch", "--all", "--once", "--metrics", "missing/changelog.prom").ended(0)
    assert "metrics cannot be written" in ran.stderr


def parsed(text: str) -> dict[str, float]:
    """The samples; each has its HELP and TYPE before it."""
    found = {}
    for block in re.finditer(
        r"# HELP (\w+) .+\n# TYPE \1 gauge\n\1\{watch=\"\w+\"\} ([\d.e+-]+)\n", text
    ):
        found[block[1]] = float(block[2])
    assert len(text.splitlines()) == 3 * len(found)
    return found


def test_nothing_to_watch_is_said_at_once(program: Program) -> None:
    assert program.run("watch", "--json").ended(2).error["code"] == "usage"
    empty = ("watch", "--all", "--json", "--db", "empty.db")
    assert program.run(*empty).ended(5).error["code"] == "nothing_recorded"
    assert program.run("watch", "did_101", "--interval", "0s", "--json").ended(2).error
    assert program.run("watch", "did_101", "--interval", "soon").ended(2)
