"""Which DIDs a command is about: finding what was named, and saying what exists where it fails."""

from dataclasses import dataclass
from datetime import datetime

from changelog.commands.targets import unknown_did
from changelog.model.history import History
from changelog.model.ports import Log
from changelog.model.selectors import Latest, Selected, Selector, parse_selector, resolve


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
        return Subject(name, did, parse_selector(selector, now, tags=log))
    raise unknown_did(log, text)


def selected(log: Log, text: str, now: datetime) -> tuple[History, Selected]:
    """The revision that ``DID[@SEL]`` means, the latest one without a selector."""
    subject = find_subject(log, text, now)
    history = log.history(subject.did)
    return history, resolve(subject.selector or Latest(), history, log)
