"""A report of a period, as a ticket and a spreadsheet make of it: readers that are not our own."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from changelog.model.text.sanitize import escape
from changelog.render import markdown, tables
from changelog.render.tables import Table
from changelog.store.location import SqliteLocation
from tests.logbook import START, Logbook
from tests.program import Program, invisible_in

TICKET = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""As ticket systems read it: tables, strikethrough, raw HTML, and whatever looks like an address
becomes a link."""
HARMLESS = {
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
    *("paragraph_open", "paragraph_close", "inline", "text", "text_special", "code_inline"),
}
PIECES = st.sampled_from(
    [
        *("|", "`", "``", "\\", "<", "</", "<b>", "<script>", ">", "[", "]", "](", "![", "(", ")"),
        *("*", "**", "_", "~~", "#", "&", "&lt;", "$", "@", "://", "//", "http:", "https://"),
        *("www.", "ftp://", "mailto:", "javascript:", "/", ".", ";", ",", "-", "+", "=", "?", "!"),
        *(
            "'",
            '"',
            " ",
            "a",
            "B1",
            "evil.example",
            "example.com",
            "ops@evil.example",
            ".co",
            "xn--",
        ),
        *("\n", "\r", "\t", "\u202e", "\u200b", "\uff1d", "ü.com", "---", "- ", "1. ", "> ", "\\|"),
        *("пример.рф", "^", "{", "}", "%", "\u00a0", "\ufeff", "\x1b[31m", "\0"),
    ]
)
TEXTS = st.lists(PIECES, max_size=9).map("".join)
SEPARATORS_AND_SPACES = "'\" "
RUN_BY_A_SPREADSHEET = re.compile("[=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\t\r\n-]")


def tokens(page: str) -> Iterator[Token]:
    for token in TICKET.parse(page):
        yield token
        yield from token.children or ()


def test_the_reader_would_see_what_is_hostile() -> None:
    """What these tests look for does arise where a text is not escaped."""
    page = "| a |\n|---|\n| <b>x ![i](y) [k](z) example.com ~~s~~ |\n"
    assert {token.type for token in tokens(page)} - HARMLESS == {
        *("html_inline", "image", "link_open", "link_close", "s_open", "s_close")
    }


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=3))
def test_no_stored_text_becomes_an_element_a_link_or_an_image(
    rows: list[tuple[str, str, str]],
) -> None:
    content = Table(
        ("destination", "notes", "number"), [(f"x{one}", two, three) for one, two, three in rows]
    )
    found = list(tokens(markdown.markdown_table(content)))
    assert {token.type for token in found} <= HARMLESS
    assert sum(token.type == "tr_open" for token in found) == len(rows) + 1


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_a_ticket_shows_each_text_as_it_is(texts: list[str]) -> None:
    content = Table(("a",), [(f"x{text}",) for text in texts])
    shown = [
        "".join(part.content for part in token.children or ())
        for token in TICKET.parse(markdown.markdown_table(content))
        if token.type == "inline"
    ]
    if not any("://" in text for text in texts):  # What may hide a secret there is masked.
        # HTML, and so what is shown, takes any number of spaces for one.
        assert [one.split() for one in shown] == [
            escape(one).split() for one in ["a", *(f"x{text}" for text in texts)]
        ]


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_a_spreadsheet_runs_no_cell_and_a_program_has_each_text_back(
    rows: list[tuple[str, str]],
) -> None:
    _, *read = csv.reader(io.StringIO(tables.csv_table(Table(("a", "b"), rows))))
    for row, texts in zip(read, rows, strict=True):
        for cell, text in zip(row, texts, strict=True):
            begins = cell.lstrip(SEPARATORS_AND_SPACES)
            runs = RUN_BY_A_SPREADSHEET.match(begins) is not None
            defused = cell.startswith("'") and runs
            assert defused or not runs or re.fullmatch(r"\+\d+", cell)
            assert (cell[1:] if defused else cell) == escape(text)


# The report of a period


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """25 changes of one DID and one of another, a minute or more apart."""
    place = SqliteLocation(tmp_path_factory.mktemp("reports") / "log.db")
    with Logbook(place) as book:
        for number in range(25):
            book.see(f"app_{number}", note="<b>by</b> =night|")
        book.see("app_a", did="did_2", number_e164="+15551230002")
    return Program(place.path.parent / "home", database=str(place.path))


@pytest.mark.parametrize("form", ["markdown", "csv"])
def test_a_report_of_a_period_leaves_nothing_out(program: Program, form: str) -> None:
    ran = program.run("log", "--since", "2026-11-01", "--format", form).ended(0)
    assert all(f"app_{number}" in ran.stdout for number in range(25))
    assert ran.stderr == "changelog: 2026-11-01 is 2026-11-01 00:00:00Z\n"
    assert invisible_in(ran.stdout) == []
    few = program.run("log", "--since", "2026-11-01", "-n", "2", "--format", form).ended(0)
    assert "app_20" not in few.stdout
    assert "lder entries are left out" in few.stdout + few.stderr


def test_a_report_says_which_period_it_is_about(program: Program) -> None:
    end = (START + timedelta(days=1)).strftime("%Y-%m-%dT00:00Z")
    ran = program.run("log", "--since", "2026-11-01", "--until", end, "--format", "markdown")
    assert ran.ended(0).stdout.startswith(
        "From 2026-11-01 00:00:00Z until 2026-11-02 00:00:00Z: revisions 26, DIDs 2.\n\n| first_"
    )
    document = program.json("log", "--since", "2026-11-01", "--until", end)
    assert document["since"] == "2026-11-01T00:00:00.000000Z"
    assert document["until"] == "2026-11-02T00:00:00.000000Z"
    assert len(document["entries"]) == 20
    nothing = program.run("log", "--until", "2026-01-01", "--format", "markdown").ended(0)
    assert (
        nothing.stdout
        == "Until 2026-01-01 23:59:59Z: revisions 0, DIDs 0.\n\nNo revision matches.\n"
    )


def test_every_fetch_of_a_period_is_a_report_too(program: Program) -> None:
    line = ["log", "--snapshots", "--since", "2026-11-01", "--format"]
    page = program.run(*line, "markdown").ended(0).stdout
    assert page.startswith("From 2026-11-01 00:00:00Z: snapshots 26, DIDs 2.\n")
    rows = list(csv.DictReader(io.StringIO(program.run(*line, "csv").ended(0).stdout)))
    assert len(rows) == 26


def test_a_number_stays_one_that_a_spreadsheet_can_look_up(program: Program) -> None:
    ran = program.run("log", "--since", "2026-11-01", "--format", "csv").ended(0)
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert {row["number"] for row in rows} == {"+15551230001", "+15551230002"}
