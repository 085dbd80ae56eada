"""``changelog export``."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from changelog.cli.options import command, flag, option
from changelog.cli.output import RUN, discard_stdout, tell
from changelog.cli.settings import Settings
from changelog.model.errors import BrokenExport, UsageError
from changelog.model.text.sanitize import command_line
from changelog.store.location import Location, SqliteLocation

_OUT = option("--out", "F", "Write to this file; it appears only once it is complete.")


@command("changelog export --out /backup/changelog.jsonl", (0, 2, 5, 7, 8))
def app(
    settings: Settings,
    out_file: str | None = _OUT,
    force: bool = flag("--force", "Overwrite the file if it exists."),
) -> int:
    """Write the whole log as JSON Lines, with its proof; import reads it back."""
    from changelog.store.journal.export import Export
    from changelog.store.journal.source import open_source
    from changelog.system.files import require_place, write_new_file
    from changelog.system.shutdown import polite_end

    if out_file is not None:
        require_place(out_file, replace=force)
        _require_another(out_file, settings.location)
    elif force:
        raise UsageError("--force needs --out", "Name the file that is to be replaced.")
    with open_source(settings.location) as source:
        export = Export(source)
        if out_file is None:
            _to_stdout(export.blocks())
        else:
            with polite_end():
                write_new_file(out_file, export.blocks(), replace=force)
    if export.broken:
        more = f" and {export.broken - 1} more" if export.broken > 1 else ""
        raise BrokenExport(
            f"the log is broken, and so is its export: entry {export.first_broken}{more} cannot be"
            " proven",
            f"It was written as it is stored. To see what is broken: {command_line('check')}",
        )
    if out_file is not None:
        header = export.header
        head = header.head or "none"
        tell("changelog: {}: {} entries, head {}", out_file, header.entries, head)
    return 0


def _require_another(out: str, location: Location) -> None:
    """Refuse the log itself, and what SQLite keeps beside it."""
    if isinstance(location, SqliteLocation):
        log = location.path.resolve()
        own = [log, *(log.with_name(log.name + end) for end in ("-wal", "-shm"))]
        if Path(out).resolve() in own:
            raise UsageError(f"{out} is the log itself", "Name another file.")


def _to_stdout(blocks: Iterator[bytes]) -> None:
    """Write all of it: an export that was cut off is lost, for any reason."""
    if sys.stdout.name == os.devnull:
        # A stdout that was closed: what goes there is gone. One that leads to /dev/null has a name
        # of its own, and somebody meant it.
        raise UsageError("stdout is closed", "Write to a file: --out F.")
    try:
        for block in blocks:
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
    except OSError as error:
        discard_stdout()
        is_cut_off = isinstance(error, BrokenPipeError)
        reason = "its reader went away before its end" if is_cut_off else error.strerror
        tell(f"changelog: the export cannot be written: {reason}")
        RUN.lost = True
