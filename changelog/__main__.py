"""``python -m changelog``: the same as the command."""

from changelog.cli.main import run

run()
