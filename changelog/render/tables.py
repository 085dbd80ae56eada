"""Which columns and rows an answer has as a table: values alone, whatever spells them in the end.

A cell is a text, a number, a bool, a time, None, a tuple of changes or of notes, or (in `before`
and `after`) any value of JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from changelog.model.diff import Group
    from changelog.model.results.base import DidError
    from changelog.model.results.diff import DiffedDid, DiffResult
    from changelog.model.results.history import ListResult, LogResult, SnapshotRow
    from changelog.model.results.restore import RestoredDid, RestoreResult
    from changelog.model.routing import Routing

Row = tuple[Any, ...]
_DIDS_IN_A_GROUP = 6
_BEFORE_AND_AFTER = ("before", "after")


class Table(NamedTuple):
    """`sides`: the two columns that stand against each other, the same thing before and after."""

    columns: tuple[str, ...]
    rows: Sequence[Row]
    sides: tuple[str, str] | None = None

    def without(self, *names: str) -> Table:
        kept = [index for index, name in enumerate(self.columns) if name not in names]
        return self._replace(
            columns=tuple(self.columns[index] for index in kept),
            rows=[tuple(row[index] for index in kept) for row in self.rows],
        )


def table(command: str, result: Any) -> Table:
    """The one table that holds the whole answer of `command`."""
    return _TABLES[command](result)


def fleet(result: ListResult) -> Table:
    """A row a DID."""
    columns = (
        *("did", "number", "application_id", "route_mode", "destination", "status"),
        *("revision", "since", "last_seen_at", "visible", "retired"),
    )
    rows = [
        (
            *(row.did, row.number, *_routing(row.routing), row.status),
            *(row.revision, row.since, row.last_seen_at, row.visible, row.retired),
        )
        for row in result.dids
    ]
    return Table(columns, rows)


def diff(result: DiffResult) -> Table:
    """A row a DID and changed field; a row for a DID without any, whose `outcome` says why."""
    columns = (
        *("did", "number", "from_revision", "to_revision", "outcome", "field", "before", "after"),
        *("routing", "not_read", "error", "error_message"),
    )
    rows = [row for one in result.dids for row in _diffed(one)]
    return Table(columns, rows, _BEFORE_AND_AFTER)


def _diffed(one: DiffedDid) -> Iterator[Row]:
    head = (one.did, one.number, one.from_revision, one.to_revision, _outcome(one))
    tail = (" ".join(one.not_read), *_error(one.error))
    for change in one.changes:
        yield (*head, change.field, change.before, change.after, change.routing, *tail)
    if not one.changes:
        yield (*head, None, None, None, None, *tail)


def _outcome(one: DiffedDid) -> str:
    if one.is_unread:
        return "unreadable"
    if one.changes:
        return "changed"
    if one.error is not None:
        return "error"
    if one.first_revision:
        return "first_revision"
    if not (one.from_revision and one.to_revision):
        return "absent"
    return "unchanged"


def groups(result: Sequence[Group]) -> Table:
    """A row a group and changed field: equal changes over many DIDs."""
    columns = ("group", "dids", "field", "before", "after", "routing", "which")
    rows = [
        (number, len(group.dids), *change, _some(group.dids))
        for number, group in enumerate(result, start=1)
        for change in group.changes
    ]
    return Table(columns, rows, _BEFORE_AND_AFTER)


def _some(dids: Sequence[str]) -> str:
    more = len(dids) - _DIDS_IN_A_GROUP
    return ", ".join(dids[:_DIDS_IN_A_GROUP]) + (f" … {more} more" if more > 0 else "")


def restore(result: RestoreResult) -> Table:
    """A row a DID: where it goes now, what to put back, how to prove it, or why there is none."""
    sides = ("revision", "application_id", "route_mode", "destination")
    columns = (
        *("did", "number", "visible", "as_of"),
        *(f"current_{name}" for name in sides),
        *(f"target_{name}" for name in sides),
        *("target_last_seen_at", "confidence", "already_there", "verify"),
        *("warnings", "error", "error_message"),
    )
    rows = [_restored(one) for one in result.dids]
    return Table(columns, rows, ("current_destination", "target_destination"))


def _restored(one: RestoredDid) -> Row:
    current, target = one.current, one.target
    known = one.visible if current else None
    return (
        *(one.did or one.requested, one.number, known, one.as_of),
        *((current.revision, *_routing(current.routing)) if current else (None,) * 4),
        *((target.revision, *_routing(target.routing)) if target else (None,) * 4),
        *((target.last_seen_at, target.confidence) if target else (None, None)),
        *(
            one.already_there if target else None,
            one.verify,
            "; ".join(one.warnings),
            *_error(one.error),
        ),
    )


def log(result: LogResult) -> Table:
    """A row a revision, or a snapshot where these were asked for."""
    if result.snapshots is not None:
        return _snapshots(result.snapshots)
    columns = (
        *("first_seen_at", "did", "number", "revision", "application_id", "route_mode"),
        *("destination", "status", "state", "restores", "changes", "recorded_by", "changed_by"),
        *("ticket", "tags", "notes"),
    )
    rows = [
        (
            *(one.first_seen_at, one.did, one.number, one.revision, *_routing(one.routing)),
            *(one.status, " ".join(one.state), one.restores, one.changes, one.recorded_by),
            *(one.changed_by, one.ticket, " ".join(one.tags), one.notes),
        )
        for one in result.entries
    ]
    return Table(columns, rows)


def _snapshots(snapshots: Sequence[SnapshotRow]) -> Table:
    columns = ("at", "did", "capture", "revision", "error_status", "error", "error_message")
    rows = [
        (
            *(one.at, one.did, one.capture, one.revision),
            *(one.error.status if one.error else None, *_error(one.error)),
        )
        for one in snapshots
    ]
    return Table(columns, rows)


def _routing(routing: Routing) -> tuple[str | None, str | None, str | None]:
    return routing.application_id, routing.route_mode, routing.destination


def _error(error: DidError | None) -> tuple[str | None, str | None]:
    return (error.code, error.message) if error else (None, None)


_TABLES: Mapping[str, Callable[[Any], Table]] = {
    "list": fleet,
    "diff": diff,
    "restore": restore,
    "log": log,
}
