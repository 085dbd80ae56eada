"""``restore``: which routing to put back on each DID, and how. It changes no routing itself."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from changelog.commands.targets import did_error, unknown_did
from changelog.model import exits
from changelog.model.diff import Change, diff_revisions
from changelog.model.errors import NothingError
from changelog.model.history import NOT_FOUND
from changelog.model.restore_rule import (
    RestoreDecision,
    RoutingRecord,
    restoration,
    service_periods,
    standings,
)
from changelog.model.results.base import DidError
from changelog.model.results.restore import (
    AlternativeRouting,
    CurrentRouting,
    LiveLook,
    Reason,
    RestoredDid,
    RestoreResult,
    SkippedRouting,
    TargetRouting,
)
from changelog.model.routing import ROUTING_FIELDS, WEBHOOK, Routing
from changelog.model.state import standing_of
from changelog.model.text.sanitize import escape, masked, masked_pair, truncate
from changelog.model.text.times import format_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from changelog.commands.recording.live_check import LiveCheck
    from changelog.model.did_ref import Target
    from changelog.model.history import Evidence, History, Note, Revision
    from changelog.model.ports import Log

_LONG_AGO = timedelta(days=30)
_RECENT = 3
_IN_ORDER = "active"
"""The status of a DID that takes calls (seen)."""
_LONGEST_VALUE = 1000


class Choice(NamedTuple):
    """The restoration chosen for one DID. `not_read`: by a tag whose capture had not read it."""

    found: RestoreDecision
    not_read: bool = False


def by_the_rule(history: History) -> Choice:
    """The restore rule's own choice: what is put back where nobody named a revision."""
    return Choice(restoration(history))


def restore(
    log: Log,
    targets: Sequence[Target],
    looks: Mapping[str, LiveCheck],
    choose: Callable[[History], Choice] = by_the_rule,
    *,
    options: str = "",
    must_look: bool = False,
) -> RestoreResult:
    """The card of each target. `looks`: what the live look at it came to, by what was named.

    `choose` may raise NothingError, which becomes that DID's error. `options` is put behind the
    commands that the card gives to paste. `must_look`: a look that failed counts.
    """
    cards = tuple(
        _card_or_error(log, target, looks.get(target.requested), choose, options)
        for target in targets
    )
    conditions = {one.error.code for one in cards if one.error}
    if must_look:
        conditions |= {look.condition for look in looks.values() if look.condition}
    return RestoreResult(dids=cards, conditions=tuple(sorted(conditions & exits.EXIT_CODES.keys())))


def _card_or_error(
    log: Log,
    target: Target,
    look: LiveCheck | None,
    choose: Callable[[History], Choice],
    options: str,
) -> RestoredDid:
    did = (look.did if look else None) or target.did
    live = look.live if look else LiveLook()
    history = log.history(did) if did is not None else None
    if history is not None and look is not None:
        history = look.apply_to(history, log)
    if history is None or not history.revisions:
        error = did_error(unknown_did(log, target.requested))
        return RestoredDid(requested=target.requested, did=target.did, error=error, live=live)
    try:
        choice = choose(history)
    except NothingError as error:
        card = _without_target(log, history, restoration(history), target, live)
        return replace(card, error=did_error(error), target=None)
    card = _without_target(log, history, choice.found, target, live)
    if choice.found.target is None:
        return replace(
            card,
            error=_no_target(history, card.skipped),
            alternatives=(*card.alternatives, *_late(history)),
            warnings=tuple(_warnings(log, history, choice, look)),
        )
    return _with_target(log, card, history, choice, choice.found.target, look, options)


def _no_target(history: History, skipped: Sequence[SkippedRouting]) -> DidError:
    routings = len({one.routing_number for one in history.revisions})
    message = (
        f"{history.did} has had one routing only: there is none to go back to"
        if routings == 1
        else f"{history.did} has no routing left to go back to"
    )
    ways = "Ask a colleague's log, import saved API responses (changelog import FILE --at T)"
    hint = f"{ways}, or name one with --to."
    if skipped:
        last, did = skipped[0], shlex.quote(history.did)
        hint = (
            f"Left out: r{last.revision} ({last.reason.text}). If that is wrong:"
            f" changelog mark {did}@r{last.revision} good -m 'WHY', or restore --to"
            f" r{last.revision}. {ways}."
        )
    if history.late:
        # Too late to begin a revision, and yet the one thing that is known of before.
        newest = history.late[0]
        message += (
            f"; an older answer, received {format_utc(newest.at)}, says"
            f" {newest.routing.application_id or 'no application'}"
            f" {newest.routing.route_mode or 'no mode'}"
        )
    return DidError(exits.NO_TARGET, message, hint=hint)


