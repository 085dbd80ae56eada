"""``changelog mark``."""

from functools import partial

from changelog.cli import completion, options
from changelog.cli.annotations.annotate import annotate
from changelog.cli.options import command
from changelog.cli.output import Output
from changelog.cli.settings import Settings
from changelog.commands.annotations import MARKS, mark
from changelog.model.errors import UsageError
from changelog.model.text.sanitize import command_line

_DIDS = options.argument(
    "[DID[@SEL]]...",
    "Ids or phone numbers; @SEL names a revision, such as @r2.",
    None,
    autocompletion=completion.dids_at_or(*MARKS),
)
_VERDICT = options.argument(
    "good|bad|retired", "Your verdict.", autocompletion=completion.words(*MARKS)
)


@command("changelog mark did_123@r3 bad -m 'callers heard silence'", (0, 2, 5, 8))
def app(
    out: Output,
    settings: Settings,
    dids: list[str] | None = _DIDS,
    verdict: str = _VERDICT,
    why: str = options.option("-m --why", "WHY", "Say why; the text is stored.", ...),
    file: str | None = options.FILE,
    by: str | None = options.BY,
) -> int:
    """Judge a routing good or bad, or retire a DID. The newest verdict counts."""
    if verdict not in MARKS:
        hint = f"Use one of: {', '.join(MARKS)}."
        if set(MARKS).intersection(dids or ()):
            hint = f"The verdict stands last: {command_line('mark', ['DID'], ' VERDICT -m WHY')}"
        raise UsageError(f"{verdict!r} is not a verdict", hint)
    judge = partial(mark, verdict=verdict, reason=why, author=by or settings.operator)
    return annotate("mark", out, settings, dids, file, judge)
