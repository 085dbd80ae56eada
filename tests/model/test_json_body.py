"""A DID's body: what is JSON, when two bodies are equal, and what fits a column."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.text.json_body import (
    MAX_DEPTH,
    NotJson,
    canonical_json,
    comparable,
    parse_json,
    present,
    storable_text,
)

ANY_TEXT = st.text(st.characters())
"""Surrogates too: JSON can spell half of a pair."""
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT
FINITE = SCALARS.filter(lambda value: value not in (float("inf"), float("-inf")))
VALUES = st.recursive(
    FINITE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(["id", "application_id", "status", "x"]), VALUES)


def alike(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is neither true nor 1.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return repr(one) == repr(other)


def turned(value: Any) -> Any:
    """`value` with the fields of every object in the opposite order."""
    if isinstance(value, dict):
        return {name: turned(item) for name, item in reversed(value.items())}
    return [turned(item) for item in value] if isinstance(value, list) else value


def spelled(fields: dict[str, Any]) -> str:
    return canonical_json(present(fields))


def storable(text: str | None) -> bool:
    return text is None or ("\0" not in text and text.encode().decode() == text)


@given(VALUES)
def test_the_canonical_form_spells_the_value_whatever_its_order(value: Any) -> None:
    assert canonical_json(turned(value)) == canonical_json(value)
    assert canonical_json(value).isascii()
    assert alike(parse_json(canonical_json(value)), value)


@given(FIELDS)
def test_the_spelling_is_blind_to_order_and_to_null(fields: dict[str, Any]) -> None:
    assert spelled({**turned(fields), "y": None}) == spelled(fields)


def test_what_changes_by_itself_begins_no_revision() -> None:
    one = {"id": "did_1", "updated_at": "1", "calls_today": 3, "x": None, "application_id": ""}
    other = {"id": "did_1", "updated_at": "2", "calls_today": 4, "route_mode": None}
    volatile = frozenset({"calls_today"})
    assert comparable(one, volatile) == comparable(other, volatile) == {"id": "did_1"}
    assert comparable(one) != comparable(other)


def test_a_blank_is_a_value_of_any_field_but_the_two_of_the_routing() -> None:
    blank = {"application_id": "", "route_mode": "", "status": "", "updated_at": ""}
    assert comparable(blank) == {"status": ""}
    assert comparable({"application_id": 0}) == {"application_id": 0}
    assert comparable({"x": {"updated_at": 1}}) == {"x": {"updated_at": 1}}


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", '{"a":1}x', "nul", "'a'", "\ufeff{}", '"\n"', "[1,]", "01", "\ud800"),
        *("NaN", "Infinity", "-Infinity", "[NaN]", '{"a":{"b":-Infinity}}'),
        "9" * 5000,
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_json_or_too_much_of_it_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        parse_json(text)


@given(ANY_TEXT | st.text('{}[]",:\\ud8019eE+-.truefalsn '))
def test_any_text_is_a_value_that_can_be_spelled_again_or_not_json(text: str) -> None:
    try:
        value = parse_json(text)
    except NotJson:
        return
    assert alike(parse_json(canonical_json(value)), value)


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1.5E+400"])
def test_a_number_beyond_a_float_stays_as_it_was_spelled(text: str) -> None:
    assert parse_json(f'{{"x":[{text}]}}') == {"x": [text]}


def test_a_long_whole_number_is_kept_to_the_last_digit() -> None:
    digits = "1" + "0" * 1000 + "7"
    assert canonical_json(parse_json(digits)) == digits


def test_nesting_down_to_the_limit_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert canonical_json(parse_json(text)) == text


@pytest.mark.parametrize("scalar", ["1", '"["', "[]", '{"{":1}', "[[],[]]"])
@pytest.mark.parametrize("levels", [MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH])
def test_the_limit_counts_levels_and_not_brackets(scalar: str, levels: int) -> None:
    text = "[" * levels + scalar + "]" * levels
    deepest = levels + {"1": 1, '"["': 1, "[]": 1, '{"{":1}': 2, "[[],[]]": 2}[scalar]
    if deepest <= MAX_DEPTH:
        assert canonical_json(parse_json(text)) == text
    else:
        with pytest.raises(NotJson):
            parse_json(text)


def test_the_last_of_two_fields_with_one_name_counts() -> None:
    assert parse_json('{"a":1,"a":2}') == {"a": 2}


def test_half_a_surrogate_pair_is_read_and_spelled_again() -> None:
    assert canonical_json(parse_json(r'{"\ud83d":"\udc00 \ud83d\ude00"}')) == (
        r'{"\ud83d":"\udc00 \ud83d\ude00"}'
    )


@given(VALUES)
def test_a_column_can_be_stored_and_does_not_change_when_stored_again(value: Any) -> None:
    found = storable_text(value)
    assert storable(found)
    assert storable_text(found) == found
    assert found != ""


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_text_that_a_database_can_hold_is_its_own_column(text: str) -> None:
    assert storable_text(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, None), ("", None), (0, "0"), (False, "false"), (True, "true"), (1.0, "1.0")),
        *(([], "[]"), ({"b": 1, "a": "é"}, r'{"a":"\u00e9","b":1}'), (" ", " ")),
        ("a\0b", r"a\u0000b"),
        (json.loads(r'"\ud800x\udfff"'), r"\ud800x\udfff"),
        ("\ud7ff\ue000", "\ud7ff\ue000"),
    ],
)
def test_a_column_is_text_and_only_nothing_is_nothing(value: Any, text: str | None) -> None:
    assert storable_text(value) == text
