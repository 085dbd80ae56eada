"""The program: finds the command, and turns whatever goes wrong into a message and an exit code."""

import atexit
import gc
import io
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from keyword import iskeyword
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from changelog import __version__
from changelog.cli import secret_sources
from changelog.cli.output import (
    RUN,
    discard_stdout,
    print_error,
    tell_waiting,
    unexpected_error,
)
from changelog.cli.settings import read_settings_file, settings_path
from changelog.model.did_ref import join_words, says_revision
from changelog.model.errors import ChangelogError, SplitNumber, UsageError
from changelog.model.exits import BUG, EXIT_CODES, INTERRUPTED
from changelog.model.text.redaction import looks_like_key, spellings
from changelog.model.text.sanitize import command_line, name_log

COMMANDS = {
    "record": "Fetch DIDs from the API and store their current routing.",
    "status": "Show how fresh the log is, what changed in the last day and what is open.",
    "log": "Show the history, newest first.",
    "show": "Show one revision in full.",
    "list": "List where each DID points, now or at an earlier time.",
    "diff": "Show what changed between two points in time.",
    "restore": "Show the previous routing and how to put it back.",
    "deploy": "Record, run a command, record again and show what changed.",
    "verify": "Check whether the live routing is the expected one.",
    "watch": "Record again and again, and send an alert on each change.",
    "note": "Add a note to a revision or to a capture.",
    "mark": "Judge a routing good or bad, or retire a DID.",
    "tag": "Give a point in time a permanent name, or list these names.",
    "evidence": "Store test calls and link each to the revision it reached.",
    "listen": "Receive test calls from the provider as webhooks.",
    "config": "Show the settings in effect and where each comes from.",
    "export": "Write the whole log as JSON Lines.",
    "import": "Read saved API responses, or an export, into the log.",
    "check": "Verify that the log has not been altered.",
    "prune": "Delete old snapshots that show no change; history stays.",
    "mirror": "Keep a local copy of a shared log, to read while the server is down.",
    "db": "Upgrade, locate or repair the database.",
    "web": "Show the log as read-only web pages, for people without a shell.",
    "demo": "Play an incident on a throw-away database.",
    "sandbox": "Run a local imitation of the API, to practise on.",
}
"""Every command with its line in ``--help``; each has a module of its own, loaded when used."""

_FOLDERS = {
    "recording": ("record", "verify", "deploy", "watch", "import"),
    "answers": ("status", "log", "show", "list", "diff", "restore", "web"),
    "annotations": ("note", "mark", "tag", "evidence", "listen"),
    "upkeep": ("check", "config", "db", "export", "mirror", "prune"),
    "trial": ("demo", "sandbox"),
}
"""Which folder of ``cli/`` holds each command."""


def _module_of(command: str) -> str:
    folder = next(folder for folder, commands in _FOLDERS.items() if command in commands)
    return f"{folder}.{command}" + ("_" if iskeyword(command) else "")


# The base of all complaints about a command line; typer names only its children.
_BadCommandLine: type[Any] = typer.BadParameter.__mro__[1]

_RANGE = r"range (?:x>=(?P<least>\d+)|(?P<lowest>\d+)<=x<=(?P<highest>\d+))"
_SHORTEST_KEY = 12
"""Characters. A shorter one may be a word that a note happens to hold."""


class LazyGroup(TyperGroup):
    """Imports a command's module only when that command, or help on it, is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- the interface
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 -- the interface
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"changelog.cli.{_module_of(cmd_name)}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("changelog: interrupted", file=sys.stderr)  # noqa: T201
            raise typer.Exit(EXIT_CODES[INTERRUPTED]) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=LazyGroup,
    name="changelog",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"changelog {__version__}")  # noqa: T201 -- the answer itself
        raise typer.Exit


@app.callback(
    epilog="\b\nAt 3 a.m.:\n  changelog restore +15551230001\n\nNo command changes routing."
)
def changelog(
    ctx: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A change log for phone-number routing: what changed, and what to put back."""
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())  # noqa: T201 -- the answer itself
        raise typer.Exit(UsageError.exit_code)


def run() -> None:
    """Run as the console script."""
    _make_streams_safe()
    # An ending process frees all that it has. To look for cycles first takes a tenth of a restore.
    atexit.register(gc.freeze)
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        discard_stdout()
    sys.exit(code)


def _make_streams_safe() -> None:
    """Let a closed stream swallow what is written, and stderr what cannot be written there;
    a terminal that cannot draw a character shows its escape."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+"))  # noqa: SIM115 -- open until the end
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.stderr = _BestEffortStream(sys.stderr)


class _BestEffortStream(io.TextIOWrapper):
    """Writes to where `stream` writes; what cannot be written (a terminal that hung up, a full
    disk) is lost, and the next line is tried again."""

    def __init__(self, stream: TextIO) -> None:
        with suppress(OSError):
            stream.flush()
        # No buffer: what could not be told must not be tried again at exit, which would fail.
        raw = io.FileIO(os.dup(stream.fileno()), "w")
        super().__init__(
            raw, encoding=stream.encoding, errors="backslashreplace", write_through=True
        )

    def write(self, content: str) -> int:
        with suppress(OSError):
            super().write(content)
        return len(content)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def main(arguments: Sequence[str]) -> int:
    """Run one command line. Returns the exit code; no traceback gets out."""
    RUN.begin(wait=_wants_json(arguments))
    name_log("")
    code = _main(_as_texts(arguments))
    tell_waiting()
    return code or (EXIT_CODES[BUG] if RUN.lost else 0)


def _as_texts(arguments: Sequence[str]) -> list[str]:
    own = _own(arguments)
    return [*join_words([*map(_as_text, own)]), *arguments[len(own) :]]


def _own(arguments: Sequence[str]) -> Sequence[str]:
    """Return all but the command that ``deploy`` runs: that is another program's to understand."""
    if arguments[:1] == ["deploy"] and "--" in arguments:
        return arguments[: arguments.index("--")]
    return arguments


