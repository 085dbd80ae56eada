"""The client meets servers that no library would write: bytes sent by hand over sockets and TLS."""

import os
import socket
import threading
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog import __version__
from changelog.api import transport
from changelog.api.client import ApiClient
from changelog.api.exchange import Limits
from changelog.api.keys import check_key
from changelog.cli import context
from changelog.cli.output import RUN
from changelog.cli.settings import load_settings
from changelog.model.answers import Answer, Problem
from changelog.model.did_ref import Target
from tests.program import Program
from tests.wire import (
    Behaviour,
    Wire,
    https,
    keeps_answering,
    request_from,
    sends,
    stays_silent,
)

KEY = "mv_sandbox_0123456789"
HASTY = Limits(connect_s=0.2, read_s=0.15, answer_s=0.2, attempts=1)
UNHURRIED = Limits(attempts=1)
DID = Target("did_1", "did_1")
GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"id": "did_1"}'
PIECES = (
    GOOD,
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"Content-Length: 5\r\n"),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"\r\n",
        b"5\r\nabcde\r\n",
        b"0\r\n\r\n",
        b"-1\r\n",
        b"\n",
    ),
)


def client_of(url: str, limits: Limits = HASTY, **options: Any) -> ApiClient:
    return ApiClient(
        url, [check_key(KEY)], clock=lambda: datetime.now(UTC), limits=limits, **options
    )


def answer_of(api: ApiClient, target: Target = DID) -> Answer:
    ((answer,),) = api.fetch([target])
    return answer


def problem_of(api: ApiClient) -> Problem:
    problem = answer_of(api).problem
    assert problem is not None
    return problem


def problem_with(behave: Behaviour, limits: Limits = HASTY) -> Problem:
    with Wire(behave) as wire:
        return problem_of(client_of(wire.url, limits))


# What is sent


def test_a_request_is_these_bytes_and_no_others() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(request_from(connection))
        connection.sendall(GOOD)

    with Wire(behave) as wire:
        answer_of(client_of(wire.url), Target("n", None, "+15551230001"))
        host = f"127.0.0.1:{wire.port}"
    assert seen[0].decode().split("\r\n") == [
        "GET /v1/dids/by-number/+15551230001 HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {KEY}",
        "Accept: application/json",
        "Accept-Encoding: identity",
        f"User-Agent: minivoice-changelog/{__version__}",
        "",
        "",
    ]


def test_the_path_of_the_api_is_sent_as_it_was_set() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(request_from(connection))
        connection.sendall(GOOD)

    with Wire(behave) as wire:
        answer_of(client_of(f"{wire.url}/./a/../b%7e//"), DID)
    assert seen[0].startswith(b"GET /v1/./a/../b%7e/dids/did_1 HTTP/1.1\r\n")


def test_a_cookie_is_not_sent_back() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        while request := request_from(connection):
            seen.append(request)
            connection.sendall(GOOD.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=b\r\n\r\n"))

    with Wire(behave) as wire:
        list(client_of(wire.url, concurrency=1).fetch([DID, DID]))
    assert len(seen) == 2
    assert b"cookie" not in seen[1].lower()


def test_proxies_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(request_from(connection))
        connection.sendall(GOOD)

    with Wire(behave) as wire:
        assert answer_of(client_of(wire.url)).problem is None
    assert f"Authorization: Bearer {KEY}\r\n".encode() in seen[0]


def test_one_did_costs_one_connection_and_many_share_it() -> None:
    with Wire(keeps_answering(GOOD)) as wire:
        answer_of(client_of(wire.url))
        assert len(wire.connections) == 1
        list(client_of(wire.url, concurrency=1).fetch([DID] * 5))
        assert len(wire.connections) == 2


def test_a_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    with Wire(sends(GOOD)) as wire:
        # The end can arrive after the next request was sent: then another attempt is due.
        batches = client_of(wire.url, Limits(backoff_s=0.01), concurrency=1).fetch([DID] * 3)
        answers = [answer for batch in batches for answer in batch]
    assert [answer.problem for answer in answers] == [None] * 3


# What goes wrong on the wire


@pytest.mark.parametrize(
    ("parts", "code", "status"),
    [
        ((), "connection_failed", None),
        ((b"HTTP/1.1 200 OK\r\nConte",), "cut_off", None),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",), "cut_off", 200),
        ((b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"',), "cut_off", 200),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",), "not_http", 200),
        ((b"SSH-2.0-OpenSSH_9.6\r\n\r\n",), "not_http", None),
        ((b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,), "not_http", None),
        ((b"HTTP/1.1 101 Upgrade\r\nUpgrade: x\r\n\r\n",), "not_http", None),
        ((b"HTTP/1.1 302 Found\r\nLocation: \xff//[\r\n\r\n",), "redirect", 302),
        ((b"HTTP/1.0 200 OK\r\n\r\n{}",), "wrong_shape", 200),
        ((b"HTTP/1.1 200 OK\r\n\r\n{}",), "wrong_shape", 200),
        ((b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200_000,), "not_http", None),
        (
            (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",),
            "not_http",
            None,
        ),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",), "cut_off", 200),
    ],
)
def test_each_way_to_break_http_has_its_own_code(
    parts: tuple[bytes, ...], code: str, status: int | None
) -> None:
    found = problem_with(sends(*parts), UNHURRIED)
    assert (found.code, found.status, found.no_answer) == (code, status, status is None)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=20) | st.sampled_from(PIECES), max_size=8))
