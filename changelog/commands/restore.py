"""``restore``: which routing to put back on each DID, and how. It changes no routing itself."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from changelog.commands.diff import moment_of
from changelog.commands.history_of import fleet_side
from changelog.commands.look import Look
from changelog.commands.subjects import did_error, require_some, unknown_did
from changelog.core import exits
from changelog.core.differ import Change, diff_revisions
from changelog.core.errors import NothingError, UsageError
from changelog.core.history import Evidence, History, Revision
from changelog.core.ports import Log, Target
from changelog.core.results import (
    AlternativeRouting,
    CurrentRouting,
    DidError,
    Reason,
    RestoredDid,
    RestoreResult,
    SkippedRouting,
    TargetRouting,
)
from changelog.core.routing import ROUTING_FIELDS, WEBHOOK, Routing
from changelog.core.selectors import Live, Selector, parse_selector, resolve
from changelog.core.state import notes_on
from changelog.core.target import (
    Restoration,
    Standing,
    restoration,
    restoration_to,
    standings,
    stays,
)
from changelog.core.visible import masked, masked_pair, visible

_LONG_AGO = timedelta(days=30)
_RECENT = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. `options` is put behind the commands that the card gives to paste."""

    to: str | None = None
    options: str = ""


def restore(
    book: Log,
    targets: Sequence[Target],
    looks: Mapping[str, Look],
    asked: Asked,
    now: datetime,
    *,
    must_look: bool = False,
) -> RestoreResult:
    """The card of each target. `looks`: what the live look at it came to, by what was named."""
    selector = parsed(asked.to, now)
    cards = tuple(
        _card_or_error(book, target, looks.get(target.requested, Look()), selector, asked)
        for target in targets
    )
    conditions = {one.error.code for one in cards if one.error}
    if must_look:
        conditions |= {look.condition for look in looks.values() if look.condition}
    return RestoreResult(
        dids=cards,
        to=asked.to,
        at=moment_of(selector, book),
        conditions=tuple(sorted(conditions & exits.EXIT_CODES.keys())),
    )


def restore_all(
    book: Log,
    looks: Mapping[str, Look],
    asked: Asked,
    now: datetime,
    *,
    must_look: bool = False,
) -> RestoreResult:
    """The card of every DID whose routing differs from what it was then."""
    require_some(book)
    selector = parsed(asked.to, now)
    if selector is None:
        raise UsageError(
            "restore --all needs a moment to go back to",
            "Give one: --to tag:NAME, or a time (2026-11-23T14:00Z, 2h ago).",
        )
    _, then = fleet_side(book, selector)
    current = {row.did: row.revision for row in book.fleet(None, None, None)}
    moved = [did for did, one in sorted(then.items()) if current.get(did) != one.revision]
    targets = [Target(did, did) for did in moved]
    found = restore(book, targets, looks, asked, now, must_look=must_look)
    return replace(found, dids=tuple(one for one in found.dids if not one.already_there))


def parsed(to: str | None, now: datetime) -> Selector | None:
    """``--to`` as a selector. Raises UsageError for ``live``: it is what has to be replaced."""
    selector = None if to is None else parse_selector(to, now)
    if isinstance(selector, Live):
        raise UsageError("'live' is no routing to put back", "Use r3, previous, good or tag:NAME.")
    return selector


def _card_or_error(
    book: Log, target: Target, look: Look, selector: Selector | None, asked: Asked
) -> RestoredDid:
    did = look.did or target.did
    history = look.seen_by(book.history(did), book) if did is not None else None
    if history is None or not history.revisions:
        error = did_error(unknown_did(book, target.requested))
        return RestoredDid(requested=target.requested, did=target.did, error=error, live=look.live)
    not_read = False
    try:
        if selector is None:
            found = restoration(history)
        else:
            choice = resolve(selector, history, book, other_than_current=True)
            found, not_read = restoration_to(history, choice.revision), choice.not_read
    except NothingError as error:
        return replace(
            _without_target(book, history, restoration(history), target, look),
            error=did_error(error),
            target=None,
        )
    card = _without_target(book, history, found, target, look)
    if found.target is None:
        return replace(
            card,
            error=_no_target(history),
            alternatives=(*card.alternatives, *_late(history)),
            warnings=tuple(_warnings(book, history, found, look, not_read=False)),
        )
    return _with_target(book, card, history, found, asked, look, not_read=not_read)


