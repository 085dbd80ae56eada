"""``changelog note``."""

from functools import partial

from changelog.cli import completion, options
from changelog.cli.annotations.annotate import annotate
from changelog.cli.options import command
from changelog.cli.output import Output
from changelog.cli.settings import Settings
from changelog.commands.annotations import find_noted, note

_DIDS = options.argument(
    "[DID[@SEL]|tag:NAME]...",
    "Ids or phone numbers; @SEL names a revision. A tag: its capture.",
    None,
    autocompletion=completion.dids_at,
)


@command("changelog note did_123@r2 -m 'moved by the carrier'", (0, 2, 5, 8))
def app(
    out: Output,
    settings: Settings,
    text: str = options.option("-m --note", "TEXT", "The note.", ...),
    dids: list[str] | None = _DIDS,
    file: str | None = options.FILE,
    by: str | None = options.BY,
) -> int:
    """Add a note to a revision: the latest, or the one that @SEL names.

    On a tag, the note belongs to its capture, and so to each revision that this read.
    """
    write = partial(note, text=text, author=by or settings.operator)
    return annotate("note", out, settings, dids, file, write, find_noted)
