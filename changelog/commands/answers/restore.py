"""``restore``: which routing to put back on each DID. It changes no routing itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from changelog.commands.targets import did_error, refuse_selectors, targets, unknown_did
from changelog.model import exits
from changelog.model.errors import DatabaseLost, NothingError
from changelog.model.history import NOT_FOUND
from changelog.model.restore_rule import RestoreDecision, restoration
from changelog.model.results.base import DidError, LiveLook, LostApplication
from changelog.model.results.restore import RestoreCard, RestoreResult, UnknownDid
from changelog.model.results.restore_fleet import reason_left_out
from changelog.model.routing import WEBHOOK, Where
from changelog.model.text.json_body import ALWAYS_VOLATILE
from changelog.model.text.sanitize import Advice, command_line
from changelog.model.text.times import format_utc, is_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from changelog.commands.recording.live_check import LiveCheck
    from changelog.model.did_ref import Target
    from changelog.model.history import History, Revision
    from changelog.model.ports import Log
    from changelog.model.routing import Routing

    AnswerUrls = Mapping[str, tuple[str | None, datetime]]


class RestoreInput(NamedTuple):
    """What a restore is given beside the log.

    `checks`: what the live looks came to, by what was named; `must_look`: one that failed counts.
    `now`: a later time in the log is said; it decides nothing. `volatile`: fields that begin no
    revision.
    """

    checks: Mapping[str, LiveCheck]
    must_look: bool = False
    now: datetime | None = None
    volatile: frozenset[str] = frozenset()


def named_targets(log: Log, names: Sequence[str], to: str | None, now: datetime) -> list[Target]:
    """Return the DIDs named. Raises UsageError, also for a revision among them."""
    refuse_selectors(log, names, now, "restore", {"--to": to})
    return targets(log, names, every=False)


def restore_named(
    log: Log, named: Sequence[Target], given: RestoreInput, to: str | None, now: datetime
) -> RestoreResult:
    """Return the card of each target: by the restore rule, or to the revision that `to` selects."""
    if to is None:
        return restore(log, named, given)
    # At 3 a.m. this is not waited for: the rule does without it.
    from changelog.commands.answers.restore_to import parse_to, restore_to

    return restore_to(log, named, given, to, parse_to(log, to, now))


def restore_without_log(
    no_log: Log, named: Sequence[Target], given: RestoreInput, lost: DatabaseLost
) -> RestoreResult:
    """Return what the live routes are, while no log can be read. Raises `lost` where nobody looked
    either."""
    unknown = NothingError(
        lost.code,
        "only the live route is known, and no earlier one: the log cannot be read",
        f"{lost.message}. {lost.hint} Where a mirror of it is kept: --db FILE.",
    )

    def choose(_: History) -> RestoreDecision:
        raise unknown

    result = restore(no_log, named, given, choose)
    looked = any(card.live.looked for card in result.dids)
    if not looked and exits.INTERRUPTED not in result.conditions:
        raise lost
    conditions = {*result.conditions, lost.code} - {exits.UNKNOWN_DID, exits.NOTHING_RECORDED}
    dids = (
        replace(each, error=did_error(unknown), log_unread=True)
        if isinstance(each, RestoreCard)
        else each._replace(error=_neither(each, lost))
        for each in result.dids
    )
    return replace(result, dids=tuple(dids), conditions=tuple(sorted(conditions)))


def _neither(unknown: UnknownDid, lost: DatabaseLost) -> DidError:
    """Return why neither the log nor the look says anything of a DID."""
    error, failed = did_error(lost), unknown.live.error
    if not unknown.live.looked or failed is None:
        return error
    why = f"nothing is known of {unknown.name}: {_why_failed(failed)}"
    return error._replace(message=f"{why}; {error.message}")


def restore(
    log: Log,
    targets: Sequence[Target],
    given: RestoreInput,
    choose: Callable[[History], RestoreDecision] = restoration,
) -> RestoreResult:
    """Return the card of each target. A NothingError of `choose` becomes that DID's error."""

    # Many DIDs of a fleet may be moved by one application.
    @cache
    def dids_of(application: str | None) -> frozenset[str]:
        return log.pages.dids(Where(application, WEBHOOK)) if application else frozenset()

    dids = tuple(_card(log, target, given, choose, dids_of) for target in targets)
    conditions = {each.error.code for each in dids if each.error}
    ends = {check.condition for check in given.checks.values() if check.condition}
    conditions |= ends if given.must_look else ends & {exits.INTERRUPTED}
    cards = (each for each in dids if isinstance(each, RestoreCard))
    unread = (card for card in cards if card.visible and card.is_destination_unread)
    return RestoreResult(
        dids=dids,
        conditions=tuple(sorted(conditions & exits.EXIT_CODES.keys())),
        destinations_unread=any(card.live.answered for card in unread),
    )


