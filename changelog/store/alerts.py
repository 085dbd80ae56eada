"""One watch: its state, a row replaced in place, and its alerts, each a fact."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy import Row as ReadRow

from changelog.model.routing import REJECT, Routing
from changelog.model.text.json_body import canonical_json, comparable, is_json_object, parse_json
from changelog.model.text.times import from_micros, to_micros
from changelog.model.watching.alert import Alert, AlertState
from changelog.model.watching.observation import ApplicationGone, Changed, Observation, ReadDid
from changelog.store.reading.destinations import LISTED_TO, READ_WITH
from changelog.store.schema.tables import ALERT, REVISION, WATCH_STATE
from changelog.store.transaction import Row, Transaction, Transactions, highest
from changelog.store.watch_lock import try_advisory_lock

_AT_ONCE = 500
"""DIDs that one query names."""
_SLACK_US = 3_600_000_000
"""By how much a revision may be older than the round before it and yet have been stored after."""
_INSERT = """
    INSERT INTO watch_state (watch, at, entry, state) VALUES (:watch, :at, :entry, :state)
    ON CONFLICT (watch) DO
"""
_REPLACE = "UPDATE SET at = excluded.at, entry = excluded.entry, state = excluded.state"
# Revisions that followed another one, recorded by anybody. An import is history, and no news.
_CHANGED = """
    SELECT r.did, r.number, r.revision, r.capture,
           r.application_id, r.route_mode, r.destination, CAST(r.body AS TEXT) AS body,
           b.application_id AS application_before, b.route_mode AS mode_before,
           b.destination AS destination_before, CAST(b.body AS TEXT) AS body_before,
           CASE WHEN b.routing = r.routing THEN 1 ELSE 0 END AS is_same_routing
    FROM revision r JOIN capture c ON c.id = r.capture
    JOIN revision b ON b.did = r.did AND b.revision = r.revision - 1
    WHERE r.first_seen_at >= :since AND r.entry > :entry AND c.command <> 'import'
      AND (:named = 1 OR coalesce(
        (SELECT v.verdict FROM verdict v
         WHERE v.did = r.did AND v.verdict IN ('retired', 'returned')
         ORDER BY v.at DESC LIMIT 1), '') <> 'retired')
    ORDER BY r.first_seen_at, r.did, r.revision
"""
_DIDS_ASKED = 20
"""So many DIDs of an application are looked up, each with all its looks."""
_RETIRED = """
    SELECT v.did FROM verdict v
    WHERE v.verdict = 'retired' AND NOT EXISTS
      (SELECT 1 FROM verdict l WHERE l.did = v.did AND l.at > v.at
       AND l.verdict IN ('retired', 'returned'))