def test_any_bytes_are_an_answer_or_have_a_code(parts: list[bytes]) -> None:
    with Wire(sends(*parts)) as wire:
        found = answer_of(client_of(wire.url, UNHURRIED))
    if found.problem is not None:
        assert found.problem.code != "internal_error"


def test_an_answer_that_was_cut_off_anywhere_is_never_taken_for_whole() -> None:
    codes = {problem_with(sends(GOOD[:length])).code for length in range(1, len(GOOD))}
    assert codes == {"cut_off"}


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        GOOD.replace(b"\r\nContent-Length: 15", b""),
        GOOD.replace(b"Content-Length: ", b"content-length:\t ").replace(b" OK", b""),
        b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 X\r\n\r\n" + GOOD,
        *(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n" + chunks
            for coding in (b"chunked", b"Chunked")
            for chunks in (
                b'f\r\n{"id": "did_1"}\r\n0\r\n\r\n',
                b'005;a=b\r\n{"id"\r\nA\r\n: "did_1"}\r\n000\r\nX: y\r\nZ: z\r\n\r\n',
            )
        ),
    ],
)
def test_a_body_is_framed_in_every_way_that_http_knows(answer: bytes) -> None:
    for parts in ([answer], [answer[n : n + 1] for n in range(len(answer))]):
        with Wire(sends(*parts)) as wire:
            found = answer_of(client_of(wire.url, UNHURRIED))
        assert (found.body, found.problem) == ('{"id": "did_1"}', None)


def test_what_comes_after_an_answer_is_never_taken_for_the_next_one() -> None:
    other = GOOD.replace(b"did_1", b"did_2")
    for delay in (False, True):

        def behave(connection: socket.socket, delay: bool = delay) -> None:
            while request_from(connection):
                connection.sendall(GOOD if delay else GOOD + other * 1000)
                if delay:
                    connection.sendall(other)

        with Wire(behave) as wire:
            api = client_of(wire.url, UNHURRIED, concurrency=1, rate=20)
            found = [answer for batch in api.fetch([DID] * 4) for answer in batch]
        assert [(one.did, one.problem) for one in found] == [("did_1", None)] * 4


@pytest.mark.parametrize(
    "broken",
    [
        b"HTTP/1.1 500 X\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1_200_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_a_connection_whose_answer_was_not_read_whole_is_not_used_again(broken: bytes) -> None:
    first = threading.Event()

    def behave(connection: socket.socket) -> None:
        if first.is_set():
            keeps_answering(GOOD)(connection)
        else:
            first.set()
            keeps_answering(broken)(connection)

    with Wire(behave) as wire:
        api = client_of(wire.url, concurrency=1)
        found = [answer.problem for batch in api.fetch([DID] * 3) for answer in batch]
        assert (found[0] is None, found[1:]) == (False, [None, None])
        assert len(wire.connections) == 2


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (GOOD, 1),
        (CHUNKED, 1),
        (b"HTTP/1.1 304 No\r\nContent-Length: 99\r\n\r\n", 1),
        (GOOD.replace(b"OK", b"OK\r\nConnection: x, Close"), 3),
        (GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"), 3),
    ],
)
def test_a_connection_is_used_again_only_where_both_sides_know_the_end(
    answer: bytes, connections: int
) -> None:
    with Wire(keeps_answering(answer)) as wire:
        list(client_of(wire.url, UNHURRIED, concurrency=1).fetch([DID] * 3))
        assert len(wire.connections) == connections


def test_a_connection_that_idled_too_long_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "KEEP_ALIVE_S", 0.0)
    with Wire(keeps_answering(GOOD)) as wire:
        list(client_of(wire.url, UNHURRIED, concurrency=1).fetch([DID] * 3))
        assert len(wire.connections) == 3


