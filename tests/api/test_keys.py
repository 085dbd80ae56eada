"""Several keys: each DID is read with the key that sees it, and what one key says is its own."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from changelog.api.client import ApiClient
from changelog.api.exchange import Limits
from changelog.api.keys import MOST_REFUSALS, ApiKey, check_key
from changelog.commands.recording.live_check import LiveCheck
from changelog.model.answers import Answer, Applications, Problem
from changelog.model.did_ref import Target
from changelog.model.history import CaptureInfo
from changelog.store.location import Location
from tests.logbook import DID, Logbook
from tests.program import Program
from tests.sandbox_faults import Fault, Sandbox
from tests.secrets_search import places_of
from tests.wire import Wire, keeps_answering

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SUPPORT, SALES = "key-of-support-4711", "key-of-support-4711-and-of-sales"
"""No shapes by which they could be told from other words, and one begins with the other."""
APPLICATIONS = {SUPPORT: frozenset({"app_support"}), SALES: frozenset({"app_sales"})}
SUPPORT_KEY, SALES_KEY = check_key(SUPPORT, "support"), check_key(SALES, "sales")
ONE_TRY = Limits(attempts=1)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """did_101 to did_103 belong to app_support, did_104 and did_105 to app_sales."""
    with Sandbox(key="the-key-of-nobody") as running:
        running.keys = dict(APPLICATIONS)
        yield running


def client_of(sandbox: Sandbox, *keys: ApiKey, **options: Any) -> ApiClient:
    settings = {"clock": lambda: NOW, "limits": ONE_TRY, "concurrency": 1, **options}
    return ApiClient(sandbox.url, keys or (SUPPORT_KEY, SALES_KEY), **settings)


def by_id(did: str, key: str | None = None) -> Target:
    return Target(did, did, key=key)


def answers(api: ApiClient, *targets: Target) -> list[Answer]:
    """The answers in the order of the targets, exactly one each."""
    fetched = [answer for batch in api.fetch(targets) for answer in batch]
    by_request = {answer.requested: answer for answer in fetched}
    assert len(by_request) == len(fetched)
    return [by_request[target.requested] for target in targets if target.requested in by_request]


def said(answer: Answer) -> tuple[str | None, int | str | None]:
    """Which key's answer it is, and what it says: an application or a status."""
    if answer.problem is not None:
        return answer.key, answer.problem.status or answer.problem.code
    return answer.key, answer.fields["application_id"]


def asked(sandbox: Sandbox, key: str) -> list[str]:
    return [path.removeprefix("/v1/dids/") for path in sandbox.paths_asked_with(key)]


# Which key is asked, and whose answer it is


def test_each_did_is_read_with_the_key_that_sees_it(sandbox: Sandbox) -> None:
    api = client_of(sandbox, concurrency=4)
    found = answers(api, by_id("did_101"), by_id("did_104"), Target("n", None, "+15551230005"))
    assert [said(one) for one in found] == [
        ("support", "app_support"),
        ("sales", "app_sales"),
        ("sales", "app_sales"),
    ]
    assert api.key_name == "support"
    assert (api.stopped_because, api.refused_keys) == (None, ())


@pytest.mark.parametrize(
    ("remembered", "expected"),
    [
        ("sales", {SUPPORT: [], SALES: ["did_104"]}),
        (SALES_KEY.fingerprint, {SUPPORT: [], SALES: ["did_104"]}),
        ("support", {SUPPORT: ["did_104"], SALES: ["did_104"]}),
        ("a key of the past", {SUPPORT: ["did_104"], SALES: ["did_104"]}),
        (None, {SUPPORT: ["did_104"], SALES: ["did_104"]}),
    ],
)
def test_the_key_that_read_a_did_last_is_asked_first_then_the_others_in_order(
    sandbox: Sandbox, remembered: str | None, expected: dict[str, list[str]]
) -> None:
    (found,) = answers(client_of(sandbox), by_id("did_104", remembered))
    assert said(found) == ("sales", "app_sales")
    assert {key: asked(sandbox, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("status", status=500), 500),
        (Fault("status", status=403), 403),
        (Fault("status", status=429), 429),
        (Fault("html"), 200),
        (Fault("reset"), "connection_failed"),
    ],
    ids=lambda value: getattr(value, "kind", value),
)
def test_anything_but_401_and_404_is_final(sandbox: Sandbox, fault: Fault, says: int | str) -> None:
    sandbox.fail(fault)
    (found,) = answers(client_of(sandbox), by_id("did_104"))
    assert said(found) == ("support", says)
    assert asked(sandbox, SALES) == []


