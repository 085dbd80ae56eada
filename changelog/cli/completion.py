"""What a shell is offered behind a command: names, tags and selectors of the log, and fixed words.

The log is read as it is; where it cannot be, nothing is offered, since nobody reads an error then.
"""

import io
import os
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from itertools import pairwise
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from changelog.store.reader import LogReader

_MOST = 50
_SELECTORS = ("latest", "previous", "good", "today", "yesterday")
_TAG = "tag:"
_BREAKS = frozenset("@:")
"""What ends a word for bash, and stands as one then; so does a ``=``."""
Complete = Callable[[typer.Context, str], list[str]]


def in_whole_words(run: Callable[[], None]) -> None:
    """Run a completion of bash with whole words: ``tag:NAME`` and ``did_1@r2`` are three for it.

    Of each answer only what follows the last of these breaks is printed: bash keeps what is typed.
    """
    count = int(os.environ.get("COMP_CWORD", 0)) + 1
    split = os.environ.get("COMP_WORDS", "").split("\n")[:count]
    if len(split) < count:
        # Not a line that bash has split.
        run()
        return
    whole = _whole(split)
    os.environ |= {"COMP_WORDS": "\n".join(whole), "COMP_CWORD": str(len(whole) - 1)}
    last = split[-1].removeprefix("=") if set(split[-1]) - _BREAKS else ""
    typed = len(whole[-1]) - len(last)
    said = io.TextIOWrapper(buffer := io.BytesIO(), encoding="utf-8", write_through=True)
    try:
        with redirect_stdout(said):
            run()
    finally:
        with suppress(OSError):
            for line in buffer.getvalue().decode(errors="replace").splitlines():
                print(line[typed:])  # noqa: T201


def _whole(split: list[str]) -> list[str]:
    """Join what bash split. The value of ``--format=csv`` is offered as one that stands apart."""
    words = [*(word for word in split[:-1] if word != "="), split[-1].removeprefix("=")]
    whole: list[str] = []
    for before, word in pairwise(["", *words]):
        if whole and word and (set(word) <= _BREAKS or (before and set(before) <= _BREAKS)):
            whole[-1] += word
        else:
            whole.append(word)
    return whole


def words(*offered: str) -> Complete:
    """Offer fixed words."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:  # noqa: ARG001 -- the interface
        return [word for word in offered if word.startswith(incomplete)]

    return complete


def dids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer ids and numbers of the log."""
    names = _of_log(ctx, lambda log: log.names_from(incomplete, _MOST))
    if incomplete[:1].isdigit():
        names += _of_log(ctx, lambda log: log.names_from(f"+{incomplete}", _MOST))
    return names


def dids_at(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer ids and numbers, and behind an ``@`` what selects a revision."""
    did, at, selector = incomplete.rpartition("@")
    if not at:
        return dids(ctx, incomplete)
    return [f"{did}@{word}" for word in [*revisions(ctx, did, selector), *selectors(ctx, selector)]]


def dids_at_or(*offered: str) -> Complete:
    """Offer what `dids_at` does, and fixed words that may stand behind it."""
    fixed = words(*offered)
    return lambda ctx, incomplete: fixed(ctx, incomplete) + dids_at(ctx, incomplete)


def selectors(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer what names a revision or a moment."""
    named = [f"{_TAG}{name}" for name in _of_log(ctx, lambda log: log.tag_names())]
    return [word for word in (*_SELECTORS, *named) if word.startswith(incomplete)][:_MOST]


def selectors_or_live(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer what `selectors` does, and what is live now."""
    return words("live")(ctx, incomplete) + selectors(ctx, incomplete)


def tags(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the names of tags, the newest first."""
    names = _of_log(ctx, lambda log: log.tag_names())
    return [name for name in names if name.startswith(incomplete)][:_MOST]


def revisions(ctx: typer.Context, name: str, incomplete: str) -> list[str]:
    """Offer the newest revisions of one DID."""

    def read(log: "LogReader") -> list[str]:
        did = log.find(name)
        return [f"r{number}" for number in log.newest_numbers(did, 9)] if did else []

    numbers = _of_log(ctx, read)
    return [number for number in numbers if number.startswith(incomplete)]


def _of_log(ctx: typer.Context, read: "Callable[[LogReader], list[str]]") -> list[str]:
    from changelog.cli.output import RUN
    from changelog.cli.settings import load_settings
    from changelog.store.reader import LogReader

    RUN.begin(wait=True)
    try:
        reader = LogReader(load_settings(ctx.params.get("db"), ctx.params.get("config")).location)
        try:
            return read(reader)
        finally:
            reader.close()
    except Exception:
        return []
