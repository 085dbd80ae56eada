"""``--format html`` is one file that needs nothing, shows what is stored and runs none of it."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from changelog.render.html.environment import environment, stylesheet
from changelog.store.location import SqliteLocation
from tests.html_page import Page
from tests.logbook import Logbook
from tests.program import Program, invisible_in

HOSTILE_ID = "did/<script>alert(1)</script>…?a=b#c%2F.."
HOSTILE_APPLICATION = '"><img src=x onerror=alert(1)>'
PRIVATE_URL = "https://olga:pass-4711@x.example/answer?token=4711"
LINES = (
    ["restore", HOSTILE_ID, "--offline"],
    ["restore", "--all", "--to", "2026-11-01T12:03Z", "--offline"],
    ["log"],
    ["log", "--snapshots"],
    ["log", HOSTILE_ID, "--since", "2026-11-01"],
    ["list"],
    ["list", "--at", "2026-11-01T12:30Z"],
    ["diff", HOSTILE_ID],
    ["diff", "--from", "2026-11-01T12:03Z"],
)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Whose log holds what wants to run, to call somebody or to hide."""
    place = SqliteLocation(tmp_path / "log.db")
    with Logbook(place) as book:
        book.see("app_a", "webhook", PRIVATE_URL, did=HOSTILE_ID)
        capture = book.capture(note="<b>we\u202eird</b> {{ 7 * 7 }}", changed_by="<i>carl</i>")
        book.see(
            HOSTILE_APPLICATION, "javascript:alert(1)", did=HOSTILE_ID, capture=capture, x="\0a"
        )
        capture.close()
        book.see("app_a", did="did_2", number_e164="+15551230002")
        book.miss("timeout", did="did_2")
    return Program(tmp_path / "home", database=place)


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_what_is_stored_is_shown_and_never_markup(line: list[str], program: Program) -> None:
    ran = program.run(*line, "--format", "html")
    page = Page(ran.ended(0).stdout)
    assert page.tags.isdisjoint({"script", "img", "i", "b", "iframe", "a", "form", "link"})
    assert not page.attributes_named("on")
    assert page.headings[0][0] == 1
    assert [level for level, _ in page.headings].count(1) == 1
    assert invisible_in(ran.stdout) == []
    assert "pass-4711" not in ran.stdout
    assert "token=4711" not in ran.stdout


def test_hostile_values_are_there_to_be_read(program: Program) -> None:
    page = Page(program.run("restore", HOSTILE_ID, "--offline", "--format", "html").stdout)
    for text in (HOSTILE_ID, HOSTILE_APPLICATION, "<i>carl</i>", "javascript:alert(1)"):
        assert text in page.text
    assert "<b>we\\u202eird</b> {{ 7 * 7 }}" in page.text


def test_the_file_needs_nothing_and_allows_only_its_own_style(program: Program) -> None:
    text = program.run("log", "--format", "html").stdout
    page = Page(text)
    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page.attributes_named("content")
    assert not page.attributes_named("src")
    assert not page.attributes_named("href")
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_card_says_what_differs_in_words_too(sqlite_logbook: Logbook, tmp_path: Path) -> None:
    sqlite_logbook.see("app_a", "webhook")
    sqlite_logbook.see("app_a", "reject")
    ran = Program(tmp_path / "home", database=sqlite_logbook.location).run(
        "restore", "did_1", "--offline", "--format", "html"
    )
    text = Page(ran.ended(0).stdout).text
    assert "NOW r2" in text
    assert "PUT BACK r1" in text
    assert "route mode webhook ≠ reject now" in text
    assert "application id app_a same" in text


def test_whom_to_ask_stands_beside_the_commands(sqlite_logbook: Logbook, tmp_path: Path) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_b")
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    program.environment["CHANGELOG_CONFIG"] = str(tmp_path / "changelog.toml")
    (tmp_path / "changelog.toml").write_text('contact = "NOC <1>"')
    ran = program.run("restore", "did_1", "--offline", "--format", "html")
    assert "Ask NOC <1> and send: Please put back" in Page(ran.ended(0).stdout).text


def test_the_history_says_how_often_and_when_it_was_seen_last(
    sqlite_logbook: Logbook, tmp_path: Path
) -> None:
    sqlite_logbook.see("app_a")
    sqlite_logbook.see("app_a")
    program = Program(tmp_path / "home", database=sqlite_logbook.location)
    last = program.json("log")["entries"][0]["last_seen_at"]
    text = Page(program.run("log", "--format", "html").ended(0).stdout).text
    assert f"seen 2 times, last {last[:10]} {last[11:19]}Z" in text


def test_a_name_that_a_template_does_not_know_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()
    with pytest.raises(UndefinedError):
        environment().from_string("{{ value.nothing }}").render(value=1)


def test_no_template_switches_escaping_off_and_the_style_is_small() -> None:
    folder = Path(environment().loader.searchpath[0])  # type: ignore[union-attr]
    for template in folder.glob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", template.read_text()), template
    assert len(stylesheet().encode()) <= 6 * 1024
