"""``changelog status``."""

from changelog.cli.context import clock_to_read, read_log
from changelog.cli.options import DEADLINE, command
from changelog.cli.output import Output, warn
from changelog.cli.settings import Settings
from changelog.commands.answers.status import status
from changelog.render import status as shown
from changelog.store.reader import LogReader


@command("changelog status --format chat", (0, 2, 3, 5, 8), ("text", "json", "chat"))
def app(out: Output, settings: Settings, deadline: str | None = DEADLINE) -> int:
    """Show the log at a glance: how fresh it is, what changed in the last day, what is open."""
    now = clock_to_read()

    def print_result(log: LogReader) -> int:
        if log.is_missing:
            warn(f"there is no log at {log.place}")
        return out.print("status", status(log, now), shown.status)

    return read_log(settings, print_result, deadline)
