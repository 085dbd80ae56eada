"""The only way to write to the log: captures with their answers, and what people say of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Table

from changelog.model.answers import Answer
from changelog.model.history import CaptureInfo, Revision, VerdictKind
from changelog.model.recording import (
    ConfirmedReturn,
    Destinations,
    OpenCapture,
    Outcome,
    Selection,
    Unfinished,
)
from changelog.model.test_calls import Call, LinkResult
from changelog.model.text.times import from_micros, to_micros
from changelog.store.alerts import AlertLog
from changelog.store.annotations import (
    just_after,
    link_calls,
    require_free,
    require_writes,
    tag_row,
)
from changelog.store.answer_rows import Batch
from changelog.store.location import SqliteLocation, translated
from changelog.store.schema.tables import (
    CAPTURE_END,
    CAPTURE_NOTE,
    CONFIRMATION,
    NOTE,
    TAG,
    VERDICT,
)
from changelog.store.transaction import (
    Transaction,
    Transactions,
    highest,
    in_parts,
    newest_head,
    spelled_size,
)


class LogWriter:
    """Writes to the log: each call is a transaction of its own, or several."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    # Captures

    def start(
        self,
        info: CaptureInfo,
        *,
        key: str | None,
        by_name: bool,
        past: bool = False,
        selection: Selection | None = None,
    ) -> OpenCapture:
        """Start a capture. Nothing is stored before its first answers are.

        `past`: the answers were received before it began (``import``).
        Raises UsageError if its tag is taken.
        """
        head = self._newest_entry(info.tag)
        return OpenCapture(info, head, key=key, by_name=by_name, past=past, selection=selection)

    def resume(self, unfinished: Unfinished, tag: str | None = None) -> OpenCapture:
        """Go on with a capture that was interrupted: its number, note and tag stay.

        `tag`: the name that one gets that has read nothing yet, and so has none.
        Raises UsageError if that is taken.
        """
        tagged = unfinished.has_read
        free = None if tagged else tag
        return OpenCapture(
            unfinished.info if tagged else replace(unfinished.info, tag=free),
            self._newest_entry(free),
            key=unfinished.key,
            by_name=not unfinished.selection.every,
            selection=unfinished.selection,
            tagged=tagged,
        )

    def rebase(self, capture: OpenCapture) -> OpenCapture:
        """Return the capture with the newest entry as its baseline: what it reads next is newer."""
        return replace(capture, baseline=self._newest_entry())

    def _newest_entry(self, free_tag: str | None = None) -> int:
        """Return its number, 0 for none. Raises UsageError if `free_tag` is taken."""

        def read(connection: Connection) -> int:
            if free_tag is not None:
                require_free(connection, free_tag)
            return newest_head(connection).n

        return self._transactions.ask(read)

    def store(
        self,
        capture: OpenCapture,
        answers: Sequence[Answer],
        destinations: Destinations,
        volatile: frozenset[str] = frozenset(),
    ) -> tuple[OpenCapture, list[Outcome]]:
        """Store answers of one capture in one transaction, committed when this returns: in
        several ones, should they not fit into one entry of the journal.

        Return the capture as it is then, and what became of each answer.
        """
        outcomes: list[Outcome] = []
        for some in in_parts(answers, _answer_size):
            capture, stored = self._store(capture, some, destinations, volatile)
            outcomes.extend(stored)
        return capture, outcomes

    def _store(
        self,
        capture: OpenCapture,
        answers: Sequence[Answer],
        destinations: Destinations,
        volatile: frozenset[str],
    ) -> tuple[OpenCapture, list[Outcome]]:
        def attempt(transaction: Transaction) -> tuple[OpenCapture, list[Outcome]]:
            # Each attempt starts from what is stored, whatever the one before had come to.
            batch = Batch(transaction, capture, destinations, volatile)
            outcomes = batch.store(answers)
            return batch.capture, outcomes

        return self._transactions.run(attempt)

    def close(self, capture: OpenCapture, *, unread: int = 0) -> datetime:
        """Say that the capture ended by itself, and how many of its DIDs were left `unread`.

        A capture that stored nothing leaves nothing.
        """
        finished = max(self._transactions.clock(), capture.last_received or capture.info.started_at)
        if not capture.info.id:
            return finished

        def write(transaction: Transaction) -> datetime:
            # One that is resumed has ended before: a clock set back must not end it earlier.
            ends = CAPTURE_END.c.finished_at
            last = highest(transaction.connection, ends, capture=capture.info.id)
            at = max(to_micros(finished), last + 1)
            row = {
                "capture": capture.info.id,
                "finished_at": at,
                "remarks": json.dumps(capture.remarks) if capture.remarks else None,
                "unread": unread or None,
            }
            transaction.add(CAPTURE_END, row)
            return from_micros(at)

        return self._transactions.run(write)

    def alerts(self, watch: str) -> AlertLog:
        """Return the state and the alerts of the watch of that name."""
        return AlertLog(self._transactions, watch)

    # What people say

    def add_note(self, revision: Revision, text: str, author: str) -> datetime:
        return self._say(NOTE, revision, author=author, text=text)

    def add_verdict(
        self, revision: Revision, verdict: VerdictKind, reason: str, author: str
    ) -> datetime:
        routing = revision.routing_number
        return self._say(
            VERDICT, revision, routing=routing, verdict=verdict, reason=reason, author=author
        )

    def _say(self, table: Table, revision: Revision, **columns: Any) -> datetime:
        def write(transaction: Transaction) -> datetime:
            at = just_after(transaction, table, revision.did)
            row = {"did": revision.did, "revision": revision.revision, "at": at, **columns}
            transaction.add(table, row)
            return from_micros(at)

        return self._transactions.run(write)

    def add_capture_note(self, capture: int, text: str, author: str) -> datetime:
        def write(transaction: Transaction) -> datetime:
            last = highest(transaction.connection, CAPTURE_NOTE.c.at, capture=capture)
            at = max(transaction.at, last + 1)
            row = {"capture": capture, "at": at, "author": author, "text": text}
            transaction.add(CAPTURE_NOTE, row)
            return from_micros(at)

        return self._transactions.run(write)

    def add_confirmations(self, capture: OpenCapture, returns: Sequence[ConfirmedReturn]) -> int:
        """Say which routings are live again, in one transaction. Returns how many are news."""

        def write(transaction: Transaction) -> int:
            return sum(_add_confirmation(transaction, capture, returned) for returned in returns)

        return self._transactions.run(write)

    def link_calls(self, calls: Sequence[Call], author: str) -> list[LinkResult]:
        """Link test calls to the revisions that they reached, in few transactions."""
        results: list[LinkResult] = []
        for some in in_parts(calls, lambda call: spelled_size(call.webhook.body)):
            write = partial(link_calls, calls=some, author=author)
            results.extend(self._transactions.run(write))
        return results

    def require_writable(self) -> None:
        """Raise DatabaseError where nothing could be stored now; nothing is stored."""
        self._transactions.run(lambda transaction: require_writes(transaction.connection))
        location = self._transactions.location
        if isinstance(location, SqliteLocation):
            with translated(location):
                location.require_room()

    def release(self) -> None:
        """Close the file of a SQLite log until the next transaction: see ``Transactions``."""
        self._transactions.release()

    def add_tag(self, name: str, at: datetime, author: str, capture: int | None = None) -> None:
        """Name a moment, or a capture. Raises UsageError if the name is taken."""

        def write(transaction: Transaction) -> None:
            require_free(transaction.connection, name)
            transaction.add(TAG, tag_row(name, to_micros(at), capture, author, transaction.at))

        self._transactions.run(write)


def _answer_size(answer: Answer) -> int:
    """Return about the bytes of an answer's rows: a column may repeat what the body says."""
    problem = len(answer.problem.body) if answer.problem else 0
    return 2 * (spelled_size(answer.body) + problem)


def _add_confirmation(
    transaction: Transaction, capture: OpenCapture, returned: ConfirmedReturn
) -> bool:
    """Add it. Return False if it was said before."""
    key = {"did": returned.did, "revision": returned.revision, "returned": returned.returned}
    if transaction.has(CONFIRMATION, **key):
        return False
    transaction.add(
        CONFIRMATION,
        {
            **key,
            "routing": returned.routing_number,
            "at": just_after(transaction, CONFIRMATION, returned.did),
            "capture": capture.info.id,
        },
    )
    return True
