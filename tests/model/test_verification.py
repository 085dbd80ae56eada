"""What is a match, a mismatch or not compared; several in a row; and the file of expectations."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from changelog.commands.recording.expectations_file import ExpectedDid, parse_expectations
from changelog.model.answers import Applications, Problem
from changelog.model.did_ref import Target, as_number
from changelog.model.diff import Change
from changelog.model.errors import UsageError
from changelog.model.recording import Destinations
from changelog.model.verification import (
    NOT_READ,
    Expectation,
    LiveFields,
    VerifiedDid,
    VerifyState,
    after_answer,
    compare,
    live_of,
)

A = LiveFields("app_a", "webhook", "https://a.example", "active")
B = LiveFields("app_b", "webhook", "https://b.example", "active")
TIMEOUT = Problem("timeout", "no answer in time", no_answer=True)
WORDS = st.none() | st.sampled_from(["a", "b"])
LIVES = st.builds(LiveFields, WORDS, WORDS, WORDS, WORDS)
ANSWERS = st.lists(LIVES | st.just(TIMEOUT), max_size=8)
EXPECTATIONS = st.builds(
    Expectation,
    st.dictionaries(st.sampled_from(LiveFields._fields), WORDS, min_size=1),
    st.none() | st.just(1),
)


def standing(expected: Expectation, answers: Sequence[LiveFields | Problem]) -> VerifyState:
    found = NOT_READ
    for answer in answers:
        found = (
            VerifyState(problem=answer)
            if isinstance(answer, Problem)
            else after_answer(found, expected, answer)
        )
    return found


@given(expected=EXPECTATIONS, live=LIVES)
def test_every_expected_field_is_equal_changed_or_not_compared(
    expected: Expectation, live: LiveFields
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
@example(
    # What could not be compared is not the same answer as what differs.
    expected=Expectation({"destination": "b"}),
    answers=[LiveFields("a", None, None, None), LiveFields("a", None, "a", None)],
)
def test_a_match_that_held_is_the_same_answer_so_many_times(
    expected: Expectation, answers: list[LiveFields | Problem]
) -> None:
    """Whatever came before: the last `reads` answers were readable, as expected, and equal."""
    found = standing(expected, answers)
    assert found.reads <= len(answers)
    last = answers[len(answers) - found.reads :]
    for one in last:
        assert isinstance(one, LiveFields)
        assert bool(compare(expected, one)[0]) == bool(found.changes)
        assert one._replace(destination=None) == found.live._replace(destination=None)  # type: ignore[union-attr]
    if found.matches:
        assert not found.changes
        target = VerifiedDid(Target("did_a"), expected, found)
        assert replace(target, enough=found.reads).is_settled
        assert not replace(target, enough=found.reads + 1).is_settled


BY_HAND = Expectation({"destination": None})
OF_A_REVISION = Expectation(LiveFields("app_a", "webhook", None, None)._asdict(), 1)


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
    expected: Expectation, live: LiveFields, changes: tuple[Change, ...], unknown: tuple[str, ...]
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
    fetched = Destinations((), Applications({"app_a": "https://a.example"}), "sip:stated")
    assert live_of(body, fetched) == LiveFields("app_a", "webhook", "https://a.example", "7")
    stated = Destinations((), None, "sip:stated")
    assert live_of(body, stated) == LiveFields("app_a", "webhook", None, "7")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(
    lambda cell: cell == cell.strip() and cell != "*"
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "application_id": st.none() | CELLS,
        "route_mode": st.none() | CELLS,
        "destination": CELLS,
        "status": CELLS,
    },
).filter(bool)
COLUMNS = ("did", "application_id", "route_mode", "destination", "status")


def parsed(text: str) -> dict[str, dict[str, str | None]]:
    return {one.name: dict(one.fields) for one in parse_expectations(text, "fleet.csv")}


def refused(text: str) -> str:
    with pytest.raises(UsageError) as raised:
        parse_expectations(text, "fleet.csv")
    assert raised.value.code == "bad_expectations"
    assert raised.value.hint
    return raised.value.message


def written(expected: dict[str, dict[str, str | None]], end: str, *, quoted: bool) -> str:
    """The CSV file that says what is `expected`."""
    out = io.StringIO(newline="")
    sheet = csv.writer(
        out, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    sheet.writerow(COLUMNS)
    for name, fields in expected.items():
        sheet.writerow([name, *((fields.get(column, "*") or "") for column in COLUMNS[1:])])
    return out.getvalue()


@given(
    expected=st.dictionaries(CELLS, FIELDS, min_size=1, max_size=5).filter(
        lambda rows: len({as_number(name) or name for name in rows}) == len(rows)
    ),
    end=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
    mark=st.sampled_from(["", "\ufeff"]),
)
def test_what_is_written_is_read_back(
    expected: dict[str, dict[str, str | None]], end: str, quoted: bool, mark: str
) -> None:
    """Any expectation that can be written as CSV is read as it was meant."""
    # A DID whose name begins like a comment has to be quoted; a lone \r the writer leaves alone.
    quoted = quoted or any(name.startswith("#") for name in expected)
    quoted = quoted or "\\r" in repr(expected)
    assert parsed(mark + written(expected, end, quoted=quoted)) == expected


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but expectations or the one error."""
    for content in (text, f"did,application_id,route_mode\n{text}"):
        with suppress(UsageError):
            assert all(one.fields for one in parse_expectations(content, "fleet.csv"))


