"""``changelog record``."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.opening import capture_info, capture_settings, open_api, open_log, open_writer
from changelog.cli.output import Output, output, tell, tell_conditions
from changelog.cli.progress import Progress
from changelog.cli.settings import load_settings
from changelog.commands.capturing import recorded
from changelog.commands.record import record
from changelog.commands.targets import named_in, targets
from changelog.core import exits
from changelog.core.errors import UsageError
from changelog.core.naming import Target
from changelog.core.recording import Stored
from changelog.core.selectors import tag_name
from changelog.render import text

app = options.command_app()


@app.command(
    epilog=options.epilog(
        "changelog record did_123 +15551230001 -m 'before moving support' --tag pre",
        (0, 2, 3, 5, 6, 8, 130),
    )
)
def run(
    dids: options.Dids = None,
    every: options.All = False,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="F|-", help="A list of DIDs, one a line; # comments."),
    ] = None,
    note: options.Note = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="Name this capture, once.")
    ] = None,
    ticket: Annotated[
        str | None, typer.Option("--ticket", metavar="T", help="A ticket it belongs to.")
    ] = None,
    by: options.By = None,
    changed_by: Annotated[
        str | None, typer.Option("--changed-by", metavar="WHO", help="Who changed the routing.")
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(
            "--destination", metavar="URI", help="The destination, where none is fetched."
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", metavar="N", min=1, max=256, help="Fetches at once."),
    ] = None,
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="N/s", help="At most so many fetches a second.")
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Fetch DIDs and keep what they say: new, changed, unchanged or unreadable."""
    out = output(json, format_name)
    settings = load_settings(db, config, concurrency=concurrency, rate=rate)
    info = replace(
        capture_info(settings, "record", by),
        note=note,
        ticket=ticket,
        changed_by=changed_by,
        tag=None if tag is None else tag_name(tag),
    )
    names = [*(dids or []), *([] if file is None else _listed(file))]
    with open_log(settings) as book:
        wanted = targets(book, names, every=every)
    if destination is not None and len(wanted) != 1:
        raise UsageError("--destination speaks for one DID", "Name that one DID only.")
    api = open_api(settings)
    with open_writer(settings) as recorder, Progress(len(wanted)) as progress:
        result = record(
            api,
            recorder,
            wanted,
            info,
            capture_settings(settings, destination),
            by_name=not every,
            on_stored=_Reporter(out, progress, wanted),
        )
    if exits.INTERRUPTED in result.conditions and not out.json:
        stored = sum(not (one.error and one.error.code == "not_attempted") for one in result.dids)
        tell(f"changelog: interrupted: {stored} of {len(result.dids)} are stored and stay so")
    tell_conditions(out, result)
    return out.answer("record", result, text.record_summary)


class _Reporter:
    """Says each DID as soon as it is stored."""

    def __init__(self, out: Output, progress: Progress, wanted: list[Target]) -> None:
        self._out = out
        self._progress = progress
        self._targets = {target.requested: target for target in wanted}

    def __call__(self, stored: Stored) -> None:
        line = recorded(self._targets[stored.answer.requested], stored)
        with self._progress.aside():
            self._out.text(text.recorded_line(line, self._out.style))
        self._progress.step()


def _listed(file: str) -> list[str]:
    try:
        content = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(f"the list {file} cannot be read: {reason}") from error
    return named_in(content.splitlines())
