"""``--format markdown|csv|chat``: the whole answer, in which nothing stored can act on its reader.

The readers are not our own: a ticket system's Markdown, a spreadsheet's rules.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from changelog.model.diff import Change, group_changes
from changelog.model.results.base import DidError
from changelog.model.results.diff import DiffCounts, DiffedDid, DiffResult
from changelog.model.text.sanitize import escape
from changelog.render import markdown, tables
from changelog.render.style import Side
from changelog.render.tables import Table
from changelog.sandbox.server import Sandbox
from changelog.store.location import SqliteLocation
from tests.logbook import START, Logbook
from tests.program import Program, invisible_in
from tests.test_layers import HEAVY

HIDDEN = "hidden-from-tickets"
READABLE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

HOSTILE = {
    "formula": '=HYPERLINK("http://evil.example/?x","click")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1) @everybody",
    "spaced": "  =1+1",
    "full_width": "\uff1d1+1",
    "apostrophe": "'=1",
    "tab": "\t=1",
    "carriage_return": "\r=1",
    "pipe": "a|b\\|c\\",
    "backtick": "`` ` |x",
    "html": "<script>alert(1)</script><img src=x>&lt;",
    "newline": "one\n| a | b |\n\n# two",
    "bidi": "\u202egnp.exe\u2066\u200b",
    "image": "![i](https://evil.example/i.png) [click](javascript:x)",
    "autolink": "<https://evil.example> www.evil.example ops@evil.example",
    "emphasis": "**b** _i_ ~~s~~ a_b $x$",
    "quotes": 'say "hi", then;\nleave',
}


@pytest.fixture(scope="module")
def program(shared_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Two captures: one change on two DIDs, a hidden one on a third, and a fourth that is new."""
    made = Program(tmp_path_factory.mktemp("formats"), api=shared_sandbox)
    hidden = f"https://olga:{HIDDEN}@voice.example.com/support?key={HIDDEN}"
    shared_sandbox.set_application("app_support", answer_url=hidden)
    one_by_one = ["--concurrency", "1"]
    about = ["--tag", "pre", "-m", "before the winter menu", "--ticket", "OPS-7"]
    made.record("did_101", "did_102", "did_103", *about, *one_by_one)
    for did in ("did_101", "did_102"):
        shared_sandbox.move(did, application_id="app_maintenance", status="suspended")
    shared_sandbox.set_application("app_support", answer_url=f"{hidden}-2")
    made.record("did_101", "did_102", "did_103", "did_104", "--tag", "post", *one_by_one)
    return made


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Every hostile value as id, number, routing, unknown field, note, ticket and author."""
    place = SqliteLocation(tmp_path_factory.mktemp("hostile") / "log.db")
    with Logbook(place) as book:
        for name, value in HOSTILE.items():
            did = f"did_{name}"
            about: dict[str, Any] = {"note": value, "ticket": value, "changed_by": value}
            fields: dict[str, Any] = {"number_e164": value, "status": value, value: value}
            fields["x"] = {value: [value]}
            book.see("app_a", did=did)
            capture = book.capture(**about)
            book.see(value, value, f"sip:{value}", did=did, capture=capture, **fields)
            book.see(value, did=value, capture=capture)
            capture.close()
    return Program(place.path.parent / "home", database=str(place.path))


EXPECTED = Path(__file__).parent / "formats"
LINES: dict[str, list[str]] = {
    "list": ["list"],
    "list-of-nothing": ["list", "--application", "nowhere"],
    "list-then": ["list", "--at", "tag:pre"],
    "diff": ["diff", "--from", "tag:pre", "--to", "tag:post"],
    "diff-of-some": ["diff", "did_101", "did_104", "nope"],
    "restore": ["restore", "did_102", "did_103", "did_104", "nope", "--offline"],
    "restore-of-one": ["restore", "did_101", "--offline"],
    "log": ["log", "-n", "4"],
    "log-of-one": ["log", "did_103"],
    "log-of-nothing": ["log", "--field", "nothing"],
    "log-snapshots": ["log", "--snapshots", "-n", "4"],
}
"""Name of the files in ``tests/formats/`` that hold the whole answer → the command line."""


def without_times(answer: str) -> str:
    answer = re.sub("in service [^,]+", "in service …", answer)
    then = "2026-11-23 14:00:00Z"
    answer = RFC_3339.sub("2026-11-23T14:00:00.000000Z", READABLE.sub(then, answer))
    # Two looks may lie within a second, or not.
    return answer.replace(f"between {then} and {then}", f"at {then}")


@pytest.mark.parametrize("expected", sorted(EXPECTED.iterdir()), ids=lambda path: path.name)
def test_the_whole_answer_is_as_expected(program: Program, expected: Path) -> None:
    line, form = LINES[expected.stem], expected.suffix[1:].replace("md", "markdown")
    ran, as_text = program.run_each([[*line, "--format", form], line])
    assert without_times(ran.stdout) == expected.read_text()
    assert ran.exit_code == as_text.exit_code


def test_a_url_in_a_ticket_ends_where_it_ends(program: Program) -> None:
    page = program.run("restore", "did_101", "--offline", "--format", "markdown").ended(0).stdout
    assert "back to `https://***@voice.example.com/support?***` (masked" in page
    assert not re.search(r"[.)]`", page)
    assert "- To undo: `changelog restore did_101 --to r2`" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://a.example/x, then call", "see `https://a.example/x`, then call"),
        ("moved (https://a.example/x).", "moved (`https://a.example/x`)."),
        ("https://a.example/x_(y).", "`https://a.example/x_(y)`."),
        ("ask @olga!", "ask `@olga`!"),
        ("//", "`//`"),
    ],
)
def test_the_punctuation_behind_an_address_is_none_of_it(text: str, shown: str) -> None:
    assert markdown.put(text) == shown


def test_what_csv_has_no_room_for_is_said_on_stderr(program: Program) -> None:
    cut = program.run("log", "-n", "1", "--format", "csv").ended(0)
    assert cut.stderr == "changelog: older entries are left out: -n N shows more\n"
    restored = program.run("restore", "did_103", "nope", "--offline", "--format", "csv").ended(5)
    assert without_times(restored.stderr) == (
        "changelog: nope: the log knows no DID 'nope'. It knows did_101, did_102, did_103, did_104."
        " If it was never recorded: changelog record nope\n"
        "changelog: did_103: as of 2026-11-23 14:00:00Z, from the log\n"
    )


def test_a_did_that_the_log_does_not_know_has_no_answer_in_any_format(program: Program) -> None:
    for form in ("text", "markdown"):
        ran = program.run("log", "nope", "--format", form).ended(5)
        assert (ran.stdout, ran.stderr.splitlines()[0]) == (
            "",
            "changelog: the log knows no DID 'nope'",
        )


def test_markdown_masks_what_csv_gives_whole(program: Program) -> None:
    for line in LINES.values():
        assert HIDDEN not in program.run(*line, "--format", "markdown").stdout
    assert HIDDEN in program.run("list", "--format", "csv").stdout


@pytest.mark.parametrize("command", ["list", "diff", "restore", "log"])
def test_the_help_names_the_formats_and_another_one_is_a_wrong_argument(
    program: Program, command: str
) -> None:
    helped = program.run(command, "--help").ended(0)
    assert {"text", "json", "markdown", "csv"} <= set(re.findall("[a-z]+", helped.stdout))
    ran = program.run(command, "--format", "xml").ended(2)
    assert ran.stderr.startswith(
        "changelog: 'xml' is not a format of this command\n  Use one of: text, json, markdown, csv"
    )
    program.run("show", "did_101", "--format", "csv").ended(2)


# Hostile values

EVERY_DID = [f"did_{name}" for name in HOSTILE]
ASKED = {
    "list": ["list"],
    "log": ["log", "-n", "999"],
    "log --snapshots": ["log", "--snapshots", "-n", "999"],
    "diff": ["diff"],
    "diff of some": ["diff", *EVERY_DID, "nope", HOSTILE["pipe"], "--all-fields"],
    "restore": ["restore", *EVERY_DID, "nope", "--offline"],
}
TICKET = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""As ticket systems read it: tables, strikethrough, raw HTML, and whatever looks like an address
becomes a link."""
HARMLESS = {
    *("table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close"),
    *("tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close"),
    *("paragraph_open", "paragraph_close", "inline", "text", "text_special", "code_inline"),
}
LISTS = {
    *("list_item_open", "list_item_close", "bullet_list_open", "bullet_list_close"),
    *("ordered_list_open", "ordered_list_close"),
}
SIGNS = "=+@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\t\r\n-"
RUN_BY_A_SPREADSHEET = re.compile(f"['\" ]*[{SIGNS}]")


