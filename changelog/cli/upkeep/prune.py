"""``changelog prune``."""

import sys
from datetime import timedelta

import typer

from changelog.cli import options
from changelog.cli.context import clock_without_api, open_reader, open_transactions
from changelog.cli.options import command, flag, option
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.model.results.upkeep import Removable
from changelog.model.text.times import seconds
from changelog.render import upkeep

_OLDER_THAN = option(
    "--older-than", "D", "Delete only what is older than this, such as 90d or 36h.", ...
)


@command("changelog prune --older-than 90d --dry-run", (0, 2, 5, 7, 8))
def app(
    out: Output,
    settings: Settings,
    older_than: str = _OLDER_THAN,
    dry_run: bool = flag("--dry-run", "Only count what would be deleted."),
    yes: bool = flag("--yes -y", "Delete without asking."),
    by: str | None = options.BY,
) -> int:
    """Delete old repeated and failed snapshots; history and restore targets stay."""
    from changelog.store.journal.prune import prune_log
    from changelog.store.journal.source import require_log

    age = timedelta(seconds=seconds(older_than))
    require_log(settings.location)
    with open_reader(settings) as log:
        # What a clock that is ahead calls old may be of today.
        clock_without_api(log)
    with Progress() as progress, open_transactions(settings) as transactions:

        def agreed(removable: Removable) -> bool:
            progress.close()
            if yes or not sys.stdin.isatty():
                return True
            return typer.confirm(f"Remove {upkeep.counted(removable)}?", err=True)

        by = by or settings.operator
        result = prune_log(transactions, progress, age, by, dry_run=dry_run, agreed=agreed)
    return out.print("prune", result, upkeep.prune)
