"""What a test call proves: which DID's revision it is tied to, and whether it went as recorded.

A call is tied to the revision that was current when it began, on the DID that had its number then.
Where it went as that revision says, it `reached`; where not, it `differs`: the log is behind. Only
whoever listened makes it a `pass` or a `fail`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from changelog.model.did_ref import as_number
from changelog.model.diff import Change
from changelog.model.history import EvidenceResult
from changelog.model.routing import WEBHOOK, Routing
from changelog.model.text.sanitize import masked
from changelog.model.text.times import format_utc
from changelog.model.text.webhook import Webhook

Outcome = Literal["stored", "duplicate", "ignored"]
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
HEARD = "heard:"
"""Begins the event under which a listener's word is kept for a delivery that is stored already."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""An event that is further ahead than that has no time to go by."""


class Call(NamedTuple):
    """A webhook, and what is known beside it. `received_at`: it cannot have happened later.

    `delivered`: it came from the provider just now, so an event without a time happened about now.
    """

    webhook: Webhook
    received_at: datetime
    delivered: bool = False
    heard: ListenerVerdict | None = None
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


class LinkResult(NamedTuple):
    """What becomes of a test call. `kept`: what is stored of it, now or from before.

    Without `kept` it is left aside: `aside` says why in a word, `reason` in a sentence.
    """

    outcome: Outcome
    call: str | None
    event: str
    kept: StoredCall | None = None
    did: str | None = None
    differences: tuple[Change, ...] = ()
    reason: str = ""
    aside: IgnoredReason | None = None


CarriersAt = Callable[[str, datetime], Sequence[NumberOwner]]


def link(call: Call, kept: Sequence[StoredCall], carriers_at: CarriersAt) -> LinkResult:
    """Tie one webhook to the log. `kept`: what the log holds of the same call."""
    webhook = call.webhook
    if aside := _not_for_us(webhook):
        return _aside(webhook, *aside)
    said = {one.event: one for one in kept}
    if webhook.event in said:
        return _again(call, said)
    at, remark = _time_of(call)
    if at is None:
        return _aside(webhook, "no_time", remark)
    # A call that was under way when the routing changed went where the old one led.
    began = min([at, *(one.at for one in kept)])
    found = _carrier(webhook, began, carriers_at)
    if not isinstance(found, NumberOwner):
        return _aside(webhook, *found)
    return _judged(call, found, at, remark)


def _not_for_us(webhook: Webhook) -> tuple[IgnoredReason, str] | None:
    if not webhook.event.startswith("call."):
        return "not_a_call", "it is no event of a call"
    if webhook.call is None:
        return "not_a_call", "it names no call"
    if webhook.direction not in (None, INBOUND):
        return "outbound", f"a call whose direction is {webhook.direction} reaches no DID"
    return None if webhook.to else ("not_a_call", "it does not say which number was called")


def _again(call: Call, said: Mapping[str, StoredCall]) -> LinkResult:
    """The same call and event once more; only a listener can add to what it says."""
    event, heard = call.webhook.event, f"{HEARD}{call.webhook.event}"
    known = said.get(heard, said[event])
    reason = "stored before"
    if call.heard is not None and known.result != call.heard:
        if known.result == "reached":
            now = known._replace(event=heard, result=call.heard, reason=call.text)
            return LinkResult("stored", now.call, event, now, now.did, (), now.reason)
        reason = f"stored before, and stays {known.result}"
    return LinkResult("duplicate", known.call, event, known, known.did, (), reason)


def _time_of(call: Call) -> tuple[datetime | None, str]:
    at, latest = call.webhook.at, call.received_at
    if at is not None and at <= latest + CLOCKS_DIFFER:
        return min(at, latest), ""
    why = "it does not say when" if at is None else f"{format_utc(at)} is yet to come"
    return (latest, f"{why}: when it was received counts") if call.delivered else (None, why)


def _carrier(
    webhook: Webhook, moment: datetime, carriers_at: CarriersAt
) -> NumberOwner | tuple[IgnoredReason, str]:
    """Who had the number at `moment`: of several, the one that was read last by then."""
    called = webhook.to or ""
    compact = as_number(called) or called
    for number in dict.fromkeys((compact, f"+{compact.removeprefix('+')}")):
        known = carriers_at(number, moment)
        had = [one for one in known if one.revision and one.number in (number, None)]
        if had:
            return max(had, key=lambda one: (one.number is not None, one.seen_at))
        if known:
            dids = ", ".join(one.did for one in known)
            return (
                "before_the_log",
                f"the log does not say who had {number} at {format_utc(moment)} (later: {dids})",
            )
    return "unknown_number", f"the log knows no DID with the number {compact}"


def _judged(call: Call, carrier: NumberOwner, at: datetime, remark: str) -> LinkResult:
    webhook = call.webhook
    compared = _compared(webhook.went, carrier.routing)
    differences = tuple(one for one in compared if one.before != one.after)
    if not differences and not _is_proof(compared, webhook.went, carrier.routing):
        why = "it does not say which application got the call"
        return _aside(webhook, "nothing_to_compare", why)._replace(did=carrier.did)
    result: EvidenceResult = "differs" if differences else call.heard or "reached"
    said = [*map(_said, differences), remark, call.text]
    kept = StoredCall(
        webhook.call or "",
        webhook.event,
        carrier.did,
        at,
        carrier.revision,
        carrier.routing_number,
        result,
        "; ".join(one for one in said if one),
    )
    return LinkResult("stored", kept.call, kept.event, kept, kept.did, differences, kept.reason)


def _compared(went: Mapping[str, str | None], routing: Routing) -> list[Change]:
    """Field by field, what the revision says and where the call went. What the call does not say,
    or the log does not know, is not compared."""
    found = []
    if "application_id" in went:
        found.append(_pair("application_id", routing.application_id, went["application_id"]))
    if mode := went.get("route_mode"):
        found.append(_pair("route_mode", routing.route_mode, mode))
    if target := went.get("routing_target"):
        # What stands there in webhook mode is not documented: the application, or its URL.
        if routing.route_mode == WEBHOOK and target == routing.application_id:
            found.append(_pair("application_id", routing.application_id, target))
        elif routing.destination is not None:
            found.append(_pair("destination", routing.destination, target))
    return found


def _pair(field: str, before: str | None, after: str | None) -> Change:
    return Change(field, before, after, routing=True)


def _is_proof(compared: Sequence[Change], went: Mapping[str, str | None], routing: Routing) -> bool:
    """Whether it takes more than an equal mode to say so. Where there is no application, none is
    to be named."""
    if any(one.field != "route_mode" for one in compared):
        return True
    return bool(compared) and routing.application_id is None and "application_id" not in went


def _said(change: Change) -> str:
    before, after = (masked(one) if one else "none" for one in (change.before, change.after))
    return f"{change.field} is {after}, the log has {before}"


def _aside(webhook: Webhook, aside: IgnoredReason, reason: str) -> LinkResult:
    return LinkResult("ignored", webhook.call, webhook.event, reason=reason, aside=aside)
