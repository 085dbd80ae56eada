"""The options that several commands share, what they may say, and what stands under each help."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from changelog.cli import completion
from changelog.cli.exit_help import meaning
from changelog.cli.output import FORMATS, TOLD_FORMATS, tell
from changelog.commands.targets import named_in
from changelog.model.errors import UsageError
from changelog.model.journal import Head, parse_head
from changelog.model.text.times import format_utc, parse_duration, parse_full_moment, parse_moment
from changelog.system.files import read_list


def option(names: str, metavar: str, text: str, **more: Any) -> Any:
    """Declare an option that takes a value. `names`: with blanks between; `text`: its help."""
    return typer.Option(*names.split(), metavar=metavar, help=text, **more)


def flag(names: str, text: str) -> Any:
    """Declare an option that takes no value."""
    return typer.Option(*names.split(), help=text)


Dids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[DID]...",
        help="Ids or phone numbers, such as did_101 or +15551230001.",
        autocompletion=completion.dids,
    ),
]
DidAt = Annotated[
    str,
    typer.Argument(
        metavar="DID[@SEL]",
        help="An id or phone number; @SEL names a revision, such as @r2.",
        autocompletion=completion.dids_at,
    ),
]
File = Annotated[
    str | None, option("--file", "F|-", "Read DIDs from a file, one on each line; - reads stdin.")
]
All = Annotated[bool, flag("--all", "Use every DID in the log, except retired ones.")]
Db = Annotated[
    str | None, option("--db", "URL", "Database: a path or postgresql://… (default: the settings).")
]
Config = Annotated[
    str | None, option("--config", "FILE", "Settings file to use in place of changelog.toml.")
]
Json = Annotated[bool, flag("--json", "Print one JSON document.")]


def format_option(formats: Sequence[str]) -> Any:
    """Return the option that names one of these formats, the first by default."""
    *others, last = (f"{formats[0]} (default)", *formats[1:])
    help_text = f"Output format: {', '.join(others)} or {last}."
    return option("--format", "FORMAT", help_text, autocompletion=completion.words(*formats))


Format = Annotated[str | None, format_option(FORMATS)]
ToldFormat = Annotated[str | None, format_option(TOLD_FORMATS)]
Ticket = Annotated[
    str | None, option("--ticket", "T", "Ticket that this belongs to, such as OPS-7.")
]
Note = Annotated[str | None, option("-m --note", "NOTE", "Say why; the text is stored.")]
Tag = Annotated[str | None, option("--tag", "NAME", "Give this capture a permanent name.")]
By = Annotated[
    str | None, option("--by", "WHO", "Your name in the log (default: the setting operator).")
]
Deadline = Annotated[
    str | None,
    option(
        "--deadline", "D", "Read for no longer than this, such as 30s; say how far it got (exit 3)."
    ),
]
Since = Annotated[
    str | None, option("--since", "T", "Only from this time on, such as 2h (ago) or 2026-11-23.")
]
Until = Annotated[str | None, option("--until", "T", "Only up to this time.")]
Field = Annotated[str | None, option("--field", "F", "Show only changes of this field.")]
RoutingOnly = Annotated[bool, flag("--routing", "Show only changes of the routing.")]
Application = Annotated[str | None, option("--application", "ID", "Match this application_id.")]
RouteMode = Annotated[str | None, option("--route-mode", "M", "Match this route_mode.")]
PointedTo = Annotated[
    str | None,
    option(
        "--application",
        "ID",
        "Choose DIDs: only those with this application_id on either side, then or now.",
    ),
]
PointedMode = Annotated[
    str | None,
    option(
        "--route-mode",
        "M",
        "Choose DIDs: only those with this route_mode on either side, then or now.",
    ),
]
Status = Annotated[str | None, option("--status", "S", "Match this status.")]


def note_text(text: str | None) -> str | None:
    """Return a note as it is kept. Raises UsageError for an empty one."""
    if text is not None and not text.strip():
        raise UsageError("the note is empty", "Say in a few words why: -m TEXT.")
    return text


def epilog(example: str, codes: Sequence[int]) -> str:
    """Return what stands under a command's help."""
    command = example.split()[1]
    rows = "\n".join(f"  {code:<4}{meaning(command, code)}" for code in codes)
    return f"\b\nExample:\n  {example}\n\n\b\nExit codes:\n{rows}"