def _without_target(
    log: Log, history: History, found: RestoreDecision, target: Target, live: LiveLook
) -> RestoredDid:
    current = found.current
    return RestoredDid(
        requested=target.requested,
        did=history.did,
        number=current.number,
        live=live,
        visible=history.visible,
        already_there=found.already_there,
        as_of=current.last_seen_at,
        current=_current(history, found),
        skipped=tuple(_skipped(one) for one in found.skipped),
        alternatives=tuple(_alternative(one, history) for one in found.alternatives),
        recent=tuple(_alternative(one, history) for one in standings(history)[:_RECENT]),
        other_dids=tuple(_other_dids(log, history)),
    )


def _with_target(
    log: Log,
    card: RestoredDid,
    history: History,
    choice: Choice,
    chosen: RoutingRecord,
    look: LiveCheck | None,
    options: str,
) -> RestoredDid:
    current, newest = choice.found.current, chosen.newest
    did = shlex.quote(history.did)
    changes = routing_changes(current.routing, newest.routing)
    # A mark or an undo names the current revision: it must be stored, and another than the target.
    named = current.capture_number > 0 and current.routing_number != newest.routing_number
    return replace(
        card,
        target=_target(chosen, choice.found.confidence or "unconfirmed", history),
        changes=changes,
        warnings=tuple(_warnings(log, history, choice, look)),
        steps=()
        if choice.found.already_there
        else tuple(_steps(log, history, newest, changes, options)),
        verify=f"changelog verify {did} --to r{newest.revision}{options}",
        mark_bad=f"changelog mark {did}@r{current.revision} bad -m 'WHY'{options}"
        if named and card.current is not None and not _judged_bad(card.current)
        else None,
        undo=f"changelog restore {did} --to r{current.revision}{options}" if named else None,
    )


def _judged_bad(current: CurrentRouting) -> bool:
    return current.verdict is not None and current.verdict.verdict == "bad"


def routing_changes(before: Routing, after: Routing) -> tuple[Change, ...]:
    """What has to change to get from one routing to the other; an unknown destination is none."""
    return tuple(
        Change(name, getattr(before, name), getattr(after, name), routing=True)
        for name in ROUTING_FIELDS
        if getattr(before, name) != getattr(after, name)
        and not (name == "destination" and after.destination is None)
    )


def _current(history: History, found: RestoreDecision) -> CurrentRouting:
    latest, start = found.current, history.stay_start(found.current)
    return CurrentRouting(
        revision=latest.revision,
        routing=latest.routing,
        status=latest.status,
        first_seen_at=latest.first_seen_at,
        last_seen_at=latest.last_seen_at,
        routing_since=start.first_seen_at,
        returns_to=found.returns_to.revision if found.returns_to else None,
        since_routing_change=diff_revisions(start, latest),
        recorded_by=start.capture.recorded_by,
        changed_by=start.capture.changed_by,
        ticket=start.capture.ticket,
        verdict=found.own.verdict,
        notes=_notes(latest, history),
        evidence=_evidence(latest, history),
    )


def _target(standing: RoutingRecord, confidence: str, history: History) -> TargetRouting:
    newest = standing.newest
    return TargetRouting(
        revision=newest.revision,
        routing=newest.routing,
        confidence=confidence,
        verdict=standing.verdict,
        status=newest.status,
        first_seen_at=newest.first_seen_at,
        last_seen_at=newest.last_seen_at,
        snapshots=newest.snapshots,
        recorded_by=newest.capture.recorded_by,
        changed_by=newest.capture.changed_by,
        ticket=newest.capture.ticket,
        notes=_notes(newest, history),
        evidence=_evidence(newest, history),
    )


def _notes(revision: Revision, history: History) -> tuple[Note, ...]:
    """The notes on every revision with that routing, oldest first."""
    same = {one.revision for one in history.by_routing[revision.routing_number]}
    notes = [note for note in history.notes if note.revision in same]
    return tuple(sorted(notes, key=lambda note: note.at))


def _evidence(revision: Revision, history: History) -> tuple[Evidence, ...]:
    return tuple(one for one in history.evidence if one.routing_number == revision.routing_number)


