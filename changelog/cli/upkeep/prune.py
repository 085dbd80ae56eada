"""``changelog prune``."""

import sys
from contextlib import closing
from datetime import datetime, timedelta
from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.context import clock, open_transactions
from changelog.cli.options import seconds
from changelog.cli.output import output
from changelog.cli.progress import Progress
from changelog.cli.settings import load_settings
from changelog.model.text.times import format_utc
from changelog.render import upkeep

app = options.command_app()


@app.command(epilog=options.epilog("changelog prune --older-than 90d --dry-run", (0, 2, 5, 7, 8)))
def run(
    older_than: Annotated[
        str,
        options.option(
            "--older-than", "D", "Delete only what is older than this, such as 90d or 36h."
        ),
    ],
    dry_run: Annotated[
        bool, options.flag("--dry-run", "Only count what would be deleted.")
    ] = False,
    yes: Annotated[bool, options.flag("--yes -y", "Delete without asking.")] = False,
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Delete old repeated and failed snapshots; history and restore targets stay."""
    from changelog.store.journal.prune import Pruner
    from changelog.store.journal.source import require_log

    out = output(json, format_name)
    age = timedelta(seconds=seconds(older_than))
    settings = load_settings(db, config)
    progress = Progress()

    def agreed(before: datetime) -> bool:
        if yes or not sys.stdin.isatty():
            return True
        question = f"Remove old repeated snapshots received before {format_utc(before)}?"
        return typer.confirm(question, err=True)

    require_log(settings.location)
    with closing(progress), open_transactions(settings) as transactions:
        pruner = Pruner(transactions, progress)
        by = by or settings.operator
        result = pruner.run(age, clock(), by, dry_run=dry_run, agreed=agreed)
    return out.answer("prune", result, upkeep.prune)
