"""``restore --offline`` of one DID, a whole process, in logs of up to ten million revisions.

Against ``python -c "import typer"`` (bar 1.6 at every size) and ``git log -p -2 -- FILE`` in a
repository of 5,000 commits over 10,000 files (bar 0.5).
"""

import random
import sys
import tempfile
from pathlib import Path

from benchmarks.fleet import FleetDid, Repository
from benchmarks.logs import fill
from benchmarks.measuring import (
    PROGRAM,
    Options,
    end_cleanly_when_told,
    in_turns,
    run,
    say,
    say_ratio,
    say_where,
)

BAR_TYPER, BAR_GIT = 1.6, 0.5
SIZES = ((100, 10), (1_000, 100), (10_000, 1_000), (1_000_000, 10))
"""DIDs, and revisions of each."""
_FILES, _COMMITS, _CHANGED = 10_000, 5_000, 20


def measure(folder: Path, sizes: tuple[tuple[int, int], ...], git: Path, rounds: int) -> None:
    logs = [_log(folder, *size) for size in sizes]
    say_where()
    for (dids, revisions), path in zip(sizes, logs, strict=True):
        did = FleetDid(dids // 2).did
        restore = [*PROGRAM, "restore", did, "--offline", "--format", "plain", "--db", str(path)]
        history = ["git", "log", "-p", "-2", "--", FleetDid(_FILES // 2).did]
        cost = in_turns(
            rounds,
            {
                "program": lambda restore=restore: run(restore),  # type: ignore[misc]
                "typer": lambda: run([sys.executable, "-c", "import typer"]),
                "git": lambda history=history: run(history, cwd=git),  # type: ignore[misc]
            },
        )
        say(f"{dids * revisions:,} revisions: {dids:,} DIDs with {revisions:,} each")
        name = f"restore.{dids * revisions}.{revisions}"
        say_ratio(f"{name}.typer", cost["program"], cost["typer"], BAR_TYPER)
        say_ratio(f"{name}.git", cost["program"], cost["git"], BAR_GIT)


def _log(folder: Path, dids: int, revisions: int) -> Path:
    path = folder / f"restore-{dids}-{revisions}.db"
    if not path.exists():
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        fill(making, dids, revisions)
        making.rename(path)
    return path


def _git(folder: Path, files: int, commits: int) -> Path:
    path = folder / f"restore-{files}-{commits}.git"
    if not path.exists():
        making = path.with_suffix(".making")
        repository = Repository(making)
        repository.commit(FleetDid(index) for index in range(files))
        chance = random.Random(1)  # noqa: S311 - the same repository each time
        for version in range(1, commits):
            changed = chance.sample(range(files), min(_CHANGED, files))
            repository.commit(FleetDid(index, version) for index in changed)
        repository.finish()
        making.rename(path)
    return path


def main() -> None:
    parser = Options(__doc__)
    parser.add_argument("--workdir", type=Path, help="where the logs are kept for the next run")
    chosen = parser.parse_args()
    end_cleanly_when_told()
    with tempfile.TemporaryDirectory(prefix="changelog-benchmark-") as temporary:
        folder = chosen.workdir or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if chosen.small:
            measure(folder, ((10, 5),), _git(folder, _FILES // 2 + 1, 5), 1)
        else:
            measure(folder, SIZES, _git(folder, _FILES, _COMMITS), 15)


if __name__ == "__main__":
    main()
