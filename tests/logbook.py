"""A log filled by hand: what was seen, judged and heard, at times that the test chooses."""

import json
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from changelog.model.answers import Answer, Problem
from changelog.model.history import CaptureInfo, EvidenceResult, History, Revision
from changelog.model.recording import ConfirmedReturn, Destinations, OpenCapture, Stored
from changelog.model.test_calls import StoredCall
from changelog.store.engine import make_engine
from changelog.store.location import Location, SqliteLocation
from changelog.store.reader import LogReader
from changelog.store.schema import upgrade
from changelog.store.test_calls import evidence_row
from changelog.store.transaction import EVIDENCE
from changelog.store.writer import LogWriter

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DID = "did_1"
NUMBER = "+15551230001"


class Logbook:
    """A log at `location`, made and migrated; its clock moves a minute with each look at it."""

    def __init__(self, location: Location) -> None:
        self.location = location
        if isinstance(location, SqliteLocation):
            location.prepare()
        self.engine = make_engine(location)
        upgrade(self.engine, location)
        self.now = START
        self.writer = LogWriter(self.engine, location, self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.engine.dispose()

    def clock(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def capture(self, *, key: str = "key-1", by_name: bool = True, **info: Any) -> OpenCapture:
        started = CaptureInfo(id=0, started_at=self.clock(), recorded_by="olga", **info)
        return self.writer.begin(started, key=key, by_name=by_name)

    def see(
        self,
        application_id: str | None = "app_a",
        route_mode: str | None = "webhook",
        destination: str | None = None,
        *,
        did: str = DID,
        at: datetime | None = None,
        capture: OpenCapture | None = None,
        answer_url: str | None = None,
        **fields: Any,
    ) -> Stored:
        """A readable answer is stored. `answer_url`: what ``/applications`` says beside it."""
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
        )
        urls = {application_id: answer_url} if application_id and answer_url else None
        return self._store(answer, Destinations(answer_urls=urls, stated=destination), capture)

    def miss(
        self, status: int | str, *, did: str = DID, capture: OpenCapture | None = None
    ) -> Stored:
        """An unreadable answer is stored: an HTTP status, or a word such as "timeout"."""
        code = {"404": "not_found", "401": "unauthorized"}.get(f"{status}", f"{status}")
        problem = Problem(code, "no", status if isinstance(status, int) else None, b"{}")
        answer = Answer(requested=did, did=did, problem=problem, received_at=self.clock())
        return self._store(answer, Destinations(), capture)

    def judge(self, verdict: Any, revision: int, *, did: str = DID) -> None:
        self.writer.add_verdict(self.revision(revision, did), verdict, "because", "olga")

    def hear(self, result: EvidenceResult, revision: int, *, did: str = DID) -> None:
        """A test call is tied to `revision`, whichever was current."""
        at, meant = self.clock(), self.revision(revision, did)
        kept = StoredCall(
            f"call_{at.isoformat()}",
            "call.completed",
            did,
            at,
            revision,
            meant.routing_number,
            result,
        )
        self.writer._transactions.run(
            lambda transaction: transaction.add(EVIDENCE, evidence_row(kept, "{}", "olga"))
        )

    def verify(self, revision: int, *, did: str = DID) -> None:
        """What ``verify --to`` writes when the live routing matched."""
        history = self.history(did)
        named, returned = history.revisions[revision - 1], history.stay_start(history.latest)
        if named.revision < returned.revision:
            capture = self.capture()
            self.see_again(did, capture)
            confirmed = ConfirmedReturn(
                did, named.revision, returned.revision, named.routing_number
            )
            self.writer.add_confirmations(capture, [confirmed])
            self.writer.finish(capture)

    def see_again(self, did: str, capture: OpenCapture) -> None:
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
        return OpenReader(self.location)

    def rows(self, query: str, **parameters: Any) -> list[dict[str, Any]]:
        """What a plain ``sqlite3`` or ``psql`` would answer."""
        with self.reader() as reader:
            return [dict(row) for row in reader._rows(query, **parameters)]

    def _store(
        self, answer: Answer, destinations: Destinations, capture: OpenCapture | None
    ) -> Stored:
        own = capture or self.capture()
        (stored,) = self.writer.store(own, [answer], destinations)
        if capture is None:
            self.writer.finish(own)
        return stored


class OpenReader(LogReader):
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