@pytest.mark.parametrize(
    ("remembered", "name"),
    [
        ("sales", "sales"),
        (None, "support"),
        ("a key of the past", "support"),
        # Under the name that it had when it read the DID, or its 404 would not count.
        (SALES_KEY.fingerprint, SALES_KEY.fingerprint),
    ],
)
def test_a_did_that_no_key_sees_is_a_404_of_the_key_that_had_read_it(
    sandbox: Sandbox, remembered: str | None, name: str
) -> None:
    (found,) = answers(client_of(sandbox), by_id("did_none", remembered))
    assert said(found) == (name, 404)
    assert asked(sandbox, SUPPORT) == asked(sandbox, SALES) == ["did_none"]


def test_one_secret_is_asked_with_once_under_the_first_name_that_it_was_given(
    sandbox: Sandbox,
) -> None:
    api = client_of(sandbox, check_key(SUPPORT), SUPPORT_KEY, check_key(SUPPORT, "again"))
    (found,) = answers(api, by_id("did_104"))
    assert said(found) == ("support", 404)
    assert asked(sandbox, SUPPORT) == ["did_104"]


# Keys that are refused


def test_a_refused_key_is_not_asked_again_and_the_others_read_on(sandbox: Sandbox) -> None:
    del sandbox.keys[SUPPORT]
    api = client_of(sandbox)
    refused = [f"did_{n}" for n in range(MOST_REFUSALS - 1)]
    found = answers(
        api,
        *map(by_id, refused),
        by_id("did_104"),
        by_id("did_101", "support"),
        by_id("did_102"),
        by_id("did_105", "sales"),
    )
    assert [said(one) for one in found[len(refused) :]] == [
        ("sales", "app_sales"),
        # Whether this one is gone, only the refused key could say.
        ("support", 401),
        ("sales", 404),
        ("sales", "app_sales"),
    ]
    assert asked(sandbox, SUPPORT) == [*refused, "did_104"]
    assert (api.stopped_because, api.refused_keys) == (None, ("support",))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_run_stops_once_every_key_is_refused(sandbox: Sandbox, concurrency: int) -> None:
    sandbox.keys.clear()
    api = client_of(sandbox, concurrency=concurrency)
    found = answers(api, *(by_id(f"did_{n}") for n in range(1000)))
    assert {said(one) for one in found} <= {("support", 401), ("sales", 401)}
    assert MOST_REFUSALS <= len(found) < MOST_REFUSALS + concurrency
    assert (api.stopped_because, api.refused_keys) == ("unauthorized", ("support", "sales"))


MANY = [f"did_{n}" for n in range(200, 250)]


@contextmanager
def once_asked(sandbox: Sandbox, times: int, change: Callable[[], object]) -> Iterator[None]:
    """Make the change when so many requests for DIDs have come, before the last of them is
    answered."""
    saw, before = sandbox.saw, len(sandbox.requests)

    def see(method: str, path: str, key: str) -> None:
        saw(method, path, key)
        if len(sandbox.requests) == before + times:
            change()

    with mock.patch.object(sandbox, "saw", see):
        yield


