"""Writes docs/commands.md from the program's help: ``python -m tests.make_command_pages``."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from changelog.cli.main import COMMANDS

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
_INTRODUCTION = """\
# Commands

Each command as its `--help` shows it. [Selectors and times](selectors.md) explains what SEL, T and
D may be.

"""


def page() -> str:
    """Return the text of the page."""
    links = textwrap.fill(", ".join(f"[{command}](#{command})" for command in COMMANDS), 100)
    return f"{_INTRODUCTION}{links}\n" + "".join(map(_section, COMMANDS))


def _section(command: str) -> str:
    helped = subprocess.run(
        [sys.executable, "-m", "changelog", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "80", "TERMINAL_WIDTH": "80"},
    )
    text = helped.stdout.rstrip().replace("python -m changelog", "changelog", 1)
    return f"\n## {command}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
