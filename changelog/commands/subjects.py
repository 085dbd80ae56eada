"""Which DIDs a command is about: finding what was named, and saying what exists where it fails."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from changelog.core import exits
from changelog.core.errors import NothingError, UsageError
from changelog.core.history import History
from changelog.core.naming import as_e164
from changelog.core.ports import Log, Target
from changelog.core.results import DidError
from changelog.core.selectors import Latest, Selected, Selector, parse_selector, resolve

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """A DID of the log as it was named, with the selector that stood behind it, if any."""

    requested: str
    did: str
    selector: Selector | None = None


def find_subject(log: Log, text: str, now: datetime) -> Subject:
    """`text` tried whole as a known id or number, else split at its last ``@``.

    Raises NothingError if the log knows no such DID, UsageError for a selector that is none.
    """
    if did := log.find(text):
        return Subject(text, did)
    name, at, selector = text.rpartition("@")
    if at and (did := log.find(name)):
        return Subject(name, did, parse_selector(selector, now))
    raise unknown_did(log, text)


def selected(log: Log, text: str, now: datetime) -> tuple[History, Selected]:
    """The revision that ``DID[@SEL]`` means, the latest one without a selector."""
    subject = find_subject(log, text, now)
    history = log.history(subject.did)
    return history, resolve(subject.selector or Latest(), history, log)


def unknown_did(log: Log, text: str) -> NothingError:
    known = log.dids()
    if not known:
        return NothingError(
            exits.NOTHING_RECORDED,
            f"nothing is recorded yet, so nothing of {text!r}",
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


def require_some(log: Log) -> None:
    """Raise NothingError for a log that holds nothing."""
    if not log.newest(limit=1):
        raise NothingError(
            exits.NOTHING_RECORDED,
            "nothing is recorded yet",
            "Run: changelog record DID, or: changelog import FILE",
        )


def targets(log: Log, names: Sequence[str], *, every: bool) -> list[Target]:
    """What to fetch: each DID named, once; with `every` those of the log that are not retired."""
    if every:
        require_some(log)
        return [Target(did, did) for did, _ in log.dids(with_retired=False)]
    if not names:
        raise UsageError(
            "no DID is named",
            "Name one by id or number (did_123, +15551230001), or use --all or --file.",
        )
    found = [_target(log, name) for name in names]
    return list({(one.did, one.number): one for one in found}.values())


def _target(log: Log, name: str) -> Target:
    """Fetched as it was named: an id by id, a number by number, known or not."""
    did = log.find(name)
    number = None if did == name else as_e164(name)
    if number is not None:
        return Target(number, did, number)
    if not name or not name.isprintable() or name.isspace():
        raise UsageError(f"{name!r} names no DID", "Give an id (did_123) or a number (+1555…).")
    return Target(name, did or name)


def named_in(lines: Iterable[str]) -> list[str]:
    """The DIDs of a list, one a line; ``#`` begins a comment."""
    names = (line.partition("#")[0].strip() for line in lines)
    return [name for name in names if name]