@pytest.fixture
def many(sandbox: Sandbox) -> Sandbox:
    for did in MANY:
        sandbox.add_did({"id": did, "application_id": "app_support"})
    return sandbox


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("place", [0, 30])
def test_a_401_for_one_did_loses_no_other(many: Sandbox, concurrency: int, place: int) -> None:
    many.fail(Fault("status", status=401), did=MANY[place])
    api = client_of(many, SUPPORT_KEY, concurrency=concurrency)
    found = answers(api, *map(by_id, MANY))
    says = [said(one)[1] for one in found]
    assert says == [401 if did == MANY[place] else "app_support" for did in MANY]
    assert (api.stopped_because, api.refused_keys) == (None, ())
    assert len(many.requests) <= len(MANY) + 1


def test_a_key_that_is_revoked_meanwhile_stops_the_run(many: Sandbox) -> None:
    api = client_of(many, SUPPORT_KEY, concurrency=8)
    with once_asked(many, 20, many.keys.clear):
        found = answers(api, *map(by_id, MANY))
    assert (api.stopped_because, api.refused_keys) == ("unauthorized", ("support",))
    says = [said(one)[1] for one in found]
    assert set(says) == {"app_support", 401}
    # But for those answered: of each worker the request that was under way, and one more; and the
    # one that proved it. An answer that comes late to its thread shows the key as accepted once
    # more, which costs a few others.
    assert len(many.requests) - says.count("app_support") <= 3 * 8 + 1
    assert len(found) < len(MANY)


def test_of_two_keys_one_that_is_revoked_meanwhile_stops_only_itself(many: Sandbox) -> None:
    api = client_of(many)
    targets = [*map(by_id, MANY[:5]), by_id("did_104", "sales"), by_id("did_101", "support")]
    with once_asked(many, 5, lambda: many.keys.pop(SUPPORT)):
        found = answers(api, *targets, by_id("did_105", "sales"))
    assert [said(one) for one in found[5:]] == [
        ("sales", "app_sales"),
        ("support", 401),
        ("sales", "app_sales"),
    ]
    assert (api.stopped_because, api.refused_keys) == (None, ("support",))
    # The one that it read last was asked for again, once; and nothing more.
    assert asked(many, SUPPORT) == [*MANY[:5], MANY[3]]


def test_what_one_key_may_not_read_another_is_asked_for(sandbox: Sandbox) -> None:
    api = client_of(sandbox)
    sandbox.fail(Fault("status", status=401), did="did_104", times=1)
    found = answers(api, by_id("did_101"), by_id("did_104"), by_id("did_102"))
    assert [said(one) for one in found] == [
        ("support", "app_support"),
        ("sales", "app_sales"),
        ("support", "app_support"),
    ]
    assert api.refused_keys == ()


def test_a_did_that_no_key_may_read_refuses_none_of_them(sandbox: Sandbox) -> None:
    """Not even one that has read nothing yet."""
    sandbox.fail(Fault("status", status=401), did="did_102")
    found = answers(client_of(sandbox), by_id("did_101"), by_id("did_102"), by_id("did_104"))
    assert [said(one)[1] for one in found] == ["app_support", 401, "app_sales"]


@pytest.mark.parametrize(
    "fault", [Fault("slow", seconds=30), Fault("status", status=503), Fault("reset")], ids=str
)
def test_where_nothing_says_that_the_key_is_refused_the_run_goes_on(
    sandbox: Sandbox, fault: Fault
) -> None:
    """And a probe that hangs takes no more time than the DID has."""
    sandbox.fail(Fault("status", status=401), did="did_102")
    api = client_of(sandbox, SUPPORT_KEY, limits=Limits(attempts=1, target_s=0.5))
    with once_asked(sandbox, 2, lambda: sandbox.fail(fault, did="did_101")):
        found = answers(api, by_id("did_101"), by_id("did_102"), by_id("did_103"))
    assert [said(one)[1] for one in found] == ["app_support", 401, "app_support"]
    assert (api.stopped_because, api.refused_keys) == (None, ())


