"""``changelog mirror``."""

from dataclasses import replace

from changelog.cli import options
from changelog.cli.context import open_transactions
from changelog.cli.options import command
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.model.errors import UsageError
from changelog.render import upkeep
from changelog.store.location import SqliteLocation, parse_location

_FILE = options.argument("FILE", "Local SQLite file; it is made if it does not exist.")


@command("changelog mirror /var/lib/changelog/mirror.db", (0, 2, 7, 8, 130))
def app(out: Output, settings: Settings, file: str = _FILE) -> int:
    """Copy the new entries of a shared log into a local file, to read while the server is down.

    Run it often, from cron or a timer. Set mirror = "FILE" in the settings: commands that only read
    then answer from the file while the database cannot be reached. Each entry is verified first.
    """
    from changelog.store.journal.mirror import mirror_log
    from changelog.store.journal.source import open_source

    copy = parse_location(file)
    if not isinstance(copy, SqliteLocation):
        raise UsageError("a mirror is a SQLite file", "Name a path.")
    shared = settings.location
    if isinstance(shared, SqliteLocation) and shared.path.resolve() == copy.path.resolve():
        raise UsageError("a log cannot be its own mirror", "Name another file.")
    # A database that cannot be read makes no file.
    with open_source(shared):
        pass
    into_copy = open_transactions(replace(settings, location=copy), into_mirror=True)
    with Progress() as progress, into_copy as transactions:
        result = mirror_log(shared, transactions, progress)
    return out.print("mirror", result, upkeep.mirror)
