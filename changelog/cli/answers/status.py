"""``changelog status``."""

from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import clock, open_reader_or_mirror
from changelog.cli.output import output
from changelog.cli.settings import load_settings
from changelog.commands.answers.status import status
from changelog.render import status as shown

app = options.command_app()


@app.command(epilog=options.epilog("changelog status --format chat", (0, 2, 5, 8)))
def run(
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Output format: text (default), json or chat.",
            autocompletion=completion.words("text", "json", "chat"),
        ),
    ] = None,
) -> int:
    """Show the log at a glance: how fresh it is, what changed in the last day, what is open."""
    out = output(json, format_name, ("text", "json", "chat"))
    with open_reader_or_mirror(load_settings(db, config)) as log:
        result = status(log, clock())
    return out.answer("status", result, shown.status)
