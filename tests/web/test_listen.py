"""``listen`` as a process over real HTTP: what it takes, what it refuses, that nothing is lost."""

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import pytest

from changelog.store.location import PostgresLocation, SqliteLocation, parse_location
from tests.http_client import HttpAnswer, HttpClient
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import NUMBER, Logbook
from tests.postgres_server import PostgresServer
from tests.program import TIMEOUT_S, Program, invisible_in
from tests.webhooks import SECRET, signed, webhook

PATH = "/webhooks/minivoice"
AT_ONCE = 50


class Listening:
    """``changelog listen`` at work. `said`: its stderr, once it has ended."""

    def __init__(self, program: Program, *options: str, largest_file: int | None = None) -> None:
        self.process = program.start("listen", "--port", "0", *options, largest_file=largest_file)
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith("listening at http://"), self.process.communicate()
        self.url = first.split()[2].rstrip(",").removesuffix(PATH)
        self.said = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.said = self.process.stderr.read()

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(TIMEOUT_S)
        finally:
            self.process.kill()
            self._reader.join()
            for stream in (self.process.stdout, self.process.stderr):
                assert stream is not None
                stream.close()

    def post(self, body: str | bytes, headers: dict[str, str] | None = None) -> HttpAnswer:
        with HttpClient(self.url, headers) as client:
            return client.request("POST", PATH, body)

    def deliver(self, body: str, timestamp: str | None = None) -> HttpAnswer:
        return self.post(body, signed(body, timestamp or now_stamp()))


def now_stamp(off: timedelta = timedelta()) -> str:
    return str(int((datetime.now(UTC) + off).timestamp()))


@contextmanager
def listening(
    program: Program, *options: str, largest_file: int | None = None
) -> Iterator[Listening]:
    server = Listening(program, *options, largest_file=largest_file)
    try:
        yield server
    finally:
        server.stop()
    assert "Traceback" not in server.said
    assert SECRET not in server.said
    assert invisible_in(server.said) == []


@pytest.fixture
def program(logbook: Logbook, tmp_path: Path) -> Program:
    """A log with two routings of one number."""
    logbook.see("app_a")
    logbook.see("app_b")
    return Program(tmp_path / "home", database=logbook.location, MINIVOICE_WEBHOOK_SECRET=SECRET)


@pytest.fixture
def sqlite_program(sqlite_logbook: Logbook, tmp_path: Path) -> Program:
    sqlite_logbook.see("app_a")
    return Program(
        tmp_path / "home", database=sqlite_logbook.location, MINIVOICE_WEBHOOK_SECRET=SECRET
    )


def stored(logbook: Logbook) -> list[tuple[str, str, int, str]]:
    return [
        (row["call"], row["event"], row["revision"], row["result"])
        for row in logbook.rows("SELECT * FROM evidence_log ORDER BY entry, call, event")
    ]


def late(logbook: Logbook) -> datetime:
    return logbook.now + timedelta(hours=1)


def test_a_signed_webhook_is_stored_before_it_is_answered_and_only_once(
    logbook: Logbook, program: Program
) -> None:
    body = webhook("c1", NUMBER, "app_b", late(logbook))
    with listening(program) as server:
        answer = server.deliver(body)
        assert (answer.status, answer.json()) == (200, {"outcome": "stored", "result": "reached"})
        assert stored(logbook) == [("c1", "call.completed", 2, "reached")]
        stamp = now_stamp()
        for _ in range(2):
            # Replayed byte by byte, it says nothing new.
            assert server.deliver(body, stamp).json()["outcome"] == "duplicate"
        assert server.deliver(body, datetime.now(UTC).isoformat()).status == 200
    assert stored(logbook) == [("c1", "call.completed", 2, "reached")]
    assert "200 stored reached   c1 call.completed  did_1 r2" in server.said
    assert "call c1 call.completed: reached on r2" in program.run("show", "did_1").stdout


def test_late_and_out_of_order_events_are_tied_to_the_routing_of_their_own_time(
    logbook: Logbook, program: Program
) -> None:
    first = logbook.history().revisions[0].first_seen_at + timedelta(seconds=20)
    with listening(program) as server:
        server.deliver(webhook("c2", NUMBER, "app_b", late(logbook)))
        server.deliver(webhook("c1", NUMBER, "app_a", first))
        server.deliver(webhook("c1", NUMBER, "app_a", first, "call.answered"))
        server.deliver(webhook("c3", NUMBER, "app_b", first))
    assert stored(logbook) == [
        ("c2", "call.completed", 2, "reached"),
        ("c1", "call.completed", 1, "reached"),
        ("c1", "call.answered", 1, "reached"),
        ("c3", "call.completed", 1, "differs"),
    ]


