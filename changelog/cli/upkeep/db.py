"""``changelog db``."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from changelog.cli import options
from changelog.cli.context import tell_backup
from changelog.cli.output import output
from changelog.cli.settings import Settings, load_settings
from changelog.model.errors import UsageError
from changelog.model.results.database import DatabaseResult
from changelog.model.text.sanitize import escape
from changelog.render.database import database
from changelog.store.location import SqliteLocation
from changelog.store.versions import HEAD

if TYPE_CHECKING:
    from changelog.store.backup import Backup

app = options.command_app()

ACTIONS = ("upgrade", "current", "path")


@app.command(epilog=options.epilog("changelog db upgrade", (0, 2, 8)))
def run(
    action: Annotated[
        str, typer.Argument(metavar="upgrade|current|path", help="What to do or show.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With upgrade: say what it would do.")
    ] = False,
    no_backup: Annotated[
        bool,
        typer.Option("--no-backup", help="With upgrade: keep no copy of a SQLite log as it was."),
    ] = False,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """The database: upgrade its schema, show its version, say where it is."""
    out = output(json, format_name)
    if action not in ACTIONS:
        raise UsageError(f"there is no 'db {action}'", f"Use one of: {', '.join(ACTIONS)}.")
    if action != "upgrade" and (dry_run or no_backup):
        option = "--dry-run" if dry_run else "--no-backup"
        raise UsageError(f"{option} belongs to 'db upgrade'", "Leave it out.")
    settings = load_settings(db, config)
    if action == "path":
        out.text(escape(str(settings.location)))
        result = DatabaseResult(database=str(settings.location), head=HEAD)
        return out.answer("db", result, lambda *_: "")
    if action == "current":
        result = _current(settings)
    else:
        act = _would_upgrade if dry_run else _upgraded
        result = act(settings, keep_backup=not no_backup)
    return out.answer("db", result, lambda found, _: database(found))


def _upgraded(settings: Settings, *, keep_backup: bool) -> DatabaseResult:
    from changelog.store.engine import make_engine
    from changelog.store.schema import upgrade

    kept: list[Backup] = []

    def tell(backup: "Backup") -> None:
        kept.append(backup)
        tell_backup(backup)

    location = settings.location
    if isinstance(location, SqliteLocation):
        location.prepare()
    engine = make_engine(location)
    try:
        before, after = upgrade(engine, location, tell, keep_backup=keep_backup)
    finally:
        engine.dispose()
    return DatabaseResult(
        database=str(location),
        version=after,
        head=HEAD,
        before=before,
        upgraded=before != after,
        backup=str(kept[0].path) if kept else None,
        backup_size=kept[0].size if kept else None,
    )


def _would_upgrade(settings: Settings, *, keep_backup: bool) -> DatabaseResult:
    """What an upgrade would do; nothing is changed, nothing is made."""
    from changelog.store.backup import next_backup, room_for

    found = replace(_current(settings, to_upgrade=True), dry_run=True)
    location = settings.location
    if not keep_backup or not isinstance(location, SqliteLocation) or found.version in (None, HEAD):
        return found
    size, room = room_for(location)
    backup = next_backup(location, HEAD)
    return replace(found, backup=str(backup), backup_size=size, room=room)


def _current(settings: Settings, *, to_upgrade: bool = False) -> DatabaseResult:
    from changelog.store.engine import make_engine
    from changelog.store.schema import upgradable_version, version

    location = settings.location
    if isinstance(location, SqliteLocation) and not location.exists:
        return DatabaseResult(database=str(location), head=HEAD)
    engine = make_engine(location)
    try:
        look = upgradable_version if to_upgrade else version
        found = look(engine, location)
    finally:
        engine.dispose()
    return DatabaseResult(database=str(location), version=found, head=HEAD)
