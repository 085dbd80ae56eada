"""``verify``: fetch, record, and say whether the live routing is the expected one."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from changelog.commands.recording.capture import NOT_ATTEMPTED
from changelog.commands.recording.verification_targets import NOT_EXPECTED, VerificationTarget
from changelog.commands.recording.verify_loop import VerifyLoop
from changelog.model import exits
from changelog.model.results.base import DidError
from changelog.model.results.verify import Verified, VerifiedDid, VerifyCounts, VerifySummary

_CONDITIONS: dict[Verified, str] = {
    "mismatch": exits.DIFFERENT,
    "not_expected": exits.DIFFERENT,
    "unreadable": exits.UNREADABLE,
    "not_compared": exits.UNREADABLE,
}


def verify(loop: VerifyLoop, targets: Sequence[VerificationTarget]) -> VerifySummary:
    """Read the `targets` until they are settled; store which returns are confirmed.

    The conditions are those of the last answer of each DID, whatever was met on the way.
    """
    with loop.capture as capture:
        try:
            loop.run(targets)
        finally:
            capture.answered = sum(target.state.asked for target in targets)
    outcomes = Counter(_outcome(target, loop.policy.reads) for target in targets)
    conditions = _conditions(targets, outcomes)
    if loop.is_destination_unread(targets):
        conditions.add(exits.UNREADABLE)
    if capture.stopped_because:
        conditions.add(capture.stopped_because)
    return VerifySummary(
        capture=capture.result.capture,
        counts=VerifyCounts(
            requested=outcomes.total(), **{name: outcomes[name] for name in get_args(Verified)}
        ),
        rounds=loop.rounds,
        conditions=tuple(sorted(conditions)),
    )


def verified_dids(targets: Sequence[VerificationTarget], reads: int) -> Iterator[VerifiedDid]:
    """Yield each DID as it is reported, made when it is asked for: a fleet is not held twice."""
    for target in targets:
        yield _verified(target, reads)


def refused_dids(refused: Mapping[str, DidError]) -> Iterator[VerifiedDid]:
    """Yield the lines of a list that name no DID, each with its error."""
    for name, error in refused.items():
        yield VerifiedDid(requested=name, error=error)


def _conditions(targets: Sequence[VerificationTarget], outcomes: Counter[Verified]) -> set[str]:
    conditions = {_CONDITIONS[outcome] for outcome in outcomes if outcome in _CONDITIONS}
    asked = [target.state for target in targets if target.state.asked]
    problems = [state.problem for state in asked if state.problem is not None]
    if problems:
        conditions.add(exits.UNREADABLE)
    if problems and len(problems) == len(asked) and all(each.no_answer for each in problems):
        conditions.add(exits.NO_ANSWER)
    codes = {problem.code for problem in problems}
    codes |= {target.expected.code for target in targets if isinstance(target.expected, DidError)}
    return conditions | (codes & exits.EXIT_CODES.keys())


def _outcome(target: VerificationTarget, reads: int) -> Verified:
    state = target.state
    if isinstance(target.expected, DidError):
        return "not_expected" if target.expected.code == NOT_EXPECTED else "no_expectation"
    if state.live is None:
        return "unreadable"
    if state.settled(reads):
        return "match"
    if state.changes or state.moved:
        return "mismatch"
    return "unreadable" if state.matches else "not_compared"


def _error(target: VerificationTarget, outcome: Verified, reads: int) -> DidError | None:
    state = target.state
    if isinstance(target.expected, DidError):
        return target.expected
    if state.problem is not None:
        return DidError(state.problem.code, state.problem.message, state.problem.status)
    if outcome == "unreadable" and state.live is not None:
        message = f"the run stopped after {state.reads} of {reads} equal answers"
        return NOT_ATTEMPTED._replace(message=message)
    if outcome == "unreadable":
        return NOT_ATTEMPTED
    if outcome == "not_compared":
        partly = len(state.not_compared) < len(target.expectation.fields)
        what = "the rest is as expected" if partly else "nothing could be compared"
        return DidError("not_compared", f"{what}: the API does not say the live destination")
    return None


def _verified(target: VerificationTarget, reads: int) -> VerifiedDid:
    state, expectation = target.state, target.expectation
    outcome = _outcome(target, reads)
    live = state.live
    return VerifiedDid(
        requested=target.to_fetch.requested,
        did=target.did or target.to_fetch.did,
        number=target.number or target.to_fetch.number,
        outcome=outcome,
        matches=outcome == "match",
        expected=expectation.fields,
        expected_revision=expectation.revision,
        live=live._asdict() if live else None,
        live_revision=target.revision if live else None,
        changes=state.changes or (state.moved if outcome == "mismatch" else ()),
        not_compared=state.not_compared,
        reads=state.reads,
        confirmed=target.confirmed,
        error=_error(target, outcome, reads),
    )