def _as_text(argument: str) -> str:
    """Spell bytes that are not UTF-8 as escapes: neither a database nor JSON could hold them."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _main(arguments: Sequence[str]) -> int:
    try:
        _refuse_secrets(arguments)
        return app(args=list(arguments), standalone_mode=False) or 0
    except SystemExit:
        # The parser's way out where the reader of the help is gone.
        return 0
    except SplitNumber as error:
        error.hint = f"Quote it: {command_line(arguments[0], [error.number])}. {error.hint}"
        return _report(error, arguments)
    except ChangelogError as error:
        return _report(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        print("changelog: interrupted", file=sys.stderr)  # noqa: T201
        return EXIT_CODES[INTERRUPTED]
    except Exception as error:
        if isinstance(error, _BadCommandLine):
            return _report(_usage_error(error, arguments), arguments)
        return _report_bug(error, arguments)


def _refuse_secrets(arguments: Sequence[str]) -> None:
    """Refuse a secret in an argument: everybody on this machine sees it, and a note stays for
    good."""
    words = _own(arguments)
    if any(map(looks_like_key, words)):
        raise _secret_given()
    if "web" in words[:1]:
        # The process of the pages never reads a key, to compare with it neither.
        return
    for secret in _secrets_named(_value_of("--config", words)):
        is_given = (
            any(spelling in word for spelling in spellings(secret) for word in words)
            if len(secret) >= _SHORTEST_KEY
            else secret in words
        )
        if is_given:
            raise _secret_given()


def _secret_given() -> UsageError:
    return UsageError(
        "an argument holds an API key or another secret, which everybody on this machine can read",
        "Leave it out: keys come from MINIVOICE_API_KEY or a file, and no text that is kept should"
        " hold one.",
        "key_given",
    )


def _secrets_named(config: str | None) -> list[str]:
    """Return what the environment and the settings file name; `config`: the file of a flag.

    Only ordinary files are read: what a pipe holds can be read once, when it is needed.
    """
    environ = secret_sources.environment()
    sources = secret_sources.sources_of_environment(environ)
    if settings_path(config, environ).is_file():
        # What is wrong with the file is said where it is loaded.
        with suppress(UsageError):
            sources += read_settings_file(config, environ).sources
    return secret_sources.readable_secrets(sources, environ)


def _value_of(option: str, words: Sequence[str]) -> str | None:
    """Return what the command line gives for `option`, before it is parsed."""
    values = [word.partition("=")[2] for word in words if word.startswith(f"{option}=")]
    values += [value for name, value in pairwise(words) if name == option]
    return values[-1] if values else None


def _usage_error(error: Any, arguments: Sequence[str]) -> UsageError:
    """Return what the parser says, with what to do next in the place of its usage line."""
    if arguments[0].startswith("-") and COMMANDS.keys() & set(arguments):
        return _option_too_early(arguments)
    message = error.format_message()
    # Of some errors the parser does not say where they happened.
    command = next((f"changelog {word}" for word in arguments[:1] if word in COMMANDS), "changelog")
    path = getattr(getattr(error, "ctx", None), "command_path", command)
    hint = _hint(message)
    if "show" in arguments[:1]:
        hint = hint or _revision_apart(message, arguments)
    return UsageError(message, hint or f"{path} --help shows how it is used.")


def _revision_apart(message: str, words: Sequence[str]) -> str:
    """Return the command in which a surplus word stands as the revision of the DID before it."""
    surplus = re.search(r"unexpected extra argument\(s\) \((\S+)\)", message)
    if not surplus or not says_revision(surplus[1]) or words[2:3] != [surplus[1]]:
        return ""
    did = words[1]
    return f"A revision stands behind its DID: {command_line(words[0], [f'{did}@{surplus[1]}'])}"


def _option_too_early(arguments: Sequence[str]) -> UsageError:
    command = next(word for word in arguments if word in COMMANDS)
    option = arguments[0].partition("=")[0]  # Its value may hold a password.
    return UsageError(
        f"the option {option} is given before the command",
        f"Options stand behind the command: changelog {command} {option} …",
    )


def _hint(message: str) -> str:
    """Return what to write in the place of what the parser complains of, where that is known."""
    if in_range := re.search(_RANGE, message):
        lowest, highest = in_range["lowest"] or in_range["least"], in_range["highest"]
        return f"Write a whole number from {lowest} {f'to {highest}' if highest else 'on'}."
    if unknown := re.search(r"No such command '(.*)'", message):
        from difflib import get_close_matches

        near = get_close_matches(unknown[1], COMMANDS, 1)
        return f"Did you mean the command {near[0]}?" if near else ""
    return "Add -m 'WHY'. The text is stored." if "Missing option '-m'" in message else ""


def _report(error: ChangelogError, arguments: Sequence[str]) -> int:
    print_error(error, as_json=_wants_json(arguments))
    return error.exit_code


def _report_bug(error: Exception, arguments: Sequence[str]) -> int:
    if os.environ.get("CHANGELOG_DEBUG"):
        raise error
    return _report(unexpected_error(error), arguments)


def _wants_json(arguments: Sequence[str]) -> bool:
    words = list(arguments)
    words = words[: words.index("--")] if "--" in words else words
    pairs = pairwise(words)
    return "--json" in words or "--format=json" in words or ("--format", "json") in pairs
