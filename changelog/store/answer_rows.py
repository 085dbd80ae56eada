"""What a batch of answers becomes: for each the rows of a snapshot and, if need be, a revision."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from changelog.model.answers import Answer, Problem
from changelog.model.did_ref import LONGEST_ID
from changelog.model.diff import diff_states, fields_to_compare, is_derived
from changelog.model.recording import (
    Comparison,
    Destinations,
    LatestRevision,
    OpenCapture,
    Outcome,
    hides_did,
    next_number,
    read_answer,
)
from changelog.model.routing import Numbered, Routing
from changelog.model.seen_then import LATE
from changelog.model.text.json_body import ALWAYS_VOLATILE, is_json_object, storable_text
from changelog.model.text.times import from_micros, to_micros
from changelog.store.capture_rows import (
    DidState,
    add_applications,
    add_capture,
    add_tag,
    end_retirement,
    load_states,
    read_last,
    revisions_around,
    routings_of,
)
from changelog.store.journal.entry import text_digest
from changelog.store.schema.rows import SHAPES
from changelog.store.schema.tables import DID, DID_NUMBER, PROBLEM, REVISION, SNAPSHOT
from changelog.store.transaction import Row, Transaction

_CLOCK_TOLERANCE = timedelta(seconds=1)
_LARGEST_PROBLEM_BODY = 64 * 1024


class Batch:
    """Decides for each answer of a batch what it becomes, and adds the rows that say so.

    It belongs to one attempt at one transaction. `capture` is what is so of the capture once that
    is committed.
    """

    def __init__(
        self,
        transaction: Transaction,
        capture: OpenCapture,
        destinations: Destinations,
        volatile: frozenset[str],
    ) -> None:
        self._transaction = transaction
        self.capture = capture
        self._last_received = capture.last_received
        self._destinations = destinations
        self._volatile = volatile
        self._problems: set[bytes] = set()

    def store(self, answers: Sequence[Answer]) -> list[Outcome]:
        transaction = self._transaction
        if not self.capture.info.id:
            self.capture = add_capture(transaction, self.capture, answers)
        self.capture = add_applications(transaction, self.capture, self._destinations, answers)
        names = {answer.did or answer.requested for answer in answers}
        states = load_states(transaction.connection, sorted(names))
        outcomes = []
        for answer in answers:
            state = states.setdefault(answer.did or answer.requested, DidState())
            outcomes.append(
                self._readable(answer, state)
                if answer.problem is None
                else self._unreadable(answer, answer.problem, state)
            )
        if any(outcome.outcome != "unreadable" for outcome in outcomes):
            self.capture = add_tag(transaction, self.capture)
            self.capture = end_retirement(transaction, self.capture, outcomes)
        self.capture = replace(self.capture, last_received=self._last_received)
        return outcomes

    def _unreadable(self, answer: Answer, problem: Problem, state: DidState) -> Outcome:
        hidden = 1 if answer.not_found and self._is_hidden_by(answer) else None
        self._add_look(answer, state, problem=self._add_problem(problem), hidden=hidden)
        revision = state.latest.revision if state.latest else None
        number = _number_of(answer) or state.number
        return Outcome.of(answer, "unreadable", number, revision)

    def _is_hidden_by(self, answer: Answer) -> bool:
        asked_by = answer.key or self.capture.key or "", self.capture.info.api_url or ""
        last = read_last(self._transaction.connection, answer.did)
        return hides_did(answer, asked_by, (last.key, last.api_url) if last else None)

    def _readable(self, answer: Answer, state: DidState) -> Outcome:
        state.latest = _sound(state.latest, answer)
        comparison = read_answer(answer, state.latest, self._destinations, self._volatile)
        if self._is_late(answer, state):
            return self._late(answer, state)
        if comparison.same_as_latest and state.latest is not None:
            revision = state.latest.revision
            self._add_look(answer, state, revision=revision)
            return _seen_again(answer, revision, comparison)
        return self._new_revision(answer, state, comparison)

    def _is_late(self, answer: Answer, state: DidState) -> bool:
        """Return whether a newer answer came into the log while this one was on its way.

        What the log held already when the capture began cannot be newer, whatever the clocks say.
        """
        if state.latest is None or state.newest_at is None:
            return False
        received = to_micros(answer.received_at)
        precedes = answer.received_at < state.latest.first_seen_at
        if received > state.newest_at and not precedes:
            return False
        newest = read_last(self._transaction.connection, answer.did)
        if newest is None or newest.received_at < received:
            return False
        return self.capture.past or newest.entry > self.capture.baseline

    def _late(self, answer: Answer, state: DidState) -> Outcome:
        """Add one more look at the revision in force then, or at the one that began right after,
        if it equals that; else a problem that keeps the answer whole."""
        for near in revisions_around(self._transaction.connection, answer):
            sound = _sound(near, answer)
            if sound is None:
                continue
            comparison = read_answer(answer, sound, self._destinations, self._volatile)
            if comparison.same_as_latest:
                self._add_look(answer, state, revision=sound.revision)
                return _seen_again(answer, sound.revision, comparison, late=True)
        shown = (
            storable_text(answer.fields.get(name)) for name in ("application_id", "route_mode")
        )
        why = f"received before a newer answer; begins no revision: {Routing(*shown).in_words}"
        kept = Problem(LATE, why, None, answer.body.encode())
        self._add_look(answer, state, problem=self._add_problem(kept))
        revision = state.latest.revision if state.latest else None
        number = _number_of(answer)
        return Outcome.of(answer, "unchanged", number, revision, late=True, kept_aside=True)

    def _new_revision(self, answer: Answer, state: DidState, comparison: Comparison) -> Outcome:
        transaction, before = self._transaction, state.latest
        did = answer.did or answer.requested
        if state.routings is None:
            state.routings = routings_of(transaction.connection, did) if before else []
        revision, routing = next_number(comparison, state.routings)
        received = self._stamp(answer, state)
        if before is None:
            transaction.add(DID, {"did": did})
        number = storable_text(answer.fields.get("number_e164"))
        self._add_number(did, number, state)
        transaction.add(SNAPSHOT, self._snapshot(answer, received, revision=revision))
        transaction.add(
            REVISION,
            {
                "did": did,
                "revision": revision,
                "routing": routing,
                "number": number,
                "application_id": comparison.routing.application_id,
                "route_mode": comparison.routing.route_mode,
                "destination": comparison.routing.destination,
                "destination_source": comparison.destination_source,
                "status": storable_text(answer.fields.get("status")),
                "first_seen_at": received,
                "capture": self.capture.info.id,
                "body": answer.body,
            },
        )
        moved = routing != state.latest_routing
        state.routings.append(Numbered(comparison.routing, routing))
        state.number, state.latest_routing = number, routing
        state.latest = LatestRevision(
            revision,
            answer.body,
            comparison.routing,
            comparison.destination_source,
            from_micros(received),
        )
        if before is None:
            return Outcome.of(answer, "new", number, revision, comparison.routing)
        changes = diff_states(
            *fields_to_compare(before.body, before.routing, answer.body, comparison.routing),
            moved=moved,
            derived=is_derived(before.destination_source, comparison.destination_source),
            ignored=ALWAYS_VOLATILE | self._volatile,
        )
        return Outcome.of(answer, "changed", number, revision, comparison.routing, changes)

    def _add_number(self, did: str, number: str | None, state: DidState) -> None:
        """Keep a number that the DID was not seen with before."""
        if number is None or number == state.number or len(number) > LONGEST_ID:
            return
        key = {"number": number, "did": did}
        if state.latest is None or not self._transaction.has(DID_NUMBER, **key):
            self._transaction.add(DID_NUMBER, key)

    def _add_problem(self, problem: Problem) -> bytes:
        """Keep why an answer could not be read, once for all equal ones. Returns its digest."""
        late = problem.code == LATE
        row: Row = {
            "status": problem.status,
            "code": storable_text(problem.code) or "",
            "message": storable_text(problem.message) or "",
            # A late answer is kept whole: it is readable, and no larger than any other body.
            "body": problem.body if late else problem.body[:_LARGEST_PROBLEM_BODY],
        }
        shape = SHAPES[PROBLEM.name]
        digest = text_digest(shape.text(shape.values(row)).encode())
        if digest not in self._problems:
            self._problems.add(digest)
            if not self._transaction.has(PROBLEM, digest=digest):
                self._transaction.add(PROBLEM, {"digest": digest, **row})
        return digest

    def _add_look(
        self,
        answer: Answer,
        state: DidState,
        *,
        revision: int | None = None,
        problem: bytes | None = None,
        hidden: int | None = None,
    ) -> None:
        """Add a snapshot that begins no revision."""
        received = self._stamp(answer, state)
        self._transaction.add_look(
            self._snapshot(answer, received, revision=revision, problem=problem, hidden=hidden)
        )

    def _snapshot(self, answer: Answer, received: int, **columns: int | bytes | None) -> Row:
        return {
            "did": answer.did or answer.requested,
            "received_at": received,
            "capture": self.capture.info.id,
            "key": answer.key if answer.key != self.capture.key else None,
            **columns,
        }

    def _stamp(self, answer: Answer, state: DidState) -> int:
        """Return when the snapshot was received or, where clocks disagree, just after the newest
        one; it is the newest from now on."""
        received = self._received(answer, state)
        state.times.add(received)
        at = from_micros(received)
        self._last_received = max(self._last_received or at, at)
        if state.newest_at is None or received >= state.newest_at:
            state.newest_at, state.newest_entry = received, self._transaction.entry
        return received

    def _received(self, answer: Answer, state: DidState) -> int:
        received, capture = to_micros(answer.received_at), self.capture
        if not capture.past:
            # A clock set back meanwhile must not put an answer before its own capture.
            received = max(received, to_micros(capture.info.started_at))
        if state.newest_at is None or received > state.newest_at:
            return received
        if not capture.past and state.newest_entry <= capture.baseline:
            behind = timedelta(microseconds=state.newest_at - received)
            if behind > _CLOCK_TOLERANCE:
                self.capture = capture.remarked(
                    "this machine's clock is behind the log; times were moved after what was"
                    " recorded before"
                )
            return state.newest_at + 1
        did = answer.did or answer.requested
        while received in state.times or self._transaction.has(
            SNAPSHOT, did=did, received_at=received
        ):
            received += 1
        return received


def _sound(latest: LatestRevision | None, answer: Answer) -> LatestRevision | None:
    """Return the revision without its body, if somebody made something else of that: what is read
    next is not the same."""
    if latest is None or latest.body is None or latest.body == answer.body:
        return latest
    return latest if is_json_object(latest.body) else replace(latest, body=None)


def _seen_again(
    answer: Answer, revision: int, comparison: Comparison, *, late: bool = False
) -> Outcome:
    number = _number_of(answer)
    return Outcome.of(answer, "unchanged", number, revision, comparison.routing, late=late)


def _number_of(answer: Answer) -> str | None:
    if answer.problem is None:
        return storable_text(answer.fields.get("number_e164"))
    return answer.requested if answer.requested.startswith("+") else None
