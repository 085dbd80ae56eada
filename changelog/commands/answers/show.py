"""``show``: one revision whole."""

from dataclasses import replace
from datetime import datetime

from changelog.commands.answers.fleet_then import moved_number
from changelog.commands.targets import did_error, find_subject, selected_of
from changelog.model.errors import NothingError
from changelog.model.history import History
from changelog.model.ports import Log
from changelog.model.results.history import LogEntry, ShowResult
from changelog.model.selectors import Selected
from changelog.model.text.sanitize import Advice, command_line, word

_RECENT_SNAPSHOTS = 10


def show(log: Log, name: str, ignored: frozenset[str], now: datetime) -> ShowResult:
    """Return one revision, the latest unless a selector says otherwise."""
    called, _, then = name.rpartition("@")
    moved = None
    try:
        subject = find_subject(log, name, now)
        moved = moved_number(log, log.e164(called), subject.did, subject.selector)
        history, choice = selected_of(log, subject)
    except NothingError as error:
        found = did_error(error)
        if moved is not None:
            other = command_line("show", [f"{moved.then}@{then}"])
            found = found._replace(
                hint=Advice.of("That was the number of {} then: {}", word(moved.then), other)
            )
        return ShowResult(requested=name, error=found, conditions=(error.code,))
    return replace(shown(log, name, history, choice, ignored), moved_number=moved)


def shown(
    log: Log, name: str, history: History, choice: Selected, ignored: frozenset[str]
) -> ShowResult:
    """Return the revision chosen, whole."""
    recent = log.snapshots(history.did, since=None, until=None, limit=_RECENT_SNAPSHOTS)
    return ShowResult(
        requested=name,
        entry=LogEntry(choice.revision, history, ignored),
        recent_snapshots=tuple(seen for _, seen in recent),
        seen_then=choice.seen_then,
    )