def test_a_key_that_has_read_something_in_an_earlier_fetch_is_tried_again(
    sandbox: Sandbox,
) -> None:
    """As in the rounds of a watch, where one DID alone is a 401."""
    sandbox.fail(Fault("status", status=401), did="did_101")
    api = client_of(sandbox, SUPPORT_KEY)
    answers(api, by_id("did_102"))
    found = answers(api, by_id("did_101"), by_id("did_103"))
    assert [said(one)[1] for one in found] == [401, "app_support"]
    sandbox.keys.clear()
    assert [said(one)[1] for one in answers(api, by_id("did_101"), by_id("did_103"))] == [401]
    assert api.stopped_because == "unauthorized"


def test_a_new_fetch_asks_a_refused_key_again(sandbox: Sandbox) -> None:
    del sandbox.keys[SUPPORT]
    api = client_of(sandbox)
    answers(api, by_id("did_101"))
    sandbox.keys[SUPPORT] = APPLICATIONS[SUPPORT]
    (found,) = answers(api, by_id("did_101"))
    assert said(found) == ("support", "app_support")
    assert (api.stopped_because, api.refused_keys) == (None, ())


def test_a_did_that_not_every_key_was_asked_for_has_no_answer_yet(sandbox: Sandbox) -> None:
    """The 404 of the key that had read it would hide it, though another may see it."""
    pauses = 0

    def stop_at_the_second_request(stop: threading.Event, _: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 2:
            stop.set()

    api = client_of(sandbox, rate=1000.0, pause=stop_at_the_second_request)
    assert answers(api, by_id("did_104", "support")) == []
    assert (asked(sandbox, SUPPORT), asked(sandbox, SALES)) == (["did_104"], [])


# Load and time


def test_all_keys_share_one_connection() -> None:
    not_found = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"
    with Wire(keeps_answering(not_found)) as wire:
        keys = (SUPPORT_KEY, SALES_KEY)
        api = ApiClient(wire.url, keys, clock=lambda: NOW, limits=ONE_TRY, concurrency=1)
        assert [said(one) for one in answers(api, by_id("a"), by_id("b"))] == [("support", 404)] * 2
        assert len(wire.connections) == 1


def test_the_rate_counts_requests_not_dids(sandbox: Sandbox) -> None:
    pauses: list[float] = []
    api = client_of(sandbox, rate=1000.0, pause=lambda _, seconds: pauses.append(seconds))
    answers(api, by_id("did_101"), by_id("did_104"))
    assert len(pauses) == len(sandbox.requests) == 3


def test_all_keys_together_have_the_time_of_one_for_somebody_who_waits(sandbox: Sandbox) -> None:
    sandbox.fail(Fault("slow", seconds=0.6))
    api = client_of(sandbox, limits=Limits.quick(1.15))
    (found,) = answers(api, by_id("did_104"))
    assert found.problem is not None
    assert found.problem.code == "timeout"


# Applications


def test_the_applications_that_each_key_sees_are_put_together(sandbox: Sandbox) -> None:
    assert client_of(sandbox).applications() == Applications(
        {
            "app_support": "https://voice.example.com/support/answer",
            "app_sales": "https://voice.example.com/sales/answer",
        }
    )
    assert len(sandbox.requests) == 2


def test_applications_that_one_key_cannot_read_are_a_remark_that_names_it(sandbox: Sandbox) -> None:
    del sandbox.keys[SUPPORT]
    assert client_of(sandbox).applications() == Applications(
        {"app_sales": "https://voice.example.com/sales/answer"},
        "with the key support, applications could not be read: unauthorized",
    )
    sandbox.keys.clear()
    assert client_of(sandbox).applications().remark == (
        "with the key support, applications could not be read: unauthorized;"
        " with the key sales, applications could not be read: unauthorized"
    )


# Secrets


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("keys", [(SUPPORT_KEY, SALES_KEY), (SALES_KEY, SUPPORT_KEY)])
def test_no_key_gets_into_an_answer_whichever_was_asked_with(
    sandbox: Sandbox, status: int, keys: tuple[ApiKey, ...]
) -> None:
    body = f'{{"id": "did_101", "a": "{SUPPORT}", "b": "x{SALES}x", "c": "{SALES} {SUPPORT}"}}'
    sandbox.fail(Fault("raw", status=status, body=body.encode()))
    (found,) = answers(client_of(sandbox, *keys), by_id("did_101"))
    kept = found.body or (found.problem and found.problem.body.decode())
    assert kept == (
        '{"id": "did_101", "a": "[redacted]", "b": "x[redacted]x", "c": "[redacted] [redacted]"}'
    )


def test_a_piece_of_any_key_at_the_end_of_half_a_body_is_taken_out(sandbox: Sandbox) -> None:
    body = b"<p>" + SALES[:-3].encode()
    sandbox.fail(Fault("raw", status=500, body=body + b"x" * 9))
    limits = Limits(attempts=1, body_bytes=len(body))
    (found,) = answers(client_of(sandbox, limits=limits), by_id("did_101"))
    assert found.problem is not None
    assert found.problem.body == b"<p>[redacted]"


# Through the program


SETTINGS = """
[keys.support]
env = "KEY_OF_SUPPORT"
[keys.sales]
file = "sales.key"
"""


@pytest.fixture
def program(location: Location, sandbox: Sandbox, tmp_path: Path) -> Program:
    home = tmp_path / "olga"
    made = Program(
        home,
        api=sandbox,
        key="",
        database=location,
        CHANGELOG_CONFIG=str(home / "changelog.toml"),
        KEY_OF_SUPPORT=SUPPORT,
    )
    (home / "changelog.toml").write_text(SETTINGS)
    (home / "sales.key").write_text(f"  {SALES}\n")
    return made


def outcomes(document: dict[str, Any]) -> dict[str, str]:
    return {one["did"]: one["outcome"] for one in document["dids"]}


def test_a_did_that_moved_to_another_application_is_seen_to_have_moved(
    program: Program, sandbox: Sandbox
) -> None:
    assert outcomes(program.record("did_101", "did_104")) == {"did_101": "new", "did_104": "new"}
    sandbox.move("did_101", application_id="app_sales")
    document = program.record("did_101", "did_104")
    assert outcomes(document) == {"did_101": "changed", "did_104": "unchanged"}
    assert document["capture"]["remarks"] == []
    (card,) = program.json("restore", "did_101", "--offline")["dids"]
    assert (card["visible"], card["target"]["application_id"]) == (True, "app_support")
    # And back: the key that reads it now is not the one that reads it then.
    sandbox.move("did_101", application_id="app_support")
    assert outcomes(program.record("did_101")) == {"did_101": "changed"}


def test_a_did_that_no_key_sees_any_more_is_hidden_not_changed(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_104")
    sandbox.move("did_104", application_id="app_maintenance")
    assert outcomes(program.record("did_104", exit_code=3)) == {"did_104": "unreadable"}
    # The first key, which never saw it, says 404 as well.
    (card,) = program.json("restore", "did_104", "--offline")["dids"]
    assert card["target"]["application_id"] == "app_sales"


def test_a_revoked_key_costs_its_own_dids_and_is_remarked(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_101", "did_104")
    del sandbox.keys[SUPPORT]
    document = program.record("did_101", "did_104", exit_code=3)
    assert outcomes(document) == {"did_101": "unreadable", "did_104": "unchanged"}
    assert document["conditions"] == ["unreadable"]
    assert sorted(document["capture"]["remarks"]) == [
        "the API refused the key support (401)",
        "with the key support, applications could not be read: unauthorized",
    ]
    (card,) = program.json("restore", "did_101", "--offline")["dids"]
    assert card["visible"] is True


def test_a_revoked_key_beside_another_one_is_no_condition_of_a_verify(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_101", "did_104", "--tag", "a")
    del sandbox.keys[SUPPORT]
    line = ("did_101", "did_104")
    verified = program.run("verify", *line, "--to", "tag:a", "--json").ended(3).json
    assert verified["conditions"] == ["unreadable"]
    diffed = program.run("diff", *line, "--to", "live", "--json").ended(3).json
    assert diffed["conditions"] == ["unreadable"]


def test_a_401_for_one_did_is_its_own_and_exit_3(program: Program, many: Sandbox) -> None:
    program.record("did_101", "did_104")
    many.fail(Fault("status", status=401), did=MANY[40])
    document = program.record("did_101", "did_104", *MANY, exit_code=3)
    assert (document["counts"]["new"], document["counts"]["unreadable"]) == (49, 1)
    assert document["conditions"] == ["unreadable"]
    assert document["capture"]["remarks"] == []
    (error,) = (one["error"] for one in document["dids"] if one["error"])
    assert (error["status"], error["code"]) == (401, "unauthorized")


def test_the_401_of_one_did_is_no_condition_of_the_run(program: Program, many: Sandbox) -> None:
    program.record("did_101", *MANY, "--tag", "a")
    many.fail(Fault("status", status=401), did=MANY[40])
    program.record("--all", "--tag", "b", exit_code=3)
    verified = program.run("verify", "--all", "--to", "tag:a").ended(3)
    assert "51 DIDs, 50 verified: 50 match, 1 unreadable" in verified.stdout
    assert "refused" not in verified.stderr
    diffed = program.run("diff", "--to", "live", "--json").ended(3).json
    assert (diffed["conditions"], diffed["counts"]["unreadable"]) == (["unreadable"], 1)
    diffed = program.run("diff", "--from", "tag:a", "--to", "tag:b", "--json").ended(3).json
    assert (diffed["conditions"], diffed["counts"]["unreadable"]) == (["unreadable"], 1)
    watched = program.run("watch", "--all", "--once", "--after", "1").ended(3)
    assert f"unreadable  {MANY[40]}" in watched.stdout
    assert "refused" not in watched.stderr
    deployed = program.run("deploy", "--all", "--tag", "c", "--", "true").ended(3)
    assert "50 of 51 compared: 0 changed, 50 unchanged, 1 unreadable" in deployed.stdout


def test_every_key_refused_is_exit_6(program: Program, sandbox: Sandbox) -> None:
    sandbox.keys.clear()
    document = program.record("did_101", "did_104", exit_code=6)
    assert document["conditions"] == ["unauthorized", "unreadable"]
    assert document["capture"]["remarks"] == [
        "with the key support, applications could not be read: unauthorized;"
        " with the key sales, applications could not be read: unauthorized"
    ]


def test_restore_sees_with_the_other_key_where_a_did_went(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_101")
    sandbox.move("did_101", application_id="app_sales")
    (card,) = program.json("restore", "did_101")["dids"]
    came = {"looked": True, "recorded": True, "answered": True}
    live = {**came, "error": None, "store_error": None}
    assert {**card["live"], "api_updated_at": None} == {**live, "api_updated_at": None}
    assert (card["current"]["application_id"], card["visible"]) == ("app_sales", True)
    assert card["target"]["application_id"] == "app_support"


def test_the_list_of_one_key_takes_no_application_of_another_key_for_gone(
    program: Program, sandbox: Sandbox, location: Location, tmp_path: Path
) -> None:
    home = tmp_path / "ida"
    one_key = {"CHANGELOG_CONFIG": str(home / "changelog.toml"), "KEY_OF_SUPPORT": SUPPORT}
    colleague = Program(home, api=sandbox, key="", database=location, **one_key)
    (home / "changelog.toml").write_text('[keys.support]\nenv = "KEY_OF_SUPPORT"\n')
    for application in ("app_sales", "app_support"):
        sandbox.move("did_101", application_id=application)
        program.record("did_101", "did_104", "--tag", application)

    def gone(by: Program, *more: str) -> list[list[str]]:
        cards = by.json("restore", "did_101", "did_104", *more)["dids"]
        return [card["gone_applications"] for card in cards if not card["error"]]

    colleague.record("did_101")
    colleague.run("watch", "--all", "--once")
    said = colleague.run("restore", "--all", "--to", "tag:app_sales").stdout
    assert "did_101" in said
    assert "is not among those" not in said
    for by in (colleague, program):
        assert not any(gone(by) + gone(by, "--offline"))
    # The key that reads the DID with it says so, to everybody.
    sandbox.remove_application("app_sales")
    program.record("did_104")
    sandbox.move("did_104", application_id="app_support")
    program.record("did_104")
    assert ["app_sales"] in gone(colleague, "--offline")
    program.run("check").ended(0)


def test_restore_live_is_6_only_if_every_key_was_refused(
    program: Program, sandbox: Sandbox
) -> None:
    program.record("did_101", "did_104")
    del sandbox.keys[SUPPORT]
    program.run("restore", "did_101", "--live").ended(3)
    sandbox.keys.clear()
    program.run("restore", "did_101", "--live").ended(6)


def test_no_key_is_in_the_database_or_in_anything_said(
    program: Program, sandbox: Sandbox, location: Location
) -> None:
    sandbox.add_did({"id": "did_101", "application_id": "app_support", "x": f"{SALES} {SUPPORT}"})
    runs = [
        program.run("record", "did_101", "did_104"),
        program.run("show", "did_101", "--json"),
        program.run("restore", "did_101"),
    ]
    for ran in runs:
        assert SUPPORT not in ran.stdout + ran.stderr
    assert json.loads(runs[1].stdout)["fields"]["x"] == "[redacted] [redacted]"
    assert {"journal.facts", "revision.body"} <= {*places_of(["redacted"], log=location)}
    assert places_of([SUPPORT], log=location) == []


def test_a_404_that_could_not_be_stored_counts_for_the_key_that_got_it(
    sqlite_logbook: Logbook,
) -> None:
    book = sqlite_logbook
    book.see(capture=book.capture(key="sales"))
    gone = Problem("not_found", "DID not found", 404, b"{}")
    for key, hidden in (("sales", True), ("support", False)):
        at = book.clock()
        answer = Answer(requested=DID, did=DID, problem=gone, received_at=at, key=key)
        info = CaptureInfo(id=0, started_at=at, recorded_by="olga")
        with book.reader() as reader:
            look = LiveCheck(answer=answer, capture=info, key="support")
            seen = look.apply_to(reader.history(DID), reader)
        assert (seen.hidden_since is not None) is hidden


def test_the_404_of_another_key_says_nothing_and_the_card_names_the_key_that_read_it_last(
    logbook: Logbook, tmp_path: Path
) -> None:
    logbook.see("app_a", key="sales")
    logbook.see("app_b", key="support")
    logbook.miss(404, key="sales")
    program = Program(tmp_path / "home", database=logbook.location)
    (card,) = program.json("restore", DID, "--offline")["dids"]
    assert (card["visible"], card["target"]["application_id"]) == (True, "app_a")
    assert (card["read_last_with"], card["warning_codes"]) == ("support", ["key_cannot_see"])
    assert "The key support read it last" in card["warnings"][0]


def test_a_404_of_another_address_says_that_it_is_the_address(
    logbook: Logbook, tmp_path: Path
) -> None:
    first = logbook.capture(key="support", api_url="https://one.example/v1")
    logbook.see("app_a", capture=first)
    second = logbook.capture(key="support", api_url="https://two.example/v1")
    logbook.miss(404, capture=second)
    program = Program(tmp_path / "home", database=logbook.location)
    (card,) = program.json("restore", DID, "--offline")["dids"]
    assert (card["visible"], card["warning_codes"]) == (True, ["other_address"])
    assert "of another API address than that where the key support read" in card["warnings"][0]


def test_a_404_of_what_only_an_import_knows_says_that_no_key_read_it(
    logbook: Logbook, tmp_path: Path
) -> None:
    logbook.see("app_a", capture=logbook.capture(key=None, past=True))
    logbook.miss(404, key="support")
    program = Program(tmp_path / "home", database=logbook.location)
    (card,) = program.json("restore", DID, "--offline")["dids"]
    assert (card["read_last_with"], card["warning_codes"]) == (None, ["no_key_read_it"])
    assert "no key is known to have read this DID" in card["warnings"][0]