def _no_target(history: History) -> DidError:
    routings = len({one.routing_number for one in history.revisions})
    message = (
        f"{history.did} has had one routing only: there is none to go back to"
        if routings == 1
        else f"{history.did} has no routing left to go back to"
    )
    return DidError(
        exits.NO_TARGET,
        message,
        hint="Ask a colleague's log, import saved API responses (changelog import FILE --at T),"
        " or name one with --to.",
    )


def _without_target(
    book: Log, history: History, found: Restoration, target: Target, look: Look
) -> RestoredDid:
    current = found.current
    return RestoredDid(
        requested=target.requested,
        did=history.did,
        number=current.number,
        live=look.live,
        visible=history.visible,
        already_there=found.already_there,
        as_of=current.last_seen_at,
        current=_current(history, found),
        skipped=tuple(_skipped(one) for one in found.skipped),
        alternatives=tuple(_alternative(one, history, found) for one in found.alternatives),
        recent=tuple(_alternative(one, history, found) for one in standings(history)[:_RECENT]),
        other_dids=tuple(_other_dids(book, history)),
    )


def _with_target(
    book: Log,
    card: RestoredDid,
    history: History,
    found: Restoration,
    asked: Asked,
    look: Look,
    *,
    not_read: bool,
) -> RestoredDid:
    assert found.target is not None  # noqa: S101 -- the caller has made sure
    newest = found.target.newest
    did, options = shlex.quote(history.did), asked.options
    changes = routing_changes(history.latest.routing, newest.routing)
    return replace(
        card,
        target=_target(found.target, found.confidence or "unconfirmed", history),
        changes=changes,
        warnings=tuple(_warnings(book, history, found, look, not_read=not_read)),
        steps=() if found.already_there else tuple(_steps(history, newest, changes)),
        verify=f"changelog verify {did} --to r{newest.revision}{options}",
        mark_bad=f"changelog mark {did}@r{found.current.revision} bad -m 'WHY'{options}",
        undo=f"changelog restore {did} --to r{found.current.revision}{options}",
    )


def routing_changes(before: Routing, after: Routing) -> tuple[Change, ...]:
    """What has to change to get from one routing to the other; an unknown destination is none."""
    return tuple(
        Change(name, getattr(before, name), getattr(after, name), routing=True)
        for name in ROUTING_FIELDS
        if getattr(before, name) != getattr(after, name)
        and not (name == "destination" and after.destination is None)
    )


def _current(history: History, found: Restoration) -> CurrentRouting:
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
    )


def _target(standing: Standing, confidence: str, history: History) -> TargetRouting:
    newest = standing.newest
    same = [one for one in history.revisions if one.routing_number == newest.routing_number]
    notes = [note for one in same for note in notes_on(one, history)]
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
        notes=tuple(sorted(notes, key=lambda note: note.at)),
        evidence=_evidence(newest, history),
    )


def _evidence(revision: Revision, history: History) -> tuple[Evidence, ...]:
    return tuple(one for one in history.evidence if one.routing_number == revision.routing_number)


def _skipped(standing: Standing) -> SkippedRouting:
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


def _alternative(standing: Standing, history: History, found: Restoration) -> AlternativeRouting:
    number = standing.newest.routing_number
    same = [one for one in history.revisions if one.routing_number == number]
    served = sum(((end - start) for start, end in stays(history, number)), start=timedelta())
    return AlternativeRouting(
        revision=standing.newest.revision,
        routing=standing.newest.routing,
        in_service_s=served.total_seconds(),
        snapshots=sum(one.snapshots for one in same),
        standing=_standing_word(standing, found),
        last_seen_at=standing.newest.last_seen_at,
    )


def _standing_word(standing: Standing, found: Restoration) -> str:
    if standing.newest.routing_number == found.current.routing_number:
        return "current"
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


def _other_dids(book: Log, history: History) -> Iterator[AlternativeRouting]:
    """Other DIDs that carried the number, with their last routing."""
    number = history.latest.number
    for did in book.carriers(number) if number else []:
        if did != history.did:
            other = book.history(did)
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


