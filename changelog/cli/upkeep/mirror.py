"""``changelog mirror``."""

from contextlib import closing
from dataclasses import replace
from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.context import open_transactions
from changelog.cli.output import output
from changelog.cli.progress import Progress
from changelog.cli.settings import load_settings
from changelog.model.errors import UsageError
from changelog.render import upkeep
from changelog.store.location import SqliteLocation, parse_location

app = options.command_app()


@app.command(
    epilog=options.epilog("changelog mirror /var/lib/changelog/mirror.db", (0, 2, 7, 8, 130))
)
def run(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Local SQLite file; it is made if it does not exist."),
    ],
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Copy the new entries of a shared log into a local file, to read while the server is down.

    Run it often, from cron or a timer. Set mirror = "FILE" in the settings: commands that only read
    then answer from the file while the database cannot be reached. Each entry is verified first.
    """
    from changelog.store.journal.mirror import LogMirror
    from changelog.store.journal.source import open_source

    out = output(json, format_name)
    settings = load_settings(db, config)
    copy = parse_location(file)
    if not isinstance(copy, SqliteLocation):
        raise UsageError("a mirror is a SQLite file", "Name a path.")
    shared = settings.location
    if isinstance(shared, SqliteLocation) and shared.path.resolve() == copy.path.resolve():
        raise UsageError("a log cannot be its own mirror", "Name another file.")
    # A database that cannot be read makes no file.
    with open_source(shared):
        pass
    progress = Progress()
    with (
        open_transactions(replace(settings, location=copy), into_mirror=True) as transactions,
        closing(progress),
    ):
        result = LogMirror(shared, transactions, progress).run()
    return out.answer("mirror", result, upkeep.mirror)
