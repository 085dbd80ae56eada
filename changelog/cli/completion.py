"""What a shell is offered behind a command: names, tags and selectors of the log, and fixed words.

The log is read as it is; where it cannot be, nothing is offered, since nobody reads an error then.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from changelog.store.reader import LogReader

_MOST = 50
_SELECTORS = ("latest", "previous", "good", "today", "yesterday")
_TAG = "tag:"
Complete = Callable[[typer.Context, str], list[str]]


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
    from changelog.cli.output import begin_run
    from changelog.cli.settings import load_settings
    from changelog.store.reader import LogReader

    begin_run(wait=True)
    try:
        reader = LogReader(load_settings(ctx.params.get("db"), ctx.params.get("config")).location)
        try:
            return read(reader)
        finally:
            reader.close()
    except Exception:
        return []
