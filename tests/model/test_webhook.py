"""What a webhook's body says, whether it was signed, and what a test call proves."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.routing import Routing
from changelog.model.test_calls import Call, LinkResult, NumberOwner, StoredCall, link
from changelog.model.text.times import provider_time
from changelog.model.text.webhook import NotAWebhook, Webhook, parse_webhook, refusal, sign

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = "+15551230001"
SECRET = b"a shared secret"
APP_A = NumberOwner("did_1", 1, NUMBER, Routing("app_a", "webhook"), 1, 10)


class Numbers:
    """A log in which every number had these carriers always. `asked`: at which moments."""

    def __init__(self, *carriers: NumberOwner) -> None:
        self._carriers = carriers
        self.asked: list[datetime] = []

    def carriers_at(self, _: str, moment: datetime) -> Sequence[NumberOwner]:
        self.asked.append(moment)
        return self._carriers

    def changes(self, *_: object) -> Sequence[datetime]:
        return ()


def body(event: str = "call.completed", at: object = "2026-11-23T11:00:00Z", **call: Any) -> bytes:
    described = {
        "id": "call_1",
        "application_id": "app_a",
        "direction": "inbound",
        "from": "+15550000000",
        "to": NUMBER,
        **call,
    }
    given = {name: value for name, value in described.items() if value is not ...}
    return json.dumps({"event": event, "created_at": at, "call": given}).encode()


def tied(
    content: bytes,
    *carriers: NumberOwner,
    kept: Sequence[StoredCall] = (),
    **known: Any,
) -> LinkResult:
    call = Call(parse_webhook(content, ()), NOW, **known)
    return link(call, kept, Numbers(*carriers or (APP_A,)))


def test_a_body_is_read_as_it_was_seen() -> None:
    webhook = parse_webhook(body(route_mode="", routing_target="sip:a@b"), ())
    assert webhook == Webhook(
        event="call.completed",
        body=body(route_mode="", routing_target="sip:a@b").decode(),
        at=datetime(2026, 11, 23, 11, tzinfo=UTC),
        call="call_1",
        direction="inbound",
        to=NUMBER,
        routed={"application_id": "app_a", "route_mode": None, "routing_target": "sip:a@b"},
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "UTF-8"),
        (b"[]", "object"),
        (b"{}", "no event"),
        (b'{"event": 7}', "no event"),
        (json.dumps({"event": "e" * 201}).encode(), "longer"),
        (body(id="c" * 201), "longer"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_names_no_event_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(NotAWebhook, match=why):
        parse_webhook(content, ())


NAMES = st.sampled_from(["event", "call", "id", "to", "created_at", "direction"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.text() | st.integers() | st.just("call.x"),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused(content: bytes) -> None:
    with suppress(NotAWebhook):
        assert tied(content).outcome in ("stored", "ignored")


def test_secrets_are_taken_out_of_a_body_before_it_goes_anywhere() -> None:
    kept = parse_webhook(body(api_key="k-123456", note="xx a shared secret"), ["a shared secret"])
    assert "k-123456" not in kept.body
    assert "a shared secret" not in kept.body


@pytest.mark.parametrize(
    "text",
    ["2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00", "2026-11-23T12:00:00.000000000Z"]
    + [f"{int(NOW.timestamp())}{rest}" for rest in ("", "000", ".000")],
)
def test_a_time_may_be_spelled_in_each_of_the_ways(text: str) -> None:
    assert provider_time(text) == NOW


@pytest.mark.parametrize("value", [None, True, "", "soon", "9" * 40, [], "1e9", "-5", 1e300])
def test_what_is_no_time_is_none(value: object) -> None:
    assert provider_time(value) is None


STAMP = str(int(NOW.timestamp())).encode()


@pytest.mark.parametrize(
    ("timestamp", "signature", "why"),
    [
        (STAMP, sign(SECRET, STAMP, b"{}"), None),
        (b"2026-11-23T12:00:00Z", sign(SECRET, b"2026-11-23T12:00:00Z", b"{}"), None),
        (STAMP, b"v1=old, " + sign(SECRET, STAMP, b"{}"), "repeated_header"),
        (None, sign(SECRET, STAMP, b"{}"), "unsigned"),
        (STAMP, None, "unsigned"),
        (STAMP, b"", "unsigned"),
        (STAMP, sign(b"another", STAMP, b"{}"), "bad_signature"),
        (STAMP, sign(SECRET, STAMP, b"{} "), "bad_signature"),
        (STAMP, sign(SECRET, STAMP, b"{}")[3:], "bad_signature"),
        (STAMP + b"0", sign(SECRET, STAMP, b"{}"), "bad_signature"),
        (b"soon", sign(SECRET, b"soon", b"{}"), "bad_timestamp"),
        (b"\xff\xfe", sign(SECRET, b"\xff\xfe", b"{}"), "bad_timestamp"),
    ],
)
def test_only_a_delivery_signed_with_the_secret_is_trusted(
    timestamp: bytes | None, signature: bytes | None, why: str | None
) -> None:
    assert refusal(SECRET, timestamp, signature, b"{}", now=NOW) == why


@pytest.mark.parametrize("off", [-301, -300, 300, 301])
def test_a_timestamp_is_too_old_or_too_new_beyond_the_skew(off: int) -> None:
    now = NOW + timedelta(seconds=off)
    why = refusal(SECRET, STAMP, sign(SECRET, STAMP, b"{}"), b"{}", now=now)
    assert why == (None if abs(off) == 300 else "stale_timestamp")


@pytest.mark.parametrize(
    ("call", "routing", "result", "fields"),
    [
        ({}, Routing("app_a", "webhook"), "reached", []),
        ({"route_mode": "webhook"}, Routing("app_a", "webhook"), "reached", []),
        ({"route_mode": "sip"}, Routing("app_a", "webhook"), "differs", ["route_mode"]),
        ({}, Routing("app_b", "webhook"), "differs", ["application_id"]),
        ({"application_id": None}, Routing("app_a", "sip"), "differs", ["application_id"]),
        ({"application_id": ""}, Routing(None, "sip"), "reached", []),
        ({"application_id": ..., "route_mode": "sip"}, Routing(None, "sip"), "reached", []),
        ({"application_id": ..., "route_mode": "sip"}, Routing("app_a", "sip"), None, []),
        ({"application_id": ...}, Routing("app_a", "webhook"), None, []),
        ({"routing_target": "app_a"}, Routing("app_a", "webhook", "https://x"), "reached", []),
        ({"routing_target": "https://x"}, Routing("app_a", "webhook", "https://x"), "reached", []),
        ({"routing_target": "https://x"}, Routing("app_a", "webhook"), "reached", []),
        (
            {"routing_target": "https://y"},
            Routing("app_a", "webhook", "https://x"),
            "differs",
            ["destination"],
        ),
    ],
)
def test_a_call_is_compared_field_by_field_with_what_is_known_on_both_sides(
    call: dict[str, Any], routing: Routing, result: str | None, fields: list[str]
) -> None:
    found = tied(body(**call), APP_A._replace(routing=routing))
    assert (found.stored and found.stored.result) == result
    assert [one.field for one in found.differences] == fields


def test_what_only_a_listener_knows_counts_on_a_call_that_went_as_recorded() -> None:
    for heard in ("pass", "fail"):
        found = tied(body(), verdict=heard, text="silence")
        assert found.stored is not None
        assert (found.stored.result, found.reason) == (heard, "silence")
        found = tied(body(application_id="app_b"), verdict=heard, text="silence")
        assert found.stored is not None
        assert found.stored.result == "differs"
        assert found.reason.endswith("; silence")


def kept_of(
    result: Any = "reached", event: str = "call.completed", at: datetime = NOW
) -> StoredCall:
    return StoredCall("call_1", event, "did_1", at, 1, 1, result)


def test_the_same_call_and_event_is_kept_once() -> None:
    found = tied(body(), kept=[kept_of()])
    assert (found.outcome, found.stored) == ("duplicate", kept_of())


def test_a_listener_adds_to_a_call_that_is_stored_already_once() -> None:
    found = tied(body(), kept=[kept_of()], verdict="pass", text="clear")
    assert found.outcome == "stored"
    assert found.stored == kept_of("pass", "heard:call.completed")._replace(reason="clear")
    judge = f"changelog mark {kept_of().did}@r{kept_of().revision} bad -m WHY"
    stays = f"stored before, and stays pass; to judge a routing: {judge}"
    for heard, said in (("pass", "stored before"), ("fail", stays)):
        again = tied(body(), kept=[kept_of(), found.stored], verdict=heard)
        assert (again.outcome, again.reason) == ("duplicate", said)
    differs = tied(body(), kept=[kept_of("differs")], verdict="pass")
    assert (differs.outcome, differs.stored) == ("duplicate", kept_of("differs"))


def test_a_call_under_way_when_the_routing_changed_went_where_the_old_one_led() -> None:
    log = Numbers(APP_A)
    began = datetime(2026, 11, 23, 10, tzinfo=UTC)
    link(Call(parse_webhook(body(), ()), NOW), [kept_of(event="call.created", at=began)], log)
    assert log.asked == [began]


@pytest.mark.parametrize(
    ("content", "aside"),
    [
        (body("recording.completed"), "not_a_call"),
        (body(id=...), "not_a_call"),
        (body(to=...), "not_a_call"),
        (body(direction="outbound"), "outbound"),
        (body(at=None), "no_time"),
        (body(at="2099-01-01T00:00:00Z"), "no_time"),
        (b'{"event": "call.completed"}', "not_a_call"),
        (b'{"event": "call.completed", "call": 7}', "not_a_call"),
    ],
)
def test_what_cannot_be_tied_is_left_aside_with_the_reason(content: bytes, aside: str) -> None:
    found = tied(content)
    assert (found.outcome, found.aside, found.stored) == ("ignored", aside, None)
    assert found.reason


def test_a_delivery_without_a_time_to_go_by_happened_when_it_was_received() -> None:
    for at in (None, "2099-01-01T00:00:00Z"):
        found = tied(body(at=at), delivered=True)
        assert found.stored is not None
        assert found.stored.at == NOW
        assert "when it was received counts" in found.reason


def test_a_missing_direction_is_taken_for_inbound() -> None:
    assert tied(body(direction=...)).outcome == "stored"


def test_of_several_that_had_the_number_the_one_read_last_by_then_is_meant() -> None:
    other = APP_A._replace(did="did_2", seen_at=20)
    moved_on = APP_A._replace(did="did_3", number="+15559999999", seen_at=30)
    not_yet = NumberOwner("did_4")
    found = tied(body(), APP_A, other, moved_on, not_yet)
    assert found.did == "did_2"


def test_a_number_that_nobody_had_then_is_told_from_one_that_nobody_knows() -> None:
    assert tied(body(), NumberOwner("did_4")).aside == "before_the_log"
    call = Call(parse_webhook(body(), ()), NOW)
    assert link(call, [], Numbers()).aside == "unknown_number"
