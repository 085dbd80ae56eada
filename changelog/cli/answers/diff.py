"""``changelog diff``."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from changelog.cli import completion, options
from changelog.cli.context import (
    capture_info,
    clock,
    clock_to_read,
    open_capture,
    open_reader,
    read_log,
)
from changelog.cli.options import command, flag, option
from changelog.cli.output import TOLD_FORMATS, Output, tell_error
from changelog.cli.settings import Settings
from changelog.commands.answers.comparison import DiffOptions
from changelog.commands.answers.diff import check_start, diff
from changelog.commands.answers.diff_live import diff_to_live
from changelog.commands.targets import refuse_selectors, refuse_split_numbers, targets
from changelog.model.results.diff import DiffResult
from changelog.model.routing import Where
from changelog.render import answers

if TYPE_CHECKING:
    from changelog.model.recording import Outcome

_FROM = option(
    "--from",
    "SEL",
    "Start here (default: the previous routing).",
    autocompletion=completion.selectors,
)
_TO = option(
    "--to",
    "SEL",
    "End here (default: latest); live fetches and records the state now.",
    autocompletion=completion.selectors_or_live,
)
_ALL_FIELDS = flag("--all-fields", "Show fields that change by themselves too, such as updated_at.")


@command("changelog diff --from tag:pre --to tag:post", (0, 2, 3, 4, 5, 6, 8, 130), TOLD_FORMATS)
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = options.DIDS,
    file: str | None = options.FILE,
    start: str | None = _FROM,
    end: str | None = _TO,
    field: str | None = options.FIELD,
    routing: bool = options.ROUTING,
    all_fields: bool = _ALL_FIELDS,
    application: str | None = options.POINTED_TO,
    route_mode: str | None = options.POINTED_MODE,
    fail: bool = flag("--exit-code", "End with exit code 4 if anything differs."),
    deadline: str | None = options.DEADLINE,
) -> int:
    """Show what changed for each DID, or the ones named: from previous routing to latest."""
    wanted = DiffOptions(
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
    now = clock() if end == "live" else clock_to_read()
    options.echo_times(out, now, day_start=start, day_end=end)
    if end == "live":
        return _answer(_to_live(settings, dids, wanted, now), wanted, out)
    return read_log(
        settings, lambda log: _answer(diff(log, dids, wanted, now), wanted, out), deadline
    )


def _answer(result: DiffResult, wanted: DiffOptions, out: Output) -> int:
    for did in result.dids:
        # What could not be read is part of the answer.
        if did.error is not None and not did.not_read and not out.json:
            tell_error(did.error, "" if did.did in did.error.message else did.did)
    if wanted.field is not None and not result.counts.changed:
        text = "nothing that was compared changed a field {}; show DID names a DID's fields"
        out.tell(text, wanted.field)
    out.tell_asides(answers.diff_asides(result))
    out.tell_incomplete(result, result.after)
    return out.print("diff", replace(result, where=wanted.where), answers.diff)


def _to_live(
    settings: Settings, names: Sequence[str], wanted: DiffOptions, now: datetime
) -> DiffResult:
    with open_reader(settings) as log:
        check_start(log, wanted, now)
        refuse_split_numbers(log, names)
        refuse_selectors(log, names, now, "diff", {"--from": wanted.start, "--to": "live"})
        fetched = targets(log, names, every=not names)
    outcomes: dict[str, Outcome] = {}
    info, by_name = capture_info(settings, "diff"), bool(names)
    opened = open_capture(settings, info, len(fetched), by_name=by_name)
    with opened as (capture, progress), capture:
        for outcome in capture.read(fetched):
            progress.step()
            outcomes[outcome.requested] = outcome
    with open_reader(settings) as log:
        return diff_to_live(log, fetched, outcomes, capture.result, wanted, now, named=by_name)
