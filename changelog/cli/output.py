"""Data on stdout, everything else on stderr."""

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from changelog.model import exits
from changelog.model.errors import ChangelogError, UsageError, missing_extra
from changelog.model.results.base import DidError, Result
from changelog.model.text.sanitize import truncate
from changelog.render.style import Shown, Style, line, show, whole

if TYPE_CHECKING:
    from datetime import datetime


_WHAT_TO_DO = {
    exits.UNAUTHORIZED: "the API refused {keys}; a key belongs to one application",
    exits.NO_ANSWER: "the API gave no answer {when}: the reason stands beside each DID. Check the"
    " network (no proxy is used), MINIVOICE_API_URL and, where it is TLS, the certificates."
    " Meanwhile restore --offline answers from the log",
    exits.TAG_TAKEN: "the tag was taken meanwhile by another capture; this one has none",
}
FORMATS = ("text", "json")
LONGEST_SENTENCE = 2000
"""Characters of what is said of an error: it may repeat what somebody gave."""
TABLE_FORMATS = (*FORMATS, "markdown", "csv", "html")
TOLD_FORMATS = (*TABLE_FORMATS, "chat")
R = TypeVar("R", bound=Result)


class _Run:
    """What this run has said by now. `waiting`: warnings that are not on stderr yet, if they wait.

    `from_mirror`: its answers carry the condition ``mirror``, `mirror_as_of` says as of when.
    `key_places`: the variables and files of the keys in use.
    `lost`: an answer could not be written, so the run fails, whatever else it came to.
    `cut`: the last line of a long answer ended in the middle.
    """

    def __init__(self) -> None:
        self.begin(wait=False)

    def begin(self, *, wait: bool) -> None:
        """Forget what was said before. `wait`: keep the warnings until they are taken."""
        self.warned: list[str] = []
        # Where JSON is wanted, an error is the only document on stderr: warnings stand in it.
        self.waiting: list[str] | None = [] if wait else None
        self.from_mirror = False
        self.mirror_as_of: datetime | None = None
        self.key_places: tuple[str, ...] = ()
        self.lost = self.cut = False


RUN = _Run()


class Output(NamedTuple):
    """How the caller wants the answer. `contact`: whom readers of HTML without a shell ask."""

    format: str
    style: Style
    contact: str | None = None

    @property
    def json(self) -> bool:
        return self.format == "json"

    def text(self, content: str) -> None:
        """Print a line of the answer, where it is wanted as text."""
        if self.format == "text":
            say(content)

    def tell(self, template: str, *values: object) -> None:
        """Say something beside the answer; beside JSON nothing is said."""
        if not self.json:
            tell(f"changelog: {template}", *values)

    def tell_errors(self, errors: Iterable[DidError | None]) -> None:
        for error in errors:
            if error is not None and not self.json:
                tell_error(error)

    def tell_asides(self, asides: Iterable[object]) -> None:
        """Say what rows have no room for."""
        if self.format in ("plain", "csv"):
            for aside in asides:
                tell("changelog: {}", aside)

    def tell_incomplete(self, result: Result, last: object) -> None:
        """Say how far an answer got that its deadline cut short: `last` was looked at as well."""
        if exits.INCOMPLETE in result.conditions:
            self.tell(
                "INCOMPLETE: --deadline cut the answer short; the last that was read is {}",
                last or "none",
            )

    def tell_conditions(self, result: Result) -> None:
        """Say what to do about a run that the API cut short."""
        keys = RUN.key_places
        which = "the key" if len(keys) < 2 else "every key"
        refused = f"{which} (401): check {', '.join(keys)}"
        for condition, sentence in _WHAT_TO_DO.items():
            if condition in result.conditions:
                when = "any more" if result.has_read else "at all"
                self.tell("{}", sentence.format(keys=refused, when=when))

    def print(self, command: str, result: R, render: Callable[[R, Style], str]) -> int:
        """Print `result` in the format wanted. Returns the exit code."""
        result = _with_mirror(result)
        if self.format == "text":
            if exits.MIRROR in result.conditions and not sys.stdout.isatty():
                from changelog.render.freshness import of_mirror

                # Whoever is sent it has not seen stderr, as somebody at a terminal has.
                say("\n".join(map(show, of_mirror(result))))
            say(render(result, self.style))
        else:
            say(_document(self, command, result))
        return result.exit_code

    def print_with_dids(
        self, command: str, result: R, render: Callable[[R, Style], str], dids: Iterable[str] | None
    ) -> int:
        """Print `result` with the list ``dids``, whose items are texts of JSON already."""
        if dids is None:
            return self.print(command, result, render)
        from changelog.render.documents import around_list

        head, tail = around_list(command, result, "dids")
        separator = ""
        say(head, end="")
        for text in dids:
            say(f"{separator}\n{text}", end="")
            separator = ","
        say(f"\n  {tail}" if separator else tail)
        return result.exit_code


def _document(out: Output, command: str, result: Result) -> str:
    """Return the answer in a format but text, whose module is imported when it is asked for."""
    match out.format:
        case "json":
            from changelog.render.documents import document
        case "markdown":
            from changelog.render.markdown import document
        case "chat":
            from changelog.render.chat import document
        case "csv":
            from changelog.render.tables import document
        case _:
            try:
                from changelog.render.html.document import document as html_document
            except ImportError as error:
                what = "HTML needs templates that are not installed"
                raise missing_extra(what, "web", "no_templates") from error
            return html_document(command, result, out.contact)
    return document(command, result)


