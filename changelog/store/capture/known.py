"""What the log knows of the DIDs of a batch while the batch is being stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import BindParameter, Connection, RowMapping, bindparam, text

from changelog.model.answers import Answer
from changelog.model.recording import LatestRevision
from changelog.model.routing import Numbered, Routing
from changelog.model.text.times import from_micros, to_micros

_CHUNK = 500
"""DIDs a query: below the number of parameters that either database takes."""
_REVISION = """
    r.revision, r.routing, r.number, r.application_id, r.route_mode, r.destination,
    r.destination_source, r.first_seen_at, CAST(r.body AS TEXT) AS body
"""
_DIDS: BindParameter[str] = bindparam("dids", expanding=True)
# From the table of DIDs on, so that on both databases each is two steps into a primary key.
_LATEST = text(f"""
    SELECT d.did, {_REVISION}, s.received_at AS newest_at, s.entry AS newest_entry
    FROM did d
    JOIN revision r ON r.did = d.did AND r.revision =
      (SELECT max(higher.revision) FROM revision higher WHERE higher.did = d.did)
    JOIN snapshot s ON s.did = d.did AND s.received_at =
      (SELECT max(later.received_at) FROM snapshot later WHERE later.did = d.did)
    WHERE d.did IN :dids
""").bindparams(_DIDS)  # noqa: S608 -- own texts
_NEWEST = text("""
    SELECT s.did, s.received_at, s.entry FROM snapshot s WHERE s.did IN :dids AND s.received_at =
      (SELECT max(later.received_at) FROM snapshot later WHERE later.did = s.did)
""").bindparams(_DIDS)
_IN_FORCE = text(f"""
    SELECT {_REVISION} FROM revision r WHERE r.did = :did AND r.first_seen_at <= :received
    ORDER BY r.revision DESC LIMIT 1
""")  # noqa: S608 -- own texts
_BEGUN_AFTER = text(f"""
    SELECT {_REVISION} FROM revision r WHERE r.did = :did AND r.first_seen_at > :received
    ORDER BY r.revision LIMIT 1
""")  # noqa: S608 -- own texts
_READ_LAST = text("""
    SELECT s.received_at, s.entry, coalesce(s.key, c.key, '') AS key,
           coalesce(c.api_url, '') AS address
    FROM snapshot s JOIN capture c ON c.id = s.capture
    WHERE s.did = :did AND s.revision IS NOT NULL ORDER BY s.received_at DESC LIMIT 1
""")
_TAKEN = text("SELECT 1 FROM snapshot WHERE did = :did AND received_at = :received")
_NUMBER = text("SELECT 1 FROM did_number WHERE number = :number AND did = :did")
_ROUTINGS = text("""
    SELECT application_id, route_mode, destination, routing FROM revision
    WHERE did = :did ORDER BY revision
""")
_RETIREMENTS = text("""
    SELECT did, revision, routing, verdict FROM verdict
    WHERE did IN :dids AND verdict IN ('retired', 'returned') ORDER BY at
""").bindparams(_DIDS)


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
    given = {"did": answer.did, "received": to_micros(answer.received_at)}
    for query in (_IN_FORCE, _BEGUN_AFTER):
        row = connection.execute(query, given).mappings().first()
        if row is not None:
            yield _latest(row)


def newest_readable(connection: Connection, did: str | None) -> tuple[int, int] | None:
    """Return when the DID was read last, and the entry of that snapshot."""
    row = connection.execute(_READ_LAST, {"did": did}).first()
    return None if row is None else (row.received_at, row.entry)


def key_read_last(connection: Connection, did: str | None, key: str, address: str) -> bool:
    """Return whether that key read the DID last, at that address of the API."""
    row = connection.execute(_READ_LAST, {"did": did}).first()
    return row is not None and (row.key, row.address) == (key, address)


def is_taken(connection: Connection, did: str, received: int) -> bool:
    """Return whether the DID has a snapshot of that very time."""
    return connection.execute(_TAKEN, {"did": did, "received": received}).first() is not None


def has_had(connection: Connection, did: str, number: str) -> bool:
    """Return whether the DID was seen with that number."""
    return connection.execute(_NUMBER, {"did": did, "number": number}).first() is not None


def routings_of(connection: Connection, did: str) -> list[Numbered]:
    """Return the routings that a DID has had, oldest first."""
    rows = connection.execute(_ROUTINGS, {"did": did})
    return [Numbered(Routing(row[0], row[1], row[2]), row[3]) for row in rows]


def newest_retirements(connection: Connection, dids: Sequence[str]) -> list[RowMapping]:
    """Return, of each of these DIDs that was ever retired, the newest verdict on that."""
    newest: dict[str, RowMapping] = {}
    for start in range(0, len(dids), _CHUNK):
        chunk = {"dids": dids[start : start + _CHUNK]}
        newest.update(
            {row["did"]: row for row in connection.execute(_RETIREMENTS, chunk).mappings()}
        )
    return list(newest.values())
