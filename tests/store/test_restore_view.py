"""The restore rule and both dialects' view ``restore_target`` give one answer.

On the worked cases, on what was said by clocks that were wrong, and on random histories.
"""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from changelog.model.history import History
from changelog.model.restore_rule import RestoreDecision, restoration, restoration_to
from changelog.model.selectors import parse_selector, resolve
from changelog.store.location import Location, SqliteLocation, parse_location
from tests.logbook import DID, Logbook

CASES = json.loads(Path(__file__).with_name("restore-cases.json").read_text())["cases"]
HOUR = timedelta(hours=1)


def agreed(book: Logbook, did: str = DID, about: str = "") -> RestoreDecision:
    """Return what the rule decides; the view says the same."""
    history = book.history(did)
    found = restoration(history)
    (view,) = book.rows("SELECT * FROM restore_target WHERE did = :did", did=did)
    columns = ("current_revision", "target_revision", "confidence", "visible")
    assert [view[name] for name in columns] == [
        found.current.revision,
        found.target and found.target.newest.revision,
        found.confidence,
        int(history.visible),
    ], about
    return found


# The worked cases


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


def decided(case: dict[str, Any], book: Logbook, history: History) -> RestoreDecision:
    if "to" not in case:
        return agreed(book, history.did)
    with book.reader() as tags:
        selector = parse_selector(case["to"], book.now)
        return restoration_to(
            history, resolve(selector, history, tags, other_than_current=True).revision
        )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_target_of_a_worked_case(case: dict[str, Any], book: Logbook) -> None:
    did = case["name"]
    play(case, book, did)
    history = book.history(did)
    found = decided(case, book, history)
    assert found.current.revision == case["current"]
    assert (found.target and found.target.newest.revision) == case["target"]
    assert found.confidence == case["confidence"]
    assert {str(one.newest.revision): one.left_out for one in found.skipped} == case["skipped"]
    assert history.visible == case.get("visible", True)
    if "alternative" in case:
        assert case["alternative"] in [one.newest.revision for one in found.alternatives]


# Wrong clocks

CLOCKS = {
    "right": timedelta(),
    "a year ahead": 365 * 24 * HOUR,
    "two hours ahead": 2 * HOUR,
    "a day behind": -24 * HOUR,
}
STORIES = [
    ("a call after a verdict of the future", "unconfirmed", ["a year ahead: good", "right: fail"]),
    ("a verdict after a call of the future", "good", ["a year ahead: fail", "right: good"]),
    ("a call after a call of the future", "good", ["a year ahead: fail", "right: pass"]),
    (
        "a call after two of the future",
        "unconfirmed",
        ["a year ahead: pass", "a year ahead: pass", "right: fail"],
    ),
    (
        "a call after the verdict that came after a verdict of the future",
        "unconfirmed",
        ["a year ahead: good", "right: good", "right: fail"],
    ),
    (
        "an older call, stored after such a verdict",
        "good",
        ["a year ahead: bad", "right: good", "right: fail 90 minutes ago"],
    ),
    ("a call undoes no bad verdict of the future", None, ["a year ahead: bad", "right: pass"]),
    ("a verdict undoes one of the future", "good", ["a year ahead: bad", "right: good"]),
    (
        "more calls of the future than are kept",
        "good",
        [*["a year ahead: pass"] * 20, "right: fail", "right: pass"],
    ),
    (
        "the clock is ahead once more, about something else",
        "unconfirmed",
        ["a year ahead: good", "right: fail", "a year ahead: other good"],
    ),
    (
        "what was to come is past now",
        "unconfirmed",
        ["two hours ahead: good", "right: fail", "right: other good", "right: other pass"],
    ),
    ("an older call", "good", ["right: good", "right: fail 90 minutes ago"]),
    (
        "an older call, and a clock that was behind meanwhile",
        "good",
        ["right: good", "a day behind: other good", "right: fail 150 minutes ago"],
    ),
    (
        "what was said last with a clock that was behind",
        "good",
        ["right: bad", "a day behind: good"],
    ),
]


