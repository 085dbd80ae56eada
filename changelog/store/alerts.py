"""What a watch has told and has still to tell: the rounds, the alerts, their deliveries."""

import json
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, Select, and_, exists, func, or_, select

from changelog.model.text.times import from_micros, to_micros
from changelog.model.watch_rules import (
    WHOLE,
    Alert,
    AlertState,
    Changed,
    Failing,
    Observation,
    Recovered,
    Round,
    shortened,
    troubles,
)
from changelog.store.capture.batch import LATE
from changelog.store.tables import (
    ALERT,
    ALERT_DELIVERY,
    CAPTURE,
    DID,
    PROBLEM,
    REVISION,
    SNAPSHOT,
    TROUBLE,
    VERDICT,
    WATCH_ROUND,
)
from changelog.store.transaction import Row, Transaction, Transactions

_SLACK = timedelta(hours=1)
"""By how much a revision may be older than the round before it and yet have been stored after."""
MOST_IN_A_ROW = 100
_LATER = TROUBLE.alias("later")
_VERDICT = (
    select(VERDICT.c.verdict)
    .where(VERDICT.c.did == REVISION.c.did, VERDICT.c.verdict.in_(("retired", "returned")))
    .order_by(VERDICT.c.at.desc())
    .limit(1)
    .scalar_subquery()
)


class AlertLog:
    """The alerts of one watch. An alert is stored before it is told, and each telling after."""

    def __init__(
        self,
        transactions: Transactions,
        watch: str,
        turn: Callable[[], AbstractContextManager[bool]],
    ) -> None:
        self._transactions = transactions
        self._watch = watch
        self.turn = turn

    def begin(self) -> None:
        """The watch begins, unless it has begun before: what is in the log by now is no news."""

        def write(transaction: Transaction) -> None:
            if _newest_round(transaction.connection, self._watch) is None:
                row = {"capture": None, "requested": 0, "read": 0, "stopped": None}
                transaction.add(WATCH_ROUND, {"watch": self._watch, "at": transaction.at, **row})

        self._transactions.run(write)

    def judge(
        self,
        ended: Round,
        decide: Callable[[AlertState, Observation], list[Alert]],
        channels: Sequence[str],
        *,
        failing: Mapping[str, str | None],
        among: Collection[str] | None,
    ) -> list[Alert]:
        """Store the round that ended, with the alerts that `decide` finds due."""

        def write(transaction: Transaction) -> list[Alert]:
            found = _Findings(transaction.connection, self._watch)
            told = found.told()
            seen = Observation(
                ended,
                found.changed(among),
                found.failing(failing, told.dids),
                found.back(told.dids),
            )
            self._add_round(transaction, ended, found.mark)
            return self._add_alerts(transaction, decide(told, seen), channels)

        return self._transactions.run(write)

    def _add_round(self, transaction: Transaction, ended: Round, mark: RowMapping) -> None:
        transaction.add(
            WATCH_ROUND,
            {
                "watch": self._watch,
                "at": max(to_micros(ended.at), mark["at"] + 1),
                "capture": ended.capture,
                "requested": ended.requested,
                "read": ended.read,
                "stopped": ended.stopped,
            },
        )

    def _add_alerts(
        self, transaction: Transaction, alerts: Iterable[Alert], channels: Sequence[str]
    ) -> list[Alert]:
        highest = transaction.connection.execute(select(func.max(ALERT.c.id))).scalar() or 0
        stored = []
        for number, alert in enumerate(alerts, start=highest + 1):
            transaction.add(ALERT, self._row(number, alert, channels))
            for did in troubles(alert):
                transaction.add(
                    TROUBLE,
                    {"watch": self._watch, "did": did, "alert": number, "kind": alert.subject},
                )
            stored.append(alert)
        return stored

    def _row(self, number: int, alert: Alert, channels: Sequence[str]) -> Row:
        told = shortened(alert)
        return {
            "id": number,
            "at": to_micros(told.at),
            "watch": self._watch,
            "kind": told.kind,
            "what": told.what,
            "did": told.did,
            "number": told.number,
            "revision": told.revision,
            "capture": told.capture,
            "count": told.count,
            "dids": json.dumps(told.dids) if told.dids else None,
            "since": None if told.since is None else to_micros(told.since),
            "in_a_row": told.in_a_row,
            "status": told.status,
            "code": told.code,
            "message": told.message,
            "channels": " ".join(channels),
        }

    def pending(self, since: datetime, *, limit: int) -> list[Alert]:
        """The alerts from `since` on that are still to be told, oldest first."""

        def look(connection: Connection) -> list[Alert]:
            query = self._pending(since).order_by(ALERT.c.id).limit(limit)
            rows = connection.execute(query).mappings().all()
            return [_alert(row, _delivered(connection, row["id"])) for row in rows]

        return self._transactions.ask(look)

    def pending_count(self, since: datetime) -> int:
        query = select(func.count()).select_from(self._pending(since).subquery())
        return self._transactions.ask(lambda connection: connection.execute(query).scalar() or 0)

    def _pending(self, since: datetime) -> "Select[tuple[object, ...]]":
        deliveries = (
            select(func.count())
            .where(ALERT_DELIVERY.c.alert == ALERT.c.id)
            .correlate(ALERT)
            .scalar_subquery()
        )
        spaces = func.length(ALERT.c.channels) - func.length(
            func.replace(ALERT.c.channels, " ", "")
        )
        return select(ALERT).where(
            ALERT.c.watch == self._watch,
            ALERT.c.at >= to_micros(since),
            deliveries <= spaces,
        )

    def last_read(self) -> datetime | None:
        """When a round of this watch read something last."""
        at = self._transactions.ask(lambda connection: _last_read(connection, self._watch))
        return None if at is None else from_micros(at)

    def told(self, alert: Alert, channel: str, outcome: str) -> None:
        """The alert was told on the channel. Saying so twice changes nothing."""

        def write(transaction: Transaction) -> None:
            if channel not in _delivered(transaction.connection, alert.id):
                transaction.add(
                    ALERT_DELIVERY,
                    {
                        "alert": alert.id,
                        "channel": channel,
                        "at": transaction.at,
                        "outcome": outcome,
                    },
                )

        self._transactions.run(write)


