"""Writes docs/commands.md from the program's help: ``python -m tests.make_command_pages``."""

import tempfile
from pathlib import Path

from changelog.cli.main import COMMANDS
from tests.program import Program

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
_INTRODUCTION = """\
# Commands

This page is made from `changelog COMMAND --help` by `python -m tests.make_command_pages`.
[Selectors and times](selectors.md) explains what SEL, T and D may be.
"""


def page() -> str:
    """Return the text of the page."""
    with tempfile.TemporaryDirectory() as home:
        program = Program(Path(home), COLUMNS="80", TERMINAL_WIDTH="80")
        return _INTRODUCTION + "".join(_section(program, command) for command in COMMANDS)


def _section(program: Program, command: str) -> str:
    helped = program.run(command, "--help").ended(0).stdout.rstrip()
    return f"\n## {command}\n\n```text\n{helped}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