def test_what_is_not_for_the_log_is_accepted_named_and_left_aside(
    logbook: Logbook, program: Program
) -> None:
    at = late(logbook)
    aside = [
        webhook("out\x1b", NUMBER, "app_b", at, direction="outbound"),
        webhook("c2", "+15559999999", "app_b", at),
        webhook("c3", NUMBER, "app_b", at, "recording.completed"),
        '{"event": "something.new"}',
    ]
    with listening(program) as server:
        for body in aside:
            answer = server.deliver(body)
            assert (answer.status, answer.json()["outcome"]) == (200, "ignored")
    assert stored(logbook) == []
    for said in ("out\\x1b", "no DID with the number +15559999999", "c3", "something.new"):
        assert said in server.said


def test_everything_that_is_no_signed_webhook_is_refused_and_nothing_of_it_stored(
    sqlite_logbook: Logbook, sqlite_program: Program
) -> None:
    body = webhook("c1", NUMBER, "app_a", late(sqlite_logbook))
    stamp = now_stamp()
    old, coming = (now_stamp(timedelta(minutes=off)) for off in (-6, 6))
    large = body.replace('"data": {}', f'"data": "{"x" * 65536}"')
    right = signed(body, stamp)
    signature = right["X-MiniVoice-Signature"]
    refused: list[tuple[int, str, str, dict[str, str]]] = [
        (401, "unsigned", body, {}),
        (401, "unsigned", body, {"X-MiniVoice-Timestamp": stamp}),
        (401, "bad_signature", body, signed(body, stamp, "another secret")),
        (401, "bad_signature", body.replace("c1", "c2"), right),
        (401, "bad_signature", body, {**right, "X-MiniVoice-Timestamp": now_stamp()[:-1] + "x"}),
        (401, "bad_signature", body, {**right, "X-MiniVoice-Signature": "v1=\xff"}),
        (401, "repeated_header", body, {**right, "X-MiniVoice-Signature": f"{signature}, v1=0"}),
        (401, "repeated_header", body, {**right, "X-MiniVoice-Timestamp": f"{stamp}, {stamp}"}),
        (401, "stale_timestamp", body, signed(body, old)),
        (401, "stale_timestamp", body, signed(body, coming)),
        (401, "bad_timestamp", body, signed(body, "yesterday")),
        (401, "unsigned", body, {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}),
        (400, "not_a_webhook", "", signed("", stamp)),
        (400, "not_a_webhook", "{", signed("{", stamp)),
        (400, "not_a_webhook", "[]", signed("[]", stamp)),
    ]
    with listening(sqlite_program) as server:
        for status, code, content, headers in refused:
            answer = server.post(content, headers)
            assert (answer.status, answer.json()["error"]["code"]) == (status, code), headers
        assert server.post(large, signed(large, stamp)).status == 413
        with HttpClient(server.url, right) as client:
            assert client.request("POST", "/webhooks/other", body).status == 404
            assert client.get("/").status == 404
            wrong = client.get(PATH)
            assert (wrong.status, wrong.headers["Allow"]) == (405, "POST")
            assert client.request("PUT", PATH, body).status == 405
            assert client.request("OPTIONS", PATH, body).status == 405
            assert client.request("POST", PATH.replace("s/", "s//"), body).status == 404
            assert client.request("POST", f"{PATH}/", body).status == 404
            assert client.request("POST", "/healthz", body).status == 405
        assert stored(sqlite_logbook) == []
        assert server.post(body, right).status == 200
    assert "c2" not in server.said
    assert "x" * 100 not in server.said


def test_bytes_that_are_no_http_cost_nobody_else_anything(
    sqlite_logbook: Logbook, sqlite_program: Program
) -> None:
    body = webhook("c1", NUMBER, "app_a", late(sqlite_logbook))
    with listening(sqlite_program) as server:
        host, port = server.url.removeprefix("http://").split(":")
        hung = socket.create_connection((host, int(port)))
        hung.sendall(b"POST /webhooks/minivoice HTTP/1.1\r\nContent-Length: 1000\r\n\r\nhalf")
        for nonsense in (b"\x16\x03\x01\x02\x00\x01", b"GET\r\n\r\n", b"POST / HTTP/9\r\n\r\n"):
            with socket.create_connection((host, int(port))) as client:
                client.sendall(nonsense)
        assert server.deliver(body).status == 200
        hung.close()


def delivered(
    server: Listening, bodies: Sequence[str], then: Callable[[int], None] = lambda _: None
) -> list[int]:
    """Send each body from one of 50 threads, each over a connection of its own. The statuses; 0
    where there was no answer. `then` hears how many were answered."""
    answered = iter(range(1, len(bodies) + 1))
    lock = threading.Lock()

    def send(body: str) -> int:
        try:
            status = server.deliver(body).status
        except (OSError, HTTPException):
            return 0
        with lock:
            then(next(answered))
        return status

    with ThreadPoolExecutor(AT_ONCE) as workers:
        return list(workers.map(send, bodies))


