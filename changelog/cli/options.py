"""The command line: how a command and its options are declared, and what their values mean."""

import inspect
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import typer

from changelog.cli import completion
from changelog.cli.exit_codes import help_end
from changelog.cli.output import FORMATS, Output, output
from changelog.cli.settings import load_settings
from changelog.commands.targets import named_in
from changelog.model.did_ref import looks_like_number
from changelog.model.errors import UsageError
from changelog.model.journal_head import Head, parse_head
from changelog.model.text.sanitize import command_line
from changelog.model.text.times import format_utc, parse_full_moment, parse_moment
from changelog.system.files import read_list


def option(names: str, metavar: str, text: str, default: Any = None, **more: Any) -> Any:
    """Declare an option that takes a value. `names`: with blanks between; `text`: its help."""
    return typer.Option(default, *names.split(), metavar=metavar, help=text, **more)


def flag(names: str, text: str) -> Any:
    """Declare an option that takes no value."""
    return typer.Option(False, *names.split(), help=text)


def argument(metavar: str, text: str, default: Any = ..., **more: Any) -> Any:
    """Declare an argument; one without a default must be given."""
    return typer.Argument(default, metavar=metavar, help=text, **more)


def format_option(formats: Sequence[str]) -> Any:
    """Declare the option that names one of these formats, the first by default."""
    *others, last = (f"{formats[0]} (default)", *formats[1:])
    help_text = f"Output format: {', '.join(others)} or {last}."
    return option("--format", "FORMAT", help_text, autocompletion=completion.words(*formats))


DIDS = argument(
    "[DID]...",
    "Ids or phone numbers, such as did_101 or +15551230001.",
    None,
    autocompletion=completion.dids,
)
FILE = option("--file", "F|-", "Read DIDs from a file, one on each line; - reads stdin.")
ALL = flag("--all", "Use every DID in the log, except retired ones.")
DB = option("--db", "URL", "Database: a path or postgresql://… (default: the settings).")
CONFIG = option("--config", "FILE", "Settings file to use in place of changelog.toml.")
JSON = flag("--json", "Print one JSON document.")
TICKET = option("--ticket", "T", "Ticket that this belongs to, such as OPS-7.")
NOTE = option("-m --note", "NOTE", "Say why; the text is stored.")
TAG = option("--tag", "NAME", "Give this capture a permanent name.")
BY = option("--by", "WHO", "Your name in the log (default: the setting operator).")
FIELD = option("--field", "F", "Show only changes of this field.")
DEADLINE = option(
    "--deadline", "D", "Read for no longer than this, such as 30s; say how far it got (exit 3)."
)
ROUTING = flag("--routing", "Show only changes of the routing.")
POINTED_TO = option(
    "--application",
    "ID",
    "Choose DIDs: only those with this application_id on either side, then or now.",
)
POINTED_MODE = option(
    "--route-mode", "M", "Choose DIDs: only those with this route_mode on either side, then or now."
)


def port(default: int) -> Any:
    """Declare the port that a server listens on."""
    return option(
        "--port", "P", "Port to listen on; 0 picks a free one.", default, min=0, max=65535
    )


_BY_NAME = inspect.Parameter.KEYWORD_ONLY


def command(
    example: str,
    codes: Sequence[int],
    formats: tuple[str, ...] = FORMATS,
    *,
    more_help: str = "",
    cls: type[Any] | None = None,
) -> Callable[[Callable[..., int]], typer.Typer]:
    """Make an application of one command. `codes`: the exit codes that its help explains.

    A function that takes `settings` has the options ``--db`` and ``--config``; one that takes `out`
    has ``--json`` and ``--format``. `formats`: what it answers in, the first by default.
    """

    def declare(run: Callable[..., int]) -> typer.Typer:
        app = typer.Typer(
            rich_markup_mode=None,
            add_completion=False,
            pretty_exceptions_enable=False,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        epilog = help_end(example, codes) + more_help
        app.command(cls=cls, epilog=epilog, help=run.__doc__)(_with_shared(run, formats))
        return app

    return declare


def _with_shared(run: Callable[..., int], formats: tuple[str, ...]) -> Callable[..., int]:
    """Return `run` as typer calls it: with the shared options, of which its own values are made.

    typer has no options that commands share. It reads them off a signature, so one is made here;
    to repeat them in each command takes sixty lines more.
    """
    own = inspect.signature(run).parameters
    shared: list[tuple[str, Any, Any]] = []
    if "settings" in own:
        shared += [("db", str | None, DB), ("config", str | None, CONFIG)]
    if "out" in own:
        shared += [("json", bool, JSON), ("format_name", str | None, format_option(formats))]

    def run_parsed(**values: Any) -> int:
        if "out" in own:
            values["out"] = output(values.pop("json"), values.pop("format_name"), formats)
        if "settings" in own:
            values["settings"] = load_settings(values.pop("db"), values.pop("config"))
            if "out" in own:
                values["out"] = values["out"]._replace(contact=values["settings"].contact)
        return run(**values)

    parameters = [each for name, each in own.items() if name not in ("out", "settings")]
    for name, kind, declaration in shared:
        parameters.append(inspect.Parameter(name, _BY_NAME, default=declaration, annotation=kind))
    # typer asks for both: the signature, and the types by themselves.
    run_parsed.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run_parsed.__annotations__ = {each.name: each.annotation for each in parameters}
    return run_parsed


def note_text(text: str | None) -> str | None:
    """Return a note as it is kept. Raises UsageError for an empty one."""
    if text is not None and not text.strip():
        raise UsageError("the note is empty", "Say in a few words why: -m TEXT.")
    return text


def names_given(dids: Sequence[str] | None, file: str | None) -> list[str]:
    """Return the DIDs named and those of the list `file`. Raises UsageError."""
    # An empty shell variable beside good names must not lose them.
    names = [name for name in dids or () if name.strip()]
    if file is None:
        return names
    names += [_spelled(name) for _, name in named_in(lines_of(file))]
    if not names:
        raise empty_list(file)
    return names


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
    out: Output, now: datetime, day_start: str | None = None, day_end: str | None = None
) -> None:
    """Say on stderr which moments were meant by times that do not name their date and time."""
    for text, is_end in ((day_start, False), (day_end, True)):
        if text is None or parse_full_moment(text):
            continue
        if parsed := parse_moment(text, now, day_ends=is_end):
            out.tell("{} is {}", text, parsed)


def head(text: str | None) -> Head | None:
    """Return the head that an operator gives. Raises UsageError."""
    parsed = None if text is None else parse_head(text)
    if text is not None and parsed is None:
        raise UsageError(
            f"{text!r} is not a head",
            "A head is N:DIGEST, the digest 64 hex digits, as this prints it:"
            f" {command_line('check', (), ' --head')}",
        )
    return parsed


def number_by_country(region: str | None, text: str) -> str | None:
    """Return the E.164 number that `text` says by the rules of its country, None if it is none.

    `region`: whose national forms are understood, two letters; None for none.
    """
    text = re.sub(r"^\s*00", "+", text)
    if not looks_like_number(text) or (region is None and "+" not in text):
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    # One that is dialled within its town alone is no E.164 number.
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if phonenumbers.is_possible_number_with_reason(number) != possible:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
