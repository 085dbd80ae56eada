"""``changelog log``."""

from typing import Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import answer_from_log, clock
from changelog.cli.options import moment
from changelog.cli.output import TOLD_FORMATS, Output, output, tell, tell_error, tell_incomplete
from changelog.cli.settings import load_settings
from changelog.commands.answers.log import LogQuery, log_snapshots
from changelog.commands.answers.log import log as log_changes
from changelog.model.errors import UsageError
from changelog.model.ports import Log
from changelog.model.results.history import LogResult
from changelog.model.selectors import existing_tag_name, refuse_to_come
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.render import answers

app = options.command_app()

_ONE_SCREEN = 20

_Limit = Annotated[
    int | None,
    typer.Option(
        "-n",
        metavar="N",
        min=1,
        help="Show at most N entries (default: 20; for a period as markdown or csv: all).",
    ),
]
_Tag = Annotated[
    str | None,
    typer.Option(
        "--tag",
        metavar="NAME",
        help="Show only what this tag names.",
        autocompletion=completion.tags,
    ),
]
_Grep = Annotated[
    str | None,
    typer.Option(
        "--grep",
        metavar="TEXT",
        help="Show only revisions with this text in notes, reasons, tickets, tags, people,"
        " test calls or destination.",
    ),
]
_Snapshots = Annotated[bool, typer.Option("--snapshots", help="Show every fetch, failed ones too.")]


@app.command(epilog=options.epilog("changelog log +15551230001 --since 2d", (0, 2, 3, 5, 8)))
def run(
    dids: options.Dids = None,
    limit: _Limit = None,
    since: options.Since = None,
    until: options.Until = None,
    field: options.Field = None,
    routing: options.RoutingOnly = False,
    tag: _Tag = None,
    grep: _Grep = None,
    snapshots: _Snapshots = False,
    db: options.Db = None,
    config: options.Config = None,
    deadline: options.Deadline = None,
    json: options.Json = False,
    format_name: options.ToldFormat = None,
) -> int:
    """Show the history, newest first: what changed, when, by whom and why.

    Words in brackets say how a revision stands: current; judged good, bad or retired; passed or
    failed in a test call; rolled_back (left by a verified return); restores rN (has that routing
    again); learned (nothing moved: a field was read for the first time).
    """
    out = output(json, format_name, TOLD_FORMATS)
    settings = load_settings(db, config)
    now = clock()
    is_report = (since is not None or until is not None) and out.format in ("markdown", "csv")
    begin, end = moment(since, now, day_ends=False), moment(until, now)
    if since is not None and begin is not None:
        # A wrong year must not look like "nothing changed".
        refuse_to_come(since, begin, now)
    if begin is not None and end is not None and end < begin:
        raise UsageError("--until is before --since", "Give the earlier time with --since.")
    query = LogQuery(
        limit=limit or (None if is_report else _ONE_SCREEN),
        since=begin,
        until=end,
        field=field,
        routing=routing,
        tag=None if tag is None else existing_tag_name(tag.removeprefix("tag:")),
        grep=grep or None,
        ignored=ALWAYS_VOLATILE | settings.volatile,
    )
    if not out.json:
        options.echo_times(now, day_starts=since, day_ends=(until,))

    def answer(log: Log) -> int:
        result = (log_snapshots if snapshots else log_changes)(log, dids, query, now)
        _tell_what_is_missing(out, result)
        if field is not None and not result.entries and not out.json and not result.error:
            tell("changelog: no revision changed a field {}; show DID names a DID's fields", field)
        # What is shown of the revisions may still have to be read.
        return out.answer("log", result, answers.log)

    return answer_from_log(settings, answer, deadline)


def _tell_what_is_missing(out: Output, result: LogResult) -> None:
    for did in result.dids:
        if did.error is not None and not out.json:
            tell_error(did.error)
    tell_incomplete(out, result, result.looked_to or "none")
    if result.more and out.format == "csv":
        tell("changelog: older entries are left out: -n N shows more")