def _warnings(
    book: Log, history: History, found: Restoration, look: Look, *, not_read: bool
) -> Iterator[str]:
    yield from _about_the_look(history, look)
    if found.target is not None:
        yield from _about_the_target(book, found, found.target)
        if not_read:
            yield "the tag's capture had not read this DID: this is what was current at its start"
    numbers = sorted({one.number for one in history.revisions if one.number})
    if len(numbers) > 1:
        yield f"this DID has carried several numbers: {', '.join(map(visible, numbers))}"
    start = history.stay_start(found.current)
    before = history.revision(start.revision - 1)
    status = found.current.status
    earlier = before.status if before else start.status
    if status != earlier:
        yield (
            f"the status went from {visible(earlier or 'none')} to {visible(status or 'none')}:"
            " that may be the cause, and no routing will mend it"
        )


def _about_the_look(history: History, look: Look) -> Iterator[str]:
    if not history.visible:
        yield (
            "this DID is not visible to the key that had read it (404): its live routing is"
            " unknown, and it may have moved to another application"
        )
    if look.live.looked and not look.live.recorded and look.answered:
        yield f"the live look is not recorded: {look.live.error.message if look.live.error else ''}"
    elif look.live.error is not None and look.live.looked:
        yield f"the live route could not be read ({look.live.error.message}): this is from the log"


def _about_the_target(book: Log, found: Restoration, target: Standing) -> Iterator[str]:
    name = f"r{target.newest.revision}"
    if target.left_out == "bad" and target.verdict is not None:
        verdict = target.verdict
        yield f"{name} WAS JUDGED BAD by {visible(verdict.by)}: {visible(verdict.reason)}"
    if target.rolled_back:
        yield f"{name} WAS ROLLED BACK: a return to an older routing was verified after it"
    if target.failed:
        call = target.call.call if target.call else ""
        yield f"THE LAST TEST CALL ON {name} FAILED (call {visible(call)})"
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
    yield from _moved_application(book, target.newest)


def _moved_application(book: Log, revision: Revision) -> Iterator[str]:
    routing = revision.routing
    if routing.route_mode != WEBHOOK or not routing.application_id or not routing.destination:
        return
    today = book.answer_url(routing.application_id)
    if today is not None and today[0] and today[0] != routing.destination:
        then, now = masked_pair(routing.destination, today[0])
        yield (
            f"application {visible(routing.application_id)} answers at another URL today:"
            f" {visible(now)}, then {visible(then)}"
        )


def _steps(history: History, target: Revision, changes: Sequence[Change]) -> Iterator[str]:
    """What to do in the account setup, for what differs; all of it where the live side is dark."""
    fields = {one.field for one in changes} if history.visible else set(ROUTING_FIELDS)
    before, after = history.latest.routing, target.routing
    named = f"{visible(history.did)}{f' ({visible(target.number)})' if target.number else ''}"
    if "application_id" in fields:
        yield _assignment_step(named, before.application_id, after.application_id)
    if "route_mode" in fields and after.route_mode:
        yield (
            f"Set its route mode to {visible(after.route_mode)}"
            f"{_instead_of(before.route_mode, after.route_mode)}."
        )
    if "destination" in fields and after.destination:
        yield _destination_step(history, target)
    yield "Place a test call from a known number and listen, then verify (below)."


def _assignment_step(named: str, before: str | None, after: str | None) -> str:
    if not after:
        return f"In the MiniVoice account setup, take {named} away from its application."
    instead = _instead_of(before, after)
    where = f"application {visible(after)}{instead}"
    return f"In the MiniVoice account setup, assign {named} to {where}."


def _instead_of(before: str | None, after: str | None) -> str:
    return f" (now {visible(before)})" if before and before != after else ""


def _destination_step(history: History, target: Revision) -> str:
    before, after = history.latest.routing, target.routing
    destination = visible(masked(after.destination or ""))
    if after.route_mode != WEBHOOK:
        return f"Set its destination to {destination}."
    application = visible(after.application_id or "")
    if before.fields == after.fields:
        return f"Set the answer_url of application {application} back to {destination}."
    return f"Check that application {application} answers at {destination}."
