"""``changelog mark``."""

from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.context import clock, open_log, open_writer
from changelog.cli.output import output
from changelog.cli.settings import load_settings
from changelog.commands.annotations.annotate import MARKS, mark
from changelog.model.errors import UsageError
from changelog.render import answers

app = options.command_app()


@app.command(
    epilog=options.epilog("changelog mark did_123@r3 bad -m 'callers heard silence'", (0, 2, 5, 8))
)
def run(
    did: options.DidAt,
    verdict: Annotated[str, typer.Argument(metavar="good|bad|retired", help="The verdict.")],
    why: Annotated[str, typer.Option("-m", "--why", metavar="WHY", help="The reason.")],
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Judge a routing good or bad, or retire a DID. The latest verdict counts."""
    out = output(json, format_name)
    if verdict not in MARKS:
        raise UsageError(f"{verdict!r} is no verdict", f"Use one of: {', '.join(MARKS)}.")
    settings = load_settings(db, config)
    with open_log(settings) as log, open_writer(settings) as recorder:
        author = by or settings.operator
        result = mark(log, recorder, did, verdict, why, author, clock())
        return out.answer("mark", result, answers.mark)
