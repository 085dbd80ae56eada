"""``changelog check``."""

from contextlib import closing
from typing import Annotated

from changelog.cli import options
from changelog.cli.output import output
from changelog.cli.progress import Progress
from changelog.cli.settings import load_settings
from changelog.model.errors import UsageError
from changelog.model.results.upkeep import HeadResult
from changelog.render import upkeep

app = options.command_app()


@app.command(epilog=options.epilog("changelog check --against 1204:9f3c…", (0, 2, 5, 7, 8)))
def run(
    head: Annotated[
        bool,
        options.flag(
            "--head", "Print only the head, N:DIGEST of the newest entry; keep it elsewhere."
        ),
    ] = False,
    against: Annotated[
        str | None,
        options.option(
            "--against", "HEAD", "Verify that the log still contains the state of this head."
        ),
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Verify that the log has not been altered; name the first broken row."""
    from changelog.store.journal.check import LogCheck
    from changelog.store.journal.source import nothing_recorded

    out = output(json, format_name)
    if head and against is not None:
        raise UsageError(
            "--head proves nothing, so it cannot be combined with --against",
            "Run check --against HEAD: its answer has the newest head too.",
        )
    kept = options.head(against)
    settings = load_settings(db, config)
    progress = Progress()
    log = LogCheck(settings.location, progress)
    if head:
        newest = log.head()
        if newest is None:
            raise nothing_recorded(str(settings.location))
        result = HeadResult(database=str(settings.location), head=str(newest))
        return out.answer("check", result, lambda answer, _: answer.head)
    with closing(progress):
        checked = log.run(kept)
    return out.answer("check", checked, upkeep.check)
