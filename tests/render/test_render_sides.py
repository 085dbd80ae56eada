"""Two sides of a change that differ look different, in every format, and a field is asked for."""

import csv
import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.diff import Change
from changelog.model.text.json_body import canonical_json
from changelog.render import markdown, tables
from changelog.render.style import Side, show, shown_pair
from changelog.render.tables import Table
from tests.logbook import Logbook
from tests.program import Program

TEXTS = st.text(st.sampled_from('a1.0" -\\n\t\u00e9e\u0301\u202e\u200b\xa0?:/'), max_size=6)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from([1.0, 0.5]), TEXTS)
VALUES: st.SearchStrategy[Any] = st.one_of(
    SCALARS, st.lists(SCALARS, max_size=2), st.just({}), st.just("[]"), st.just("-")
)


def seen(text: str) -> str:
    """What a reader makes of a text: white space is one space, an accent is an accent."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def differ(before: Any, after: Any) -> bool:
    return canonical_json(before) != canonical_json(after)


def table(before: Any, after: Any) -> Table:
    change = Change("label", before, after)
    return Table(("before", "after"), [(Side(change, False), Side(change, True))])


@given(VALUES, VALUES)
def test_two_values_that_differ_look_different_in_text_markdown_and_csv(
    before: Any, after: Any
) -> None:
    first, second = shown_pair(before, after, "label")
    assert (seen(first) != seen(second)) == differ(before, after)
    page = markdown.markdown_table(table(before, after))
    if differ(before, after):
        _, left, right, _ = page.splitlines()[-1].split("|")
        assert left.strip() != right.strip()
        _, (left, right) = csv.reader(io.StringIO(tables.csv_table(table(before, after))))
        assert left != right


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (1.0, "1.0", 'x 1.0 (number) → "1.0" (text)'),
        (None, "", 'x absent → ""'),
        ("", None, 'x "" → absent'),
        (None, " ", 'x absent → " " (text)'),
        ("-", None, 'x "-" (text) → absent'),
        (True, "true", 'x true (true or false) → "true" (text)'),
        ([1], "[1]", 'x [1] (list) → "[1]" (text)'),
        ("a", "a ", 'x "a" (text) → "a " (text)'),
        ("é", "e\u0301", r'x "\u00e9" (text) → "e\u0301" (text)'),
        ("\x1b", r"\x1b", r'x "\u001b" (text) → "\\x1b" (text)'),
        (1, 1.0, "x 1 → 1.0"),
        ("a", "b", "x a → b"),
        ("https://u:p@h/?a", "https://u:q@h/?a", "x https://***@h/?*** (hidden part 1)"),
    ],
)
def test_how_two_values_differ_is_said_where_their_texts_do_not(
    before: Any, after: Any, shown: str
) -> None:
    assert show(Change("x", before, after)).startswith(shown)


@pytest.fixture
def moved(sqlite_logbook: Logbook, tmp_path: Path) -> Program:
    """A DID whose application changed, and where it is answered with it."""
    urls = {"app_a": "https://a.example/", "app_b": "https://b.example/"}
    for updated_at, application in enumerate(urls, start=1):
        capture = sqlite_logbook.capture(answer_urls=urls)
        sqlite_logbook.see(application, capture=capture, updated_at=updated_at)
        capture.close()
    return Program(tmp_path / "home", database=sqlite_logbook.location)


def test_a_field_asked_for_by_name_is_shown_whenever_it_differs(moved: Program) -> None:
    by_default = moved.run("diff", "--exit-code").ended(4)
    assert "destination" not in by_default.stdout
    named = moved.run("diff", "--field", "destination", "--exit-code").ended(4)
    assert "destination https://a.example/ → https://b.example/" in named.stdout
    assert "destination https://a.example/ → https://b.example/" in (
        moved.run("log", "--field", "destination").ended(0).stdout
    )
    assert "updated_at 1 → 2" in moved.run("diff", "--field", "updated_at").ended(0).stdout
    assert "updated_at 1 → 2" in moved.run("log", "--field", "updated_at").ended(0).stdout
