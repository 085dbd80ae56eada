"""The client reads DIDs over real HTTP, says why where it cannot, and keeps the key to itself."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from changelog.api import client, keys
from changelog.api.client import ApiClient
from changelog.api.exchange import Limits
from changelog.api.keys import check_key
from changelog.model.answers import Answer, Applications, Problem
from changelog.model.did_ref import Target
from changelog.model.ports import Api
from tests.sandbox_faults import Fault, Sandbox

KEY = "mv_sandbox_0123456789"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HASTY = Limits(connect_s=0.2, read_s=0.15, answer_s=0.2, attempts=1)
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
TEXT_101 = str(DID_101).replace("'", '"')
NOT_FOUND = b'{"error": {"code": "not_found", "message": "DID not found"}}'


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """The pauses that a client of `client_of` would have made, in seconds."""
    return []


def client_of(
    sandbox: Sandbox, waits: list[float] | None = None, key: str = KEY, **options: Any
) -> ApiClient:
    """A client that notes its pauses in `waits` instead of making them, and has no luck."""

    def pause(stop: threading.Event, seconds: float) -> bool:
        if waits is not None:
            waits.append(seconds)
        return stop.is_set()

    settings = {"clock": lambda: NOW, "chance": lambda: 1.0, "pause": pause, **options}
    return ApiClient(sandbox.url, [check_key(key)], **settings)


def by_id(*dids: str) -> list[Target]:
    return [Target(did, did) for did in dids]


def answers(api: Api, targets: list[Target]) -> dict[str, Answer]:
    fetched = [answer for batch in api.fetch(iter(targets)) for answer in batch]
    by_request = {answer.requested: answer for answer in fetched}
    assert len(by_request) == len(fetched)
    return by_request


def answer(api: Api, target: Target) -> Answer:
    return answers(api, [target])[target.requested]


def problem(api: Api, target: Target) -> Problem:
    found = answer(api, target)
    assert (found.body, found.fields, found.did) == ("", {}, target.did)
    assert found.problem is not None
    return found.problem


def paths(sandbox: Sandbox) -> list[str]:
    return [path for _, path in sandbox.requests]


# What is asked for


def test_a_did_is_read_by_its_id_and_kept_verbatim(sandbox: Sandbox) -> None:
    found = answer(client_of(sandbox), Target("the first", "did_101"))
    assert found == Answer(
        requested="the first",
        received_at=NOW,
        did="did_101",
        body=TEXT_101,
        fields=DID_101,
        key="key-35661e41",
    )
    assert sandbox.requests == (("GET", "/v1/dids/did_101"),)


def test_a_did_is_read_by_its_number_with_a_literal_plus(sandbox: Sandbox) -> None:
    target = Target("+1 555 123-0001", None, "+15551230001")
    assert answer(client_of(sandbox), target).did == "did_101"
    assert paths(sandbox) == ["/v1/dids/by-number/+15551230001"]


def test_a_number_that_went_to_another_did_is_read_as_that_one(sandbox: Sandbox) -> None:
    found = answer(client_of(sandbox), Target("n", "did_105", "+15551230001"))
    assert (found.did, found.problem) == ("did_101", None)


@pytest.mark.parametrize(
    ("body", "known", "expected"),
    [
        ({"id": "did_9", "number_e164": "+15550000000"}, "did_9", "other_did"),
        ({"id": "did_9"}, "did_9", None),
        ({"id": "did_9"}, None, None),
        ({"id": "did_9", "number_e164": None}, "did_1", "other_did"),
    ],
)
def test_by_number_the_number_decides_and_without_one_the_known_id(
    sandbox: Sandbox, body: dict[str, Any], known: str | None, expected: str | None
) -> None:
    sandbox.fail(Fault("raw", body=str(body).replace("'", '"').replace("None", "null").encode()))
    found = answer(client_of(sandbox), Target("n", known, "+15551230001"))
    assert (found.problem and found.problem.code) == expected
    assert found.did == (known if expected else "did_9")


@pytest.mark.parametrize(
    "did",
    [
        "a/b",
        "..",
        ".",
        "../applications",
        "%2e%2e",
        "a?b=c",
        "a#b",
        "a@b",
        "a%2Fb",
        "a b",
        "é",
        "+",
    ],
)
def test_a_hostile_id_reaches_the_api_as_one_segment(sandbox: Sandbox, did: str) -> None:
    sandbox.add_did({"id": did})
    found = answer(client_of(sandbox), Target(did, did))
    assert (found.did, found.problem) == (did, None)
    (path,) = paths(sandbox)
    assert path.startswith("/v1/dids/")
    assert path.count("/") == 3
    assert path.split("/")[3] not in (".", "..")


def test_an_id_that_no_text_encoding_can_spell_is_still_asked_for(sandbox: Sandbox) -> None:
    assert problem(client_of(sandbox), Target("\ud800", "\ud800")).status == 404
    assert paths(sandbox) == ["/v1/dids/%ED%A0%80"]


def test_nothing_but_get_is_ever_sent(sandbox: Sandbox) -> None:
    api = client_of(sandbox)
    sandbox.fail(Fault("status", status=307), did="did_102")
    sandbox.fail(Fault("status", status=503), did="did_103")
    answers(api, by_id("did_101", "did_102", "did_103", "did_none"))
    api.applications()
    assert {method for method, _ in sandbox.requests} == {"GET"}
    assert len(sandbox.requests) == 8


# What can go wrong


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault("status", status=400), "bad_request", 400),
        (Fault("status", status=403), "forbidden", 403),
        (Fault("status", status=429), "too_many_requests", 429),
        (Fault("status", status=500), "internal_server_error", 500),
        (Fault("raw", status=401), "unauthorized", 401),
        (Fault("raw", status=403, body=b"<p>no</p>"), "http_403", 403),
        (Fault("raw", status=404, body=b"<p>no</p>"), "not_found", 404),
        (Fault("raw", status=429), "rate_limited", 429),
        (Fault("raw", status=500, body=b'{"error": "broken"}'), "http_500", 500),
        (Fault("raw", status=502, body=b'{"error": {"code": 7}}'), "http_502", 502),
        (Fault("status", status=301), "redirect", 301),
        (Fault("raw", status=304), "redirect", 304),
        (Fault("raw", status=204), "not_json", 204),
        (Fault("html"), "not_json", 200),
        (Fault("raw", body=b"\xff{}"), "not_json", 200),
        (Fault("raw", body=b"NaN"), "not_json", 200),
        (Fault("raw", body=b"[" * 5000 + b"]" * 5000), "not_json", 200),
        (Fault("list"), "wrong_shape", 200),
        (Fault("raw", body=b'{"id": ""}'), "wrong_shape", 200),
        (Fault("raw", body=b'{"id": 101}'), "wrong_shape", 200),
        (Fault("raw", body=b'{"data": {"id": "did_101"}}'), "wrong_shape", 200),
        (Fault("raw", body=b'{"error": {"code": "x", "message": "y"}}'), "x", 200),
        (Fault("other_did"), "other_did", 200),
        (Fault("huge", size=1_100_000), "too_large", 200),
        (Fault("cut"), "cut_off", 200),
        (Fault("reset"), "connection_failed", None),
        (Fault("slow", seconds=5), "timeout", None),
        (Fault("drip", seconds=0.02), "timeout", 200),
        (Fault("drip", seconds=0.02, head=True), "timeout", None),
        (Fault("raw", status=404, headers={"Content-Encoding": "br"}), "not_found", 404),
        (Fault("raw", body=b"{}", headers={"Content-Encoding": "gzip"}), "bad_encoding", 200),
    ],
)
def test_each_way_to_fail_has_its_own_code(
    sandbox: Sandbox, fault: Fault, code: str, status: int | None
) -> None:
    sandbox.fail(fault)
    found = problem(client_of(sandbox, limits=HASTY), Target("did_101", "did_101"))
    assert (found.code, found.status) == (code, status)
    assert found.no_answer == (status is None)
    assert 0 < len(found.message) <= 100


def test_an_unknown_did_keeps_its_404_and_the_providers_own_words(sandbox: Sandbox) -> None:
    api = client_of(sandbox)
    expected = Problem("not_found", "DID not found", 404, NOT_FOUND)
    assert problem(api, Target("did_9", "did_9")) == expected
    assert problem(api, Target("n", "did_9", "+15559999999")) == expected
    assert problem(api, Target("n", None, "+15559999999")) == expected


def test_a_connection_that_is_refused_says_so(sandbox: Sandbox) -> None:
    api = client_of(sandbox, limits=HASTY)
    sandbox.stop()
    expected = Problem("connection_refused", "the connection was refused", no_answer=True)
    assert problem(api, Target("did_101", "did_101")) == expected


def test_a_byte_order_mark_is_no_part_of_the_body(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("raw", body=b'\xef\xbb\xbf{"id": "did_101"}'))
    assert answer(client_of(sandbox), Target("did_101", "did_101")).body == '{"id": "did_101"}'


def test_an_error_keeps_what_no_database_holds_as_escapes_and_no_more_than_fits(
    sandbox: Sandbox,
) -> None:
    message = "\\ud800" + "m" * 1000
    body = f'{{"error": {{"code": "a\\u0000{"c" * 200}", "message": "{message}"}}}}'
    sandbox.fail(Fault("raw", status=400, body=body.encode()))
    found = problem(client_of(sandbox), Target("did_101", "did_101"))
    assert found.code == "a\\u0000" + "c" * 93
    assert found.message == "\\ud800" + "m" * 494
    assert found.body == body.encode()


def test_an_unreadable_body_is_kept_up_to_64_kib(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("raw", status=400, body=b"\xff" + b"x" * 100_000))
    found = problem(client_of(sandbox), Target("did_101", "did_101"))
    assert found.body == b"\xff" + b"x" * (64 * 1024 - 1)


def test_a_body_is_read_whole_up_to_the_limit(sandbox: Sandbox) -> None:
    limit = len(TEXT_101) + 1
    for size, code in ((limit, None), (limit + 1, "too_large")):
        sandbox.fail(Fault("huge", size=size))
        api = client_of(sandbox, limits=replace(HASTY, body_bytes=limit))
        found = answer(api, Target("did_101", "did_101"))
        assert (found.problem and found.problem.code) == code


# Asking again


def test_an_api_that_recovers_is_read_after_growing_waits(
    sandbox: Sandbox, waits: list[float]
) -> None:
    for fault in (Fault("status", status=503), Fault("reset"), Fault("cut")):
        sandbox.fail(fault, times=1)
    assert answer(client_of(sandbox, waits), Target("did_101", "did_101")).problem is None
    assert (waits, len(sandbox.requests)) == ([0.5, 1.0, 2.0], 4)


def test_the_waits_grow_to_a_longest_one_and_chance_shortens_them(
    sandbox: Sandbox, waits: list[float]
) -> None:
    sandbox.fail(Fault("status", status=500))
    api = client_of(sandbox, waits, limits=Limits(attempts=7), chance=lambda: 0.5)
    assert problem(api, Target("did_101", "did_101")).status == 500
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]


def test_a_server_that_is_started_late_is_reached(sandbox: Sandbox) -> None:
    sandbox.stop()

    def start_meanwhile(stop: threading.Event, _seconds: float) -> bool:
        sandbox.start()
        return stop.is_set()

    api = client_of(sandbox, pause=start_meanwhile)
    assert answer(api, Target("did_101", "did_101")).problem is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 301])
def test_what_will_not_change_is_asked_once(
    sandbox: Sandbox, waits: list[float], status: int
) -> None:
    sandbox.fail(Fault("status", status=status))
    assert problem(client_of(sandbox, waits), Target("did_101", "did_101")).status == status
    assert (waits, len(sandbox.requests)) == ([], 1)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wish", "wait"),
    [
        ("7", 7.0),
        ("30", 30.0),
        ("0", 0.5),
        ("Mon, 23 Nov 2026 03:00:09 GMT", 9.0),
        ("Mon, 23 Nov 2026 03:00:09 -0000", 9.0),
        ("Mon, 23 Nov 2026 02:00:00 GMT", 0.5),
        ("soon", 0.5),
        # Too long: there is no other attempt.
        ("31", None),
        ("9" * 400, None),
        ("Mon, 23 Nov 2026 04:00:00 GMT", None),
    ],
)
def test_the_wait_that_the_api_wishes_for_is_kept_unless_it_is_too_long(
    sandbox: Sandbox, waits: list[float], status: int, wish: str, wait: float | None
) -> None:
    sandbox.fail(Fault("status", status=status, headers={"Retry-After": wish}), times=1)
    found = answer(client_of(sandbox, waits), Target("did_101", "did_101"))
    assert (found.problem is None, waits) == (wait is not None, [] if wait is None else [wait])


def test_a_refused_key_ends_the_wait_of_the_others_at_once(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("status", status=503), did="did_101")
    refused = [f"did_{n}" for n in range(200, 200 + keys.MOST_REFUSALS)]
    for did in refused:
        sandbox.fail(Fault("status", status=401), did=did)
    patient = Limits(backoff_s=3600, longest_backoff_s=3600, target_s=10_000)
    api = client_of(sandbox, limits=patient, pause=threading.Event.wait)
    found = answers(api, by_id("did_101", *refused))
    assert {did: one.problem and one.problem.status for did, one in found.items()} == {
        "did_101": 503,
        **dict.fromkeys(refused, 401),
    }


def test_one_time_limit_holds_for_all_attempts_at_one_did_together(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("drip", seconds=0.02))
    for answer_s in (0.2, 60):
        limits = Limits(read_s=5, answer_s=answer_s, attempts=100, backoff_s=0, target_s=0.5)
        found = problem(client_of(sandbox, limits=limits), Target("did_101", "did_101"))
        assert found.code == "timeout"
    assert len(sandbox.requests) <= 6


def test_a_wait_that_would_outlast_the_time_limit_is_not_begun(
    sandbox: Sandbox, waits: list[float]
) -> None:
    sandbox.fail(Fault("status", status=503, headers={"Retry-After": "20"}))
    api = client_of(sandbox, waits, limits=Limits(target_s=15))
    assert problem(api, Target("did_101", "did_101")).status == 503
    assert (waits, len(sandbox.requests)) == ([], 1)


def test_to_wait_for_the_rate_takes_nothing_from_the_time_limit(sandbox: Sandbox) -> None:
    limits = Limits(target_s=1)
    api = client_of(sandbox, rate=0.8, concurrency=1, limits=limits, pause=threading.Event.wait)
    found = answers(api, by_id("did_101", "did_102"))
    assert [one.problem for one in found.values()] == [None] * 2


def test_requests_start_evenly_at_the_rate(sandbox: Sandbox, waits: list[float]) -> None:
    api = client_of(sandbox, waits, rate=0.1, concurrency=1)
    answers(api, by_id("did_101", "did_102", "did_103"))
    assert waits[0] == 0
    assert waits[1:] == pytest.approx([10, 20], abs=2)


def test_a_thread_that_waits_for_its_turn_sends_nothing_after_the_end(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_REFUSALS", 1)
    sandbox.fail(Fault("status", status=401))
    api = client_of(sandbox, rate=0.001, concurrency=2, pause=threading.Event.wait)
    assert len(answers(api, by_id("did_101", "did_102"))) == 1
    assert len(sandbox.requests) == 1


# When to stop


def test_a_refused_key_stops_the_run_and_its_answers_are_given_back(sandbox: Sandbox) -> None:
    api = client_of(sandbox, key="mv_sandbox_another", concurrency=3)
    found = answers(api, by_id(*(f"did_{n}" for n in range(1000))))
    assert api.stopped_because == "unauthorized"
    assert keys.MOST_REFUSALS <= len(found) <= keys.MOST_REFUSALS + 3
    assert len(sandbox.requests) == len(found)
    assert all(one.problem and one.problem.status == 401 for one in found.values())


def test_twenty_dids_in_a_row_without_any_answer_stop_the_run(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("reset"))
    api = client_of(sandbox, limits=HASTY, concurrency=4)
    found = answers(api, by_id(*(f"did_{n}" for n in range(1000))))
    assert api.stopped_because == "no_answer"
    assert 20 <= len(found) <= 23


def test_an_answer_in_between_begins_the_count_anew(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("reset"), times=19)
    sandbox.fail(Fault("status", status=404), times=1)
    sandbox.fail(Fault("reset"), times=19)
    api = client_of(sandbox, limits=HASTY, concurrency=1)
    assert len(answers(api, by_id(*(f"did_{n}" for n in range(40))))) == 40
    assert api.stopped_because is None


def test_a_body_that_is_cut_off_counts_as_an_answer(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("cut"))
    api = client_of(sandbox, limits=HASTY)
    assert len(answers(api, by_id(*(f"did_{n}" for n in range(40))))) == 40
    assert api.stopped_because is None


def test_closing_gives_up_an_answer_that_drips(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("drip", seconds=0.02), did="did_102")
    batches = client_of(sandbox).fetch(by_id("did_102", "did_101"))
    assert [one.did for one in next(batches)] == ["did_101"]
    batches.close()
    wait_for_threads()


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("changelog-"):
            thread.join(timeout=5)
            assert not thread.is_alive()


# The applications


def test_the_answer_url_of_each_application_is_read(sandbox: Sandbox) -> None:
    urls = {
        f"app_{name}": f"https://voice.example.com/{name}/answer"
        for name in ("support", "sales", "maintenance")
    }
    assert client_of(sandbox).applications() == Applications(urls)
    assert sandbox.requests == (("GET", "/v1/applications"),)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("status", status=503), "service_unavailable"),
        (Fault("raw", status=404), "not_found"),
        (Fault("html"), "not_json"),
        (Fault("raw", body=b'{"count": 0}'), "wrong_shape"),
        (Fault("raw", body=b"7"), "wrong_shape"),
        (Fault("reset"), "connection_failed"),
        (Fault("slow", seconds=5), "timeout"),
        (Fault("drip", seconds=0.02, head=True), "timeout"),
    ],
)
def test_applications_that_cannot_be_read_are_a_remark_after_one_try(
    sandbox: Sandbox, waits: list[float], fault: Fault, code: str
) -> None:
    sandbox.fail(fault)
    limits = replace(HASTY, attempts=4)
    expected = Applications(remark=f"applications could not be read: {code}")
    assert client_of(sandbox, waits, limits=limits).applications() == expected
    assert (waits, len(sandbox.requests)) == ([], 1)


def test_a_bug_met_while_reading_applications_is_a_remark_too(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(client, "applications_in", broken)
    remark = "applications could not be read: internal_error"
    assert client_of(sandbox).applications().remark == remark


# The key


def echoes(text: str) -> bytes:
    return text.replace("KEY", KEY).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, echoes('{"error": {"code": "KEY", "message": "KEY is not a key"}}')),
        (500, echoes('{"error": {"code": "mv_\\u0073andbox_0123456789", "message": "x"}}')),
        (500, echoes("\0 KEY") + b"\xff"),
        (500, b"x" * (64 * 1024 - 9) + echoes("KEY")),
        (404, echoes('{"error": {"code": "not_found", "message": "mv_sandbox\\u005f0123456789"}}')),
        (200, echoes('{"id": "did_101", "headers": {"Authorization": "Bearer KEY"}}')),
        (200, echoes('{"id": "did_101", "deep": [{"x": "mv_sandbox_\\u0030123456789"}]}')),
        (200, echoes('{"id": "did_101", "KEY": 1}')),
        (200, echoes('{"id": "KEY"}')),
    ],
)
def test_a_key_that_the_server_echoes_gets_into_no_answer(
    sandbox: Sandbox, status: int, body: bytes
) -> None:
    sandbox.fail(Fault("raw", status=status, body=body))
    api = client_of(sandbox, limits=HASTY)
    found = answer(api, Target("did_101", "did_101"))
    assert found.fields or found.problem
    assert KEY not in repr(found).replace("\\u005f", "_").replace("\\u0073", "s")
    assert KEY[:-4] not in repr(found)
    assert KEY not in repr(api.applications())


def test_what_is_left_of_a_body_without_the_key_stays_verbatim(sandbox: Sandbox) -> None:
    body = echoes('{ "id":"did_101",\n "note": "KEY", "x":1.50 }')
    sandbox.fail(Fault("raw", body=body))
    found = answer(client_of(sandbox), Target("did_101", "did_101"))
    assert found.body == '{ "id":"did_101",\n "note": "[redacted]", "x":1.50 }'
    assert found.fields == {"id": "did_101", "note": "[redacted]", "x": 1.5}


def test_the_key_is_named_and_never_shown(sandbox: Sandbox) -> None:
    api = client_of(sandbox)
    assert api.key_name == "key-35661e41"
    assert repr(api) == f"ApiClient('{sandbox.url}', key-35661e41)"
    assert KEY not in repr(vars(api))
