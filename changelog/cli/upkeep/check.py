"""``changelog check``."""

from changelog.cli import options
from changelog.cli.options import command, flag, option
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings
from changelog.model.errors import UsageError
from changelog.model.results.upkeep import HeadResult
from changelog.render import upkeep

_HEAD = flag("--head", "Print only the head, N:DIGEST of the newest entry; keep it elsewhere.")
_AGAINST = option("--against", "HEAD", "Verify that the log still contains the state of this head.")


@command("changelog check --against 1204:9f3c…", (0, 2, 5, 7, 8))
def app(out: Output, settings: Settings, head: bool = _HEAD, against: str | None = _AGAINST) -> int:
    """Verify that the log has not been altered; name the first broken row."""
    from changelog.store.journal.check import check_log
    from changelog.store.journal.source import head_at

    if head and against is not None:
        raise UsageError(
            "--head proves nothing, so it cannot be combined with --against",
            "Run check --against HEAD: its answer has the newest head too.",
        )
    kept = options.head(against)
    if head:
        newest = head_at(settings.location)
        result = HeadResult(database=str(settings.location), head=str(newest))
        return out.print("check", result, lambda answer, _: answer.head)
    with Progress() as progress:
        checked = check_log(settings.location, progress, kept)
    return out.print("check", checked, upkeep.check)
