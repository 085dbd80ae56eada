"""``record`` of a fleet killed hundreds of times at random moments: what was reported is stored.

::

    python -m benchmarks.kills --runs 300                  # on SQLite, in a folder of its own
    python -m benchmarks.kills --runs 300 --database URL   # on a server, a database of its own

Ends with an error at the first row that was lost, the first broken entry of the journal, and the
first run that does not go on.
"""

import random
import tempfile
from pathlib import Path

from benchmarks.measuring import Options, end_cleanly_when_told, say, say_where
from changelog.store.location import SqliteLocation, parse_location
from tests.killing import FLEET, Killing, Toll
from tests.program import Program
from tests.sandbox_faults import Sandbox

SMALL = 3
_SAID_EACH = 25


def measure(folder: Path, runs: int, database: str | None, seed: int) -> None:
    location = parse_location(database) if database else SqliteLocation(folder / "log.db")

    def progress(toll: Toll) -> None:
        done = toll.killed + toll.ended_before
        if done % _SAID_EACH == 0:
            say(f"{done}/{runs}: {toll.reported} reported, {toll.stored} stored")

    with Sandbox() as sandbox:
        program = Program(folder / "home", api=sandbox, key=sandbox.key, database=location)
        killing = Killing(program, sandbox, location, random.Random(seed))  # noqa: S311
        toll = killing.run(runs, walk_each=_SAID_EACH, on_kill=progress)
    say_where()
    say(f"seed {seed}, {len(FLEET)} DIDs, {type(location).__name__.removesuffix('Location')}")
    say(
        f"kills {toll.killed}, runs that had ended before {toll.ended_before},"
        f" killed before they reported anything {toll.silent}"
    )
    say(f"reported {toll.reported}, stored {toll.stored}, lost {len(toll.lost)}")
    say(f"share kills.kept {1 - len(toll.lost) / toll.reported:.2f}")


def main() -> None:
    parser = Options(__doc__)
    parser.add_argument("--runs", type=int, default=300, metavar="N")
    parser.add_argument("--database", metavar="URL", help="postgresql://…, without a log")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as folder:
        runs = SMALL if chosen.small else chosen.runs
        measure(Path(folder), runs, chosen.database, chosen.seed)


if __name__ == "__main__":
    main()