def test_of_300_webhooks_at_50_at_once_none_is_lost(logbook: Logbook, program: Program) -> None:
    at = late(logbook)
    calls = [f"c{number:04}" for number in range(300)]
    with listening(program) as server:
        statuses = delivered(server, [webhook(call, NUMBER, "app_b", at) for call in calls])
    assert Counter(statuses) == {200: 300}
    assert sorted(call for call, _, _, _ in stored(logbook)) == calls
    assert server.said.count("200 stored") == 300
    assert_journal_is_whole(logbook.location)
    entries = logbook.rows("SELECT count(DISTINCT entry) AS entries FROM evidence_log")
    assert entries[0]["entries"] < 300, "each webhook waited for a commit of its own"


def test_the_same_event_from_50_at_once_is_stored_once(logbook: Logbook, program: Program) -> None:
    body = webhook("c1", NUMBER, "app_b", late(logbook))
    with listening(program) as server:
        assert Counter(delivered(server, [body] * 100)) == {200: 100}
    assert stored(logbook) == [("c1", "call.completed", 2, "reached")]
    assert server.said.count("200 stored") == 1
    assert server.said.count("200 duplicate") == 99


def test_told_to_stop_in_the_middle_it_has_stored_whatever_it_answered(
    logbook: Logbook, program: Program
) -> None:
    at = late(logbook)
    calls = [f"c{number:04}" for number in range(600)]
    with listening(program) as server:
        told = threading.Event()

        def tell(count: int) -> None:
            if count >= 150 and not told.is_set():
                told.set()
                os.kill(server.process.pid, signal.SIGTERM)

        statuses = delivered(server, [webhook(call, NUMBER, "app_b", at) for call in calls], tell)
        assert server.process.wait(TIMEOUT_S) == 0
    kept = {call for call, _, _, _ in stored(logbook)}
    answered = {call for call, status in zip(calls, statuses, strict=True) if status == 200}
    assert set(statuses) <= {200, 503, 0}
    assert 150 <= len(answered) < 600
    # It answers what it takes: nothing is stored that its sender would send again.
    assert kept == answered
    assert_journal_is_whole(logbook.location)


def test_it_ends_with_0_when_told_to_and_with_130_when_interrupted(
    sqlite_program: Program,
) -> None:
    assert Listening(sqlite_program).stop(signal.SIGTERM) == 0
    assert Listening(sqlite_program).stop(signal.SIGINT) == 130


def test_its_health_is_that_of_the_database_and_asking_for_it_writes_nothing(
    logbook: Logbook, program: Program
) -> None:
    before = logbook.rows("SELECT count(*) AS n FROM capture_log")
    with listening(program) as server, HttpClient(server.url) as client:
        answer = client.get("/healthz")
        assert (answer.status, answer.json()) == (200, {"status": "ok", "database": "writable"})
        assert client.request("HEAD", "/healthz").status == 200
    assert logbook.rows("SELECT count(*) AS n FROM capture_log") == before
    assert stored(logbook) == []


def test_a_full_disk_is_a_503_and_health_says_so(
    sqlite_logbook: Logbook, sqlite_program: Program
) -> None:
    """A lock is still to be had on it, so only a delivery finds it out."""
    location = sqlite_logbook.location
    assert isinstance(location, SqliteLocation)
    room = location.path.stat().st_size + 300_000
    at = late(sqlite_logbook)
    calls = [f"c{number}" for number in range(200)]
    answered = []
    with listening(sqlite_program, largest_file=room) as server, HttpClient(server.url) as client:
        assert client.get("/healthz").status == 200
        for call in calls:
            body = webhook(call, NUMBER, "app_a", at, more="x" * 6000)
            answered.append(server.deliver(body).status)
            if answered[-1] != 200:
                break
        assert (answered[-1], set(answered[:-1])) == (503, {200})
        health = client.get("/healthz")
        assert (health.status, health.headers["Retry-After"]) == (503, "5")
        assert health.json()["database"] == "the last delivery could not be stored"
    kept = sorted(int(call.removeprefix("c")) for call, _, _, _ in stored(sqlite_logbook))
    assert kept == list(range(len(answered) - 1))


