"""The stand-in for the API behaves as documented, and breaks in every way it is told to."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any

import pytest

from changelog.sandbox.server import Sandbox
from changelog.sandbox.state import BadInputError, Fault, UnknownDidError
from tests.http_client import HttpClient, get

KEY = "mv_sandbox_not_a_secret"
BEARER = {"Authorization": f"Bearer {KEY}"}
NOW = datetime(2026, 11, 23, 3, 0, 0, tzinfo=UTC)
DID_101 = {
    "id": "did_101",
    "customer_id": "cust_123",
    "application_id": "app_support",
    "number_e164": "+15551230001",
    "provider": "didww",
    "status": "active",
    "route_mode": "webhook",
    "created_at": "2026-05-29T12:00:00Z",
    "updated_at": "2026-05-29T12:00:00Z",
}
APP_SUPPORT = {
    "id": "app_support",
    "customer_id": "cust_123",
    "name": "support",
    "answer_url": "https://voice.example.com/support/answer",
    "webhook_url": "https://voice.example.com/support/events",
    "api_key": "mv_sandbox_support_not_a_secret",
    "created_at": "2026-05-29T12:00:00Z",
}
NOT_FOUND = {"error": {"code": "not_found", "message": "DID not found"}}
HANGING = 30.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[HttpClient]:
    with HttpClient(sandbox.url, BEARER) as client:
        yield client


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[HttpClient]:
    address = f"{sandbox.origin}/sandbox"
    with HttpClient(address) as client:
        yield client


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.origin.rpartition(":")[2])


def request_bytes(path: str, method: str = "GET", *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: sandbox", f"Authorization: Bearer {KEY}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def connected(sandbox: Sandbox) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=5)


def all_received(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def exchange(sandbox: Sandbox, sent: bytes) -> tuple[int, str, Any]:
    """The status, the head and the JSON body of the answer to bytes that end the connection."""
    with connected(sandbox) as connection:
        connection.sendall(sent)
        head, _, body = all_received(connection).partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), json.loads(body)


def wait_until_seen(sandbox: Sandbox) -> None:
    deadline = time.monotonic() + 5
    while not sandbox.requests:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def seconds_to_stop(sandbox: Sandbox) -> float:
    begun = time.monotonic()
    sandbox.stop()
    return time.monotonic() - begun


# The documented API


def test_a_did_is_a_flat_object_with_the_documented_fields(api: HttpClient) -> None:
    answer = api.get("/dids/did_101")
    assert (answer.status, answer.json()) == (200, DID_101)
    assert answer.headers["content-type"] == "application/json"


def test_five_dids_with_consecutive_numbers_exist_at_first(api: HttpClient) -> None:
    seen = [api.get(f"/dids/did_10{n}").json()["number_e164"] for n in range(1, 6)]
    assert seen == [f"+1555123000{n}" for n in range(1, 6)]


@pytest.mark.parametrize("number", ["+15551230002", "%2B15551230002"])
def test_a_number_is_found_with_a_literal_and_with_an_encoded_plus(
    api: HttpClient, sandbox: Sandbox, number: str
) -> None:
    assert api.get(f"/dids/by-number/{number}").json()["id"] == "did_102"
    assert sandbox.requests == (("GET", f"/v1/dids/by-number/{number}"),)


def test_an_id_is_percent_decoded_after_the_path_is_split(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.add_did({"id": "did/1 é.0"})
    assert api.get("/dids/did%2F1%20%C3%A9.0").json() == {"id": "did/1 é.0"}


def test_a_query_does_not_hide_a_did(api: HttpClient) -> None:
    assert api.get("/dids/did_101?fresh=1").json() == DID_101


def test_the_applications_come_counted_and_carry_their_api_keys(api: HttpClient) -> None:
    listed = api.get("/applications").json()
    assert list(listed) == ["count", "data"]
    assert listed["count"] == 3
    assert [each["id"] for each in listed["data"]] == [
        "app_support",
        "app_sales",
        "app_maintenance",
    ]
    assert listed["data"][0] == APP_SUPPORT


@pytest.mark.parametrize("path", ["/dids/did_999", "/dids/by-number/+19990000000"])
def test_an_unknown_did_is_the_documented_404(api: HttpClient, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("path", ["", "/dids", "/applications/app_support", "/trunks"])
def test_what_is_not_documented_is_not_found(api: HttpClient, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY])
@pytest.mark.parametrize("path", ["/dids/did_101", "/dids/did_999", "/applications"])
def test_a_missing_or_wrong_key_is_401_whatever_is_asked(
    sandbox: Sandbox, header: str, path: str
) -> None:
    headers = {"Authorization": header} if header else {}
    answer = get(sandbox.url + path, headers=headers)
    assert answer.status == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert answer.json()["error"]["message"]


def test_the_key_is_the_one_that_the_sandbox_was_given() -> None:
    with Sandbox(key="mv_test_other") as sandbox:
        headers = {"Authorization": "bearer mv_test_other"}
        url = f"{sandbox.url}/dids/did_101"
        assert get(url, headers=headers).status == 200
        assert get(url, headers=BEARER).status == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_405_in_the_error_envelope(api: HttpClient, method: str) -> None:
    answer = api.request(method, "/dids/did_101", content=b"{}")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_head_is_405_without_a_body(sandbox: Sandbox) -> None:
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101", "HEAD", "Connection: close"))
        received = all_received(connection)
    assert received.startswith(b"HTTP/1.1 405 ")
    assert received.endswith(b"\r\n\r\n")


def test_every_request_under_v1_is_remembered_as_it_was_sent(
    api: HttpClient, control: HttpClient, sandbox: Sandbox
) -> None:
    api.get("/dids/a%2Fb?x=1")
    api.send("POST", "/dids", {})
    control.get("/dids")
    get(f"{sandbox.origin}/v10/dids/did_101")
    assert sandbox.requests == (("GET", "/v1/dids/a%2Fb?x=1"), ("POST", "/v1/dids"))


def test_a_request_that_is_refused_unread_is_remembered_too(sandbox: Sandbox) -> None:
    status, _, _ = exchange(sandbox, request_bytes("/v1/dids", "BREW"))
    assert status == 501
    exchange(sandbox, request_bytes("/v1/dids", "POST", "Content-Length: 99999999"))
    assert sandbox.requests == (("BREW", "/v1/dids"), ("POST", "/v1/dids"))


# HTTP


def test_one_connection_serves_many_requests(sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=5)
    connection.connect()
    first = connection.sock
    for path, status in (("did_101", 200), ("did_999", 404), ("did_102", 200)):
        connection.request("GET", f"/v1/dids/{path}", headers=BEARER)
        answer = connection.getresponse()
        body = answer.read()
        assert (answer.status, answer.version) == (status, 11)
        assert answer.getheader("Content-Length") == str(len(body))
    assert connection.sock is first
    connection.close()


def test_many_clients_at_once_lose_no_request(sandbox: Sandbox) -> None:
    def read_and_move(worker: int) -> list[int]:
        with HttpClient(sandbox.url, BEARER) as client:
            statuses = []
            for turn in range(20):
                sandbox.move("did_101", application_id=f"app_{worker}_{turn}")
                statuses.append(client.get("/dids/did_101").status)
            return statuses

    with ThreadPoolExecutor(12) as pool:
        statuses = [status for each in pool.map(read_and_move, range(12)) for status in each]
    assert statuses == [200] * 240
    assert len(sandbox.requests) == 240


def test_a_malformed_request_gets_the_error_envelope(sandbox: Sandbox) -> None:
    status, head, body = exchange(sandbox, b"GET /v1/dids/did_101 FTP/7\r\n\r\n")
    assert status == 400
    assert "Connection: close" in head
    assert body["error"]["code"] == "bad_request"


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Content-Length: 1048577", 413, "too_large"),
        ("Content-Length: many", 400, "bad_request"),
        ("Transfer-Encoding: chunked", 411, "length_required"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_the_connection_closed(
    sandbox: Sandbox, header: str, status: int, code: str
) -> None:
    sent = request_bytes("/sandbox/faults", "PUT", header)
    got, head, body = exchange(sandbox, sent)
    assert (got, body["error"]["code"]) == (status, code)
    assert "Connection: close" in head


def test_a_body_that_ends_early_changes_nothing(sandbox: Sandbox) -> None:
    with connected(sandbox) as connection:
        sent = request_bytes("/sandbox/dids/did_101", "PATCH", "Content-Length: 99")
        connection.sendall(sent + b'{"application_id": "app_sales"}')
        connection.shutdown(socket.SHUT_WR)
        assert all_received(connection) == b""
    assert sandbox.did("did_101") == DID_101


def test_a_path_outside_the_api_and_the_control_is_not_found(sandbox: Sandbox) -> None:
    answer = get(f"{sandbox.origin}/")
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_nothing_is_printed(
    api: HttpClient, sandbox: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox.fail(Fault("reset"), times=1)
    with pytest.raises(ConnectionError):
        api.get("/dids/did_101")
    api.get("/dids/did_101")
    api.get("/dids/did_999")
    exchange(sandbox, b"nonsense\r\n\r\n")
    sandbox.fail(Fault("huge"))
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        assert connection.recv(1)
    sandbox.stop()
    assert capfd.readouterr() == ("", "")


# Starting and stopping


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.1", "::", "::1", "example.com"])  # noqa: S104 - refused
def test_only_loopback_can_be_bound(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Sandbox(host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_urls_name_the_loopback_address_and_the_port(host: str) -> None:
    with Sandbox(host=host) as sandbox:
        assert sandbox.origin == f"http://127.0.0.1:{port_of(sandbox)}"
        assert sandbox.url == f"{sandbox.origin}/v1"
        assert get(f"{sandbox.url}/dids/did_101").status == 401


def test_there_is_no_url_before_there_is_a_port() -> None:
    with pytest.raises(RuntimeError, match="port"):
        _ = Sandbox().url
    assert Sandbox(port=8123).url == "http://127.0.0.1:8123/v1"


def test_it_is_started_once_and_stopped_as_often_as_one_likes(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="already"):
        sandbox.start()
    sandbox.stop()
    sandbox.stop()


def test_a_taken_port_is_an_error_of_the_system(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=port_of(sandbox)).start()


def test_stopped_it_refuses_connections_and_started_again_it_is_back_at_the_same_port(
    sandbox: Sandbox,
) -> None:
    url = f"{sandbox.url}/dids/did_101"
    sandbox.move("did_101", application_id="app_sales")
    sandbox.stop()
    with pytest.raises(ConnectionRefusedError):
        get(url, headers=BEARER)
    sandbox.start()
    answer = get(url, headers=BEARER)
    assert answer.json()["application_id"] == "app_sales"


@pytest.mark.parametrize(
    "fault",
    [Fault("slow", seconds=HANGING), Fault("drip", seconds=HANGING), Fault("huge")],
    ids=lambda fault: fault.kind,
)
def test_stop_returns_soon_in_the_middle_of_an_answer_and_leaves_no_thread(fault: Fault) -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox()
    sandbox.start()
    sandbox.fail(fault)
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        wait_until_seen(sandbox)
        assert seconds_to_stop(sandbox) < 3
        left = [thread for thread in threading.enumerate() if thread not in before]
        for thread in left:
            thread.join(3)
        assert not any(thread.is_alive() for thread in left)


def test_stop_ends_an_idle_connection(sandbox: Sandbox) -> None:
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        assert connection.recv(65536)
        assert seconds_to_stop(sandbox) < 3
        assert connection.recv(65536) == b""


# Changing the account


def test_a_move_merges_fields_and_sets_updated_at(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.move("did_101", application_id="app_maintenance", region="eu")
    moved = {"application_id": "app_maintenance", "region": "eu"}
    expected = {**DID_101, **moved, "updated_at": "2026-11-23T03:00:00Z"}
    assert api.get("/dids/did_101").json() == expected


def test_a_move_can_name_its_own_updated_at_and_leave_null_fields(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.move("did_101", application_id=None, updated_at="2026-05-29T12:00:00Z")
    assert api.get("/dids/did_101").json() == {**DID_101, "application_id": None}


def test_an_added_did_has_the_given_fields_and_no_others(api: HttpClient, sandbox: Sandbox) -> None:
    fields: dict[str, object] = {"id": "did_900", "number_e164": "+15559990000", "tags": ["a"]}
    sandbox.add_did(fields)
    assert api.get("/dids/did_900").json() == fields
    assert api.get("/dids/by-number/+15559990000").json() == fields


def test_what_is_changed_by_the_caller_afterwards_does_not_change_the_account(
    sandbox: Sandbox,
) -> None:
    tags = ["a"]
    sandbox.add_did({"id": "did_900", "tags": tags})
    tags.append("b")
    assert sandbox.did("did_900") == {"id": "did_900", "tags": ["a"]}


def test_a_removed_did_is_404_by_id_and_by_number_until_restored(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.remove("did_101")
    for path in ("/dids/did_101", "/dids/by-number/+15551230001"):
        assert (api.get(path).status, api.get(path).json()) == (404, NOT_FOUND)
    sandbox.restore("did_101")
    assert api.get("/dids/did_101").json() == DID_101


def test_an_application_is_merged_or_made(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.set_application("app_support", answer_url="https://voice.example.com/new")
    sandbox.set_application("app_new", name="New")
    listed = {each["id"]: each for each in api.get("/applications").json()["data"]}
    assert listed["app_support"] == {**APP_SUPPORT, "answer_url": "https://voice.example.com/new"}
    assert listed["app_new"]["name"] == "New"
    assert list(listed["app_new"]) == list(APP_SUPPORT)


def test_a_changed_application_leaves_its_dids_as_they_were(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.set_application("app_support", answer_url="https://voice.example.com/new")
    assert api.get("/dids/did_101").json() == DID_101


def test_a_did_that_does_not_exist_cannot_be_moved_removed_or_restored(sandbox: Sandbox) -> None:
    for change in (sandbox.move, sandbox.remove, sandbox.restore):
        with pytest.raises(UnknownDidError, match="did_999"):
            change("did_999")


def test_ids_never_change_and_only_json_is_stored(sandbox: Sandbox) -> None:
    with pytest.raises(BadInputError, match="keeps its id"):
        sandbox.move("did_101", id="did_102")
    with pytest.raises(BadInputError, match="keeps its id"):
        sandbox.set_application("app_sales", id="app_support")
    with pytest.raises(BadInputError, match="needs an id"):
        sandbox.add_did({"number_e164": "+15551230001"})
    with pytest.raises(BadInputError, match="not JSON"):
        sandbox.move("did_101", updated_at=NOW)


# Faults


def test_slow_answers_late_and_truly(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("slow", seconds=0.05), times=1)
    assert api.get("/dids/did_101").json() == DID_101


def test_slow_sends_nothing_before_its_time(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("slow", seconds=HANGING))
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_drip_sends_the_head_at_once_and_the_body_byte_by_byte(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("drip", seconds=0.2))
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        assert connection.recv(65536).endswith(b"\r\n\r\n")
        assert connection.recv(65536) == b"{"


def test_drip_can_begin_with_the_head(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("drip", seconds=0.2, head=True))
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        assert connection.recv(65536) == b"H"


@pytest.mark.parametrize("head", [False, True])
def test_drip_sends_the_true_answer_in_the_end(
    api: HttpClient, sandbox: Sandbox, head: bool
) -> None:
    sandbox.fail(Fault("drip", seconds=0, head=head))
    assert api.get("/dids/did_101").json() == DID_101


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (401, "unauthorized", {}),
        (403, "forbidden", {}),
        (429, "too_many_requests", {"retry-after": "1"}),
        (500, "internal_server_error", {}),
        (503, "service_unavailable", {}),
        (302, "found", {"location": "/v1/moved"}),
        (599, "status_599", {}),
    ],
)
def test_status_answers_with_an_error_envelope_and_the_headers_that_go_with_it(
    api: HttpClient, sandbox: Sandbox, status: int, code: str, headers: dict[str, str]
) -> None:
    sandbox.fail(Fault("status", status=status))
    answer = api.get("/dids/did_101")
    assert answer.status == status
    assert answer.json()["error"]["code"] == code
    named = {
        name: answer.headers[name] for name in ("retry-after", "location") if name in answer.headers
    }
    assert named == headers


def test_status_is_500_unless_said(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status"))
    assert api.get("/dids/did_101").status == 500


def test_given_headers_stand_instead_of_the_usual_ones(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=429, headers={"retry-after": "7"}), times=1)
    sandbox.fail(Fault("status", status=429, headers={}), times=1)
    assert api.get("/dids/did_101").headers["retry-after"] == "7"
    assert "retry-after" not in api.get("/dids/did_101").headers


def test_cut_promises_more_than_it_sends_and_closes(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("cut"))
    with pytest.raises(http.client.IncompleteRead):
        api.get("/dids/did_101")
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        head, _, body = all_received(connection).partition(b"\r\n\r\n")
    full = json.dumps(DID_101).encode()
    assert f"Content-Length: {len(full)}".encode() in head
    assert body == full[: len(full) // 2]


def test_html_is_a_page_with_status_200(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("html"))
    answer = api.get("/dids/did_101")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")


def test_list_is_a_json_list_with_status_200(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("list"))
    answer = api.get("/dids/did_101")
    assert (answer.status, answer.json()) == (200, [DID_101])


def test_huge_is_valid_json_of_just_that_many_bytes(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("huge", size=1_000_000))
    answer = api.get("/dids/did_101")
    assert len(answer.content) == 1_000_000
    assert answer.json() == DID_101


def test_huge_is_thirty_megabytes_unless_said(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("huge"))
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        assert b"\r\nContent-Length: 30000000\r\n" in connection.recv(65536)


@pytest.mark.parametrize("path", ["/dids/did_101", "/dids/by-number/+15551230001", "/dids/did_999"])
def test_other_did_answers_with_the_body_of_another_did(
    api: HttpClient, sandbox: Sandbox, path: str
) -> None:
    sandbox.fail(Fault("other_did"))
    answer = api.get(path)
    assert answer.status == 200
    assert answer.json()["id"] not in path
    assert answer.json()["number_e164"] not in path


def test_raw_sends_any_bytes_with_any_status_and_type(api: HttpClient, sandbox: Sandbox) -> None:
    headers = {"content-type": "text/plain"}
    sandbox.fail(Fault("raw", status=418, body=b"\xff\x00{", headers=headers), times=1)
    sandbox.fail(Fault("raw"), times=1)
    answer = api.get("/dids/did_101")
    assert (answer.status, answer.content) == (418, b"\xff\x00{")
    assert answer.headers.get_all("content-type") == ["text/plain"]
    answer = api.get("/dids/did_101")
    assert (answer.status, answer.content) == (200, b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_that_has_no_body_gets_none(
    api: HttpClient, sandbox: Sandbox, status: int
) -> None:
    sandbox.fail(Fault("raw", status=status, body=b"{}"), times=1)
    assert api.get("/dids/did_101").content == b""
    assert api.get("/dids/did_101").json() == DID_101


def test_reset_closes_the_connection_without_an_answer(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("reset"))
    with pytest.raises(ConnectionError):
        api.get("/dids/did_101")
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        with pytest.raises(ConnectionResetError):
            connection.recv(65536)


def test_a_fault_lasts_for_its_number_of_requests(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=503), times=2)
    assert [api.get("/dids/did_101").status for _ in range(4)] == [503, 503, 200, 200]


def test_faults_with_times_come_in_order_and_before_the_standing_one(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=403))
    sandbox.fail(Fault("status", status=503), times=2)
    sandbox.fail(Fault("status", status=429), times=1)
    assert [api.get("/dids/did_101").status for _ in range(5)] == [503, 503, 429, 403, 403]


def test_a_standing_fault_is_replaced_by_the_next_and_ended_by_clearing(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=500))
    sandbox.fail(Fault("status", status=503))
    sandbox.fail(Fault("status", status=401), did="did_102", times=3)
    assert [api.get("/dids/did_101").status for _ in range(2)] == [503, 503]
    sandbox.clear_faults()
    assert [api.get(f"/dids/{did}").status for did in ("did_101", "did_102")] == [200, 200]


def test_a_fault_of_one_did_hits_it_by_id_and_by_number_and_no_other(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault("status", status=503), did="did_101")
    paths = (
        "/dids/did_101",
        "/dids/by-number/+15551230001",
        "/dids/did_102",
        "/dids/by-number/+15551230002",
        "/applications",
    )
    assert [api.get(path).status for path in paths] == [503, 503, 200, 200, 200]


def test_a_fault_for_all_hits_the_applications_too(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=503))
    paths = ("/dids/did_101", "/dids/did_102", "/dids/by-number/+19990000000", "/applications")
    assert [api.get(path).status for path in paths] == [503] * 4


def test_a_fault_of_the_applications_hits_no_did(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("list"), applications=True)
    assert isinstance(api.get("/applications").json(), list)
    assert api.get("/dids/did_101").json() == DID_101


def test_a_did_s_own_fault_goes_before_the_one_for_all(api: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=503))
    sandbox.fail(Fault("status", status=403), did="did_101", times=1)
    assert [api.get("/dids/did_101").status for _ in range(2)] == [403, 503]


def test_a_fault_never_hits_the_control(control: HttpClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault("reset"))
    assert control.get("/dids").status == 200


def test_a_fault_is_a_frozen_value() -> None:
    with pytest.raises(FrozenInstanceError):
        Fault("slow").seconds = 2  # type: ignore[misc]  # the error is what is tested
    assert len({Fault("slow"), Fault("slow"), Fault("reset")}) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "sloow"}, "kind must be one of"),
        ({"seconds": -1}, "seconds must lie"),
        ({"seconds": float("nan")}, "seconds must lie"),
        ({"status": 100}, "status must lie"),
        ({"size": -1}, "size must lie"),
        ({"headers": {"X-A": "b\r\nX-C: d"}}, "not a header"),
        ({"headers": {"X A": "b"}}, "not a header"),
        ({"headers": {"content-length": "1"}}, "belongs to the server"),
    ],
)
def test_a_fault_that_cannot_be_served_cannot_be_made(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        Fault(**{"kind": "slow", **fields})


def test_a_plan_that_can_never_come_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(BadInputError, match="times"):
        sandbox.fail(Fault("slow"), times=0)
    with pytest.raises(BadInputError, match="not for both"):
        sandbox.fail(Fault("slow"), did="did_101", applications=True)


# Control over HTTP


def test_control_lists_the_dids_without_a_key(control: HttpClient) -> None:
    listed = control.get("/dids").json()
    assert (listed["count"], listed["data"][0]) == (5, DID_101)


def test_control_moves_a_did(control: HttpClient, api: HttpClient) -> None:
    moved = control.send("PATCH", "/dids/did_101", {"application_id": "app_sales", "did": 1})
    expected = {**DID_101, "application_id": "app_sales", "did": 1}
    assert moved.status == 200
    assert moved.json() == {**expected, "updated_at": "2026-11-23T03:00:00Z"}
    assert api.get("/dids/did_101").json() == moved.json()


def test_control_creates_and_replaces_a_did(control: HttpClient, api: HttpClient) -> None:
    for fields in ({"number_e164": "+15559990000"}, {"route_mode": None}):
        assert control.send("PUT", "/dids/did%2F900", fields).json() == {"id": "did/900", **fields}
        assert api.get("/dids/did%2F900").json() == {"id": "did/900", **fields}


def test_control_deletes_a_did(control: HttpClient, api: HttpClient) -> None:
    assert control.delete("/dids/did_101").json() == DID_101
    assert api.get("/dids/did_101").status == 404


def test_control_changes_an_application(control: HttpClient, api: HttpClient) -> None:
    changed = control.send(
        "PATCH", "/applications/app_support", {"answer_url": "https://x.example"}
    )
    assert changed.json() == {**APP_SUPPORT, "answer_url": "https://x.example"}
    assert api.get("/applications").json()["data"][0] == changed.json()


def test_control_plans_a_fault_with_all_its_fields(control: HttpClient, api: HttpClient) -> None:
    plan = {
        "kind": "raw",
        "status": 418,
        "body": "é",
        "headers": {"X-Reason": "test"},
        "did": "did_101",
        "times": 1,
    }
    answer = control.send("PUT", "/faults", plan)
    assert (answer.status, answer.json()) == (200, plan)
    hit = api.get("/dids/did_101")
    assert (hit.status, hit.text, hit.headers["x-reason"]) == (418, "é", "test")
    assert api.get("/dids/did_101").status == 200


def test_control_plans_a_fault_of_the_applications(control: HttpClient, api: HttpClient) -> None:
    control.send("PUT", "/faults", {"kind": "status", "applications": True})
    assert api.get("/applications").status == 500
    assert api.get("/dids/did_101").status == 200


@pytest.mark.parametrize("seconds", [1, 0.5])
def test_control_takes_whole_and_broken_seconds(control: HttpClient, seconds: float) -> None:
    assert control.send("PUT", "/faults", {"kind": "slow", "seconds": seconds}).status == 200


def test_control_clears_the_faults(control: HttpClient, api: HttpClient) -> None:
    control.send("PUT", "/faults", {"kind": "reset"})
    assert control.delete("/faults").json() == {"cleared": True}
    assert api.get("/dids/did_101").status == 200


def test_control_lists_the_requests_under_v1(control: HttpClient, api: HttpClient) -> None:
    api.get("/dids/did_101")
    seen = {"method": "GET", "path": "/v1/dids/did_101"}
    assert control.get("/requests").json() == {"count": 1, "data": [seen]}


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PATCH", "/dids/did_101", "", "not JSON"),
        ("PATCH", "/dids/did_101", "{", "not JSON"),
        ("PATCH", "/dids/did_101", "[" * 100_000, "not JSON"),
        ("PATCH", "/dids/did_101", '{"a": NaN}', "NaN"),
        ("PATCH", "/dids/did_101", '{"a": 1e999}', "not JSON"),
        ("PATCH", "/dids/did_101", "[]", "must be a JSON object"),
        ("PATCH", "/dids/did_101", '{"id": "did_102"}', "keeps its id"),
        ("PUT", "/dids/did_101", '{"id": "did_102"}', "not the one in the path"),
        ("PUT", "/dids/", "{}", "needs an id"),
        ("PATCH", "/applications/app_sales", '{"id": "x"}', "keeps its id"),
        ("PUT", "/faults", "{}", "needs a kind"),
        ("PUT", "/faults", '{"kind": "sloow"}', "one of: slow, drip"),
        ("PUT", "/faults", '{"kind": 1}', "kind must be a text"),
        ("PUT", "/faults", '{"kind": "slow", "second": 1}', "unknown field 'second'"),
        ("PUT", "/faults", '{"kind": "slow", "seconds": "1"}', "seconds must be a number"),
        ("PUT", "/faults", '{"kind": "slow", "seconds": true}', "seconds must be a number"),
        ("PUT", "/faults", '{"kind": "slow", "seconds": 1e999}', "seconds must lie"),
        ("PUT", "/faults", '{"kind": "slow", "times": 1.5}', "times must be a whole number"),
        ("PUT", "/faults", '{"kind": "slow", "times": 0}', "times must lie"),
        ("PUT", "/faults", '{"kind": "slow", "headers": {"A": 1}}', "object of texts"),
        ("PUT", "/faults", '{"kind": "raw", "body": "\\ud800"}', "UTF-8"),
        ("PUT", "/faults", '{"kind": "slow", "did": "a", "applications": true}', "not for both"),
    ],
)
def test_control_says_what_is_wrong_with_a_body(
    control: HttpClient, method: str, path: str, body: str, message: str
) -> None:
    answer = control.request(method, path, content=body)
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "bad_request"
    assert message in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("PATCH", "/dids/did_999", "there are: did_101"),
        ("DELETE", "/dids/did_999", "there are: did_101"),
        ("PATCH", "/applications/app_suport", "there are: app_support"),
        ("POST", "/faults", "PUT or DELETE /sandbox/faults"),
        ("GET", "/nothing", "GET /sandbox/requests"),
    ],
)
def test_control_says_what_there_is_instead_of_what_there_is_not(
    control: HttpClient, method: str, path: str, message: str
) -> None:
    answer = control.request(method, path, content=b"{}")
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert message in answer.json()["error"]["message"]


def test_control_takes_a_body_of_a_mebibyte_and_no_more(control: HttpClient) -> None:
    frame = len('{"x": ""}')
    for size, status in ((1024 * 1024, 200), (1024 * 1024 + 1, 413)):
        body = json.dumps({"x": "x" * (size - frame)})
        assert len(body) == size
        assert control.request("PATCH", "/dids/did_101", body).status == status
