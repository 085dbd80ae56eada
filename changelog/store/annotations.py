"""Rows of what people and test calls say of the log, and when: verdicts, tags and evidence."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, text

from changelog.model import exits
from changelog.model.errors import DatabaseReadOnly, UsageError
from changelog.model.routing import Routing
from changelog.model.test_calls import Call, LinkResult, NumberOwner, StoredCall, link
from changelog.model.text.times import from_micros, to_micros
from changelog.store.reading import queries
from changelog.store.reading.values import as_of
from changelog.store.schema.tables import CONFIRMATION, EVIDENCE, TAG, VERDICT
from changelog.store.transaction import Row, Transaction, has_row, highest


def just_after(transaction: Transaction, table: Table, did: str) -> int:
    """Return now, or just after what was last said of the DID if this machine's clock is behind."""
    tables = {table, VERDICT, CONFIRMATION}
    newest = max(highest(transaction.connection, said.c.at, did=did) for said in tables)
    return max(transaction.at, newest + 1)


def tag_row(name: str, at: int, capture: int | None, author: str, now: int) -> Row:
    return {"name": name, "at": at, "capture": capture, "author": author, "created_at": now}


def require_free(connection: Connection, name: str) -> None:
    if has_row(connection, TAG, name=name):
        raise UsageError(
            f"the tag {name!r} exists already, and a tag never moves",
            "Choose another name; nothing was fetched.",
            exits.TAG_TAKEN,
        )


def link_calls(transaction: Transaction, calls: Sequence[Call], author: str) -> list[LinkResult]:
    """Link each call to a revision; those before it in `calls` count as stored."""
    known = _KnownCalls(transaction.connection)
    results = []
    for call in calls:
        linked = link(call, known.stored(call.webhook.call), known)
        if linked.outcome == "stored" and linked.stored is not None:
            transaction.add(EVIDENCE, evidence_row(linked.stored, call.webhook.body, author))
            known.add(linked.stored)
        results.append(linked)
    return results


def evidence_row(stored: StoredCall, body: str, author: str) -> Row:
    row = stored._asdict()
    row["at"] = to_micros(stored.at)
    row["routing"] = row.pop("routing_number")
    return {**row, "body": body, "author": author}


def require_writes(connection: Connection) -> None:
    """Raise DatabaseReadOnly on a server that takes none. On SQLite, this transaction has begun as
    a writer: what is left to ask is whether there is room (``SqliteLocation.require_room``)."""
    if connection.dialect.name == "postgresql":
        asked = connection.execute(text("SHOW transaction_read_only")).scalar()
        if asked == "on":
            raise DatabaseReadOnly(
                "the database is a replica or read-only", "Name the server that takes writes."
            )


class _KnownCalls:
    """What is stored of the calls of one transaction, with what it is about to store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stored: dict[str, list[StoredCall]] = {}

    def stored(self, call: str | None) -> list[StoredCall]:
        if call is None:
            return []
        if call not in self._stored:
            rows = self._rows(queries.EVIDENCE_OF_CALL, call=call)
            self._stored[call] = [_stored_call(call, row) for row in rows]
        return self._stored[call]

    def add(self, stored: StoredCall) -> None:
        self.stored(stored.call).append(stored)

    def carriers_at(self, number: str, moment: datetime) -> list[NumberOwner]:
        rows = self._rows(queries.CARRIERS_AT, number=number, **as_of(moment))
        return [_carrier(row) for row in rows]

    def changes(self, number: str, first: datetime, last: datetime) -> list[datetime]:
        period = {"first": to_micros(first), "last": to_micros(last)}
        rows = self._rows(queries.CHANGES_OF_NUMBER, number=number, **period)
        return [from_micros(row["first_seen_us"]) for row in rows]

    def _rows(self, query: str, **parameters: object) -> Sequence[RowMapping]:
        return self._connection.execute(text(query), parameters).mappings().all()


def _stored_call(call: str, row: RowMapping) -> StoredCall:
    at = from_micros(row["at_us"])
    link = row["revision"], row["routing"], row["result"]
    return StoredCall(call, row["event"], row["did"], at, *link)


def _carrier(row: RowMapping) -> NumberOwner:
    if row["revision"] is None:
        return NumberOwner(row["did"])
    return NumberOwner(
        row["did"],
        row["revision"],
        row["number"],
        Routing(row["application_id"], row["route_mode"], row["destination"]),
        row["routing"],
        row["seen_us"] or 0,
    )
