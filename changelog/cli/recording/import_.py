"""``changelog import``."""

from dataclasses import replace
from itertools import chain

from changelog.cli import context, options
from changelog.cli.options import argument, command, flag, option
from changelog.cli.output import Output
from changelog.cli.progress import Progress
from changelog.cli.recording.given_files import read_saved_file, saved_file, with_those_in_folders
from changelog.cli.settings import Settings
from changelog.commands.recording.saved_responses import (
    check_received_at,
    import_responses,
    read_bodies,
)
from changelog.model.errors import UsageError
from changelog.model.journal_head import EXPORT_BEGINNING
from changelog.model.selectors import full_moment, tag_name
from changelog.render import recording, upkeep
from changelog.render.style import some
from changelog.system.files import InputFile, open_input

_FILES = argument(
    "FILE...",
    "Saved responses (JSON or what curl -i prints), folders of them, or an export; -: stdin.",
)
_AT = option(
    "--at",
    "T",
    "When they were received (default: the Date header in the file, else the file's own time).",
)
_PROVEN_PART = flag(
    "--proven-part", "From a damaged export, import the intact entries before the damage."
)


@command("changelog import did_123.json --at 2026-11-20T09:00Z", (0, 2, 3, 4, 7, 8, 130))
def app(
    out: Output,
    settings: Settings,
    files: list[str] = _FILES,
    at: str | None = _AT,
    note: str | None = options.NOTE,
    tag: str | None = options.TAG,
    by: str | None = options.BY,
    proven_part: bool = _PROVEN_PART,
) -> int:
    """Read saved API responses, or an export of a log, into this log."""
    with context.open_reader(settings) as log:
        now = context.clock_without_api(log)
    received = None if at is None else full_moment(at, now)
    if received is not None:
        check_received_at(at or "", received, now)
    info = replace(
        context.capture_info(settings, "import", by),
        note=options.note_text(note),
        api_url=None,
        tag=None if tag is None else tag_name(tag),
    )
    files = with_those_in_folders(files)
    # Only a file by itself can be an export; a pipe can be opened once.
    with open_input(files[0]) as first:
        if EXPORT_BEGINNING.match(first.beginning) and len(files) == 1:
            _require_none_of({"--at": at, "--note": note, "--tag": tag, "--by": by})
            return _import_export(out, settings, first, proven_part=proven_part)
        if proven_part:
            raise UsageError("--proven-part is for an export", "Name one export, by itself.")
        bodies = read_bodies(
            chain([saved_file(first)], map(read_saved_file, files[1:])),
            received_at=received,
            now=now,
            secrets=settings.secrets(),
        )
    if received is not None and (several := bodies.of_several_answers):
        text = "--at gives one time to answers that differ, so their order is not known: {}"
        out.tell(text, some(several))
    with context.open_writer(settings) as recorder:
        result = import_responses(recorder, bodies, info, context.capture_settings(settings))
    return out.print("import", result, recording.imported_responses)


def _require_none_of(given: dict[str, str | None]) -> None:
    """Refuse these options: an export has its own times, notes, tags and people."""
    for name, value in given.items():
        if value is not None:
            raise UsageError(
                f"{name} is for saved responses",
                "An export takes it from its own entries. Leave it out.",
            )


def _import_export(out: Output, settings: Settings, opened: InputFile, *, proven_part: bool) -> int:
    """Prove the export, then store what the log lacks. Returns the exit code."""
    from changelog.store.journal.export import ExportReader
    from changelog.store.journal.import_ import import_log

    with opened.seekable() as file:
        start = file.tell()

        def read() -> ExportReader:
            file.seek(start)
            return ExportReader(file, opened.name)

        read()  # Whatever is no export at all makes no database.
        with Progress() as progress, context.open_transactions(settings) as transactions:
            result = import_log(transactions, progress, read, proven_part=proven_part)
    return out.print("import", result, upkeep.imported_log)
