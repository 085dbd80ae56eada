"""The worked cases of the restore rule: the core and both dialects' views agree on them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog.model.history import History
from changelog.model.restore_rule import RestoreDecision, restoration, restoration_to
from changelog.model.selectors import parse_selector, resolve
from tests.logbook import DID, START, Logbook

CASES = json.loads(Path(__file__).with_name("restore-cases.json").read_text())["cases"]


def play(case: dict[str, Any], book: Logbook) -> None:
    """Write one case's log. Where it gives times, one capture holds all its answers."""
    timed = book.capture() if any("at" in step for step in case["log"]) else None
    for step in case["log"]:
        match step:
            case {"seen": seen}:
                at = START + timedelta(hours=1, seconds=step["at"]) if "at" in step else None
                book.see(**seen, at=at, key=step.get("key"), capture=timed)
            case {"unreadable": status}:
                book.miss(status, key=step.get("key"))
            case {"verdict": verdict, "revision": revision}:
                book.judge(verdict, revision)
            case {"evidence": result, "revision": revision}:
                book.hear(result, revision)
            case {"verified": revision}:
                book.verify(revision)


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
    case: dict[str, Any], logbook: Logbook
) -> None:
    play(case, logbook)
    history = logbook.history()
    found = answer(case, logbook, history)

    assert found.current.revision == case["current"]
    assert (found.target and found.target.newest.revision) == case["target"]
    assert found.confidence == case["confidence"]
    assert {str(one.newest.revision): one.left_out for one in found.skipped} == case["skipped"]
    assert history.visible == case.get("visible", True)
    if "alternative" in case:
        assert case["alternative"] in [one.newest.revision for one in found.alternatives]
    if "to" not in case:
        (view,) = logbook.rows("SELECT * FROM restore_target WHERE did = :did", did=DID)
        assert view["current_revision"] == case["current"]
        assert view["target_revision"] == case["target"]
        assert view["confidence"] == case["confidence"]
        assert view["visible"] == int(history.visible)
