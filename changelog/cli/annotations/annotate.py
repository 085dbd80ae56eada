"""What ``note`` and ``mark`` have in common: one DID, or several and those of a list."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial

from changelog.cli import options
from changelog.cli.context import clock_without_api, open_reader, open_writer
from changelog.cli.output import Output
from changelog.cli.settings import Settings
from changelog.commands.annotations import annotate_each, find_annotated
from changelog.commands.targets import require_there
from changelog.model.errors import UsageError
from changelog.model.ports import Log
from changelog.model.results.annotations import Annotation
from changelog.render.recording import annotated


def annotate(
    command: str,
    out: Output,
    settings: Settings,
    dids: Sequence[str] | None,
    file: str | None,
    write: Callable[..., Annotation],
    find: Callable[[Log, str, datetime], object] = find_annotated,
) -> int:
    """Annotate the DIDs named and those of the list `file`. Raises UsageError where none is.

    `write` and `find`: see ``annotate_each``; `write` is given log, recorder, name and `now`.
    """
    names = options.names_given(dids, file)
    if not names:
        raise UsageError("no DID is named", "Name one by id or number, or use --file.")
    with ExitStack() as opened:
        log = opened.enter_context(open_reader(settings))
        require_there(log)
        recorder = opened.enter_context(open_writer(settings))
        now = clock_without_api(log)
        write_on = partial(write, log, recorder, now=now)
        if len(names) == 1 and file is None:
            return out.print(command, write_on(names[0]), annotated)
        result = annotate_each(log, names, now, write_on, find)
        out.tell_errors(missed.error for missed in result.dids)
        return out.print(command, result, annotated)