def tokens(page: str) -> Iterator[Token]:
    for token in TICKET.parse(page):
        yield token
        yield from token.children or ()


def require_straight_tables(page: str) -> None:
    """Any pipe ends a cell, behind a backslash and in code too: the strictest of all readers."""
    for block in page.split("\n\n"):
        lines = block.splitlines()
        if lines and lines[0].startswith("|"):
            assert {line.count("|") for line in lines} == {lines[0].count("|")}


def is_run(cell: str) -> bool:
    return bool(RUN_BY_A_SPREADSHEET.match(cell)) and not re.fullmatch("[+][0-9]+", cell)


def meant(cell: str) -> str:
    """The value that a spreadsheet was kept from running."""
    return cell[1:] if cell.startswith("'") and RUN_BY_A_SPREADSHEET.match(cell) else cell


def test_the_reader_would_see_what_is_hostile() -> None:
    """What these tests look for does arise where a text is not escaped."""
    page = "| a |\n|---|\n| <b>x ![i](y) [k](z) example.com ~~s~~ |\n"
    assert {token.type for token in tokens(page)} - HARMLESS == {
        *("html_inline", "image", "link_open", "link_close", "s_open", "s_close")
    }


@pytest.mark.parametrize("what", ASKED)
def test_a_ticket_finds_no_markup_in_a_whole_page(hostile: Program, what: str) -> None:
    page = hostile.run(*ASKED[what], "--format", "markdown").stdout
    assert invisible_in(page) == []
    assert {token.type for token in tokens(page)} <= HARMLESS | LISTS
    require_straight_tables(page)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_ticket_of_a_hostile_did_is_one_heading_lists_and_a_table(
    hostile: Program, name: str
) -> None:
    line = ("restore", f"did_{name}", "--offline", "--format", "markdown")
    page = hostile.run(*line).ended(0).stdout
    assert invisible_in(page) == []
    more = {"heading_open", "heading_close", "strong_open", "strong_close", "softbreak"}
    found = [token.type for token in tokens(page)]
    assert set(found) <= HARMLESS | LISTS | more
    assert found.count("heading_open") == 1
    require_straight_tables(page)


