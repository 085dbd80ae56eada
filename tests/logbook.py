"""A log filled by hand: what was seen, judged and heard, at times that the test chooses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from changelog.model.answers import Answer, Applications, Problem
from changelog.model.history import CaptureInfo, EvidenceResult, History, Revision
from changelog.model.recording import (
    ConfirmedReturn,
    Destinations,
    OpenCapture,
    Outcome,
    Selection,
    Unfinished,
)
from changelog.model.test_calls import StoredCall
from changelog.store.annotations import evidence_row
from changelog.store.engine import make_engine
from changelog.store.location import Location, PostgresLocation
from changelog.store.reader import LogReader
from changelog.store.reading.drivers import PostgresDriver
from changelog.store.schema.tables import EVIDENCE
from changelog.store.transaction import Transactions
from changelog.store.writer import LogWriter
from tests.program import migrate

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DID = "did_1"
NUMBER = "+15551230001"


class Logbook:
    """A log at `location`, made and migrated; its clock moves a minute with each look at it."""

    def __init__(self, location: Location) -> None:
        self.location = location
        migrate(location)
        self.engine = make_engine(location)
        self.now = START
        self.transactions = Transactions(self.engine, location, self.clock)
        self.writer = LogWriter(self.transactions)
        self._asked: _KeptDriver | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()
        if self._asked is not None:
            self._asked.close()

    def clock(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def capture(
        self,
        *,
        key: str | None = "key-1",
        by_name: bool = True,
        past: bool = False,
        selection: Selection | None = None,
        answer_urls: Mapping[str, str] | None = None,
        names: Mapping[str, str] | None = None,
        applications: Applications | None = None,
        **info: Any,
    ) -> "RunningCapture":
        started = CaptureInfo(id=0, started_at=self.clock(), recorded_by="olga", **info)
        opened = self.writer.start(
            started, key=key, by_name=by_name, past=past, selection=selection
        )
        if answer_urls is not None:
            applications = Applications(answer_urls, names=names or {})
        return RunningCapture(self.writer, opened, applications)

    def resume(self, unfinished: Unfinished) -> "RunningCapture":
        return RunningCapture(self.writer, self.writer.resume(unfinished))

    def see(
        self,
        application_id: str | None = "app_a",
        route_mode: str | None = "webhook",
        destination: str | None = None,
        *,
        did: str = DID,
        at: datetime | None = None,
        key: str | None = None,
        capture: "RunningCapture | None" = None,
        **fields: Any,
    ) -> Outcome:
        """Store a readable answer."""
        body = {
            "id": did,
            "number_e164": NUMBER,
            "application_id": application_id,
            "route_mode": route_mode,
            "status": "active",
            **fields,
        }
        answer = Answer(
            requested=did,
            did=did,
            body=json.dumps(body),
            fields=body,
            received_at=at or self.clock(),
            key=key,
        )
        return self._store(answer, Destinations(stated=destination), capture)

    def miss(
        self,
        status: int | str,
        *,
        did: str = DID,
        key: str | None = None,
        capture: "RunningCapture | None" = None,
    ) -> Outcome:
        """Store an unreadable answer: an HTTP status, or a word such as "timeout"."""
        code = {"404": "not_found", "401": "unauthorized"}.get(f"{status}", f"{status}")
        problem = Problem(code, "no", status if isinstance(status, int) else None, b"{}")
        at = self.clock()
        answer = Answer(requested=did, did=did, problem=problem, received_at=at, key=key)
        return self._store(answer, Destinations(), capture)

    def judge(self, verdict: Any, revision: int, *, did: str = DID) -> None:
        self.writer.add_verdict(self.revision(revision, did), verdict, "because", "olga")

    def hear(
        self,
        result: EvidenceResult,
        revision: int,
        *,
        did: str = DID,
        at: datetime | None = None,
    ) -> None:
        """Link a test call to `revision`, whichever was current."""
        at, meant = at or self.clock(), self.revision(revision, did)
        kept = StoredCall(
            f"call_{did}_{at.isoformat()}",
            "call.completed",
            did,
            at,
            revision,
            meant.routing_number,
            result,
        )
        self.transactions.run(
            lambda transaction: transaction.add(EVIDENCE, evidence_row(kept, "{}", "olga"))
        )

    def verify(self, revision: int, *, did: str = DID) -> None:
        """Store what ``verify --to`` writes when the live routing matched."""
        history = self.history(did)
        named, returned = history.revisions[revision - 1], history.stay_start(history.latest)
        if named.revision < returned.revision:
            capture = self.capture()
            self.see_again(did, capture)
            confirmed = ConfirmedReturn(
                did, named.revision, returned.revision, named.routing_number
            )
            self.writer.add_confirmations(capture.opened, [confirmed])
            capture.close()

    def see_again(self, did: str, capture: "RunningCapture") -> None:
        latest = self.history(did).latest
        answer = Answer(
            requested=did,
            did=did,
            body=latest.body,
            fields=json.loads(latest.body),
            received_at=self.clock(),
        )
        self._store(answer, Destinations(), capture)

    def revision(self, revision: int, did: str = DID) -> Revision:
        return self.history(did).revisions[revision - 1]

    def history(self, did: str = DID) -> History:
        with self.reader() as reader:
            history = reader.history(did)
            for one in history.revisions:
                # Read while the log is open.
                assert one.body
                assert one.capture
            return history

    def reader(self) -> "OpenReader":
        """Open a reader; on a server all of them share a connection, as long as it holds."""
        if not isinstance(self.location, PostgresLocation):
            return OpenReader(self.location)
        if self._asked is None or not self._asked.is_open:
            self._asked = _KeptDriver(self.location)
        return OpenReader(self.location, driver=self._asked, keeps_driver=True)

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return what a plain ``sqlite3`` or ``psql`` would answer."""
        with self.reader() as reader:
            return [dict(row) for row in reader._rows(query, **parameters)]

    def _store(
        self, answer: Answer, destinations: Destinations, capture: "RunningCapture | None"
    ) -> Outcome:
        own = capture or self.capture()
        (outcome,) = own.store([answer], destinations)
        if capture is None:
            own.close()
        return outcome


class RunningCapture:
    """A capture under way: what a transaction returns takes the place of what was before."""

    def __init__(
        self,
        writer: LogWriter,
        opened: OpenCapture,
        applications: Applications | None = None,
    ) -> None:
        self._writer = writer
        self._applications = applications
        self.opened = opened

    @property
    def info(self) -> CaptureInfo:
        return self.opened.info

    def store(
        self, answers: Sequence[Answer], destinations: Destinations | None = None
    ) -> list[Outcome]:
        known = destinations or Destinations()
        if self._applications is not None:
            known = replace(known, applications=self._applications)
        self.opened, outcomes = self._writer.store(self.opened, answers, known)
        return outcomes

    def close(self, *, unread: int = 0) -> datetime:
        return self._writer.close(self.opened, unread=unread)


class _KeptDriver(PostgresDriver):
    @property
    def is_open(self) -> bool:
        return not self._connection.closed


class OpenReader(LogReader):
    def __init__(self, location: Location, *, keeps_driver: bool = False, **given: Any) -> None:
        super().__init__(location, **given)
        self._keeps_driver = keeps_driver

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._keeps_driver:
            self.close()