def with_refused(result: RestoreResult, refused: Mapping[str, DidError]) -> RestoreResult:
    """Return it with the lines of a list that name no DID, each with its error."""
    if not refused:
        return result
    unknown = (
        UnknownDid(name, error._replace(code=exits.UNKNOWN_DID)) for name, error in refused.items()
    )
    conditions = tuple(sorted({*result.conditions, exits.UNKNOWN_DID}))
    return replace(result, dids=(*result.dids, *unknown), conditions=conditions)


def _card(
    log: Log,
    target: Target,
    given: RestoreInput,
    choose: Callable[[History], RestoreDecision],
    dids_of: Callable[[str | None], frozenset[str]],
) -> RestoreCard | UnknownDid:
    check = given.checks.get(target.requested)
    did = (check.did if check else None) or target.did
    live = check.live if check else LiveLook()
    history = log.history(did) if did is not None else None
    # Of a DID that it does not know, the log has no revision 1 that could be named.
    is_unknown = history is not None and not history.revisions
    if history is not None and check is not None:
        history = check.apply_to(history, log)
    if history is None or not history.revisions:
        unknown = did_error(unknown_did(log, target.requested))
        if live.looked and live.error is not None:
            failed = f"{unknown.message}; {_why_failed(live.error)}"
            unknown = unknown._replace(message=failed)
        return UnknownDid(target.requested, unknown, target.did, live)
    decision, error = _decision(history, choose)
    if is_unknown and error is not None:
        alone = f"only the live route of {history.did} is known: {log.place} has never seen it"
        error = error._replace(message=alone)
    applications = _applications(decision)
    urls = log.answer_urls(applications)
    url_today = _other_url_today(urls, decision)
    lost = dict(_lost(urls, applications, decision.current.routing, check))
    set_back = _to_set_back(
        decision, lost, visible=history.visible, elsewhere=url_today is not None
    )
    return RestoreCard(
        requested=target.requested,
        did=history.did,
        error=error,
        live=live,
        history=history,
        decision=decision,
        other_dids=tuple(_other_dids(log, history)),
        answer_url_today=url_today,
        lost=lost,
        sets_url_back=set_back is not None,
        also_moved=len(dids_of(set_back) - {history.did}),
        times_to_come=_times_to_come(history, given.now),
        log_unread=is_unknown,
        ignored=ALWAYS_VOLATILE | given.volatile,
    )


def _why_failed(error: DidError) -> str:
    if error.status == NOT_FOUND:
        return (
            "the API answers 404: there is none, or this key cannot see it"
            " (a key belongs to one application)"
        )
    why = f"{error.status} {error.code}" if error.status else error.message
    return f"the live look failed: {why}"


def _applications(decision: RestoreDecision) -> dict[str, str | None]:
    """Return the applications that answer on either side, each with the destination there."""
    sides = [*([decision.target.newest] if decision.target else []), decision.current]
    routings = [side.routing for side in sides if side.routing.route_mode == WEBHOOK]
    return {found.application_id: found.destination for found in routings if found.application_id}


def _lost(
    urls: AnswerUrls,
    applications: Mapping[str, str | None],
    current: Routing,
    check: LiveCheck | None,
) -> Iterator[tuple[str, LostApplication]]:
    """Yield the applications that are listed no more, or without the ``answer_url`` that they had:
    by the look, or else by the log.

    The look's list counts only if its key reads this DID: else the log's last list decides. What
    the log has with an address may be another key's, unless the DID is there now.
    """
    seen = check.applications if check is not None else None
    is_read = seen is not None and seen.listed is not None
    counts = check is not None and check.has_read
    for application, had in applications.items():
        url, at = urls.get(application, ("", None))
        missed = seen is not None and seen.is_gone(application)
        lacks_url = seen is not None and seen.lacks_url(application)
        if missed and counts and (application == current.application_id or at is None):
            yield application, LostApplication(False, had)
        elif url is None and (missed or not is_read):
            yield application, LostApplication(False, had, None if counts and missed else at)
        elif lacks_url and counts and at is not None:
            yield application, LostApplication(True, had)
        elif url == "" and at is not None and not is_read:
            yield application, LostApplication(True, had, at)


