"""``changelog note``."""

from functools import partial
from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.annotations.annotate import annotate
from changelog.cli.output import output
from changelog.cli.settings import load_settings
from changelog.commands.annotations import find_noted, note

app = options.command_app()


@app.command(
    epilog=options.epilog("changelog note did_123@r2 -m 'moved by the carrier'", (0, 2, 5, 8))
)
def run(
    text: Annotated[str, typer.Option("-m", "--note", metavar="TEXT", help="The note.")],
    dids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DID[@SEL]|tag:NAME]...",
            help="Ids or phone numbers; @SEL names a revision. A tag: its capture.",
            autocompletion=completion.dids_at,
        ),
    ] = None,
    file: options.File = None,
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Add a note to a revision: the latest, or the one that @SEL names.

    On a tag, the note belongs to its capture, and so to each revision that this read.
    """
    out = output(json, format_name)
    settings = load_settings(db, config)
    write = partial(note, text=text, author=by or settings.operator)
    return annotate("note", out, settings, dids, file, write, find_noted)
