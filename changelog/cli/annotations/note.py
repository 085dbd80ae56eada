"""``changelog note``."""

from functools import partial
from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import clock_without_api, open_reader, open_writer
from changelog.cli.output import output, tell_missed
from changelog.cli.settings import load_settings
from changelog.commands.annotations.annotate import annotate_each, find_noted, note
from changelog.model.errors import UsageError
from changelog.render import annotations

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
    names = options.names_given(dids, file)
    if not names:
        raise UsageError("no DID is named", "Name one by id or number, or use --file.")
    author = by or settings.operator
    with open_reader(settings) as log, open_writer(settings) as recorder:
        now = clock_without_api(log)
        write = partial(note, log, recorder, text=text, author=author, now=now)
        if len(names) == 1 and file is None:
            return out.answer("note", write(names[0]), annotations.note)
        result = annotate_each(log, names, now, write, find_noted)
        tell_missed(out, result)
        return out.answer("note", result, annotations.annotated)
