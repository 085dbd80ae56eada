"""``changelog evidence``."""

from changelog.cli import options
from changelog.cli.context import clock_to_read, open_writer
from changelog.cli.options import argument, command, option
from changelog.cli.output import Output
from changelog.cli.recording.given_files import read_saved_file
from changelog.cli.settings import Settings
from changelog.commands.annotations import RESULTS, evidence
from changelog.model.errors import UsageError
from changelog.render import recording


@command("changelog evidence call.json --result pass -m 'heard the greeting'", (0, 2, 3, 5, 8))
def app(
    out: Output,
    settings: Settings,
    files: list[str] = argument("FILE...", "Files with webhook bodies; - reads stdin."),
    result: str | None = option(
        "--result", "pass|fail", "Result of the call, from the person that listened."
    ),
    text: str = option("-m --note", "TEXT", "Say what was heard.", ""),
    by: str | None = options.BY,
) -> int:
    """Store test calls and link each to the revision it reached.

    FILE holds one webhook body, or one on each line.
    """
    verdict = next((known for known in RESULTS if known == result), None)
    if result is not None and verdict is None:
        raise UsageError(f"{result!r} is not a result", f"Use one of: {', '.join(RESULTS)}.")
    saved = [read_saved_file(name) for name in files]
    with open_writer(settings) as recorder:
        report = evidence(
            recorder,
            saved,
            verdict=verdict,
            text=text,
            author=by or settings.operator,
            now=clock_to_read(),
            secrets=settings.secrets(),
        )
    return out.print("evidence", report, recording.evidence)
