"""``changelog import``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from changelog.cli import options
from changelog.cli.opening import capture_info, capture_settings, clock, open_writer
from changelog.cli.output import output
from changelog.cli.settings import load_settings
from changelog.cli.times import moment
from changelog.commands.importing import SavedFile, check_received_at, import_responses
from changelog.core.errors import UsageError
from changelog.core.results.capture import RecordResult
from changelog.core.selectors import tag_name
from changelog.render import text
from changelog.render.style import Style

app = options.command_app()

LARGEST_FILE = 256 * 1024 * 1024


@app.command(
    epilog=options.epilog("changelog import did_123.json --at 2026-11-20T09:00Z", (0, 2, 3, 8))
)
def run(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Saved responses, JSON; - is stdin.")
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="T", help="When they were received; default: now."),
    ] = None,
    note: options.Note = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="Name this capture, once.")
    ] = None,
    by: options.By = None,
    db: options.Db = None,
    config: options.Config = None,
    json: options.Json = False,
    format_name: options.Format = None,
) -> int:
    """Saved API responses into the log, oldest first: one DID, a list, or one a line."""
    out = output(json, format_name)
    settings = load_settings(db, config)
    now = clock()
    received = moment(at, now) or now
    check_received_at(at or "now", received, now)
    saved = [read_file(name) for name in files]
    info = replace(
        capture_info(settings, "import", by),
        note=note,
        api_url=None,
        tag=None if tag is None else tag_name(tag),
    )
    with open_writer(settings) as recorder:
        result = import_responses(
            recorder,
            saved,
            info,
            capture_settings(settings),
            received_at=received,
            secrets=settings.secrets(),
        )
    return out.answer("import", result, _rendered)


def _rendered(result: RecordResult, style: Style) -> str:
    lines = [text.recorded_line(one, style) for one in result.dids]
    return "\n".join([*lines, text.record_summary(result, style)])


def read_file(name: str) -> SavedFile:
    try:
        if name == "-":
            import sys

            return SavedFile("standard input", sys.stdin.buffer.read(LARGEST_FILE + 1))
        with Path(name).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise UsageError(f"{name} is larger than {LARGEST_FILE // 1024 // 1024} MiB")
    return SavedFile(name, content)