"""


class _Row(NamedTuple):
    """A row of state. `entry`: the journal is judged up to there, as of `at`."""

    at: int
    entry: int
    state: AlertState


class AlertLog:
    """The state and the alerts of one watch. An alert is stored before it is delivered, and the
    delivery is stored after it."""

    def __init__(self, transactions: Transactions, watch: str) -> None:
        self._transactions = transactions
        self._watch = watch

    def try_lock(self) -> AbstractContextManager[bool]:
        """Try to be the one process of the watch that delivers: see `try_advisory_lock`."""
        return try_advisory_lock(self._transactions.location, self._watch)

    def begin(self, interval_s: float) -> None:
        """Begin the watch, unless it has begun before: what is in the log by now is no news."""

        def write(transaction: Transaction) -> None:
            last = transaction.entry - 1
            state = AlertState(
                began_at=from_micros(transaction.at), began_entry=last, interval_s=interval_s
            )
            row = _Row(transaction.at, last, state)
            self._store(transaction.connection, row, "NOTHING")

        self._transactions.run(write)

    def state(self) -> AlertState:
        """Return the state; the watch has begun."""
        return self._transactions.ask(self._row).state

    def judge(
        self,
        observation: Observation,
        step: Callable[[AlertState, Observation], tuple[AlertState, list[Alert]]],
        channels: Sequence[str],
        among: Collection[str] | None,
        volatile: frozenset[str] = frozenset(),
    ) -> list[Alert]:
        """Store the state after a round and the alerts that are due, for `channels`."""
        ended_at = observation.round.at

        def write(transaction: Transaction) -> list[Alert]:
            before = self._row(transaction.connection)
            if observation.round.is_overtaken(before.state.last_round_at):
                # Or the answer to its commit was lost, and it had been done.
                return []
            since = min(before.at, transaction.at)
            rows = _changed_rows(transaction.connection, before.entry, since, among)
            changed = [_changed(row) for row in rows if not _is_no_news(row, volatile)]
            troubles = before.state.troubles or before.state.incidents or observation.failing
            may_end = troubles or observation.unrouted
            retired = set(_retired(transaction.connection)) if may_end else set()
            if among is not None and observation.round.stopped is None:
                # A number that was named has another DID by now.
                waiting = set().union(*before.state.incidents.values()) - {""}
                retired |= waiting.difference(among)
            old = _unrouted_before(transaction.connection, before.state, observation.unrouted)
            seen = observation._replace(changed=changed, retired=retired, unrouted_before=old)
            state, due = step(before.state, seen)
            alerts = _numbered(transaction.connection, due, channels)
            for alert in alerts:
                transaction.add(ALERT, self._fact(alert))
            state = replace(state, pending=(*state.pending, *alerts))
            # Without an alert this adds no entry, so the next one is somebody else's.
            row = _Row(to_micros(ended_at), transaction.entry - 1, state)
            self._store(transaction.connection, row)
            return alerts

        return self._transactions.run(write)

    def listed_to(self, key: str, gone: Sequence[ApplicationGone]) -> frozenset[str]:
        """Return those of the applications that are `gone` which a capture with that key read with
        an ``answer_url``. Of what another key alone lists, this one says nothing."""

        def ask(connection: Connection) -> frozenset[str]:
            found = set(connection.execute(text(LISTED_TO), {"key": key}).scalars())
            asked: Counter[str] = Counter()
            for each in gone:
                name = each.application_id
                if name not in found and asked[name] < _DIDS_ASKED:
                    asked[name] += 1
                    given = {"did": each.did, "application": name, "key": key}
                    found.update(connection.execute(text(READ_WITH), given).scalars())
            return frozenset(found)

        return self._transactions.ask(ask)

    def delivered(self, alert: Alert, channel: str) -> None:
        """Store that the alert was delivered on the channel. Twice changes nothing."""

        def write(transaction: Transaction) -> None:
            row = self._row(transaction.connection)
            state = row.state.delivered(alert.id, channel)
            self._store(transaction.connection, row._replace(state=state))

        self._transactions.run(write)

    def _row(self, connection: Connection) -> _Row:
        columns = (WATCH_STATE.c.at, WATCH_STATE.c.entry, WATCH_STATE.c.state)
        query = select(*columns).where(WATCH_STATE.c.watch == self._watch)
        at, entry, state = connection.execute(query).one()
        return _Row(at, entry, _spelling().validate_json(state))

    def _store(self, connection: Connection, row: _Row, conflict: str = _REPLACE) -> None:
        state = _spelling().dump_json(row.state).decode()
        values = {"watch": self._watch, "at": row.at, "entry": row.entry, "state": state}
        connection.execute(text(_INSERT + conflict), values)

    def _fact(self, alert: Alert) -> Row:
        return {
            **asdict(alert),
            "watch": self._watch,
            "at": to_micros(alert.at),
            "since": None if alert.since is None else to_micros(alert.since),
            "dids": json.dumps(alert.dids) if alert.dids else None,
            "channels": " ".join(alert.channels),
        }


@cache
def _spelling() -> TypeAdapter[AlertState]:
    # Made only where it is needed: it takes milliseconds, and most writers are no watch.
    return TypeAdapter(AlertState)


def _numbered(connection: Connection, due: Sequence[Alert], channels: Sequence[str]) -> list[Alert]:
    first = highest(connection, ALERT.c.id) + 1
    return [
        replace(alert, id=number, channels=tuple(channels))
        for number, alert in enumerate(due, start=first)
    ]


def _unrouted_before(
    connection: Connection, state: AlertState, unrouted: Iterable[ReadDid]
) -> set[str]:
    """Return those of the DIDs whose route has reached nobody since before the watch began, or
    always."""
    read = [(each.did, each.revision) for each in unrouted if each.did not in state.parked]
    key = tuple_(REVISION.c.did, REVISION.c.revision)
    earlier, between = REVISION.alias(), REVISION.alias()
    # Whatever else changed since then, the route is no news.
    began_before = exists().where(
        earlier.c.did == REVISION.c.did,
        earlier.c.revision <= REVISION.c.revision,
        earlier.c.entry <= state.began_entry,
        ~exists().where(
            between.c.did == earlier.c.did,
            between.c.revision >= earlier.c.revision,
            between.c.revision < REVISION.c.revision,
            _reaches_somebody(between),
        ),
    )
    reached = exists().where(
        between.c.did == REVISION.c.did,
        between.c.revision < REVISION.c.revision,
        _reaches_somebody(between),
    )
    found = set[str]()
    for start in range(0, len(read), _AT_ONCE):
        query = select(REVISION.c.did).where(
            or_(began_before, ~reached), key.in_(read[start : start + _AT_ONCE])
        )
        found.update(connection.execute(query).scalars())
    return found


def _reaches_somebody(revision: FromClause) -> ColumnElement[bool]:
    return and_(
        func.coalesce(revision.c.route_mode, "") != REJECT,
        func.coalesce(revision.c.application_id, revision.c.destination).is_not(None),
    )


def _retired(connection: Connection) -> list[str]:
    return list(connection.execute(text(_RETIRED)).scalars())


def _changed_rows(
    connection: Connection, entry: int, since: int, among: Collection[str] | None
) -> list[ReadRow[Any]]:
    """Return what began behind the journal's `entry`."""
    values = {"entry": entry, "since": since - _SLACK_US, "named": int(among is not None)}
    rows = connection.execute(text(_CHANGED), values)
    return [row for row in rows if among is None or row.did in among]


def _changed(row: ReadRow[Any]) -> Changed:
    before = Routing(row.application_before, row.mode_before, row.destination_before)
    after = Routing(row.application_id, row.route_mode, row.destination)
    broke = after.reaches_nobody if after.reaches_nobody != before.reaches_nobody else None
    return Changed(row.did, row.number, row.revision, row.capture, broke)


def _is_no_news(row: ReadRow[Any], volatile: frozenset[str]) -> bool:
    """Return whether the revision differs from the one before in nothing but a destination that was
    unknown until then, and in fields that another machine's settings count."""
    bodies = row.body_before, row.body
    if not row.is_same_routing or not all(map(is_json_object, bodies)):
        return False
    before, after = (canonical_json(comparable(parse_json(body), volatile)) for body in bodies)
    return before == after
