"""``changelog evidence``."""

from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.context import clock, open_writer
from changelog.cli.output import output
from changelog.cli.recording.saved_files import read_saved
from changelog.cli.settings import load_settings
from changelog.commands.annotations import RESULTS, evidence
from changelog.model.errors import UsageError
from changelog.render import annotations

app = options.command_app()


@app.command(
    epilog=options.epilog(
        "changelog evidence call.json --result pass -m 'heard the greeting'", (0, 2, 3, 5, 8)
    )
)
def run(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files with webhook bodies; - reads stdin."),
    ],
    result: Annotated[
        str | None,
        typer.Option(
            "--result",
            metavar="pass|fail",
            help="Result of the call, from the person that listened.",
        ),
    ] = None,
    text: Annotated[
        str, typer.Option("-m", "--note", metavar="TEXT", help="Say what was heard.")
    ] = "",
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Store test calls and link each to the revision it reached.

    FILE holds one webhook body, or one on each line.
    """
    out = output(json, format_name)
    verdict = next((known for known in RESULTS if known == result), None)
    if result is not None and verdict is None:
        raise UsageError(f"{result!r} is not a result", f"Use one of: {', '.join(RESULTS)}.")
    settings = load_settings(db, config)
    saved = [read_saved(name) for name in files]
    with open_writer(settings) as recorder:
        report = evidence(
            recorder,
            saved,
            verdict=verdict,
            text=text,
            author=by or settings.operator,
            now=clock(),
            secrets=settings.secrets(),
        )
    return out.answer("evidence", report, annotations.evidence)
