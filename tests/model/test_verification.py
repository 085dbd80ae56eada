"""What is a match, a mismatch or not compared, and what counts as several in a row."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.answers import Problem
from changelog.model.diff import Change
from changelog.model.recording import Destinations
from changelog.model.verification import (
    NOT_READ,
    Expectation,
    Live,
    VerifyState,
    after_answer,
    after_problem,
    compare,
    live_of,
)

A = Live("app_a", "webhook", "https://a.example", "active")
B = Live("app_b", "webhook", "https://b.example", "active")
TIMEOUT = Problem("timeout", "no answer in time", no_answer=True)
WORDS = st.none() | st.sampled_from(["a", "b"])
LIVES = st.builds(Live, WORDS, WORDS, WORDS, WORDS)
ANSWERS = st.lists(LIVES | st.just(TIMEOUT), max_size=8)
EXPECTATIONS = st.builds(
    Expectation,
    st.dictionaries(st.sampled_from(Live._fields), WORDS, min_size=1),
    st.none() | st.just(1),
)


def standing(expected: Expectation, answers: Sequence[Live | Problem]) -> VerifyState:
    found = NOT_READ
    for answer in answers:
        found = (
            after_problem(answer)
            if isinstance(answer, Problem)
            else after_answer(found, expected, answer)
        )
    return found


@given(expected=EXPECTATIONS, live=LIVES)
def test_every_expected_field_is_equal_changed_or_not_compared(
    expected: Expectation, live: Live
) -> None:
    """No field is forgotten, none is two of them, and only a destination is not compared."""
    changes, unknown = compare(expected, live)
    changed = [one.field for one in changes]
    assert not set(changed) & set(unknown)
    assert set(changed) | set(unknown) <= set(expected.fields)
    assert set(unknown) <= {"destination"}
    for name in expected.fields.keys() - {*changed, *unknown}:
        assert live._asdict()[name] == expected.fields[name]


@given(expected=EXPECTATIONS, answers=ANSWERS)
def test_a_match_that_held_is_the_same_answer_so_many_times(
    expected: Expectation, answers: list[Live | Problem]
) -> None:
    """Whatever came before: the last `reads` answers were readable, as expected, and equal."""
    found = standing(expected, answers)
    assert found.reads <= len(answers)
    last = answers[len(answers) - found.reads :]
    for one in last:
        assert isinstance(one, Live)
        assert bool(compare(expected, one)[0]) == bool(found.changes)
        assert one._replace(destination=None) == found.live._replace(destination=None)  # type: ignore[union-attr]
    if found.matches:
        assert not found.changes
        assert found.settled(found.reads)
        assert not found.settled(found.reads + 1)


BY_HAND = Expectation({"destination": None})
OF_A_REVISION = Expectation(Live("app_a", "webhook", None, None)._asdict(), 1)


@pytest.mark.parametrize(
    ("expected", "live", "changes", "unknown"),
    [
        (Expectation({"application_id": "app_a"}), A, (), ()),
        (Expectation({"status": None}), A, (Change("status", None, "active"),), ()),
        (
            Expectation({"destination": "sip:x"}),
            A,
            (Change("destination", "sip:x", "https://a.example", routing=True),),
            (),
        ),
        (Expectation({"destination": "sip:x"}), A._replace(destination=None), (), ("destination",)),
        (BY_HAND, A, (Change("destination", None, "https://a.example", routing=True),), ()),
        (BY_HAND, A._replace(destination=None), (), ("destination",)),
        (OF_A_REVISION, A._replace(status=None), (), ("destination",)),
        (OF_A_REVISION, A._replace(status=None, destination=None), (), ()),
    ],
)
def test_an_unknown_destination_is_neither_a_match_nor_a_mismatch(
    expected: Expectation, live: Live, changes: tuple[Change, ...], unknown: tuple[str, ...]
) -> None:
    assert compare(expected, live) == (changes, unknown)


def test_where_nothing_could_be_compared_nothing_matches() -> None:
    """A gate must not open because nobody could look."""
    unknown = A._replace(destination=None)
    assert not standing(Expectation({"destination": "sip:x"}), [unknown]).matches
    assert not standing(
        Expectation({"destination": "sip:x", "status": "active"}), [unknown]
    ).matches
    assert standing(Expectation({"destination": None, "status": "active"}), [unknown]).matches


def test_a_destination_that_cannot_be_seen_is_that_of_the_log_unless_somebody_stated_it() -> None:
    unseen = A._replace(destination=None)
    of_revision = Expectation({**A._asdict(), "status": "active"}, 1)
    stated = replace(of_revision, revision=None)
    assert after_answer(NOT_READ, of_revision, unseen).matches
    assert not after_answer(NOT_READ, of_revision, unseen, as_logged=False).matches
    assert not after_answer(NOT_READ, stated, unseen).matches
    assert after_answer(NOT_READ, of_revision, A, as_logged=False).matches


def test_reads_begin_again_after_a_mismatch_a_problem_and_a_move_within_what_is_expected() -> None:
    mode = Expectation({"route_mode": "webhook"})
    assert standing(mode, [A, A, A]).reads == 3
    assert standing(mode, [A, A, TIMEOUT, A]).reads == 1
    assert standing(mode, [A, A, B]) == standing(mode, [B])._replace(
        moved=(
            Change("application_id", "app_a", "app_b", routing=True),
            Change("destination", "https://a.example", "https://b.example", routing=True),
        )
    )
    assert standing(Expectation({"application_id": "app_a"}), [A, B, A]).reads == 1
    assert standing(mode, [A, A._replace(destination=None), A]).reads == 3


def test_only_what_this_run_fetched_is_live() -> None:
    """Neither what an operator once stated nor another application's address."""
    body = {"application_id": "app_a", "route_mode": "webhook", "status": 7}
    fetched = Destinations((), {"app_a": "https://a.example"}, "sip:stated")
    assert live_of(body, fetched) == Live("app_a", "webhook", "https://a.example", "7")
    stated = Destinations((), {}, "sip:stated")
    assert live_of(body, stated) == Live("app_a", "webhook", None, "7")
