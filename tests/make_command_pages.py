"""Writes docs/commands.md from the program's help: ``python -m tests.make_command_pages``."""

import tempfile
from pathlib import Path

from changelog.cli.main import COMMANDS
from tests.program import Program

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
_INTRODUCTION = """\
# Commands

Each command as its `--help` shows it. [Selectors and times](selectors.md) explains what SEL, T and
D may be.

"""


def page() -> str:
    """Return the text of the page."""
    links = [f"[{command}](#{command})" for command in COMMANDS]
    rows = [f"- {', '.join(links[n : n + 5])}\n" for n in range(0, len(links), 5)]
    with tempfile.TemporaryDirectory() as home:
        program = Program(Path(home), COLUMNS="80", TERMINAL_WIDTH="80")
        sections = "".join(_section(program, command) for command in COMMANDS)
    return f"{_INTRODUCTION}{''.join(rows)}{sections}"


def _section(program: Program, command: str) -> str:
    helped = program.run(command, "--help").ended(0).stdout.rstrip()
    return f"\n## {command}\n\n```text\n{helped}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
