"""What a test call proves: which DID's revision it is tied to, and whether it went as recorded.

A call is tied to the revision that was current when it began, on the DID that had its number then.
A provider's time is a whole second: of several revisions in it, the one that the call fits counts.
Where it went as that revision says, it `reached`; where not, it `differs`: the log is behind. Only
the listener makes it a `pass` or a `fail`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Literal, NamedTuple, Protocol

from changelog.model.did_ref import as_number
from changelog.model.diff import Change
from changelog.model.history import EvidenceResult
from changelog.model.routing import WEBHOOK, Routing
from changelog.model.text.sanitize import command_line, masked
from changelog.model.text.times import format_utc, is_ahead
from changelog.model.text.webhook import Webhook

LinkOutcome = Literal["stored", "duplicate", "ignored"]
ListenerVerdict = Literal["pass", "fail"]
IgnoredReason = Literal[
    "not_a_webhook",
    "not_a_call",
    "outbound",
    "no_time",
    "nothing_to_compare",
    "unknown_number",
    "before_the_log",
]
INBOUND = "inbound"
LISTENER = "heard:"
"""Begins the event under which a listener's verdict is stored beside an earlier delivery."""


class Call(NamedTuple):
    """A webhook, and what is known beside it. `received_at`: it cannot have happened later.

    `delivered`: it came from the provider just now, so an event without a time happened about now.
    """

    webhook: Webhook
    received_at: datetime
    delivered: bool = False
    verdict: ListenerVerdict | None = None
    text: str = ""


class NumberOwner(NamedTuple):
    """A DID that has, at some time, had a number, with its revision at the moment asked for.

    Without a revision (0) nothing was recorded of it by then. `number`: what it had then.
    `seen_at`: when it was last read by then, in microseconds.
    """

    did: str
    revision: int = 0
    number: str | None = None
    routing: Routing = Routing(None, None)
    routing_number: int = 0
    seen_at: int = 0


class StoredCall(NamedTuple):
    """Evidence as the log keeps it: a call and an event, once."""

    call: str
    event: str
    did: str
    at: datetime
    revision: int
    routing_number: int
    result: EvidenceResult
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What becomes of a test call. `stored`: what is stored of it, now or from before.

    Without `stored` it is ignored: `aside` says why in a word, `reason` in a sentence. `call` and
    `event` are None where it could not be read.
    """

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "call event did revision=stored.revision result differences reason outcome at=stored.at"
        " aside",
    )

    outcome: LinkOutcome
    call: str | None
    event: str | None
    stored: StoredCall | None = None
    did: str | None = None
    differences: tuple[Change, ...] = ()
    reason: str = ""
    aside: IgnoredReason | None = None

    @classmethod
    def unreadable(cls, reason: str) -> "LinkResult":
        """Return what becomes of something that is no webhook."""
        return cls("ignored", None, None, reason=reason, aside="not_a_webhook")

    @property
    def result(self) -> str:
        """Return "reached", "differs", "pass", "fail" or "ignored"."""
        return self.stored.result if self.stored else "ignored"

    @property
    def revision(self) -> int | None:
        """Return the revision that it is tied to."""
        return self.stored and self.stored.revision


class NumberLog(Protocol):
    """What the log holds of a number."""

    def carriers_at(self, number: str, moment: datetime) -> Sequence[NumberOwner]:
        """Return every DID that has ever had the number, as it was at `moment`."""
        ...

    def changes(self, number: str, first: datetime, last: datetime) -> Sequence[datetime]:
        """Return when revisions of these DIDs began, after `first`, at `last` at the latest."""
        ...


def link(call: Call, stored: Sequence[StoredCall], log: NumberLog) -> LinkResult:
    """Tie one webhook to the log. `stored`: what the log holds of the same call."""
    webhook = call.webhook
    if reason := _no_call_to_a_did(webhook):
        return _ignored(webhook, *reason)
    by_event = {known.event: known for known in stored}
    if webhook.event in by_event:
        return _repeated(call, by_event)
    at, remark = _time_of(call)
    if at is None:
        return _ignored(webhook, "no_time", remark)
    # A call that was under way when the routing changed went where the old one led.
    began = min([at, *(known.at for known in stored)])
    owner = _owner(webhook, began, min(_last_moment(began), call.received_at), log)
    if not isinstance(owner, NumberOwner):
        return _ignored(webhook, *owner)
    return _linked(call, owner, at, remark)


def _no_call_to_a_did(webhook: Webhook) -> tuple[IgnoredReason, str] | None:
    if not webhook.event.startswith("call."):
        return "not_a_call", "it is no event of a call"
    if webhook.call is None:
        return "not_a_call", "it names no call"
    if webhook.direction not in (None, INBOUND):
        return "outbound", f"a call whose direction is {webhook.direction} reaches no DID"
    return None if webhook.to else ("not_a_call", "it does not say which number was called")


def _repeated(call: Call, by_event: Mapping[str, StoredCall]) -> LinkResult:
    """Link the same call and event once more; only a listener can add to what it says."""
    event, of_listener = call.webhook.event, f"{LISTENER}{call.webhook.event}"
    known = by_event.get(of_listener, by_event[event])
    reason = "stored before"
    if call.text:
        note = command_line("note", [f"{known.did}@r{known.revision}"], " -m TEXT")
        reason += f", and what was said of it now is not; to add it: {note}"
    if call.verdict is not None and known.result != call.verdict:
        if known.result == "reached":
            now = known._replace(event=of_listener, result=call.verdict, reason=call.text)
            return LinkResult("stored", now.call, event, now, now.did, (), now.reason)
        reason = f"stored before, and stays {known.result}"
        if known.result == "differs":
            # The log does not say where the call went.
            reason += f"; to judge a routing, find its revision: {command_line('log', [known.did])}"
        else:
            verdict = "bad" if call.verdict == "fail" else "good"
            subject = [f"{known.did}@r{known.revision}", verdict]
            reason += f"; to judge a routing: {command_line('mark', subject, ' -m WHY')}"
    return LinkResult("duplicate", known.call, event, known, known.did, (), reason)


def _time_of(call: Call) -> tuple[datetime | None, str]:
    at, latest = call.webhook.at, call.received_at
    # An event that is further ahead than that has no time to go by.
    if at is not None and not is_ahead(at, latest):
        return min(at, latest), ""
    why = "it does not say when" if at is None else f"{format_utc(at)} is yet to come"
    return (latest, f"{why}: when it was received counts") if call.delivered else (None, why)


def _last_moment(moment: datetime) -> datetime:
    """Return the last moment that a time may mean: one without a fraction is the whole second."""
    if moment.microsecond % 1000:
        return moment
    span = timedelta(milliseconds=1) if moment.microsecond else timedelta(seconds=1)
    return moment + span - timedelta.resolution


def _owner(
    webhook: Webhook, first: datetime, last: datetime, log: NumberLog
) -> NumberOwner | tuple[IgnoredReason, str]:
    """Return the owner at `first`, unless the call fits only a change until `last`."""
    owner = _owner_at(webhook, first, log)
    if _agrees(webhook, owner):
        return owner
    changes = {moment for name in _spellings(webhook) for moment in log.changes(name, first, last)}
    later = (_owner_at(webhook, moment, log) for moment in sorted(changes))
    return next((each for each in later if _agrees(webhook, each)), owner)


def _agrees(webhook: Webhook, owner: object) -> bool:
    """Return whether the call proves that it went as the owner's revision says."""
    if not isinstance(owner, NumberOwner):
        return False
    compared = _compared(webhook.routed, owner.routing)
    is_equal = all(change.before == change.after for change in compared)
    return is_equal and _is_proof(compared, webhook.routed, owner.routing)