def test_a_server_that_is_away_is_a_503_until_it_is_back(
    tmp_path: Path, own_server: PostgresServer
) -> None:
    location = parse_location(own_server.create_database())
    assert isinstance(location, PostgresLocation)
    with Logbook(location) as logbook:
        logbook.see("app_a")
        at = late(logbook)
        program = Program(tmp_path / "home", database=location, MINIVOICE_WEBHOOK_SECRET=SECRET)
        with listening(program) as server, HttpClient(server.url) as client:
            assert server.deliver(webhook("c1", NUMBER, "app_a", at)).status == 200
            own_server.kill()
            lost = server.deliver(webhook("c2", NUMBER, "app_a", at))
            assert (lost.status, lost.headers["Retry-After"]) == (503, "5")
            assert client.get("/healthz").status == 503
            own_server.launch()
            assert client.get("/healthz").status == 200
            assert server.deliver(webhook("c2", NUMBER, "app_a", at)).status == 200
        logbook.engine.dispose()
        assert [call for call, _, _, _ in stored(logbook)] == ["c1", "c2"]
    assert "503" in server.said


@pytest.fixture
def own_server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that may be killed: not the one that all tests share."""
    with PostgresServer() as server:
        yield server


def test_without_a_secret_nothing_is_taken_unless_unsigned_is_said_and_only_on_loopback(
    sqlite_logbook: Logbook, sqlite_program: Program
) -> None:
    none = {"MINIVOICE_WEBHOOK_SECRET": ""}
    refused = [
        (["listen"], none, "no webhook secret is set"),
        (["listen", "--unsigned", "--host", "0.0.0.0"], none, "not loopback"),  # noqa: S104
        (["listen", "--unsigned"], {}, "--unsigned would ignore it"),
        (["listen"], {**none, "MINIVOICE_WEBHOOK_SECRET_FILE": "nowhere"}, "cannot be read"),
    ]
    for arguments, environment, why in refused:
        ran = sqlite_program.run(*arguments, environment=environment).ended(2)
        assert why in ran.stderr
        assert SECRET not in ran.stderr
    body = webhook("c1", NUMBER, "app_a", late(sqlite_logbook))
    trial = Program(sqlite_program.home, database=sqlite_logbook.location)
    with listening(trial, "--unsigned") as server:
        assert server.post(body).status == 200
    assert len(stored(sqlite_logbook)) == 1


def test_the_secret_may_stand_in_a_file(sqlite_logbook: Logbook, sqlite_program: Program) -> None:
    (sqlite_program.home / "secret").write_text(f"{SECRET}\n")
    program = Program(
        sqlite_program.home,
        database=sqlite_logbook.location,
        MINIVOICE_WEBHOOK_SECRET_FILE="secret",  # noqa: S106 -- the name of a file
    )
    with listening(program) as server:
        assert server.deliver(webhook("c1", NUMBER, "app_a", late(sqlite_logbook))).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_one_line_end_behind_a_secret_does_not_belong_to_it(
    line_end: str, sqlite_logbook: Logbook, sqlite_program: Program
) -> None:
    (sqlite_program.home / "secret").write_text(f" {SECRET} {line_end}", newline="")
    body = webhook("c1", NUMBER, "app_a", late(sqlite_logbook))
    for environment in (
        {"MINIVOICE_WEBHOOK_SECRET": f" {SECRET} {line_end}"},
        {"MINIVOICE_WEBHOOK_SECRET_FILE": "secret"},
    ):
        program = Program(sqlite_program.home, database=sqlite_logbook.location, **environment)
        shown = program.json("config")["webhook"]
        assert (shown["usable"], shown["line_end_removed"]) == (True, True)
        assert "usable, without the line end behind it" in program.run("config").stdout
        with listening(program) as server:
            headers = signed(body, now_stamp(), f" {SECRET} ")
            assert server.post(body, headers).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_of_the_encoding_does_not_belong_to_a_secret(
    encoding: str, sqlite_logbook: Logbook, sqlite_program: Program
) -> None:
    (sqlite_program.home / "secret").write_bytes(f"{SECRET}\r\n".encode(encoding))
    program = Program(
        sqlite_program.home,
        database=sqlite_logbook.location,
        MINIVOICE_WEBHOOK_SECRET_FILE="secret",  # noqa: S106 -- the name of a file
    )
    program.run("note", "did_1", "-m", f"with {SECRET}").ended(2)
    with listening(program) as server:
        assert server.deliver(webhook("c1", NUMBER, "app_a", late(sqlite_logbook))).status == 200


def test_a_port_that_is_taken_is_a_wrong_argument(sqlite_program: Program) -> None:
    with listening(sqlite_program) as server:
        port = server.url.rpartition(":")[2]
        ran = sqlite_program.run("listen", "--port", port).ended(2)
        assert "cannot be used" in ran.stderr


@pytest.mark.parametrize("package", ["waitress", "flask"])
def test_without_the_extra_it_says_what_to_install(package: str, sqlite_program: Program) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from changelog.cli.main import main; sys.exit(main(['listen']))"
    )
    assert "'.[listen]'" in sqlite_program.run_python(code).ended(2).stderr
