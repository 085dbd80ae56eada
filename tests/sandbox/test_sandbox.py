"""The stand-in for the API behaves as documented, and is slow or broken where it is told to be."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from changelog.sandbox.account import Fault
from changelog.sandbox.server import Sandbox
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


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_405_in_the_error_envelope(api: HttpClient, method: str) -> None:
    answer = api.request(method, "/dids/did_101", content=b"{}")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_every_request_under_v1_is_remembered_as_it_was_sent(
    api: HttpClient, control: HttpClient, sandbox: Sandbox
) -> None:
    api.get("/dids/a%2Fb?x=1")
    api.send("POST", "/dids", {})
    control.send("DELETE", "/faults", {})
    get(f"{sandbox.origin}/v10/dids/did_101")
    assert sandbox.requests == (("GET", "/v1/dids/a%2Fb?x=1"), ("POST", "/v1/dids"))


# HTTP


def test_a_malformed_request_gets_the_error_envelope(sandbox: Sandbox) -> None:
    status, head, body = exchange(sandbox, b"GET /v1/dids/did_101 FTP/7\r\n\r\n")
    assert status == 400
    assert "Connection: close" in head
    assert body["error"]["code"] == "bad_request"


# Starting and stopping


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


def test_stop_returns_soon_in_the_middle_of_an_answer_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox()
    sandbox.start()
    sandbox.plan_fault(Fault("slow", seconds=600))
    with connected(sandbox) as connection:
        connection.sendall(request_bytes("/v1/dids/did_101"))
        wait_until_seen(sandbox)
        sandbox.stop()
        assert connection.recv(65536) == b""
        left = [thread for thread in threading.enumerate() if thread not in before]
        for thread in left:
            thread.join(3)
        assert not any(thread.is_alive() for thread in left)


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


def test_a_removed_did_is_404_by_id_and_by_number_until_restored(
    api: HttpClient, sandbox: Sandbox
) -> None:
    sandbox.remove("did_101")
    for path in ("/dids/did_101", "/dids/by-number/+15551230001"):
        assert (api.get(path).status, api.get(path).json()) == (404, NOT_FOUND)
    sandbox.restore("did_101")
    assert api.get("/dids/did_101").json() == DID_101


# Control over HTTP


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


def test_control_plans_an_error_for_all_and_clears_it(control: HttpClient, api: HttpClient) -> None:
    plan = {"kind": "status", "status": 503}
    assert control.send("PUT", "/faults", plan).json() == plan
    answer = api.get("/dids/did_101")
    assert (answer.status, answer.json()["error"]["code"]) == (503, "service_unavailable")
    assert api.get("/applications").status == 503
    assert control.delete("/faults").json() == {"cleared": True}
    assert api.get("/dids/did_101").json() == DID_101


def test_control_plans_a_fault_of_one_did_by_id_and_by_number(
    control: HttpClient, api: HttpClient
) -> None:
    control.send("PUT", "/faults", {"kind": "status", "status": 500, "did": "did_101"})
    paths = ("did_101", "by-number/+15551230001", "did_102", "by-number/+15551230002")
    assert [api.get(f"/dids/{path}").status for path in paths] == [500, 500, 200, 200]


@pytest.mark.parametrize("seconds", [0, 0.01])
def test_control_plans_answers_that_come_late_and_are_true(
    control: HttpClient, api: HttpClient, seconds: float
) -> None:
    control.send("PUT", "/faults", {"kind": "slow", "seconds": seconds})
    assert api.get("/dids/did_101").json() == DID_101


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PATCH", "/dids/did_101", "", "not JSON"),
        ("PATCH", "/dids/did_101", "{", "not JSON"),
        ("PATCH", "/dids/did_101", "[]", "must be a JSON object"),
        ("PUT", "/faults", "{}", "a fault is"),
        ("PUT", "/faults", '{"kind": "slow", "second": 1}', "a fault is"),
        ("PUT", "/faults", '{"kind": "slow", "seconds": "1"}', "a fault is"),
        ("PUT", "/faults", '{"kind": "status", "status": 600}', "a fault is"),
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
        ("GET", "/nothing", "PUT or DELETE /sandbox/faults"),
    ],
)
def test_control_says_what_there_is_instead_of_what_there_is_not(
    control: HttpClient, method: str, path: str, message: str
) -> None:
    answer = control.request(method, path, content=b"{}")
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert message in answer.json()["error"]["message"]
