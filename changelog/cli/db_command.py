"""``changelog db``."""

from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.output import output
from changelog.cli.settings import Settings, load_settings
from changelog.core.errors import UsageError
from changelog.core.results.database import DatabaseResult
from changelog.core.visible import visible
from changelog.render import text
from changelog.storage.location import SqliteLocation
from changelog.storage.versions import HEAD

app = options.command_app()

ACTIONS = ("upgrade", "current", "path")


@app.command(epilog=options.epilog("changelog db upgrade", (0, 2, 8)))
def run(
    action: Annotated[
        str, typer.Argument(metavar="upgrade|current|path", help="What to do or show.")
    ],
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """The database: upgrade its schema, show its version, say where it is."""
    out = output(json, format_name)
    if action not in ACTIONS:
        raise UsageError(f"there is no 'db {action}'", f"Use one of: {', '.join(ACTIONS)}.")
    settings = load_settings(db, config)
    if action == "path":
        out.text(visible(str(settings.location)))
        result = DatabaseResult(database=str(settings.location), head=HEAD)
        return out.answer("db", result, lambda *_: "")
    result = _upgraded(settings) if action == "upgrade" else _current(settings)
    return out.answer("db", result, lambda found, _: text.database(found))


def _upgraded(settings: Settings) -> DatabaseResult:
    from changelog.storage.engine import make_engine
    from changelog.storage.schema import upgrade

    location = settings.location
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = make_engine(location)
    try:
        before, after = upgrade(engine, location)
    finally:
        engine.dispose()
    return DatabaseResult(
        database=str(location), version=after, head=HEAD, before=before, upgraded=before != after
    )


def _current(settings: Settings) -> DatabaseResult:
    from changelog.storage.engine import make_engine
    from changelog.storage.schema import version

    location = settings.location
    if isinstance(location, SqliteLocation) and not location.exists:
        return DatabaseResult(database=str(location), head=HEAD)
    engine = make_engine(location)
    try:
        found = version(engine, location)
    finally:
        engine.dispose()
    return DatabaseResult(database=str(location), version=found, head=HEAD)
