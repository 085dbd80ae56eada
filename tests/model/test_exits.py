"""Exit codes and what an answer becomes: the two small tables of decisions in the core."""

import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model import errors, exits
from changelog.model.answers import Answer, Applications, Problem
from changelog.model.history import CaptureInfo, DestinationSource
from changelog.model.recording import (
    Comparison,
    Destinations,
    LatestRevision,
    OpenCapture,
    hides_did,
    next_number,
    read_answer,
)
from changelog.model.results.base import exit_code
from changelog.model.routing import Numbered, Routing

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CODES = {
    "bug": 1,
    "different": 4,
    "no_target": 5,
    "unknown_did": 5,
    "unknown_revision": 5,
    "unknown_tag": 5,
    "nothing_recorded": 5,
    "unreadable": 3,
    "not_compared": 3,
    "not_read_by_tag": 3,
    "incomplete": 3,
    "no_answer": 6,
    "unauthorized": 6,
    "database_unusable": 8,
    "broken_log": 7,
    "interrupted": 130,
    "tag_taken": 2,
}
FIRST_WINS = (1, 130, 2, 7, 8, 6, 3, 5, 4)
A = Routing("app_a", "webhook")
BODY = {"id": "did_1", "application_id": "app_a", "route_mode": "webhook", "x": 1}
X, Y = "https://x.example", "https://y.example"


def test_every_condition_has_its_documented_code() -> None:
    named = {
        value for name, value in vars(exits).items() if name.isupper() and isinstance(value, str)
    }
    # An answer from the mirror ends as it would have without it.
    assert named == {*CODES, exits.MIRROR}
    assert exits.EXIT_CODES == {**CODES, exits.MIRROR: 0}


def test_every_code_has_its_place() -> None:
    assert exits.PRECEDENCE == FIRST_WINS
    assert set(CODES.values()) == set(FIRST_WINS)


@given(st.sets(st.sampled_from([*CODES])))
def test_of_many_conditions_the_gravest_gives_the_code(conditions: set[str]) -> None:
    expected = min((CODES[one] for one in conditions), key=FIRST_WINS.index, default=0)
    assert exit_code(conditions) == expected
    assert {exit_code(order) for order in permutations(sorted(conditions)[:4])} == {
        exit_code(sorted(conditions)[:4])
    }


def test_a_condition_without_a_code_is_a_bug_and_not_a_success() -> None:
    with pytest.raises(KeyError):
        exit_code(["different", "unheard_of"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("what"), 2),
        (errors.NothingError(exits.UNKNOWN_DID, "what"), 5),
        (errors.DatabaseFull("what"), 8),
        (errors.SchemaMismatch("what"), 8),
        (errors.ChangelogError("bug", "what"), 1),
    ],
)
def test_an_error_and_its_condition_end_with_one_code(
    error: errors.ChangelogError, code: int
) -> None:
    assert error.exit_code == exits.EXIT_CODES.get(error.code, code) == code
    assert str(error) == error.message == "what"


def answer(fields: dict[str, Any]) -> Answer:
    return Answer(
        requested="did_1", received_at=NOW, did="did_1", body=json.dumps(fields), fields=fields
    )


def known(
    fields: dict[str, Any], routing: Routing = A, source: DestinationSource | None = None
) -> LatestRevision:
    return LatestRevision(1, json.dumps(fields), routing, source, NOW)


def read(
    fields: dict[str, Any],
    latest: LatestRevision | None,
    destinations: Destinations | None = None,
    volatile: frozenset[str] = frozenset(),
) -> Comparison:
    return read_answer(answer(fields), latest, destinations or Destinations(), volatile)


def test_the_first_answer_is_a_revision() -> None:
    assert read(BODY, None) == Comparison(A, None, same_as_latest=False)


@pytest.mark.parametrize(
    "fields",
    [
        BODY,
        dict(reversed(BODY.items())),
        {**BODY, "updated_at": "2026-11-23"},
        {**BODY, "calls_today": 9},
        {**BODY, "y": None},
    ],
)
def test_an_equal_answer_is_the_latest_revision_seen_again(fields: dict[str, Any]) -> None:
    assert read(fields, known(BODY), volatile=frozenset({"calls_today"})).same_as_latest


@pytest.mark.parametrize(
    "fields",
    [
        {**BODY, "status": "suspended"},
        {**BODY, "y": ""},
        {**BODY, "x": {"updated_at": 1}},
        {**BODY, "x": "1"},
        {**BODY, "application_id": "app_b"},
        {**BODY, "route_mode": None},
        {"id": "did_1"},
    ],
)
def test_any_other_field_begins_a_revision(fields: dict[str, Any]) -> None:
    assert not read(fields, known(BODY)).same_as_latest


@pytest.mark.parametrize(
    ("before", "after"), [(1, True), (0, False), (1, 1.0), ([1], [True]), ({"y": 0}, {"y": False})]
)
def test_a_value_that_json_spells_differently_begins_a_revision(before: Any, after: Any) -> None:
    assert not read({**BODY, "x": after}, known({**BODY, "x": before})).same_as_latest


HERE = ("support", "https://api.example/v1")


