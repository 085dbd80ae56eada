"""Which DIDs to ask for, and what to say where the log knows none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.core import exits
from changelog.core.errors import NothingError, UsageError
from changelog.core.naming import Target, as_e164
from changelog.core.results.base import DidError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from changelog.core.ports import Log

_SHOWN = 8


def targets(log: Log, names: Sequence[str], *, every: bool) -> list[Target]:
    """What to fetch: each DID named, once; with `every` those of the log that are not retired."""
    if every and names:
        raise UsageError("--all and named DIDs exclude each other", "Choose one.")
    if every:
        require_some(log)
        return [Target(did, did) for did, _ in log.dids(with_retired=False)]
    if not names:
        raise UsageError(
            "no DID is named",
            "Name one by id or number (did_123, +15551230001), or use --all or --file.",
        )
    # An empty shell variable beside good names must not lose them.
    given = [name for name in names if name.strip()] or names
    found: dict[str | None, Target] = {}
    for target in (_target(log, name) for name in given):
        found.setdefault(target.did or target.number, target)
    return list(found.values())


def _target(log: Log, name: str) -> Target:
    """Fetched as it was named: an id by id, a number by number, known or not."""
    did = log.find(name)
    number = None if did == name else as_e164(name)
    if number is not None:
        return Target(number, did, number)
    if not name or not name.isprintable() or name.isspace():
        raise UsageError(f"{name!r} names no DID", "Give an id (did_123) or a number (+1555…).")
    owner, at, selector = name.rpartition("@")
    if did is None and at and log.find(owner):
        raise UsageError(
            f"{name!r} names a revision, and this command is about the DID as it is",
            f"Name {owner} alone; a revision stands behind --to or --from: {selector}.",
        )
    return Target(name, did or name)


def named_in(lines: Iterable[str]) -> list[str]:
    """The DIDs of a list, one a line; ``#`` begins a comment."""
    names = (line.partition("#")[0].strip() for line in lines)
    return [name for name in names if name]


def require_some(log: Log) -> None:
    """Raise NothingError for a log that holds nothing."""
    if not log.newest(limit=1):
        raise NothingError(
            exits.NOTHING_RECORDED,
            f"nothing is recorded yet in {log.place}",
            "Run: changelog record DID, or: changelog import FILE",
        )


def unknown_did(log: Log, text: str) -> NothingError:
    known = log.dids()
    if not known:
        return NothingError(
            exits.NOTHING_RECORDED,
            f"nothing is recorded yet in {log.place}, so nothing of {text!r}",
            "Run: changelog record DID, or: changelog import FILE",
        )
    shown = ", ".join(did for did, _ in known[:_SHOWN])
    more = f" and {len(known) - _SHOWN} more (changelog list)" if len(known) > _SHOWN else ""
    return NothingError(
        exits.UNKNOWN_DID, f"the log knows no DID {text!r}", f"It knows {shown}{more}."
    )


def did_error(error: NothingError | UsageError) -> DidError:
    """The error of a run as the error of one DID in it."""
    return DidError(error.code, error.message, hint=error.hint)
