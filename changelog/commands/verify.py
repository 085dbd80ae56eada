"""``verify``: fetch, record, and say whether the live routing is the expected one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from changelog.commands.capturing import Captured, problem_error
from changelog.commands.targets import did_error, unknown_did
from changelog.core import exits
from changelog.core.differ import Change
from changelog.core.errors import NothingError, UsageError
from changelog.core.history import Revision
from changelog.core.naming import Target
from changelog.core.ports import Log, Recorder
from changelog.core.results.base import DidError
from changelog.core.results.verify import VerifiedDid, VerifyResult
from changelog.core.routing import ROUTING_FIELDS
from changelog.core.selectors import parse_selector, resolve


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one DID. `revision` is the one that ``--to`` named."""

    fields: Mapping[str, str | None]
    revision: Revision | None = None


def stated_expectation(
    application: str | None, route_mode: str | None, status: str | None, destination: str | None
) -> dict[str, str]:
    """The expected fields that were given as options. "" expects none."""
    options = {
        "application_id": application,
        "route_mode": route_mode,
        "status": status,
        "destination": destination,
    }
    return {name: value for name, value in options.items() if value is not None}


def expectations(
    book: Log, targets: Sequence[Target], to: str | None, stated: Mapping[str, str], now: datetime
) -> dict[str, Expectation | DidError]:
    """What is expected of each target, from the log as it is before anything is fetched.

    Raises UsageError where nothing is expected: a default would confirm any drift.
    """
    if to is None and not stated:
        raise UsageError(
            "there is nothing to verify against",
            "Say what is expected: --to r3, --application ID, --route-mode M, --status S"
            " or --destination URI.",
            "no_expectation",
        )
    return {one.requested: _expected(book, one, to, stated, now) for one in targets}


def _expected(
    book: Log, target: Target, to: str | None, stated: Mapping[str, str], now: datetime
) -> Expectation | DidError:
    fields: dict[str, str | None] = {name: value or None for name, value in stated.items()}
    if to is None:
        return Expectation(fields)
    selector = parse_selector(to, now)
    try:
        history = book.history(target.did or "")
        if not history.revisions:
            raise unknown_did(book, target.requested)
        revision = resolve(selector, history, book).revision
    except NothingError as error:
        return did_error(error)
    routing = {name: getattr(revision.routing, name) for name in ROUTING_FIELDS}
    return Expectation({**routing, **fields}, revision)


def verify(
    book: Log,
    recorder: Recorder,
    targets: Sequence[Target],
    expected: Mapping[str, Expectation | DidError],
    captured: Captured,
) -> VerifyResult:
    """Compare what `captured` read with what was `expected`; write down a confirmed return."""
    dids = tuple(
        _verified(book, recorder, target, expected[target.requested], captured)
        for target in targets
    )
    conditions = set(captured.conditions)
    for one in dids:
        if one.error is not None and one.error.code in exits.EXIT_CODES:
            conditions.add(one.error.code)
        if one.error is None and not one.matches:
            conditions.add(exits.DIFFERENT)
    return VerifyResult(dids=dids, capture=captured.summary, conditions=tuple(sorted(conditions)))


def _verified(
    book: Log,
    recorder: Recorder,
    target: Target,
    expected: Expectation | DidError,
    captured: Captured,
) -> VerifiedDid:
    stored = captured.of(target)
    error = expected if isinstance(expected, DidError) else None
    if error is None and stored is None:
        error = DidError("not_attempted", "the run stopped before this DID was asked for")
    if error is None and stored is not None:
        error = problem_error(stored)
    fields = {} if isinstance(expected, DidError) else dict(expected.fields)
    if (
        isinstance(expected, DidError)
        or error is not None
        or stored is None
        or stored.did is None
        or stored.revision is None
    ):
        return VerifiedDid(
            requested=target.requested,
            did=target.did,
            number=target.number,
            expected=fields,
            reads=int(stored is not None),
            error=error,
        )
    history = book.history(stored.did)
    live = history.revisions[stored.revision - 1]
    state = {name: live.fields.get(name) for name in (*ROUTING_FIELDS, "status")}
    if live.destination_source == "stated":
        # What an operator once said is not what the API says now.
        state["destination"] = None
    changes, unknown = compared(expected, state)
    matches = not changes
    return VerifiedDid(
        requested=target.requested,
        did=stored.did,
        number=live.number,
        matches=matches,
        expected=fields,
        expected_revision=expected.revision.revision if expected.revision else None,
        live=state,
        live_revision=live.revision,
        changes=changes,
        not_compared=unknown,
        reads=1,
        confirmed=matches
        and expected.revision is not None
        and _confirm(recorder, captured, expected.revision, live, history.stay_start(live)),
    )


def compared(
    expected: Expectation, live: Mapping[str, Any]
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The fields that differ, as expected → live, and those that cannot be compared.

    An unknown destination is neither a match nor a mismatch.
    """
    changes, unknown = [], []
    for name, wanted in expected.fields.items():
        found = live.get(name) or None
        if name == "destination" and (found is None or (wanted is None and expected.revision)):
            if found != wanted:
                unknown.append(name)
        elif found != wanted:
            changes.append(Change(name, wanted, found, routing=name in ROUTING_FIELDS))
    return tuple(changes), tuple(unknown)


def _confirm(
    recorder: Recorder, captured: Captured, named: Revision, live: Revision, returned: Revision
) -> bool:
    """Only the return to an older routing confirms anything: in the current stay nothing lies
    between."""
    if named.did != live.did or named.routing_number != live.routing_number:
        return False
    if named.revision >= returned.revision:
        return False
    recorder.add_confirmation(captured.capture, named, returned)
    return True
