"""A diff of the fleet says of each DID what a diff of that DID alone says."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from changelog.commands.answers.comparison import DiffOptions
from changelog.commands.answers.diff import diff
from changelog.model.history import Revision
from changelog.model.results.diff import DiffedDid
from changelog.store.location import Location, SqliteLocation
from tests.logbook import Logbook, OpenReader
from tests.moving import exported, imported
from tests.store.test_restore_view import CASES, happen, play, see

SIDES = (
    (None, None),
    (None, "tag:middle"),
    (None, "2026-11-01T12:20Z"),
    (None, "latest~1"),
    (None, "previous"),
    (None, "good"),
    ("r1", None),
    ("r2", "previous"),
    ("previous", None),
    ("good", None),
    ("good", "r3"),
    ("latest~2", "previous"),
    ("tag:middle", "previous"),
    ("tag:some", "good"),
)
"""From and to: where one of them means something else for each DID."""


@dataclass(frozen=True)
class Fleet:
    dids: list[str]
    at: datetime
    export: bytes


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Random histories and the worked cases, written once for both databases."""
    with Logbook(SqliteLocation(tmp_path_factory.mktemp("fleet") / "log.db")) as book:
        dids = fill(book)
        return Fleet(dids, book.now, exported(book.location))


def fill(book: Logbook) -> list[str]:
    dids = [f"did_{number:02}" for number in range(12)]
    for number, did in enumerate(dids):
        chance = random.Random(number)  # noqa: S311 -- reproducible on purpose
        for _ in range(1 + number % 3):
            see(chance, book, did)
    with_tag = book.capture(tag="some")
    for did in dids[::2]:
        book.see("app_tagged", did=did, capture=with_tag)
    book.miss("timeout", did=dids[1], capture=with_tag)
    with_tag.close()
    book.writer.add_tag("middle", book.clock(), "olga")
    for number, did in enumerate(dids):
        chance = random.Random(-number)  # noqa: S311 -- reproducible on purpose
        for _ in range(number):
            happen(chance, book, did)
    for case in CASES:
        play(case, book, case["name"])
    return [*dids, *(case["name"] for case in CASES)]


def test_the_fleet_is_compared_as_each_did_is(location: Location, fleet: Fleet) -> None:
    imported(fleet.export, location)
    with OpenReader(location) as log:
        for start, end in SIDES:
            wanted = DiffOptions(start=start, end=end)
            whole = diff(log, [], wanted, fleet.at)
            each = diff(log, fleet.dids, wanted, fleet.at)
            assert by_did(whole.dids) == by_did(each.dids), (start, end)
            assert whole.groups == each.groups, (start, end)


def by_did(answered: Sequence[DiffedDid]) -> dict[str, object]:
    """What is said of those of which there is something to say; of an absent DID, that it is."""
    known = {did.did: did for did in answered if did.is_notable}
    return {
        name: None
        if did.is_absent
        else (did.from_revision, did.to_revision, did.changes, did.first_revision, did.not_read)
        for name, did in sorted(known.items())
    }


def test_what_was_otherwise_in_between_and_is_back_is_remarked(
    location: Location, fleet: Fleet
) -> None:
    imported(fleet.export, location)
    with OpenReader(location) as log:
        wanted = DiffOptions(start="r1")
        expected = {did for did in fleet.dids if was_away(log.history(did).revisions)}
        assert 1 < len(expected) < len(fleet.dids)
        for did in fleet.dids:
            remarks = diff(log, [did], wanted, fleet.at).remarks
            away = f"another routing in between, and back again: {did}"
            assert remarks == ((away,) if did in expected else ()), did
        (remark,) = diff(log, [], wanted, fleet.at).remarks
        assert remark.endswith(f"and back again: {', '.join(sorted(expected))}")


def was_away(revisions: Sequence[Revision]) -> bool:
    numbers = [revision.routing_number for revision in revisions]
    return numbers[0] == numbers[-1] and len({*numbers}) > 1