@pytest.mark.parametrize(
    ("problem", "read_by", "hides"),
    [
        (Problem("not_found", "", 404, b"{}"), HERE, True),
        (Problem("not_found", "", 404, b" <!doctype html>"), HERE, False),
        (Problem("not_found", "", 404, b"{}"), ("sales", HERE[1]), False),
        (Problem("not_found", "", 404, b"{}"), (HERE[0], "https://other.example/v1"), False),
        (Problem("not_found", "", 404, b"{}"), None, False),
        (Problem("unauthorized", "", 401, b"{}"), HERE, False),
        (Problem("timeout", ""), HERE, False),
        (None, HERE, False),
    ],
)
def test_only_a_404_from_the_key_that_read_a_did_last_hides_it(
    problem: Problem | None, read_by: tuple[str, str] | None, *, hides: bool
) -> None:
    looked = Answer(requested="did_1", received_at=NOW, did="did_1", problem=problem)
    assert hides_did(looked, HERE, read_by) == hides


@pytest.mark.parametrize("blank", [None, ""])
def test_absent_null_and_blank_are_one_value_of_the_routing(blank: str | None) -> None:
    before = known({"id": "did_1"}, Routing(None, None))
    found = read({"id": "did_1", "application_id": blank, "route_mode": blank}, before)
    assert found == Comparison(Routing(None, None), None, same_as_latest=True)


@pytest.mark.parametrize("source", ["fetched", "stated", "body"])
def test_a_destination_that_could_not_be_read_is_carried_on_with_its_source(
    source: DestinationSource,
) -> None:
    routing = A._replace(destination=X)
    assert read(BODY, known(BODY, routing, source)) == Comparison(
        routing, source, same_as_latest=True
    )


def test_a_destination_is_not_carried_to_another_application() -> None:
    before = known(BODY, A._replace(destination=X), "fetched")
    assert read({**BODY, "application_id": "app_b"}, before) == Comparison(
        Routing("app_b", "webhook"), None, same_as_latest=False
    )


@pytest.mark.parametrize("before", [None, X])
def test_a_destination_learned_or_changed_begins_a_revision(before: str | None) -> None:
    latest = known(BODY, A._replace(destination=before), "fetched" if before else None)
    found = read(BODY, latest, Destinations((), Applications({"app_a": Y})))
    assert found == Comparison(A._replace(destination=Y), "fetched", same_as_latest=False)


def test_a_volatile_field_of_the_routing_still_begins_a_revision() -> None:
    found = read(
        {**BODY, "application_id": "b"}, known(BODY), volatile=frozenset({"application_id"})
    )
    assert not found.same_as_latest


@pytest.mark.parametrize(
    ("fields", "destinations", "found"),
    [
        ({}, Destinations(), (None, None)),
        ({}, Destinations(stated=X), (X, "stated")),
        ({}, Destinations(stated=""), (None, None)),
        ({}, Destinations((), Applications({"app_a": Y}), stated=X), (Y, "fetched")),
        ({}, Destinations((), Applications({"app_b": Y}), stated=X), (X, "stated")),
        ({}, Destinations((), Applications({"app_a": ""}), stated=X), (X, "stated")),
        ({"route_mode": "sip"}, Destinations((), Applications({"app_a": Y})), (None, None)),
        ({"route_mode": "reject"}, Destinations((), Applications({"app_a": Y})), (None, None)),
        ({"application_id": None}, Destinations((), Applications({"None": Y})), (None, None)),
        ({"sip": X}, Destinations(("sip",), Applications({"app_a": Y}), "z"), (X, "body")),
        ({"sip": ""}, Destinations(("sip",), Applications({"app_a": Y}), "z"), (Y, "fetched")),
        ({"b": X}, Destinations(("a", "b")), (X, "body")),
        ({"sip": X}, Destinations(), (None, None)),
    ],
)
def test_the_body_knows_a_destination_best_then_the_application_then_the_operator(
    fields: dict[str, Any], destinations: Destinations, found: tuple[str | None, str | None]
) -> None:
    assert destinations.find({**BODY, **fields}) == found


def test_a_new_revision_follows_the_earlier_ones_and_keeps_an_equal_routings_number() -> None:
    earlier = [Numbered(A, 1), Numbered(Routing("app_b", "webhook"), 2)]
    assert next_number(Comparison(A, None, same_as_latest=False), earlier) == (3, 1)
    new = Comparison(Routing("app_c", "webhook"), None, same_as_latest=False)
    assert next_number(new, earlier) == (3, 3)
    assert next_number(new, []) == (1, 1)


def test_a_remark_is_made_once() -> None:
    info = CaptureInfo(id=0, started_at=NOW, recorded_by="olga")
    capture = OpenCapture(info=info, baseline=0)
    for text in ("slow", "odd", "slow"):
        capture = capture.remarked(text)
    assert capture.remarks == ("slow", "odd")


@pytest.mark.parametrize(("status", "missing"), [(404, True), (401, False), (None, False)])
def test_only_a_404_says_that_the_did_is_not_visible(status: int | None, missing: bool) -> None:
    unread = Answer(requested="did_1", received_at=NOW, problem=Problem("no", "no", status))
    assert unread.not_found is missing
    assert not answer(BODY).not_found
