"""The worked cases of the restore rule: the core and both dialects' views agree on them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog.model.history import History
from changelog.model.restore_rule import RestoreDecision, restoration, restoration_to
from changelog.model.selectors import parse_selector, resolve
from changelog.store.location import Location, SqliteLocation, parse_location
from tests.logbook import Logbook

CASES = json.loads(Path(__file__).with_name("restore-cases.json").read_text())["cases"]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def book(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Logbook]:
    """One log for all cases: each is about a DID of its own."""
    location: Location = SqliteLocation(tmp_path_factory.mktemp("cases") / "log.db")
    if request.param == "postgres":
        location = parse_location(request.getfixturevalue("postgres").create_log())
    with Logbook(location) as made:
        yield made


def play(case: dict[str, Any], book: Logbook, did: str) -> None:
    """Write one case's log. Where it gives times, one capture holds all its answers."""
    timed = book.capture() if any("at" in step for step in case["log"]) else None
    begin = book.now + timedelta(hours=1)
    for step in case["log"]:
        match step:
            case {"seen": seen}:
                at = begin + timedelta(seconds=step["at"]) if "at" in step else None
                book.see(**seen, did=did, at=at, key=step.get("key"), capture=timed)
            case {"unreadable": status}:
                book.miss(status, did=did, key=step.get("key"))
            case {"verdict": verdict, "revision": revision}:
                book.judge(verdict, revision, did=did)
            case {"evidence": result, "revision": revision}:
                book.hear(result, revision, did=did)
            case {"verified": revision}:
                book.verify(revision, did=did)


def answer(case: dict[str, Any], book: Logbook, history: History) -> RestoreDecision:
    if "to" not in case:
        return restoration(history)
    with book.reader() as tags:
        selector = parse_selector(case["to"], book.now)
        return restoration_to(
            history, resolve(selector, history, tags, other_than_current=True).revision
        )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_rule_and_the_view_give_the_target_of_the_worked_case(
    case: dict[str, Any], book: Logbook
) -> None:
    did = case["name"]
    play(case, book, did)
    history = book.history(did)
    found = answer(case, book, history)

    assert found.current.revision == case["current"]
    assert (found.target and found.target.newest.revision) == case["target"]
    assert found.confidence == case["confidence"]
    assert {str(one.newest.revision): one.left_out for one in found.skipped} == case["skipped"]
    assert history.visible == case.get("visible", True)
    if "alternative" in case:
        assert case["alternative"] in [one.newest.revision for one in found.alternatives]
    if "to" not in case:
        (view,) = book.rows("SELECT * FROM restore_target WHERE did = :did", did=did)
        assert view["current_revision"] == case["current"]
        assert view["target_revision"] == case["target"]
        assert view["confidence"] == case["confidence"]
        assert view["visible"] == int(history.visible)
