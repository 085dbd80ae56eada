"""A fleet split over machines, and many recorders at once into one database."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from changelog.cli.recording.record import parse_shard
from changelog.model.errors import UsageError
from changelog.model.recording import Shard
from changelog.store.location import Location, SqliteLocation
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import Logbook
from tests.program import KEY, Json, Program
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"did_{place:03}" for place in range(60)]

PARTS = {
    "did_123": (2, 4, 4, 180),
    "did_101": (2, 2, 4, 530),
    "num-7Q.x": (2, 4, 3, 120),
    "app_20260529T120000.000000000": (1, 3, 6, 475),
    "+15551230001": (1, 1, 1, 593),
    "ünïcode": (1, 3, 2, 955),
    "a/b c%2F": (2, 4, 1, 24),
    "0": (1, 1, 4, 41),
}
"""By id, its part of 2, of 4, of 7 and of 1000. Machines of different versions must agree."""


@given(st.lists(st.text(max_size=40), unique=True), st.integers(min_value=1, max_value=50))
def test_every_id_is_in_exactly_one_part(ids: list[str], of: int) -> None:
    for did in ids:
        assert [Shard(part, of).takes(did) for part in range(1, of + 1)].count(True) == 1


@pytest.mark.parametrize("did", PARTS)
def test_an_id_stays_in_its_part_for_good(did: str) -> None:
    for of, part in zip((2, 4, 7, 1000), PARTS[did], strict=True):
        assert Shard(part, of).takes(did)


@pytest.mark.parametrize("of", [2, 3, 8])
def test_the_parts_of_a_fleet_of_ids_that_count_up_are_about_equal(of: int) -> None:
    count = 4000
    parts = [Shard(part, of) for part in range(1, of + 1)]
    sizes = [sum(part.takes(f"did_{place}") for place in range(count)) for part in parts]
    assert sum(sizes) == count
    assert all(0.85 * count / of < size < 1.15 * count / of for size in sizes)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for place, did in enumerate(FLEET):
            fields = {"id": did, "number_e164": f"+1555000{place:04}", "status": "active"}
            running.add_did({**fields, "application_id": "app_sales", "route_mode": "webhook"})
        yield running


def dids_of(document: Json) -> set[str]:
    return {one["did"] for one in document["dids"]}


def test_the_parts_are_the_same_however_the_dids_are_named(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    program = Program(tmp_path / "olga", api=sandbox, database=SqliteLocation(tmp_path / "log.db"))
    (program.home / "fleet.txt").write_text("\n".join(FLEET))
    program.record("--file", "fleet.txt")
    whole, split = [("--file", "fleet.txt"), ("--all",), FLEET], ("1/2", "2/2")
    lines = [("record", *whole[place % 3], "--shard", split[place % 2]) for place in range(4)]
    taken = [
        dids_of(ran.ended(0).json) for ran in program.run_each([(*one, "--json") for one in lines])
    ]
    assert taken[0:2] == taken[2:4]
    assert not taken[0] & taken[1]
    assert taken[0] | taken[1] == set(FLEET)


def test_a_number_stays_in_its_part_when_the_log_has_learned_whose_it_is(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """The second machine starts when the log knows the DIDs: it must not leave any to the first."""
    program = Program(tmp_path / "olga", api=sandbox, database=SqliteLocation(tmp_path / "log.db"))
    numbers = [f"+1555000{place:04}" for place in range(len(FLEET))]
    (program.home / "numbers.txt").write_text("\n".join(numbers))
    first = program.record("--file", "numbers.txt", "--shard", "1/2")
    program.record(*FLEET)
    second = program.record("--file", "numbers.txt", "--shard", "2/2")
    assert not dids_of(first) & dids_of(second)
    assert dids_of(first) | dids_of(second) == set(FLEET)


@pytest.mark.parametrize("part", ["0/4", "5/4", "1/0", "1", "/", "a/b", "1/4/2", "-1/4", "", "1/²"])
def test_what_is_no_part_is_refused(part: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_shard(part)
    assert refused.value.exit_code == 2
    assert "K/N" in (refused.value.hint or "")


def test_a_wrong_part_ends_with_2_and_one_with_nothing_in_it_with_0(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    program = Program(tmp_path / "olga", api=sandbox)
    program.run("record", FLEET[0], "--shard", "3/2").ended(2)
    assert sandbox.requests == ()
    other = "2/2" if Shard(1, 2).takes(FLEET[0]) else "1/2"
    nothing = program.run("record", FLEET[0], "--shard", other, "--json").ended(0).json
    assert (nothing["dids"], nothing["counts"]["requested"]) == ([], 0)


def test_eight_recorders_at_once_lose_and_double_no_revision(
    tmp_path: Path, sandbox: Sandbox, location: Location
) -> None:
    """Four parts twice over, while the fleet is being moved: each revision was told by one."""
    program = Program(tmp_path / "olga", api=sandbox, database=location)
    (program.home / "fleet.txt").write_text("\n".join(FLEET))
    documents = [program.record(*FLEET[::2])]
    sandbox.fail(Fault("slow", seconds=0.01))
    ways = [("--file", "fleet.txt"), ("--all",)]
    parts = [f"{part}/4" for part in (1, 2, 3, 4)]
    lines = [("record", *way, "--shard", part, "--json") for part in parts for way in ways]
    with Moving(sandbox), ThreadPoolExecutor(len(lines)) as machines:
        ended = list(machines.map(lambda line: program.spawn(*line), lines))
    documents += [ran.ended(0).json for ran in ended]
    assert len({one["capture"]["id"] for one in documents}) == len(documents)
    dids = [did for document in documents for did in document["dids"]]
    told = Counter(
        (one["did"], one["revision"]) for one in dids if one["outcome"] in ("new", "changed")
    )
    assert set(told.values()) == {1}
    with Logbook(location) as book, book.engine.connect() as connection:
        stored = connection.execute(text("SELECT did, revision FROM revision")).fetchall()
        seen = connection.execute(text("SELECT did FROM snapshot")).fetchall()
    assert {tuple(row) for row in stored} == told.keys()
    assert Counter(did for (did,) in seen) == Counter(one["did"] for one in dids)
    for did in FLEET:
        numbers = sorted(revision for one, revision in told if one == did)
        assert numbers == list(range(1, len(numbers) + 1))
    assert max(revision for _, revision in told) > 1
    assert_each_revision_differs_from_the_one_before(location)
    assert_journal_is_whole(location)


def assert_each_revision_differs_from_the_one_before(location: Location) -> None:
    with Logbook(location) as book:
        for did in FLEET:
            bodies = [one.body for one in book.history(did).revisions]
            assert all(before != after for before, after in pairwise(bodies))


class Moving:
    """Somebody moves one DID after the other to the next application, for as long as it is open."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._move)

    def _move(self) -> None:
        for step, did in enumerate(cycle(FLEET)):
            if self._over.wait(0.005):
                return
            self._sandbox.move(did, application_id=f"app_{step // len(FLEET)}")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