def _with_mirror(result: R) -> R:
    if not RUN.from_mirror:
        return result
    conditions = (*result.conditions, exits.MIRROR)
    return replace(result, conditions=conditions, mirror_as_of=RUN.mirror_as_of)


def output(as_json: bool, format_name: str | None, formats: tuple[str, ...] = FORMATS) -> Output:
    """Return what a command answers with. Raises UsageError for a format that it does not have."""
    if as_json and format_name not in (None, "json"):
        raise UsageError("--json and --format exclude each other", "Choose one.")
    chosen = "json" if as_json else format_name or "text"
    if chosen not in formats:
        raise UsageError(
            f"{chosen!r} is not a format of this command", f"Use one of: {', '.join(formats)}."
        )
    if chosen != "text" and isinstance(sys.stdout, io.TextIOWrapper):
        # A program reads it, whatever the terminal's locale can draw.
        sys.stdout.reconfigure(encoding="utf-8")
    return Output(chosen, terminal_style())


def terminal_style() -> Style:
    """Colour on a terminal only, unless NO_COLOR says otherwise (no-color.org)."""
    if not sys.stdout.isatty():
        return Style()
    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    # COLUMNS counts before the terminal; one that does not say how wide it is has no limit.
    return Style(colour, shutil.get_terminal_size((0, 0)).columns or None)


def say(content: str, end: str = "\n") -> None:
    """Print a piece of the answer. That its reader is gone ends no work; that it is lost is an
    error."""
    if not content:
        return
    try:
        sys.stdout.write(f"{content}{end}")
        if end:
            sys.stdout.flush()
    except BrokenPipeError:
        discard_stdout()
    except OSError as error:
        discard_stdout()
        tell(f"changelog: the answer cannot be written: {error.strerror}")
        RUN.lost = True


def say_line(content: str) -> bool:
    """Print a line of a long answer. Return False where there is no room now: say it again later.

    What was written of it by then is a line of its own.
    """
    try:
        where = sys.stdout.fileno()
    except io.UnsupportedOperation:
        # Not a file: a program that calls this one has put something of its own there.
        say(content)
        return True
    line = f"{content}\n".encode(sys.stdout.encoding, "backslashreplace")
    left = b"\n" + line if RUN.cut else line
    try:
        while left:
            written = os.write(where, left)
            left, RUN.cut = left[written:], written < len(left)
    except BrokenPipeError:
        discard_stdout()
    except OSError as error:
        tell(f"changelog: the answer cannot be written: {error.strerror}")
        return False
    return True


def discard_stdout() -> None:
    """Let nothing that is written from now on go anywhere, at exit neither."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def tell(template: str, *values: object) -> None:
    """Say something that is not the answer: `template` with each value made harmless."""
    # A text that was put together without a template may hold anything.
    text = line(template, *values) if values else "\n".join(map(whole, template.split("\n")))
    sys.stderr.write(f"{text}\n")


def tell_wait(content: str) -> None:
    """Say once why there is nothing to see yet, unless an error must be all that stands there."""
    if RUN.waiting is None and content not in RUN.warned:
        RUN.warned.append(content)
        # A line of progress may stand there.
        tell(f"\r\x1b[K{content}" if sys.stderr.isatty() else content)


def tell_error(error: DidError | ChangelogError, name: str = "") -> None:
    """Say what went wrong and what to do; `name`: of the DID that it is about."""
    about = f"{show(name)}: " if name else ""
    tell(f"changelog: {about}{_sentence(error.message)}")
    if error.hint:
        tell(f"  {_sentence(error.hint)}")


def _sentence(text: str) -> Shown:
    return Shown(truncate(whole(text), LONGEST_SENTENCE))


def print_error(error: ChangelogError, *, as_json: bool) -> None:
    if as_json:
        from changelog.render.documents import error_document

        if isinstance(sys.stderr, io.TextIOWrapper):
            sys.stderr.reconfigure(encoding="utf-8")
        tell(error_document(error, take_waiting()))
        return
    tell_error(error)


def warn(text: str) -> None:
    """Say once on stderr what the caller should know and what ends nothing."""
    content = whole(text)
    if content in RUN.warned:
        return
    RUN.warned.append(content)
    if RUN.waiting is None:
        tell(f"changelog: warning: {content}")
    else:
        RUN.waiting.append(content)


def tell_waiting() -> None:
    """Say the warnings that are not on stderr yet."""
    for content in take_waiting():
        tell(f"changelog: warning: {content}")


def take_waiting() -> tuple[str, ...]:
    """Return the warnings that are not on stderr yet."""
    taken = tuple(RUN.waiting or ())
    if RUN.waiting:
        RUN.waiting.clear()
    return taken


def unexpected_error(error: Exception) -> ChangelogError:
    """Return what a user is told of a bug: no secret, and what to do next.

    With CHANGELOG_DEBUG, where it came from goes before it.
    """
    from changelog.cli.secret_sources import secrets_read
    from changelog.model.text.redaction import redact
    from changelog.model.text.sanitize import masked_urls

    if os.environ.get("CHANGELOG_DEBUG"):
        import traceback

        traceback.print_exception(error)
    message = redact(
        # A database's address may hold a password.
        masked_urls(f"a bug in this program: {type(error).__name__}: {error}"),
        [os.environ.get("MINIVOICE_API_KEY", ""), *secrets_read],
    )
    hint = "Nothing recorded is lost. Set CHANGELOG_DEBUG=1 to see where, and report it."
    return ChangelogError(exits.BUG, message, hint)