CODE = re.compile("`[^`\n]*`")
STATE = re.compile(r"(?m)  \[[a-z0-9, ]+\]$")
"""Of a revision: brackets of our own."""
CALLS_OR_LINKS = re.compile(r"[<>@*~|#\[\]]|://|www\.")


@pytest.mark.parametrize("command", ["diff", "log", "restore"])
def test_no_hostile_value_is_more_than_text_in_a_chat(hostile: Program, command: str) -> None:
    more = {"restore": [*EVERY_DID, "--offline"], "log": ["-n", "999"]}.get(command, [])
    ran = hostile.run(command, *more, "--format", "chat").ended(0)
    assert invisible_in(ran.stdout) == []
    assert CALLS_OR_LINKS.findall(STATE.sub("", CODE.sub("", ran.stdout))) == []
    assert "everybody" in ran.stdout


@pytest.mark.parametrize("what", ASKED)
def test_no_cell_is_run_and_a_line_is_a_record(hostile: Program, what: str) -> None:
    printed = hostile.run(*ASKED[what], "--format", "csv").stdout
    rows = list(csv.reader(io.StringIO(printed)))
    assert len(rows) == len(printed.splitlines()) > len(HOSTILE)
    assert [cell for row in rows for cell in row if is_run(cell) and meant(cell) == cell] == []
    assert invisible_in(printed) == []


