"""The program: finds the command, and turns whatever goes wrong into a message and an exit code."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from changelog import __version__
from changelog.core.errors import ChangelogError, UsageError

COMMANDS = {
    "record": "Fetch DIDs and keep what they say.",
    "log": "History, newest first.",
    "show": "One revision whole.",
    "list": "The fleet now or at a moment: who points where.",
    "diff": "What changed, per DID.",
    "restore": "The previous routing target, and how to put it back.",
    "verify": "Fetch, and say whether live is what is expected.",
    "note": "Write a note on a revision.",
    "mark": "Judge a routing good or bad, or retire a DID.",
    "tag": "Name a moment.",
    "import": "Saved API responses into the log.",
    "db": "The database: upgrade, current, path.",
    "demo": "The whole story on a throw-away database.",
    "sandbox": "A local stand-in for the API.",
}
"""Every command with its line in ``--help``; each has a module of its own, loaded when used."""

# The base of all complaints about a command line; typer names only its children.
_BadCommandLine: type[Any] = typer.BadParameter.__mro__[1]

INTERRUPTED = 130
BUG = 1


class LazyGroup(TyperGroup):
    """Imports a command's module only when that command, or help on it, is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 -- the interface
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 -- the interface
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"changelog.cli.{cmd_name}_command")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=LazyGroup,
    name="changelog",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
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
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """A change log for phone-number routing: what changed, and what to put back."""


def run() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot draw a character shows its escape instead of ending the program.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command line. Returns the exit code; no traceback gets out."""
    try:
        return app(args=list(arguments), standalone_mode=False) or 0
    except ChangelogError as error:
        return _report(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return 0
    except Exception as error:
        if isinstance(error, _BadCommandLine):
            hint = "changelog --help shows how it is used."
            return _report(UsageError(error.format_message(), hint), arguments)
        return _report_bug(error, arguments)


def _report(error: ChangelogError, arguments: Sequence[str]) -> int:
    from changelog.cli.output import print_error

    print_error(error, as_json=_wants_json(arguments))
    return error.exit_code


def _report_bug(error: Exception, arguments: Sequence[str]) -> int:
    from changelog.core.redaction import redact

    if os.environ.get("CHANGELOG_DEBUG"):
        raise error
    message = redact(
        f"a bug in this program: {type(error).__name__}: {error}",
        [os.environ.get("MINIVOICE_API_KEY", "")],
    )
    hint = "Nothing recorded is lost. Set CHANGELOG_DEBUG=1 to see where, and report it."
    _report(ChangelogError("bug", message, hint), arguments)
    return BUG


def _wants_json(arguments: Sequence[str]) -> bool:
    before_command = list(arguments)
    if "--" in before_command:
        before_command = before_command[: before_command.index("--")]
    return "--json" in before_command or "json" in before_command[1:]


def _discard_stdout() -> None:
    """The reader of a pipe is gone: nothing is left to say, not even at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
