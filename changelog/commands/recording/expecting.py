"""What is expected of each DID that ``verify`` asks for: by options, a revision, or a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from changelog.commands.answers.list import rows_at
from changelog.commands.targets import did_error, targets, unknown_did
from changelog.model.errors import NothingError, UsageError
from changelog.model.expectations import ExpectedDid, bad_expectations
from changelog.model.results.base import DidError
from changelog.model.selectors import At, Latest, Selector, Tagged, parse_selector, resolve
from changelog.model.verification import NOT_READ, Expectation, VerifyState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from changelog.model.did_ref import Target
    from changelog.model.ports import Log
    from changelog.model.results.fleet import FleetRow
    from changelog.model.routing import Routing

NOT_EXPECTED = "not_expected"
"""The code of a DID of the log that the file of expectations leaves out."""

Stated: TypeAlias = "Mapping[str, str | None]"


@dataclass(slots=True)
class Checked:
    """A DID with what is expected of it, or why nothing is, and where it stands by now."""

    target: Target
    expected: Expectation | DidError
    standing: VerifyState = field(default=NOT_READ)
    did: str | None = None
    number: str | None = None
    revision: int | None = None
    confirmed: bool = False


def stated_expectation(
    application: str | None, route_mode: str | None, status: str | None, destination: str | None
) -> dict[str, str | None]:
    """The expected fields that were given as options. "" expects none."""
    options = {
        "application_id": application,
        "route_mode": route_mode,
        "status": status,
        "destination": destination,
    }
    return {name: value or None for name, value in options.items() if value is not None}


def require_one_expectation(*, to: str | None, stated: Stated, file: str | None) -> None:
    """Raises UsageError where nothing is expected, or two things are.

    A default such as the latest revision would swallow a drift on its second run.
    """
    if to is None and not stated and file is None:
        raise UsageError(
            "there is nothing to verify against",
            "Say what is expected: --to r3, --application ID, --route-mode M, --status S,"
            " --destination URI or --expect FILE.",
            "no_expectation",
        )
    if file is not None and (to is not None or stated):
        raise UsageError(
            "--expect says for each DID what is expected, so no other option does",
            "Put it into the file, or leave --expect out.",
        )


def expected_alike(
    log: Log,
    wanted: Sequence[Target],
    to: str | None,
    stated: Stated,
    now: datetime,
    *,
    every: bool,
) -> list[Checked]:
    """Each target with what all are expected to be, from the log as it is before any fetch."""
    if to is None:
        alike = Expectation(stated)
        return [Checked(one, alike) for one in wanted]
    named = _Named(log, parse_selector(to, now), stated, whole_fleet=every)
    return [Checked(one, named.expected(one)) for one in wanted]


class _Named:
    """What the revision that a selector means was. Of a whole fleet it is read in one query."""

    def __init__(self, log: Log, selector: Selector, stated: Stated, *, whole_fleet: bool) -> None:
        self._log = log
        self._selector = selector
        self._stated = stated
        self._rows: Mapping[str, FleetRow] = {}
        if whole_fleet and (selector == Latest() or isinstance(selector, At | Tagged)):
            self._rows = _known_rows(log, selector)

        @cache
        def fields_of(routing: Routing) -> Mapping[str, str | None]:
            return {**routing._asdict(), **stated}

        self._fields_of = fields_of

    def expected(self, target: Target) -> Expectation | DidError:
        row = self._rows.get(target.did or "")
        if row is not None:
            return self._expectation(row.routing, row.revision)
        try:
            history = self._log.history(target.did or "")
            if not history.revisions:
                raise unknown_did(self._log, target.requested)
            found = resolve(self._selector, history, self._log).revision
        except NothingError as error:
            return did_error(error)
        return self._expectation(found.routing, found.revision)

    def _expectation(self, routing: Routing, revision: int) -> Expectation:
        return Expectation(self._fields_of(routing), revision, self._stated.keys())


def _known_rows(log: Log, selector: Selector) -> Mapping[str, FleetRow]:
    try:
        return rows_at(log, selector)
    except NothingError:
        # No such tag: each DID says so.
        return {}


def expected_each(
    log: Log,
    rows: Sequence[ExpectedDid],
    name: str,
    names: Sequence[str] = (),
    *,
    every: bool = False,
    with_key: bool = False,
) -> list[Checked]:
    """What the `rows` of the file `name` expect: of all its DIDs, or only of those in `names`.

    With `every` the DIDs of the log that the file leaves out are asked for too, and expected by
    nobody. Raises UsageError for a DID that the file names twice, and for a name that it has not.
    """
    found: dict[str, tuple[ExpectedDid, Checked]] = {}
    for row in rows:
        (target,) = targets(log, [row.name], every=False, with_key=with_key)
        before, _ = found.setdefault(_identity(target), (row, Checked(target, _of_file(row))))
        if before is not row:
            raise bad_expectations(
                f"{name}, line {row.line}: {row.name} is {before.name} of line {before.line}",
                "A DID is expected to route one way: leave one of the two lines out.",
            )
    checked = {identity: one for identity, (_, one) in found.items()}
    if every and names:
        raise UsageError("--all and named DIDs exclude each other", "Choose one.")
    if every:
        return [*checked.values(), *_left_out(log, checked, name, with_key=with_key)]
    if names:
        wanted = targets(log, names, every=False)
        return [_in_file(checked, target, name) for target in wanted]
    return list(checked.values())


def _identity(target: Target) -> str:
    return target.did or target.number or target.requested


def _of_file(row: ExpectedDid) -> Expectation:
    return Expectation(row.fields)


def _in_file(checked: Mapping[str, Checked], target: Target, name: str) -> Checked:
    found = checked.get(_identity(target))
    if found is None:
        raise UsageError(
            f"{name} expects nothing of {target.requested}",
            "Name DIDs that are in it, or none: then all of them are verified.",
            NOT_EXPECTED,
        )
    return Checked(target._replace(key=found.target.key), found.expected)


def _left_out(
    log: Log, checked: Mapping[str, Checked], name: str, *, with_key: bool
) -> Iterable[Checked]:
    error = DidError(NOT_EXPECTED, f"it is in the log, and {name} expects nothing of it")
    for target in targets(log, [], every=True, with_key=with_key):
        if _identity(target) not in checked:
            yield Checked(target, error)