def _skipped(standing: RoutingRecord) -> SkippedRouting:
    verdict = standing.verdict
    if standing.left_out == "bad" and verdict is not None:
        text = f"judged bad by {verdict.by}: {verdict.reason}"
    else:
        text = "rolled back: a return to an older routing was verified after it"
    return SkippedRouting(
        revision=standing.newest.revision,
        routing=standing.newest.routing,
        reason=Reason(standing.left_out or "", text),
    )


def _alternative(standing: RoutingRecord, history: History) -> AlternativeRouting:
    number = standing.newest.routing_number
    same = history.by_routing[number]
    served = sum(
        ((end - start) for start, end in service_periods(history, number)), start=timedelta()
    )
    return AlternativeRouting(
        revision=standing.newest.revision,
        routing=standing.newest.routing,
        in_service_s=served.total_seconds(),
        snapshots=sum(one.snapshots for one in same),
        standing=_standing_word(standing, history),
        last_seen_at=standing.newest.last_seen_at,
    )


def _standing_word(standing: RoutingRecord, history: History) -> str:
    if standing.newest.routing_number == history.latest.routing_number:
        return "current" if history.visible else "last_seen"
    if standing.left_out:
        return standing.left_out
    if standing.newest.routing.reaches_nobody:
        return "reaches_nobody"
    if standing.failed:
        return "failed"
    return "good" if standing.good else "unconfirmed"


def _late(history: History) -> Iterator[AlternativeRouting]:
    """Answers that came too late to begin a revision: where nothing else is left, a person may
    still want to know what they said."""
    for one in history.late:
        yield AlternativeRouting(
            revision=None,
            routing=one.routing,
            in_service_s=0.0,
            snapshots=1,
            standing="late",
            last_seen_at=one.at,
        )


def _other_dids(log: Log, history: History) -> Iterator[AlternativeRouting]:
    """Other DIDs that carried the number, with their last routing."""
    number = history.latest.number
    for did in log.carriers(number) if number else []:
        if did != history.did:
            other = log.history(did)
            yield AlternativeRouting(
                did=did,
                revision=other.latest.revision,
                routing=other.latest.routing,
                in_service_s=0.0,
                snapshots=other.latest.snapshots,
                standing="other_did",
                last_seen_at=other.latest.last_seen_at,
            )


# What a tired person must be told


def _warnings(log: Log, history: History, choice: Choice, look: LiveCheck | None) -> Iterator[str]:
    found = choice.found
    if not history.visible:
        yield from _about_the_missing(history)
    if look is not None and look.live.looked:
        yield from _about_the_look(look, history)
    if found.target is not None and not found.already_there:
        yield from _about_the_target(log, history, found, found.target)
    if choice.not_read:
        yield "the tag's capture had not read this DID: this is what was current at its start"
    numbers = sorted({one.number for one in history.revisions if one.number})
    if len(numbers) > 1:
        yield f"this DID has carried several numbers: {', '.join(map(escape, numbers))}"
    yield from _about_the_status(history)


def _about_the_missing(history: History) -> Iterator[str]:
    yield (
        "this DID is not visible to the key that had read it (404): its live routing is unknown,"
        " and it may have moved to another application"
    )
    verdict = standing_of(history.latest, history).verdict
    if verdict is not None and verdict.verdict == "bad":
        yield (
            f"r{history.latest.revision}, the last routing seen, was judged bad by"
            f" {escape(verdict.by)}: {escape(verdict.reason)}"
        )


def _about_the_status(history: History) -> Iterator[str]:
    start = history.stay_start(history.latest)
    before = history.revision(start.revision - 1) or start
    status = history.latest.status
    if status not in (before.status, _IN_ORDER):
        yield (
            f"the status went from {_named(before.status)} to"
            f" {_named(status)}: that may be the cause, and no routing will mend it"
        )


def _about_the_look(look: LiveCheck, history: History) -> Iterator[str]:
    error = look.live.error
    if error is not None and error.status == NOT_FOUND and history.visible:
        yield (
            "the key in use cannot see this DID (404), and never could: that says nothing of its"
            " routing; this is from the log"
        )
    if look.live.answered and not look.live.recorded:
        yield f"the live look is NOT RECORDED: {escape(error.message if error else '')}"
    elif not look.live.answered and error is not None:
        said = escape(error.message)
        yield f"the live route could not be read ({said}): this is from the log"


