"""``changelog list``."""

from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import answer_from_log, clock
from changelog.cli.output import TABLE_FORMATS, output, say, tell, tell_incomplete
from changelog.cli.settings import load_settings
from changelog.commands.answers.list import list_fleet
from changelog.model.ports import Log
from changelog.model.routing import Where
from changelog.render import answers

app = options.command_app()


_FORMATS = (*TABLE_FORMATS, "plain")
_Format = Annotated[str | None, options.format_option(_FORMATS)]


@app.command(epilog=options.epilog("changelog list app_9 --at 2026-11-23T14:00Z", (0, 2, 3, 5, 8)))
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
    deadline: options.Deadline = None,
    json: options.Json = False,
    format_name: _Format = None,
) -> int:
    """List where each DID points, now or at an earlier time."""
    out = output(json, format_name, _FORMATS)

    def answer(log: Log) -> int:
        where = Where(application, route_mode, status)
        result = list_fleet(log, text, at, where, clock(), with_window=out.json)
        tell_incomplete(out, result, result.after or "none")
        if out.format == "plain":
            say(answers.plain_fleet(result))
            for aside in answers.fleet_asides(result):
                tell("changelog: {}", aside)
            return result.exit_code
        return out.answer("list", result, answers.fleet)

    return answer_from_log(load_settings(db, config), answer, deadline)
