"""What was judged, heard and confirmed of a revision, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.model.history import Evidence, Verdict
from changelog.render.style import Sentence, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from changelog.model.history import Confirmation
    from changelog.model.state import LogEntry

_HEARD_SHOWN = 3
_OTHERS_SHOWN = 2


def test_calls(evidence: Iterable[Evidence]) -> Iterator[Sentence]:
    """Test calls, oldest first: the newest that somebody listened to, and of the rest."""
    calls = list(evidence)
    heard = [call for call in calls if call.result in ("pass", "fail")][-_HEARD_SHOWN:]
    others = [call for call in calls if call.result not in ("pass", "fail")][-_OTHERS_SHOWN:]
    shown = [call for call in calls if call in heard or call in others]
    if len(shown) < len(calls):
        yield Sentence("older_calls", "… older calls are left out")
    yield from map(about, shown)


def facts(entry: LogEntry) -> Iterator[Sentence]:
    """Verdicts, test calls and confirmed returns of a revision."""
    yield from map(about, entry.verdicts)
    yield from test_calls(entry.evidence)
    yield from map(about, entry.confirmations)


def about(fact: Verdict | Evidence | Confirmation) -> Sentence:
    """What somebody judged, a test call said or ``verify --to`` saw."""
    match fact:
        case Verdict():
            how = "judged" if fact.verdict in ("good", "bad") else "marked"
            values: tuple[object, ...] = (fact.verdict, Words(fact.reason), fact.by, fact.at)
            return Sentence(fact.verdict, f"{how} {{}}: {{}} ({{}}, {{}})", values)
        case Evidence():
            text = "call {} {}: {} on r{}, {}" + (", {}" if fact.reason else "")
            values = (fact.call, fact.event, fact.result, fact.revision, fact.at, fact.reason)
            return Sentence(fact.result, text, values)
    text = "return to r{} with r{} confirmed ({})"
    return Sentence("confirmed", text, (fact.revision, fact.returned, fact.at))
