"""A record that is killed, interrupted or refused keeps what it reported, and is gone on with."""

import json
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from changelog.api.client import ApiClient
from changelog.api.keys import check_key
from changelog.commands.recording.capture import Capture
from changelog.model.did_ref import Target
from changelog.model.recording import CaptureSettings, OpenCapture, Outcome, Selection
from changelog.store.location import Location, SqliteLocation, parse_location
from changelog.store.reader import LogReader
from changelog.store.writer import LogWriter
from changelog.system.shutdown import Shutdown
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import Logbook
from tests.postgres_server import PostgresServer
from tests.program import KEY, TIMEOUT_S, Json, Program
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"num-{place:03}.x" for place in range(120)]
MOVED = FLEET[::3]
SLOW = Fault("slow", seconds=0.02)
WHY, TICKET = "Umzug nach Zürich", "NET-7"
SAID = ("-m", WHY, "--ticket", TICKET)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for place, did in enumerate(FLEET):
            fields = {"id": did, "number_e164": f"+1555000{place:04}", "status": "active"}
            running.add_did({**fields, "application_id": "app_sales", "route_mode": "webhook"})
        yield running


@dataclass(frozen=True)
class Cut:
    """A run that was stopped from outside: what it had said by then."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def reported(self) -> dict[str, str]:
        """The outcome of each DID that was told of, a line that was cut off left out."""
        whole = self.stdout.rpartition("\n")[0].splitlines()
        words = [line.split() for line in whole]
        return {line[1]: line[0] for line in words if len(line) > 1 and line[1] in FLEET}


class Recording:
    """A home with a list of DIDs in it, the log it records into, and what that log holds."""

    def __init__(self, home: Path, sandbox: Sandbox, location: Location) -> None:
        self.location = location
        self.sandbox = sandbox
        self.program = Program(home, api=sandbox, database=location)
        (home / "fleet.txt").write_text("\n".join(FLEET))

    def cut(self, how: signal.Signals, after: int, *arguments: str) -> Cut:
        """Send a signal once so many DIDs are reported or, with JSON, were asked for."""
        earlier = len(self.sandbox.requests)
        with self.program.start("record", *arguments) as process:
            assert process.stdout is not None
            told = ""
            if "--json" in arguments:
                while len(self.sandbox.requests) < earlier + after and process.poll() is None:
                    time.sleep(0.001)
            else:
                told = "".join(process.stdout.readline() for _ in range(after))
            process.send_signal(how)
            stdout, stderr = process.communicate(timeout=TIMEOUT_S)
        return Cut(process.returncode, told + stdout, stderr)

    def read_by(self, number: int) -> dict[str, int]:
        with closing(LogReader(self.location)) as reader:
            return reader.read_by(number)

    def captures(self) -> list[Json]:
        return self.rows("SELECT id, note, ticket FROM capture ORDER BY id")

    def rows(self, query: str) -> list[Json]:
        with Logbook(self.location) as book, book.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(query)).mappings()]

    def assert_each_was_read_once(self) -> None:
        """In each capture no DID has two readable snapshots, and the journal is whole."""
        read: Counter[tuple[int, str]] = Counter()
        for row in self.rows("SELECT capture, did FROM snapshot WHERE revision IS NOT NULL"):
            read[row["capture"], row["did"]] += 1
        assert [key for key, times in read.items() if times > 1] == []
        assert_journal_is_whole(self.location)


@pytest.fixture
def recording(tmp_path: Path, sandbox: Sandbox) -> Recording:
    return Recording(tmp_path / "olga", sandbox, SqliteLocation(tmp_path / "log.db"))


def seeded(what: str) -> random.Random:
    """Moments at random, the same ones in every run of the tests."""
    return random.Random(what)  # noqa: S311 -- nothing is kept secret with it


def outcome_of(did: str, *, first: bool) -> str:
    if first:
        return "new"
    return "changed" if did in MOVED else "unchanged"


def record_before(recording: Recording) -> None:
    """The fleet as it was, under the tag `pre`; then a third of it is moved."""
    counts = recording.program.record("--file", "fleet.txt", "--tag", "pre")["counts"]
    assert counts["new"] == len(FLEET)
    for did in MOVED:
        recording.sandbox.move(did, application_id="app_support")


def gone_on_with(recording: Recording, number: int, before: Sequence[str], *how: str) -> Json:
    """``record --resume`` reads exactly the rest, into the same capture."""
    answer = recording.program.record("--resume", *how)
    rest = set(FLEET) - set(before)
    assert sorted(one["did"] for one in answer["dids"]) == sorted(rest)
    assert answer["counts"]["requested"] == len(rest)
    about = answer["capture"]
    assert (about["id"], about["note"], about["ticket"]) == (number, WHY, TICKET)
    assert recording.read_by(number).keys() == set(FLEET)
    recording.assert_each_was_read_once()
    return answer


MOMENTS = [
    (signal.SIGKILL, "--file", "fleet.txt"),
    (signal.SIGKILL, "--all", "--json"),
    (signal.SIGINT, "--all", "--json"),
    (signal.SIGTERM, "--file", "fleet.txt", "--json"),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda one: "-".join((one[0].name, *one[1:])))
def test_what_was_reported_is_stored_and_resume_reads_exactly_the_rest(
    recording: Recording, moment: tuple[Any, ...]
) -> None:
    assert_cut_and_gone_on_with(recording, *moment)


def test_a_capture_on_postgresql_is_gone_on_with(
    tmp_path: Path, sandbox: Sandbox, postgres: PostgresServer
) -> None:
    location = parse_location(postgres.create_log())
    assert_cut_and_gone_on_with(
        Recording(tmp_path / "olga", sandbox, location), signal.SIGKILL, "--all", "--verbose"
    )


def assert_cut_and_gone_on_with(recording: Recording, how: signal.Signals, *what: str) -> None:
    first, number = what[0] == "--file", 1 if what[0] == "--file" else 2
    if not first:
        record_before(recording)
    recording.sandbox.fail(SLOW)
    after = seeded(f"{how}{what}").randint(1, 90)
    cut = recording.cut(how, after, *what, *SAID, "--tag", "post")
    assert cut.exit_code == (130 if how == signal.SIGINT else -how)
    assert "Traceback" not in cut.stderr
    stored = recording.read_by(number)
    assert cut.reported.keys() <= stored.keys()
    for did, outcome in cut.reported.items():
        assert outcome == outcome_of(did, first=first)
    if how == signal.SIGINT and "--json" in what:
        told = json.loads(cut.stdout)
        read = {one["did"] for one in told["dids"] if one["error"] is None}
        assert read == set(stored)
        assert told["capture"]["id"] == number
        assert told["counts"]["requested"] == len(FLEET)
    recording.sandbox.clear_faults()

    if not stored:
        # With JSON the moment can be before the first commit: then there is nothing to go on with.
        recording.program.run("record", "--resume").ended(5)
        return
    answer = gone_on_with(recording, number, list(stored))
    assert answer["capture"]["tag"] == "post"
    for one in answer["dids"]:
        assert one["outcome"] == outcome_of(one["did"], first=first)
    assert len(recording.captures()) == number
    recording.program.run("record", "--resume").ended(5)
    if not first:
        assert_the_log_says_it(recording, sorted(stored)[0], sorted(set(FLEET) - stored.keys())[0])


def assert_the_log_says_it(recording: Recording, early: str, late: str) -> None:
    """Both halves of the capture are under its tag and its note, and the fleet is as it is."""
    diff, fleet, *logs = recording.program.run_each(
        [
            ("diff", "--from", "tag:pre", "--to", "tag:post", "--json"),
            ("list", "--json"),
            *(("log", did, "--json") for did in (early, late)),
            ("restore", MOVED[0], MOVED[-1], "--offline", "--json"),
        ]
    )
    counts = diff.ended(0).json["counts"]
    rest = len(FLEET) - len(MOVED)
    assert counts == {
        "compared": len(FLEET),
        "changed": len(MOVED),
        "unchanged": rest,
        "absent": 0,
        "learned": 0,
        "retired": 0,
        "unreadable": 0,
        "not_read": 0,
    }
    now = {one["did"]: one["application_id"] for one in fleet.ended(0).json["dids"]}
    assert now == {did: "app_support" if did in MOVED else "app_sales" for did in FLEET}
    for ran in logs[:2]:
        newest = ran.ended(0).json["entries"][0]
        assert [one["text"] for one in newest["notes"]] == [WHY]
        assert "post" in newest["tags"]
    for card in logs[2].ended(0).json["dids"]:
        assert card["target"]["application_id"] == "app_sales"
        assert card["current"]["application_id"] == "app_support"


@pytest.mark.slow
def test_killed_again_and_again_it_still_ends_as_one_whole_capture(
    recording: Recording,
) -> None:
    moments = seeded("again and again")
    recording.sandbox.fail(SLOW)
    reported: dict[str, str] = {}
    ways = (signal.SIGINT, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)
    for turn, how in enumerate(ways):
        more = ("--resume",) if turn else (*SAID, "--tag", "post")
        cut = recording.cut(how, moments.randint(1, 10), "--file", "fleet.txt", *more)
        assert not reported.keys() & cut.reported.keys()
        reported |= cut.reported
        assert reported.keys() <= recording.read_by(1).keys()
    recording.sandbox.clear_faults()
    stored = recording.read_by(1)
    assert 0 < len(stored) < len(FLEET)
    answer = gone_on_with(recording, 1, list(stored), "--file", "fleet.txt")
    assert answer["capture"]["tag"] == "post"


def test_a_key_that_is_refused_in_the_middle_stops_and_a_mended_one_goes_on(
    recording: Recording,
) -> None:
    recording.sandbox.fail(SLOW)
    with recording.program.start("record", "--file", "fleet.txt", *SAID, "--tag", "t") as process:
        assert process.stdout is not None
        for _ in range(30):
            process.stdout.readline()
        recording.sandbox.key = "the-key-of-tomorrow"
        _, stderr = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 6
    assert "Traceback" not in stderr
    recording.sandbox.clear_faults()
    stored = recording.read_by(1)
    assert 30 <= len(stored) < len(FLEET)

    refused = recording.program.run("record", "--resume", "--json").ended(6).json
    assert refused["capture"]["id"] == 1
    assert refused["counts"]["requested"] == len(FLEET) - len(stored)
    assert recording.read_by(1) == stored

    recording.program.environment["MINIVOICE_API_KEY"] = recording.sandbox.key
    gone_on_with(recording, 1, list(stored))


def test_where_every_fetch_under_way_was_refused_there_still_is_something_to_resume(
    recording: Recording,
) -> None:
    """Five DIDs, eight at once: none is left that was not asked for, and none was read."""
    recording.sandbox.key = "the-key-of-tomorrow"
    names = FLEET[:5]
    refused = recording.program.record(*names, *SAID, "--tag", "t", exit_code=6)
    assert refused["capture"]["tag"] is None
    recording.program.environment["MINIVOICE_API_KEY"] = recording.sandbox.key
    answer = recording.program.record(*names, "--resume", *SAID, "--tag", "t")
    assert (answer["capture"]["id"], answer["capture"]["tag"]) == (1, "t")
    assert [one["outcome"] for one in answer["dids"]] == ["new"] * 5
    with closing(LogReader(recording.location)) as reader:
        assert reader.tag("t") is not None


def test_what_is_read_long_after_the_capture_began_is_remarked(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording.sandbox.key = "the-key-of-tomorrow"
    recording.program.record(*FLEET[:5], exit_code=6)
    recording.program.environment["MINIVOICE_API_KEY"] = recording.sandbox.key
    monkeypatch.setattr("changelog.commands.recording.capture._LATER", timedelta())
    (remark,) = recording.program.record("--resume", "--tag", "t")["capture"]["remarks"]
    assert re.fullmatch("the rest was read .* after it began: a tag means it as of then", remark)


def test_an_api_that_goes_away_ends_the_run_and_resume_goes_on_when_it_is_back(
    recording: Recording,
) -> None:
    recording.sandbox.fail(SLOW)
    with recording.program.start("record", "--file", "fleet.txt", *SAID) as process:
        assert process.stdout is not None
        for _ in range(20):
            process.stdout.readline()
        recording.sandbox.stop()
        _, stderr = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 6
    assert "Traceback" not in stderr
    stored = recording.read_by(1)
    assert 20 <= len(stored) < len(FLEET)
    recording.sandbox.clear_faults()
    recording.sandbox.start()
    gone_on_with(recording, 1, list(stored))


def test_what_would_make_it_another_capture_is_refused_by_name(recording: Recording) -> None:
    recording.sandbox.fail(SLOW)
    recording.cut(signal.SIGKILL, 20, "--file", "fleet.txt", *SAID, "--tag", "t")
    with Sandbox(key=KEY) as another:
        options = {"note": "-m", "ticket": "--ticket", "tag": "--tag", "changed by": "--changed-by"}
        refusals = recording.program.run_each(
            [("record", "--resume", option, "another") for option in options.values()]
        )
        elsewhere = recording.program.run(
            "record", "--resume", environment={"MINIVOICE_API_URL": another.url}
        ).ended(2)
        assert another.requests == ()
    for name, ran in zip(options, refusals, strict=True):
        assert f"has its {name} already" in ran.ended(2).stderr
    assert another.url in elsewhere.stderr
    assert recording.sandbox.url in elsewhere.stderr
    assert len(recording.captures()) == 1
    recording.sandbox.clear_faults()
    stored = recording.read_by(1)
    gone_on_with(recording, 1, list(stored), *SAID, "--tag", "t")


def test_with_nothing_interrupted_it_says_so_and_begins_anew_where_it_is_told_what(
    recording: Recording,
) -> None:
    """Nothing recorded at all, a capture that was whole, one that was killed before it had any."""
    recording.program.run("record", "--resume").ended(5)
    recording.sandbox.fail(Fault("slow", seconds=60))
    cut = recording.cut(signal.SIGKILL, 3, "--json", *FLEET[:3])
    assert cut.exit_code == -signal.SIGKILL
    recording.sandbox.clear_faults()
    said = recording.program.run("record", "--resume", "--json").ended(5)
    assert said.error["code"] == "nothing_recorded"

    new = recording.program.run("record", *FLEET[:3], "--resume").ended(0)
    assert "this one is new" in new.stderr
    assert "3 requested, 3 new" in new.stdout
    recording.program.run("record", "--resume").ended(5)
    again = recording.program.record(*FLEET[:3], "--resume")
    assert (again["capture"]["id"], again["counts"]["unchanged"]) == (2, 3)


def test_a_later_whole_capture_of_the_same_dids_leaves_nothing_to_resume(
    recording: Recording,
) -> None:
    recording.sandbox.fail(SLOW)
    recording.cut(signal.SIGKILL, 20, "--file", "fleet.txt")
    recording.sandbox.clear_faults()
    assert recording.program.record("--file", "fleet.txt")["capture"]["id"] == 2
    recording.program.run("record", "--resume").ended(5)


def test_a_selection_is_gone_on_with_by_itself(recording: Recording) -> None:
    """Two were killed: whoever names the DIDs of one goes on with that one."""
    recording.sandbox.fail(SLOW)
    halves = FLEET[::2], FLEET[1::2]
    for half in halves:
        recording.cut(signal.SIGKILL, 10, *half, *SAID)
    recording.sandbox.clear_faults()
    for number, half in enumerate(halves, start=1):
        before = recording.read_by(number).keys()
        answer = recording.program.record(*half, "--resume")
        assert answer["capture"]["id"] == number
        assert {one["did"] for one in answer["dids"]} == set(half) - before
    recording.assert_each_was_read_once()


# Through the writer: what no process can be made to do at will


def test_a_clock_that_was_set_back_neither_loses_nor_reopens_the_capture(
    logbook: Logbook,
) -> None:
    names = ("did_1", "did_2", "did_3")
    selection = Selection(every=False, names=names)
    opened = logbook.capture(api_url="http://127.0.0.1:9/v1", selection=selection)
    logbook.see(did="did_1", capture=opened)
    logbook.now += timedelta(minutes=10)
    opened.close(unread=2)
    for did in ("did_2", "did_3"):
        logbook.now -= timedelta(hours=1)
        with logbook.reader() as reader:
            unfinished = reader.unfinished(selection.digest)
        assert unfinished is not None
        again = logbook.resume(unfinished)
        assert not logbook.see(did=did, capture=again).late
        again.close(unread=1 if did == "did_2" else 0)
    with logbook.reader() as reader:
        assert reader.unfinished(selection.digest) is None
        assert reader.read_by(opened.info.id).keys() == set(names)
        assert all(reader.answered_in(opened.info.id, did) for did in names)
    assert_journal_is_whole(logbook.location)


def test_it_can_be_gone_on_with_twice_and_store_nothing(logbook: Logbook) -> None:
    """Both ends fall on the same microsecond, by a clock that stands behind the capture."""
    selection = Selection(every=True)
    opened = logbook.capture(selection=selection)
    logbook.see(capture=opened)
    logbook.now -= timedelta(days=1)
    for _ in range(2):
        with logbook.reader() as reader:
            unfinished = reader.unfinished(selection.digest)
        assert unfinished is not None
        logbook.resume(unfinished).close(unread=1)
    assert_journal_is_whole(logbook.location)


class InterruptedWriter(LogWriter):
    """Ctrl-C is seen when a commit has just been done: that is where a program waits."""

    def store(self, *arguments: Any, **more: Any) -> tuple[OpenCapture, list[Outcome]]:
        stored = super().store(*arguments, **more)
        os.kill(os.getpid(), signal.SIGINT)
        return stored


def test_ctrl_c_at_a_commit_stores_the_batch_once_and_reports_it(
    logbook: Logbook, sandbox: Sandbox
) -> None:
    sandbox.fail(SLOW)
    api = ApiClient(sandbox.url, [check_key(KEY)], clock=logbook.clock)
    writer = InterruptedWriter(logbook.transactions)
    info = logbook.capture(tag="t").info
    targets = [Target(did, did) for did in FLEET]
    reading = CaptureSettings(shutdown=Shutdown())
    with Capture(writer, info, reading, api, by_name=True, size=len(targets)) as capture:
        told = list(capture.read(targets))
    ended = capture.result
    assert set(ended.conditions) >= {"interrupted"}
    assert ended.capture.tag == "t"
    assert [one.outcome for one in told] == ["new"] * ended.counts.new
    assert len(told) + ended.counts.not_read == len(FLEET)
    assert {one.requested for one in capture.unattempted()}.isdisjoint(one.did for one in told)
    snapshots = logbook.rows("SELECT capture FROM snapshot_log")
    assert [row["capture"] for row in snapshots] == [1] * len(told)