def test_a_file_as_people_write_it() -> None:
    """Comments, blank lines, spaces, quotes, a byte order mark and CRLF are all fine."""
    text = (
        "\ufeff# the fleet, as agreed\r\n"
        "\r\n"
        "DID, application_id, route_mode, destination\r\n"
        'did_1, app_a, webhook, "sip:a@b.example;x=1,2"\r\n'
        "   # a number works too, it's \"quoted\r\n"
        "+1 555-123 0002,,reject,\r\n"
        "   \r\n"
        "did_3,*,webhook,*"
    )
    assert parse_expectations(text, "fleet.csv") == (
        ExpectedDid(
            "did_1",
            {
                "application_id": "app_a",
                "route_mode": "webhook",
                "destination": "sip:a@b.example;x=1,2",
            },
        ),
        ExpectedDid("+1 555-123 0002", {"application_id": None, "route_mode": "reject"}),
        ExpectedDid("did_3", {"route_mode": "webhook"}),
    )
    assert [one.line for one in parse_expectations(text, "fleet.csv")] == [4, 6, 8]


def test_a_quoted_cell_may_hold_a_line_that_looks_like_a_comment() -> None:
    """What stands between quotes is no comment and no blank line."""
    text = 'did,application_id,route_mode,destination\ndid_1,a,b,"x\n# y\n\nz"\ndid_2,a,b,\n'
    assert parsed(text)["did_1"]["destination"] == "x\n# y\n\nz"
    assert [one.line for one in parse_expectations(text, "f")] == [2, 6]


def test_an_empty_cell_expects_none_of_what_every_did_shows() -> None:
    """Application and mode are compared even where empty; destination and status are not."""
    assert parsed("did,application_id,route_mode,destination,status\ndid_1,,,,\n") == {
        "did_1": {"application_id": None, "route_mode": None}
    }


def test_a_number_stands_for_the_id_that_is_missing() -> None:
    """With both columns the id counts, and the number where there is no id."""
    text = "number,did,application_id,route_mode\n+15551230001,did_1,a,b\n+15551230002,,a,b\n"
    assert list(parsed(text)) == ["did_1", "+15551230002"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "fleet.csv is empty"),
        ("\ufeff\r\n# nothing\r\n", "fleet.csv is empty"),
        ("did,application_id,route_mode\n", "fleet.csv has a header and no DID"),
        ("did_1,app_a,webhook\n", "fleet.csv, line 1: unknown column 'did_1', 'app_a', 'webhook'"),
        ("# x\ndid,application_id,mode\n", "fleet.csv, line 2: unknown column 'mode'"),
        ("did;application_id\n", "fleet.csv, line 1: unknown column 'did;application_id'"),
        ("did,application_id\n", "fleet.csv, line 1: no column route_mode"),
        ("did,status\n", "fleet.csv, line 1: no column application_id and no column route_mode"),
        ("application_id,route_mode\n", "fleet.csv, line 1: no column did or number"),
        (
            "did,application_id,route_mode,Did\n",
            "fleet.csv, line 1: the column did appears twice",
        ),
        (
            "did,application_id,route_mode\ndid_1,a\n",
            "fleet.csv, line 2: 2 cells, and the header has 3",
        ),
        (
            "did,application_id,route_mode\n\ndid_1,a,b,c\n",
            "fleet.csv, line 3: 4 cells, and the header has 3",
        ),
        (
            "did,application_id,route_mode\ndid_1\n",
            "fleet.csv, line 2: 1 cell, and the header has 3",
        ),
        ("did,application_id,route_mode\n ,a,b\n", "fleet.csv, line 2: no DID is named"),
        (
            "did,application_id,route_mode\ndid_1,*,*\n",
            "fleet.csv, line 2: nothing is expected of did_1",
        ),
        (
            "did,application_id,route_mode\ndid_1,a,b\n# x\ndid_1,a,c\n",
            "fleet.csv, line 4: did_1 is in line 2 already",
        ),
        (
            "number,application_id,route_mode\n+15551230001,a,b\n+1 555-123 0001,a,b\n",
            "fleet.csv, line 3: +1 555-123 0001 is in line 2 already",
        ),
        (
            'did,application_id,route_mode\ndid_1,"a,b\n',
            "fleet.csv, line 2: unexpected end of data",
        ),
        (
            'did,application_id,route_mode\ndid_1,"a"b,c\n',
            "fleet.csv, line 2: ',' expected after '\"'",
        ),
    ],
)
def test_what_leaves_open_what_is_expected_is_refused(text: str, message: str) -> None:
    """An error names the file, the line and what is wrong there."""
    assert refused(text) == message
