"""The README is a promise: its card and its tables are compared with the program."""

import re
import shlex
from pathlib import Path

from changelog.cli.main import COMMANDS
from changelog.model.exits import EXIT_CODES, PRECEDENCE
from changelog.sandbox.server import Sandbox
from tests.make_command_pages import page
from tests.pages import shows
from tests.program import KEY, Program

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCS = ROOT / "docs"
EXITS = (DOCS / "exit-codes.md").read_text()


def table(heading: str, text: str = README) -> list[list[str]]:
    """The rows of the first table under a heading, without its head."""
    section = text.split(f"# {heading}\n", 1)[1]
    rows = re.search(r"(?m)^\|.*\n\|[-|]+\n((?:\|.*\n)+)", section)
    assert rows is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows[1].splitlines()]


def test_the_card_is_what_the_program_says(tmp_path: Path) -> None:
    (card,) = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    typed, _, expected = card.partition("\n")
    with Sandbox(key=KEY) as sandbox:
        program = Program(tmp_path, api=sandbox)
        program.run("record", "did_101").ended(0)
        sandbox.move("did_101", application_id="app_maintenance")
        restored = program.run(*shlex.split(typed.removeprefix("$ changelog "))).ended(0)
    assert shows(expected, restored.stdout), restored


def test_the_first_screen_holds_the_card_and_how_to_install() -> None:
    lines = README.splitlines()
    assert len(lines) <= 160
    assert "PUT BACK" in "".join(lines[:30])
    assert lines.index("## Install") < 30


def test_the_commands_are_those_of_the_program() -> None:
    assert {row[0].strip("`"): row[1] for row in table("Commands")} == COMMANDS


def test_the_exit_codes_are_those_of_the_program() -> None:
    assert [int(row[0]) for row in table("Exit codes", EXITS)] == sorted({0, *PRECEDENCE})


def test_the_conditions_are_those_of_the_program() -> None:
    documented = {row[0].strip("`"): int(row[1]) for row in table("Conditions", EXITS)}
    assert documented == EXIT_CODES
    said = re.search(r"the first of ([\d, ]+)\.", EXITS)
    assert said is not None
    assert tuple(map(int, said[1].split(", "))) == PRECEDENCE


def test_the_variables_of_the_environment_are_those_that_the_program_reads() -> None:
    documented = set(
        re.findall(
            r"`([A-Z_]+)`",
            "".join(row[0] for row in table("Environment", (DOCS / "settings.md").read_text())),
        )
    )
    sources = "".join(path.read_text() for path in (ROOT / "changelog").rglob("*.py"))
    named = set(re.findall(r'"((?:CHANGELOG|MINIVOICE|NO)_[A-Z][A-Z_]*)"', sources))
    assert named == documented


def test_every_option_of_the_docs_exists_in_the_help_of_its_command(tmp_path: Path) -> None:
    program = Program(tmp_path)
    texts = "".join(path.read_text() for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))))
    for line in set(re.findall(r"`(?:\$ )?changelog ([a-z]+ [^`|]*--[^`|]*)`", texts)):
        command, *words = line.split()
        helped = program.run(command, "--help").ended(0).stdout
        for word in words:
            if word.startswith("--"):
                assert word in helped, f"changelog {command} has no {word}"


def test_the_page_of_commands_is_what_the_program_says() -> None:
    made = "run: .venv/bin/python -m tests.make_command_pages"
    assert (DOCS / "commands.md").read_text() == page(), made


def test_the_list_of_the_docs_names_every_page() -> None:
    named = set(re.findall(r"\]\(([\w-]+\.md)\)", (DOCS / "README.md").read_text()))
    assert named == {path.name for path in DOCS.glob("*.md")} - {"README.md"}


def test_no_link_between_pages_leads_nowhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / ".github").glob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    ]
    assert len(links) > 20
    assert [link for page, link in links if not (page.parent / link).exists()] == []
