"""A page asks few queries, however long a history is and however many DIDs had the number."""

from typing import Any

import pytest

from changelog.store.reading.drivers import PostgresDriver, SqliteDriver
from tests.logbook import DID, Logbook
from tests.web.visitor import Visitor

MOST_QUERIES = 12
PAGES = {
    "start": "/",
    "DID": f"/dids/{DID}",
    "JSON of a DID": f"/dids/{DID}.json",
    "DID at a moment": f"/dids/{DID}?at=2026-11-01T12:30:00Z",
    "card": f"/dids/{DID}/restore",
    "card to a tag": f"/dids/{DID}/restore?to=tag:t3",
    "history": f"/dids/{DID}/history",
    "older history": f"/dids/{DID}/history?before=15",
    "revision": f"/dids/{DID}/r2",
    "fleet": "/dids",
    "fleet then": "/dids?at=tag:t3",
    "changes": "/changes",
    "tags": "/tags",
    "alerts": "/alerts",
    "search": "/search?q=app",
    "compare one": f"/diff?did={DID}",
    "compare tags": "/diff?from=tag:t3&to=tag:t20",
    "compare moments": "/diff?from=2026-11-01T12:05Z",
}


@pytest.fixture
def full(logbook: Logbook) -> Logbook:
    """A DID with a long history, with all that a card says; its target lies far back."""
    slow = logbook.capture()
    received = logbook.clock()
    for n in range(30):
        url = f"https://a.example/{1 if n < 2 else 2}"
        capture = logbook.capture(tag=f"t{n}", note=f"note {n}", answer_urls={"app_a": url})
        for did in (DID, *(f"other_{number}" for number in range(6))):
            # The same routing again and again: only the body changes.
            logbook.see("app_a", did=did, capture=capture, fallback_number=str(n))
        capture.close()
    logbook.see("app_b", at=received, capture=slow)
    slow.close()
    logbook.judge("good", 2)
    logbook.hear("pass", 2)
    logbook.miss("timeout")
    return logbook


def test_a_page_asks_at_most_twelve_queries(full: Logbook, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for driver in (SqliteDriver, PostgresDriver):
        read: Any = driver.rows

        def rows(self: Any, query: str, *given: Any, read: Any = read) -> Any:
            asked.append(query)
            return read(self, query, *given)

        monkeypatch.setattr(driver, "rows", rows)
    visitor = Visitor(full.location)
    queries = {}
    for page, address in PAGES.items():
        asked.clear()
        answer = visitor.get(address)
        assert answer.status_code == 200, answer.text
        queries[page] = len(asked)
    assert min(queries.values()) > 0
    assert max(queries.values()) <= MOST_QUERIES, queries


def test_the_page_of_a_did_says_all_that_is_read_at_once(full: Logbook) -> None:
    text = Visitor(full.location).page(f"/dids/{DID}").text
    for said in ("other_5", "a.example/1", "a.example/2", "6 other", "note 29", "note 20"):
        assert said in text
