"""``evidence`` and ``listen``: test calls into the log, each linked to the revision it reached.

What is not for this log, a call that went out or to a number that nobody recorded, is named and
left aside.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from changelog.commands.recording.saved_responses import SavedFile
from changelog.model import exits
from changelog.model.ports import Recorder
from changelog.model.results.annotations import EvidenceCounts, EvidenceEvent, EvidenceReport
from changelog.model.test_calls import Call, IgnoredReason, LinkResult, ListenerVerdict
from changelog.model.text.json_body import NotJson, parse_json
from changelog.model.text.webhook import NotAWebhook, Webhook, parse_webhook

RESULTS: tuple[ListenerVerdict, ...] = ("pass", "fail")
_AT_ONCE = 1000
"""Test calls in one transaction."""
_WHY_NOTHING: dict[str, str] = {
    "unknown_number": exits.UNKNOWN_DID,
    "before_the_log": exits.UNKNOWN_REVISION,
    "no_time": exits.UNKNOWN_REVISION,
    "nothing_to_compare": exits.UNKNOWN_REVISION,
}
"""By the reason why a call to a DID was left aside, the condition that it is."""


def evidence(
    recorder: Recorder,
    files: Sequence[SavedFile],
    *,
    verdict: ListenerVerdict | None,
    text: str,
    author: str,
    now: datetime,
    secrets: Sequence[str] = (),
) -> EvidenceReport:
    """Store each webhook's body in `files`: one in a file, or one a line.

    `verdict`: what somebody who listened to these calls says of them; `text`: in words.
    """
    events: list[EvidenceEvent | None] = []
    waiting: list[Call] = []
    for file in files:
        for place, content in _bodies(file):
            try:
                webhook = parse_webhook(content, secrets)
            except NotAWebhook as error:
                events.append(_unreadable(f"{place}: {error}"))
                continue
            events.append(None)
            waiting.append(Call(webhook, now, verdict=verdict, text=text))
    linked: list[EvidenceEvent] = []
    for start in range(0, len(waiting), _AT_ONCE):
        linked += map(event_of, recorder.link_calls(waiting[start : start + _AT_ONCE], author))
    # In the order given, whatever could not be read among them.
    stored = iter(linked)
    return _report([one or next(stored) for one in events])


def receive(
    recorder: Recorder, deliveries: Sequence[tuple[Webhook, datetime]], author: str
) -> list[EvidenceEvent]:
    """Store what the provider delivered, each with the time at which it was received."""
    calls = [Call(webhook, at, delivered=True) for webhook, at in deliveries]
    return [event_of(linked) for linked in recorder.link_calls(calls, author)]


def event_of(linked: LinkResult) -> EvidenceEvent:
    stored = linked.stored
    return EvidenceEvent(
        call=linked.call,
        event=linked.event,
        did=linked.did,
        revision=stored and stored.revision,
        result=stored.result if stored else "ignored",
        differences=linked.differences,
        reason=linked.reason,
        outcome=linked.outcome,
        at=stored and stored.at,
        aside=linked.aside,
    )


def _bodies(file: SavedFile) -> Iterator[tuple[str, bytes]]:
    """(where it stands, body) of each webhook in a file."""
    lines = [line for line in file.content.splitlines() if line.strip()]
    if len(lines) < 2 or _is_one(file.content):
        yield file.name, file.content
        return
    for number, line in enumerate(lines, start=1):
        yield f"{file.name}, line {number}", line


def _is_one(content: bytes) -> bool:
    try:
        parse_json(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, NotJson):
        return False
    return True


def _unreadable(reason: str) -> EvidenceEvent:
    aside: IgnoredReason = "not_a_webhook"
    return EvidenceEvent(
        call=None,
        event=None,
        did=None,
        revision=None,
        result="ignored",
        reason=reason,
        outcome="ignored",
        aside=aside,
    )


def _report(events: Sequence[EvidenceEvent]) -> EvidenceReport:
    counts = Counter(one.outcome for one in events)
    asides = {one.aside for one in events if one.aside}
    conditions = {exits.UNREADABLE} if "not_a_webhook" in asides else set()
    if counts["ignored"] == len(events):
        # Nothing of all this is in the log: a script must not take that for stored.
        conditions |= {_WHY_NOTHING[aside] for aside in asides if aside in _WHY_NOTHING}
    return EvidenceReport(
        counts=EvidenceCounts(
            stored=counts["stored"], duplicate=counts["duplicate"], ignored=counts["ignored"]
        ),
        events=tuple(events),
        conditions=tuple(sorted(conditions)),
    )