def _about_the_target(
    log: Log, history: History, found: RestoreDecision, target: RoutingRecord
) -> Iterator[str]:
    name = f"r{target.newest.revision}"
    if target.left_out == "bad" and target.verdict is not None:
        verdict = target.verdict
        yield f"{name} WAS JUDGED BAD by {escape(verdict.by)}: {escape(verdict.reason)}"
    if target.rolled_back:
        yield f"{name} WAS ROLLED BACK: a return to an older routing was verified after it"
    if target.failed:
        call = target.call.call if target.call else ""
        yield f"THE LAST TEST CALL ON {name} FAILED (call {escape(call)})"
    if target.newest.routing.reaches_nobody:
        yield f"{name} REACHES NOBODY: callers will not get through"
    if found.confidence == "left":
        back = found.returns_to.revision if found.returns_to else 0
        yield (
            f"{name} MAY BE THE BROKEN ROUTE: the current routing is itself a return to r{back},"
            f" and {name} is what was left then"
        )
    if found.current.last_seen_at - target.newest.last_seen_at > _LONG_AGO:
        days = (found.current.last_seen_at - target.newest.last_seen_at).days
        yield f"{name} was last seen {days} days before the current routing"
    if history.latest.routing.fields != target.newest.routing.fields:
        yield from _moved_application(log, target.newest)


def _moved_application(log: Log, revision: Revision) -> Iterator[str]:
    today = _other_url_today(log, revision)
    if today is not None:
        then, now = masked_pair(revision.routing.destination or "", today)
        yield (
            f"application {escape(revision.routing.application_id or '')} answers at"
            f" {escape(now)} today; it was {escape(then)} when r{revision.revision} was in"
            " service"
        )


def _other_url_today(log: Log, revision: Revision) -> str | None:
    """Where the revision's application answers today, if that is known to be elsewhere."""
    routing = revision.routing
    if routing.route_mode != WEBHOOK or not routing.application_id or not routing.destination:
        return None
    today = log.answer_url(routing.application_id)
    return today[0] if today is not None and today[0] != routing.destination else None


def _steps(
    log: Log, history: History, target: Revision, changes: Sequence[Change], options: str
) -> Iterator[str]:
    """What to do in the account setup, for what differs; all of it where the live side is dark."""
    fields = {one.field for one in changes} if history.visible else set(ROUTING_FIELDS)
    before, after = history.latest.routing, target.routing
    named = f"{escape(history.did)}{f' ({escape(target.number)})' if target.number else ''}"
    if "application_id" in fields:
        yield _assignment_step(named, before.application_id, after.application_id)
    if "route_mode" in fields and after.route_mode:
        instead = _instead_of(before.route_mode, after.route_mode)
        yield f"Set its route mode to {_named(after.route_mode)}{instead}."
    if after.destination and ("destination" in fields or _other_url_today(log, target)):
        yield _destination_step(log, history, target)
    yield "Place a test call from a known number and listen, then verify (below)."
    if target.destination_source == "stated" and after.destination != before.destination:
        did, uri = shlex.quote(history.did), shlex.quote(escape(masked(after.destination or "")))
        yield (
            "The API does not show this destination: state it, once it is back:"
            f" changelog record {did} --destination {uri}{options}"
        )


def _assignment_step(named: str, before: str | None, after: str | None) -> str:
    if not after:
        return f"In the MiniVoice account setup, take {named} away from its application."
    where = f"application {_named(after)}{_instead_of(before, after)}"
    return f"In the MiniVoice account setup, assign {named} to {where}."


def _instead_of(before: str | None, after: str | None) -> str:
    return f" (now {_named(before)})" if before and before != after else ""


def _named(value: str | None) -> str:
    """A value in a sentence: harmless, and never longer than the sentence can bear."""
    return truncate(escape(value or "none"), _LONGEST_VALUE)


def _destination_step(log: Log, history: History, target: Revision) -> str:
    before, after = history.latest.routing, target.routing
    destination = escape(masked(after.destination or ""))
    if destination != after.destination:
        destination += " (masked: --format plain gives it whole)"
    if after.route_mode != WEBHOOK:
        return f"Set its destination to {destination}."
    application = _named(after.application_id)
    moved = history.visible and before.fields == after.fields
    if moved or _other_url_today(log, target) is not None:
        return f"Set the answer_url of application {application} back to {destination}."
    return f"Check that application {application} answers at {destination}."