@pytest.mark.parametrize(("what", "items"), [("list", "dids"), ("log", "entries")])
def test_csv_read_back_has_the_values_of_the_json(hostile: Program, what: str, items: str) -> None:
    line = ASKED[what]
    as_csv, as_json = hostile.run_each([[*line, "--format", "csv"], [*line, "--json"]])
    columns, *rows = csv.reader(io.StringIO(as_csv.stdout))
    assert len(rows) == len(as_json.json[items]) >= len(HOSTILE)
    for row, members in zip(rows, as_json.json[items], strict=True):
        for column, cell in zip(columns, row, strict=True):
            value = members[column]
            value = " ".join(value) if column in ("state", "tags") else value
            assert meant(cell) == spelled(value, cell), column


def spelled(value: Any, cell: str) -> Any:
    """`value` of the JSON as it stands in `cell`."""
    if value is None or value == []:
        return ""
    if isinstance(value, str):
        return escape(value)
    assert json.loads(cell) == value
    return cell


def test_a_destination_that_was_learned_is_masked_whole_and_its_other_side_is_shown() -> None:
    change = Change("destination", None, f"https://voice.example.com/a?key=a {HIDDEN}")
    row = (change.field, Side(change, False), Side(change, True))
    table = Table(("field", "before", "after"), [row])
    assert markdown.markdown_table(table).splitlines()[-1] == (
        "| destination | - | `https://voice.example.com/a?***` |"
    )


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


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=3))
def test_no_stored_text_becomes_an_element_a_link_or_an_image(
    rows: list[tuple[str, str, str]],
) -> None:
    content = Table(
        ("destination", "notes", "number"), [(f"x{one}", two, three) for one, two, three in rows]
    )
    page = markdown.markdown_table(content)
    require_straight_tables(page)
    found = list(tokens(page))
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
    assert [[meant(cell) for cell in row] for row in read] == [
        [escape(text) for text in row] for row in rows
    ]
    assert not [cell for row in read for cell in row if is_run(cell) and meant(cell) == cell]


@given(st.integers(0, 10**15))
def test_a_telephone_number_stays_one(number: int) -> None:
    assert tables.csv_table(Table(("number",), [(f"+{number}",)])) == f"number\n+{number}\n"


# Large fleets, and light starts


def test_a_diff_too_large_for_a_ticket_names_what_no_group_says_and_csv_has_it_all() -> None:
    changes = {
        f"did_{n}": (Change("application_id", f"app_{n}", "app_b", routing=True),)
        for n in range(500)
    }
    dids = [
        DiffedDid(did=did, from_revision=1, to_revision=2, changes=made)
        for did, made in changes.items()
    ]
    dids += [DiffedDid(did=f"same_{n}", from_revision=1, to_revision=1) for n in range(200)]
    apart = (
        DiffedDid(did="new", to_revision=1, first_revision=True),
        DiffedDid(did="absent", from_revision=1),
        DiffedDid(did="failed", error=DidError("timeout", "no answer in time")),
    )
    result = DiffResult(
        from_="tag:pre",
        to="tag:post",
        counts=DiffCounts(compared=700, changed=500, unchanged=200, absent=2),
        dids=(*dids, *apart),
        groups=group_changes(changes),
    )
    page = markdown.document("diff", result)
    groups, rest = [part for part in page.split("\n\n") if part.startswith("|")]
    assert groups.count("\n") == markdown.MOST_ROWS + 1
    assert "703 rows, one a DID and field: `--format csv` has them all." in page
    assert re.findall(r"(?m)^\| (new|absent|failed) ", rest) == ["new", "absent", "failed"]
    assert rest.count("\n") == 4
    rows = list(csv.DictReader(io.StringIO(tables.document("diff", result))))
    assert len(rows) == 703
    assert [row["outcome"] for row in rows[-3:]] == ["first_revision", "absent", "error"]


