"""What was said of a routing: by a verdict, or by a test call that was listened to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from changelog.render.style import NO_MORE, Sentence, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from changelog.model.history import Evidence, Verdict
    from changelog.model.restore_rule import RoutingRecord
    from changelog.model.results.restore import RestoreCard


def judged_bad_now(card: RestoreCard) -> Verdict | None:
    """Return the verdict by which the current routing is bad, if it is."""
    own = card.decision.own
    return own.verdict if own.left_out == "bad" else None


def of_the_current(
    card: RestoreCard, own: RoutingRecord
) -> Iterator[tuple[str, *tuple[object, ...]]]:
    """Yield the code and the values of each warning about the current routing, which is `own`."""
    number, verdict, call = own.newest.revision, own.verdict, own.call
    stays = card.already_there or card.is_left
    if own.left_out == "bad" and verdict is not None and card.visible and stays:
        given = given_of_another(own, verdict)
        yield "current_judged_bad", number, verdict.by, verdict.at, verdict.reason, given
    elif own.failed and call is not None and card.visible and stays:
        yield "current_call_failed", number, call.call, call.at
    if own.good and card.target is not None and card.apart is None and not card.already_there:
        if verdict is not None and verdict.verdict == "good":
            yield "current_judged_good", number, verdict.by, verdict.at, verdict.reason
        elif call is not None:
            yield "current_call_passed", number, call.call, call.at
    later = [
        one
        for one in own.evidence
        if one.result == "differs" and one.at > own.history.latest.last_seen_at
    ]
    if later:
        yield "call_went_elsewhere", later[-1].at, later[-1].reason


def given_of_another(current: RoutingRecord, said: Verdict) -> Sentence:
    """Say of a verdict on the current routing where it was given, if the destination was not read
    there, or is not now."""
    given, latest = current.history.revision(said.revision), current.newest.routing
    if given is None or not latest.lacks_destination or given.routing.lacks_destination:
        return given_unread(current, said)
    text = " (said of r{}; the destination was not read now: it may be another one)"
    return say(text, said.revision)


def given_unread(record: RoutingRecord, said: Verdict | Evidence) -> Sentence:
    """Say of a verdict or a call where it was given, if the destination was not read there."""
    if record.known_apart(said) is None:
        return given_before_known(record, said)
    text = " (said of r{}, whose destination was not read: it may have been another one)"
    return say(text, said.revision)


def given_before_known(record: RoutingRecord, said: Verdict | Evidence) -> Sentence:
    """Say of a verdict or a call from when on the destination is known, if it was given before.

    Nobody moved it, as far as anybody saw: no reason to warn.
    """
    given = record.history.revision(said.revision)
    known_from = record.history.known(given).destination_known_from if given else None
    if given is None or known_from is None or said.at >= known_from:
        return NO_MORE
    text = " (said of r{}, whose {} is known only from {} on)"
    return say(text, said.revision, given.routing.destination_name, known_from)