def test_a_status_counts_for_more_than_the_state_of_its_body() -> None:
    for status in (b"401", b"404"):
        for end in (stays_silent, lambda _: None):
            head = b"HTTP/1.1 " + status + b" No\r\nContent-Length: 9\r\n\r\n{"
            found = problem_with(sends(head, then=end))
            assert (found.status, found.body) == (int(status), b"{")
            assert found.code in ("unauthorized", "not_found")


def test_a_server_that_says_nothing_runs_into_the_time_limit() -> None:
    expected = "no whole answer came within the time limit"
    assert problem_with(stays_silent).message == expected


def test_no_single_wait_is_longer_than_what_is_left_for_the_whole_answer() -> None:
    limits = Limits(connect_s=60, read_s=60, answer_s=0.1, attempts=1)
    begun = time.monotonic()
    assert problem_with(stays_silent, limits).code == "timeout"
    assert problem_with_https(stays_silent, limits).code == "timeout"
    assert time.monotonic() - begun < 10


def test_a_body_of_30_megabytes_is_never_held() -> None:
    part = b"x" * 65536
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n"
    tracemalloc.start()
    try:
        found = problem_with(sends(head, *[part] * 460), UNHURRIED)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.code, found.body) == ("too_large", part)
    assert peak < 10_000_000


@pytest.mark.parametrize("status", [b"200", b"500"])
def test_nothing_of_a_compressed_body_is_kept_since_a_key_may_hide_in_it(status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b" X\r\nContent-Encoding: identity, gzip\r\n"
    found = problem_with(sends(head + b"Content-Length: 4\r\n\r\n\x1f\x8b\x08\x00"))
    assert (found.status, found.body) == (int(status), b"")


# Names


def test_a_name_that_does_not_resolve_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(transport, "getaddrinfo", unknown)
    found = problem_of(client_of("http://localhost:1"))
    expected = "the host name localhost could not be resolved"
    assert found == Problem("name_not_resolved", expected, no_answer=True)


def test_a_resolver_that_hangs_runs_into_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hang(*_: object, **__: object) -> list[Any]:
        released.wait()
        return []

    monkeypatch.setattr(transport, "getaddrinfo", hang)
    try:
        expected = "no connection was made within the time limit"
        assert problem_of(client_of("http://localhost:1")).message == expected
        remark = "applications could not be read: timeout"
        assert client_of("http://localhost:1").applications().remark == remark
    finally:
        released.set()


def test_an_address_that_does_not_answer_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(sends(GOOD)) as wire:
        places = [(None, None, None, "", (host, 0)) for host in ("::1", "127.0.0.1")]
        monkeypatch.setattr(transport, "getaddrinfo", lambda *_, **__: places)
        assert answer_of(client_of(f"http://localhost:{wire.port}")).problem is None


def problem_with_https(behave: Behaviour, limits: Limits = HASTY) -> Problem:
    with Wire(behave) as wire:
        return problem_of(client_of(https(wire), limits))


def test_no_socket_is_left_open() -> None:
    before = open_files()
    with Wire(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")) as wire:
        for _ in range(5):
            problem_of(client_of(wire.url))
    for _ in range(5):
        problem_with_https(lambda connection: connection.close())
    assert open_files() <= before


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


# What is said to whoever waits


def test_a_server_that_says_nothing_is_given_up_after_the_time_that_was_set(tmp_path: Path) -> None:
    (tmp_path / "changelog.toml").write_text('answer_limit = "1s"\n')
    with Wire(stays_silent) as wire:
        program = Program(tmp_path / "home", api=wire.url)
        ran = program.run("record", "did_1", "--config", str(tmp_path / "changelog.toml")).ended(6)
        # /applications is asked for beside it, once. A second attempt may be under way at the end.
        assert len(wire.connections) <= 3
    assert "no whole answer came within the time limit" in ran.stdout


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "changelog: waiting for the API, 45 s at most for each DID (answer_limit)\n"),
        (
            'answer_limit = "2m"',
            "changelog: waiting for the API, 2 min at most for each DID (answer_limit)\n",
        ),
        ('rate = "1/min"', ""),
    ],
)
def test_whoever_waits_is_told_once_for_how_long(
    content: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "changelog.toml").write_text(content)
    settings = load_settings(str(tmp_path / "a.db"), str(tmp_path / "changelog.toml"))
    RUN.begin(wait=False)
    for _ in range(2):
        context._tell_silence(settings)
    assert capsys.readouterr().err == expected


def test_where_json_is_wanted_nothing_stands_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(str(tmp_path / "a.db"))
    RUN.begin(wait=True)
    context._tell_silence(settings)
    RUN.begin(wait=False)
    assert capsys.readouterr().err == ""
