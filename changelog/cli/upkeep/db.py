"""``changelog db``."""

from dataclasses import replace

from changelog.cli import options
from changelog.cli.context import clock
from changelog.cli.options import argument, command, flag, option
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.model.errors import UsageError
from changelog.model.journal_head import Head
from changelog.model.results.upkeep import DatabaseResult, RebuildResult
from changelog.render import upkeep
from changelog.render.style import whole
from changelog.store.location import SqliteLocation, schema_head

ACTIONS = ("upgrade", "current", "path", "rebuild")


_AGAINST = option(
    "--against", "HEAD", "With rebuild: verify first that the journal contains this head."
)


@command("changelog db upgrade", (0, 2, 5, 7, 8))
def app(
    out: Output,
    settings: Settings,
    action: str = argument("upgrade|current|path|rebuild", "What to do."),
    dry_run: bool = flag("--dry-run", "With upgrade: only show what it would do."),
    against: str | None = _AGAINST,
    by: str | None = options.BY,
) -> int:
    """Upgrade the database, show its version or place, or repair its tables.

    rebuild: after check named a broken row, make the tables again from the journal.
    """
    if action not in ACTIONS:
        raise UsageError(f"there is no 'db {action}'", f"Use one of: {', '.join(ACTIONS)}.")
    if action != "upgrade" and dry_run:
        raise UsageError("--dry-run belongs to 'db upgrade'", "Leave it out.")
    if action != "rebuild" and (against is not None or by is not None):
        option = "--by" if against is None else "--against"
        raise UsageError(f"{option} belongs to 'db rebuild'", "Leave it out.")
    kept = options.head(against)
    if action == "rebuild":
        rebuilt = _rebuilt(settings, kept, by or settings.operator)
        return out.print("db", rebuilt, upkeep.rebuild)
    result = DatabaseResult(database=str(settings.location), head=schema_head())
    if action == "path":
        out.text(whole(str(settings.location)))
        return out.print("db", result, lambda *_: "")
    if action == "current" or dry_run:
        result = replace(result, version=_version(settings, to_upgrade=dry_run), dry_run=dry_run)
    else:
        before, after = _upgraded(settings)
        result = replace(result, version=after, before=before, upgraded=before != after)
    return out.print("db", result, lambda answer, _: upkeep.database(answer))


def _rebuilt(settings: Settings, against: Head | None, by: str) -> RebuildResult:
    from changelog.store.engine import disposing, make_engine, require_no_mirror
    from changelog.store.journal.rebuild import rebuild_log
    from changelog.store.journal.source import require_log
    from changelog.store.transaction import Transactions

    require_log(settings.location)
    # A rebuild adds a fact of itself, and the copy could not go on after that.
    require_no_mirror(settings.location)
    engine = make_engine(settings.location, foreign_keys=False)
    with disposing(engine), Progress() as progress:
        transactions = Transactions(engine, settings.location, clock)
        return rebuild_log(transactions, progress, against, by)


def _upgraded(settings: Settings) -> tuple[str | None, str | None]:
    """Upgrade the database. Return its version before and after."""
    from changelog.store.engine import disposing, make_engine, upgrade

    location = settings.location
    if isinstance(location, SqliteLocation):
        location.prepare()
    with disposing(make_engine(location)) as engine:
        return upgrade(engine, location)


def _version(settings: Settings, *, to_upgrade: bool) -> str | None:
    from changelog.store.engine import disposing, make_engine, require_encoding, version

    location = settings.location
    if isinstance(location, SqliteLocation) and not location.exists:
        return None
    with disposing(make_engine(location)) as engine:
        if to_upgrade:
            require_encoding(engine, location)
        return version(engine, location)
