"""``changelog note``."""

from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.context import clock, open_log, open_writer
from changelog.cli.output import output
from changelog.cli.settings import load_settings
from changelog.commands.annotations.annotate import note
from changelog.render import answers

app = options.command_app()


@app.command(
    epilog=options.epilog("changelog note did_123@r2 -m 'moved by the carrier'", (0, 2, 5, 8))
)
def run(
    did: options.DidAt,
    text: Annotated[str, typer.Option("-m", "--note", metavar="TEXT", help="What to say.")],
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Write a note on a revision, the latest unless a selector says otherwise."""
    out = output(json, format_name)
    settings = load_settings(db, config)
    with open_log(settings) as log, open_writer(settings) as recorder:
        result = note(log, recorder, did, text, by or settings.operator, clock())
        return out.answer("note", result, answers.note)
