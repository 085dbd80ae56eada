"""The DIDs that ``verify`` asks for, each with what is expected: by options, revision or file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from changelog.commands.answers.list import rows_at
from changelog.commands.targets import did_error, targets, unknown_did
from changelog.model.errors import NothingError, UsageError
from changelog.model.exits import DidError
from changelog.model.selectors import Good, Selector, parse_selector, resolve
from changelog.model.verification import (
    NOT_READ,
    Expectation,
    ExpectedDid,
    VerifyState,
    bad_expectations,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from changelog.model.did_ref import Target
    from changelog.model.ports import Log
    from changelog.model.results.history import FleetRow

NOT_EXPECTED = "not_expected"
"""The code of a DID of the log that the file of expectations leaves out."""

Stated: TypeAlias = "Mapping[str, str | None]"


@dataclass(slots=True)
class VerificationTarget:
    """A DID with what is expected of it, or why nothing is, and its `state` after each answer.

    `revision`: as which it was read last. `confirmed`: it was seen to be an older routing's return.
    """

    to_fetch: Target
    expected: Expectation | DidError
    state: VerifyState = NOT_READ
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    confirmed: bool = False

    @property
    def carries_destination(self) -> bool:
        """Return whether it matches a revision whose destination is only known from before."""
        expectation, live = self.expectation, self.state.live
        return (
            self.state.matches
            and "destination" in self.state.not_compared
            and live is not None
            and live.destination is None
            and expectation.revision is not None
        )

    @property
    def expectation(self) -> Expectation:
        """What is expected; where nothing is, an empty one."""
        return self.expected if isinstance(self.expected, Expectation) else Expectation({})

    @property
    def expects(self) -> bool:
        """Return whether anything is expected."""
        return isinstance(self.expected, Expectation)


def stated_expectation(
    application: str | None, route_mode: str | None, status: str | None, destination: str | None
) -> dict[str, str | None]:
    """Return the expected fields that were given as options. "" expects none."""
    options = {
        "application_id": application,
        "route_mode": route_mode,
        "status": status,
        "destination": destination,
    }
    return {name: value or None for name, value in options.items() if value is not None}


def require_one_expectation(*, to: str | None, stated: Stated, file: str | None) -> None:
    """Raise UsageError where nothing is expected, or two things are.

    A default such as the latest revision would swallow a drift on its second run.
    """
    if to is None and not stated and file is None:
        raise UsageError(
            "no expectation is given, so there is nothing to verify",
            "Say what is expected: --to r3, --application ID, --route-mode M, --status S,"
            " --destination URI or --expect FILE.",
            "no_expectation",
        )
    if file is not None and (to is not None or stated):
        raise UsageError(
            "--expect already says what is expected of each DID",
            "Put it into the file, or leave --expect out.",
        )
    if to is not None and stated:
        raise UsageError(
            "--to already says which whole routing is expected",
            "Give --to alone, or each field by its own option.",
        )


def expected_alike(
    log: Log,
    targets: Sequence[Target],
    to: str | None,
    stated: Stated,
    now: datetime,
    *,
    every: bool,
) -> list[VerificationTarget]:
    """Return each target with what all are expected to be, from the log before any fetch."""
    if to is None:
        alike = Expectation(stated)
        return [VerificationTarget(target, alike) for target in targets]
    revisions = _SelectedRevisions(log, parse_selector(to, now, tags=log), whole_fleet=every)
    return [VerificationTarget(target, revisions.expected_of(target)) for target in targets]


class _SelectedRevisions:
    """What the revision that a selector means was. Of a whole fleet it is read in one query."""

    def __init__(self, log: Log, selector: Selector, *, whole_fleet: bool) -> None:
        self._log = log
        self._selector = selector
        self._rows: Mapping[str, FleetRow] = {}
        # r1 of each DID is no moment: a slip would roll back what was in service since.
        if whole_fleet and not isinstance(selector, Good):
            # Where there is no such tag, each DID says so.
            with suppress(NothingError):
                self._rows = rows_at(log, selector)

    def expected_of(self, target: Target) -> Expectation | DidError:
        row = self._rows.get(target.did or "")
        if row is not None:
            return Expectation(row.routing._asdict(), row.revision)
        try:
            history = self._log.history(target.did or "")
            if not history.revisions:
                raise unknown_did(self._log, target.requested)
            selected = resolve(self._selector, history, self._log).revision
        except NothingError as error:
            return did_error(error)
        return Expectation(selected.routing._asdict(), selected.revision)


def expected_each(
    log: Log,
    rows: Sequence[ExpectedDid],
    name: str,
    names: Sequence[str] = (),
    *,
    every: bool = False,
    with_key: bool = False,
) -> list[VerificationTarget]:
    """Return what the `rows` of the file `name` expect: of all its DIDs, or of those in `names`.

    With `every` the DIDs of the log that the file leaves out are asked for too, and expected by
    nobody. Raises UsageError for a DID that the file names twice, and for a name that it has not.
    """
    if every and names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    in_file = _in_file(log, rows, name, with_key=with_key)
    if every:
        return [*in_file.values(), *_left_out(log, in_file, name, with_key=with_key)]
    if names:
        return [_named(in_file, target, name) for target in targets(log, names, every=False)]
    return list(in_file.values())


def _in_file(
    log: Log, rows: Sequence[ExpectedDid], name: str, *, with_key: bool
) -> dict[str, VerificationTarget]:
    """Return the DIDs of the file by identity, in its order."""
    lines: dict[str, ExpectedDid] = {}
    in_file: dict[str, VerificationTarget] = {}
    for row in rows:
        (target,) = targets(log, [row.name], every=False, with_key=with_key)
        before = lines.setdefault(target.identity, row)
        if before is not row:
            raise bad_expectations(
                f"{name}, line {row.line}: {row.name} is {before.name} of line {before.line}",
                "A DID is expected to route one way: leave one of the two lines out.",
            )
        in_file[target.identity] = VerificationTarget(target, Expectation(row.fields))
    return in_file


def _named(
    in_file: Mapping[str, VerificationTarget], target: Target, name: str
) -> VerificationTarget:
    listed = in_file.get(target.identity)
    if listed is None:
        raise UsageError(
            f"{name} expects nothing of {target.requested}",
            "Name DIDs that are in it, or none: then all of them are verified.",
            NOT_EXPECTED,
        )
    return VerificationTarget(target._replace(key=listed.to_fetch.key), listed.expected)


def _left_out(
    log: Log, in_file: Mapping[str, VerificationTarget], name: str, *, with_key: bool
) -> Iterable[VerificationTarget]:
    error = DidError(NOT_EXPECTED, f"it is in the log, and {name} expects nothing of it")
    for target in targets(log, [], every=True, with_key=with_key):
        if target.identity not in in_file:
            yield VerificationTarget(target, error)
