"""What the views must answer of one DID, computed from its rows by the rules in ``model/``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import TableClause, column, table

from changelog.model.history import Confirmation, Evidence, History, Revision, Verdict
from changelog.model.log_format.proof import RevisionRow
from changelog.model.restore_rule import restoration
from changelog.model.text.times import from_micros
from changelog.store.journal.source import Stored

VIEWS: Mapping[str, TableClause] = {
    name: table(name, *map(column, columns.split()))
    for name, columns in {
        "current_routing": "did number revision routing application_id route_mode destination"
        " status hidden_since last_seen_at retired hidden_us last_seen_us since_us key",
        "routing_history": "did number revision routing application_id route_mode destination"
        " status first_seen_at last_seen_at snapshots recorded_by changed_by ticket note capture",
        "restore_target": "did number current_revision visible target_revision application_id"
        " route_mode destination confidence first_seen_at",
    }.items()
}
"""The views that answer to a plain ``sqlite3`` or ``psql``, with their columns."""


@dataclass(slots=True)
class Seen:
    """What one DID's snapshots say, without them: there may be many.

    `count`, `last_us`: by revision, of those between its first one and the next revision's.
    `began`: by time, the (revision, capture) of a snapshot with which a revision may have begun.
    `unknown`: by revision that is not there, the (time, entry) of a snapshot; `odd`: of those that
    are neither read nor unreadable. `read_in`, `key`: of the newest that was read.
    """

    count: dict[int, int] = field(default_factory=dict)
    last_us: dict[int, int] = field(default_factory=dict)
    began: dict[int, tuple[int, int]] = field(default_factory=dict)
    unknown: dict[Any, tuple[int, int]] = field(default_factory=dict)
    odd: list[tuple[int, int]] = field(default_factory=list)
    captures: tuple[int, ...] = ()
    hidden_us: int | None = None
    read_in: int | None = None
    key: str | None = None

    @classmethod
    def of(cls, rows: Iterable[Stored], revisions: Sequence[RevisionRow]) -> Self:
        """`rows`: (did, received_at, capture, revision, unread is no, hidden, key, entry)."""
        seen = cls()
        starts = [row.first_seen_at for row in revisions]
        ends: list[float] = [*starts[1:], float("inf")]
        first_times = set(starts)
        lowest: int | None = None
        highest: int | None = None
        count, last = seen.count, seen.last_us
        for _, at, capture, revision, is_read, hidden, key, entry in rows:
            lowest = capture if lowest is None or capture < lowest else lowest
            highest = capture if highest is None or capture > highest else highest
            if bool(is_read) != (revision is not None) or hidden not in (None, 1):
                seen.odd.append((at, entry))
            if revision is None:
                if hidden == 1:
                    seen.hidden_us = at
                continue
            seen.hidden_us, seen.read_in, seen.key = None, capture, key
            if at in first_times:
                seen.began[at] = (revision, capture)
            if not isinstance(revision, int) or not 1 <= revision <= len(starts):
                seen.unknown[revision] = (at, entry)
            elif starts[revision - 1] <= at < ends[revision - 1]:
                count[revision] = count.get(revision, 0) + 1
                last[revision] = at
        seen.captures = () if lowest is None or highest is None else (lowest, highest)
        return seen


def recomputed(
    did: str,
    rows: Sequence[RevisionRow],
    seen: Seen,
    said: Mapping[str, list[Stored]],
    capture: Callable[[int], Stored],
) -> dict[str, list[Stored]]:
    """By view, the rows that it must have of the DID, oldest revision first.

    `said`: the rows of verdict, confirmation and evidence, oldest first. `capture`: a capture's
    (recorded_by, changed_by, ticket, note, key).
    """
    history = _history(did, rows, seen, said)
    return {
        "current_routing": [_current(history, rows, seen, capture)],
        "routing_history": [_line(row, seen, capture(row.capture)) for row in rows],
        "restore_target": [_target(history, rows)],
    }


def _history(
    did: str, rows: Sequence[RevisionRow], seen: Seen, said: Mapping[str, list[Stored]]
) -> History:
    return History(
        did=did,
        revisions=tuple(_revision(row, seen) for row in rows),
        verdicts=tuple(
            Verdict(0, routing, verdict, "", "", from_micros(at))
            for _, at, routing, verdict in said["verdict"]
        ),
        confirmations=tuple(
            Confirmation(revision, returned, routing, from_micros(at))
            for _, at, routing, revision, returned in said["confirmation"]
        ),
        evidence=tuple(
            Evidence("", "", from_micros(at), 0, routing, result)
            for _, at, routing, result in said["evidence"]
        ),
        hidden_since=None if seen.hidden_us is None else from_micros(seen.hidden_us),
    )


_NO_TIME = from_micros(0)
"""The rule asks of a revision what it was, never when."""


def _revision(row: RevisionRow, seen: Seen) -> Revision:
    return Revision(
        did=row.did,
        revision=row.revision,
        routing=row.routing,
        routing_number=row.routing_number,
        number=row.number,
        status=row.status,
        read_body=_nothing,
        first_seen_at=_NO_TIME,
        last_seen_at=_NO_TIME,
        snapshots=seen.count.get(row.revision, 0),
        capture_number=row.capture,
        find_capture=_nothing,
    )


def _nothing(*_: object) -> Any:
    raise LookupError("the rule asks for nothing but columns")


def _current(
    history: History, rows: Sequence[RevisionRow], seen: Seen, capture: Callable[[int], Stored]
) -> Stored:
    row = rows[-1]
    last = seen.last_us.get(row.revision)
    since = history.stay_start(history.latest).revision
    key = seen.key
    if key is None and seen.read_in is not None:
        key = capture(seen.read_in)[4]
    return (
        *(row.did, row.number, row.revision, row.routing_number, *row.routing, row.status),
        *(_utc(seen.hidden_us), _utc(last), int(history.retired)),
        *(seen.hidden_us, last, rows[since - 1].first_seen_at, key),
    )


def _line(row: RevisionRow, seen: Seen, its_capture: Stored) -> Stored:
    return (
        *(row.did, row.number, row.revision, row.routing_number, *row.routing, row.status),
        *(_utc(row.first_seen_at), _utc(seen.last_us.get(row.revision))),
        *(seen.count.get(row.revision, 0), *its_capture[:4], row.capture),
    )


def _target(history: History, rows: Sequence[RevisionRow]) -> Stored:
    found = restoration(history)
    visible = int(history.visible)
    common = (history.did, rows[-1].number, rows[-1].revision, visible)
    if found.target is None:
        return (*common, None, None, None, None, None, None)
    target = rows[found.target.newest.revision - 1]
    return (
        *(*common, target.revision, *target.routing, found.confidence),
        _utc(target.first_seen_at),
    )


def _utc(micros: int | None) -> str | None:
    """As the views spell a time: to the second."""
    return None if micros is None else _utc_second(micros // 1_000_000)


@lru_cache(maxsize=10_000)
def _utc_second(second: int) -> str:
    return f"{from_micros(second * 1_000_000).isoformat(timespec='seconds')[:19]}Z"
