"""What a batch of answers becomes: for each the rows of a snapshot and, if need be, a revision."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, select

from changelog import __version__
from changelog.model import exits
from changelog.model.answers import Answer, Problem
from changelog.model.did_ref import LONGEST_ID
from changelog.model.diff import diff_states, is_derived
from changelog.model.history import fields_to_compare
from changelog.model.log_format.journal import Value, row_digest
from changelog.model.recording import (
    Comparison,
    Destinations,
    LatestRevision,
    OpenCapture,
    Outcome,
    next_number,
    read_answer,
)
from changelog.model.routing import ROUTING_FIELDS, Numbered, Routing
from changelog.model.text.json_body import canonical_json, storable_text
from changelog.model.text.times import from_micros, to_micros
from changelog.store.annotations import just_after, tag_row
from changelog.store.packing import BrokenBody, unpack_body
from changelog.store.transaction import (
    APPLICATION,
    CAPTURE,
    DID,
    DID_NUMBER,
    PROBLEM,
    REVISION,
    SELECTION,
    SNAPSHOT,
    TAG,
    VERDICT,
    Transaction,
    packed_with,
)

_CLOCK_TOLERANCE = timedelta(seconds=1)
_CHUNK = 500
"""DIDs a query: below the number of parameters that either database takes."""
_LARGEST_PROBLEM_BODY = 64 * 1024
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
LATE = "late"
"""The code of an answer that was readable and came too late to begin a revision."""


@dataclass(slots=True)
class _State:
    """What the log knows of one DID while a batch is being stored."""

    latest: LatestRevision | None = None
    latest_routing: int | None = None
    number: str | None = None
    newest_at: int | None = None
    newest_entry: int = 0
    times: set[int] = field(default_factory=set)
    """Of the snapshots that this transaction adds."""
    routings: list[Numbered] | None = None
    """All that it has had, oldest first; read when a revision begins."""
    numbers: set[str] = field(default_factory=set)
    """Those that this transaction has met."""


class Batch:
    """Decides for each answer of a batch what it becomes, and adds the rows that say so.

    `capture` is what is so of the capture once the transaction is committed.
    """

    def __init__(
        self, capture: OpenCapture, destinations: Destinations, volatile: frozenset[str]
    ) -> None:
        self.capture = capture
        self._last_received = capture.last_received
        self._destinations = destinations
        self._volatile = volatile

    def store(self, transaction: Transaction, answers: Sequence[Answer]) -> list[Outcome]:
        if not self.capture.info.id:
            self._add_capture(transaction, answers)
        urls = self._destinations.answer_urls
        if urls and urls != self.capture.stored_urls:
            self._add_applications(transaction, urls)
        names = {answer.did or answer.requested for answer in answers}
        states = _load_states(transaction.connection, sorted(names))
        known_problems: set[bytes] = set()
        stored = []
        for answer in answers:
            state = states.setdefault(answer.did or answer.requested, _State())
            if answer.problem is not None:
                stored.append(
                    self._unreadable(transaction, answer, answer.problem, state, known_problems)
                )
            else:
                stored.append(self._readable(transaction, answer, state, known_problems))
        if any(one.outcome != "unreadable" for one in stored):
            self._add_tag(transaction)
            self._end_retirement(transaction, stored)
        self.capture = replace(self.capture, last_received=self._last_received)
        return stored

    def _add_capture(self, transaction: Transaction, answers: Sequence[Answer]) -> None:
        highest = transaction.connection.execute(select(func.max(CAPTURE.c.id))).scalar() or 0
        info = replace(self.capture.info, id=highest + 1)
        self.capture = replace(self.capture, info=info)
        first = min([info.started_at, *(answer.received_at for answer in answers)])
        transaction.add(
            CAPTURE,
            {
                "id": info.id,
                "command": info.command,
                "started_at": to_micros(info.started_at),
                "reads_from": to_micros(first if self.capture.past else info.started_at),
                "recorded_by": info.recorded_by,
                "changed_by": info.changed_by,
                "note": info.note,
                "ticket": info.ticket,
                "api_url": info.api_url,
                "key": self.capture.key,
                "tool_version": __version__,
                "selection": self._add_selection(transaction),
            },
        )

    def _add_selection(self, transaction: Transaction) -> bytes | None:
        """Keep what the capture was told to read, once for all that were told the same."""
        chosen = self.capture.selection
        if chosen is None:
            return None
        stored = select(SELECTION.c.every).where(SELECTION.c.digest == chosen.digest)
        if transaction.connection.execute(stored).first() is None:
            transaction.add(
                SELECTION,
                {
                    "digest": chosen.digest,
                    "every": int(chosen.every),
                    "shard": str(chosen.shard) if chosen.shard else None,
                    "names": zlib.compress(canonical_json(chosen.names).encode())
                    if chosen.names
                    else None,
                },
            )
        return chosen.digest

    def _add_applications(self, transaction: Transaction, urls: Mapping[str, str]) -> None:
        """Keep each ``answer_url`` that is not what was seen last."""
        self.capture = replace(self.capture, stored_urls=urls)
        newest = (
            select(APPLICATION.c.application_id, func.max(APPLICATION.c.seen_at).label("seen_at"))
            .group_by(APPLICATION.c.application_id)
            .subquery()
        )
        query = select(
            APPLICATION.c.application_id, APPLICATION.c.seen_at, APPLICATION.c.answer_url
        ).join(
            newest,
            and_(
                APPLICATION.c.application_id == newest.c.application_id,
                APPLICATION.c.seen_at == newest.c.seen_at,
            ),
        )
        known = {row.application_id: row for row in transaction.connection.execute(query)}
        for application_id, url in urls.items():
            name = storable_text(application_id) or ""
            if len(name) > LONGEST_ID:
                continue
            before = known.get(name)
            if before is None or before.answer_url != storable_text(url):
                transaction.add(
                    APPLICATION,
                    {
                        "application_id": name,
                        "seen_at": max(transaction.at, before.seen_at + 1 if before else 0),
                        "answer_url": storable_text(url),
                        "capture": self.capture.info.id,
                    },
                )

    def _add_tag(self, transaction: Transaction) -> None:
        info = self.capture.info
        if info.tag is None or self.capture.tagged:
            return
        self.capture = replace(self.capture, tagged=True)
        taken = transaction.connection.execute(select(TAG.c.name).where(TAG.c.name == info.tag))
        if taken.first():
            taken_meanwhile = f"the tag {info.tag} was taken meanwhile; this capture has none"
            self.capture = replace(
                self.capture.remarked(taken_meanwhile),
                conditions=self.capture.conditions | {exits.TAG_TAKEN},
            )
            return
        transaction.add(
            TAG,
            tag_row(
                info.tag, to_micros(info.started_at), info.id, info.recorded_by, transaction.at
            ),
        )

    def _end_retirement(self, transaction: Transaction, stored: Iterable[Outcome]) -> None:
        """A retired DID that was named and could be read takes part in ``--all`` again."""
        if not self.capture.by_name:
            return
        read = sorted({one.did for one in stored if one.did and one.outcome != "unreadable"})
        for newest in _newest_retirements(transaction.connection, read):
            if newest["verdict"] == "retired":
                transaction.add(
                    VERDICT,
                    {
                        "did": newest["did"],
                        "at": just_after(transaction, VERDICT, newest["did"]),
                        "revision": newest["revision"],
                        "routing": newest["routing"],
                        "verdict": "returned",
                        "reason": "recorded by name and readable again",
                        "author": self.capture.info.recorded_by,
                    },
                )

    # One answer

    def _unreadable(
        self,
        transaction: Transaction,
        answer: Answer,
        problem: Problem,
        state: _State,
        known: set[bytes],
    ) -> Outcome:
        hidden = answer.not_found and self._key_had_read(transaction.connection, answer)
        self._add_snapshot(
            transaction,
            answer,
            state,
            problem=_add_problem(transaction, problem, known),
            hidden=1 if hidden else None,
        )
        latest = state.latest
        number = _number_of(answer) or state.number
        return Outcome.of(answer, "unreadable", number, latest.revision if latest else None)

    def _key_had_read(self, connection: Connection, answer: Answer) -> bool:
        """Only a key that had read a DID, at the same address, says by a 404 that it is gone."""
        reader = func.coalesce(SNAPSHOT.c.key, CAPTURE.c.key, "")
        key = answer.key or self.capture.key or ""
        address = func.coalesce(CAPTURE.c.api_url, "")
        found = connection.execute(
            select(SNAPSHOT.c.did)
            .join(CAPTURE, CAPTURE.c.id == SNAPSHOT.c.capture)
            .where(SNAPSHOT.c.did == answer.did, SNAPSHOT.c.revision.is_not(None))
            .where(reader == key, address == (self.capture.info.api_url or ""))
            .limit(1)
        )
        return found.first() is not None

    def _readable(
        self, transaction: Transaction, answer: Answer, state: _State, known: set[bytes]
    ) -> Outcome:
        reading = read_answer(answer, state.latest, self._destinations, self._volatile)
        if self._is_late(transaction.connection, answer, state):
            return self._late(transaction, answer, state, known)
        if reading.same_as_latest and state.latest is not None:
            self._add_snapshot(transaction, answer, state, revision=state.latest.revision)
            return _seen_again(answer, state.latest.revision, reading)
        return self._new_revision(transaction, answer, state, reading)

    def _is_late(self, connection: Connection, answer: Answer, state: _State) -> bool:
        """Received before an answer that came into the log while this one was on its way.

        What the log held already when the capture began cannot be newer, whatever the clocks say.
        """
        if state.latest is None or state.newest_at is None:
            return False
        received = to_micros(answer.received_at)
        if received > state.newest_at and not _precedes(answer, state.latest):
            return False
        newest = connection.execute(
            select(SNAPSHOT.c.received_at, SNAPSHOT.c.entry)
            .where(SNAPSHOT.c.did == answer.did, SNAPSHOT.c.revision.is_not(None))
            .order_by(SNAPSHOT.c.received_at.desc())
            .limit(1)
        ).first()
        if newest is None or newest.received_at < received:
            return False
        return self.capture.past or newest.entry > self.capture.baseline

    def _late(
        self, transaction: Transaction, answer: Answer, state: _State, known: set[bytes]
    ) -> Outcome:
        """One more snapshot of the revision in force then, if it equals that; else kept aside."""
        in_force = _revision_at(transaction.connection, answer)
        if in_force is not None:
            reading = read_answer(answer, in_force, self._destinations, self._volatile)
            if reading.same_as_latest:
                self._add_snapshot(transaction, answer, state, revision=in_force.revision)
                return _seen_again(answer, in_force.revision, reading, late=True)
        kept = Problem(
            LATE,
            "received before a newer answer; kept, begins no revision",
            None,
            answer.body.encode(),
        )
        problem = _add_problem(transaction, kept, known)
        self._add_snapshot(transaction, answer, state, problem=problem)
        revision = state.latest.revision if state.latest else None
        number = _number_of(answer)
        return Outcome.of(answer, "unchanged", number, revision, late=True, kept_aside=True)

    def _new_revision(
        self, transaction: Transaction, answer: Answer, state: _State, reading: Comparison
    ) -> Outcome:
        did = answer.did or answer.requested
        before = state.latest
        if state.routings is None:
            known = before is not None
            state.routings = _numbered(transaction.connection, did) if known else []
        earlier = state.routings
        revision, routing = next_number(reading, earlier)
        received = self._add_snapshot(transaction, answer, state, revision=revision)
        number = storable_text(answer.fields.get("number_e164"))
        if before is None:
            transaction.add(DID, {"did": did})
        if number is not None and number != state.number and len(number) <= LONGEST_ID:
            if number not in state.numbers and (
                before is None or not _has_had(transaction.connection, did, number)
            ):
                transaction.add(DID_NUMBER, {"number": number, "did": did})
            state.numbers.add(number)
        row: dict[str, Value] = {
            "did": did,
            "revision": revision,
            "routing": routing,
            "number": number,
            "application_id": reading.routing.application_id,
            "route_mode": reading.routing.route_mode,
            "destination": reading.routing.destination,
            "destination_source": reading.destination_source,
            "status": storable_text(answer.fields.get("status")),
            "first_seen_at": received,
            "capture": self.capture.info.id,
            "body": answer.body,
        }
        transaction.add(REVISION, {**row, "digest": row_digest("revision", row)})
        earlier.append(Numbered(reading.routing, routing))
        moved = routing != state.latest_routing
        state.number = number
        state.latest = LatestRevision(
            revision,
            answer.body,
            reading.routing,
            reading.destination_source,
            from_micros(received),
        )
        state.latest_routing = routing
        if before is None:
            return Outcome.of(answer, "new", number, revision, reading.routing)
        changes = diff_states(
            *fields_to_compare(before.body, before.routing, answer.body, reading.routing),
            moved=moved,
            derived=is_derived(before.destination_source, reading.destination_source),
        )
        return Outcome.of(answer, "changed", number, revision, reading.routing, changes)

    def _add_snapshot(
        self,
        transaction: Transaction,
        answer: Answer,
        state: _State,
        *,
        revision: int | None = None,
        problem: bytes | None = None,
        hidden: int | None = None,
    ) -> int:
        """Add the snapshot: when received or, where clocks disagree, just after the newest."""
        received = self._stamp(answer, state, transaction)
        state.times.add(received)
        at = from_micros(received)
        self._last_received = max(self._last_received or at, at)
        key = answer.key if answer.key != self.capture.key else None
        transaction.add(
            SNAPSHOT,
            {
                "did": answer.did or answer.requested,
                "received_at": received,
                "capture": self.capture.info.id,
                "revision": revision,
                "problem": problem,
                "hidden": hidden,
                "key": key,
            },
        )
        if state.newest_at is None or received >= state.newest_at:
            state.newest_at, state.newest_entry = received, transaction.entry
        return received

    def _stamp(self, answer: Answer, state: _State, transaction: Transaction) -> int:
        received = to_micros(answer.received_at)
        if not self.capture.past:
            # A clock set back meanwhile must not put an answer before its own capture.
            received = max(received, to_micros(self.capture.info.started_at))
        if state.newest_at is None or received > state.newest_at:
            return received
        if not self.capture.past and state.newest_entry <= self.capture.baseline:
            behind = timedelta(microseconds=state.newest_at - received)
            if behind > _CLOCK_TOLERANCE:
                self.capture = self.capture.remarked(
                    "this machine's clock is behind the log; times were moved after what was"
                    " recorded before"
                )
            return state.newest_at + 1
        return _free_time(transaction, answer.did or answer.requested, received, state.times)


def _seen_again(
    answer: Answer, revision: int, reading: Comparison, *, late: bool = False
) -> Outcome:
    number = _number_of(answer)
    return Outcome.of(answer, "unchanged", number, revision, reading.routing, late=late)


def _precedes(answer: Answer, latest: LatestRevision) -> bool:
    return answer.received_at < latest.first_seen_at


def _number_of(answer: Answer) -> str | None:
    if answer.problem is None:
        return storable_text(answer.fields.get("number_e164"))
    return answer.requested if answer.requested.startswith("+") else None


def _free_time(transaction: Transaction, did: str, received: int, taken: set[int]) -> int:
    """The first microsecond from `received` on at which the DID has no snapshot."""
    while (
        received in taken
        or transaction.connection.execute(
            select(SNAPSHOT.c.did).where(SNAPSHOT.c.did == did, SNAPSHOT.c.received_at == received)
        ).first()
    ):
        received += 1
    return received


def _add_problem(transaction: Transaction, problem: Problem, known: set[bytes]) -> bytes:
    row: dict[str, Value] = {
        "status": problem.status,
        "code": storable_text(problem.code) or "",
        "message": storable_text(problem.message) or "",
        # A late answer is kept whole: it is readable, and no larger than any other body.
        "body": problem.body if problem.code == LATE else problem.body[:_LARGEST_PROBLEM_BODY],
    }
    digest = row_digest("problem", row)
    if digest not in known:
        known.add(digest)
        stored = select(PROBLEM.c.code).where(PROBLEM.c.digest == digest)
        if transaction.connection.execute(stored).first() is None:
            transaction.add(PROBLEM, {"digest": digest, **row})
    return digest


def _load_states(connection: Connection, dids: Sequence[str]) -> dict[str, _State]:
    """The latest revision and the newest snapshot of each of these DIDs.

    One row a DID: each row is a moment in which the threads that fetch may take the interpreter.
    """
    states = {did: _State() for did in dids}
    for start in range(0, len(dids), _CHUNK):
        chunk = dids[start : start + _CHUNK]
        for row in connection.execute(_LATEST, {"dids": chunk}).mappings().all():
            state = states[row["did"]]
            state.latest = _known(row)
            state.latest_routing = row["routing"]
            state.number = row["number"]
            state.newest_at, state.newest_entry = row["newest_at"], row["newest_entry"]
        unread = [did for did in chunk if states[did].latest is None]
        if unread:
            for did, at, entry in connection.execute(_NEWEST, {"dids": unread}).all():
                states[did].newest_at, states[did].newest_entry = at, entry
    return states


def _newest_retirements(connection: Connection, dids: Sequence[str]) -> list[RowMapping]:
    """Of each of these DIDs that was ever retired, the newest verdict on that."""
    newest: dict[str, RowMapping] = {}
    kinds = VERDICT.c.verdict.in_(("retired", "returned"))
    for start in range(0, len(dids), _CHUNK):
        chunk = dids[start : start + _CHUNK]
        query = select(VERDICT).where(VERDICT.c.did.in_(chunk), kinds).order_by(VERDICT.c.at)
        newest.update({row["did"]: row for row in connection.execute(query).mappings()})
    return list(newest.values())


def _known(row: RowMapping) -> LatestRevision:
    try:
        body = unpack_body(bytes(row["body"]), packed_with(row))
    except BrokenBody:
        body = None
    return LatestRevision(
        row["revision"],
        body,
        Routing(row["application_id"], row["route_mode"], row["destination"]),
        row["destination_source"],
        from_micros(row["first_seen_at"]),
    )


def _revision_at(connection: Connection, answer: Answer) -> LatestRevision | None:
    """The revision in force when `answer` was received."""
    row = (
        connection.execute(
            select(REVISION)
            .where(
                REVISION.c.did == answer.did,
                REVISION.c.first_seen_at <= to_micros(answer.received_at),
            )
            .order_by(REVISION.c.revision.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return _known(row) if row else None


def _has_had(connection: Connection, did: str, number: str) -> bool:
    return connection.execute(_NUMBER, {"of": did, "number": number}).first() is not None


def _numbered(connection: Connection, did: str) -> list[Numbered]:
    """The routings that a DID has had, oldest first."""
    stored = connection.execute(_ROUTINGS, {"of": did})
    return [Numbered(Routing(row[0], row[1], row[2]), row[3]) for row in stored]
