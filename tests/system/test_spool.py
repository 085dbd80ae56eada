"""The parts of a long answer come back whole and in order, also where the disk has no room."""

import subprocess
import sys
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from changelog.system.files import Spool

FULL_DISK = """
import resource, sys
from changelog.system.files import Spool
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, 5_000_000))
parts = [f"{place} ☎ " + "x" * 1000 for place in range(20_000)]
spool = Spool()
for part in parts:
    spool.add(part)
sys.exit(0 if list(spool) == list(spool) == parts else 3)
"""


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_what_was_added_comes_back(parts: list[str]) -> None:
    with closing(Spool()) as spool:
        for part in parts:
            spool.add(part)
        assert list(spool) == parts


def test_nothing_is_lost_at_the_borders_of_its_blocks() -> None:
    parts = [f"{place} ünï " * (place % 700) for place in range(4000)]
    with closing(Spool()) as spool:
        for part in parts:
            spool.add(part)
        assert list(spool) == parts


def test_what_has_no_room_on_the_disk_is_not_lost() -> None:
    """The file may grow to 5 MB, and there are 20 to be kept."""
    ended = subprocess.run([sys.executable, "-c", FULL_DISK], check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr
