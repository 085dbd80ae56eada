"""Many recorders at once write into one database."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from changelog.store.location import Location
from tests.journal_walk import assert_journal_is_whole
from tests.logbook import Logbook
from tests.program import KEY, Program
from tests.sandbox_faults import Fault, Sandbox

FLEET = [f"did_{place:03}" for place in range(60)]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(key=KEY) as running:
        for place, did in enumerate(FLEET):
            fields = {"id": did, "number_e164": f"+1555000{place:04}", "status": "active"}
            running.add_did({**fields, "application_id": "app_sales", "route_mode": "webhook"})
        yield running


def test_four_recorders_at_once_lose_and_double_no_revision(
    tmp_path: Path, sandbox: Sandbox, location: Location
) -> None:
    """Each DID twice, while the fleet is being moved: each revision is new to one recorder."""
    program = Program(tmp_path / "olga", api=sandbox, database=location)
    documents = [program.record(*FLEET[::2])]
    sandbox.fail(Fault("slow", seconds=0.01))
    lines = [("record", *FLEET[part::2], "--json") for part in range(2)] * 2
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
