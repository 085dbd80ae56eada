"""A page asks few queries, however long a history is and however many DIDs had the number."""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from changelog.model.answers import Answer
from changelog.store.reading.drivers import PostgresDriver, SqliteDriver
from tests.logbook import DID, Logbook
from tests.web.visitor import Visitor

MOST_QUERIES = 12
MANY = 1_200
SINCE = "since=2026-11-01T12:05Z"
OF_EACH = (
    "/diff",
    "/diff?to=tag:t3&application=app_a&route_mode=webhook",
    "/diff?to=2026-11-01T12:45Z",
    "/diff?from=previous&to=tag:t3",
    "/diff?from=r1&to=latest~1",
    "/diff?from=good",
    "/diff?from=latest~2&to=good&application=app_a",
)
"""Comparisons of a fleet in which a selector means another revision for each DID."""
PAGES = (
    "/",
    f"/dids/{DID}",
    f"/dids/{DID}?at=2026-11-01T12:30:00Z",
    f"/dids/{DID}?at=tag:t3",
    f"/dids/{DID}/restore",
    f"/dids/{DID}/restore?to=tag:t3",
    f"/dids/{DID}/history",
    f"/dids/{DID}/history?before=15",
    f"/dids/{DID}/r2",
    "/dids",
    "/dids?after=other_2",
    "/dids?application=app_a",
    "/dids?application=nobody&route_mode=webhook&status=active",
    "/dids?at=2026-11-01T12:30:00Z&application=app_a",
    "/dids?at=tag:t3&after=other_2&route_mode=webhook",
    "/changes",
    f"/changes?{SINCE}",
    f"/changes?{SINCE}&until=2026-11-01T13:05Z&field=fallback_number",
    "/changes?until=2026-11-01T13:05Z&field=application_id",
    "/changes?field=destination",
    "/changes?field=nothing",
    "/changes?routing=1",
    "/changes?after=1793538000000000.3.other_2",
    f"/changes?{SINCE}&field=fallback_number&after=1793538000000000.3.other_2",
    f"/diff?did={DID}",
    f"/diff?did={DID}&from=tag:t3&to=tag:t20&field=application_id",
    "/diff?from=tag:t3&to=tag:t20",
    "/diff?from=tag:t3&to=tag:t20&routing=1&application=app_a&route_mode=webhook",
    "/diff?from=2026-11-01T12:05Z&to=2026-11-01T12:45Z&after=other_2",
    *OF_EACH,
    "/tags",
    "/tags/one?name=t3",
    "/tags/t3",
    "/alerts",
    "/alerts?before=5",
    "/search?q=app",
    "/search?q=app_a",
    "/search?q=15551",
    "/search?q=note%201",
    "/search?q=Olgaß",
    "/search?q=nothing",
)


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
    # The last look did not read the destinations.
    unread = logbook.capture()
    for number in range(6):
        logbook.see("app_a", did=f"other_{number}", capture=unread, fallback_number="29")
    unread.close()
    logbook.miss("timeout")
    return logbook


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that any reader asks."""
    queries: list[str] = []
    for driver in (SqliteDriver, PostgresDriver):
        read: Any = driver.rows

        def rows(self: Any, query: str, *given: Any, read: Any = read) -> Any:
            queries.append(query)
            return read(self, query, *given)

        monkeypatch.setattr(driver, "rows", rows)
    return queries


def test_a_page_asks_at_most_twelve_queries(full: Logbook, asked: list[str]) -> None:
    visitor = Visitor(full.location)
    counts = {}
    for address in (*PAGES, *map(as_json, PAGES)):
        asked.clear()
        answer = visitor.get(address)
        assert answer.status_code in (200, 303), answer.text
        counts[address] = len(asked)
    assert min(counts.values()) > 0
    assert {address: count for address, count in counts.items() if count > MOST_QUERIES} == {}


def test_many_changes_ask_as_few(logbook: Logbook, asked: list[str]) -> None:
    """Of more DIDs than are read together, with entries that a filter leaves out."""
    for application, other in (("app_a", 1), ("app_b", 1), ("app_b", 2)):
        capture = logbook.capture(tag=f"{application}.{other}")
        at = logbook.clock()
        capture.store([answer(number, application, other, at) for number in range(MANY)])
        capture.close()
    for number in range(0, MANY, 30):
        logbook.judge("good", 1, did=f"did_{number:04}")
    visitor = Visitor(logbook.location)
    for address in ("/changes?field=application_id", "/changes?field=other", "/changes?routing=1"):
        for _ in range(2):
            asked.clear()
            page = visitor.page(address)
            assert len(asked) <= MOST_QUERIES
            assert len(page.headings) > 20
            (address,) = (link for link in page.links if re.match("/changes[?].*after=", link))
    asked.clear()
    compared = visitor.page("/diff?from=tag:app_a.1&to=tag:app_b.1")
    assert f"{MANY} of {MANY} changed" in compared.text
    assert len(asked) <= MOST_QUERIES
    for address, changed in (("/diff.json", MANY), ("/diff.json?from=good", MANY // 30)):
        asked.clear()
        assert json.loads(visitor.get(address).text)["counts"]["changed"] == changed
        assert len(asked) <= MOST_QUERIES


def answer(number: int, application: str, other: int, at: datetime) -> Answer:
    did = f"did_{number:04}"
    fields = {"id": did, "application_id": application, "route_mode": "webhook", "other": other}
    return Answer(requested=did, did=did, body=json.dumps(fields), fields=fields, received_at=at)


def test_the_start_page_asks_as_few_after_many_deploys(logbook: Logbook, asked: list[str]) -> None:
    for number in range(12):
        capture = logbook.capture(tag=f"t{number}")
        logbook.see(f"app_{number}", capture=capture)
        capture.close()
    assert "t11" in Visitor(logbook.location).page("/").text
    assert len(asked) <= MOST_QUERIES


def as_json(address: str) -> str:
    path, mark, query = address.partition("?")
    return f"{path if path != '/' else '/status'}.json{mark}{query}"


def test_the_page_of_a_did_says_all_that_is_read_at_once(full: Logbook) -> None:
    text = Visitor(full.location).page(f"/dids/{DID}").text
    for said in ("other_5", "a.example/1", "a.example/2", "6 other", "note 29", "note 20"):
        assert said in text
