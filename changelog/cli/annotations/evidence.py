"""``changelog evidence``."""

from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.context import clock, open_writer
from changelog.cli.output import output
from changelog.cli.recording.saved_files import read_saved
from changelog.cli.settings import load_settings
from changelog.commands.annotations.evidence import RESULTS, evidence
from changelog.model.errors import UsageError
from changelog.render import calls

app = options.command_app()


@app.command(
    epilog=options.epilog(
        "changelog evidence call.json --result pass -m 'heard the greeting'", (0, 2, 3, 5, 8)
    )
)
def run(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Bodies of webhooks; - is stdin.")
    ],
    result: Annotated[
        str | None,
        typer.Option("--result", metavar="pass|fail", help="What whoever listened says."),
    ] = None,
    text: Annotated[
        str, typer.Option("-m", "--note", metavar="TEXT", help="What was heard, in words.")
    ] = "",
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Tie test calls to the revisions they reached: webhook bodies, one a file or one a line."""
    out = output(json, format_name)
    heard = next((known for known in RESULTS if known == result), None)
    if result is not None and heard is None:
        raise UsageError(f"{result!r} is no result", f"Use one of: {', '.join(RESULTS)}.")
    settings = load_settings(db, config)
    saved = [read_saved(name) for name in files]
    with open_writer(settings) as recorder:
        report = evidence(
            recorder,
            saved,
            heard=heard,
            text=text,
            author=by or settings.operator,
            now=clock(),
            secrets=settings.secrets(),
        )
    return out.answer("evidence", report, calls.evidence)
