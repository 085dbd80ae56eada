"""The DIDs that ``verify`` asks for, each with what is expected: by options, revision or file."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from changelog.commands.answers.fleet_then import moved_number
from changelog.commands.answers.list import rows_at
from changelog.commands.recording.expectations_file import ExpectedDid, bad_expectations
from changelog.commands.targets import did_error, targets, unknown_did
from changelog.model.errors import NothingError, UsageError
from changelog.model.results.base import DidError
from changelog.model.selectors import Selector, Word, parse_selector, resolve
from changelog.model.verification import NOT_EXPECTED, Expectation, VerifiedDid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from changelog.model.did_ref import Target
    from changelog.model.ports import Log
    from changelog.model.results.history import FleetRow

Stated: TypeAlias = "Mapping[str, str | None]"


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
) -> list[VerifiedDid]:
    """Return each target with what all are expected to be, from the log before any fetch."""
    if to is None:
        alike = Expectation(stated)
        return [VerifiedDid(target, alike) for target in targets]
    selector = parse_selector(to, now, tags=log)
    rows: Mapping[str, FleetRow] = {}
    # r1 of each DID is no moment: a slip would roll back what was in service since.
    if every and selector is not Word.GOOD:
        rows = rows_at(log, selector)
    return [VerifiedDid(target, _expected_of(log, target, selector, rows)) for target in targets]


def _expected_of(
    log: Log, target: Target, selector: Selector, rows: Mapping[str, FleetRow]
) -> Expectation | DidError:
    """Return what the revision was that a selector means; of a fleet it is in `rows`."""
    if row := rows.get(target.did or ""):
        known_from, seen = row.destination_known_from, row.seen_then
        if row.destination_source != "fetched":
            # What no look ever showed is left out, or listed as stated.
            seen = seen._replace(destination_not_read=False)
        return Expectation(row.routing._asdict(), row.revision, known_from, seen)
    moved = moved_number(log, target.number, target.did, selector)
    did = moved.then if moved else target.did
    try:
        history = log.history(did or "")
        if not history.revisions:
            raise unknown_did(log, target.requested)
        selected = resolve(selector, history, log)
    except NothingError as error:
        return did_error(error)
    revision = selected.revision
    return Expectation(
        revision.routing._asdict(),
        revision.revision,
        revision.destination_known_from,
        selected.seen_then,
        moved and moved.then,
    )


def expected_each(
    log: Log,
    rows: Sequence[ExpectedDid],
    name: str,
    names: Sequence[str] = (),
    *,
    every: bool = False,
) -> list[VerifiedDid]:
    """Return what the `rows` of the file `name` expect: of all its DIDs, or of those in `names`.

    With `every` the DIDs of the log that the file leaves out are asked for too, and expected by
    nobody. Raises UsageError for a DID that the file names twice, and for a name that it has not.
    """
    if every and names:
        raise UsageError("--all and named DIDs cannot be combined", "Choose one.")
    in_file = _in_file(log, rows, name)
    if every:
        return [*in_file.values(), *_left_out(log, in_file, name)]
    if names:
        return [_named(in_file, target, name) for target in targets(log, names, every=False)]
    return list(in_file.values())


def _in_file(log: Log, rows: Sequence[ExpectedDid], name: str) -> dict[str, VerifiedDid]:
    """Return the DIDs of the file by identity, in its order."""
    lines: dict[str, ExpectedDid] = {}
    in_file: dict[str, VerifiedDid] = {}
    for row in rows:
        (target,) = targets(log, [row.name], every=False)
        before = lines.setdefault(target.identity, row)
        if before is not row:
            raise bad_expectations(
                f"{name}, line {row.line}: {row.name} is {before.name} of line {before.line}",
                "A DID is expected to route one way: leave one of the two lines out.",
            )
        in_file[target.identity] = VerifiedDid(target, Expectation(row.fields))
    return in_file


def _named(in_file: Mapping[str, VerifiedDid], target: Target, name: str) -> VerifiedDid:
    listed = in_file.get(target.identity)
    if listed is None:
        raise UsageError(
            f"{name} expects nothing of {target.requested}",
            "Name DIDs that are in it, or none: then all of them are verified.",
            NOT_EXPECTED,
        )
    return VerifiedDid(target._replace(key=listed.to_fetch.key), listed.expected)


def _left_out(log: Log, in_file: Mapping[str, VerifiedDid], name: str) -> Iterable[VerifiedDid]:
    error = DidError(NOT_EXPECTED, f"it is in the log, and {name} expects nothing of it")
    for target in targets(log, [], every=True):
        if target.identity not in in_file:
            yield VerifiedDid(target, error)