@pytest.mark.parametrize("form", ["plain", "text", "markdown", "csv"])
def test_a_restore_imports_a_format_only_if_it_is_asked_for(program: Program, form: str) -> None:
    modules = [f"changelog.render.{name}" for name in ("documents", "markdown", "tables")]
    line = ["restore", "did_101", "--offline", "--format", form]
    looked_for = [*HEAVY, *modules]
    code = (
        f"import sys\nfrom changelog.cli.main import main\nmain({line!r})\n"
        f"print('\\nFOUND', *[name for name in {looked_for!r} if name in sys.modules])"
    )
    found = program.run_python(code).ended(0).stdout.splitlines()[-1].split()[1:]
    expected = {
        "markdown": modules,
        "csv": ["changelog.render.documents", "changelog.render.tables"],
    }
    assert sorted(found) == expected.get(form, [])


# The report of a period


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """25 changes of one DID and one of another, a minute or more apart."""
    place = SqliteLocation(tmp_path_factory.mktemp("reports") / "log.db")
    with Logbook(place) as book:
        for number in range(25):
            book.see(f"app_{number}", note="<b>by</b> =night|")
        book.see("app_a", did="did_2", number_e164="+15551230002")
    return Program(place.path.parent / "home", database=str(place.path))


@pytest.mark.parametrize("form", ["markdown", "csv"])
def test_a_report_of_a_period_leaves_nothing_out(reports: Program, form: str) -> None:
    ran = reports.run("log", "--since", "2026-11-01", "--format", form).ended(0)
    assert all(f"app_{number}" in ran.stdout for number in range(25))
    assert ran.stderr == "changelog: 2026-11-01 is 2026-11-01 00:00:00Z\n"
    assert invisible_in(ran.stdout) == []
    few = reports.run("log", "--since", "2026-11-01", "-n", "2", "--format", form).ended(0)
    assert "app_20" not in few.stdout
    assert "lder entries are left out" in few.stdout + few.stderr


def test_a_report_says_which_period_it_is_about(reports: Program) -> None:
    end = (START + timedelta(days=1)).strftime("%Y-%m-%dT00:00Z")
    ran = reports.run("log", "--since", "2026-11-01", "--until", end, "--format", "markdown")
    assert ran.ended(0).stdout.startswith(
        "From 2026-11-01 00:00:00Z until 2026-11-02 00:00:00Z: revisions 26, DIDs 2.\n\n| first_"
    )
    document = reports.json("log", "--since", "2026-11-01", "--until", end)
    assert document["since"] == "2026-11-01T00:00:00.000000Z"
    assert document["until"] == "2026-11-02T00:00:00.000000Z"
    assert len(document["entries"]) == 20
    nothing = reports.run("log", "--until", "2026-01-01", "--format", "markdown").ended(0)
    assert nothing.stdout == (
        "Until 2026-01-01 23:59:59Z: revisions 0, DIDs 0.\n\nNo revision matches.\n\n"
        "the log begins only at 2026-11-01 12:02:00Z\n"
    )
    ran = reports.run("log", "--until", "2026-01-01", "--format", "csv").ended(0)
    assert "the log begins only at 2026-11-01 12:02:00Z" in ran.stderr


def test_a_chat_says_that_no_snapshot_matches(reports: Program) -> None:
    line = ["log", "--snapshots", "--until", "2026-01-01", "--format", "chat"]
    said = reports.run(*line).ended(0).stdout
    assert said == "no revision matches\nthe log begins only at 2026-11-01 12:02:00Z\n"


def test_every_fetch_of_a_period_is_a_report_too(reports: Program) -> None:
    line = ["log", "--snapshots", "--since", "2026-11-01", "--format"]
    page = reports.run(*line, "markdown").ended(0).stdout
    assert page.startswith("From 2026-11-01 00:00:00Z: snapshots 26, DIDs 2.\n")
    rows = list(csv.DictReader(io.StringIO(reports.run(*line, "csv").ended(0).stdout)))
    assert len(rows) == 26


def test_chat_names_a_side_without_application_and_mode(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    sqlite_logbook.see(None, None)
    sqlite_logbook.see("app_a")
    program = Program(tmp_path / "home", key="", database=sqlite_logbook.location)
    said = program.run("restore", "did_1", "--offline", "--format", "chat").ended(0).stdout
    assert "\nCURRENT r2: app_a, webhook, active\n" in said
    assert "\nPUT BACK r1: application_id -, route_mode -, active\n" in said
