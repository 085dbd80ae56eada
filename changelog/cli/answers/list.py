"""``changelog list``."""

from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import clock, open_reader_or_mirror
from changelog.cli.output import TABLE_FORMATS, output
from changelog.cli.settings import load_settings
from changelog.commands.answers.list import list_fleet
from changelog.model.routing import Where
from changelog.render import answers

app = options.command_app()


@app.command(epilog=options.epilog("changelog list app_9 --at 2026-11-23T14:00Z", (0, 2, 5, 8)))
def run(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEXT]",
            help="Only DIDs with this text in number, id, application or destination.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="SEL",
            help="Show this time or tag:NAME (default: now).",
            autocompletion=completion.selectors,
        ),
    ] = None,
    application: options.Application = None,
    route_mode: options.RouteMode = None,
    status: options.Status = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.TableFormat = None,
) -> int:
    """List where each DID points, now or at an earlier time."""
    out = output(json, format_name, TABLE_FORMATS)
    with open_reader_or_mirror(load_settings(db, config)) as log:
        result = list_fleet(log, text, at, Where(application, route_mode, status), clock())
    return out.answer("list", result, answers.fleet)
