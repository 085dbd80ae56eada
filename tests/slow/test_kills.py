"""``record`` killed at random moments: what was reported is stored, and the next run goes on.

``python -m benchmarks.kills`` does the same hundreds of times.
"""

import random
from pathlib import Path

import pytest

from changelog.store.location import Location
from tests.killing import FLEET, Killing
from tests.program import Program
from tests.sandbox_faults import Sandbox

pytestmark = pytest.mark.slow

KILLS = 8


def test_a_recording_killed_at_random_moments_loses_nothing_that_it_reported(
    tmp_path: Path, location: Location
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 -- shown where the test fails
    with Sandbox() as sandbox:
        program = Program(tmp_path / "home", api=sandbox, key=sandbox.key, database=location)
        killing = Killing(program, sandbox, location, random.Random(seed))  # noqa: S311
        toll = killing.run(KILLS, walk_each=4)
    assert toll.killed + toll.ended_before == KILLS
    assert toll.killed
    assert toll.reported > len(FLEET)
    assert not toll.lost