def _spellings(webhook: Webhook) -> list[str]:
    """Return the number that was called, as it stands and with a plus."""
    called = webhook.to or ""
    compact = as_number(called) or called
    return list(dict.fromkeys((compact, f"+{compact.removeprefix('+')}")))


def _owner_at(
    webhook: Webhook, moment: datetime, log: NumberLog
) -> NumberOwner | tuple[IgnoredReason, str]:
    """Return the DID that had the number at `moment`: of several, the one that was read last."""
    spellings = _spellings(webhook)
    for number in spellings:
        known = log.carriers_at(number, moment)
        had = [owner for owner in known if owner.revision and owner.number in (number, None)]
        if had:
            return max(had, key=lambda owner: (owner.number is not None, owner.seen_at))
        if known:
            dids = ", ".join(owner.did for owner in known)
            return (
                "before_the_log",
                f"the log does not say who had {number} at {format_utc(moment)} (later: {dids})",
            )
    return "unknown_number", f"the log knows no DID with the number {spellings[0]}"


def _linked(call: Call, owner: NumberOwner, at: datetime, remark: str) -> LinkResult:
    webhook = call.webhook
    compared = _compared(webhook.routed, owner.routing)
    differences = tuple(change for change in compared if change.before != change.after)
    if not differences and not _is_proof(compared, webhook.routed, owner.routing):
        why = "it does not say which application got the call"
        return replace(_ignored(webhook, "nothing_to_compare", why), did=owner.did)
    result: EvidenceResult = "differs" if differences else call.verdict or "reached"
    reasons = [*map(_difference, differences), remark, call.text]
    stored = StoredCall(
        webhook.call or "",
        webhook.event,
        owner.did,
        at,
        owner.revision,
        owner.routing_number,
        result,
        "; ".join(filter(None, reasons)),
    )
    return LinkResult(
        "stored", stored.call, stored.event, stored, stored.did, differences, stored.reason
    )


def _compared(routed: Mapping[str, str | None], routing: Routing) -> list[Change]:
    """Field by field, what the revision says and where the call went. What the call does not say,
    or the log does not know, is not compared."""
    changes = []
    if "application_id" in routed:
        changes.append(_pair("application_id", routing.application_id, routed["application_id"]))
    if mode := routed.get("route_mode"):
        changes.append(_pair("route_mode", routing.route_mode, mode))
    if target := routed.get("routing_target"):
        # What stands there in webhook mode is not documented: the application, or its URL.
        if routing.route_mode == WEBHOOK and target == routing.application_id:
            changes.append(_pair("application_id", routing.application_id, target))
        elif routing.destination is not None:
            changes.append(_pair("destination", routing.destination, target))
    return changes


def _pair(field: str, before: str | None, after: str | None) -> Change:
    return Change(field, before, after, routing=True)


def _is_proof(
    compared: Sequence[Change], routed: Mapping[str, str | None], routing: Routing
) -> bool:
    """Return whether more than the mode was compared; without an application, none may be named."""
    if any(change.field != "route_mode" for change in compared):
        return True
    return bool(compared) and routing.application_id is None and "application_id" not in routed


def _difference(change: Change) -> str:
    before, after = (masked(value) if value else "none" for value in (change.before, change.after))
    return f"{change.field} is {after}, the log has {before}"


def _ignored(webhook: Webhook, aside: IgnoredReason, reason: str) -> LinkResult:
    return LinkResult("ignored", webhook.call, webhook.event, reason=reason, aside=aside)
