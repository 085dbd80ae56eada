"""``changelog show``."""

from changelog.cli import options
from changelog.cli.context import answer_from_log, clock
from changelog.cli.output import output, tell_error
from changelog.cli.settings import load_settings
from changelog.commands.answers.show import show
from changelog.model.ports import Log
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.render import answers

app = options.command_app()


@app.command(epilog=options.epilog("changelog show did_123@r2", (0, 2, 3, 5, 8)))
def run(
    did: options.DidAt,
    db: options.Db = None,
    config: options.Config = None,
    deadline: options.Deadline = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Show one revision in full: fields, body, notes, verdicts, test calls and snapshots."""
    out = output(json, format_name)
    settings = load_settings(db, config)

    def answer(log: Log) -> int:
        result = show(log, did, ALWAYS_VOLATILE | settings.volatile, clock())
        if result.error is not None and not out.json:
            tell_error(result.error)
        # What is shown of the revision may still have to be read.
        return out.answer("show", result, answers.show_revision)

    return answer_from_log(settings, answer, deadline)
