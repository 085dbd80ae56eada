"""What the log knows of the DIDs of a batch while the batch is being stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, select

from changelog.model.answers import Answer
from changelog.model.recording import LatestRevision
from changelog.model.routing import ROUTING_FIELDS, Numbered, Routing
from changelog.model.text.times import from_micros, to_micros
from changelog.store.schema.tables import CAPTURE, DID, DID_NUMBER, REVISION, SNAPSHOT, VERDICT

_CHUNK = 500
"""DIDs a query: below the number of parameters that either database takes."""
_MORE = SNAPSHOT.alias("more")
_NEWEST_AT = (
    select(func.max(_MORE.c.received_at)).where(_MORE.c.did == SNAPSHOT.c.did).scalar_subquery()
)
_NEWEST = select(SNAPSHOT.c.did, SNAPSHOT.c.received_at, SNAPSHOT.c.entry).where(
    SNAPSHOT.c.did.in_(bindparam("dids", expanding=True)), SNAPSHOT.c.received_at == _NEWEST_AT
)
# From the table of DIDs on, so that on both databases each is two steps into a primary key.
_HIGHER = REVISION.alias("higher")
_HIGHEST = select(func.max(_HIGHER.c.revision)).where(_HIGHER.c.did == DID.c.did).scalar_subquery()
_LATER = SNAPSHOT.alias("later")
_LATEST_AT = select(func.max(_LATER.c.received_at)).where(_LATER.c.did == DID.c.did)
_LATEST = (
    select(
        REVISION,
        SNAPSHOT.c.received_at.label("newest_at"),
        SNAPSHOT.c.entry.label("newest_entry"),
    )
    .select_from(DID)
    .join(REVISION, and_(REVISION.c.did == DID.c.did, REVISION.c.revision == _HIGHEST))
    .join(
        SNAPSHOT,
        and_(
            SNAPSHOT.c.did == DID.c.did,
            SNAPSHOT.c.received_at == _LATEST_AT.scalar_subquery(),
        ),
    )
    .where(DID.c.did.in_(bindparam("dids", expanding=True)))
)
_ROUTINGS = (
    select(*(REVISION.c[name] for name in (*ROUTING_FIELDS, "routing")))
    .where(REVISION.c.did == bindparam("of"))
    .order_by(REVISION.c.revision)
)
_NUMBER = select(DID_NUMBER.c.did).where(
    DID_NUMBER.c.number == bindparam("number"), DID_NUMBER.c.did == bindparam("of")
)


@dataclass(slots=True)
class DidState:
    """One DID, as the log has it and as this batch goes on.

    `times`: of the snapshots that this transaction adds. `routings`: all that it has had, oldest
    first; read when a revision begins. `numbers`: those that this transaction has met.
    """

    latest: LatestRevision | None = None
    latest_routing: int | None = None
    number: str | None = None
    newest_at: int | None = None
    newest_entry: int = 0
    times: set[int] = field(default_factory=set)
    routings: list[Numbered] | None = None
    numbers: set[str] = field(default_factory=set)


def load_states(connection: Connection, dids: Sequence[str]) -> dict[str, DidState]:
    """Return the latest revision and the newest snapshot of each of these DIDs.

    One row a DID: each row is a moment in which the threads that fetch may take the interpreter.
    """
    states = {did: DidState() for did in dids}
    for start in range(0, len(dids), _CHUNK):
        chunk = dids[start : start + _CHUNK]
        for row in connection.execute(_LATEST, {"dids": chunk}).mappings().all():
            state = states[row["did"]]
            state.latest = _latest(row)
            state.latest_routing = row["routing"]
            state.number = row["number"]
            state.newest_at, state.newest_entry = row["newest_at"], row["newest_entry"]
        unread = [did for did in chunk if states[did].latest is None]
        if unread:
            for did, at, entry in connection.execute(_NEWEST, {"dids": unread}).all():
                states[did].newest_at, states[did].newest_entry = at, entry
    return states


def _latest(row: RowMapping) -> LatestRevision:
    return LatestRevision(
        row["revision"],
        row["body"],
        Routing(row["application_id"], row["route_mode"], row["destination"]),
        row["destination_source"],
        from_micros(row["first_seen_at"]),
    )


def revisions_around(connection: Connection, answer: Answer) -> Iterator[LatestRevision]:
    """Yield the revision in force when `answer` was received, and the one that began after it."""
    received = to_micros(answer.received_at)
    began, number = REVISION.c.first_seen_at, REVISION.c.revision
    for where, order in ((began <= received, number.desc()), (began > received, number)):
        query = select(REVISION).where(REVISION.c.did == answer.did, where)
        row = connection.execute(query.order_by(order).limit(1)).mappings().first()
        if row is not None:
            yield _latest(row)


def newest_readable(connection: Connection, did: str | None) -> tuple[int, int] | None:
    """Return when the DID was read last, and the entry of that snapshot."""
    row = connection.execute(
        select(SNAPSHOT.c.received_at, SNAPSHOT.c.entry)
        .where(SNAPSHOT.c.did == did, SNAPSHOT.c.revision.is_not(None))
        .order_by(SNAPSHOT.c.received_at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.received_at, row.entry)


def key_read_last(connection: Connection, did: str | None, key: str, address: str) -> bool:
    """Return whether that key read the DID last, at that address of the API."""
    query = (
        select(
            func.coalesce(SNAPSHOT.c.key, CAPTURE.c.key, ""),
            func.coalesce(CAPTURE.c.api_url, ""),
        )
        .join(CAPTURE, CAPTURE.c.id == SNAPSHOT.c.capture)
        .where(SNAPSHOT.c.did == did, SNAPSHOT.c.revision.is_not(None))
        .order_by(SNAPSHOT.c.received_at.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return row is not None and tuple(row) == (key, address)


def is_taken(connection: Connection, did: str, received: int) -> bool:
    """Return whether the DID has a snapshot of that very time."""
    query = select(SNAPSHOT.c.did).where(SNAPSHOT.c.did == did, SNAPSHOT.c.received_at == received)
    return connection.execute(query).first() is not None


def has_had(connection: Connection, did: str, number: str) -> bool:
    """Return whether the DID was seen with that number."""
    return connection.execute(_NUMBER, {"of": did, "number": number}).first() is not None


def routings_of(connection: Connection, did: str) -> list[Numbered]:
    """Return the routings that a DID has had, oldest first."""
    rows = connection.execute(_ROUTINGS, {"of": did})
    return [Numbered(Routing(row[0], row[1], row[2]), row[3]) for row in rows]


def newest_retirements(connection: Connection, dids: Sequence[str]) -> list[RowMapping]:
    """Return, of each of these DIDs that was ever retired, the newest verdict on that."""
    newest: dict[str, RowMapping] = {}
    kinds = VERDICT.c.verdict.in_(("retired", "returned"))
    for start in range(0, len(dids), _CHUNK):
        chunk = dids[start : start + _CHUNK]
        query = select(VERDICT).where(VERDICT.c.did.in_(chunk), kinds).order_by(VERDICT.c.at)
        newest.update({row["did"]: row for row in connection.execute(query).mappings()})
    return list(newest.values())
