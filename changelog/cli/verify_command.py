"""``changelog verify``."""

from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.opening import (
    capture_info,
    capture_settings,
    clock,
    open_api,
    open_log,
    open_writer,
)
from changelog.cli.output import output, tell_conditions
from changelog.cli.settings import load_settings
from changelog.commands.capturing import begin, capture
from changelog.commands.targets import targets
from changelog.commands.verify import expectations, stated_expectation, verify
from changelog.render import text

app = options.command_app()


@app.command(
    epilog=options.epilog("changelog verify +15551230001 --to r3", (0, 2, 3, 4, 5, 6, 8, 130))
)
def run(
    dids: options.Dids = None,
    every: options.All = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="SEL", help="The revision it must equal.")
    ] = None,
    application: options.Application = None,
    route_mode: options.RouteMode = None,
    status: options.Status = None,
    destination: Annotated[
        str | None, typer.Option("--destination", metavar="URI", help="The destination.")
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Fetch, record, and say whether the live routing equals what is expected."""
    out = output(json, format_name)
    settings = load_settings(db, config)
    now = clock()
    stated = stated_expectation(application, route_mode, status, destination)
    with open_log(settings) as book:
        wanted = targets(book, dids or [], every=every, with_key=settings.several_keys)
        expected = expectations(book, wanted, to, stated, now)
    api = open_api(settings)
    with open_writer(settings) as recorder:
        captured = capture(
            api,
            recorder,
            wanted,
            begin(api, recorder, capture_info(settings, "verify"), by_name=not every),
            capture_settings(settings),
        )
        with open_log(settings) as book:
            result = verify(book, recorder, wanted, expected, captured)
    tell_conditions(out, result)
    return out.answer("verify", result, text.verify)
