"""The view ``restore_target`` and the core give one answer, whatever happened to the DIDs."""

import random
from datetime import timedelta

import pytest

from changelog.model.history import History
from changelog.model.restore_rule import restoration
from tests.logbook import Logbook

DIDS = 8
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
    "first",
    [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(DIDS, 5 * DIDS, DIDS))],
)
def test_the_view_agrees_with_the_core_on_random_histories(logbook: Logbook, first: int) -> None:
    for seed in range(first, first + DIDS):
        chance = random.Random(seed)  # noqa: S311 -- reproducible on purpose
        see(chance, logbook, f"did_{seed}")
        for _ in range(STEPS):
            happen(chance, logbook, f"did_{seed}")
            compare(logbook, f"did_{seed}", seed)


def test_they_agree_wherever_the_clock_was_set_meanwhile(logbook: Logbook) -> None:
    right = logbook.now
    for seed in range(DIDS):
        chance = random.Random(seed)  # noqa: S311 -- reproducible on purpose
        see(chance, logbook, f"did_{seed}")
        for step in range(STEPS):
            logbook.now = right + step * timedelta(hours=1) + chance.choice(CLOCK_OFF)
            happen(chance, logbook, f"did_{seed}")
            compare(logbook, f"did_{seed}", seed)


def compare(book: Logbook, did: str, seed: int) -> None:
    history = book.history(did)
    found = restoration(history)
    (view,) = book.rows("SELECT * FROM restore_target WHERE did = :did", did=did)
    assert (view["current_revision"], view["target_revision"], view["confidence"]) == (
        found.current.revision,
        found.target and found.target.newest.revision,
        found.confidence,
    ), f"seed {seed}, after {len(history.revisions)} revisions"
    assert view["visible"] == int(history.visible)
