"""In a log with times to come, what was said of a routing counts in its true order.

The rule and both dialects' views agree on each story.
"""

from datetime import timedelta
from typing import Any

import pytest

from changelog.model.restore_rule import restoration
from tests.logbook import DID, Logbook

HOUR = timedelta(hours=1)
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


def confidence(book: Logbook) -> str | None:
    found = restoration(book.history())
    (view,) = book.rows("SELECT * FROM restore_target WHERE did = :did", did=DID)
    assert view["target_revision"] == (found.target and found.target.newest.revision)
    assert view["confidence"] == found.confidence
    return found.confidence


@pytest.mark.parametrize(
    ("expected", "story"),
    [(expected, story) for _, expected, story in STORIES],
    ids=[name for name, *_ in STORIES],
)
def test_what_was_said_last_counts(
    expected: str | None, story: list[str], logbook: Logbook
) -> None:
    tell(logbook, story)
    assert confidence(logbook) == expected


def test_a_pass_ends_a_roll_back_of_the_future(logbook: Logbook) -> None:
    for application in ("app_a", "app_b", "app_a"):
        logbook.see(application)
    right = logbook.now
    logbook.now = right + CLOCKS["a year ahead"]
    logbook.verify(1)
    logbook.now = right + HOUR
    for application in ("app_b", "app_c"):
        logbook.see(application)
    assert confidence(logbook) == "unconfirmed"
    logbook.hear("pass", 4, at=logbook.now)
    assert confidence(logbook) == "good"
