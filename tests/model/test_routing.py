"""Routing numbers: when two routings are one, and what an unknown destination is taken for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.routing import Numbered, Routing, routing_number

APPLICATIONS = st.sampled_from([None, "app_a", "app_b"])
MODES = st.sampled_from([None, "webhook", "sip"])
DESTINATIONS = st.sampled_from(["sip:x@pbx.example", "https://y.example"])
KNOWN = st.builds(Routing, APPLICATIONS, MODES, DESTINATIONS)
ANY = st.builds(Routing, APPLICATIONS, MODES, st.none() | DESTINATIONS)

A = Routing("app_a", "webhook")
AX = Routing("app_a", "webhook", "https://x.example")
AY = Routing("app_a", "webhook", "https://y.example")
AZ = Routing("app_a", "webhook", "https://z.example")
B = Routing("app_b", "webhook")
BX = Routing("app_b", "webhook", "https://x.example")


def numbered(*seen: Routing) -> list[Numbered]:
    """The revisions that a DID gets when it is seen so, each look being one."""
    revisions: list[Numbered] = []
    for routing in seen:
        carried = routing.carried_from(revisions[-1].routing if revisions else None)
        number = routing_number(carried, revisions, len(revisions) + 1)
        revisions.append(Numbered(carried, number))
    return revisions


def numbers(*seen: Routing) -> list[int]:
    return [one.number for one in numbered(*seen)]


@given(st.lists(KNOWN, min_size=1, max_size=12))
def test_known_routings_have_one_number_if_and_only_if_they_are_equal(seen: list[Routing]) -> None:
    assert numbers(*seen) == [seen.index(one) + 1 for one in seen]


@given(st.lists(ANY, min_size=1, max_size=12))
def test_a_number_is_that_of_the_first_revision_which_has_it(seen: list[Routing]) -> None:
    found = numbers(*seen)
    assert all(number == found.index(number) + 1 for number in found)


@given(st.lists(ANY, min_size=1, max_size=12))
def test_two_with_one_number_show_the_same_application_and_mode(seen: list[Routing]) -> None:
    found = numbered(*seen)
    assert all(one.routing.fields == found[one.number - 1].routing.fields for one in found)


@given(st.lists(ANY, min_size=1, max_size=12))
def test_a_known_destination_has_one_number_for_ever(seen: list[Routing]) -> None:
    known = [one for one in numbered(*seen) if one.routing.destination is not None]
    for one in known:
        assert one.number == next(other.number for other in known if other.routing == one.routing)


@given(st.lists(ANY, min_size=1, max_size=12), ANY)
def test_what_was_numbered_before_is_never_numbered_anew(seen: list[Routing], new: Routing) -> None:
    assert numbers(*seen, new)[:-1] == numbers(*seen)


@given(st.lists(ANY, min_size=1, max_size=12))
def test_an_unknown_destination_alone_never_makes_a_change_of_routing(seen: list[Routing]) -> None:
    found = numbered(*seen)
    for place, routing in enumerate(seen):
        blind = [*seen[: place + 1], Routing(*routing.fields)]
        assert numbered(*blind)[-1] == found[place]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        # Application and mode are equal.
        ((A,), [1]),
        ((A, A), [1, 1]),
        ((A, B, A, B), [1, 2, 1, 2]),
        ((A, Routing("app_a", "reject"), Routing(None, "webhook")), [1, 2, 3]),
        ((Routing(None, None), Routing(None, None)), [1, 1]),
        # A known destination takes the number of the same one, else its own.
        ((AX, AY), [1, 2]),
        ((AX, BX), [1, 2]),
        ((AX, AY, AX), [1, 2, 1]),
        ((AX, B, AY, B, AX, AY), [1, 2, 3, 2, 1, 3]),
        # A destination that no routing of its kind has is learned.
        ((A, AX), [1, 1]),
        ((A, B, AX), [1, 2, 1]),
        ((A, AX, AY), [1, 1, 3]),
        ((A, AX, AY, AX), [1, 1, 3, 1]),
        ((A, A, B, A, AY), [1, 1, 3, 1, 1]),
        ((AX, B, A, AX), [1, 2, 1, 1]),
        # Another is never learned into a number that has one.
        ((AX, B, A, AY), [1, 2, 1, 4]),
        ((AX, B, A, AY, B, A, AX), [1, 2, 1, 4, 2, 4, 1]),
        ((A, AX, B, A, AY), [1, 1, 3, 1, 5]),
        ((AX, AY, B, A, AZ), [1, 2, 3, 2, 5]),
        # An unknown destination is taken for the newest of its kind.
        ((AX, B, A), [1, 2, 1]),
        ((AX, AY, B, A), [1, 2, 3, 2]),
        ((AX, AY, AX, B, A), [1, 2, 1, 4, 1]),
        ((AX, AY, B, A, AX), [1, 2, 3, 2, 1]),
    ],
)
def test_each_routing_has_the_number_that_the_design_gives_it(
    seen: tuple[Routing, ...], expected: list[int]
) -> None:
    assert numbers(*seen) == expected


@given(st.lists(ANY, min_size=1, max_size=12))
def test_no_number_stands_for_two_destinations(seen: list[Routing]) -> None:
    found = numbered(*seen)
    for number in {one.number for one in found}:
        same = {one.routing.destination for one in found if one.number == number}
        assert len(same - {None}) <= 1


@given(st.lists(ANY, min_size=1, max_size=12))
def test_a_destination_is_carried_on_while_the_other_two_stay(seen: list[Routing]) -> None:
    for before, after in pairwise(numbered(*seen)):
        if before.routing.fields == after.routing.fields and before.routing.destination:
            assert after.routing.destination is not None


@pytest.mark.parametrize(
    ("now", "before", "carried"),
    [
        *((A, AX, AX), (A, A, A), (A, None, A), (AX, None, AX)),
        *((AY, AX, AY), (B, AX, B), (Routing("app_a", "sip"), AX, Routing("app_a", "sip"))),
    ],
)
def test_only_an_unknown_destination_is_carried_and_only_where_the_other_two_stayed(
    now: Routing, before: Routing | None, carried: Routing
) -> None:
    assert now.carried_from(before) == carried


@pytest.mark.parametrize(
    ("routing", "nobody"),
    [
        *((A, False), (Routing("app_a", None), False), (Routing(None, "sip", "sip:x"), False)),
        *((Routing(None, "webhook"), True), (Routing(None, None), True)),
        *((Routing("app_a", "reject"), True), (Routing(None, "reject", "sip:x"), True)),
    ],
)
def test_a_call_reaches_nobody_that_is_rejected_or_has_nowhere_to_go(
    routing: Routing, nobody: bool
) -> None:
    assert routing.reaches_nobody is nobody
