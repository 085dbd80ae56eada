"""``changelog diff``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from changelog.cli import completion, options
from changelog.cli.context import (
    answer_from_log,
    capture_info,
    capture_settings,
    clock,
    open_api,
    open_reader,
    open_writer,
)
from changelog.cli.output import TOLD_FORMATS, Output, output, tell_error, tell_incomplete
from changelog.cli.progress import Progress
from changelog.cli.settings import Settings, load_settings
from changelog.commands.answers.comparison import Comparison
from changelog.commands.answers.diff import check_start, diff, diff_to_live
from changelog.commands.recording.capture import Capture
from changelog.commands.targets import refuse_split_numbers, targets
from changelog.model.errors import UsageError
from changelog.model.results.diff import DiffResult
from changelog.model.routing import Where
from changelog.render import answers

if TYPE_CHECKING:
    from changelog.model.recording import Outcome

app = options.command_app()

_From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="SEL",
        help="Start here (default: the previous routing).",
        autocompletion=completion.selectors,
    ),
]
_To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="SEL",
        help="End here (default: latest); live fetches and records the state now.",
        autocompletion=completion.selectors,
    ),
]


@app.command(
    epilog=options.epilog("changelog diff --from tag:pre --to tag:post", (0, 2, 3, 4, 5, 6, 8, 130))
)
def run(
    dids: options.Dids = None,
    file: options.File = None,
    start: _From = None,
    end: _To = None,
    field: options.Field = None,
    routing: options.RoutingOnly = False,
    all_fields: Annotated[
        bool,
        typer.Option(
            "--all-fields", help="Show fields that change by themselves too, such as updated_at."
        ),
    ] = False,
    application: options.PointedTo = None,
    route_mode: options.PointedMode = None,
    fail: Annotated[
        bool, typer.Option("--exit-code", help="End with exit code 4 if anything differs.")
    ] = False,
    db: options.Db = None,
    config: options.Config = None,
    deadline: options.Deadline = None,
    json: options.Json = False,
    format_name: options.ToldFormat = None,
) -> int:
    """Show what changed for each DID, or the ones named: from previous routing to latest."""
    out = output(json, format_name, TOLD_FORMATS)
    settings = load_settings(db, config)
    wanted = Comparison(
        start=start,
        end=end,
        field=field,
        routing=routing,
        all_fields=all_fields,
        volatile=settings.volatile,
        fail_if_different=fail,
        where=Where(application, route_mode),
    )
    dids = options.names_given(dids, file)
    if file is not None and not dids:
        raise UsageError(f"the list {file} names no DID", "Leave it out for the whole fleet.")
    if not out.json:
        options.echo_times(clock(), day_starts=start, day_ends=(end,))
    if end == "live":
        return _answer(_to_live(settings, dids, wanted), wanted, out)
    return answer_from_log(
        settings, lambda log: _answer(diff(log, dids, wanted, clock()), wanted, out), deadline
    )


def _answer(result: DiffResult, wanted: Comparison, out: Output) -> int:
    _tell_errors(result, out)
    tell_incomplete(out, result, result.after)
    return out.answer("diff", replace(result, where=wanted.where), answers.diff)


def _to_live(settings: Settings, names: Sequence[str], wanted: Comparison) -> DiffResult:
    now = clock()
    with open_reader(settings) as log:
        check_start(log, wanted, now)
        refuse_split_numbers(log, names)
        fetched = targets(log, names, every=not names, with_key=settings.several_keys)
    api = open_api(settings)
    info, reading = capture_info(settings, "diff"), capture_settings(settings)
    by_name, size = bool(names), len(fetched)
    outcomes: dict[str, Outcome] = {}
    with (
        open_writer(settings) as recorder,
        Progress(size) as progress,
        Capture(recorder, info, reading, api, by_name=by_name, size=size) as capture,
    ):
        progress.explain_waits(capture.waits_for)
        for outcome in capture.read(api, fetched):
            progress.step()
            outcomes[outcome.requested] = outcome
    with open_reader(settings) as log:
        return diff_to_live(log, fetched, outcomes, capture.result, wanted, now, named=by_name)


def _tell_errors(result: DiffResult, out: Output) -> None:
    if out.json:
        return
    for did in result.dids:
        # What could not be read is part of the answer.
        if did.error is not None and not did.is_unread:
            tell_error(did.error, "" if did.did in did.error.message else did.did)
