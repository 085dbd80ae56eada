"""``changelog mark``."""

from functools import partial
from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import clock_without_api, open_reader, open_writer
from changelog.cli.output import output, tell_missed
from changelog.cli.settings import load_settings
from changelog.commands.annotations.annotate import MARKS, annotate_each, mark
from changelog.model.errors import UsageError
from changelog.render import annotations

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
    names = options.names_given(dids, file)
    if not names:
        raise UsageError("no DID is named", "Name one by id or number, or use --file.")
    author = by or settings.operator
    with open_reader(settings) as log, open_writer(settings) as recorder:
        now = clock_without_api(log)
        judge = partial(mark, log, recorder, verdict=verdict, reason=why, author=author, now=now)
        if len(names) == 1 and file is None:
            return out.answer("mark", judge(names[0]), annotations.mark)
        result = annotate_each(log, names, now, judge)
        tell_missed(out, result)
        return out.answer("mark", result, annotations.annotated)
