"""``verify``: fetch, record, and say whether the live routing is the expected one."""

from collections import Counter
from collections.abc import Iterator, Sequence

from changelog.commands.recording.capture import NOT_ATTEMPTED, end, summary_of
from changelog.commands.recording.expecting import NOT_EXPECTED, Checked
from changelog.commands.recording.verify_loop import Polled, VerifyLoop
from changelog.model import exits
from changelog.model.results.base import DidError
from changelog.model.results.verify import Verified, VerifiedDid, VerifyCounts, VerifySummary
from changelog.model.verification import Expectation

_CONDITIONS: dict[Verified, str] = {
    "mismatch": exits.DIFFERENT,
    "not_expected": exits.DIFFERENT,
    "unreadable": exits.UNREADABLE,
    "not_compared": exits.UNREADABLE,
}


def verify(poll: VerifyLoop, checked: Sequence[Checked]) -> VerifySummary:
    """Read what is `checked` until it is settled; write down confirmed returns.

    The conditions are those of the last answer of each DID, whatever was met on the way.
    """
    polled = poll.run(checked)
    opened = poll.opened
    unread = sum(not one.standing.asked for one in checked)
    interrupted = polled.cut_short == exits.INTERRUPTED
    if interrupted:
        opened.remark(f"interrupted after {len(checked) - unread} of {len(checked)}")
    finished = end(poll.recorder, opened, unread, interrupted=interrupted)
    reads = poll.patience.reads
    outcomes = Counter(_outcome(one, reads) for one in checked)
    return VerifySummary(
        capture=summary_of(opened, finished),
        counts=_counts(outcomes),
        rounds=polled.rounds,
        conditions=tuple(sorted(_conditions(checked, outcomes, polled) | opened.conditions)),
    )


def _counts(outcomes: Counter[Verified]) -> VerifyCounts:
    return VerifyCounts(
        requested=outcomes.total(),
        match=outcomes["match"],
        mismatch=outcomes["mismatch"],
        not_compared=outcomes["not_compared"],
        unreadable=outcomes["unreadable"],
        not_expected=outcomes["not_expected"],
        no_expectation=outcomes["no_expectation"],
    )


def verified_dids(checked: Sequence[Checked], reads: int) -> Iterator[VerifiedDid]:
    """Each DID as it is reported, made when it is asked for: a fleet is not held twice."""
    for one in checked:
        yield _verified(one, reads)


def _conditions(
    checked: Sequence[Checked], outcomes: Counter[Verified], polled: Polled
) -> set[str]:
    found = {_CONDITIONS[outcome] for outcome in outcomes if outcome in _CONDITIONS}
    if polled.cut_short:
        found.add(polled.cut_short)
    asked = [one.standing for one in checked if one.standing.asked]
    problems = [one.problem for one in asked if one.problem is not None]
    if problems:
        found.add(exits.UNREADABLE)
    if problems and len(problems) == len(asked) and all(one.no_answer for one in problems):
        found.add(exits.NO_ANSWER)
    found |= {one.code for one in problems if one.code in exits.EXIT_CODES}
    expected = (one.expected for one in checked)
    codes = {one.code for one in expected if isinstance(one, DidError)}
    return found | (codes & exits.EXIT_CODES.keys())


def _outcome(one: Checked, reads: int) -> Verified:
    standing = one.standing
    if isinstance(one.expected, DidError):
        return "not_expected" if one.expected.code == NOT_EXPECTED else "no_expectation"
    if standing.live is None:
        return "unreadable"
    if standing.settled(reads):
        return "match"
    if standing.changes or standing.moved:
        return "mismatch"
    return "unreadable" if standing.matches else "not_compared"


def _error(one: Checked, outcome: Verified, reads: int) -> DidError | None:
    standing = one.standing
    if isinstance(one.expected, DidError):
        return one.expected
    if standing.problem is not None:
        problem = standing.problem
        return DidError(problem.code, problem.message, problem.status)
    if outcome == "unreadable" and standing.live is not None:
        return DidError(
            NOT_ATTEMPTED, f"the run stopped after {standing.reads} of {reads} equal answers"
        )
    if outcome == "unreadable":
        return DidError(NOT_ATTEMPTED, "the run stopped before this DID was asked for")
    if outcome == "not_compared":
        rest = len(standing.not_compared) < len(_expectation(one).fields)
        said = "the rest is as expected" if rest else "nothing could be compared"
        return DidError("not_compared", f"{said}: the API does not say the live destination")
    return None


def _expectation(one: Checked) -> Expectation:
    return one.expected if isinstance(one.expected, Expectation) else Expectation({})


def _verified(one: Checked, reads: int) -> VerifiedDid:
    standing, expectation = one.standing, _expectation(one)
    outcome = _outcome(one, reads)
    live = standing.live
    return VerifiedDid(
        requested=one.target.requested,
        did=one.did or one.target.did,
        number=one.number or one.target.number,
        outcome=outcome,
        matches=outcome == "match",
        expected=expectation.fields,
        expected_revision=expectation.revision,
        live=live._asdict() if live else None,
        live_revision=one.revision if live else None,
        changes=standing.changes or (standing.moved if outcome == "mismatch" else ()),
        not_compared=standing.not_compared,
        reads=standing.reads,
        confirmed=one.confirmed,
        error=_error(one, outcome, reads),
    )
