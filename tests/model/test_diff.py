"""What changed between two states: the laws of a diff, and what counts as a change of routing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.diff import (
    Change,
    Group,
    diff_fields,
    diff_revisions,
    diff_states,
    group_changes,
    is_derived,
)
from changelog.model.history import DestinationSource, Revision
from changelog.model.routing import ROUTING_FIELDS, Routing
from changelog.model.text.json_body import canonical_json, present
from tests.model.revisions import revision

NAMES = st.sampled_from([*ROUTING_FIELDS, "status", "number_e164", "updated_at", "x", "y"])
SCALARS = st.none() | st.sampled_from([0, 1, True, False, 1.0, 0.0, -0.0, "1", "", "a", "b"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2)
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=5)
CHANGES = st.dictionaries(
    st.sampled_from(["did_1", "did_2", "did_3", "did_4"]),
    st.sampled_from([(), (Change("x", 1, 2),), (Change("x", 1, True),), (Change("y", 1, 2),)]),
)


def without_null(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def seen(
    place: int,
    routing: Routing,
    number: int,
    source: DestinationSource | None = None,
    **fields: Any,
) -> Revision:
    body = {"application_id": routing.application_id, "route_mode": routing.route_mode, **fields}
    return revision(
        place,
        routing,
        routing_number=number,
        read_body=lambda: json.dumps(body),
        destination_source=source,
    )


@given(FIELDS, FIELDS)
def test_the_changes_made_to_the_one_state_give_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    made = before | {change.field: change.after for change in diff_fields(before, after)}
    assert canonical_json(without_null(made)) == canonical_json(without_null(after))


@given(FIELDS, FIELDS)
def test_a_field_is_named_once_and_only_if_it_differs(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    named = [one.field for one in diff_fields(before, after)]
    differ = {
        name
        for name in {*before, *after}
        if canonical_json(before.get(name)) != canonical_json(after.get(name))
    }
    assert sorted(named) == sorted(differ)


def test_the_routing_comes_first_then_status_and_number_then_the_rest_by_name() -> None:
    names = ["a", "number_e164", "route_mode", "z", "status", "destination", "application_id"]
    found = diff_fields({}, dict.fromkeys(names, 1))
    assert [one.field for one in found] == [*ROUTING_FIELDS, "status", "number_e164", "a", "z"]
    assert [one.field for one in found if one.routing] == [*ROUTING_FIELDS]


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0, False), (0.0, -0.0), (1, "1")])
def test_values_that_json_spells_differently_differ_at_any_depth(one: Any, other: Any) -> None:
    assert diff_fields({"x": one}, {"x": other}) == (Change("x", one, other),)
    assert diff_fields({"x": [{"y": one}]}, {"x": [{"y": other}]})


def test_null_and_absent_are_one_value() -> None:
    assert diff_fields({"x": None}, {}) == diff_fields({}, {"x": None}) == ()
    assert diff_fields({"x": None}, {"x": ""}) == (Change("x", None, ""),)


def test_a_learned_destination_is_a_change_of_the_field_and_none_of_the_routing() -> None:
    found = diff_revisions(
        seen(1, Routing("app_a", "webhook"), 1),
        seen(2, Routing("app_a", "webhook", "https://x.example"), 1, "fetched"),
    )
    assert found == (Change("destination", None, "https://x.example", routing=False),)


@pytest.mark.parametrize("source", ["fetched", "stated"])
def test_a_destination_that_changed_alone_is_a_change_of_routing(source: DestinationSource) -> None:
    found = diff_revisions(
        seen(1, Routing("app_a", "webhook", "https://x.example"), 1, source),
        seen(2, Routing("app_a", "webhook", "https://y.example"), 2, source),
    )
    assert found == (Change("destination", "https://x.example", "https://y.example", routing=True),)


@pytest.mark.parametrize(
    ("before", "after", "derived"),
    [
        ("fetched", "fetched", True),
        (None, "fetched", True),
        ("fetched", None, True),
        ("fetched", "stated", False),
        ("stated", None, False),
        ("body", "fetched", False),
    ],
)
def test_only_an_applications_own_destination_goes_without_saying(
    before: DestinationSource | None, after: DestinationSource | None, derived: bool
) -> None:
    one = Routing("app_a", "webhook", before and "https://a.example")
    other = Routing("app_b", "webhook", after and "https://b.example")
    found = diff_revisions(seen(1, one, 1, before), seen(2, other, 2, after))
    named = ["application_id"] if derived else ["application_id", "destination"]
    assert [change.field for change in found] == named
    assert all(change.routing for change in found)
    assert is_derived(before, after) is derived


@given(FIELDS, FIELDS, st.booleans(), st.booleans())
def test_a_diff_of_states_leaves_out_the_ignored_the_implied_and_the_unread_only(
    before: dict[str, Any], after: dict[str, Any], moved: bool, derived: bool
) -> None:
    found = diff_states(before, after, moved=moved, derived=derived, ignored=frozenset({"x"}))
    every = {one.field for one in diff_fields(before, after)}
    implied = derived and not every.isdisjoint({"application_id", "route_mode"})
    unread = after.get("destination") is None and not moved
    left_out = {"x", "destination"} if implied or unread else {"x"}
    assert {one.field for one in found} == every - left_out
    assert {one.field for one in found if one.routing} == (
        {one.field for one in found} & {*ROUTING_FIELDS} if moved else set()
    )


def test_a_moved_clock_and_a_blank_for_a_null_are_no_change() -> None:
    before = seen(1, Routing(None, "webhook"), 1, updated_at="1", application_id=None)
    after = seen(2, Routing(None, "webhook"), 1, updated_at="2", application_id="")
    assert diff_revisions(before, after) == ()


def test_a_body_field_called_destination_is_not_taken_for_the_routings() -> None:
    before = seen(1, Routing("app_a", "webhook"), 1, destination="1")
    after = seen(2, Routing("app_a", "webhook"), 1, destination="2")
    assert diff_revisions(before, after) == (Change("body.destination", "1", "2"),)


@given(CHANGES)
def test_each_changed_did_is_in_the_group_of_its_changes_and_in_no_other(
    changes: dict[str, tuple[Change, ...]],
) -> None:
    groups = group_changes(changes)
    found = {did: canonical_json(group.changes) for group in groups for did in group.dids}
    assert found == {did: canonical_json(made) for did, made in changes.items() if made}
    assert sum(len(group.dids) for group in groups) == len(found)
    assert len({canonical_json(group.changes) for group in groups}) == len(groups)


@given(CHANGES)
def test_groups_are_in_one_order_whatever_order_the_dids_come_in(
    changes: dict[str, tuple[Change, ...]],
) -> None:
    groups = group_changes(changes)
    assert groups == group_changes(dict(reversed(changes.items())))
    assert list(groups) == sorted(groups, key=lambda group: (-len(group.dids), group.dids))


def test_a_learned_and_a_changed_destination_are_not_one_group() -> None:
    moved = (Change("destination", None, "https://x.example", routing=True),)
    learned = (Change("destination", None, "https://x.example", routing=False),)
    assert group_changes({"did_1": moved, "did_2": learned}) == (
        Group(moved, ("did_1",)),
        Group(learned, ("did_2",)),
    )


def test_present_keeps_every_field_that_says_something() -> None:
    said = {"id": "did_1", "x": 0, "y": False, "z": "", "status": []}
    assert present({**said, "application_id": "", "route_mode": None}) == said
