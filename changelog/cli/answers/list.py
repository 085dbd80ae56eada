"""``changelog list``."""

from changelog.cli import completion, options
from changelog.cli.context import clock_to_read, read_log
from changelog.cli.options import command
from changelog.cli.output import TABLE_FORMATS, Output, say
from changelog.cli.settings import Settings
from changelog.commands.answers.list import list_fleet
from changelog.model.ports import Log
from changelog.model.routing import Where
from changelog.render import answers

_TEXT = options.argument(
    "[TEXT]", "Only DIDs with this text in number, id, application or destination.", None
)
_AT = options.option(
    "--at", "SEL", "Show this time or tag:NAME (default: now).", autocompletion=completion.selectors
)


@command("changelog list app_9 --at 2026-11-23T14:00Z", (0, 2, 3, 5, 8), (*TABLE_FORMATS, "plain"))
def app(
    out: Output,
    settings: Settings,
    text: str | None = _TEXT,
    at: str | None = _AT,
    application: str | None = options.option("--application", "ID", "Match this application_id."),
    route_mode: str | None = options.option("--route-mode", "M", "Match this route_mode."),
    status: str | None = options.option("--status", "S", "Match this status."),
    deadline: str | None = options.DEADLINE,
) -> int:
    """List where each DID points, now or at an earlier time."""
    now = clock_to_read()

    def print_result(log: Log) -> int:
        where = Where(application, route_mode, status)
        result = list_fleet(log, text, at, where, now, with_window=out.json)
        out.tell_incomplete(result, result.after)
        out.tell_asides(answers.fleet_asides(result))
        if out.format == "plain":
            say(answers.plain_fleet(result))
            return result.exit_code
        return out.print("list", result, answers.fleet)

    return read_log(settings, print_result, deadline)
