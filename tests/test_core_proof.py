"""What makes a proof fast says the same as what it takes the place of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.log_format.journal import Head, Value, parse_head, row_digest, row_digester
from changelog.model.log_format.proof import Numbering, RevisionRow, compare_with_body
from changelog.model.routing import Numbered, Routing, RoutingNumbers, routing_number

VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.text(), st.binary()
)
SMALL = st.sampled_from((None, "a", "b"))
ROUTINGS = st.lists(st.builds(Routing, SMALL, SMALL, st.sampled_from((None, "x", "y"))))


@given(st.dictionaries(st.text(min_size=1), VALUES))
def test_a_digester_of_a_table_gives_the_digest_of_a_row(row: dict[str, Value]) -> None:
    assert row_digester("t", tuple(row))(tuple(row.values())) == row_digest("t", row)


@given(ROUTINGS)
def test_numbers_one_after_the_other_are_those_of_the_whole_history(
    routings: list[Routing],
) -> None:
    numbers, earlier = RoutingNumbers(), list[Numbered]()
    for revision, routing in enumerate(routings, start=1):
        number = routing_number(routing, earlier, revision)
        assert numbers.number(routing, revision) == number
        numbers.add(routing, number)
        earlier.append(Numbered(routing, number))


def row(revision: int, *, number: int = 1, at: int | None = None) -> RevisionRow:
    seen = revision if at is None else at
    return RevisionRow(
        "did_1", revision, number, None, Routing("a", "b"), None, "active", seen, 1, 1
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(1), row(2), row(3)], []),
        ([row(2, number=2)], ["it is the first one: r1 is gone"]),
        ([row(1), row(3)], ["it follows r1: r2 is gone"]),
        ([row(1), row(2, at=1)], ["it was not seen after the revision before it"]),
        (
            [row(1), row(2, number=2)],
            ["its routing number is not that of the first revision with an equal routing"],
        ),
    ],
)
def test_revisions_are_numbered_and_routed_without_a_gap(
    rows: list[RevisionRow], said: list[str]
) -> None:
    numbering = Numbering()
    assert [mistake for one in rows for mistake in numbering.mistakes(one)] == said


def test_a_body_bears_out_its_columns() -> None:
    columns = {"number": "+1", "application_id": "a", "route_mode": None, "status": "active"}
    body = (
        '{"id":"did_1","number_e164":"+1","application_id":"a","route_mode":"","status":"active"}'
    )
    assert compare_with_body(body, "did_1", columns, None, None).mistakes == []
    assert compare_with_body(body, "did_2", columns, None, None).mistakes
    assert compare_with_body("[]", "did_1", columns, None, None).mistakes
    assert compare_with_body("{", "did_1", columns, None, None).mistakes
    assert compare_with_body(body, "did_1", columns, "sip:x", None).mistakes
    assert compare_with_body(body, "did_1", columns, "sip:x", "body").carried
    assert not compare_with_body(body, "did_1", columns, "a", "body").carried


@given(st.integers(1, 10**17), st.binary(min_size=32, max_size=32))
def test_a_head_is_read_as_it_is_written(n: int, digest: bytes) -> None:
    assert parse_head(f" {Head(n, digest)}\n") == Head(n, digest)


@pytest.mark.parametrize(
    "text", ["", "1", "1:", ":00", "0:" + "0" * 64, "1:" + "g" * 64, "\u0661:" + "0" * 64]
)
def test_what_is_no_head_is_none(text: str) -> None:
    assert parse_head(text) is None