class _Findings:
    """What the log holds since the newest round of a watch, the mark."""

    def __init__(self, connection: Connection, watch: str) -> None:
        self._connection = connection
        self._watch = watch
        self._outages_since = sys.maxsize
        self._outage_captures: set[int | None] = set()
        mark = _newest_round(connection, watch)
        if mark is None:
            raise RuntimeError("a watch begins before its first round")
        self.mark = mark

    def told(self) -> AlertState:
        whole = frozenset(kind for did, kind in self._open() if did == WHOLE)
        dids = frozenset(did for did, _ in self._open() if did != WHOLE)
        at = _last_read(self._connection, self._watch)
        return AlertState(dids, whole, self._outages(), from_micros(at or self._began_at()))

    def _open(self) -> list[tuple[str, str]]:
        """(did, kind) of each trouble that was told, and no recovery since."""
        recovered = exists().where(
            _LATER.c.watch == TROUBLE.c.watch,
            _LATER.c.did == TROUBLE.c.did,
            _LATER.c.alert > TROUBLE.c.alert,
            _LATER.c.kind == "recovered",
        )
        rows = self._connection.execute(
            select(TROUBLE.c.did, TROUBLE.c.kind)
            .where(TROUBLE.c.watch == self._watch, TROUBLE.c.kind != "recovered")
            .where(~recovered)
        )
        return [(row.did, row.kind) for row in rows]

    def _began_at(self) -> int:
        query = select(func.min(WATCH_ROUND.c.at)).where(WATCH_ROUND.c.watch == self._watch)
        return int(self._connection.execute(query).scalar_one())

    def _outages(self) -> int:
        """How many of the newest rounds in a row were an outage."""
        mine = WATCH_ROUND.c.watch == self._watch
        last = self._connection.execute(
            select(WATCH_ROUND.c.at)
            .where(mine, or_(WATCH_ROUND.c.read > 0, WATCH_ROUND.c.stopped.is_(None)))
            .order_by(WATCH_ROUND.c.at.desc())
            .limit(1)
        ).scalar()
        since = select(func.count()).where(mine, WATCH_ROUND.c.at > (last or 0))
        return self._connection.execute(since).scalar() or 0

    def changed(self, among: Collection[str] | None) -> list[Changed]:
        """The revisions that followed another one, whoever recorded them; an import is history."""
        query = (
            select(REVISION.c.did, REVISION.c.number, REVISION.c.revision, REVISION.c.capture)
            .join(CAPTURE, CAPTURE.c.id == REVISION.c.capture)
            .where(
                REVISION.c.first_seen_at >= self.mark["at"] - _SLACK // timedelta(microseconds=1),
                REVISION.c.entry > self.mark["entry"],
                REVISION.c.revision > 1,
                CAPTURE.c.command != "import",
            )
            .order_by(REVISION.c.first_seen_at, REVISION.c.did, REVISION.c.revision)
        )
        if among is None:
            query = query.where(func.coalesce(_VERDICT, "returned") != "retired")
        return [
            Changed(row.did, row.number, row.revision, row.capture)
            for row in self._connection.execute(query)
            if among is None or row.did in among
        ]

    def failing(self, dids: Mapping[str, str | None], told: Collection[str]) -> list[Failing]:
        """How each of the `dids` fails; those that were `told` of are left out.

        What an outage answered counts for none of them: the last one may end in the middle of a
        round, and is told of the watch as a whole.
        """
        found = []
        for did in sorted(dids.keys() - set(told)):
            rows = self._without_outages(self._newest(did, MOST_IN_A_ROW))
            readable = (place for place, row in enumerate(rows) if row["code"] is None)
            bad = rows[: next(readable, len(rows))]
            if bad:
                found.append(
                    Failing(
                        did,
                        dids[did],
                        len(bad),
                        from_micros(bad[-1]["received_at"]),
                        bad[0]["status"],
                        bad[0]["code"],
                        bad[0]["message"],
                    )
                )
        return found

    def _without_outages(self, rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
        if len(rows) < 2 or rows[1]["code"] is None:
            # The newest alone is of this round, which was none.
            return rows
        since = rows[-1]["received_at"]
        if since < self._outages_since:
            self._outages_since = since
            self._outage_captures = set(
                self._connection.execute(
                    select(WATCH_ROUND.c.capture).where(
                        WATCH_ROUND.c.watch == self._watch,
                        WATCH_ROUND.c.at >= since,
                        WATCH_ROUND.c.read == 0,
                        WATCH_ROUND.c.stopped.is_not(None),
                    )
                ).scalars()
            )
        return [row for row in rows if row["capture"] not in self._outage_captures]

    def back(self, told: Iterable[str]) -> list[Recovered]:
        """Those of the DIDs whose newest answer is readable."""
        return [
            Recovered(did, self._number(did))
            for did in sorted(told)
            if any(row["code"] is None for row in self._newest(did, 1))
        ]

    def _newest(self, did: str, limit: int) -> Sequence[RowMapping]:
        """The newest snapshots; an answer that came late says nothing of now."""
        late = and_(PROBLEM.c.code == LATE, PROBLEM.c.status.is_(None))
        query = (
            select(
                SNAPSHOT.c.received_at,
                SNAPSHOT.c.capture,
                PROBLEM.c.status,
                PROBLEM.c.code,
                PROBLEM.c.message,
            )
            .outerjoin(PROBLEM, PROBLEM.c.digest == SNAPSHOT.c.problem)
            .where(SNAPSHOT.c.did == did)
            .where(or_(SNAPSHOT.c.problem.is_(None), ~late))
            .order_by(SNAPSHOT.c.received_at.desc())
            .limit(limit)
        )
        return self._connection.execute(query).mappings().all()

    def _number(self, did: str) -> str | None:
        query = (
            select(REVISION.c.number)
            .join(DID, DID.c.did == REVISION.c.did)
            .where(REVISION.c.did == did)
            .order_by(REVISION.c.revision.desc())
            .limit(1)
        )
        number: str | None = self._connection.execute(query).scalar()
        return number


def _newest_round(connection: Connection, watch: str) -> RowMapping | None:
    query = (
        select(WATCH_ROUND.c.at, WATCH_ROUND.c.entry)
        .where(WATCH_ROUND.c.watch == watch)
        .order_by(WATCH_ROUND.c.at.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def _last_read(connection: Connection, watch: str) -> int | None:
    query = (
        select(WATCH_ROUND.c.at)
        .where(WATCH_ROUND.c.watch == watch, WATCH_ROUND.c.read > 0)
        .order_by(WATCH_ROUND.c.at.desc())
        .limit(1)
    )
    at: int | None = connection.execute(query).scalar()
    return at


def _delivered(connection: Connection, alert: int) -> set[str]:
    query = select(ALERT_DELIVERY.c.channel).where(ALERT_DELIVERY.c.alert == alert)
    return set(connection.execute(query).scalars())


def _alert(row: RowMapping, delivered: set[str]) -> Alert:
    return Alert(
        id=row["id"],
        kind=row["kind"],
        at=from_micros(row["at"]),
        what=row["what"],
        did=row["did"],
        number=row["number"],
        revision=row["revision"],
        capture=row["capture"],
        count=row["count"],
        dids=tuple(json.loads(row["dids"])) if row["dids"] else (),
        since=None if row["since"] is None else from_micros(row["since"]),
        in_a_row=row["in_a_row"],
        status=row["status"],
        code=row["code"],
        message=row["message"],
        channels=tuple(name for name in row["channels"].split() if name not in delivered),
    )