def tell(book: Logbook, story: list[str]) -> None:
    """Two routings, then each step an hour after the one before, by the clock that it names."""
    book.see("app_a")
    book.see("app_b")
    right = book.now
    for step in story:
        clock, _, said = step.partition(": ")
        right += HOUR
        book.now = right + CLOCKS[clock]
        word: Any
        word, _, ago = said.removeprefix("other ").partition(" ")
        revision = 2 if said.startswith("other ") else 1
        if word in ("good", "bad"):
            book.judge(word, revision)
        else:
            minutes = int(ago.split()[0]) if ago else 0
            book.hear(word, revision, at=book.now - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("expected", "story"),
    [(expected, story) for _, expected, story in STORIES],
    ids=[name for name, *_ in STORIES],
)
def test_what_was_said_last_counts(
    expected: str | None, story: list[str], logbook: Logbook
) -> None:
    tell(logbook, story)
    assert agreed(logbook).confidence == expected


def test_a_pass_ends_a_roll_back_of_the_future(logbook: Logbook) -> None:
    for application in ("app_a", "app_b", "app_a"):
        logbook.see(application)
    right = logbook.now
    logbook.now = right + CLOCKS["a year ahead"]
    logbook.verify(1)
    logbook.now = right + HOUR
    for application in ("app_b", "app_c"):
        logbook.see(application)
    assert agreed(logbook).confidence == "unconfirmed"
    logbook.hear("pass", 4, at=logbook.now)
    assert agreed(logbook).confidence == "good"


# Random histories

DIDS = 4
STEPS = 14
APPLICATIONS = ("app_a", "app_b", "app_c", None)
MISSES: tuple[int | str, ...] = (404, 401, "timeout")
CLOCK_OFF = [timedelta(days=days) for days in (365, 1.03, 0, -1.04)]
DESTINATIONS = (None, None, "sip:1@pbx.example", "sip:2@pbx.example")


def happen(chance: random.Random, book: Logbook, did: str) -> None:
    """One random thing happens to a DID that has at least one revision."""
    revision = chance.randint(1, len(book.history(did).revisions))
    match chance.randrange(10):
        case 0 | 1 | 2 | 3:
            see(chance, book, did)
        case 4:
            book.judge("good", revision, did=did)
        case 5:
            book.judge("bad", revision, did=did)
        case 6:
            book.verify(matching(chance, book.history(did)), did=did)
        case 7:
            book.miss(chance.choice(MISSES), did=did)
        case 8:
            book.hear(chance.choice(["pass", "fail"]), revision, did=did)
        case _:
            book.hear(chance.choice(["reached", "differs"]), revision, did=did)


def see(chance: random.Random, book: Logbook, did: str) -> None:
    mode = chance.choice(["webhook", "webhook", "reject", "sip"])
    book.see(
        chance.choice(APPLICATIONS),
        mode,
        chance.choice(DESTINATIONS),
        did=did,
        status=chance.choice(["active", "suspended"]),
    )


def matching(chance: random.Random, history: History) -> int:
    """A revision with the current routing: only that can be verified."""
    now = history.latest.routing_number
    return chance.choice([r.revision for r in history.revisions if r.routing_number == now])


@pytest.mark.parametrize(
    "clock_off",
    # A wrong clock is right now and then.
    [
        pytest.param(CLOCK_OFF, id="wrong"),
        pytest.param([timedelta()], id="right", marks=pytest.mark.slow),
    ],
)
def test_on_random_histories(logbook: Logbook, clock_off: Sequence[timedelta]) -> None:
    right = logbook.now
    for seed in range(DIDS):
        did, chance = f"did_{seed}", random.Random(seed)  # noqa: S311 -- reproducible on purpose
        see(chance, logbook, did)
        for step in range(STEPS):
            logbook.now = right + step * HOUR + chance.choice(clock_off)
            happen(chance, logbook, did)
            agreed(logbook, did, f"seed {seed}, step {step}")


def test_a_destination_that_was_stated_counts_for_its_routing_without_an_application(
    logbook: Logbook,
) -> None:
    logbook.see(None, destination="sip:queue@pbx.example")
    logbook.see("app_a")
    logbook.see(None)
    logbook.see("app_b")
    target = agreed(logbook).target
    assert target is not None
    assert (target.newest.revision, target.reaches_nobody) == (3, False)
    assert target.newest_known.routing.destination == "sip:queue@pbx.example"
