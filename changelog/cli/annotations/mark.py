"""``changelog mark``."""

from functools import partial
from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.annotations.annotate import annotate
from changelog.cli.output import output
from changelog.cli.settings import load_settings
from changelog.commands.annotations import MARKS, mark
from changelog.model.errors import UsageError

app = options.command_app()


@app.command(
    epilog=options.epilog("changelog mark did_123@r3 bad -m 'callers heard silence'", (0, 2, 5, 8))
)
def run(
    *,
    dids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DID[@SEL]]...",
            help="Ids or phone numbers; @SEL names a revision, such as @r2.",
            autocompletion=completion.dids_at_or(*MARKS),
        ),
    ] = None,
    verdict: Annotated[
        str,
        typer.Argument(
            metavar="good|bad|retired",
            help="Your verdict.",
            autocompletion=completion.words(*MARKS),
        ),
    ],
    why: Annotated[
        str, typer.Option("-m", "--why", metavar="WHY", help="Say why; the text is stored.")
    ],
    file: options.File = None,
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Judge a routing good or bad, or retire a DID. The newest verdict counts."""
    out = output(json, format_name)
    if verdict not in MARKS:
        hint = f"Use one of: {', '.join(MARKS)}."
        if set(MARKS).intersection(dids or ()):
            hint = f"The verdict stands last: changelog mark DID {'|'.join(MARKS)} -m WHY"
        raise UsageError(f"{verdict!r} is not a verdict", hint)
    settings = load_settings(db, config)
    judge = partial(mark, verdict=verdict, reason=why, author=by or settings.operator)
    return annotate("mark", out, settings, dids, file, judge)
