"""``changelog log``."""

from changelog.cli import completion, options
from changelog.cli.context import clock_to_read, read_log
from changelog.cli.options import command, flag, moment, option
from changelog.cli.output import TOLD_FORMATS, Output
from changelog.cli.settings import Settings
from changelog.commands.answers.log import LogQuery, log_revisions, log_snapshots, log_with_looks
from changelog.model.errors import UsageError
from changelog.model.ports import Log
from changelog.model.results.history import LogResult
from changelog.model.selectors import existing_tag_name, refuse_to_come
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.render import answers
from changelog.render.freshness import of_log

_ONE_SCREEN = 20

_LIMIT = option(
    "-n", "N", "Show at most N entries (default: 20; for a period as markdown or csv: all).", min=1
)
_SINCE = option("--since", "T", "Only from this time on, such as 2h (ago) or 2026-11-23.")
_TAG = option("--tag", "NAME", "Show only what this tag names.", autocompletion=completion.tags)
_GREP = option(
    "--grep",
    "TEXT",
    "Show only revisions with this text in notes, reasons, tickets, tags, people,"
    " test calls or destination.",
)


@command("changelog log +15551230001 --since 2d", (0, 2, 3, 5, 8), TOLD_FORMATS)
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = options.DIDS,
    limit: int | None = _LIMIT,
    since: str | None = _SINCE,
    until: str | None = option("--until", "T", "Only up to this time."),
    field: str | None = options.FIELD,
    routing: bool = options.ROUTING,
    tag: str | None = _TAG,
    grep: str | None = _GREP,
    snapshots: bool = flag("--snapshots", "Show every fetch, failed ones too."),
    deadline: str | None = options.DEADLINE,
) -> int:
    """Show the history, newest first: what changed, when, by whom and why.

    Words in brackets say how a revision stands: current; judged good, bad or retired; passed or
    failed in a test call; rolled_back (left by a verified return); restores rN (has that routing
    again); learned (nothing moved: a field was read for the first time).
    """
    now = clock_to_read()
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
    options.echo_times(out, now, day_start=since, day_end=until)

    def print_result(log: Log) -> int:
        result = (log_snapshots if snapshots else log_revisions)(log, dids, query, now)
        result = log_with_looks(log, result)
        out.tell_errors(did.error for did in result.dids)
        out.tell_incomplete(result, result.looked_to)
        _tell_asides(out, result, field)
        # What is shown of the revisions may still have to be read.
        return out.print("log", result, answers.log)

    return read_log(settings, print_result, deadline)


def _tell_asides(out: Output, result: LogResult, field: str | None) -> None:
    """Say what rows have no room for, and that a field by which nothing was found may be none."""
    out.tell_asides(["older entries are left out: -n N shows more"] if result.more else [])
    out.tell_asides(of_log(result))
    if field is not None and not result.entries and not result.error:
        text = "no revision asked for changed a field {}; show DID names a DID's fields"
        out.tell(text, field)