def _to_set_back(
    decision: RestoreDecision,
    lost: Mapping[str, LostApplication],
    *,
    visible: bool,
    elsewhere: bool,
) -> str | None:
    """Return the target's application where its ``answer_url`` has to be set back.

    `visible`: whether the DID is. `elsewhere`: the application answers at another one today.
    """
    if decision.target is None:
        return None
    now, then = decision.current.routing, decision.target.newest.routing
    if then.route_mode != WEBHOOK or not then.application_id or not then.destination:
        return None
    if found := lost.get(then.application_id):
        return then.application_id if found.is_listed else None
    is_moved = visible and now.fields == then.fields and now.destination != then.destination
    return then.application_id if is_moved or elsewhere else None


def _times_to_come(history: History, now: datetime | None) -> datetime | None:
    """Return the latest time that the log holds of this DID, if it lies ahead of `now`."""
    latest = max(
        *(revision.last_seen_at for revision in history.revisions),
        *(verdict.at for verdict in history.verdicts),
        history.hidden_since or history.latest.last_seen_at,
    )
    return latest if now is not None and is_ahead(latest, now) else None


def _decision(
    history: History, choose: Callable[[History], RestoreDecision]
) -> tuple[RestoreDecision, DidError | None]:
    """Return what is put back, or why nothing is."""
    try:
        decision = choose(history)
    except NothingError as error:
        return restoration(history)._replace(target=None, confidence=None), did_error(error)
    return decision, None if decision.target else _no_target(history, decision)


def _no_target(history: History, decision: RestoreDecision) -> DidError:
    one_routing = len(history.by_routing) == 1
    message = (
        f"the log has seen only one routing of {history.did}: there is none to go back to"
        if one_routing
        else f"{history.did} has no routing left to go back to"
    )
    if history.late:
        # Too late to begin a revision, and yet the one thing that is known of before.
        newest = history.late[0]
        message += (
            f"; an older answer, received {format_utc(newest.at)}, says {newest.routing.in_words}"
        )
    return DidError(exits.NO_TARGET, message, hint=_ways_on(history, decision))


def _ways_on(history: History, decision: RestoreDecision) -> Advice:
    """Return what to do where there is nothing to put back."""
    saved = command_line("import", ["FILE"], " --at T")
    ways = "Try a colleague's log (--offline --db PATH), or import saved API responses: {}"
    if not decision.skipped:
        if len(history.by_routing) > 1:
            ways = f"Choose a revision with --to. {ways}"
        return Advice.of(ways, saved)
    last = decision.skipped[0]
    revision = last.newest_known.revision
    return Advice.of(
        f"Left out: r{{}} ({{}}). If that is wrong: {{}}, or: {{}}. {ways}",
        last.newest.revision,
        reason_left_out(last).text,
        command_line("mark", [f"{history.did}@r{revision}", "good"], " -m 'WHY'"),
        command_line("restore", [history.did], f" --to r{revision}"),
        saved,
    )


def _other_dids(log: Log, history: History) -> Iterator[Revision]:
    """Yield other DIDs that had the number, each as it was read with it last."""
    number = history.latest.number
    for last in log.carriers(number) if number else []:
        if last.did != history.did:
            revisions = [last] if last.number == number else log.history(last.did).revisions
            yield next(each for each in reversed(revisions) if each.number == number)


def _other_url_today(urls: AnswerUrls, decision: RestoreDecision) -> tuple[str, datetime] | None:
    """Return where the target's application answered when it was read last, and from when on, if
    that is elsewhere."""
    if decision.target is None:
        return None
    routing = decision.target.newest.routing
    if routing.route_mode != WEBHOOK or not routing.application_id or not routing.destination:
        return None
    url, read_at = urls.get(routing.application_id, (None, None))
    return (url, read_at) if url and read_at and url != routing.destination else None
