"""``changelog status``."""

from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import answer_from_log, clock
from changelog.cli.output import output, warn
from changelog.cli.settings import load_settings
from changelog.commands.answers.status import status
from changelog.render import status as shown
from changelog.store.reader import LogReader

app = options.command_app()


@app.command(epilog=options.epilog("changelog status --format chat", (0, 2, 3, 5, 8)))
def run(
    db: options.Db = None,
    config: options.Config = None,
    deadline: options.Deadline = None,
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

    def answer(log: LogReader) -> int:
        if log.is_missing:
            warn(f"there is no log at {log.place}")
        return out.answer("status", status(log, clock()), shown.status)

    return answer_from_log(load_settings(db, config), answer, deadline)