def command_app() -> typer.Typer:
    """Make an application for one command."""
    return typer.Typer(
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def names_given(dids: Sequence[str] | None, file: str | None) -> list[str]:
    """Return the DIDs named and those of the list `file`. Raises UsageError."""
    listed = [] if file is None else [_spelled(name) for _, name in named_in(lines_of(file))]
    if file is not None and not listed and not dids:
        raise empty_list(file)
    # An empty shell variable beside good names must not lose them.
    return [name for name in dids or () if name.strip()] + listed


def empty_list(file: str) -> UsageError:
    """Return the refusal of a list without a DID: it must not be taken for all DIDs."""
    return UsageError(
        f"the list {file} names no DID", "Write one DID on each line: an id or a number."
    )


def _spelled(name: str) -> str:
    """Return a name of a list that no DID can have, where its bytes are no text, so that it can be
    asked for."""
    return name.encode(errors="backslashreplace").decode()


def lines_of(file: str) -> list[str]:
    """Return the lines of a list of DIDs, ``-`` for stdin. Raises UsageError.

    A line that is no text names no DID: the others are not lost with it.
    """
    try:
        return read_list(file, errors="surrogateescape").splitlines()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageError(
            f"the list {file} cannot be read: {reason}",
            "Name a file with one DID on each line, or - for stdin.",
        ) from error


def moment(text: str | None, now: datetime, *, day_ends: bool = True) -> datetime | None:
    """Return the moment that `text` names; a day is its end, or its start. Raises UsageError."""
    if text is None:
        return None
    parsed = parse_moment(text, now, day_ends=day_ends)
    if parsed is None:
        raise UsageError(
            f"{text!r} is no time",
            "Write 2026-11-23T14:00Z, 2026-11-23, 14:00, yesterday 14:00, or 2h ago; it is"
            f" {format_utc(now)} now.",
        )
    return parsed


def echo_times(
    now: datetime, *, day_starts: str | None = None, day_ends: Sequence[str | None] = ()
) -> None:
    """Say on stderr which moments were meant by times that do not name their date and time."""
    given = [(day_starts, False), *((text, True) for text in day_ends)]
    for text, at_its_end in given:
        if text is None or parse_full_moment(text):
            continue
        if parsed := parse_moment(text, now, day_ends=at_its_end):
            tell("changelog: {} is {}", text, parsed)


def head(text: str | None) -> Head | None:
    """Return the head that an operator gives. Raises UsageError."""
    parsed = None if text is None else parse_head(text)
    if text is not None and parsed is None:
        raise UsageError(
            f"{text!r} is not a head",
            "A head is N:DIGEST, the digest 64 hex digits, as changelog check --head prints it.",
        )
    return parsed


def deadline(text: str | None) -> float | None:
    """Return how long a read may take, None for as long as it takes. Raises UsageError."""
    return None if text is None else seconds(text)


def seconds(text: str | None) -> float:
    """Return a length of time: ``30s``, ``5m``, ``1d2h``; none is 0. Raises UsageError."""
    if text is None:
        return 0.0
    parsed = parse_duration(text)
    if parsed is None:
        raise UsageError(f"{text!r} is not a duration", "Write 30s, 5m, 1h30m, 36h, 90d or 3w.")
    return parsed.total_seconds()


_RATE = r"(?P<count>\d+(?:\.\d+)?)(?:/(?P<unit>s|m|min))?"


def parse_rate(text: str | None) -> float | None:
    """Return fetches a second from ``10``, ``10/s`` or ``90/min``. Raises UsageError."""
    if text is None:
        return None
    parsed = re.fullmatch(_RATE, text.strip(), re.ASCII)
    if parsed is None or float(parsed["count"]) == 0:
        raise UsageError(f"{text!r} is no rate", "Write --rate 10/s")
    return float(parsed["count"]) / (1 if parsed["unit"] in (None, "s") else 60)
