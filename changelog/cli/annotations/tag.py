"""``changelog tag``."""

from changelog.cli import options
from changelog.cli.context import clock_without_api, open_reader, open_writer, read_log
from changelog.cli.options import argument, command, option
from changelog.cli.output import Output
from changelog.cli.settings import Settings
from changelog.commands.annotations import tag
from changelog.commands.targets import require_some, require_there
from changelog.model.errors import UsageError
from changelog.model.text.sanitize import command_line
from changelog.render import recording
from changelog.store.reader import LogReader

_AT = option("--at", "T|tag:NAME|latest", "What to name; latest is now.", "latest")


@command("changelog tag pre-move --at 2026-11-23T14:00Z", (0, 2, 5, 8))
def app(
    out: Output,
    settings: Settings,
    name: str | None = argument("[NAME]", "The name: letters, digits and . _ / -", None),
    at: str = _AT,
    by: str | None = options.BY,
) -> int:
    """Give a point in time, or what another tag names, a permanent name.

    Without NAME, list the tags, newest first.
    """
    if name is None:
        if at != "latest" or by is not None:
            raise UsageError(
                "the tag has no name", f"Give one: {command_line('tag', ['NAME'], ' --at T')}"
            )

        def listed(log: LogReader) -> int:
            require_some(log)
            return out.print("tag", log.tag_list(), recording.tags)

        return read_log(settings, listed)
    with open_reader(settings) as log:
        require_there(log)
        with open_writer(settings) as recorder:
            result = tag(log, recorder, name, at, by or settings.operator, clock_without_api(log))
    return out.print("tag", result, recording.tag)
