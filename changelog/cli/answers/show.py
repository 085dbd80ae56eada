"""``changelog show``."""

from changelog.cli import completion, options
from changelog.cli.context import clock_to_read, read_log
from changelog.cli.options import command
from changelog.cli.output import Output
from changelog.cli.settings import Settings
from changelog.commands.answers.show import show
from changelog.model.ports import Log
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.render import answers

_DID_AT = options.argument(
    "DID[@SEL]",
    "An id or phone number; @SEL names a revision, such as @r2.",
    autocompletion=completion.dids_at,
)


@command("changelog show did_123@r2", (0, 2, 3, 5, 8))
def app(
    out: Output, settings: Settings, did: str = _DID_AT, deadline: str | None = options.DEADLINE
) -> int:
    """Show one revision in full: fields, body, notes, verdicts, test calls and snapshots."""
    now = clock_to_read()

    def print_result(log: Log) -> int:
        result = show(log, did, ALWAYS_VOLATILE | settings.volatile, now)
        out.tell_errors([result.error])
        # What is shown of the revision may still have to be read.
        return out.print("show", result, answers.show_revision)

    return read_log(settings, print_result, deadline)
